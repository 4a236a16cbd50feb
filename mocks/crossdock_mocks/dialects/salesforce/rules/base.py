"""What rules of an object are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from crossdock_mocks.dialects.salesforce.errors import Refused

if TYPE_CHECKING:
    from crossdock_mocks.dialects.salesforce.records import Records

Row: TypeAlias = dict[str, Any]
Before: TypeAlias = "Callable[[Records, Row, Row | None, Mapping[str, Any]], None]"
After: TypeAlias = "Callable[[Records, Row, Row | None], None]"
BeforeDelete: TypeAlias = "Callable[[Records, Row], None]"

_CENT: Final = Decimal("0.01")
_WIDE: Final = Context(prec=60)  # the largest quantity times the largest price has its cents, too


def _nothing(*_: Any) -> None:
    """An object that the platform keeps nothing of."""


@attrs.frozen
class Rules:
    """The rules of one object.

    Attributes:
        before: Before a record is written; `given` is what came from outside.
        after: After it was written, or deleted (then it is its own old version).
        before_delete: Before it is deleted by itself.
    """

    before: Before = _nothing
    after: After = _nothing
    before_delete: BeforeDelete = _nothing


def exact(value: float | int | None) -> Decimal:
    """A stored number as the decimal that people wrote; nothing counts as zero."""
    return Decimal(str(value)) if value is not None else Decimal(0)


def rounded(value: Decimal) -> float:
    """An amount as rows hold it, to the cent."""
    return float(value.quantize(_CENT, ROUND_HALF_UP, _WIDE))


def total(values: Iterable[float | None]) -> Decimal:
    """The sum of stored numbers."""
    return sum((exact(each) for each in values), Decimal(0))


def extended(row: Row, *, discounted: bool = True) -> Decimal:
    """Quantity times price of a line, less its discount."""
    gross = exact(row["Quantity"]) * exact(row["UnitPrice"])
    if discounted and row.get("Discount"):
        gross -= gross * exact(row["Discount"]) / 100
    return gross


def in_use(row_name: str, by: str) -> Refused:
    """Others need a record that is to go."""
    return Refused(
        "DELETE_FAILED",
        f"Your attempt to delete {row_name} could not be completed because it is associated with "
        f"the following {by}.",
        [],
    )
