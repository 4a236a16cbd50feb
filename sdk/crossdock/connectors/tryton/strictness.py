"""What does not fit Tryton's models is the answer's fault, wherever it is found out."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from crossdock.connectors.http import Remote
from crossdock.connectors.reading import Unreadable
from crossdock.errors import FieldError, RemoteMisbehaved

_P = ParamSpec("_P")
_T = TypeVar("_T")


class _Connected(Protocol):
    _remote: Remote


_C = TypeVar("_C", bound=_Connected)


def strict(method: Callable[Concatenate[_C, _P], _T]) -> Callable[Concatenate[_C, _P], _T]:
    """Let a method of a connector say so where a record cannot be read.

    Records of several calls are put together after each answer was read, and some of their fields
    are looked at only then.
    """

    @functools.wraps(method)
    def strictly(self: _C, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return method(self, *args, **kwargs)
        except Unreadable as bad:
            address = self._remote.address
            raise RemoteMisbehaved(
                f"{address.label} gave a record that cannot be read: {bad.pointer}: {bad.problem}. "
                "Either it has a fault, or it is of a version that this connector does not know.",
                system=address.system,
                fields=[FieldError(bad.pointer, bad.problem)],
            ) from None

    return strictly
