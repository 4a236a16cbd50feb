"""Each component of a view as elements of an Adaptive Card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from crossdock.render.adaptive_card.rows import chart_elements, table_elements
from crossdock.render.adaptive_card.text import Element, paragraph, paragraphs, run, small
from crossdock.render.adaptive_card.writer import Writer
from crossdock.render.addresses import safe_address
from crossdock.views import (
    Action,
    Chart,
    Component,
    Fields,
    Metric,
    Metrics,
    Notice,
    Table,
    Timeline,
    TimelineEntry,
    Tone,
    Unknown,
    Value,
)

_BESIDE: Final = 3  # metrics that stand side by side in the width of a chat
_NOTICES: Final[Mapping[Tone, str]] = {
    "neutral": "emphasis",
    "info": "accent",
    "good": "good",
    "warning": "warning",
    "bad": "attention",
}
_ACTIONS: Final[Mapping[Tone, str]] = {"good": "positive", "info": "positive", "bad": "destructive"}


def elements_of(writer: Writer, components: Sequence[Component]) -> list[list[Element]]:
    """Give the elements of each component; actions that follow each other stand together."""
    made: list[list[Element]] = []
    waiting: list[Element] = []
    for component in components:
        if isinstance(component, Action):
            waiting += _action(writer, component)
            continue
        if waiting:
            made.append([{"type": "ActionSet", "actions": waiting}])
            waiting = []
        made.append(list(_component(writer, component)))
    if waiting:
        made.append([{"type": "ActionSet", "actions": waiting}])
    return made


def _component(writer: Writer, component: Component) -> Iterator[Element]:
    match component:
        case Notice():
            yield _notice(writer, component)
            return
        case Metrics():
            yield from writer.heading(component.title)
            yield from _metrics(writer, component.metrics)
        case Table():
            yield from writer.heading(component.title)
            yield from table_elements(writer, component)
        case Chart():
            yield from writer.heading(component.title)
            yield from chart_elements(writer, component)
        case Timeline():
            yield from writer.heading(component.title)
            yield from _timeline(writer, component)
        case Fields():
            yield from writer.heading(component.title)
            yield from _fields(writer, component.items)
        case Action():
            return  # they were gathered before
    yield from writer.provenance(component.provenance)


def _metrics(writer: Writer, metrics: Sequence[Metric]) -> Iterator[Element]:
    beside = 2 if len(metrics) in (2, 4) else _BESIDE
    for start in range(0, len(metrics), beside):
        shown = [_metric(writer, each) for each in metrics[start : start + beside]]
        missing = beside - len(shown) if start else 0
        empty = {"type": "Column", "width": "stretch", "items": []}
        yield {
            "type": "ColumnSet",
            "columns": [*shown, *(dict(empty) for _ in range(missing))],
            "spacing": "small",
        }


def _metric(writer: Writer, metric: Metric) -> Element:
    known = not isinstance(metric.value, Unknown)
    figure = {"size": "large", "weight": "bolder"} if known else {}
    items = [
        *paragraphs([small(writer.say(metric.label))]),
        *paragraphs([writer.value(metric.value, tone=metric.tone, **figure)], spacing="none"),
        *paragraphs([small(writer.say(metric.help))], spacing="small"),
    ]
    return {"type": "Column", "width": "stretch", "style": "emphasis", "items": items}


def _timeline(writer: Writer, timeline: Timeline) -> Iterator[Element]:
    if not timeline.entries:
        yield from paragraphs([run(writer.say(timeline.empty), isSubtle=True)])
        return
    left_out = max(len(timeline.entries) - writer.rows, 0)
    yield from writer.rest(left_out)  # the oldest, which would stand here
    for entry in timeline.entries[left_out:]:
        yield _entry(writer, entry)


def _entry(writer: Writer, entry: TimelineEntry) -> Element:
    actor = f" · {writer.say(entry.actor)}" if entry.actor else ""
    items = [
        *paragraphs([run(writer.say(entry.title), weight="bolder")]),
        *paragraphs([run(writer.say(entry.text))], spacing="none"),
        *paragraphs([small(writer.say(writer.formats.text(entry.at)) + actor)], spacing="none"),
    ]
    mark = paragraph([run("●", tone=entry.tone, isSubtle=entry.tone == "neutral")])
    return {
        "type": "ColumnSet",
        "spacing": "small",
        "columns": [
            {"type": "Column", "width": "auto", "items": [mark]},
            {"type": "Column", "width": "stretch", "items": items, "spacing": "small"},
        ],
    }


def _fields(writer: Writer, items: Sequence[tuple[str, Value]]) -> Iterator[Element]:
    for label, value in items:
        shown = paragraphs([writer.value(value)], horizontalAlignment="right")
        named = paragraphs([run(writer.say(label), isSubtle=True)])
        yield {
            "type": "ColumnSet",
            "spacing": "small",
            "columns": [
                {"type": "Column", "width": 2, "items": named},
                {"type": "Column", "width": 3, "items": shown},
            ],
        }


def _notice(writer: Writer, notice: Notice) -> Element:
    items = [
        *paragraphs([run(writer.say(notice.title), weight="bolder")]),
        *paragraphs([run(writer.say(notice.text))], spacing="none"),
    ]
    return {"type": "Container", "style": _NOTICES[notice.tone], "items": items}


def _action(writer: Writer, action: Action) -> list[Element]:
    address = safe_address(writer.href(action.target, action.params))
    if address is None:
        return []
    made: Element = {
        "type": "Action.OpenUrl",
        "title": writer.say(action.label),
        "url": address,
    }
    return [made | {"style": _ACTIONS[action.tone]} if action.tone in _ACTIONS else made]
