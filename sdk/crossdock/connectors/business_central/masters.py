"""Customers and items of Business Central, read in full and written.

A customer has no field for the caller's key, so a new one gets a number that is made of it
(`number_of`): a number is there once, so that a repeat meets the first. That needs a number series
that lets numbers be given ("Manual Nos."). People are contacts of Business Central's own CRM part,
which its interface does not put at a customer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from attrs import evolve

from crossdock.connectors.business_central import items
from crossdock.connectors.business_central import operations as use
from crossdock.connectors.business_central.company import Company
from crossdock.connectors.business_central.customers import days
from crossdock.connectors.business_central.directory import Directory
from crossdock.connectors.business_central.numbers import number_of
from crossdock.connectors.business_central.odata import Query
from crossdock.connectors.business_central.untold import Untold
from crossdock.connectors.business_central.wire import ETAG
from crossdock.connectors.keeping import fit, keeps
from crossdock.connectors.reading import Row, text
from crossdock.errors import Conflict, Stale
from crossdock.ports import Keeps, Page
from crossdock.records import Item, TradingAccount

_NUMBER_TAKEN: Final = "Internal_EntityWithSameKeyExists"
_MOST: Final = 5_000
_KEEPS: Final[Keeps] = MappingProxyType(
    {
        "trading_account": keeps(
            {
                "name": 100, "tax_number": 20, "email": 80, "phone": 30, "website": 80,
                "terms_days": None, "active": None, "reference": 200,
            },
            {"street": 100, "city": 30, "region": 30, "postcode": 20, "country": 10},
        ),
        "item": keeps({"name": 100, "kind": None, "list_price": None, "active": None}),
    }
)  # fmt: skip


class Masters(Untold):
    """What `ErpPort` asks of customers and items, besides one at a time."""

    keeps: Keeps = _KEEPS
    _company: Company
    _directory: Directory

    def all_customers(self, *, after: str | None = None, limit: int = 200) -> Page[TradingAccount]:
        """List every customer by number, blocked ones too."""
        found, further = self._directory.customers("", after=after, limit=_size(limit))
        home = self._company.home
        return Page(items=tuple(each.record(self.system, home) for each in found), next=further)

    def customers_by_reference(self, reference: str) -> Sequence[TradingAccount]:
        """Find the customer whose number was made of the caller's own reference."""
        found = self._directory.customers_numbered([number_of(reference)])
        home = self._company.home
        return tuple(evolve(each.record(self.system, home), reference=reference) for each in found)

    def save_customer(
        self,
        customer: TradingAccount,
        *,
        idempotency_key: str = "",  # noqa: ARG002 - its number is the key
    ) -> TradingAccount:
        """Create a customer (empty `id`) under a number made of its reference, or replace it.

        An inactive customer is blocked for everything.

        Raises:
            Stale: it was changed since it was read.
        """
        operation = use.UPDATE_CUSTOMER if customer.id else use.CREATE_CUSTOMER
        fit(customer, self.keeps["trading_account"], self._company.remote, operation)
        body = self._written(customer)
        if customer.id:
            return self._changed(customer, body)
        if customer.reference:
            body["number"] = number_of(customer.reference)
        if customer.currency and customer.currency != self._company.home:
            body["currencyCode"] = customer.currency
        if not customer.active:
            body["blocked"] = "All"
        try:
            answer = self._company.call(use.CREATE_CUSTOMER, body=body)
        except Conflict as conflict:
            there = self.customers_by_reference(customer.reference) if customer.reference else ()
            if conflict.code != _NUMBER_TAKEN or not there:
                raise
            return there[0]
        number = self._company.remote.read(answer, lambda row: text(row, "number"))
        return evolve(self._read(number), reference=customer.reference)

    def all_items(self, *, after: str | None = None, limit: int = 200) -> Page[Item]:
        """List every item by number, blocked ones too."""
        found, further = self._directory.all_items(after=after, limit=_size(limit))
        home = self._company.home
        return Page(items=tuple(each.record(self.system, home) for each in found), next=further)

    def save_item(self, item: Item) -> Item:
        """Create or replace the item with a number; one out of use is blocked.

        Its categories and units are chosen in Business Central.

        Raises:
            Stale: it was changed since it was read.
        """
        remote = self._company.remote
        now = self._directory.products([item.id]).get(item.id)
        there = None if now is None else now.record(self.system, self._company.home)
        fit(items.new_in(item, there), self.keeps["item"], remote, use.CREATE_ITEM)
        body = remote.written(use.CREATE_ITEM, lambda: items.body(item, self._company.home))
        if now is None:
            made = {"number": item.id, "type": items.TYPES[item.kind], **body}
            self._company.call(use.CREATE_ITEM, body=made)
        else:
            version = item.version or now.version
            if version != now.version:
                raise self._stale(f"item {item.id}")
            headers = {"If-Match": version}
            self._company.call(use.UPDATE_ITEM, entity_id=now.key, body=body, headers=headers)
        return self._directory.product(item.id).record(self.system, self._company.home)

    def _stale(self, what: str) -> Stale:
        return Stale(
            f"{self._company.remote.address.label} has {what} as somebody else changed it since it "
            "was read",
            system=self.system,
            code="Request_EntityChanged",
        )

    def _changed(self, record: TradingAccount, body: dict[str, Any]) -> TradingAccount:
        now = self._directory.customer(record.id)
        if now.row[ETAG] != record.version:
            raise self._stale(f"customer {record.id}")
        if record.active != (now.blocked != "All"):
            body["blocked"] = "_x0020_" if record.active else "All"
        headers = {"If-Match": str(record.version)}
        self._company.call(use.UPDATE_CUSTOMER, entity_id=now.id, body=body, headers=headers)
        return evolve(self._read(record.id), reference=record.reference)

    def _read(self, number: str) -> TradingAccount:
        return self._directory.customer(number).record(self.system, self._company.home)

    def _written(self, record: TradingAccount) -> dict[str, Any]:
        """Write what is kept; a blank text stands for nothing."""
        where = record.address
        body: dict[str, Any] = {
            "displayName": record.name,
            "email": record.email or "",
            "phoneNumber": record.phone or "",
            "website": record.website,
            "taxRegistrationNumber": record.tax_number,
            "addressLine1": where.street,
            "addressLine2": "",
            "city": where.city,
            "state": where.region,
            "postalCode": where.postcode,
            "country": where.country,
        }
        if record.terms_days is not None:
            body["paymentTermsId"] = self._term(record.terms_days)
        return body

    def _term(self, wanted: int) -> str:
        def term(row: Row) -> tuple[int | None, str]:
            return days(row), text(row, "id")

        known: Mapping[int | None, str] = dict(
            self._company.every(use.PAYMENT_TERMS, Query(select="id,dueDateCalculation"), term)
        )
        if wanted not in known:
            raise self._company.remote.rejected(
                use.CREATE_CUSTOMER,
                "terms_days",
                f"no payment terms of the company are {wanted} days",
            )
        return known[wanted]


def _size(limit: int) -> int:
    return max(1, min(limit, _MOST))
