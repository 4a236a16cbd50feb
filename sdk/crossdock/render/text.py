"""A view in a terminal: aligned figures, bars made of blocks, colours where they are wanted.

Texts come from plugins and remote systems; what could drive a terminal (ANSI and OSC sequences) is
made visible instead.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from textwrap import wrap
from typing import Final

from crossdock.render.bars import bar
from crossdock.render.characters import cleaned, one_line
from crossdock.render.formats import Formats, default_formats
from crossdock.render.tables import told
from crossdock.views import (
    Action,
    Badge,
    Chart,
    Column,
    Component,
    Fields,
    Metrics,
    Notice,
    Provenance,
    Table,
    Timeline,
    Tone,
    Unknown,
    Value,
    View,
)

_SGR: Final[Mapping[str, str]] = {
    "bold": "1",
    "dim": "2",
    "info": "34",
    "good": "32",
    "warning": "33",
    "bad": "31",
}
_NARROWEST: Final = 8  # a text column is not squeezed below this
_LONGEST_BAR: Final = 72
_BETWEEN: Final = 2


class TextRenderer:
    """Renders views as lines of text.

    Args:
        formats: how values are written.
        width: columns of the terminal; tables shorten their texts to fit, never their figures,
            and one that does not fit even so is written row by row.
        color: whether to use ANSI colours.
    """

    def __init__(
        self, *, formats: Formats | None = None, width: int = 100, color: bool = False
    ) -> None:
        self.formats = formats if formats is not None else default_formats()
        self.width = max(width, 40)
        self.color = color

    def view(self, view: View) -> str:
        """Render a view from top to bottom."""
        return "\n\n".join(
            "\n".join(line.rstrip() for line in self._lines(component))
            for component in cleaned(view, one_line).components
        )

    def _lines(self, component: Component) -> Iterator[str]:
        match component:
            case Notice():
                yield from self._notice(component)
                return
            case Action():
                params = [f"{name}={value}" for name, value in component.params.items()]
                target = self._paint(" ".join([component.target, *params]), "dim")
                yield f"→ {component.label}  {target}"
                return
        if component.title:
            yield self._paint(component.title, "bold")
        match component:
            case Metrics():
                yield from self._pairs(
                    [(each.label, each.value, each.tone, each.help) for each in component.metrics]
                )
            case Fields():
                yield from self._pairs(
                    [(label, value, "neutral", "") for label, value in component.items]
                )
            case Table():
                yield from self._table(told(component))
                yield from self._pages(component)
            case Chart():
                yield from self._chart(component)
            case Timeline():
                yield from self._timeline(component)
        if component.provenance is not None:
            yield from self._provenance(component.provenance)

    def _paint(self, text: str, style: str) -> str:
        code = _SGR.get(style)
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and code and text else text

    def _provenance(self, provenance: Provenance) -> Iterator[str]:
        style = "warning" if provenance.stale else "dim"
        for line in wrap(self.formats.provenance(provenance), self.width - 2):
            yield f"  {self._paint(line, style)}"

    def _notice(self, notice: Notice) -> Iterator[str]:
        mark = {"good": "✓", "warning": "!", "bad": "✗"}.get(notice.tone, "i")
        text = f"{notice.title}: {notice.text}" if notice.title else notice.text
        for index, line in enumerate(wrap(text, self.width - 2)):
            yield self._paint(f"{mark if index == 0 else ' '} {line}", notice.tone)

    def _pairs(self, pairs: Sequence[tuple[str, Value, Tone, str]]) -> Iterator[str]:
        labels = max((_cells(label) for label, *_ in pairs), default=0)
        texts = [self.formats.text(value) for _, value, _, _ in pairs]
        figures = [
            _cells(text)
            for text, (_, value, *_) in zip(texts, pairs, strict=True)
            if not isinstance(value, str | Badge | Unknown)
        ]
        column = max(figures, default=0)
        for text, (label, value, tone, hint) in zip(texts, pairs, strict=True):
            start = isinstance(value, str | Badge | Unknown)
            padded = _fit(text, max(column, _cells(text)), end=not start)
            shown = text if start and not hint else padded
            line = f"  {_fit(label, labels)}  {self._paint(shown, self._style(value, tone))}"
            yield f"{line}  {self._paint(hint, 'dim')}" if hint else line

    def _style(self, value: Value, tone: Tone = "neutral") -> str:
        if isinstance(value, Badge):
            return value.tone
        return "dim" if isinstance(value, Unknown) else tone

    def _table(self, table: Table) -> Iterator[str]:
        if not table.rows:
            searched = table.arranged is not None and table.arranged.find
            yield f"  No row has “{searched}” in it." if searched else f"  {table.empty}"
            return
        rows = [*table.rows, *([table.total] if table.total is not None else [])]
        cells = [[self.formats.text(row.get(c.key)) for c in table.columns] for row in rows]
        if table.total is not None and not cells[-1][0]:
            cells[-1][0] = "Total"
        widths = self._widths(table.columns, rows, cells)
        if sum(widths) + _BETWEEN * (len(widths) - 1) + 2 > self.width:
            yield from self._stacked(table, rows, cells)
            return
        ends = [column.align == "end" for column in table.columns]
        heads = [
            _fit(column.label, width, end=end)
            for column, width, end in zip(table.columns, widths, ends, strict=True)
        ]
        gap = " " * _BETWEEN
        yield self._paint("  " + gap.join(heads), "dim")
        rule = self._paint("  " + gap.join("─" * width for width in widths), "dim")
        yield rule
        for index, (row, texts) in enumerate(zip(rows, cells, strict=True)):
            if table.total is not None and index == len(rows) - 1:
                yield rule
            shown = [
                self._paint(_fit(text, width, end=end), self._style(row.get(column.key)))
                for text, width, end, column in zip(texts, widths, ends, table.columns, strict=True)
            ]
            yield "  " + gap.join(shown)

    def _pages(self, table: Table) -> Iterator[str]:
        """Say what is not shown, and with which parameter of the tab it is."""
        now = table.arranged
        if now is None or not (extent := self.formats.extent(now)):
            return
        leads = [f"next: {table.id}.page={now.page + 1}"] if now.page < now.pages else []
        leads += [f"all: {table.id}.page=all"] if now.pages > 1 else []
        yield f"  {self._paint('; '.join([extent, *leads]), 'dim')}"

    def _stacked(
        self,
        table: Table,
        rows: Sequence[Mapping[str, Value]],
        cells: Sequence[Sequence[str]],
    ) -> Iterator[str]:
        """Write a table that does not fit as one paragraph for each row."""
        labels = max((_cells(column.label) for column in table.columns[1:]), default=0)
        for row, texts in zip(rows, cells, strict=True):
            yield f"  {self._paint(texts[0], 'bold')}"
            for column, text in zip(table.columns[1:], texts[1:], strict=True):
                if text:
                    shown = self._paint(text, self._style(row.get(column.key)))
                    yield f"    {_fit(column.label, labels)}  {shown}"

    def _widths(
        self,
        columns: Sequence[Column],
        rows: Sequence[Mapping[str, Value]],
        cells: Sequence[Sequence[str]],
    ) -> list[int]:
        """Give each column's width; the widest texts are shortened until the table fits."""
        widths = [
            max(_cells(column.label), *(_cells(texts[at]) for texts in cells))
            for at, column in enumerate(columns)
        ]
        texts = [
            at
            for at, column in enumerate(columns)
            if all(isinstance(row.get(column.key), str | Unknown | None) for row in rows)
        ]
        room = self.width - 2 - _BETWEEN * (len(columns) - 1)
        while sum(widths) > room and texts:
            widest = max(texts, key=lambda at: widths[at])
            if widths[widest] <= _NARROWEST:
                break
            widths[widest] -= 1
        return widths

    def _chart(self, chart: Chart) -> Iterator[str]:
        for line in wrap(chart.summary, self.width - 2):
            yield f"  {line}"
        known = [value for series in chart.series for value in series.values if value is not None]
        if not known:
            yield "  There is no figure to draw."
            return
        highest = max(*(abs(value) for value in known), Decimal(0))
        categories = max((_cells(name) for name in chart.categories), default=0)
        labels = max((_cells(series.label) for series in chart.series), default=0)
        figures = max(_cells(self.formats.amount(value, chart.currency)) for value in known)
        room = min(max(self.width - categories - labels - figures - 8, 10), _LONGEST_BAR)
        for index, category in enumerate(chart.categories):
            for position, series in enumerate(chart.series):
                value = series.values[index] if index < len(series.values) else None
                name = category if position == 0 else ""
                head = f"  {_fit(name, categories)}  {_fit(series.label, labels)}  "
                if value is None:
                    yield head + _fit("-", figures, end=True)
                    continue
                figure = _fit(self.formats.amount(value, chart.currency), figures, end=True)
                newest = position == len(chart.series) - 1
                tone = "bad" if value < 0 else "info" if newest else "dim"
                drawn = bar(abs(value) / highest * room if highest else Decimal(0))
                if value < 0:
                    drawn = drawn.replace("█", "▒")
                yield f"{head}{figure}  {self._paint(drawn, tone)}"

    def _timeline(self, timeline: Timeline) -> Iterator[str]:
        if not timeline.entries:
            yield f"  {timeline.empty}"
            return
        moments = [self.formats.text(entry.at) for entry in timeline.entries]
        width = max(_cells(moment) for moment in moments)
        for moment, entry in zip(moments, timeline.entries, strict=True):
            actor = f" ({entry.actor})" if entry.actor else ""
            title = self._paint(entry.title, entry.tone)
            yield f"  {_fit(moment, width)}  {title}{actor}"
            for line in wrap(entry.text, self.width - width - 4):
                yield f"  {' ' * width}  {line}"


def render_text(
    view: View, *, formats: Formats | None = None, width: int = 100, color: bool = False
) -> str:
    """Render a view as text for a terminal.

    Args:
        view: what to render.
        formats: how values are written; British English and UTC where not given.
        width: columns of the terminal.
        color: whether to use ANSI colours.
    """
    return TextRenderer(formats=formats, width=width, color=color).view(view)


def _cells(text: str) -> int:
    """Count the terminal cells that a text takes: wide characters two, combining ones none."""
    return sum(
        0
        if unicodedata.combining(char) or unicodedata.category(char) == "Cf"
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )


def _fit(text: str, width: int, *, end: bool = False) -> str:
    """Pad a text to a width, or shorten it with an ellipsis."""
    if _cells(text) > width:
        kept = text
        while kept and _cells(kept) > width - 1:
            kept = kept[:-1]
        text = kept + "…"
    padding = " " * (width - _cells(text))
    return padding + text if end else text + padding
