"""Faults of plugins, told at once to whoever asked to hear of them: a developer at the desk.

What the host does about a fault is another matter, and the same whether or not somebody listens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

Hearer: TypeAlias = Callable[[str, str, Exception], bool]
"""Takes the plugin's id, what was asked of it and what it raised; says whether it tells of it."""

_hearers: tuple[Hearer, ...] = ()


@contextmanager
def hearing(hearer: Hearer) -> Iterator[None]:
    """Tell somebody of each fault in this process for as long as the block runs.

    Args:
        hearer: called from the thread in which the plugin was asked, possibly from several at once.
    """
    global _hearers
    # Replaced whole, so that who reads it needs no lock.
    _hearers = (*_hearers, hearer)
    try:
        yield
    finally:
        _hearers = tuple(each for each in _hearers if each is not hearer)


def told(plugin_id: str, asked: str, raised: Exception) -> bool:
    """Tell of a fault; says whether somebody tells of it, and a log would only repeat that.

    Args:
        plugin_id: whose.
        asked: the extension point, or `tab <plugin>/<tab>`.
        raised: what it raised.
    """
    heard = [each(plugin_id, asked, raised) for each in _hearers]  # all of them, whoever tells
    return any(heard)
