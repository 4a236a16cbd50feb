"""What customers owe, one by one and in a list of all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from crossdock.connectors.quickbooks import operations as use
from crossdock.connectors.quickbooks.billing import Bill
from crossdock.connectors.quickbooks.company import Company
from crossdock.connectors.quickbooks.credit import credit_status
from crossdock.connectors.quickbooks.customers import Customer
from crossdock.connectors.quickbooks.directory import Directory
from crossdock.connectors.quickbooks.documents import Documents
from crossdock.connectors.quickbooks.query import Query, equal, rows_of, time_of
from crossdock.connectors.quickbooks.refusals import wording
from crossdock.connectors.reading import Row, day, each, text
from crossdock.errors import RemoteMisbehaved
from crossdock.records import CreditStatus

_IN_A_BATCH: Final = 30
_SALES: Final = ("Invoice", "SalesReceipt")


class Receivables:
    """Reads what the customers of one company owe.

    Args:
        company: which one.
        directory: what ids stand for.
        documents: its invoices.
        system: the configured name.
    """

    def __init__(
        self, company: Company, directory: Directory, documents: Documents, system: str
    ) -> None:
        self._company = company
        self._directory = directory
        self._documents = documents
        self._system = system

    def of(self, found: Customer) -> CreditStatus:
        """Say what one customer owes."""
        payer = self._directory.payer(found)
        invoiced, today = self._last_invoiced([found.id])
        family = self._directory.billed_with(payer.id)
        late = self._documents.past_due(family, today)
        return self._status(found, payer, late, invoiced.get(found.id))

    def of_all(self, customers: Sequence[Customer]) -> tuple[CreditStatus, ...]:
        """Say what each of some customers owes, in a few calls for all of them."""
        if not customers:
            return ()
        invoiced, today = self._last_invoiced([one.id for one in customers])
        late: dict[str, list[Bill]] = defaultdict(list)
        for one in self._documents.past_due((), today):
            late[one.customer.id].append(one)
        known = {one.id: one for one in customers}
        told = []
        for found in customers:
            payer = known.get(found.bills_to) or self._directory.payer(found)
            family = self._directory.billed_with(payer.id)
            bills = [one for customer_id in family for one in late.get(customer_id, ())]
            told.append(self._status(found, payer, bills, invoiced.get(found.id)))
        return tuple(told)

    def _status(
        self, found: Customer, payer: Customer, late: Sequence[Bill], last: date | None
    ) -> CreditStatus:
        return credit_status(
            found,
            payer,
            self._system,
            past_due=late,
            last_invoiced_on=last,
            terms_days=self._directory.terms_days(payer.term),
        )

    def _last_invoiced(self, customer_ids: Sequence[str]) -> tuple[Mapping[str, date], date]:
        """Ask for each customer's latest sale, many questions in one call, and for the day."""
        questions = [
            {"bId": f"{customer_id}/{entity}", "Query": _latest(entity, customer_id)}
            for customer_id in customer_ids
            for entity in _SALES
        ]
        found: dict[str, date] = {}
        days: list[date] = []
        for at in range(0, len(questions), _IN_A_BATCH):
            asked = questions[at : at + _IN_A_BATCH]
            answer = self._company.call(use.BATCH, body={"BatchItemRequest": asked})
            told, answered = self._company.remote.read(
                answer, lambda body: (each(body, "BatchItemResponse", self._one), time_of(body))
            )
            for customer_id, on in told:
                if on is not None:
                    found[customer_id] = max(on, found.get(customer_id, on))
            days.append(answered.date())
        return found, days[0]

    def _one(self, row: Row) -> tuple[str, date | None]:
        """Read one answer of a batch."""
        if "Fault" in row:
            complaint = wording(400, row)
            raise RemoteMisbehaved(
                f"{self._company.remote.address.label} refused a part of a batch: "
                f"{complaint.message}",
                system=self._system,
                code=complaint.code,
            )
        customer_id, _, entity = text(row, "bId").partition("/")
        days = rows_of(row, entity, lambda told: day(told, "TxnDate"))
        return customer_id, max(days, default=None)


def _latest(entity: str, customer_id: str) -> str:
    return Query(entity, (equal("CustomerRef", customer_id),), "TxnDate DESC").page(most=1)
