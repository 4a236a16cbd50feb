"""What a port raises, as the plugin may read it.

A system that refuses says why in its own words, and they may hold the very figure that was masked
("over the credit limit of 1,000.00 EUR"). The class, the system, the status and the code stay,
as plugins decide by them; in the sentences every figure is taken out, unless the code names a
sensitivity that the reader may see. An exception also carries the frames in which it was raised and
the exceptions before it, where the raw port stands: they stay on this side.
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar

from attrs import evolve

from crossdock.errors import AccessDenied, CrossdockError, FieldError, PluginFault, SetupError
from crossdock.host.gateway.redaction import redact
from crossdock.records import SENSITIVITIES

_Error = TypeVar("_Error", bound=Exception)
_OUR_OWN_WORDS: Final = (AccessDenied, PluginFault, SetupError)
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
    if not isinstance(raised, CrossdockError) or isinstance(raised, _OUR_OWN_WORDS):
        return raised
    kinds = _hidden_by(getattr(raised, "code", ""), hidden)
    status = getattr(raised, "status", None)
    keep = ("501",) if status is None else (str(status),)
    worded = _with_message(raised, redact(str(raised), kinds, keep=keep))
    for name, value in vars(raised).items():
        if isinstance(value, tuple):  # complaints about fields, or evidence, a sentence each
            setattr(worded, name, tuple(_without(each, kinds) for each in value))
    return worded


def _without(said: Any, kinds: frozenset[str]) -> Any:
    if isinstance(said, FieldError):
        return evolve(said, message=redact(said.message, kinds))
    return redact(said, kinds) if isinstance(said, str) else said


def _with_message(raised: _Error, message: str) -> _Error:
    # A new one: the old one's frames and causes are read by whoever logs it on this side.
    worded = type(raised).__new__(type(raised), message)
    vars(worded).update(vars(raised))
    return worded


def _hidden_by(code: str, hidden: frozenset[str]) -> frozenset[str]:
    """Name what the words under a code may give away of what is hidden."""
    named = set(_WORD.findall(code.lower())) & set(SENSITIVITIES)
    return hidden & named if named else hidden
