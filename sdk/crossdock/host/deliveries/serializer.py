"""How the durable engine writes what it keeps: JSON, exceptions included, never pickle."""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from attrs import asdict
from dbos import Serializer

from crossdock.errors import FieldError, RemoteError, StepFailed

_ERROR: Final = "$error"
_SIMPLE: Final = (str, int, float, bool, type(None))


class JsonSerializer(Serializer):
    """JSON; an exception is written by its class and attributes and raised again as that class."""

    def name(self) -> str:
        """Name the form, which the engine stores beside each value."""
        return "crossdock_json"

    def serialize(self, data: Any) -> str:
        """Write plain data, or an exception."""
        if isinstance(data, BaseException):
            data = {_ERROR: _write(data)}
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    def deserialize(self, serialized_data: str) -> Any:
        """Read back what `serialize` wrote."""
        data = json.loads(serialized_data)
        if isinstance(data, dict) and data.keys() == {_ERROR}:
            return _read(data[_ERROR])
        return data


def _write(error: BaseException) -> dict[str, Any]:
    state = {key: value for key, value in vars(error).items() if _is_plain(value)}
    fields = [asdict(each) for each in error.fields] if isinstance(error, RemoteError) else []
    return {
        "class": f"{type(error).__module__}:{type(error).__qualname__}",
        "message": str(error),
        "args": [each for each in error.args if isinstance(each, _SIMPLE)],
        "state": state,
        "tuples": [key for key, value in state.items() if isinstance(value, tuple)],
        "fields": fields,
    }


def _is_plain(value: Any) -> bool:
    """Whether JSON gives it back; a tuple of plain values is kept as one."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(each) for key, each in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, _SIMPLE)


def _read(written: dict[str, Any]) -> Exception:
    found = _class(written["class"])
    if found is None:
        name = written["class"].rpartition(":")[2]
        return StepFailed(f"{name}: {written['message']}", original=name)
    # Its __init__ may want what was not kept; the attributes are set as they were instead.
    error = found.__new__(found, *written["args"])
    error.args = tuple(written["args"])
    tuples = written.get("tuples", ())  # versions before this one kept no sequences
    for key, value in written["state"].items():
        vars(error)[key] = tuple(value) if key in tuples else value
    if isinstance(error, RemoteError):
        error.fields = tuple(FieldError(**each) for each in written["fields"])
    return error


def _class(name: str) -> type[Exception] | None:
    """Find an exception class that is loaded already; nothing is imported for it."""
    module_name, _, path = name.partition(":")
    found: Any = sys.modules.get(module_name)
    for part in path.split("."):
        found = getattr(found, part, None)
    return found if isinstance(found, type) and issubclass(found, Exception) else None
