"""Customers of QuickBooks read in full and written, and its items read in full.

QuickBooks keeps no key of the caller's, so it is told in the customer's notes, and the `requestid`
lets a repeat be the first answer again. A display name is there once: where a namesake has it, the
new one gets the caller's key behind its name. People at a customer are not kept beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from attrs import evolve

from crossdock.connectors.keeping import fit, keeps
from crossdock.connectors.partial import PartialErp
from crossdock.connectors.quickbooks import operations as use
from crossdock.connectors.quickbooks.company import Company
from crossdock.connectors.quickbooks.customers import (
    Customer,
    Numbering,
    customer,
    trading_account,
)
from crossdock.connectors.quickbooks.directory import Directory
from crossdock.connectors.quickbooks.items import SOLD, product
from crossdock.connectors.quickbooks.origin import Origin, origin_of
from crossdock.connectors.quickbooks.placing import request_id
from crossdock.connectors.quickbooks.query import WITH_INACTIVE, Query, equal, literal
from crossdock.connectors.quickbooks.written import customer_body
from crossdock.connectors.reading import Row, optional_text, part
from crossdock.errors import Conflict, Stale
from crossdock.ports import Keeps, Page
from crossdock.records import Item, TradingAccount

_NAME_TAKEN: Final = "6240"
_PAGE: Final = 200
_KEEPS: Final[Keeps] = MappingProxyType(
    {
        "trading_account": keeps(
            {
                "name": 100, "tax_number": 20, "email": 100, "phone": 30, "website": 1000,
                "terms_days": None, "active": None, "reference": 200,
            },
            {"street": 500, "city": 255, "region": 255, "postcode": 30, "country": 255},
            shipping=True,
        )
    }
)  # fmt: skip


class Masters(PartialErp):
    """What `ErpPort` asks of customers and items, besides one at a time."""

    keeps: Keeps = _KEEPS
    _company: Company
    _directory: Directory
    _numbering: Numbering

    def all_customers(self, *, after: str | None = None, limit: int = 200) -> Page[TradingAccount]:
        """List every customer in the order of QuickBooks' ids, inactive ones too.

        None is ever deleted, so that a position stays.
        """
        query = Query("Customer", (WITH_INACTIVE,), "Id")
        found = self._page(query, self._read_customer, after=after, limit=limit)
        return evolve(found, items=tuple(map(self._known, found.items)))

    def customers_by_reference(self, reference: str) -> Sequence[TradingAccount]:
        """Find the customers whose notes carry the caller's own reference.

        No query asks for notes, so all customers are looked at, a thousand at a time.
        """
        query = Query("Customer", (WITH_INACTIVE,), "Id")
        found = self._company.every(query, self._read_customer)
        return tuple(self._known(each) for each in found if _reference(each.row) == reference)

    def save_customer(
        self, customer: TradingAccount, *, idempotency_key: str = ""
    ) -> TradingAccount:
        """Create a customer (empty `id`), or replace what is kept of it.

        Raises:
            Stale: it was changed since it was read.
            Conflict: its name is a namesake's.
        """
        fit(customer, self.keeps["trading_account"], self._company.remote, use.WRITE_CUSTOMER)
        term = self._term(customer)
        if customer.id:
            return self._changed(customer, term)
        name = self._numbering.unnumbered(customer.name)
        try:
            return self._made(customer, name, term, idempotency_key)
        except Conflict as conflict:
            if conflict.code != _NAME_TAKEN or not customer.reference:
                raise
        mine = [each for each in self._called(name) if _reference(each.row) == customer.reference]
        if mine:
            return self._known(mine[0])
        further = f"{name} ({customer.reference})"
        key = f"{idempotency_key}-namesake" if idempotency_key else ""
        return self._made(customer, further, term, key)

    def all_items(self, *, after: str | None = None, limit: int = 200) -> Page[Item]:
        """List every item that is sold in the order of QuickBooks' ids, inactive ones too."""
        sold = f"Type IN ({', '.join(map(literal, sorted(SOLD)))})"
        found = self._page(
            Query("Item", (sold, WITH_INACTIVE), "Id"), product, after=after, limit=limit
        )
        home = self._company.home
        return evolve(found, items=tuple(each.record(self.system, home) for each in found.items))

    def _page(
        self, query: Query, parse: Callable[[Row], Any], *, after: str | None, limit: int
    ) -> Page[Any]:
        """Read a page; the cursor is the position of the next row."""
        size = max(1, min(limit, _PAGE))
        start = int(after) if after and after.isascii() and after.isdigit() else 1
        rows, _ = self._company.page(query, parse, start=start, most=size)
        return Page(items=rows, next=str(start + size) if len(rows) == size else None)

    def _trading_account(self, found: Customer) -> TradingAccount:
        payer = self._directory.payer(found)
        return trading_account(
            found,
            self.system,
            terms_days=self._directory.terms_days(found.term),
            bill_to=payer.number if payer.id != found.id else None,
        )

    def _made(
        self, record: TradingAccount, name: str, term: str | None, key: str
    ) -> TradingAccount:
        origin = Origin(reference=record.reference) if record.reference else None
        body = customer_body(record, name, term, {}, origin)
        if record.currency and record.currency != self._company.home:
            body["CurrencyRef"] = {"value": record.currency}
        return self._written(body, key)

    def _changed(self, record: TradingAccount, term: str | None) -> TradingAccount:
        now = self._directory.customer(record.id)
        if now.row["SyncToken"] != record.version:
            raise Stale(
                f"{self._company.remote.address.label} has customer {record.id} in another state "
                f"than it was read in ({now.row['SyncToken']}, not {record.version})",
                system=self.system,
                code="5010",
            )
        shown = optional_text(now.row, "DisplayName").removesuffix(" (deleted)")
        name = shown.replace(now.name, record.name) if now.name in shown else record.name
        origin = origin_of(optional_text(now.row, "Notes")) or Origin(reference="")
        origin = evolve(origin, reference=record.reference)
        return self._written(customer_body(record, name, term, now.row, origin), "")

    def _written(self, body: Mapping[str, Any], key: str) -> TradingAccount:
        answer = self._company.call(
            use.WRITE_CUSTOMER,
            query={"requestid": request_id(key) if key else None},
            body=body,
            headers={"Idempotency-Key": key} if key else {},  # for the evidence, as of orders
            repeatable=bool(key),
        )
        read = self._company.remote.read(
            answer, lambda told: part(told, "Customer", self._read_customer)
        )
        return self._known(read)

    def _term(self, record: TradingAccount) -> str | None:
        """Give the term with the days that are asked for; `None` where none are."""
        if record.terms_days is None:
            return None
        found = self._directory.term_of(record.terms_days)
        if not found:
            raise self._company.remote.rejected(
                use.WRITE_CUSTOMER,
                "terms_days",
                f"no term of the company is due after {record.terms_days} days",
            )
        return found

    def _called(self, name: str) -> list[Customer]:
        query = Query("Customer", (equal("DisplayName", name),))
        return self._company.every(query, self._read_customer)

    def _known(self, found: Customer) -> TradingAccount:
        return self._trading_account(self._directory.learn(found))

    def _read_customer(self, row: Row) -> Customer:
        return customer(row, self._numbering, self._company.home)


def _reference(row: Row) -> str:
    origin = origin_of(optional_text(row, "Notes"))
    return origin.reference if origin else ""
