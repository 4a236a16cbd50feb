"""What a plugin shows: declarative components that every renderer understands.

A view is data. It holds no HTML and no colours; a host renders it as HTML, JSON or text. Every
component that shows figures says where they came from with a `Provenance` (A12), and a figure
that cannot be had is `Unknown(reason)`, never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias, get_args

from attrs import field, frozen
from attrs.validators import and_, deep_mapping, ge, in_, instance_of, le, matches_re, optional

from crossdock.records._fields import SENSITIVITIES, Sensitivity
from crossdock.records.money import Money

Tone: TypeAlias = Literal["neutral", "info", "good", "warning", "bad"]
Align: TypeAlias = Literal["start", "end"]
ChartKind: TypeAlias = Literal["bar", "line"]

# A word that no renderer knows is refused where the plugin writes it, and not on the screen.
_a_tone: Final = in_(get_args(Tone))
_a_sensitivity: Final = optional(in_(SENSITIVITIES))


@frozen
class Badge:
    """A short word with a tone, such as an order's status."""

    text: str
    tone: Tone = field(default="neutral", validator=_a_tone)


@frozen
class Link:
    """A text that leads to a document; `target` is `kind/id`, such as `invoice/IN-1001`."""

    text: str
    target: str


@frozen
class Percent:
    """A fraction shown as a percentage: `Percent(Decimal("0.2"))` is 20 %."""

    fraction: Decimal
    places: int = field(default=1, validator=and_(ge(0), le(12)))


@frozen
class Unknown:
    """A figure that is not known; the reason is shown in its place."""

    reason: str


Value: TypeAlias = (
    str | int | Decimal | Money | date | datetime | bool | Badge | Link | Percent | Unknown | None
)


# Converters, so that an author may hand in a list or a generator where a tuple is kept. Each has a
# name of its own because type checkers read a field's accepted type from its converter.


def _metrics(given: Iterable[Metric]) -> tuple[Metric, ...]:
    return tuple(given)


def _columns(given: Iterable[Column]) -> tuple[Column, ...]:
    return tuple(given)


def _rows(given: Iterable[Mapping[str, Value]]) -> tuple[Mapping[str, Value], ...]:
    return tuple(given)


def _values(given: Iterable[Decimal | None]) -> tuple[Decimal | None, ...]:
    return tuple(given)


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


def _series(given: Iterable[Series]) -> tuple[Series, ...]:
    return tuple(given)


