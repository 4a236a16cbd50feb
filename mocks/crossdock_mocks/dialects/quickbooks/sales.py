"""Estimates, invoices, credit memos and sales receipts: written, voided, deleted."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from crossdock_mocks.backoffice.decimals import minor_units
from crossdock_mocks.dialects.quickbooks.balances import settle_customers
from crossdock_mocks.dialects.quickbooks.entities import (
    CREDIT_MEMO,
    CUSTOMER,
    ESTIMATE,
    INVOICE,
    ITEM,
    SALES_RECEIPT,
    TERM,
    Entity,
)
from crossdock_mocks.dialects.quickbooks.estimates import billed_estimates, link_estimates
from crossdock_mocks.dialects.quickbooks.ledger import Ledger, reference_to
from crossdock_mocks.dialects.quickbooks.names import merged, must_be_email
from crossdock_mocks.dialects.quickbooks.numbering import number_document
from crossdock_mocks.dialects.quickbooks.payments import release
from crossdock_mocks.dialects.quickbooks.refusals import business, missing
from crossdock_mocks.dialects.quickbooks.sale_lines import item_lines, written_lines
from crossdock_mocks.dialects.quickbooks.totals import add_up, same_figures
from crossdock_mocks.dialects.quickbooks.wire import ZERO, Row, decimal, number, present

_STOCK: Final = {INVOICE.name: -1, SALES_RECEIPT.name: -1, CREDIT_MEMO.name: 1}
"""What a document does to the stock of the items on it."""

VOIDED: Final = "Voided"


def write_sale(ledger: Ledger, entity: Entity, given: Row, *, duplicates: bool) -> Row:
    """Create or update a sale; gives it as it stands.

    Raises:
        Problem: Of many kinds, each with the vendor's code.
    """
    values = {name: value for name, value in given.items() if name not in entity.read_only}
    links = None if given.get("LinkedTxn") is None else billed_estimates(given["LinkedTxn"])
    values.pop("LinkedTxn", None)
    if given.get("Id") is None:
        values.pop("SyncToken", None)
        row = _prepared(ledger, entity, values, None, duplicates=duplicates)
        row["LinkedTxn"] = []
        row = ledger.create(entity, row)
        if entity is INVOICE and links:
            row["LinkedTxn"] = link_estimates(ledger, row, links)
            ledger.derive(entity, row)
    else:
        old = ledger.current(entity, given)
        whole = merged(entity, old, given, values)
        row = _prepared(ledger, entity, whole, old, duplicates=duplicates)
        row["LinkedTxn"] = old["LinkedTxn"]
        if entity is INVOICE and (links is not None or given.get("sparse") is not True):
            row["LinkedTxn"] = link_estimates(ledger, row, links or [])
        row = ledger.save(entity, row)
        _move_stock(ledger, entity, old, -1)
        settle_customers(ledger, old["CustomerRef"]["value"])
    _move_stock(ledger, entity, row, 1)
    settle_customers(ledger, row["CustomerRef"]["value"])
    return row


def delete_sale(ledger: Ledger, entity: Entity, given: Row) -> Row:
    """Delete a sale: payments of it are free again, and so is the estimate it was made of.

    Raises:
        Problem: 400 with code 2020, 610 or 5010.
    """
    row = ledger.current(entity, given)
    release(ledger, entity, row)
    if entity is INVOICE:
        link_estimates(ledger, row, [])
    ledger.delete(entity, row)
    _move_stock(ledger, entity, row, -1)
    settle_customers(ledger, row["CustomerRef"]["value"])
    return row


def void_sale(ledger: Ledger, entity: Entity, given: Row) -> Row:
    """Void a sale: it stays, with nothing on it.

    Raises:
        Problem: 400 with code 2020, 610 or 5010.
    """
    row = ledger.current(entity, given)
    release(ledger, entity, row)
    _move_stock(ledger, entity, row, -1)
    if entity is INVOICE:
        row["LinkedTxn"] = link_estimates(ledger, row, [])
        row["Deposit"] = 0
    for line in row["Line"]:
        if "Amount" in line:
            line["Amount"] = 0
        detail = line.get("SalesItemLineDetail", {})
        for name in ("Qty", "TaxInclusiveAmt"):
            if name in detail:
                detail[name] = 0
    row |= {"TotalAmt": 0, "Balance": 0, "TxnTaxDetail": {"TotalTax": 0}}
    for name in ("HomeTotalAmt", "HomeBalance"):
        if name in row:
            row[name] = 0
    note = row.get("PrivateNote")
    row["PrivateNote"] = f"{VOIDED} - {note}"[:4000] if note else VOIDED
    row = ledger.save(entity, row, "Void")
    settle_customers(ledger, row["CustomerRef"]["value"])
    return row


def send_sale(ledger: Ledger, entity: Entity, key: str, address: str | None) -> Row:
    """Mark a sale as sent, to an address or to the one that it has.

    Raises:
        Problem: 400 with code 610, 2020 (there is no address) or 2210.
    """
    row = ledger.get(entity, key)
    must_be_email(address)
    if address:
        row["BillEmail"] = {"Address": address}
    if not row.get("BillEmail"):
        raise missing("BillEmail")
    row["EmailStatus"] = "EmailSent"
    return ledger.save(entity, row, "Emailed")


# What a sale is made of


def _prepared(
    ledger: Ledger, entity: Entity, row: Row, old: Row | None, *, duplicates: bool
) -> Row:
    customer = _customer(ledger, row, old)
    _dated(ledger, row)
    _addressed(row, customer, old)
    if row.get("ProjectRef") is not None:
        raise business("This company has no projects.", "ProjectRef")
    row = ledger.named(row, "CustomerRef")
    row["CustomerRef"] = reference_to(CUSTOMER, customer)
    carrier = row.get("ShipMethodRef")
    if carrier is not None:
        row["ShipMethodRef"] = {"value": carrier["value"], "name": carrier["value"]}
    row["GlobalTaxCalculation"] = row.get("GlobalTaxCalculation") or "TaxExcluded"
    row["ApplyTaxAfterDiscount"] = row.get("ApplyTaxAfterDiscount") is True
    row["PrintStatus"] = row.get("PrintStatus") or "NotSet"
    row["EmailStatus"] = row.get("EmailStatus") or "NotSet"
    _figures(ledger, row, old)
    _currency(ledger, row, customer)
    _due(ledger, entity, row, customer)
    _left(entity, row, old)
    if row["EmailStatus"] == "NeedToSend" and not row.get("BillEmail"):
        raise missing("BillEmail")
    if entity is ESTIMATE:
        row["TxnStatus"] = row.get("TxnStatus") or "Pending"
    number_document(ledger, entity, row, duplicates=duplicates)
    return row


def _customer(ledger: Ledger, row: Row, old: Row | None) -> Row:
    given = row.get("CustomerRef")
    if given is None:
        raise missing("CustomerRef")
    if old is not None and given["value"] == old["CustomerRef"]["value"]:
        return ledger.get(CUSTOMER, given["value"])
    if old is not None and any(each["TxnType"] != "Estimate" for each in old["LinkedTxn"]):
        raise business("A document that is linked to others keeps its customer.", "CustomerRef")
    return ledger.refer(CUSTOMER, given, "CustomerRef")


def _dated(ledger: Ledger, row: Row) -> None:
    if row.get("TxnDate") is None:
        row["TxnDate"] = ledger.today.isoformat()


def _addressed(row: Row, customer: Row, old: Row | None) -> None:
    for name in ("BillEmail", "BillEmailCc", "BillEmailBcc"):
        must_be_email((row.get(name) or {}).get("Address"))
    if old is None and row.get("BillAddr") is None and customer.get("BillAddr"):
        row["BillAddr"] = customer["BillAddr"]
    if old is None and row.get("ShipAddr") is None and customer.get("ShipAddr"):
        row["ShipAddr"] = customer["ShipAddr"]


def _figures(ledger: Ledger, row: Row, old: Row | None) -> None:
    code = (row.get("CurrencyRef") or ledger.setting("currency"))["value"]
    places = minor_units(code)
    mode = row["GlobalTaxCalculation"]
    given = row.get("Line") or []
    lines = written_lines(ledger, given, [] if old is None else old["Line"], places, mode)
    if old is not None and same_figures(old, row, lines):
        row["Line"] = [*lines, old["Line"][-1]]
        row["TxnTaxDetail"], row["TotalAmt"] = old["TxnTaxDetail"], old["TotalAmt"]
    else:
        add_up(ledger, row, lines, places)
    for line in item_lines(lines):
        item = ledger.find(ITEM, _item_id(line)) or {}
        if item.get("InvStartDate", "") > row["TxnDate"]:
            raise business("Transaction date is prior to start date for inventory item.", "TxnDate")


def _currency(ledger: Ledger, row: Row, customer: Row) -> None:
    given = row.get("CurrencyRef")
    currency, home = customer["CurrencyRef"], ledger.setting("currency")
    if given is not None and given["value"] != currency["value"]:
        raise business("A document is in the currency of its customer.", "CurrencyRef")
    row["CurrencyRef"] = currency
    if currency["value"] == home["value"]:
        for name in ("ExchangeRate", "HomeTotalAmt", "HomeBalance"):
            row.pop(name, None)
        return
    row["ExchangeRate"] = row.get("ExchangeRate") or 1
    row["HomeTotalAmt"] = _in_home(row, row["TotalAmt"])


def _in_home(row: Row, amount: int | float) -> int | float:
    return number(round(decimal(amount) * decimal(row["ExchangeRate"]), 2))


def _due(ledger: Ledger, entity: Entity, row: Row, customer: Row) -> None:
    """An invoice is due by its term, or else by its customer's (assumed), or else at once."""
    if entity is not INVOICE or row.get("DueDate") is not None:
        return
    if row.get("SalesTermRef") is None and customer.get("SalesTermRef") is not None:
        row["SalesTermRef"] = customer["SalesTermRef"]
    term = row.get("SalesTermRef")
    days = None if term is None else ledger.get(TERM, term["value"]).get("DueDays")
    due = date.fromisoformat(row["TxnDate"]) + timedelta(days=days or 0)
    row["DueDate"] = due.isoformat()


