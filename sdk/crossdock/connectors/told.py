"""What a CRM tells together with its question, and is not asked back while it waits.

A CRM that asks in the middle of its own transaction cannot answer meanwhile. What it told is
believed in place of asking it; whatever else would have to be asked fails at once, instead of
waiting for somebody who waits for us.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from attrs import frozen

from crossdock.records import Account


@frozen
class Told:
    """Who waits for an answer, and what was told with the question.

    Attributes:
        system: the configured name of the CRM.
        account: whom the question is about.
    """

    system: str
    account: Account


_told: ContextVar[Told | None] = ContextVar("crossdock_told", default=None)


@contextmanager
def while_it_waits(system: str, account: Account) -> Iterator[None]:
    """Believe inside what a CRM told, and do not ask it."""
    before = _told.set(Told(system, account))
    try:
        yield
    finally:
        _told.reset(before)


def told_by(system: str) -> Told | None:
    """Give what a CRM told that waits for an answer now; `None` for one that can be asked."""
    found = _told.get()
    return found if found is not None and found.system == system else None