def _entries(given: Iterable[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    return tuple(given)


def _items(given: Iterable[tuple[str, Value]]) -> tuple[tuple[str, Value], ...]:
    return tuple(given)


def _components(given: Iterable[Component]) -> tuple[Component, ...]:
    return tuple(given)


@frozen(kw_only=True)
class Provenance:
    """Where figures came from and as of when.

    Attributes:
        source: the configured name of the system.
        trading_account: whose figures they are, where they are one customer's.
        as_of: when they were read or, for a report as of a day, that day.
        stale: whether they are known to be out of date; `note` says why.
    """

    source: str
    as_of: datetime | date
    trading_account: str = ""
    stale: bool = False
    note: str = ""


@frozen(kw_only=True)
class Metric:
    """One number that matters.

    Attributes:
        sensitive: who may not see figures of this sensitivity is not shown this one.
    """

    label: str
    value: Value
    tone: Tone = field(default="neutral", validator=_a_tone)
    help: str = ""
    sensitive: Sensitivity | None = field(default=None, validator=_a_sensitivity)


@frozen(kw_only=True)
class Metrics:
    """A row of numbers that matter."""

    metrics: tuple[Metric, ...] = field(converter=_metrics)
    title: str = ""
    provenance: Provenance | None = None


@frozen(kw_only=True)
class Column:
    """A column of a table.

    Attributes:
        key: where a row keeps its value.
        align: numbers and money are best at the `end`, so that digits stand below each other.
        sensitive: who may not see figures of this sensitivity is shown none of this column, nor
            its total.
    """

    key: str
    label: str
    align: Align = field(default="start", validator=in_(get_args(Align)))
    help: str = ""
    sensitive: Sensitivity | None = field(default=None, validator=_a_sensitivity)


@frozen(kw_only=True)
class Table:
    """Rows and columns.

    Attributes:
        rows: one mapping per row, by column key; a missing key shows as empty.
        total: a last row that sums up.
        empty: the sentence that is shown when there are no rows.
    """

    columns: tuple[Column, ...] = field(converter=_columns)
    rows: tuple[Mapping[str, Value], ...] = field(converter=_rows)
    total: Mapping[str, Value] | None = None
    title: str = ""
    empty: str = "Nothing to show."
    provenance: Provenance | None = None


@frozen(kw_only=True)
class Series:
    """One line or one colour of bars; `None` is a gap, not a zero.

    Attributes:
        sensitive: who may not see figures of this sensitivity is shown gaps.
    """

    label: str
    values: tuple[Decimal | None, ...] = field(converter=_values)
    sensitive: Sensitivity | None = field(default=None, validator=_a_sensitivity)


@frozen(kw_only=True)
class Chart:
    """Series over categories.

    Attributes:
        summary: what the chart says, in words; it is the text alternative.
        currency: the currency of the values (ISO 4217); `None` for plain numbers.
        sensitive: as of a series, for all of them and the summary. Where only a series is
            sensitive, who may not see it is not shown the summary either.
    """

    kind: ChartKind = field(validator=in_(get_args(ChartKind)))
    categories: tuple[str, ...] = field(converter=_texts)
    series: tuple[Series, ...] = field(converter=_series)
    summary: str
    currency: str | None = field(default=None, validator=optional(matches_re("[A-Z]{3}")))
    title: str = ""
    provenance: Provenance | None = None
    sensitive: Sensitivity | None = field(default=None, validator=_a_sensitivity)


@frozen(kw_only=True)
class TimelineEntry:
    """Something that happened.

    Attributes:
        sensitive: who may not see figures of this sensitivity is not shown the text.
    """

    at: datetime | date
    title: str
    text: str = ""
    tone: Tone = field(default="neutral", validator=_a_tone)
    actor: str = ""
    sensitive: Sensitivity | None = field(default=None, validator=_a_sensitivity)


@frozen(kw_only=True)
class Timeline:
    """What happened, oldest first."""

    entries: tuple[TimelineEntry, ...] = field(converter=_entries)
    title: str = ""
    empty: str = "Nothing has happened yet."
    provenance: Provenance | None = None


@frozen(kw_only=True)
class Fields:
    """Labels with their values.

    Attributes:
        sensitive: the sensitivity of a value, by its label; who may not see figures of it is not
            shown the value.
    """

    items: tuple[tuple[str, Value], ...] = field(converter=_items)
    title: str = ""
    provenance: Provenance | None = None
    sensitive: Mapping[str, Sensitivity] = field(
        factory=dict, validator=deep_mapping(instance_of(str), in_(SENSITIVITIES))
    )


@frozen(kw_only=True)
class Notice:
    """A sentence that the reader should not miss.

    Attributes:
        sensitive: who may not see figures of this sensitivity is not shown the text.
    """

    text: str
    tone: Tone = field(default="info", validator=_a_tone)
    title: str = ""
    sensitive: Sensitivity | None = field(default=None, validator=_a_sensitivity)


@frozen(kw_only=True)
class Action:
    """Something that the reader can do from here.

    Attributes:
        target: what the host opens: `tab/<plugin>/<tab>` or `<kind>/<id>`.
        params: what is handed on.
        roles: who sees the action; empty means everybody.
    """

    label: str
    target: str
    params: Mapping[str, str] = field(factory=dict)
    tone: Tone = field(default="neutral", validator=_a_tone)
    roles: tuple[str, ...] = ()


Component: TypeAlias = Metrics | Table | Chart | Timeline | Fields | Notice | Action


@frozen
class View:
    """What a tab or card shows, from top to bottom."""

    components: tuple[Component, ...] = field(converter=_components)


@frozen(kw_only=True)
class Param:
    """A parameter that a tab understands; hosts pass it, and deep links carry it.

    Attributes:
        default: used where the host gives none; `None` leaves the choice to the tab.
        choices: the only values, for a `choice`.
    """

    name: str
    label: str
    kind: Literal["date", "choice", "text", "number"] = "text"
    default: str | None = None
    choices: tuple[str, ...] = ()


@frozen(kw_only=True)
class Tab:
    """A tab on a record.

    Attributes:
        id: unique within the plugin; hosts address it as `<plugin>/<id>`.
        render: called only when the tab is opened, with `(ctx, record, params)`; `params` holds
            each declared parameter, parsed (`date`, `str`, `Decimal`) or `None`.
        roles: who sees the tab; empty means everybody.
        order: where it stands, small numbers first.
    """

    id: str
    title: str
    render: Callable[[Any, Any, Mapping[str, Any]], View]
    params: tuple[Param, ...] = ()
    roles: tuple[str, ...] = ()
    order: int = 100


@frozen(kw_only=True)
class Card:
    """A card on a dashboard.

    Attributes:
        id: unique within the plugin; hosts address it as `<plugin>/<id>`.
        render: called with `(ctx,)` when the dashboard is opened.
        roles: who sees the card; empty means everybody.
        order: where it stands, small numbers first.
    """

    id: str
    title: str
    render: Callable[[Any], View]
    roles: tuple[str, ...] = ()
    order: int = 100


@frozen(kw_only=True)
class Segment:
    """A named list of accounts.

    Attributes:
        id: unique within the plugin; hosts address it as `<plugin>/<id>`.
        account_ids: called with `(ctx,)` when the list is opened; gives the CRM's ids of accounts,
            in the order in which they are shown.
        roles: who sees the list; empty means everybody.
    """

    id: str
    title: str
    account_ids: Callable[[Any], tuple[str, ...]]
    description: str = ""
    roles: tuple[str, ...] = ()


@frozen(kw_only=True)
class Job:
    """Work on a schedule.

    Each occurrence is a durable delivery, done once however many workers there are, and retried as
    an event is. Occurrences of one job never overlap: one that comes due while another is under way
    or waits to be tried again is left out, and the latest is done when the way is free. Those that
    nobody was there to do are not made up for one by one either: the latest is done, once. A job
    that the host sees for the first time, or with another cron line, waits for its next occurrence.

    Attributes:
        id: unique within the plugin.
        cron: five fields, in UTC: minute, hour, day of month, month, day of week.
        run: called with `(ctx,)`, an `EventContext`: `ctx.step` is at hand, and
            `ctx.idempotency_key` is the occurrence's own.
    """

    id: str
    cron: str
    run: Callable[[Any], None]


@frozen(kw_only=True)
class Score:
    """How likely an opportunity is won, with the evidence for it.

    Attributes:
        probability: a fraction from 0 to 1.
        evidence: one sentence for each reason.
    """

    probability: Decimal
    evidence: tuple[str, ...] = ()
