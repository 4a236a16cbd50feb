"""What a plugin shows: declarative components that every renderer understands.

A view is data. It holds no HTML and no colours; a host renders it as HTML, JSON, a card, CSV or
text. Every component that shows figures says where they came from with a `Provenance` (A12), and a
figure that cannot be had is `Unknown(reason)`, never zero.
"""

from crossdock.views.components import (
    Arrangement,
    Chart,
    ChartKind,
    Column,
    Component,
    Fields,
    Metric,
    Metrics,
    Notice,
    Provenance,
    Series,
    Table,
    Timeline,
    TimelineEntry,
    View,
)
from crossdock.views.offers import Card, Job, Param, Score, Segment, Tab
from crossdock.views.values import (
    Action,
    Align,
    Badge,
    Drill,
    Figure,
    Link,
    Percent,
    Tone,
    Unknown,
    Value,
)

__all__ = [
    "Action",
    "Align",
    "Arrangement",
    "Badge",
    "Card",
    "Chart",
    "ChartKind",
    "Column",
    "Component",
    "Drill",
    "Fields",
    "Figure",
    "Job",
    "Link",
    "Metric",
    "Metrics",
    "Notice",
    "Param",
    "Percent",
    "Provenance",
    "Score",
    "Segment",
    "Series",
    "Tab",
    "Table",
    "Timeline",
    "TimelineEntry",
    "Tone",
    "Unknown",
    "Value",
    "View",
]
