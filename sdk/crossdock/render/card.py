"""A view as a short summary for CRMs that draw cards of their own: `specs/card.schema.json`.

It holds what a glance is for: sentences that should not be missed, the first figures, the first
rows of the first table, where they came from, and a link to everything. Each value is there twice,
as typed data like in `view.schema.json` and as a text in the reader's own form. A CRM must put the
texts into its page as texts, not as HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from crossdock.render.addresses import safe_address
from crossdock.render.characters import cleaned, legible, one_line
from crossdock.render.formats import Formats, default_formats
from crossdock.render.json import provenance_document, value_document
from crossdock.render.tables import rows_of, told
from crossdock.views import Fields, Metrics, Notice, Provenance, Table, Tone, Value, View

SCHEMA: Final = "card.schema.json"
"""The bundled document that describes the form; see `crossdock.specifications`."""


def card_document(
    view: View,
    *,
    title: str,
    subtitle: str = "",
    url: str | None = None,
    formats: Formats | None = None,
    figures: int = 6,
    rows: int = 5,
) -> dict[str, Any]:
    """Summarize a view as plain data.

    Args:
        view: what to summarize.
        title: such as the tab's name.
        subtitle: such as whose figures they are.
        url: where all of it can be seen; only `https`, or within the host's own site.
        formats: how texts are written; British English and UTC where not given.
        figures: how many figures at most; a view without metrics gives its first fields.
        rows: how many rows of the first table that has any.
    """
    formats = formats if formats is not None else default_formats()
    shown = cleaned(view)
    table = next((each for each in shown.components if isinstance(each, Table) and each.rows), None)
    return {
        "title": one_line(title),
        "subtitle": one_line(subtitle),
        "url": safe_address(url),
        "notices": [
            {"title": each.title, "text": each.text, "tone": each.tone}
            for each in shown.components
            if isinstance(each, Notice)
        ],
        "figures": [
            {"label": label, **_value(value, formats), "tone": tone, "provenance": source}
            for label, value, tone, source in islice(_figures(shown, formats), figures)
        ],
        "table": None if table is None else _table(told(table), formats, rows),
    }


def _figures(
    view: View, formats: Formats
) -> Iterator[tuple[str, Value, Tone, dict[str, Any] | None]]:
    kinds = {type(component) for component in view.components}
    for component in view.components:
        if isinstance(component, Metrics):
            source = _provenance(component.provenance, formats)
            for metric in component.metrics:
                yield metric.label, metric.value, metric.tone, source
        elif isinstance(component, Fields) and Metrics not in kinds:
            source = _provenance(component.provenance, formats)
            for label, value in component.items:
                yield label, value, "neutral", source


def _table(table: Table, formats: Formats, most: int) -> dict[str, Any]:
    def row(of: Mapping[str, Value]) -> dict[str, Any]:
        return {column.key: _value(of.get(column.key), formats) for column in table.columns}

    return {
        "title": table.title,
        "columns": [
            {"key": column.key, "label": column.label, "align": column.align}
            for column in table.columns
        ],
        "rows": [row(each) for each in table.rows[:most]],
        "total": None if table.total is None else row(table.total),
        "more": max(rows_of(table) - most, 0),
        "provenance": _provenance(table.provenance, formats),
    }


def _value(value: Value, formats: Formats) -> dict[str, Any]:
    return {"value": value_document(value), "text": legible(formats.text(value))}


def _provenance(provenance: Provenance | None, formats: Formats) -> dict[str, Any] | None:
    document = provenance_document(provenance)
    if provenance is None or document is None:
        return None
    return document | {"text": legible(formats.provenance(provenance))}
