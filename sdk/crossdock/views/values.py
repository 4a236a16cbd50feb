"""Single values of a view: words with a tone, links, fractions, actions, what nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, TypeAlias, get_args

from attrs import field, frozen
from attrs.validators import and_, ge, in_, le

from crossdock.records.money import Money

Tone: TypeAlias = Literal["neutral", "info", "good", "warning", "bad"]
Align: TypeAlias = Literal["start", "end"]

# A word that no renderer knows is refused where the plugin writes it, and not on the screen.
a_tone: Final = in_(get_args(Tone))


@frozen
class Badge:
    """A short word with a tone, such as an order's status."""

    text: str
    tone: Tone = field(default="neutral", validator=a_tone)


@frozen
class Link:
    """A text that leads to a document.

    Attributes:
        target: `kind/id`, such as `invoice/IN-1001`, or `tab/<plugin>/<tab>`.
        params: what is handed on; a document of an ERP names its `system`, a tab its parameters.
    """

    text: str
    target: str
    params: Mapping[str, str] = field(factory=dict)


@frozen
class Percent:
    """A fraction shown as a percentage: `Percent(Decimal("0.2"))` is 20 %."""

    fraction: Decimal
    places: int = field(default=1, validator=and_(ge(0), le(12)))


@frozen
class Unknown:
    """A figure that is not known; the reason is shown in its place."""

    reason: str


Figure: TypeAlias = int | Decimal | Money | Percent


@frozen
class Drill:
    """A figure that leads to what it is made of, such as a month's sales to its invoices.

    Attributes:
        target: `tab/<plugin>/<tab>`, or `kind/id`.
        params: what is handed on, such as the tab's parameters.
    """

    value: Figure
    target: str
    params: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Action:
    """Something that the reader can do from here: with the view, or in a cell with that row.

    Attributes:
        target: what the host opens: `tab/<plugin>/<tab>` or `<kind>/<id>`. With a `system`,
            `invoice_copy/<id>` downloads an invoice, and `invoice_sending/<id>` asks whether to
            send it to the customer again.
        params: what is handed on.
        roles: who sees the action; empty means everybody.
    """

    label: str
    target: str
    params: Mapping[str, str] = field(factory=dict)
    tone: Tone = field(default="neutral", validator=a_tone)
    roles: tuple[str, ...] = ()


Value: TypeAlias = (
    str
    | int
    | Decimal
    | Money
    | date
    | datetime
    | bool
    | Badge
    | Link
    | Percent
    | Drill
    | Action
    | Unknown
    | None
)


def plain(value: Value) -> Value:
    """Give the figure behind a `Drill`, any other value as it is."""
    return value.value if isinstance(value, Drill) else value
