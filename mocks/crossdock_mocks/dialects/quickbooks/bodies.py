"""Bodies as they are meant: text that is a number, flags in words, references, empty values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from crossdock_mocks.dialects.quickbooks.refusals import refused
from crossdock_mocks.dialects.quickbooks.wire import MOST, Row, number, present

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FINEST: Final = Decimal("0.0000000001")
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
        "Rate",
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


def cleaned(given: Mapping[str, Any]) -> Row:
    """A body as it is meant: numbers and flags that came as text, references by their value.

    What is empty (`""`, `{}`, `[]` within lines) stays as `None`, so that a sparse update may clear
    it; `null` says nothing and is left out.

    Raises:
        Problem: 400 with code 2040 (control characters) or 2090 (a number out of all measure).
    """
    return {name: _meant(name, value) for name, value in given.items() if value is not None}


def _meant(name: str, value: Any) -> Any:
    if value == "":
        return None
    if isinstance(value, str) and _CONTROL.search(value):
        raise refused(2040, f"Invalid String : {name} holds control characters", name)
    if name.endswith("Ref") and isinstance(value, dict):
        key = value.get("value")
        return None if key in (None, "") else {"value": str(key)}
    if name in _FLAGS:
        return value if isinstance(value, bool) else value == "true"
    if name in _NUMBERS:
        return _number(name, Decimal(str(value)))
    if name in _WHOLE:
        return int(value)
    if name in ("Id", "SyncToken", "TxnId", "TxnType", "TxnLineId"):
        return str(value)
    if isinstance(value, dict):
        return present(cleaned(value)) or None
    if isinstance(value, list):
        return [present(cleaned(each)) if isinstance(each, dict) else each for each in value]
    return value


def _number(name: str, value: Decimal) -> int | float:
    if abs(value) > MOST:
        raise refused(2090, f"Invalid Number : {name} {str(value)[:40]}", name)
    return number(value.quantize(_FINEST, ROUND_HALF_UP).normalize())
