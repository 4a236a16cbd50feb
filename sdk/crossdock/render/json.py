"""A view as plain data for other programs, as `specs/view.schema.json` describes it.

Amounts, quantities and fractions are decimal strings, days and instants ISO 8601, so that nothing
is lost on the way; each kind of value but text, whole numbers and truth values carries its `type`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from json import dumps
from typing import Any, Final

from markupsafe import Markup

from crossdock.records import Money
from crossdock.render.characters import cleaned, encodable
from crossdock.views import (
    Action,
    Arrangement,
    Badge,
    Chart,
    Component,
    Drill,
    Fields,
    Link,
    Metrics,
    Notice,
    Percent,
    Provenance,
    Table,
    Timeline,
    Unknown,
    Value,
    View,
)

SCHEMA: Final = "view.schema.json"
"""The bundled document that describes the form; see `crossdock.specifications`."""


def view_document(view: View) -> dict[str, Any]:
    """Give a view as plain data: dictionaries, lists, strings, whole numbers, truth values."""
    shown = cleaned(view, encodable)
    return {"components": [component_document(component) for component in shown.components]}


def script_json(document: Any) -> Markup:
    """Write plain data so that it can stand inside a `<script type="application/json">`.

    Such an element ends at the first `</script`, whatever a string in it says (OWASP, "JSON in
    HTML"); U+2028 and U+2029 end a line for old script engines.
    """
    text = dumps(document, ensure_ascii=False)
    for character in "<>&\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - nothing that HTML knows is left in it


def component_document(component: Component) -> dict[str, Any]:
    """Give one component as plain data."""
    match component:
        case Metrics():
            body: dict[str, Any] = {
                "type": "metrics",
                "title": component.title,
                "metrics": [
                    {
                        "label": metric.label,
                        "value": value_document(metric.value),
                        "tone": metric.tone,
                        "help": metric.help,
                    }
                    for metric in component.metrics
                ],
            }
        case Table():
            body = {
                "type": "table",
                "title": component.title,
                "columns": [
                    {
                        "key": column.key,
                        "label": column.label,
                        "align": column.align,
                        "help": column.help,
                        "sortable": column.sortable,
                    }
                    for column in component.columns
                ],
                "rows": [_row(row) for row in component.rows],
                "total": None if component.total is None else _row(component.total),
                "empty": component.empty,
                "id": component.id,
                "arranged": _arrangement(component.arranged),
            }
        case Chart():
            body = {
                "type": "chart",
                "kind": component.kind,
                "title": component.title,
                "summary": component.summary,
                "currency": component.currency,
                "categories": list(component.categories),
                "series": [
                    {
                        "label": series.label,
                        "values": [
                            None if value is None else _decimal(value) for value in series.values
                        ],
                    }
                    for series in component.series
                ],
            }
        case Timeline():
            body = {
                "type": "timeline",
                "title": component.title,
                "entries": [
                    {
                        "at": _moment(entry.at),
                        "title": entry.title,
                        "text": entry.text,
                        "tone": entry.tone,
                        "actor": entry.actor,
                    }
                    for entry in component.entries
                ],
                "empty": component.empty,
            }
        case Fields():
            body = {
                "type": "fields",
                "title": component.title,
                "items": [
                    {"label": label, "value": value_document(value)}
                    for label, value in component.items
                ],
            }
        case Notice():
            return {
                "type": "notice",
                "title": component.title,
                "text": component.text,
                "tone": component.tone,
            }
        case Action():
            return _action(component)
    body["provenance"] = provenance_document(component.provenance)
    return body


def value_document(value: Value) -> Any:
    """Give one value as plain data."""
    match value:
        case None | bool() | str() | int():
            return value
        case Decimal():
            return {"type": "number", "value": _decimal(value)}
        case Money():
            return {"type": "money", "amount": _decimal(value.amount), "currency": value.currency}
        case datetime():
            return {"type": "instant", "value": _moment(value)}
        case date():
            return {"type": "date", "value": _moment(value)}
        case Percent():
            return {
                "type": "percent",
                "fraction": _decimal(value.fraction),
                "places": value.places,
            }
        case Badge():
            return {"type": "badge", "text": value.text, "tone": value.tone}
        case Link():
            return {
                "type": "link",
                "text": value.text,
                "target": value.target,
                "params": dict(value.params),
            }
        case Drill():
            return {
                "type": "drill",
                "value": value_document(value.value),
                "target": value.target,
                "params": dict(value.params),
            }
        case Action():
            return _action(value)
        case Unknown():
            return {"type": "unknown", "reason": value.reason}
    raise TypeError(f"a view cannot hold a {type(value).__name__}")


def _action(action: Action) -> dict[str, Any]:
    return {
        "type": "action",
        "label": action.label,
        "target": action.target,
        "params": dict(action.params),
        "tone": action.tone,
    }


def _arrangement(now: Arrangement | None) -> dict[str, Any] | None:
    if now is None:
        return None
    return {
        "target": now.target,
        "params": dict(now.params),
        "sort": now.sort,
        "find": now.find,
        "page": now.page,
        "pages": now.pages,
        "first": now.first,
        "rows": now.rows,
        "of": now.of,
    }


def _row(row: Mapping[str, Value]) -> dict[str, Any]:
    return {key: value_document(value) for key, value in row.items()}


def provenance_document(provenance: Provenance | None) -> dict[str, Any] | None:
    """Give where figures came from as plain data."""
    if provenance is None:
        return None
    return {
        "source": provenance.source,
        "trading_account": provenance.trading_account,
        "as_of": _moment(provenance.as_of),
        "stale": provenance.stale,
        "note": provenance.note,
    }


def _decimal(number: Decimal) -> str:
    return f"{number:f}"


def _moment(moment: date | datetime) -> str:
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be told: make it aware")
        return moment.isoformat().replace("+00:00", "Z")
    return moment.isoformat()
