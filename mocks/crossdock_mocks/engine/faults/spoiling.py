"""Answers spoiled on purpose, after they were made and checked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from email.utils import format_datetime
from typing import Any, Final

import orjson

from crossdock_mocks.engine.faults.rules import Fault
from crossdock_mocks.engine.messages import Response

_LAST_ERROR_FREE: Final = 399


def spoil(
    fault: Fault, response: Response, now: datetime, before: Response | None = None
) -> Response | None:
    """An answer as a fault spoils it, or `None` where there is nothing to spoil.

    Args:
        fault: The fault.
        response: The answer as it was made.
        now: The system's time, right or wrong.
        before: Answer of the page before, for a page that shifts.
    """
    if fault.kind == "clock_skew":
        headers = {**response.headers, "date": format_datetime(now, usegmt=True)}
        return Response(response.status, headers, response.body)
    if not response.body or response.status > _LAST_ERROR_FREE:
        return None
    if fault.kind == "wrong_content_type":
        headers = {**response.headers, "content-type": fault.content_type}
        return Response(response.status, headers, response.body)
    if "json" not in response.headers.get("content-type", ""):
        return None
    if fault.kind == "malformed_json":
        # A part of an object or array that lacks its end never is JSON.
        broken = response.body[: max(1, len(response.body) * 3 // 4)]
        if response.body[:1] not in b"{[":
            broken = b"{" + broken
        return Response(response.status, dict(response.headers), broken)
    if fault.kind == "schema_drift":
        return _drifted(fault, response)
    if fault.kind == "shifting_page" and before is not None:
        return _shifted(response, before)
    return None


def items(body: Any) -> list[Any] | None:
    """The rows of a list answer: the body itself, or its first member that is an array."""
    if isinstance(body, list):
        return body
    if isinstance(body, dict):
        return next((each for each in body.values() if isinstance(each, list)), None)
    return None


def _shifted(response: Response, before: Response) -> Response | None:
    body = orjson.loads(response.body)
    rows = items(body)
    earlier = items(orjson.loads(before.body)) if before.body else None
    if not rows or not earlier:
        return None
    rows.insert(0, earlier[-1])
    rows.pop()
    return Response(response.status, dict(response.headers), orjson.dumps(body))


def _drifted(fault: Fault, response: Response) -> Response | None:
    body = orjson.loads(response.body)
    seen = 0

    def walk(value: Any) -> Any:
        nonlocal seen
        if isinstance(value, list):
            return [walk(each) for each in value]
        if not isinstance(value, dict):
            return value
        changed: dict[str, Any] = {}
        for name, each in value.items():
            if name != fault.field:
                changed[name] = walk(each)
                continue
            seen += 1
            if fault.change == "rename":
                changed[fault.to or name] = walk(each)
            elif fault.change == "retype":
                changed[name] = _RETYPE[fault.to or "null"](each)
        return changed

    drifted = walk(body)
    if not seen:
        return None
    return Response(response.status, dict(response.headers), orjson.dumps(drifted))


def _number(value: Any) -> Any:
    if isinstance(value, (int, float)):
        return value + 0
    try:
        return float(Decimal(value))
    except (InvalidOperation, TypeError, ValueError):
        return 0


_RETYPE: Final[dict[str, Callable[[Any], Any]]] = {
    "string": lambda value: value if isinstance(value, str) else orjson.dumps(value).decode(),
    "number": _number,
    "boolean": bool,
    "array": lambda value: value if isinstance(value, list) else [value],
    "object": lambda value: value if isinstance(value, dict) else {"value": value},
    "null": lambda _: None,
}
