"""What commands log: lines for a person, or one JSON object a line; of every library in one form.

Each record says what is known of where it comes from (plugin, point, user id, delivery, correlation
id, trace), from context variables, so that whoever logs need not. Secrets that were revealed in
this process are masked in whatever anybody logs.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import IO, Any, Final

from crossdock import tracing
from crossdock.connectors.calling import current_correlation
from crossdock.host.asking.guards import asking
from crossdock.host.watching.spans import under_way, whose
from crossdock.secret import masked

ABOUT: Final = ("plugin", "point", "user", "delivery", "correlation", "seconds", "trace")
"""What a record may say of itself besides its words; a record's own `extra` of the name wins."""

# Libraries that tell every request, with addresses and parameters that may be personal: only as
# loud as they are asked to be by name.
_LOUD: Final = (
    "asyncio", "dbos", "httpcore", "httpx", "sqlalchemy", "uvicorn.access",
)  # fmt: skip
_PLUGIN_LOGGER: Final = "crossdock.plugin."
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
_HANDLER: Final = "crossdock"


def set_up(
    settings: Mapping[str, Any] | None = None, *, stream: IO[str] | None = None
) -> logging.Handler:
    """Let everything that is logged be written in one form; may be called again to change it.

    Args:
        settings: `[log]` of crossdock.toml.
        stream: where to; standard error by default.
    """
    chosen = settings or {}
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.name = _HANDLER
    handler.addFilter(_name_its_origin)
    handler.setFormatter(JsonForm() if chosen.get("format") == "json" else TextForm())
    root = logging.getLogger()
    for old in [each for each in root.handlers if each.name == _HANDLER]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(chosen.get("level", "warning").upper())
    # The durable engine writes to standard error by itself, unless its logger has a handler.
    if not (durable := logging.getLogger("dbos")).handlers:
        durable.addHandler(logging.NullHandler())
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns of each further try without a word of what is tried; the connectors tell that.
    logging.getLogger("stamina").setLevel(logging.ERROR)
    for name, level in chosen.get("levels", {}).items():
        logging.getLogger(name).setLevel(level.upper())
    return handler


def _name_its_origin(record: logging.LogRecord) -> bool:
    """Put what is known of the call under way onto a record; handlers run where it was logged."""
    call = whose.get() or ("", "", "")
    delivery = under_way.get()
    known = {
        "plugin": call[0] or asking.get(),
        "point": call[1],
        "user": call[2],
        "delivery": delivery.name if delivery else "",
        "correlation": current_correlation(),
        "trace": tracing.trace_id(),
    }
    if not known["plugin"] and record.name.startswith(_PLUGIN_LOGGER):
        known["plugin"] = record.name.removeprefix(_PLUGIN_LOGGER)
    for name, value in known.items():
        if not getattr(record, name, None):
            setattr(record, name, value)
    return True


class TextForm(logging.Formatter):
    """`12:30:01 WARNING crossdock.gateway: refused ...  [plugin=mine point=quote_saved]`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record; further lines are indented, so that none can pass for another record."""
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        about = " ".join(f"{name}={value}" for name, value in _about(record).items())
        text = f"{at} {record.levelname} {record.name}: {record.getMessage()}"
        text += f"  [{about}]" if about else ""
        if failure := _failure(self, record):
            text += f"\n{failure}"
        return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", masked(text)).replace("\n", "\n    ")


class JsonForm(logging.Formatter):
    """One object a line: `at`, `level`, `logger`, `message`, what is known of `ABOUT`, `error`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        document: dict[str, Any] = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage()),
            **{
                name: masked(value) if isinstance(value, str) else value
                for name, value in _about(record).items()
            },
            "process": record.process,
        }
        if failure := _failure(self, record):
            document["error"] = masked(failure)
        return json.dumps(document, ensure_ascii=False, default=str)


def _about(record: logging.LogRecord) -> dict[str, Any]:
    found = {name: getattr(record, name, None) for name in ABOUT}
    return {
        name: round(value, 6) if isinstance(value, float) else value
        for name, value in found.items()
        if value not in (None, "")
    }


def _failure(form: logging.Formatter, record: logging.LogRecord) -> str:
    parts = []
    if record.exc_info:
        parts.append(form.formatException(record.exc_info))
    if record.stack_info:
        parts.append(record.stack_info)
    return "\n".join(parts)
