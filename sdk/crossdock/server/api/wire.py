"""Records on this wire: plain JSON, decimals as strings, days and instants as ISO 8601 has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, TypeVar, Union, get_args, get_origin

import attrs
import cattrs

from crossdock.host.asking.verdict import Finding, Verdict
from crossdock.server.api.problems import pointer_of

_T = TypeVar("_T")


def record_of(kind: type[_T], document: Mapping[str, Any], **known: Any) -> _T:
    """Make a record of a document that fits its schema.

    Args:
        kind: the class of the record.
        document: what was sent.
        **known: fields that are not the sender's to say.
    """
    return _converter().structure({**document, **known}, kind)


def document_of(value: Any) -> Any:
    """Write a record, or what holds records, as plain data."""
    match value:
        case None | bool() | int() | str() | float():
            return value
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): document_of(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [document_of(each) for each in value]
    if attrs.has(type(value)):
        return {
            each.name: document_of(getattr(value, each.name)) for each in attrs.fields(type(value))
        }
    return str(value)


def finding_document(finding: Finding) -> dict[str, Any]:
    """Write what a guard found."""
    document = {
        "plugin_id": finding.plugin_id,
        "message": finding.message,
        "code": finding.code,
        "field": finding.field,
        "pointer": pointer_of(finding.field),
    }
    return {**document, "role": finding.role} if finding.role else document


def verdict_document(verdict: Verdict, point: str, *, record: bool = True) -> dict[str, Any]:
    """Write a verdict.

    Args:
        verdict: what the guards said.
        point: what was asked.
        record: whether the record goes with it.
    """
    document: dict[str, Any] = {
        "point": point,
        "allowed": verdict.allowed,
        "unchecked": verdict.unchecked,
        "vetoes": [finding_document(each) for each in verdict.vetoes],
        "approvals": [finding_document(each) for each in verdict.approvals],
        "warnings": [finding_document(each) for each in verdict.warnings],
        "notes": [finding_document(each) for each in verdict.notes],
        "amendments": [
            {
                "plugin_id": each.plugin_id,
                "reason": each.reason,
                "changes": [
                    {
                        "field": change.field,
                        "pointer": pointer_of(change.field),
                        "old": document_of(change.old),
                        "new": document_of(change.new),
                    }
                    for change in each.changes
                ],
            }
            for each in verdict.amendments
        ],
        # Without the traceback: that is for the plugin's author, in the log.
        "faults": [
            {
                "plugin_id": each.plugin_id,
                "message": each.message,
                "closes": each.closes,
                "remote": each.remote,
            }
            for each in verdict.faults
        ],
        "timings": [
            {"plugin_id": plugin_id, "seconds": round(seconds, 6)}
            for plugin_id, seconds in verdict.timings
        ],
    }
    if record:
        document["record"] = document_of(verdict.record)
    return document


@cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    converter.register_structure_hook(datetime, lambda text, _: _instant(text))
    converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    converter.register_structure_hook_func(
        _is_optional,
        lambda value, kind: (
            None
            if value is None
            else converter.structure(value, next(k for k in get_args(kind) if k is not NoneType))
        ),
    )
    return converter


def _is_optional(kind: Any) -> bool:
    arguments = get_args(kind)
    return (
        len(arguments) == 2
        and NoneType in arguments
        and (get_origin(kind) is Union or type(kind).__name__ == "UnionType")
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.upper())
