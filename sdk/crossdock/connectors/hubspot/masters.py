"""Companies, contacts and products of a portal: read in full, found by other systems' ids.

What was created for another system's id carries a unique key of it, which is found at once; what
got that id later is found by a search, some seconds after it was written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot import parties, values
from crossdock.connectors.hubspot.kept import KEEPS
from crossdock.connectors.hubspot.objects import Object
from crossdock.connectors.hubspot.records import Records
from crossdock.connectors.keeping import fit
from crossdock.connectors.partial_crm import PartialCrm
from crossdock.connectors.vendor_crm.keys import key_of
from crossdock.connectors.writing import number
from crossdock.errors import NotFound
from crossdock.ports import Keeps, Page
from crossdock.records import Account, Contact, Item, Money

_T = TypeVar("_T")
_PRODUCT = ("name", "description", "price", "hs_sku", "hs_cost_of_goods_sold")
_LISTED = 100


class Masters(PartialCrm):
    """What `CrmPort` asks of companies, contacts and products, besides one at a time."""

    product = "HubSpot"
    keeps: Keeps = KEEPS
    _records: Records
    _companies: parties.Companies

    def all_accounts(self, *, after: str | None = None, limit: int = 200) -> Page[Account]:
        """List every company in the order in which they were made; at most a hundred at a time."""
        names = self._companies.properties
        return self._all("companies", names, self._companies.account, after, limit)

    def accounts_by_external_id(self, system: str, external_id: str) -> Sequence[Account]:
        """Find the companies that carry another system's id: by our key, and by its property."""
        found = self._by_key("companies", self._companies.properties, system, external_id)
        name = self._companies.customer_numbers.get(system)
        if name is not None:
            found |= self._searched("companies", self._companies.properties, name, external_id)
        accounts = [self._records.read(each, self._companies.account) for each in found.values()]
        return tuple(each for each in accounts if each.external_ids.get(system) == external_id)

    def all_contacts(self, *, after: str | None = None, limit: int = 200) -> Page[Contact]:
        """List every contact in the order in which they were made."""
        return self._all("contacts", parties.CONTACT, parties.contact, after, limit)

    def contacts_by_external_id(self, system: str, external_id: str) -> Sequence[Contact]:
        """Find the contact that was created for another system's id."""
        found = self._by_key("contacts", parties.CONTACT, system, external_id)
        contacts = [self._records.read(each, parties.contact) for each in found.values()]
        return tuple(each for each in contacts if each.external_ids.get(system) == external_id)

    def item(self, item_id: str) -> Item:
        """Read the product with a SKU.

        Raises:
            NotFound: there is none.
        """
        return self._records.read(self._product(item_id), self._item)

    def all_items(self, *, after: str | None = None, limit: int = 200) -> Page[Item]:
        """List every product in the order in which they were made."""
        return self._all("products", _PRODUCT, self._item, after, limit)

    def save_item(self, item: Item) -> Item:
        """Create or replace the product with a SKU; its price is in the portal's currency."""
        portal = self._records.portal
        fit(item, self.keeps["item"], portal.remote, use.CREATE_OBJECT)
        price = item.list_price
        if price is not None and price.currency != self._records.currency:
            raise portal.remote.rejected(
                use.CREATE_OBJECT,
                "list_price",
                f"is in {price.currency}, and the portal keeps prices in {self._records.currency}",
            )
        body: Mapping[str, str] = {
            "name": item.name,
            "description": item.description,
            "hs_sku": item.id,
            "price": "" if price is None else number(price.amount),
        }
        try:
            now = self._product(item.id)
        except NotFound:
            portal.create_once("products", key_of("sku", item.id), body, {})
        else:
            if item.version:
                self._records.check_version("product", item.id, item.version, now.version)
            self._records.change("products", now, body)
        made = portal.by_key("products", key_of("sku", item.id), _PRODUCT)
        return self._records.read(made or self._product(item.id), self._item)

    def _product(self, code: str) -> Object:
        portal = self._records.portal
        made = portal.by_key("products", key_of("sku", code), _PRODUCT)
        if made is not None:
            return made
        found = self._searched("products", _PRODUCT, "hs_sku", code)
        for each in found.values():
            return each
        raise NotFound(
            f"{portal.remote.address.label} has no product with the SKU {code}",
            system=self._records.system,
            status=404,
        )

    def _item(self, found: Object) -> Item:
        row, unit = found.properties, self._records.currency
        price, cost = values.text(row, "price"), values.text(row, "hs_cost_of_goods_sold")
        return Item(
            id=values.text(row, "hs_sku") or found.id,
            name=values.text(row, "name") or f"Product {found.id}",
            system=self._records.system,
            description=values.text(row, "description"),
            list_price=Money(Decimal(price), unit) if price else None,
            cost=Money(Decimal(cost), unit) if cost else None,
            modified_at=found.updated_at,
            version=found.version,
        )

    def _all(
        self,
        kind: str,
        properties: Sequence[str],
        parse: Callable[[Object], _T],
        after: str | None,
        limit: int,
    ) -> Page[_T]:
        listed = self._records.portal.page(kind, properties, after=after, limit=min(limit, _LISTED))
        found = tuple(self._records.read(each, parse) for each in listed.objects)
        return Page(items=found, next=listed.after)

    def _by_key(
        self, kind: str, properties: Sequence[str], system: str, external_id: str
    ) -> dict[str, Object]:
        made = self._records.portal.by_key(kind, key_of(system, external_id), properties)
        return {} if made is None else {made.id: made}

    def _searched(
        self, kind: str, properties: Sequence[str], name: str, value: str
    ) -> dict[str, Object]:
        listed = self._records.portal.search(
            kind,
            [[{"propertyName": name, "operator": "EQ", "value": value}]],
            properties,
            sort="hs_object_id",
            after=None,
            limit=10,
        )
        return {each.id: each for each in listed.objects}
