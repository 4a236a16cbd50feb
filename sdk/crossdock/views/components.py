"""The components of a view: numbers, tables, charts, timelines, fields, notices, actions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias, get_args

from attrs import Attribute, field, frozen
from attrs.validators import deep_mapping, ge, in_, instance_of, matches_re, optional

from crossdock.records._fields import SENSITIVITIES, Sensitivity
from crossdock.views.values import Action, Align, Tone, Value, a_tone

ChartKind: TypeAlias = Literal["bar", "line"]

_a_sensitivity: Final = optional(in_(SENSITIVITIES))


# Converters, so that an author may hand in any iterable where a tuple is kept. Each has a name of
# its own because type checkers read a field's accepted type from its converter.


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
    tone: Tone = field(default="neutral", validator=a_tone)
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
        sortable: whether readers may sort by it, in a table that has an id.
        sensitive: who may not see figures of this sensitivity is shown none of this column, nor
            its total.
    """

    key: str
    label: str
    align: Align = field(default="start", validator=in_(get_args(Align)))
    help: str = ""
    sortable: bool = True
    sensitive: Sensitivity | None = field(default=None, validator=_a_sensitivity)


@frozen(kw_only=True)
class Arrangement:
    """How a reader has a table before him: sorted, searched, page by page. The host fills it in.

    Attributes:
        target: the tab that the table stands in, `tab/<plugin>/<tab>`.
        params: the tab's as they were asked for, arrangements of tables included.
        sort: a column's key, a `-` before it for the largest first; empty for the plugin's order.
        find: the words that each row shown has in it.
        page: which page, from 1.
        pages: how many there are.
        first: the number of the first row shown, from 1; 0 where there is none.
        rows: how many rows were found, on all pages.
        of: how many there are without searching.
    """

    target: str
    params: Mapping[str, str]
    sort: str = ""
    find: str = ""
    page: int = 1
    pages: int = 1
    first: int = 0
    rows: int = 0
    of: int = 0


@frozen(kw_only=True)
class Table:
    """Rows and columns.

    A plugin hands in all rows. One with an id is sorted, searched, paged and given away as CSV by
    the host, after it has taken out what the reader may not see.

    Attributes:
        rows: one mapping per row, by column key; a missing key shows as empty.
        total: a last row that sums up all rows.
        empty: the sentence that is shown when there are no rows.
        id: names the table within its view, such as `lines`, so that parameters of the tab can
            speak of it: `lines.sort=-promised`, `lines.find=bearing`, `lines.page=2`.
        rows_per_page: how many rows are shown at once; 0 for all.
        arranged: how the rows are arranged; set by the host.
    """

    columns: tuple[Column, ...] = field(converter=_columns)
    rows: tuple[Mapping[str, Value], ...] = field(converter=_rows)
    total: Mapping[str, Value] | None = None
    title: str = ""
    empty: str = "Nothing to show."
    id: str = field(default="", validator=matches_re("[A-Za-z0-9_-]{0,80}"))
    rows_per_page: int = field(default=25, validator=ge(0))
    arranged: Arrangement | None = None
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
    tone: Tone = field(default="neutral", validator=a_tone)
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
    tone: Tone = field(default="info", validator=a_tone)
    title: str = ""
    sensitive: Sensitivity | None = field(default=None, validator=_a_sensitivity)


Component: TypeAlias = Metrics | Table | Chart | Timeline | Fields | Notice | Action


@frozen
class View:
    """What a tab or card shows, from top to bottom; its tables' ids differ."""

    components: tuple[Component, ...] = field(converter=_components)

    @components.validator
    def _ids_differ(self, _attribute: Attribute[Any], components: tuple[Component, ...]) -> None:
        ids = Counter(each.id for each in components if isinstance(each, Table) and each.id)
        if twice := [name for name, count in ids.items() if count > 1]:
            raise ValueError(f"two tables of a view are called {twice[0]!r}")
