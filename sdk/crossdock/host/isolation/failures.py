"""What was raised on one side, as JSON data, and raised again on the other.

An error of Crossdock or of Python itself comes back as the same class with the same attributes. One
of a plugin's own making comes back as a class of the same name, below the nearest base that both
sides know, so that whoever tells kinds of failure apart does so as if the code ran here.
"""

from __future__ import annotations

import builtins
import re
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from crossdock import errors

_SIMPLE: Final = (str, int, float, bool, type(None))
_MOST_TEXT: Final = 20_000
_MOST_MESSAGE: Final = 4_000
_KNOWN: Final[dict[str, type[Exception]]] = {
    found.__name__: found
    for module in (builtins, errors)
    for found in vars(module).values()
    if isinstance(found, type) and issubclass(found, Exception)
}
# What an error of ours must have, whatever the other side sent.
_ATTRIBUTES: Final[Mapping[type[Exception], Mapping[str, Any]]] = {
    errors.RemoteError: {"system": "", "status": None, "code": "", "retry_after": None},
    errors.RemoteUnavailable: {"maybe_done": True},
    errors.PluginFault: {"plugin_id": "", "point": ""},
    errors.AccessDenied: {"scope": ""},
    errors.StepFailed: {"original": ""},
    errors.PluginNotLoaded: {"detail": ""},
}
_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "status": (int, type(None)),
    "retry_after": (int, float, type(None)),
    "maybe_done": (bool,),
}


class InThePlugin(Exception):  # noqa: N818 - it is no failure of its own, but where one came from
    """The traceback of a failure in a plugin's process, as text; the `__cause__` of the failure.

    Attributes:
        text: the traceback, or the stacks of the threads of a process that had to be stopped.
        place: the file and line where it happened, such as `plugin.py line 7`; may be empty.
    """

    def __init__(self, text: str, place: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.place = place

    def __str__(self) -> str:
        return f"in the plugin's own process:\n{self.text}"


def describe(error: BaseException, *, with_traceback: bool = True) -> dict[str, Any]:
    """Give an error as JSON data.

    Args:
        error: what was raised.
        with_traceback: whether the other side may see where; it may not see the host's inside.
    """
    written: dict[str, Any] = {
        "class": type(error).__name__,
        "bases": [
            base.__name__ for base in type(error).__mro__ if _KNOWN.get(base.__name__) is base
        ],
        "message": message_of(error),
        "args": [each for each in error.args if isinstance(each, _SIMPLE)],
        "state": {key: each for key, each in vars(error).items() if isinstance(each, _SIMPLE)},
    }
    if isinstance(error, errors.RemoteError):
        written["fields"] = [attrs.astuple(each) for each in error.fields]
    if with_traceback:
        written["traceback"] = _text(error)
        frames = traceback.extract_tb(error.__traceback__)
        if frames:
            written["place"] = f"{Path(frames[-1].filename).name} line {frames[-1].lineno}"
    return written


def message_of(error: BaseException) -> str:
    """Give an error's own words, at most some 4,000 characters of them."""
    try:
        text = str(error)
    except Exception as raised:  # noqa: BLE001 - a plugin's __str__ may do anything
        text = f"(its text cannot be had: {type(raised).__name__})"
    return text if len(text) <= _MOST_MESSAGE else text[:_MOST_MESSAGE] + " ..."


def _text(error: BaseException) -> str:
    try:
        text = "".join(traceback.format_exception(error))
    except Exception as raised:  # noqa: BLE001 - as above; no traceback is no reason to say nothing
        return f"(the traceback cannot be had: {type(raised).__name__})"
    half = _MOST_TEXT // 2
    return text if len(text) <= _MOST_TEXT else f"{text[:half]}\n ... \n{text[-half:]}"


def rebuild(written: Mapping[str, Any]) -> Exception:
    """Make the error again; its `__cause__` is `InThePlugin` where a traceback came with it.

    Whatever was sent, an exception comes of it.
    """
    message = _string(written.get("message"))
    name = _string(written.get("class"))
    known = written.get("bases")
    bases = known if isinstance(known, list) else []
    base = next(
        (_KNOWN[each] for each in bases if isinstance(each, str) and each in _KNOWN), Exception
    )
    if name != base.__name__ and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,99}", name):
        error = _of_its_own_class(name, base, message)
    else:
        error = _same(base, written, message)
    _set_state(error, written)
    if text := _string(written.get("traceback")):
        error.__cause__ = InThePlugin(text[: _MOST_TEXT + 100], _string(written.get("place"))[:200])
    return error


def _same(base: type[Exception], written: Mapping[str, Any], message: str) -> Exception:
    given = written.get("args")
    args = [each for each in given if isinstance(each, _SIMPLE)] if isinstance(given, list) else []
    try:
        error = base.__new__(base, *args)
        error.args = tuple(args)
        if str(error) == message:
            return error
    except Exception:  # noqa: BLE001, S110 - some classes want more than was sent: see below
        pass
    return _of_its_own_class(base.__name__, base, message)


def _of_its_own_class(name: str, base: type[Exception], message: str) -> Exception:
    def text(_self: object) -> str:
        return message

    try:
        made: Any = type(name, (base,), {"__str__": text, "__init__": _take_anything})
        error: Exception = made.__new__(made, message)
    except TypeError:  # a class of Python that cannot be made like this, such as ExceptionGroup
        made = type(name, (Exception,), {"__str__": text})
        error = made(message)
    error.args = (message,)
    return error


def _take_anything(_self: object, *_args: object) -> None:
    """Stand in for an `__init__` that wants what was not sent."""


def _set_state(error: Exception, written: Mapping[str, Any]) -> None:
    given = written.get("state")
    state = given if isinstance(given, dict) else {}
    if not isinstance(error, errors.CrossdockError):
        return
    for owner, attributes in _ATTRIBUTES.items():
        if isinstance(error, owner):
            for name, default in attributes.items():
                value = state.get(name, default)
                fits = isinstance(value, _KINDS.get(name, (str,)))
                setattr(error, name, value if fits else default)
    if isinstance(error, errors.RemoteError):
        sent = written.get("fields")
        error.fields = tuple(
            errors.FieldError(_string(each[0]), _string(each[1]))
            for each in (sent if isinstance(sent, list) else [])
            if isinstance(each, list) and len(each) == 2
        )


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
