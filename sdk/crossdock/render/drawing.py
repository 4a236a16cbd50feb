"""A chart as shapes on a canvas: where each bar, point, tick and label stands, in SVG units."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import ceil
from typing import Final, TypeAlias

from attrs import frozen

from crossdock.render.formats import Formats
from crossdock.render.scale import nice_scale
from crossdock.views import Chart

_CHARACTER: Final = 6.6  # the width of a digit at the font size of 12 that the stylesheet sets
_Height: TypeAlias = Callable[[Decimal], float]


@frozen(kw_only=True)
class Label:
    """A text at a place."""

    x: float
    y: float
    text: str


@frozen(kw_only=True)
class Bar:
    """A bar of a series."""

    x: float
    y: float
    width: float
    height: float
    tone: int


@frozen(kw_only=True)
class Point:
    """A point of a line."""

    x: float
    y: float
    tone: int


@frozen(kw_only=True)
class Band:
    """A category: what stands in it, and all its values in words."""

    x: float
    width: float
    title: str
    bars: tuple[Bar, ...]
    points: tuple[Point, ...]
    values: tuple[Label, ...]


@frozen(kw_only=True)
class Line:
    """An unbroken stretch of a line, as an SVG path."""

    path: str
    tone: int


@frozen(kw_only=True)
class Drawing:
    """All shapes of a chart.

    Attributes:
        zero: the height of the zero line.
        ticks: the y of each grid line with its label.
    """

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    zero: float
    ticks: tuple[Label, ...]
    bands: tuple[Band, ...]
    lines: tuple[Line, ...]
    categories: tuple[Label, ...]


def tone_of(chart: Chart, index: int) -> int:
    """Give a series' colour, from 1; the last series, the newest, has the strongest."""
    return (len(chart.series) - 1 - index) % 6 + 1


def draw(chart: Chart, formats: Formats, *, narrow: bool) -> Drawing:
    """Lay a chart out, for a wide screen or for a telephone's."""
    width, height = (344, 250) if narrow else (760, 300)
    values = [value for series in chart.series for value in series.values if value is not None]
    labelled = len(chart.series) == 1 and len(chart.categories) <= (6 if narrow else 8)
    if labelled:  # leave room above the bars for their values
        values += [value * Decimal("1.08") for value in values]
    scale = nice_scale(values, most=5 if narrow else 7)
    largest = max(abs(scale.low), abs(scale.high))
    labels = [formats.tick(tick, narrow=narrow, largest=largest) for tick in scale.ticks]
    left = max(len(label) for label in labels) * _CHARACTER + 10
    top, bottom, right = 20.0, height - 26.0, width - 4.0

    def y(value: Decimal) -> float:
        return round(bottom - scale.share(value) * (bottom - top), 2)

    band = (right - left) / max(len(chart.categories), 1)
    bands = tuple(
        _band(chart, formats, index, left + band * index, band, y, show_values=labelled)
        for index in range(len(chart.categories))
    )
    return Drawing(
        width=width,
        height=height,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        zero=y(Decimal(0)),
        ticks=tuple(
            Label(x=left - 8, y=y(tick), text=label)
            for tick, label in zip(scale.ticks, labels, strict=True)
        ),
        bands=bands,
        lines=_lines(chart, bands) if chart.kind == "line" else (),
        categories=_category_labels(chart, left, band, bottom + 18),
    )


def _band(
    chart: Chart,
    formats: Formats,
    index: int,
    x: float,
    width: float,
    y: _Height,
    *,
    show_values: bool,
) -> Band:
    said = [
        (series.label, series.values[index] if index < len(series.values) else None)
        for series in chart.series
    ]
    category = chart.categories[index]
    told = [
        f"{label}: {formats.amount(value, chart.currency) if value is not None else 'no figure'}"
        for label, value in said
    ]
    title = "\n".join([category, *told])
    zero = y(Decimal(0))
    bars: list[Bar] = []
    points: list[Point] = []
    shown: list[Label] = []
    gap = min(width * 0.22, 18)
    thickness = min((width - gap) / len(said), 56) if said else 0
    start = x + (width - thickness * len(said)) / 2
    for position, (_, value) in enumerate(said):
        if value is None:
            continue
        tone = tone_of(chart, position)
        end = y(value)
        if chart.kind == "line":
            points.append(Point(x=round(x + width / 2, 2), y=end, tone=tone))
            continue
        # A zero is drawn as a hairline, so that it cannot be taken for a gap.
        height = max(abs(end - zero), 1.0)
        between = min(1.0, thickness * 0.12)
        bars.append(
            Bar(
                x=round(start + thickness * position + between / 2, 2),
                y=round(min(end, zero) if abs(end - zero) >= 1 else zero - 1, 2),
                width=round(thickness - between, 2),
                height=round(height, 2),
                tone=tone,
            )
        )
        if show_values:
            above = end - 5 if value >= 0 else end + 13
            text = formats.tick(value.quantize(Decimal(1)), narrow=width < 80)
            shown.append(Label(x=round(x + width / 2, 2), y=round(above, 2), text=text))
    return Band(
        x=round(x, 2),
        width=round(width, 2),
        title=title,
        bars=tuple(bars),
        points=tuple(points),
        values=tuple(shown),
    )


def _lines(chart: Chart, bands: tuple[Band, ...]) -> tuple[Line, ...]:
    lines: list[Line] = []
    for index in range(len(chart.series)):
        tone = tone_of(chart, index)
        path = ""
        for position, band in enumerate(bands):
            values = chart.series[index].values
            known = position < len(values) and values[position] is not None
            point = next((p for p in band.points if p.tone == tone), None) if known else None
            if point is None:  # a gap ends the stretch
                if path:
                    lines.append(Line(path=path, tone=tone))
                path = ""
                continue
            path += f"{'L' if path else 'M'}{point.x} {point.y}"
        if path:
            lines.append(Line(path=path, tone=tone))
    return tuple(lines)


def _category_labels(chart: Chart, left: float, band: float, y: float) -> tuple[Label, ...]:
    """Place the categories' names: shortened, and only so many that none runs into the next."""
    names = chart.categories
    longest = max((len(name) for name in names), default=0)
    room = int(band / _CHARACTER)
    every = 1
    if longest > room:
        if len({name[:3] for name in names}) == len(names) and room >= 3:
            names = tuple(name[:3] for name in names)
        elif len(names) == 12 and band >= 10:
            names = tuple(name[:1] for name in names)  # months, as calendars abbreviate them
        else:
            every = ceil((longest + 1) * _CHARACTER / band)
    return tuple(
        Label(x=round(left + band * (index + 0.5), 2), y=y, text=name)
        for index, name in enumerate(names)
        if index % every == 0
    )
