"""Orders on their way into Business Central: placed once, and changed without writing over anybody.

Business Central keeps no idempotency keys, and several orders may have one external document
number. But it makes exactly one order of a quote, which goes with that. So an order is placed by a
quote that claims it:

1. The order is looked for by its external document number, and taken where it is there.
2. A quote with that number is written, unless one is there.
3. All such quotes are listed, and the order is looked for again. The first quote stays, by an order
   that everybody sees; the others are deleted. One that cannot be deleted has become the order.
4. An order is made of the quote that stays. Where it is gone, somebody made the order: back to 1.

Whoever lists quotes after writing one sees all that were written before, or the order that was made
of them, so of any number of callers, lost answers and repeats comes one order. A quote whose
writing takes effect only after all this stays behind as a quote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from crossdock.connectors.business_central import altering, placing
from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.batch import together
from crossdock.connectors.business_central.company import Company
from crossdock.connectors.business_central.customers import Customer
from crossdock.connectors.business_central.directory import Directory
from crossdock.connectors.business_central.documents import Documents, is_of
from crossdock.connectors.business_central.lines import lines
from crossdock.connectors.business_central.odata import Query, equal
from crossdock.connectors.business_central.offers import LINES
from crossdock.connectors.business_central.origin import document_number, origin_of
from crossdock.connectors.reading import Row, text
from crossdock.connectors.writing import day_or_none as day_text
from crossdock.errors import (
    Conflict,
    FieldError,
    NotFound,
    RemoteMisbehaved,
    RemoteRefused,
    RemoteUnavailable,
    Stale,
)
from crossdock.records import Acknowledgement, Order, OrderChange, OrderLine

#: More callers than that do not place one order at a time.
_ROUNDS: Final = 12


class Ordering:
    """Places and changes the orders of one company.

    Args:
        company: which one.
        directory: its customers and items.
        documents: reads what is there.
        system: the configured name.
    """

    def __init__(
        self, company: Company, directory: Directory, documents: Documents, system: str
    ) -> None:
        self._company = company
        self._directory = directory
        self._documents = documents
        self._system = system

    def place(self, customer: Customer, order: Order, key: str) -> Acknowledgement:
        """Place an order, once for each reference.

        Raises:
            Conflict: the reference is that of another customer's order.
            RemoteRefused: the customer buys in another currency, or Business Central says no.
        """
        if order.currency != customer.currency:
            raise RemoteRefused(
                f"{self._label} invoices {customer.number} in {customer.currency}, "
                f"not in {order.currency}",
                system=self._system,
                code="currency_mismatch",
            )
        self._check_items(order.lines, "lines")
        body = self._company.remote.written(
            use.CREATE_QUOTE, lambda: placing.quote_body(customer.number, order)
        )
        for _ in range(_ROUNDS):
            found = self._found(customer, order)
            if found is not None:
                return Acknowledgement(
                    order=self._completed(found, order), reference=found.reference, replayed=True
                )
            claims = self._claims(order.reference)
            if not claims:
                self._claim(body, order.reference)
                claims = self._claims(order.reference)
            if made := self._settled(customer, order, claims, key):
                return Acknowledgement(order=self._completed(made, order), reference=made.reference)
        raise RemoteUnavailable(
            f"{self._label} is being sent {order.reference} by others; it is tried again",
            system=self._system,
            code="busy",
        )

    def change(self, order: Order, change: OrderChange) -> Order:
        """Change or cancel an order as it was read, in one transaction.

        Raises:
            Stale: the order changed since it was read; nothing was written over it.
            RemoteRefused: it cannot be changed so any more.
        """
        try:
            sale = self._documents.sale(order.id)
        except NotFound:
            # What is gone was invoiced in full, or deleted by people there.
            gone = self._documents.order(order.id)
            raise RemoteRefused(
                f"{self._label} has invoiced all of {order.id}, which is {gone.status}; it is "
                "changed by nobody any more",
                system=self._system,
                code="not_changeable",
            ) from None
        self._check_items(change.added, "added")
        wishes = self._company.remote.written(
            use.UPDATE_LINE,
            lambda: altering.wishes(sale, order, change, label=self._label, system=self._system),
        )
        if wishes:
            together(self._company, wishes)
        return self._documents.order(order.id)

    # How an order is claimed.

    def _found(self, customer: Customer, order: Order) -> Order | None:
        """Look for the order by its reference.

        Raises:
            Conflict: it is there, for somebody else.
        """
        there = self._documents.sales_numbered(order.reference)
        ours = [each for each in there if is_of(each, order.reference)]
        found = (
            self._documents.as_orders(ours)
            if ours
            else self._documents.gone_by_reference(order.reference)
        )
        for each in found:
            if each.customer_id == customer.number:
                return each
        taken = [each.id for each in found] or [
            each.number for each in there if each.customer == customer.number
        ]
        if taken:
            # Somebody took its comment away, or gave the number to another order: people know.
            raise Conflict(
                f"{self._label} has an order with the external document number "
                f"{document_number(order.reference)} already, {taken[0]}, which does not say that "
                f"it is {order.reference} of {customer.number}",
                system=self._system,
                code="reference_taken",
            )
        return None

    def _claims(self, reference: str) -> list[str]:
        """List the quotes that claim an order, in an order that everybody sees."""
        number = document_number(reference)
        query = Query(filter=equal("externalDocumentNumber", number), expand=LINES)

        def claim(row: Row) -> tuple[str, bool]:
            origin = origin_of(lines(row, LINES).words, number)
            return text(row, "id"), origin is not None and origin.reference == reference

        found = self._company.every(use.QUOTES, query, claim)
        return sorted(entity_id for entity_id, ours in found if ours)

    def _claim(self, body: Mapping[str, Any], reference: str) -> None:
        """Write a quote; one whose answer was lost is there, or it is told that it may be."""
        try:
            self._company.call(use.CREATE_QUOTE, body=body)
        except RemoteUnavailable as away:
            if not away.maybe_done or not self._claims(reference):
                raise

    def _settled(
        self, customer: Customer, order: Order, claims: list[str], key: str
    ) -> Order | None:
        """Make the order of the first claim; `None` where it has to be looked for again."""
        found = self._found(customer, order)
        if found is not None:
            self._withdraw(claims)
            return found
        if not claims:
            return None
        first, *others = claims
        if not self._withdraw(others):
            return None
        try:
            self._make(first, key)
        except NotFound:
            return None
        except RemoteUnavailable:
            if (found := self._found(customer, order)) is None:
                raise
        except RemoteRefused:
            # Business Central said no, or was asked while somebody else made the order of it.
            if self._withdraw([first]):
                raise
            return None
        found = found or self._found(customer, order)
        if found is None:
            # Never again, then: whatever was made of it is not recognised.
            raise RemoteMisbehaved(
                f"{self._label} made an order of a quote for {order.reference}, and shows none "
                "with that external document number",
                system=self._system,
            )
        return found

    def _withdraw(self, claims: Iterable[str]) -> bool:
        """Delete quotes; says whether all were there, as one that is not may be an order."""
        there = True
        for entity_id in claims:
            try:
                self._company.call(use.DELETE_QUOTE, entity_id=entity_id)
            except NotFound:
                there = False
        return there

    def _make(self, entity_id: str, key: str) -> None:
        # Business Central does not read the key: by it the evidence of an exchange names it.
        self._company.call(
            use.MAKE_ORDER,
            entity_id=entity_id,
            headers={"Idempotency-Key": key} if key else {},
        )

    def _completed(self, found: Order, order: Order) -> Order:
        """Write the wanted day, which a quote has no place for, unless one is there."""
        for _ in range(_ROUNDS):
            moved = any(line.shipped for line in found.lines)
            if order.requested_on is None or found.requested_on is not None or moved:
                return found
            try:
                sale = self._documents.sale(found.id)
                self._company.call(
                    use.UPDATE_ORDER,
                    entity_id=sale.id,
                    body={"requestedDeliveryDate": day_text(order.requested_on)},
                    headers={"If-Match": sale.etag},
                )
            except (NotFound, Stale):
                pass  # somebody ships it, or writes as well, this very call's lost try included
            found = self._documents.order(found.id)
        return found

    # What is checked before.

    @property
    def _label(self) -> str:
        return self._company.remote.address.label

    def _check_items(self, several: Iterable[OrderLine], field: str) -> None:
        """See that all items are there, as Business Central does not say which is not.

        Raises:
            RemoteRefused: one is not, or is blocked.
        """
        wanted = list(several)
        known = self._directory.products(line.item_id for line in wanted) if wanted else {}
        for index, line in enumerate(wanted):
            item = known.get(line.item_id)
            problem = ""
            if item is None:
                problem = f"there is no item {line.item_id}"
            elif item.blocked:
                problem = f"{line.item_id} is blocked and not sold any more"
            if problem:
                raise RemoteRefused(
                    f"{self._label} cannot take this: {problem}",
                    system=self._system,
                    code="item_blocked" if item else "no_such_item",
                    fields=[FieldError(f"{field}.{index}.item_id", problem)],
                )
