"""What a port raises, as the plugin may read it.

A system that refuses says why in its own words, and they may hold the very figure that was masked
("over the credit limit of 1,000.00 EUR"). The class, the system, the status and the code stay,
as plugins decide by them; in the sentences every figure is taken out, unless the code names a
sensitivity that the reader may see. An exception also carries the frames in which it was raised and
the exceptions before it, where the raw port stands: they stay on this side.
"""

from __future__ import annotations

import re
from typing import Final, TypeVar

from attrs import evolve

from crossdock.errors import NotSupported, RemoteError
from crossdock.host.gateway.redaction import redact
from crossdock.records import SENSITIVITIES

_Error = TypeVar("_Error", bound=Exception)
_WORD: Final = re.compile(r"[a-z]+")


def as_readable(raised: Exception, hidden: frozenset[str]) -> Exception:
    """Give an exception with nothing hidden in it, and without where it came from.

    Args:
        raised: by a port.
        hidden: the sensitivities that the plugin or its user may not see.
    """
    readable = _worded(raised, hidden)
    readable.__traceback__ = None
    readable.__cause__ = None
    readable.__context__ = None
    return readable


def _worded(raised: Exception, hidden: frozenset[str]) -> Exception:
    if isinstance(raised, NotSupported):
        return _with_message(raised, redact(str(raised), hidden, keep=("501",)))
    if not isinstance(raised, RemoteError):
        return raised
    kinds = _hidden_by(raised.code, hidden)
    keep = () if raised.status is None else (str(raised.status),)
    worded = _with_message(raised, redact(str(raised), kinds, keep=keep))
    worded.fields = tuple(
        evolve(each, message=redact(each.message, kinds)) for each in raised.fields
    )
    return worded


def _with_message(raised: _Error, message: str) -> _Error:
    # A new one: the old one's frames and causes are read by whoever logs it on this side.
    worded = type(raised).__new__(type(raised), message, *raised.args[1:])
    vars(worded).update(vars(raised))
    return worded


def _hidden_by(code: str, hidden: frozenset[str]) -> frozenset[str]:
    """Name what the words under a code may give away of what is hidden."""
    named = set(_WORD.findall(code.lower())) & set(SENSITIVITIES)
    return hidden & named if named else hidden
