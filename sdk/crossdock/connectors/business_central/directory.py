"""Customers and items by the numbers that people know, and what their codes are called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.company import Company
from crossdock.connectors.business_central.customers import EXPANDED, Customer, customer
from crossdock.connectors.business_central.items import Product, product
from crossdock.connectors.business_central.odata import (
    AT_ONCE,
    Query,
    among,
    contains,
    every,
)
from crossdock.connectors.pieces import in_pieces
from crossdock.connectors.reading import Row, optional_text, text
from crossdock.connectors.remembering import Remembered
from crossdock.errors import NotFound


class Directory:
    """Looks up customers and items of one company."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._categories: Remembered[str, dict[str, str]] = Remembered()

    def customer(self, number: str) -> Customer:
        """Read a customer by its number.

        Raises:
            NotFound: there is none.
        """
        found = list(self.customers_numbered([number]))
        if not found:
            raise self._missing(f"customer {number}", "no_such_customer")
        return found[0]

    def customers_numbered(self, numbers: Iterable[str]) -> Iterable[Customer]:
        """Read customers by their numbers; numbers of none are left out."""
        for piece in in_pieces(numbers, AT_ONCE):
            query = Query(filter=among("number", piece), expand=EXPANDED)
            yield from self._company.every(use.CUSTOMERS, query, self._customer)

    def customers(
        self, typed: str, *, after: str | None, limit: int
    ) -> tuple[tuple[Customer, ...], str | None]:
        """Read a page of customers by number; a number that is there in full comes alone."""
        if typed and not after:
            exact = tuple(self.customers_numbered([typed]))
            if exact:
                return exact, None
        query = Query(
            filter=contains("displayName", typed) if typed else "",
            order="number",
            expand=EXPANDED,
        )
        found = self._company.page(use.CUSTOMERS, query, size=limit, further=after)
        return self._company.parsed(use.CUSTOMERS, found.rows, self._customer), found.further

    def product(self, code: str) -> Product:
        """Read an item by its number.

        Raises:
            NotFound: there is none.
        """
        found = self.products([code])
        if code not in found:
            raise self._missing(f"item {code}", "no_such_item")
        return found[code]

    def products(self, codes: Iterable[str]) -> dict[str, Product]:
        """Read items by their numbers, blocked ones too; numbers of none are left out."""
        categories = self._category_names()
        found: dict[str, Product] = {}
        for piece in in_pieces(codes, AT_ONCE):
            query = Query(filter=among("number", piece))
            for each in self._company.every(use.ITEMS, query, lambda row: product(row, categories)):
                found[each.code] = each
        return found

    def items(
        self, typed: str, *, after: str | None, limit: int
    ) -> tuple[tuple[Product, ...], str | None]:
        """Read a page of items that are not blocked; a number that is there in full comes alone."""
        if typed and not after:
            exact = [each for each in self.products([typed]).values() if not each.blocked]
            if exact:
                return tuple(exact), None
        named = contains("displayName", typed) if typed else ""
        query = Query(filter=every("blocked eq false", named), order="number")
        found = self._company.page(use.ITEMS, query, size=limit, further=after)
        categories = self._category_names()
        return (
            self._company.parsed(use.ITEMS, found.rows, lambda row: product(row, categories)),
            found.further,
        )

    def all_items(self, *, after: str | None, limit: int) -> tuple[tuple[Product, ...], str | None]:
        """Read a page of all items by number."""
        found = self._company.page(use.ITEMS, Query(order="number"), size=limit, further=after)
        categories = self._category_names()
        return (
            self._company.parsed(use.ITEMS, found.rows, lambda row: product(row, categories)),
            found.further,
        )

    def now(self) -> datetime | None:
        """Ask Business Central what time it is, by a question of next to nothing."""
        return self._company.page(use.PAYMENT_TERMS, Query(select="code"), top=1).now

    def _customer(self, row: Row) -> Customer:
        return customer(row, self._company.home)

    def _category_names(self) -> dict[str, str]:
        known = self._categories.get("")
        if known is None:
            query = Query(select="code,displayName")
            known = dict(self._company.every(use.CATEGORIES, query, _named))
            self._categories.put("", known)
        return known

    def _missing(self, what: str, code: str) -> NotFound:
        address = self._company.remote.address
        return NotFound(f"{address.label} has no {what}", system=address.system, code=code)


def _named(row: Row) -> tuple[str, str]:
    code = text(row, "code")
    return code, optional_text(row, "displayName") or code
