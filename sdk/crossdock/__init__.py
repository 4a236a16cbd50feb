"""Crossdock: extend any CRM with ERP data and straight-through ordering.

This is the public face that plugin authors import: the mark for hooks, the decisions of guards, and
the components of views. Records are in `crossdock.records`, errors in `crossdock.errors`, the
extension points with their contracts in `crossdock.hookspecs`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from crossdock.decisions import (
    Amend,
    Decision,
    GuardAnswer,
    Inform,
    Proceed,
    RequireApproval,
    Veto,
    Warn,
)
from crossdock.hookspecs import hookimpl

if TYPE_CHECKING:
    from crossdock.answers import Answer
    from crossdock.context import Context, EventContext
    from crossdock.records import Money
    from crossdock.views import (
        Action,
        Badge,
        Card,
        Chart,
        Column,
        Component,
        Drill,
        Fields,
        Job,
        Link,
        Metric,
        Metrics,
        Notice,
        Param,
        Percent,
        Provenance,
        Score,
        Segment,
        Series,
        Tab,
        Table,
        Timeline,
        TimelineEntry,
        Unknown,
        Value,
        View,
    )

__all__ = [
    "Action",
    "Amend",
    "Answer",
    "Badge",
    "Card",
    "Chart",
    "Column",
    "Component",
    "Context",
    "Decision",
    "Drill",
    "EventContext",
    "Fields",
    "GuardAnswer",
    "Inform",
    "Job",
    "Link",
    "Metric",
    "Metrics",
    "Money",
    "Notice",
    "Param",
    "Percent",
    "Proceed",
    "Provenance",
    "RequireApproval",
    "Score",
    "Segment",
    "Series",
    "Tab",
    "Table",
    "Timeline",
    "TimelineEntry",
    "Unknown",
    "Value",
    "Veto",
    "View",
    "Warn",
    "__version__",
    "hookimpl",
]

__version__ = "0.1.0"

_ELSEWHERE = {
    "Answer": "answers",
    "Context": "context",
    "EventContext": "context",
    "Money": "records",
}


def __getattr__(name: str) -> Any:
    # Records and views are some fifty attrs classes: a plugin without a tab need not build them.
    if name not in __all__:
        raise AttributeError(f"module 'crossdock' has no attribute {name!r}")
    value = getattr(import_module(f"crossdock.{_ELSEWHERE.get(name, 'views')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
