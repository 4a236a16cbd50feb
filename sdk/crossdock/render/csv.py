"""A table as CSV (RFC 4180) for spreadsheets and programs.

Numbers, amounts and days are written so that any program reads them: a decimal point, no thousands
separators, ISO 8601. An amount's currency stands in the head of its column, or in a column of its
own where a column has several. What is not known is told in words and never written as zero, and
each row says which source it came from and as of when (A12).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from crossdock.records import Money
from crossdock.render.characters import cleaned, one_line
from crossdock.render.tables import told
from crossdock.views import Badge, Column, Link, Percent, Provenance, Table, Unknown, Value, View
from crossdock.views.values import plain

MEDIA_TYPE: Final = "text/csv"
# A spreadsheet takes a text that begins so for a formula (OWASP, "CSV Injection").
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def table_csv(table: Table) -> str:
    """Write all rows of a table that are in it, its total left out.

    Args:
        table: arranged with `page=all` where it should be whole.
    """
    shown = cleaned(View((table,)), one_line).components[0]
    if not isinstance(shown, Table):  # a view gives back what it was given
        raise TypeError(f"{table.id} is no table")
    shown = told(shown)
    currencies = {column.key: _currencies(shown.rows, column) for column in shown.columns}
    written = io.StringIO()
    writer = csv.writer(written)
    source = _source(shown.provenance)
    writer.writerow([*_heads(shown.columns, currencies), *(head for head, _ in source)])
    for row in shown.rows:
        cells: list[str] = []
        for column in shown.columns:
            value = plain(row.get(column.key))
            cells.append(_cell(value))
            if len(currencies[column.key]) > 1:
                cells.append(value.currency if isinstance(value, Money) else "")
        writer.writerow([*cells, *(text for _, text in source)])
    return written.getvalue()


def file_name(*parts: str, ending: str = "csv") -> str:
    """Make the name of a file out of words: letters, digits and hyphens alone."""
    kept = "-".join(
        "".join(char if char.isascii() and char.isalnum() else "-" for char in part)
        for part in parts
    )
    return "-".join(word for word in kept.split("-") if word)[:100] + f".{ending}"


def _heads(columns: Sequence[Column], currencies: Mapping[str, Sequence[str]]) -> list[str]:
    heads: list[str] = []
    for column in columns:
        label = column.label or column.key
        match currencies[column.key]:
            case []:
                heads.append(_text(label))
            case [currency]:
                heads.append(_text(f"{label} ({currency})"))
            case _:
                heads += [_text(label), _text(f"{label}, currency")]
    return heads


def _currencies(rows: Sequence[Mapping[str, Value]], column: Column) -> list[str]:
    values = (plain(row.get(column.key)) for row in rows)
    return sorted({value.currency for value in values if isinstance(value, Money)})


def _source(provenance: Provenance | None) -> list[tuple[str, str]]:
    if provenance is None:
        return []
    note = "; ".join(filter(None, ("out of date" if provenance.stale else "", provenance.note)))
    told = [
        ("Source", _text(provenance.source)),
        ("Source's account", _text(provenance.trading_account)),
        ("As of", _cell(provenance.as_of)),
        ("Note", _text(note)),
    ]
    return [(head, text) for head, text in told if text]


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case Decimal():
            return f"{value:f}"
        case Money():
            return f"{value.amount:f}"
        case Percent():
            return f"{value.fraction:f}"
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Badge() | Link():
            return _text(value.text)
        case Unknown():
            return _text(value.reason)
        case str():
            return _text(value)
    raise TypeError(f"a view cannot hold a {type(value).__name__}")


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULAS) else text
