"""Whole drafts priced, with what there is of each item and what it does to the credit."""

from __future__ import annotations

from decimal import Decimal

from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central import pricing
from crossdock.connectors.business_central.company import Company
from crossdock.connectors.business_central.credit import Receivables
from crossdock.connectors.business_central.directory import Directory
from crossdock.connectors.business_central.items import Product
from crossdock.connectors.business_central.offers import Offers
from crossdock.connectors.business_central.stock import availability
from crossdock.errors import FieldError, RemoteRefused
from crossdock.records import PriceRequest, Pricing


class Prices:
    """Prices the drafts of one company's customers.

    Args:
        company: which one.
        directory: its customers and items.
        receivables: what its customers owe.
        system: the configured name.
    """

    def __init__(
        self, company: Company, directory: Directory, receivables: Receivables, system: str
    ) -> None:
        self._company = company
        self._directory = directory
        self._receivables = receivables
        self._offers = Offers(company)
        self._system = system

    def of(self, customer_number: str, request: PriceRequest) -> Pricing:
        """Price a draft.

        Raises:
            RemoteRefused: an item is not there, is blocked or has no price, the customer is
                blocked, or buys in another currency.
        """
        found = self._directory.customer(customer_number)
        if found.blocked:
            raise self._refused(
                "", f"{found.number} is {found.blocked_in_words}", "customer_blocked"
            )
        if request.currency not in (None, found.currency):
            problem = f"{found.number} buys in {found.currency}, not in {request.currency}"
            raise self._refused("", problem, "currency_mismatch")
        products = self._sold(request)
        body = self._company.remote.written(
            use.CREATE_QUOTE, lambda: pricing.quote_body(found.number, request)
        )
        row = self._offers.answered(body)
        quoted = self._company.understood(use.READ_QUOTE, lambda: pricing.quoted(row))
        free = {line.code for line in quoted.lines if not line.price}
        for index, line in enumerate(request.lines):
            if line.item_id in free:
                problem = f"{line.item_id} has no price"
                raise self._refused(f"lines.{index}.item_id", problem, "no_price")
        wanted: dict[str, Decimal] = {}
        for line in request.lines:
            wanted[line.item_id] = wanted.get(line.item_id, Decimal(0)) + line.quantity
        payer = found if quoted.payer == found.number else self._directory.customer(quoted.payer)
        stock = availability(self._company, products.values(), wanted)
        credit = self._receivables.outcome(payer, quoted.gross)
        return self._company.understood(
            use.READ_QUOTE,
            lambda: pricing.pricing(
                quoted,
                request,
                products,
                system=self._system,
                home=self._company.home,
                stock=stock,
                credit=credit,
            ),
        )

    def _sold(self, request: PriceRequest) -> dict[str, Product]:
        """Read the items of a draft, and see that each can be sold."""
        known = self._directory.products(line.item_id for line in request.lines)
        for index, line in enumerate(request.lines):
            field = f"lines.{index}"
            if line.quantity <= 0:
                raise self._company.remote.rejected(
                    use.CREATE_QUOTE, f"{field}.quantity", "must be more than nothing"
                )
            item = known.get(line.item_id)
            if item is None:
                problem = f"there is no item {line.item_id}"
                raise self._refused(f"{field}.item_id", problem, "no_such_item")
            if item.blocked:
                problem = f"{line.item_id} is blocked and not sold any more"
                raise self._refused(f"{field}.item_id", problem, "item_blocked")
        return known

    def _refused(self, field: str, problem: str, code: str) -> RemoteRefused:
        return RemoteRefused(
            f"{self._company.remote.address.label} cannot price this: {problem}",
            system=self._system,
            code=code,
            fields=[FieldError(field, problem)] if field else (),
        )