def _left(entity: Entity, row: Row, old: Row | None) -> None:
    """What is left to pay, or of a credit."""
    if entity is ESTIMATE:
        return
    if entity is SALES_RECEIPT:
        row["Balance"] = 0
        return
    used = ZERO if old is None else settled(old)
    deposit = decimal(row.get("Deposit")) if entity is INVOICE else ZERO
    if deposit < 0:
        raise business("A deposit is a positive amount.", "Deposit")
    left = decimal(row["TotalAmt"]) - deposit - used
    if left < 0:
        raise business(
            "The amount is less than what was applied to it or paid as a deposit.", "TotalAmt"
        )
    row["Balance"] = number(left)
    if entity is INVOICE:
        row["Deposit"] = number(deposit)
    if entity is CREDIT_MEMO:
        row["RemainingCredit"] = row["Balance"]
    if entity is INVOICE and "ExchangeRate" in row:
        row["HomeBalance"] = _in_home(row, row["Balance"])


def settled(row: Row) -> Decimal:
    """What payments took off a document."""
    return decimal(row["TotalAmt"]) - decimal(row.get("Deposit")) - decimal(row["Balance"])


# Stock


def _item_id(line: Row) -> str:
    return str(line["SalesItemLineDetail"]["ItemRef"]["value"])


def _move_stock(ledger: Ledger, entity: Entity, row: Row, direction: int) -> None:
    """Take sold goods from stock, or put them back."""
    sign = _STOCK.get(entity.name, 0) * direction
    if not sign:
        return
    moved: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in item_lines(row["Line"]):
        moved[_item_id(line)] += decimal(line["SalesItemLineDetail"].get("Qty"))
    for key, quantity in moved.items():
        item = ledger.find(ITEM, key)
        if item is not None and item["Type"] == "Inventory" and quantity:
            item["QtyOnHand"] = number(decimal(item["QtyOnHand"]) + sign * quantity)
            ledger.derive(ITEM, present(item))
