"""Crossdock: extend any CRM with ERP data and straight-through ordering.

This is the public face that plugin authors import: the mark for hooks, the decisions of guards, and
the components of views. Records are in `crossdock.records`, errors in `crossdock.errors`, the
extension points with their contracts in `crossdock.hookspecs`.
"""

from crossdock.context import Context, EventContext
from crossdock.decisions import Amend, Decision, GuardAnswer, Proceed, RequireApproval, Veto, Warn
from crossdock.hookspecs import hookimpl
from crossdock.records import Money
from crossdock.views import (
    Action,
    Badge,
    Card,
    Chart,
    Column,
    Component,
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
    "Badge",
    "Card",
    "Chart",
    "Column",
    "Component",
    "Context",
    "Decision",
    "EventContext",
    "Fields",
    "GuardAnswer",
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
