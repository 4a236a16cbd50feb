"""Who and what QuickBooks' ids stand for: numbers of customers, codes of items, terms, tax codes.

Documents point at customers and items by id; people, and the CRM, know them by number and code.
Both are looked up once and remembered for some minutes, as they hardly ever change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from crossdock.connectors.pieces import in_pieces
from crossdock.connectors.quickbooks import operations as use
from crossdock.connectors.quickbooks.company import Company
from crossdock.connectors.quickbooks.customers import Customer, Numbering, customer, term_days
from crossdock.connectors.quickbooks.items import (
    Product,
    TaxCode,
    coded,
    product,
    rate,
    tax_code,
)
from crossdock.connectors.quickbooks.query import (
    AT_ONCE,
    WITH_INACTIVE,
    Query,
    among,
)
from crossdock.connectors.quickbooks.wire import Ref
from crossdock.connectors.reading import Row
from crossdock.connectors.remembering import Remembered
from crossdock.errors import NotFound, RemoteRefused


class Directory:
    """Looks up what ids stand for, in one company."""

    def __init__(
        self,
        company: Company,
        numbering: Numbering,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._company = company
        self._numbering = numbering
        self._ids: Remembered[str, str] = Remembered(clock)
        self._numbers: Remembered[str, str] = Remembered(clock)
        self._products: Remembered[str, Product] = Remembered(clock)
        self._terms: Remembered[str, Mapping[str, int | None]] = Remembered(clock)
        self._taxes: Remembered[str, Mapping[str, TaxCode]] = Remembered(clock)
        self._families: Remembered[str, dict[str, list[str]]] = Remembered(clock)

    # Customers.

    def _customer(self, row: Row) -> Customer:
        return customer(row, self._numbering, self._company.home)

    def customer(self, number: str) -> Customer:
        """Read a customer by its number, as it is now.

        Raises:
            NotFound: there is none.
            RemoteRefused: several have the number, so nobody can tell which is meant.
        """
        known = self._ids.get(number)
        if known is not None:
            found = self.customer_by_id(known)
            if found.number == number:
                return found
        found = self._look_up(number)
        self._learn(found)
        return found

    def customer_id(self, number: str) -> str:
        """Give the id of the customer with a number."""
        return self._ids.get(number) or self.customer(number).id

    def customer_by_id(self, customer_id: str) -> Customer:
        """Read a customer by QuickBooks' id."""
        found = self._company.one(use.READ_CUSTOMER, "Customer", customer_id, self._customer)
        self._learn(found)
        return found

    def number_of(self, told: Ref) -> str:
        """Give the number of the customer that a document points at."""
        number = self._numbering.of_ref(told) or self._numbers.get(told.id)
        return number or self.customer_by_id(told.id).number

    def payer(self, found: Customer) -> Customer:
        """Give who gets a customer's invoices: the parent of a sub-customer billed with it."""
        return self.customer_by_id(found.bills_to) if found.bills_to else found

    def billed_with(self, payer_id: str) -> tuple[str, ...]:
        """Name, by id, the customers whose invoices one customer gets: itself, and some below."""
        known = self._families.get("")
        if known is None:
            known = {}
            for each in self._company.every(
                Query("Customer", ("Job = true", WITH_INACTIVE)), self._customer
            ):
                if each.bills_to:
                    known.setdefault(each.bills_to, []).append(each.id)
            self._families.put("", known)
        found = [payer_id]
        for each_id in found:  # it grows: what is below may have others below it
            found += known.get(each_id, ())
        return tuple(dict.fromkeys(found))

    def learn(self, found: Customer) -> Customer:
        """Remember a customer that was read on another way."""
        self._learn(found)
        return found

    def _learn(self, found: Customer) -> None:
        self._ids.put(found.number, found.id)
        self._numbers.put(found.id, found.number)

    def _look_up(self, number: str) -> Customer:
        condition = self._numbering.condition(number)
        found: list[Customer] = []
        if condition is not None:
            query = Query("Customer", (condition, WITH_INACTIVE))
            found = self._company.every(query, self._customer)
        elif self._numbering.field != "Id":
            # No query asks for this field, so everybody is looked at, once in some minutes.
            found = self._company.every(Query("Customer", (WITH_INACTIVE,)), self._customer)
            for each in found:
                self._learn(each)
        mine = [each for each in found if each.number == number]
        if len(mine) > 1:
            ids = ", ".join(each.id for each in mine)
            raise RemoteRefused(
                f"{self._label} has {len(mine)} customers with the number {number} (ids {ids}); "
                f"{self._numbering.field} must tell them apart",
                system=self._system,
                code="ambiguous_number",
            )
        if mine:
            return mine[0]
        # A customer without a number goes by its id.
        if number.isascii() and number.isdigit():
            by_id = self.customer_by_id(number)
            if by_id.number == number:
                return by_id
        raise NotFound(
            f"{self._label} has no customer {number} (looked for in {self._numbering.field})",
            system=self._system,
            code="no_such_customer",
        )

    # Items.

    def products(self, item_ids: Iterable[str]) -> dict[str, Product]:
        """Give items by QuickBooks' id, inactive ones too; those that do not exist are left out."""
        wanted = set(item_ids)
        found = {each: known for each in wanted if (known := self._products.get(each))}
        # Some lines point at what is no item of the list, such as SHIPPING_ITEM_ID.
        missing = sorted(each for each in wanted - found.keys() if each.isdigit())
        if missing:
            for each in self._company.by_ids("Item", missing, product, WITH_INACTIVE):
                self._products.put(each.id, each)
                found[each.id] = each
        return found

    def codes(self, item_ids: Iterable[str]) -> Callable[[str], str]:
        """Give what tells the code of an item; one that is not in the list keeps its id."""
        found = self.products(item_ids)
        return lambda item_id: found[item_id].code if item_id in found else item_id

    def product(self, code: str) -> Product:
        """Read an item by its code, as it is now.

        Raises:
            NotFound: there is none.
            RemoteRefused: several active items have this SKU.
        """
        found = self.products_by_code([code])
        if code not in found:
            raise NotFound(
                f"{self._label} has no item with the SKU {code}",
                system=self._system,
                code="no_such_item",
            )
        return found[code]

    def products_by_code(self, codes: Iterable[str]) -> dict[str, Product]:
        """Read items by their codes, as they are now; codes of none are left out.

        Raises:
            RemoteRefused: several active items have one SKU.
        """
        wanted = list(dict.fromkeys(codes))
        several: dict[str, list[Product]] = {}
        for piece in in_pieces(wanted, AT_ONCE):
            query = Query("Item", (among("Sku", piece), WITH_INACTIVE))
            for each in self._company.every(query, product):
                several.setdefault(each.code, []).append(each)
        # An item without a SKU goes by its id.
        ids = [code for code in wanted if code not in several and code.isascii() and code.isdigit()]
        for each in self._company.by_ids("Item", ids, product, WITH_INACTIVE) if ids else ():
            if each.code == each.id:
                several[each.code] = [each]
        found = {code: self._only(code, several[code]) for code in wanted if code in several}
        for each in found.values():
            self._products.put(each.id, each)
        return found

    def _only(self, code: str, found: Sequence[Product]) -> Product:
        chosen = [each for each in found if each.active] or found
        if len(chosen) > 1:
            names = ", ".join(each.name for each in chosen)
            raise RemoteRefused(
                f"{self._label} has {len(chosen)} items with the SKU {code} ({names}); "
                "a SKU must tell items apart",
                system=self._system,
                code="ambiguous_sku",
            )
        return chosen[0]

    # Terms and taxes.

    def terms_days(self, term_id: str) -> int | None:
        """Give the days of a term; `None` without one, or where it says no days."""
        if not term_id:
            return None
        known = self._terms.get("")
        if known is None or term_id not in known:
            known = dict(self._company.every(Query("Term", (WITH_INACTIVE,)), term_days))
            self._terms.put("", known)
        return known.get(term_id)

    def term_of(self, days: int) -> str:
        """Give the id of a term that is due after so many days; empty where there is none."""
        self.terms_days("any")  # reads them where they are not known
        known = self._terms.get("") or {}
        return next((term_id for term_id, due in known.items() if due == days), "")

    def tax_codes(self) -> Mapping[str, TaxCode]:
        """Give all tax codes by id."""
        known = self._taxes.get("")
        if known is None:
            rates = dict(self._company.every(Query("TaxRate"), rate))
            codes = self._company.every(Query("TaxCode"), coded)
            known = {each.id: tax_code(each, rates) for each in codes}
            self._taxes.put("", known)
        return known

    @property
    def _label(self) -> str:
        return self._company.remote.address.label

    @property
    def _system(self) -> str:
        return self._company.remote.address.system
