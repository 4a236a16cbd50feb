"""The lines of a sale: items, one discount, descriptions; checked, completed and numbered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.backoffice.decimals import rounded
from crossdock_mocks.dialects.quickbooks.entities import ACCOUNT, ITEM
from crossdock_mocks.dialects.quickbooks.ledger import Ledger, reference_to
from crossdock_mocks.dialects.quickbooks.refusals import business, missing, refused
from crossdock_mocks.dialects.quickbooks.wire import MOST, ZERO, Row, decimal, number, present

MOST_LINES: Final = 750
DISCOUNTS: Final = "Discounts given"
"""The account of discounts, unless a line names another."""

_SUBTOTALS: Final = ("SubTotalLineDetail", "SubtotalLineDetail")


def written_lines(
    ledger: Ledger, given: Sequence[Row], old: Sequence[Row], places: int, tax_mode: str
) -> list[Row]:
    """The lines of a sale as they stand, without its subtotal, which is computed anew.

    Args:
        ledger: The records.
        given: Lines as they came, cleaned.
        old: Lines that stood before.
        places: Decimal places of the currency.
        tax_mode: `GlobalTaxCalculation`.

    Raises:
        Problem: 400 with code 2020, 2090, 2500, 6000, 6070 or 6090.
    """
    known = {line.get("Id"): line for line in old}
    made: list[Row] = []
    for each in given:
        kind = each.get("DetailType")
        if kind is None:
            raise missing("DetailType")
        if kind in _SUBTOTALS:
            continue
        before = known.get(each.get("Id"))
        if kind == "SalesItemLineDetail":
            made.append(_item_line(ledger, each, before, places, tax_mode))
        elif kind == "DiscountLineDetail":
            made.append(_discount_line(ledger, each, places))
        elif kind == "DescriptionOnly":
            made.append(_description_line(each))
        else:
            raise business("This company has no bundles.", "DetailType")
    if not any(line["DetailType"] == "SalesItemLineDetail" for line in made):
        raise missing("Line")
    if len(made) > MOST_LINES:
        raise business(f"A document has at most {MOST_LINES} lines.", "Line")
    if sum(line["DetailType"] == "DiscountLineDetail" for line in made) > 1:
        raise business("A document has at most one discount line.", "Line")
    _identify(made, known)
    return made


def _identify(made: Iterable[Row], known: dict[Any, Row]) -> None:
    """Give lines that are new an id behind all others; number all of them in order."""
    seen: set[str] = set()
    last = max((int(key) for key in known if key is not None), default=0)
    for position, line in enumerate(made, 1):
        key = line.get("Id")
        # The sub-total that stood there has no id, and neither has a line that is new.
        if key is None or key not in known or key in seen:
            last += 1
            line["Id"] = str(last)
        seen.add(line["Id"])
        line["LineNum"] = position


def _amount(line: Row, places: int) -> Decimal:
    if line.get("Amount") is None:
        raise missing("Amount")
    amount = decimal(line["Amount"])
    if abs(amount) > MOST:
        raise refused(2090, f"Invalid Number : Amount {str(amount)[:40]}", "Amount")
    return rounded(amount, places)


def _item_line(ledger: Ledger, given: Row, before: Row | None, places: int, tax_mode: str) -> Row:
    detail = given.get("SalesItemLineDetail")
    if detail is None:
        raise missing("SalesItemLineDetail")
    if detail.get("ItemRef") is None:
        raise missing("ItemRef")
    stood = (before or {}).get("SalesItemLineDetail", {})
    item = ledger.find(ITEM, detail["ItemRef"]["value"])
    if item is None or stood.get("ItemRef", {}).get("value") != item["Id"]:
        # What stood there before may have become inactive since.
        item = ledger.refer(ITEM, detail["ItemRef"], "ItemRef")
    inclusive = tax_mode == "TaxInclusive"
    gross = detail.get("TaxInclusiveAmt") if inclusive else None
    amount = _amount(given if gross is None else {"Amount": gross}, places)
    price, quantity = detail.get("UnitPrice"), detail.get("Qty")
    if price and quantity and not inclusive:
        _must_multiply(decimal(price), decimal(quantity), amount, places)
    if tax_mode != "NotApplicable" and detail.get("TaxCodeRef") is None:
        raise business(
            "Make sure all your transactions have a tax rate before you save.", "TaxCodeRef"
        )
    told = ledger.named(
        {
            "UnitPrice": price if price or quantity else None,
            "Qty": quantity if price or quantity else None,
            "TaxCodeRef": None if tax_mode == "NotApplicable" else detail.get("TaxCodeRef"),
            "ClassRef": detail.get("ClassRef"),
            "ServiceDate": detail.get("ServiceDate"),
        }
    )
    told |= {"ItemRef": reference_to(ITEM, item), "ItemAccountRef": item["IncomeAccountRef"]}
    if inclusive:
        told["TaxInclusiveAmt"] = number(amount)
    return present(
        {
            "Id": given.get("Id"),
            "Description": given.get("Description"),
            "Amount": number(amount),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": present(told),
        }
    )


def _must_multiply(price: Decimal, quantity: Decimal, amount: Decimal, places: int) -> None:
    """Quantity times price is the amount; how the half is rounded is left to the caller."""
    exact = price * quantity
    if abs(exact - amount) > Decimal(5).scaleb(-places - 1):
        raise refused(
            6070, f"Amount is not equal to UnitPrice * Qty. Supplied value:{amount}", "Amount"
        )


def _discount_line(ledger: Ledger, given: Row, places: int) -> Row:
    detail = given.get("DiscountLineDetail") or {}
    percent = detail.get("DiscountPercent")
    by_percent = detail.get("PercentBased") is True
    if by_percent and percent is None:
        raise refused(6090, "Discount amount or percent should be provided", "DiscountPercent")
    if by_percent and not 0 <= decimal(percent) <= 100:
        raise refused(2090, "Invalid Number : DiscountPercent is 0 to 100", "DiscountPercent")
    if not by_percent and given.get("Amount") is None:
        raise refused(6090, "Discount amount or percent should be provided", "Amount")
    amount = ZERO if by_percent else _amount(given, places)
    if amount < 0:
        raise business("A discount is a positive amount.", "Amount")
    account = detail.get("DiscountAccountRef")
    if account is None:
        (row,) = ledger.table(ACCOUNT).find({"Name": DISCOUNTS}, limit=1)
    else:
        row = ledger.refer(ACCOUNT, account, "DiscountAccountRef")
    return present(
        {
            "Id": given.get("Id"),
            "Description": given.get("Description"),
            "Amount": number(amount),
            "DetailType": "DiscountLineDetail",
            "DiscountLineDetail": present(
                {
                    "PercentBased": by_percent,
                    "DiscountPercent": percent if by_percent else None,
                    "DiscountAccountRef": reference_to(ACCOUNT, row),
                }
            ),
        }
    )


def _description_line(given: Row) -> Row:
    if not given.get("Description"):
        raise missing("Description")
    return present(
        {
            "Id": given.get("Id"),
            "Description": given["Description"],
            "DetailType": "DescriptionOnly",
            "DescriptionLineDetail": {},
        }
    )


def item_lines(lines: Iterable[Row]) -> list[Row]:
    """The lines of items."""
    return [line for line in lines if line["DetailType"] == "SalesItemLineDetail"]


def discount_line(lines: Iterable[Row]) -> Row | None:
    """The discount, if there is one."""
    return next((line for line in lines if line["DetailType"] == "DiscountLineDetail"), None)
