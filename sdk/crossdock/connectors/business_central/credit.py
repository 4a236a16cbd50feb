"""What customers owe and may owe, in the company's own currency, as Business Central keeps it.

A limit of 0 is none. What open orders come to is added up from their lines; where one is in
another currency, nobody can say what it comes to, and so it is with all that follows from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.batch import side_by_side
from crossdock.connectors.business_central.company import Company
from crossdock.connectors.business_central.customers import Customer, past_due
from crossdock.connectors.business_central.directory import Directory
from crossdock.connectors.business_central.documents import POSTED
from crossdock.connectors.business_central.odata import (
    AT_ONCE,
    Query,
    among,
    equal,
    every,
)
from crossdock.connectors.business_central.orders import LINES
from crossdock.connectors.business_central.wire import (
    quantity,
)
from crossdock.connectors.pieces import in_pieces
from crossdock.connectors.reading import Row, day, each, number, text
from crossdock.records import CreditOutcome, CreditStatus, Money

_ZERO: Final = Decimal(0)


@frozen(kw_only=True)
class Ordered:
    """What a customer has on order, tax included.

    Attributes:
        to_ship: what is not shipped yet.
        to_invoice: what is shipped and not invoiced.
    """

    to_ship: Decimal = _ZERO
    to_invoice: Decimal = _ZERO


class Receivables:
    """Reads what the customers of one company owe.

    Args:
        company: which one.
        directory: its customers.
        system: the configured name.
    """

    def __init__(self, company: Company, directory: Directory, system: str) -> None:
        self._company = company
        self._directory = directory
        self._system = system

    def of(self, customers: Sequence[Customer]) -> tuple[CreditStatus, ...]:
        """Say what each of some customers owes, in a few calls for all of them.

        Who pays for a customer is told by its latest invoice only.
        """
        if not customers:
            return ()
        latest = self._latest(customers)
        known = {found.number: found for found in customers}
        others = {payer for payer, _ in latest.values() if payer not in known}
        known |= {found.number: found for found in self._directory.customers_numbered(others)}
        payers = {
            found.number: known.get(latest[found.number][0], found)
            if found.number in latest
            else found
            for found in customers
        }
        ordered = self._ordered({payer.number for payer in payers.values()})
        due = self._oldest_due([payer for payer in payers.values() if payer.overdue > _ZERO])
        return tuple(
            self._status(
                found,
                payers[found.number],
                ordered.get(payers[found.number].number),
                due.get(payers[found.number].number),
                latest[found.number][1] if found.number in latest else None,
            )
            for found in customers
        )

    def outcome(self, payer: Customer, gross: Money) -> CreditOutcome | None:
        """Say what a document would do to the credit of who pays for it.

        `None` where its currency is another one than the company's, or that of an open order.
        """
        if gross.currency != self._company.home:
            return None
        ordered = self._ordered({payer.number}).get(payer.number)
        if ordered is None:
            return None
        home = self._company.home
        open_amount = of_unit(payer.balance + ordered.to_ship + ordered.to_invoice, home)
        exposure = open_amount.rounded() + gross
        if payer.blocked:
            return CreditOutcome(
                result="on_hold", exposure_after=exposure, reason=payer.blocked_in_words
            )
        if payer.credit_limit is None:
            return CreditOutcome(result="ok", exposure_after=exposure)
        limit = of_unit(payer.credit_limit, home)
        over = exposure - limit
        passes = over > Money.zero(home)
        return CreditOutcome(
            result="over_limit" if passes else "ok",
            exposure_after=exposure,
            limit=limit,
            over_by=over if passes else None,
        )

    def _status(
        self,
        found: Customer,
        payer: Customer,
        ordered: Ordered | None,
        due_since: date | None,
        last: date | None,
    ) -> CreditStatus:
        home = self._company.home
        balance = of_unit(payer.balance, home)
        limit = None if payer.credit_limit is None else of_unit(payer.credit_limit, home)
        to_ship = to_invoice = exposure = None
        if ordered is not None:
            to_ship = of_unit(ordered.to_ship, home).rounded()
            to_invoice = of_unit(ordered.to_invoice, home).rounded()
            exposure = balance + to_ship + to_invoice
        return CreditStatus(
            customer_id=found.number,
            system=self._system,
            currency=home,
            on_hold=bool(found.blocked or payer.blocked),
            bill_to_id=payer.number,
            unlimited=limit is None,
            limit=limit,
            balance=balance,
            shipped_not_invoiced=to_invoice,
            open_orders=to_ship,
            exposure=exposure,
            available=None if limit is None or exposure is None else limit - exposure,
            past_due=past_due(payer, home),
            past_due_since=due_since,
            last_invoiced_on=last,
            hold_reason=found.blocked_in_words or payer.blocked_in_words,
            terms_days=payer.terms_days,
        )

    def _latest(self, customers: Sequence[Customer]) -> Mapping[str, tuple[str, date]]:
        """Read each customer's latest invoice: who pays it, and its day."""
        queries = [
            Query(
                filter=every(equal("customerNumber", found.number), POSTED),
                order="invoiceDate desc",
                select="invoiceDate,billToCustomerNumber",
            )
            for found in customers
        ]
        read = side_by_side(self._company, use.INVOICES, queries, top=1)
        told: dict[str, tuple[str, date]] = {}
        for found, rows in zip(customers, read, strict=True):
            for row in rows:
                told[found.number] = self._company.understood(
                    use.INVOICES,
                    lambda row=row: (text(row, "billToCustomerNumber"), day(row, "invoiceDate")),  # type: ignore[misc]
                )
        return told

    def _oldest_due(self, customers: Iterable[Customer]) -> Mapping[str, date]:
        """Read since when something of each customer has been due."""
        several = {found.number: found for found in customers}
        queries = [
            Query(
                filter=every(
                    equal("billToCustomerNumber", number_), "status eq 'Open'",
                    "remainingAmount gt 0",
                ),
                order="dueDate",
                select="dueDate",
            )
            for number_ in several
        ]  # fmt: skip
        read = side_by_side(self._company, use.INVOICES, queries, top=1)
        return {
            number_: self._company.understood(
                use.INVOICES,
                lambda row=row: day(row, "dueDate"),  # type: ignore[misc]
            )
            for number_, rows in zip(several, read, strict=True)
            for row in rows
        }

    def _ordered(self, numbers: Iterable[str]) -> Mapping[str, Ordered | None]:
        """Add up what is on order for each payer; `None` where that cannot be said."""
        found: dict[str, Ordered | None] = defaultdict(Ordered)
        wanted = sorted(set(numbers))
        for number_ in wanted:
            found[number_] = Ordered()
        for piece in in_pieces(wanted, AT_ONCE):
            query = Query(
                filter=among("billToCustomerNumber", piece),
                select="billToCustomerNumber,currencyCode",
                expand=f"{LINES}($select={_FIELDS})",
            )
            for payer, currency, ordered in self._company.every(use.ORDERS, query, _on_order):
                before = found[payer]
                if before is None or currency != self._company.home:
                    found[payer] = None
                    continue
                found[payer] = Ordered(
                    to_ship=before.to_ship + ordered.to_ship,
                    to_invoice=before.to_invoice + ordered.to_invoice,
                )
        return found


_FIELDS: Final = "quantity,shippedQuantity,invoicedQuantity,netAmountIncludingTax"


def _on_order(row: Row) -> tuple[str, str, Ordered]:
    several = each(row, LINES, _line)
    return (
        text(row, "billToCustomerNumber"),
        text(row, "currencyCode"),
        Ordered(
            to_ship=sum((one.to_ship for one in several), start=_ZERO),
            to_invoice=sum((one.to_invoice for one in several), start=_ZERO),
        ),
    )


def _line(row: Row) -> Ordered:
    ordered = quantity(row, "quantity")
    if not ordered:
        return Ordered()
    shipped, invoiced = quantity(row, "shippedQuantity"), quantity(row, "invoicedQuantity")
    gross = number(row, "netAmountIncludingTax")
    return Ordered(
        to_ship=_part(gross, ordered - shipped, ordered),
        to_invoice=_part(gross, shipped - invoiced, ordered),
    )


def _part(gross: Decimal, quantity_: Decimal, ordered: Decimal) -> Decimal:
    return gross * quantity_ / ordered if quantity_ else _ZERO
