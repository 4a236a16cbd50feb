"""Payments: applied to invoices, alone or together with credit memos; what is left is unapplied."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from crossdock_mocks.backoffice.decimals import minor_units, rounded
from crossdock_mocks.dialects.quickbooks.balances import settle_customers
from crossdock_mocks.dialects.quickbooks.entities import (
    CREDIT_MEMO,
    CUSTOMER,
    ENTITIES,
    INVOICE,
    PAYMENT,
    Entity,
)
from crossdock_mocks.dialects.quickbooks.forms import link, payment_line
from crossdock_mocks.dialects.quickbooks.ledger import Ledger, reference_to
from crossdock_mocks.dialects.quickbooks.names import merged
from crossdock_mocks.dialects.quickbooks.refusals import business, missing, refused
from crossdock_mocks.dialects.quickbooks.wire import MOST, ZERO, Row, decimal, number

_APPLIED_TO: Final = (INVOICE.name, CREDIT_MEMO.name)
VOIDED: Final = "Voided"


def write_payment(ledger: Ledger, given: Row) -> Row:
    """Create or update a payment; gives it as it stands.

    Raises:
        Problem: Of many kinds, each with the vendor's code.
    """
    values = {name: value for name, value in given.items() if name not in PAYMENT.read_only}
    old = None
    if given.get("Id") is not None:
        old = ledger.current(PAYMENT, given)
        values = merged(PAYMENT, old, given, values)
    else:
        values.pop("SyncToken", None)
    row, customer = _prepared(ledger, values, old)
    lines = _lines(row.get("Line") or [], minor_units(customer["CurrencyRef"]["value"]))
    if old is None:
        made = ledger.create(PAYMENT, {**row, "Line": [], "UnappliedAmt": row["TotalAmt"]})
        _apply(ledger, made, [], lines, customer)
        ledger.derive(PAYMENT, made)
    else:
        row["Line"] = old["Line"]
        _apply(ledger, row, _lines(old["Line"], 3), lines, customer)
        made = ledger.save(PAYMENT, row)
        settle_customers(ledger, old["CustomerRef"]["value"])
    settle_customers(ledger, made["CustomerRef"]["value"])
    return made


def delete_payment(ledger: Ledger, given: Row) -> Row:
    """Delete a payment; what it paid is open again.

    Raises:
        Problem: 400 with code 2020, 610 or 5010.
    """
    row = ledger.current(PAYMENT, given)
    _take_back(ledger, row)
    ledger.delete(PAYMENT, row)
    settle_customers(ledger, row["CustomerRef"]["value"])
    return row


def void_payment(ledger: Ledger, given: Row) -> Row:
    """Void a payment: it stays, with nothing on it.

    Raises:
        Problem: 400 with code 2020, 610 or 5010.
    """
    row = ledger.current(PAYMENT, given)
    _take_back(ledger, row)
    note = row.get("PrivateNote")
    row |= {
        "TotalAmt": 0,
        "UnappliedAmt": 0,
        "Line": [],
        "PrivateNote": f"{VOIDED} - {note}"[:4000] if note else VOIDED,
    }
    row = ledger.save(PAYMENT, row, "Void")
    settle_customers(ledger, row["CustomerRef"]["value"])
    return row


def release(ledger: Ledger, entity: Entity, row: Row) -> None:
    """Free what payments have applied to a document that goes away."""
    if entity.name not in _APPLIED_TO:
        return
    for each in [each for each in row["LinkedTxn"] if each["TxnType"] == PAYMENT.name]:
        payment = ledger.get(PAYMENT, each["TxnId"])
        lines = _lines(payment["Line"], 3)
        kept = [line for line in lines if line[:2] != (entity.name, row["Id"])]
        if entity is CREDIT_MEMO and _used(kept) > decimal(payment["TotalAmt"]):
            raise business(
                "The credit memo pays invoices; take it off their payment first.", "LinkedTxn"
            )
        customer = ledger.get(CUSTOMER, payment["CustomerRef"]["value"])
        _apply(ledger, payment, lines, _trimmed(kept), customer)
        ledger.save(PAYMENT, payment)
        settle_customers(ledger, customer["Id"])
    fresh = ledger.get(entity, row["Id"])
    row |= {name: fresh[name] for name in ("LinkedTxn", "Balance", "SyncToken", "MetaData")}


# What a payment is made of

_Line = tuple[str, str, Decimal]
"""Kind and id of a document, and the amount that is applied to it."""


def _prepared(ledger: Ledger, row: Row, old: Row | None) -> tuple[Row, Row]:
    given = row.get("CustomerRef")
    if given is None:
        raise missing("CustomerRef")
    if row.get("TotalAmt") is None:
        raise missing("TotalAmt")
    unchanged = old is not None and old["CustomerRef"]["value"] == given["value"]
    if unchanged:
        customer = ledger.get(CUSTOMER, given["value"])
    else:
        customer = ledger.refer(CUSTOMER, given, "CustomerRef")
    row = ledger.named(row, "CustomerRef")
    row["CustomerRef"] = reference_to(CUSTOMER, customer)
    row["CurrencyRef"] = customer["CurrencyRef"]
    total = rounded(decimal(row["TotalAmt"]), minor_units(customer["CurrencyRef"]["value"]))
    if total < 0:
        raise business("Transaction amount must be 0 or greater.", "TotalAmt")
    if total > MOST:
        raise refused(2090, "Invalid Number : TotalAmt is too large", "TotalAmt")
    if not total and not row.get("Line"):
        raise business("You must set a transaction amount.", "TotalAmt")
    row["TotalAmt"] = number(total)
    if row.get("ProjectRef") is not None:
        raise business("This company has no projects.", "ProjectRef")
    row["TxnDate"] = row.get("TxnDate") or ledger.today.isoformat()
    row["ProcessPayment"] = row.get("ProcessPayment") is True
    if customer["CurrencyRef"]["value"] == ledger.setting("currency")["value"]:
        row.pop("ExchangeRate", None)
    else:
        row["ExchangeRate"] = row.get("ExchangeRate") or 1
    return row, customer


def _lines(given: Iterable[Row], places: int) -> list[_Line]:
    found: dict[tuple[str, str], Decimal] = {}
    for line in given:
        links = line.get("LinkedTxn") or []
        if line.get("Amount") is None:
            raise missing("Amount")
        if not links:
            raise missing("LinkedTxn")
        if len(links) > 1:
            raise business("A line of a payment is linked to one transaction.", "LinkedTxn")
        kind, key = links[0].get("TxnType"), links[0].get("TxnId")
        if kind not in _APPLIED_TO or not key:
            raise refused(620, f"Transaction {kind} {key} cannot be linked", "LinkedTxn")
        amount = rounded(decimal(line["Amount"]), places)
        if not 0 < amount <= MOST:
            raise business("The amount of a line is above 0.", "Amount")
        found[kind, key] = found.get((kind, key), ZERO) + amount
    return [(kind, key, amount) for (kind, key), amount in found.items()]


def _used(lines: Iterable[_Line]) -> Decimal:
    """What lines take of the money: invoices, less what credit memos give."""
    return sum((amount if kind == INVOICE.name else -amount for kind, _, amount in lines), ZERO)


def _trimmed(lines: list[_Line]) -> list[_Line]:
    """Lines whose credits are no more than what they are applied to."""
    spare = -_used(lines)
    kept: list[_Line] = []
    for kind, key, amount in reversed(lines):
        cut = min(amount, spare) if kind == CREDIT_MEMO.name and spare > 0 else ZERO
        spare -= cut
        if amount > cut:
            kept.insert(0, (kind, key, amount - cut))
    return kept


def _apply(ledger: Ledger, payment: Row, old: list[_Line], new: list[_Line], customer: Row) -> None:
    """Take back the old lines and apply the new ones; sets lines and unapplied amount."""
    difference: dict[tuple[str, str], Decimal] = {}
    for kind, key, amount in old:
        difference[kind, key] = amount
    for kind, key, amount in new:
        difference[kind, key] = difference.get((kind, key), ZERO) - amount
    applied = {(kind, key) for kind, key, _ in new}
    for (kind, key), change in difference.items():
        _change(ledger, kind, key, change, payment["Id"], (kind, key) in applied, customer)
    used = _used(new)
    credits_ = sum((amount for kind, _, amount in new if kind == CREDIT_MEMO.name), ZERO)
    if used > decimal(payment["TotalAmt"]):
        raise business("More is applied than was paid.", "Line")
    if credits_ and used < 0:
        raise business("Credits are applied to invoices, and not to more than these.", "Line")
    payment["Line"] = [payment_line(amount, kind, key) for kind, key, amount in new]
    payment["UnappliedAmt"] = number(decimal(payment["TotalAmt"]) - used)


def _change(
    ledger: Ledger,
    kind: str,
    key: str,
    change: Decimal,
    payment_id: str,
    linked: bool,
    customer: Row,
) -> None:
    """Give back to a document, or take from it, and keep the link that says so."""
    entity = ENTITIES[kind]
    row = ledger.find(entity, key)
    if row is None:
        raise refused(620, f"Transaction {kind} {key} cannot be linked", "LinkedTxn")
    if linked and _head(ledger, row["CustomerRef"]["value"]) != _head(ledger, customer["Id"]):
        raise business(f"{kind} {key} is of another customer.", "LinkedTxn")
    left = decimal(row["Balance"]) + change
    if left < 0:
        raise business(
            f"{kind} {key} has {row['Balance']} left, and more than that is to be applied.",
            "Amount",
        )
    mark = link(payment_id, PAYMENT.name)
    links = [each for each in row["LinkedTxn"] if each != mark]
    links += [mark] if linked else []
    if not change and links == row["LinkedTxn"]:
        return
    row["LinkedTxn"], row["Balance"] = links, number(left)
    if kind == CREDIT_MEMO.name:
        row["RemainingCredit"] = row["Balance"]
    if "HomeBalance" in row:
        home = round(left * decimal(row.get("ExchangeRate") or 1), 2)
        row["HomeBalance"] = number(home)
    ledger.save(entity, row)
    settle_customers(ledger, row["CustomerRef"]["value"])


def _head(ledger: Ledger, key: str) -> str:
    """The customer at the head of a family: sub-customers may be paid for together."""
    row = ledger.get(CUSTOMER, key)
    while row.get("ParentRef"):
        row = ledger.get(CUSTOMER, row["ParentRef"]["value"])
    return str(row["Id"])


def _take_back(ledger: Ledger, row: Row) -> None:
    customer = ledger.get(CUSTOMER, row["CustomerRef"]["value"])
    _apply(ledger, row, _lines(row["Line"], 3), [], customer)
