"""Customers, their people, items and price lists of the reference ERP, read in full and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeVar

from crossdock.connectors.erp import customers, items, people
from crossdock.connectors.erp import operations as use
from crossdock.connectors.erp.paging import LIMIT, all_pages, one_page
from crossdock.connectors.http import Remote
from crossdock.connectors.keeping import fit, keeps
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, text
from crossdock.errors import NotFound, NotSupported
from crossdock.ports import Keeps, Page
from crossdock.records import Contact, Item, ListPrice, PriceList, TradingAccount

_T = TypeVar("_T")
_ADDRESS: Final = {
    "name": 200, "street": 200, "city": 100, "region": 100, "postcode": 20, "country": 60,
}  # fmt: skip
_KEEPS: Final[Keeps] = MappingProxyType(
    {
        "trading_account": keeps(
            {
                "name": 200, "legal_name": 200, "tax_number": 40, "email": 200, "phone": 60,
                "website": 200, "terms_days": None, "active": None, "reference": 100,
            },
            _ADDRESS,
            shipping=True,
        ),
        "contact": keeps(
            {
                "first_name": 100, "last_name": 100, "job_title": 100, "email": 200, "phone": 60,
                "mobile": 60, "active": None, "reference": 100,
            }
        ),
        "item": keeps(
            {
                "name": 200, "description": 2000, "product_line": 100, "unit": 20, "kind": None,
                "list_price": None, "active": None,
            }
        ),
        "price": keeps(
            {
                "price": None, "discount_percent": None, "minimum_quantity": None,
                "valid_from": None, "valid_to": None,
            }
        ),
    }
)  # fmt: skip


class Masters:
    """What `ErpPort` asks of customers, contacts, items and price lists."""

    keeps: Keeps = _KEEPS
    system: str
    capabilities: frozenset[str]
    _remote: Remote
    _tax_code: str

    def all_customers(self, *, after: str | None = None, limit: int = 200) -> Page[TradingAccount]:
        """List every customer by number, inactive ones too."""
        return self._everything(use.LIST_CUSTOMERS, customers.customer, after, limit)

    def customers_by_reference(self, reference: str) -> Sequence[TradingAccount]:
        """Find the customers that carry the caller's own reference; several may have one."""
        query = {"externalReference": reference}
        return tuple(
            all_pages(self._remote, use.LIST_CUSTOMERS, self._read(customers.customer), query=query)
        )

    def save_customer(
        self, customer: TradingAccount, *, idempotency_key: str = ""
    ) -> TradingAccount:
        """Create a customer (empty `id`) or replace it; raises `Conflict` if `version` is stale.

        Its currency is chosen once, when it is created.
        """
        operation = use.CHANGE_CUSTOMER if customer.id else use.CREATE_CUSTOMER
        fit(customer, self.keeps["trading_account"], self._remote, operation)
        body = people.customer_body(customer)
        if not customer.id and customer.currency:
            body["currency"] = customer.currency
        return self._saved(
            operation,
            "customerId",
            customer.id,
            body,
            version=customer.version,
            key=idempotency_key,
            parse=customers.customer,
        )

    def contact(self, contact_id: str) -> Contact:
        """Read one contact."""
        answer = self._remote.call(use.GET_CONTACT, {"contactId": contact_id})
        return self._remote.read(answer, self._read(people.contact))

    def contacts(self, customer: TradingAccount) -> Sequence[Contact]:
        """List the people at a customer, by number."""
        query = {"customerId": customer.id}
        return tuple(
            all_pages(self._remote, use.LIST_CONTACTS, self._read(people.contact), query=query)
        )

    def all_contacts(self, *, after: str | None = None, limit: int = 200) -> Page[Contact]:
        """List every contact, by number."""
        return self._everything(use.LIST_CONTACTS, people.contact, after, limit)

    def save_contact(self, contact: Contact, *, idempotency_key: str = "") -> Contact:
        """Create a contact (empty `id`) or replace it; raises `Conflict` if `version` is stale."""
        operation = use.CHANGE_CONTACT if contact.id else use.CREATE_CONTACT
        fit(contact, self.keeps["contact"], self._remote, operation)
        return self._saved(
            operation,
            "contactId",
            contact.id,
            people.contact_body(contact),
            version=contact.version,
            key=idempotency_key,
            parse=people.contact,
        )

    def all_items(self, *, after: str | None = None, limit: int = 200) -> Page[Item]:
        """List every item by code, inactive ones too."""
        return self._everything(use.LIST_ITEMS, items.item, after, limit)

    def save_item(self, item: Item) -> Item:
        """Create or replace the item with a code; raises `Conflict` if `version` is stale.

        A new one that says no tax code gets that of the setting `tax_code`.

        Raises:
            NotSupported: it is new, and no tax code is said.
        """
        fit(item, self.keeps["item"], self._remote, use.CREATE_ITEM)
        version = item.version or self._version_of(item.id)
        body = items.item_body(item)
        if version is None:
            tax_code = item.tax_code or self._tax_code
            if not tax_code:
                raise NotSupported(
                    f"{self._remote.address.label} makes no item without a tax code: say that of "
                    "new items with tax_code beside its address"
                )
            made = {"id": item.id, "kind": item.kind, "taxCode": tax_code}
            answer = self._remote.call(use.CREATE_ITEM, body={**made, **body})
            return self._remote.read(answer, self._read(items.item))
        return self._saved(
            use.CHANGE_ITEM, "itemId", item.id, body, version=version, key="", parse=items.item
        )

    def _version_of(self, item_id: str) -> str | None:
        try:
            answer = self._remote.call(use.GET_ITEM, {"itemId": item_id})
        except NotFound:
            return None
        return self._remote.read(answer, self._read(items.item)).version

    def price_lists(self) -> Sequence[PriceList]:
        """List the price lists, by id."""
        read = self._read(items.price_list)
        return tuple(all_pages(self._remote, use.LIST_PRICE_LISTS, read, query={}))

    def prices(
        self, price_list_id: str, *, after: str | None = None, limit: int = 200
    ) -> Page[ListPrice]:
        """List the prices of a price list."""
        query = {"priceListId": price_list_id}
        return self._everything(use.LIST_PRICES, items.list_price, after, limit, query)

    def save_price(self, price: ListPrice) -> ListPrice:
        """Say what an item costs in a price list from a quantity on, once or again."""
        fit(price, self.keeps["price"], self._remote, use.SET_PRICE)
        body = self._remote.written(use.SET_PRICE, lambda: items.price_body(price))
        names = {"priceListId": price.price_list_id, "itemId": price.item_id}
        answer = self._remote.call(use.SET_PRICE, names, body=body)
        return self._remote.read(answer, self._read(items.list_price))

    def writes_as(self) -> str:
        """Say the name behind the key that this connector has."""
        return self._remote.read(self._remote.call(use.GET_SESSION), lambda row: text(row, "name"))

    def _everything(
        self,
        operation: Operation,
        parse: Callable[[Row, str], _T],
        after: str | None,
        limit: int,
        query: Mapping[str, str] | None = None,
    ) -> Page[_T]:
        return one_page(
            self._remote,
            operation,
            self._read(parse),
            query=query or {},
            after=after,
            limit=limit,
            most=LIMIT,
        )

    def _read(self, parse: Callable[[Row, str], _T]) -> Callable[[Row], _T]:
        return lambda row: parse(row, self.system)

    def _saved(
        self,
        operation: Operation,
        name: str,
        record_id: str,
        body: dict[str, Any],
        *,
        version: str | None,
        key: str,
        parse: Callable[[Row, str], _T],
    ) -> _T:
        """Create what has no id, once for each key, or change what was read, if it is still so."""
        if record_id:
            if not version:
                raise self._remote.rejected(
                    operation, "version", f"{record_id} carries no version: change what was read"
                )
            headers = {"If-Match": f'"{version}"'}
            answer = self._remote.call(operation, {name: record_id}, body=body, headers=headers)
        else:
            key = key if "idempotency_key" in self.capabilities else ""
            headers = {"Idempotency-Key": key} if key else {}
            answer = self._remote.call(operation, body=body, headers=headers, repeatable=bool(key))
        return self._remote.read(answer, self._read(parse))
