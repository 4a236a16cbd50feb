"""Accounts, contacts and products of the reference CRM: read in full, found by others' ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Final, TypeVar

from crossdock.connectors.crm import operations as use
from crossdock.connectors.crm import parties, products
from crossdock.connectors.crm.paging import PAGE_SIZE, all_pages, page_behind
from crossdock.connectors.http import Remote
from crossdock.connectors.keeping import fit, keeps
from crossdock.connectors.operations import Operation
from crossdock.connectors.partial_crm import PartialCrm
from crossdock.connectors.reading import Row, currency, each, text, whole
from crossdock.errors import NotFound
from crossdock.ports import Keeps, Page
from crossdock.records import Account, Contact, Item, ListPrice, PriceList

_T = TypeVar("_T", Account, Contact, Item)
_ADDRESS: Final = {
    "name": 200, "street": 200, "city": 100, "region": 100, "postcode": 30, "country": 60,
}  # fmt: skip
_KEEPS: Final[Keeps] = MappingProxyType(
    {
        "account": keeps(
            {
                "name": 200, "legal_name": 200, "kind": None, "industry": 100, "owner_id": None,
                "parent_id": None, "email": 200, "phone": 50, "website": 200, "tax_number": 50,
                "currency": None, "active": None,
            },
            _ADDRESS,
            shipping=True,
        ),
        "contact": keeps(
            {
                "first_name": 100, "last_name": 100, "job_title": 100, "email": 200, "phone": 50,
                "mobile": 50, "active": None,
            }
        ),
        "item": keeps(
            {
                "name": 200, "description": 2000, "product_line": 100, "unit": 20, "kind": None,
                "list_price": None, "active": None,
            }
        ),
        "price_list": keeps(
            {
                "name": 200, "currency": None, "valid_from": None, "valid_to": None,
                "active": None,
            }
        ),
        "price": keeps(
            {
                "price": None, "discount_percent": None, "minimum_quantity": None,
                "valid_from": None, "valid_to": None, "active": None,
            }
        ),
    }
)  # fmt: skip


class Masters(PartialCrm):
    """What `CrmPort` asks of accounts, contacts and items, besides one at a time."""

    product = "the reference CRM"
    keeps: Keeps = _KEEPS
    _remote: Remote
    _client_id: str
    _units: dict[str, str]

    def all_accounts(self, *, after: str | None = None, limit: int = 200) -> Page[Account]:
        """List every account by id, inactive ones too."""
        return self._behind(use.LIST_ACCOUNTS, parties.account, after, limit)

    def accounts_by_external_id(self, system: str, external_id: str) -> Sequence[Account]:
        """Find the accounts that carry another system's id; several may."""
        return self._by_external_id(use.LIST_ACCOUNTS, parties.account, system, external_id)

    def all_contacts(self, *, after: str | None = None, limit: int = 200) -> Page[Contact]:
        """List every contact by id, inactive ones too."""
        return self._behind(use.LIST_CONTACTS, parties.contact, after, limit)

    def contacts_by_external_id(self, system: str, external_id: str) -> Sequence[Contact]:
        """Find the contacts that carry another system's id."""
        return self._by_external_id(use.LIST_CONTACTS, parties.contact, system, external_id)

    def item(self, item_id: str) -> Item:
        """Read one product by its code."""
        answer = self._remote.call(use.GET_PRODUCT, {"id": item_id})
        return self._remote.read(answer, self._item)

    def all_items(self, *, after: str | None = None, limit: int = 200) -> Page[Item]:
        """List every product by code, inactive ones too."""
        return self._behind(use.LIST_PRODUCTS, self._item, after, limit)

    def save_item(self, item: Item) -> Item:
        """Create or replace the product with a code; raises `Conflict` if `version` is stale."""
        fit(item, self.keeps["item"], self._remote, use.CREATE_PRODUCT)
        version = item.version or self._version_of(item.id)
        if version is None:
            body = self._remote.written(use.CREATE_PRODUCT, lambda: products.body(item))
            answer = self._remote.call(use.CREATE_PRODUCT, body={"id": item.id, **body})
        else:
            body = self._remote.written(use.CHANGE_PRODUCT, lambda: products.body(item))
            if not version.isdigit():
                raise self._remote.rejected(use.CHANGE_PRODUCT, "version", "is none of the CRM's")
            answer = self._remote.call(
                use.CHANGE_PRODUCT, {"id": item.id}, body={**body, "version": int(version)}
            )
        return self._remote.read(answer, self._item)

    def price_lists(self) -> Sequence[PriceList]:
        """List the price lists by id, those out of use too."""
        return all_pages(
            self._remote,
            use.LIST_PRICE_LISTS,
            lambda row: products.price_list(row, self.system),
            query={"sort": "id"},
            key=lambda each: each.id,
        )

    def prices(
        self, price_list_id: str, *, after: str | None = None, limit: int = 200
    ) -> Page[ListPrice]:
        """List the prices of a price list, in the order in which they were made."""
        size = max(1, min(limit, PAGE_SIZE))
        answer = self._remote.call(
            use.LIST_PRICES,
            {"id": price_list_id},
            query={"sort": "id", "page": 1, "page_size": size, "after": after or None},
        )

        def page(body: Row) -> Page[ListPrice]:
            found = each(body, "data", lambda row: (text(row, "id"), self._price(row)))
            last = found[-1][0] if len(found) < whole(body, "total") else None
            return Page(items=tuple(price for _, price in found), next=last)

        return self._remote.read(answer, page)

    def save_price_list(self, price_list: PriceList) -> PriceList:
        """Create a price list (empty `id`) or replace it; raises `Conflict` if it is stale."""
        operation = use.CHANGE_PRICE_LIST if price_list.id else use.CREATE_PRICE_LIST
        fit(price_list, self.keeps["price_list"], self._remote, operation)
        body = products.price_list_body(price_list)
        if price_list.id:
            version = price_list.version or ""
            if not version.isdigit():
                raise self._remote.rejected(operation, "version", "is none of the CRM's")
            body["version"] = int(version)
            answer = self._remote.call(operation, {"id": price_list.id}, body=body)
        else:
            if price_list.currency:
                body["currency"] = price_list.currency
            answer = self._remote.call(operation, body=body)
        return self._remote.read(answer, lambda row: products.price_list(row, self.system))

    def save_price(self, price: ListPrice) -> ListPrice:
        """Say what a product costs in a price list from a quantity on, once or again."""
        fit(price, self.keeps["price"], self._remote, use.SET_PRICE)
        names = {"id": price.price_list_id}
        unit = self._unit(price) if price.price is not None else ""
        body = self._remote.written(use.SET_PRICE, lambda: products.price_body(price, unit))
        return self._remote.read(self._remote.call(use.SET_PRICE, names, body=body), self._price)

    def _unit(self, price: ListPrice) -> str:
        """Give the currency of a price's list, which it has for good."""
        known = self._units.get(price.price_list_id)
        if known is None:
            answer = self._remote.call(use.GET_PRICE_LIST, {"id": price.price_list_id})
            known = self._units[price.price_list_id] = self._remote.read(answer, currency)
        return known

    def _price(self, row: Row) -> ListPrice:
        return products.list_price(row, self.system)

    def writes_as(self) -> str:
        """Say the client that this connector is; what it writes for a user is the user's."""
        return self._client_id

    def _version_of(self, item_id: str) -> str | None:
        try:
            return self.item(item_id).version
        except NotFound:
            return None

    def _item(self, row: Row) -> Item:
        return products.item(row, self.system)

    def _behind(
        self, operation: Operation, parse: Callable[[Row], _T], after: str | None, limit: int
    ) -> Page[_T]:
        return page_behind(
            self._remote, operation, parse, after=after, limit=limit, key=lambda each: each.id
        )

    def _by_external_id(
        self, operation: Operation, parse: Callable[[Row], _T], system: str, external_id: str
    ) -> Sequence[_T]:
        return all_pages(
            self._remote,
            operation,
            parse,
            query={"external_id": f"{system}:{external_id}", "sort": "id"},
            key=lambda each: each.id,
        )
