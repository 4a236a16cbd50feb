"""Journals of customer payments: payments wait in a journal until it is posted."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock_mocks.backoffice.decimals import ZERO
from crossdock_mocks.dialects.business_central import ledger
from crossdock_mocks.dialects.business_central.errors import dialog
from crossdock_mocks.dialects.business_central.names import NO_DATE, NO_GUID
from crossdock_mocks.dialects.business_central.records import Records, Row
from crossdock_mocks.dialects.business_central.sales_kinds import (
    is_posted,
)
from crossdock_mocks.dialects.business_central.writers import Given, Writer, link

_STEP: Final = 10_000


class Journals(Writer):
    """Journals; one that holds payments is removed with them."""

    def remove(self, records: Records, row: Row) -> None:
        """Remove a journal and what waits in it."""
        for payment in records.find("customerPayments", {"journalId": row["id"]}):
            records.delete("customerPayments", payment)
        records.delete(self.set, row)

    def check_code(self, records: Records, values: Row, row: Row | None) -> None:
        """See that the code is there and no other journal's of the same template."""
        super().check_code(records, values, row)
        if len(values.get("code", "")) > 10:
            raise dialog("The code of a journal has at most 10 characters")

    def make(self, records: Records, given: Given, within: Given) -> Row:
        """Make a journal; payments that came inside are made with it."""
        row = super().make(records, given, within)
        for payment in given.get("customerPayments", ()):
            PAYMENTS.make(records, payment, {"journalId": row["id"]})
        return row


class GeneralJournals(Journals):
    """General journals; their lines are not part of what is played here."""

    def complete(self, _: Records, values: Row, row: Row | None) -> None:
        """A new one is of the general template."""
        if row is None:
            values["templateDisplayName"] = "GENERAL"


class Payments(Writer):
    """Payments that wait in a journal: amounts are negative, as they are credits."""

    def __init__(self) -> None:
        super().__init__("customerPayments", "Gen. Journal Line")

    def check_code(self, records: Records, values: Row, row: Row | None) -> None:
        """They have no code; their journal has to be there."""
        journal = str(values.get("journalId", NO_GUID if row is None else row["journalId"]))
        if row is not None and journal != row["journalId"]:
            raise dialog("The Journal Id cannot be changed")
        if journal == NO_GUID:
            raise dialog(
                "You must specify a journal batch ID or a journal ID to get a journal line"
            )
        if records.get("customerPaymentJournals", journal) is None:
            raise dialog("The journal does not exist")

    def complete(self, records: Records, values: Row, row: Row | None) -> None:
        """Name customer and invoice, and number the line."""
        if Decimal(values.get("amount", "0")) > ZERO:
            raise dialog('The "amount" should be a negative number')
        invoice = self._invoice(records, values)
        customer = link(
            records, values, "customers", "customerId", "customerNumber", "Customer",
            key="number",
        )  # fmt: skip
        if customer is None and row is None and invoice is not None:
            bill_to = records.get("customers", invoice["billToCustomerId"])
            if bill_to is not None:
                values.update(customerId=bill_to["id"], customerNumber=bill_to["number"])
        if row is not None:
            return
        journal = records.get("customerPaymentJournals", values["journalId"])
        values["journalDisplayName"] = "" if journal is None else journal["code"]
        others = records.find("customerPayments", {"journalId": values["journalId"]})
        if not values.get("lineNumber"):
            last = max((int(each["lineNumber"]) for each in others), default=0)
            values["lineNumber"] = last + _STEP
        elif any(each["lineNumber"] == values["lineNumber"] for each in others):
            raise dialog(f"There is already a line {values['lineNumber']} in the journal")
        if values.get("postingDate", NO_DATE) == NO_DATE:
            values["postingDate"] = records.today
        if not values.get("documentNumber"):
            values["documentNumber"] = records.next_number("payments.number", "PY-", 500001)

    def _invoice(self, records: Records, values: Row) -> Row | None:
        found = link(
            records, values, "salesInvoices", "appliesToInvoiceId",
            "appliesToInvoiceNumber", "Invoice", key="number",
        )  # fmt: skip
        if found is not None and not is_posted(found):
            raise dialog(
                'The "appliesToInvoiceId" should be the ID of an Open, Paid, Corrective, or '
                "Canceled Invoice"
            )
        return found


def any_journal(records: Records, key: str) -> Row | None:
    """A journal of any template: one that is asked for by its id is found among all of them.

    Source: `APIV2 - Journals` of Microsoft's ALAppExtensions looks for an id in all batches.
    """
    found = records.get("journals", key)
    if found is None:
        found = records.get("customerPaymentJournals", key)
        if found is not None:
            found["templateDisplayName"] = "CASHRCPT"
    return found


def post_journal(records: Records, journal: Row) -> None:
    """Post all payments of a journal: entered, applied, and gone from it.

    Raises:
        Problem: There is nothing to post, or a payment cannot be posted; then none is.
    """
    waiting = records.find("customerPayments", {"journalId": journal["id"]}, "lineNumber")
    if not waiting:
        raise dialog("There is nothing to post")
    for payment in waiting:
        _post(records, payment)
        records.delete("customerPayments", payment)


def _post(records: Records, payment: Row) -> None:
    where = f"Gen. Journal Line {payment['journalDisplayName']}, {payment['lineNumber']}"
    customer = records.get("customers", payment["customerId"])
    if customer is None:
        raise dialog(f"Account No. must have a value in {where}")
    amount = Decimal(payment["amount"])
    if not amount:
        raise dialog(f"Amount must have a value in {where}")
    if customer["blocked"] == "All":
        raise dialog(
            f"You cannot post this type of document when Customer {customer['number']} is "
            "blocked with type All"
        )
    places = records.places(customer["currencyCode"])
    if amount != round(amount, places):
        raise dialog(f"Amount of {where} has more decimals than its currency")
    debit = None
    if payment["appliesToInvoiceId"] != NO_GUID:
        debit = ledger.of_document(records, payment["appliesToInvoiceId"])
        if debit is None or debit["customerId"] != customer["id"]:
            raise dialog(f"The invoice that {where} applies to is not one of its customer")
        if payment["postingDate"] < debit["postingDate"]:
            raise dialog(
                "You are not allowed to apply and post an entry to an entry with a later posting "
                "date"
            )
        if not debit["open"]:
            raise dialog(f"The invoice {payment['appliesToInvoiceNumber']} is not open any more")
    entry = ledger.enter(
        records, ledger.PAYMENT, customer["id"], payment, payment["documentNumber"], amount,
        payment["postingDate"], payment["postingDate"],
    )  # fmt: skip
    if debit is not None:
        ledger.apply(records, debit, entry)
    ledger.refresh_customer(records, customer["id"])


PAYMENTS: Final = Payments()

PAYMENT_WRITERS: Final = (
    Journals("customerPaymentJournals", "Gen. Journal Batch"),
    GeneralJournals("journals", "Gen. Journal Batch"),
    PAYMENTS,
)
"""What may be made, changed and removed of journals and payments."""
