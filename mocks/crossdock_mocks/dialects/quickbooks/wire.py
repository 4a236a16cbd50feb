"""How values stand on the wire: amounts as JSON numbers, instants in Pacific time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from crossdock_mocks.engine import World

Row = dict[str, Any]

PACIFIC: Final = timezone(timedelta(hours=-8))
"""The zone that instants are written in. It knows no summer here, so texts sort as instants do."""

ZERO: Final = Decimal(0)
MOST: Final = Decimal("99999999999.99")
"""The largest amount that is taken (assumed)."""

_FLAGS: Final = frozenset(
    [
        "Active",
        "AllowIPNPayment",
        "AllowOnlineACHPayment",
        "AllowOnlineCreditCardPayment",
        "ApplyTaxAfterDiscount",
        "BillWithParent",
        "FreeFormAddress",
        "IsProject",
        "Job",
        "PercentBased",
        "ProcessPayment",
        "PurchaseTaxIncluded",
        "SalesTaxIncluded",
        "SubAccount",
        "SubClass",
        "SubDepartment",
        "SubItem",
        "TaxTrackedOnPurchases",
        "TaxTrackedOnSales",
        "Taxable",
        "TrackQtyOnHand",
        "sparse",
    ]
)
_NUMBERS: Final = frozenset(
    [
        "Amount",
        "Balance",
        "BalanceWithJobs",
        "CurrentBalance",
        "CurrentBalanceWithSubAccounts",
        "Deposit",
        "DiscountPercent",
        "ExchangeRate",
        "HomeBalance",
        "HomeTotalAmt",
        "PurchaseCost",
        "Qty",
        "QtyOnHand",
        "RateValue",
        "RemainingCredit",
        "TaxInclusiveAmt",
        "TotalAmt",
        "UnappliedAmt",
        "UnitPrice",
    ]
)
_WHOLE: Final = frozenset(
    [
        "DayOfMonthDue",
        "DiscountDayOfMonth",
        "DiscountDays",
        "DueDays",
        "DueNextMonthDays",
        "Level",
        "LineNum",
    ]
)


def stamp(instant: datetime) -> str:
    """An instant as `MetaData` has it: to the second, in Pacific time."""
    return instant.astimezone(PACIFIC).isoformat(timespec="seconds")


def answered_at(world: World) -> str:
    """The instant of an answer: to the millisecond, in Pacific time."""
    return world.now.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def number(value: Decimal) -> int | float:
    """A decimal as a JSON number; its shortest form says exactly the same."""
    return int(value) if value == value.to_integral_value() else float(value)


def decimal(value: Any) -> Decimal:
    """A number of the wire as a decimal; nothing is 0."""
    return ZERO if value is None else Decimal(str(value))


def cents(value: Decimal) -> Decimal:
    """An amount to two places, half away from zero."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def cleaned(given: Mapping[str, Any]) -> Row:
    """A body as it is meant: numbers and flags that came as text, references by their value.

    What is empty (`""`, `{}`, `[]` within lines) stays as `None`, so that a sparse update may clear
    it; `null` says nothing and is left out.
    """
    return {name: _meant(name, value) for name, value in given.items() if value is not None}


def _meant(name: str, value: Any) -> Any:
    if value == "":
        return None
    if name.endswith("Ref") and isinstance(value, dict):
        key = value.get("value")
        return None if key in (None, "") else {"value": str(key)}
    if name in _FLAGS:
        return value if isinstance(value, bool) else value == "true"
    if name in _NUMBERS:
        return number(Decimal(str(value)))
    if name in _WHOLE:
        return int(value)
    if name in ("Id", "SyncToken", "TxnId", "TxnType", "TxnLineId"):
        return str(value)
    if isinstance(value, dict):
        return present(cleaned(value)) or None
    if isinstance(value, list):
        return [present(cleaned(each)) if isinstance(each, dict) else each for each in value]
    return value


def present(row: Mapping[str, Any]) -> Row:
    """A row without what it has nothing for: only properties with a value are told."""
    return {name: value for name, value in row.items() if value is not None}
