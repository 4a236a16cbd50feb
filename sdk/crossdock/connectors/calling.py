"""In whose name a call to a remote system is made, until when, and how deep inside other calls.

The host sets both around a plugin's call; they travel in context variables, so that no method of a
port needs an argument for them, and each thread and task has its own.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from crossdock import __version__

PRODUCT: Final = f"crossdock/{__version__}"
_NOT_IN_A_HEADER: Final = re.compile(r"[^\x20-\x7e]+")

_identity: ContextVar[str] = ContextVar("crossdock_calling_identity", default="")
_correlation: ContextVar[str] = ContextVar("crossdock_calling_correlation", default="")
_acting_user: ContextVar[str] = ContextVar("crossdock_calling_user", default="")
_ends: ContextVar[float | None] = ContextVar("crossdock_calling_ends", default=None)
_depth: ContextVar[int] = ContextVar("crossdock_calling_depth", default=0)

DEPTH_HEADER: Final = "X-Crossdock-Depth"


@contextmanager
def calling_as(identity: str, *, correlation_id: str = "") -> Iterator[None]:
    """Name the caller for the calls inside: it becomes their `User-Agent`.

    Args:
        identity: which plugin in which process, such as
            `crossdock/0.1 (worker w-12; plugin straight-through)`; without the product's name in
            front it is put into the parentheses behind it.
        correlation_id: what these calls have in common, such as a delivery's key; without one,
            each call gets an id of its own.
    """
    before = _identity.set(identity), _correlation.set(correlation_id or _correlation.get())
    try:
        yield
    finally:
        _identity.reset(before[0])
        _correlation.reset(before[1])


@contextmanager
def acting_for(user_id: str) -> Iterator[None]:
    """Name the CRM user on whose behalf the calls inside are made, where the CRM keeps that."""
    before = _acting_user.set(user_id)
    try:
        yield
    finally:
        _acting_user.reset(before)


@contextmanager
def deadline_in(seconds: float) -> Iterator[None]:
    """Let no call inside wait longer than `seconds` from now; an earlier deadline holds."""
    ends = time.monotonic() + seconds
    outer = _ends.get()
    before = _ends.set(ends if outer is None else min(ends, outer))
    try:
        yield
    finally:
        _ends.reset(before)


def seconds_left() -> float | None:
    """Give the seconds until the deadline, negative when it has passed; `None` without one."""
    ends = _ends.get()
    return None if ends is None else ends - time.monotonic()


def user_agent(configured: str = "") -> str:
    """Give the `User-Agent` of a call made now; `configured` is the connector's own identity."""
    identity = _NOT_IN_A_HEADER.sub(" ", _identity.get() or configured).strip()
    if not identity:
        return PRODUCT
    return identity if identity.startswith("crossdock/") else f"{PRODUCT} ({identity})"


def correlation_id() -> str:
    """Give the id that the calls inside have in common, or a new one."""
    return _NOT_IN_A_HEADER.sub("", _correlation.get()) or uuid.uuid4().hex


def current_correlation() -> str:
    """Give the id that the calls inside have in common, or an empty string."""
    return _correlation.get()


def acting_user() -> str:
    """Give the CRM user on whose behalf calls are made, or an empty string."""
    return _NOT_IN_A_HEADER.sub("", _acting_user.get())


class at_depth:  # noqa: N801 - used as a statement, as its neighbours are
    """Count the calls inside as being `depth` plugin calls deep.

    A plugin that saves a record makes the CRM ask the host again, which asks the plugin again: the
    count travels to the CRM in `X-Crossdock-Depth`, comes back with its question, and lets the
    host notice that saving goes round in circles.
    """

    # A class, as a generator's frame would cost more than a guard.
    __slots__ = ("_before", "_depth")

    def __init__(self, depth: int) -> None:
        self._depth = depth

    def __enter__(self) -> None:
        self._before = _depth.set(self._depth)

    def __exit__(self, *_: object) -> None:
        _depth.reset(self._before)


def depth() -> int:
    """Say how many plugin calls the calls made now are inside of; 0 outside of any."""
    return _depth.get()
