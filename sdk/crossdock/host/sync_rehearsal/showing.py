"""A rehearsal as a view, so that every renderer can show it: what would happen, and to whom."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import IO, Final

from crossdock.host.sync_rehearsal.happening import (
    OUTCOMES,
    Difference,
    Happening,
    counted,
)
from crossdock.views import Column, Component, Metric, Metrics, Notice, Table, Tone, View

_TONES: Final[Mapping[str, Tone]] = {
    "conflict": "warning",
    "refused": "bad",
    "review": "warning",
}
_SHOWN: Final = 2_000
_COLUMNS: Final = (
    ("record", "Record"),
    ("name", "Name"),
    ("at", "When"),
    ("outcome", "What would happen"),
    ("field", "Field"),
    ("crm", "The CRM has"),
    ("erp", "The ERP has"),
    ("does", "What is written"),
    ("reason", "Why"),
)
_DIFFERENT: Final = (
    ("record", "Record"),
    ("name", "Name"),
    ("at", "When"),
    ("field", "Field"),
    ("first", "First policy"),
    ("why_first", "Why"),
    ("second", "Second policy"),
    ("why_second", "Why"),
)


def rows_of(happenings: Iterable[Happening]) -> list[dict[str, str]]:
    """Give a row for each field that something would be done to, and for each record as a whole."""
    rows = []
    for each in happenings:
        told = {
            "record": each.record,
            "name": each.name,
            "at": each.at,
            "outcome": OUTCOMES.get(each.outcome, each.outcome),
        }
        acting = [step for step in each.steps if step.acts]
        if each.outcome == "unchanged" and not acting:
            continue
        if not acting:
            rows.append({**told, "reason": each.reason})
        rows += [
            {
                **told,
                "field": step.field,
                "crm": step.crm or "",
                "erp": step.erp or "",
                "does": step.says,
                "reason": step.reason,
            }
            for step in acting
        ]
    return rows


def rehearsal_view(happenings: Sequence[Happening], *, policy: str) -> View:
    """Show what one policy would do."""
    rows = rows_of(happenings)
    return View(
        components=(
            _numbers(happenings, f"What {policy} would do"),
            _nothing_written(),
            *_cut(len(rows)),
            Table(
                columns=_columns(_COLUMNS, rows),
                rows=tuple(rows[:_SHOWN]),
                title="Record by record",
                empty="Nothing would be done: both sides agree.",
            ),
        )
    )


def comparison_view(
    first: Sequence[Happening],
    second: Sequence[Happening],
    found: Sequence[Difference],
    *,
    names: tuple[str, str],
) -> View:
    """Show what two policies would do, side by side."""
    rows = difference_rows(found)
    return View(
        components=(
            _numbers(first, f"First policy: {names[0]}"),
            _numbers(second, f"Second policy: {names[1]}"),
            _nothing_written(),
            *_cut(len(rows)),
            Table(
                columns=_columns(_DIFFERENT, rows),
                rows=tuple(rows[:_SHOWN]),
                title="Where they differ",
                empty="Both would do the same.",
            ),
        )
    )


def difference_rows(found: Iterable[Difference]) -> list[dict[str, str]]:
    """Give a row for each difference."""
    return [
        {name: getattr(each, name) for name, _ in _DIFFERENT}
        | {"field": each.field or "the record"}
        for each in found
    ]


def write_csv(rows: Sequence[Mapping[str, str]], stream: IO[str], *, compared: bool) -> None:
    """Write the rows as CSV, all of them, safe to open in a spreadsheet."""
    columns = _DIFFERENT if compared else _COLUMNS
    table = csv.writer(stream)
    table.writerow([name for name, _ in columns])
    for row in rows:
        table.writerow([_plain(row.get(name, "")) for name, _ in columns])


def _plain(text: str) -> str:
    # A spreadsheet runs what begins like a formula.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _numbers(happenings: Sequence[Happening], title: str) -> Component:
    counts = counted(happenings)
    return Metrics(
        title=title,
        metrics=(
            Metric(label="Looked at", value=Decimal(len(happenings))),
            *(
                Metric(
                    label=text.capitalize().replace("crm", "CRM").replace("erp", "ERP"),
                    value=Decimal(counts[outcome]),
                    tone=_TONES.get(outcome, "neutral") if counts[outcome] else "neutral",
                )
                for outcome, text in OUTCOMES.items()
            ),
        ),
    )


def _nothing_written() -> Component:
    return Notice(text="Nothing was written: neither in the CRM nor in the ERP.", tone="info")


def _cut(rows: int) -> tuple[Component, ...]:
    if rows <= _SHOWN:
        return ()
    text = f"The first {_SHOWN:,} of {rows:,} rows are shown; --csv writes all of them."
    return (Notice(text=text, tone="warning"),)


def _columns(
    columns: Sequence[tuple[str, str]], rows: Sequence[Mapping[str, str]]
) -> tuple[Column, ...]:
    """Leave out the columns that nothing stands in."""
    filled = {name for row in rows for name, value in row.items() if value}
    return tuple(
        Column(key=name, label=label) for name, label in columns if name in filled or not rows
    )
