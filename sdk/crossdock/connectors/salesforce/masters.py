"""Accounts, contacts and products of an organization: read in full, found by others' ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from crossdock.connectors.keeping import fit
from crossdock.connectors.partial_crm import PartialCrm
from crossdock.connectors.reading import Row, text
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce import parties, soql, values
from crossdock.connectors.salesforce.accounts import Parties
from crossdock.connectors.salesforce.catalogue import Catalogue
from crossdock.connectors.salesforce.kept import KEEPS
from crossdock.connectors.salesforce.org import Org
from crossdock.connectors.salesforce.price_books import PriceBooks
from crossdock.connectors.salesforce.queries import STAMPS, is_id, version_of
from crossdock.connectors.salesforce.records import Records
from crossdock.connectors.salesforce.values import Written
from crossdock.connectors.vendor_crm.keys import key_of
from crossdock.errors import NotFound
from crossdock.ports import Keeps, Page
from crossdock.records import Account, Contact, Item, ListPrice, Money, PriceList

_T = TypeVar("_T")
_MOST: Final = 2000
_PRODUCT: Final = (
    *STAMPS, "Name", "ProductCode", "Description", "IsActive", "QuantityUnitOfMeasure",
    "LastModifiedById",
)  # fmt: skip


class Masters(PartialCrm):
    """What `CrmPort` asks of accounts, contacts and products, besides one at a time."""

    product = "Salesforce"
    keeps: Keeps = KEEPS
    _org: Org
    _records: Records
    _accounts: parties.Accounts
    _people: Parties
    _catalogue: Catalogue

    def all_accounts(self, *, after: str | None = None, limit: int = 200) -> Page[Account]:
        """List every account by its id, which counts up as they are made."""
        return self._behind("Account", self._accounts.fields, self._accounts.account, after, limit)

    def accounts_by_external_id(self, system: str, external_id: str) -> Sequence[Account]:
        """Find the accounts with a customer number, or that were created for another id."""
        name = self._accounts.customer_numbers.get(system)
        if name is not None:
            where = soql.equal(self._org.name(name), external_id)
            rows = self._org.select(self._accounts.fields, "Account", where=where, order="Id")
            return tuple(self._org.read(row, self._accounts.account) for row in rows)
        made = self._org.by_key("Account", key_of(system, external_id))
        found = () if made is None else (self._people.account(made),)
        return tuple(each for each in found if each.external_ids.get(system) == external_id)

    def all_contacts(self, *, after: str | None = None, limit: int = 200) -> Page[Contact]:
        """List every contact by its id."""
        return self._behind("Contact", parties.CONTACT, parties.contact, after, limit)

    def contacts_by_external_id(self, system: str, external_id: str) -> Sequence[Contact]:
        """Find the contact that was created for another system's id."""
        made = self._org.by_key("Contact", key_of(system, external_id))
        found = () if made is None else (self._people.contact(made),)
        return tuple(each for each in found if each.external_ids.get(system) == external_id)

    def item(self, item_id: str) -> Item:
        """Read the product with a code; its price is that of the price book."""
        row = self._product(item_id)
        if row is None:
            raise NotFound(
                f"{self._org.remote.address.label} has no product with the code {item_id!r}",
                system=self._records.system,
                status=404,
            )
        return self._items([row])[0]

    def all_items(self, *, after: str | None = None, limit: int = 200) -> Page[Item]:
        """List every product by its id, inactive ones too."""
        found = self._behind("Product2", _PRODUCT, lambda row: row, after, limit)
        return Page(items=tuple(self._items(found.items)), next=found.next)

    def save_item(self, item: Item) -> Item:
        """Create or replace the product with a code, and its price in the price book."""
        fit(item, self.keeps["item"], self._org.remote, use.CREATE)
        price = item.list_price
        self._records.check_currency("list_price", None if price is None else price.currency)
        body: dict[str, Written] = {
            "Name": item.name,
            "ProductCode": item.id,
            "Description": values.as_text(item.description),
            "IsActive": item.active,
        }
        now = self._product(item.id)
        if now is None:
            product_id = self._org.create("Product2", body)
        else:
            if item.version:
                known = self._items([now])[0].version
                self._records.check_version("product", item.id, item.version, known)
            product_id = str(now["Id"])
            self._records.change("Product2", now, body)
        if price is not None:
            self._catalogue.set_price(product_id, price.amount)
        return self.item(item.id)

    def price_lists(self) -> Sequence[PriceList]:
        """List the price books besides the one that items have their prices from."""
        return self._price_books().lists(self._catalogue.price_book())

    def prices(
        self, price_list_id: str, *, after: str | None = None, limit: int = 200
    ) -> Page[ListPrice]:
        """List the prices of a price book."""
        return self._price_books().prices(price_list_id, after, limit)

    def save_price_list(self, price_list: PriceList) -> PriceList:
        """Create a price book (empty `id`) or replace it; raises `Conflict` if it is stale."""
        return self._price_books().save_list(price_list)

    def save_price(self, price: ListPrice) -> ListPrice:
        """Say what a product costs in a price book, once or again."""
        return self._price_books().save_price(price)

    def _price_books(self) -> PriceBooks:
        return PriceBooks(self._org, self._records)

    def writes_as(self) -> str:
        """Say the id of the user whose session this connector has."""
        answer = self._org.call(use.SHOW_USER)
        return self._org.remote.read(answer, lambda row: text(row, "user_id"))

    def _product(self, code: str) -> Row | None:
        where = soql.equal("ProductCode", code)
        rows = self._org.select(_PRODUCT, "Product2", where=where, order="Id", limit=1)
        return rows[0] if rows else None

    def _items(self, rows: Sequence[Row]) -> list[Item]:
        prices = self._catalogue.prices(str(row["Id"]) for row in rows)

        def item(row: Row) -> Item:
            amount = prices.get(text(row, "Id"))
            return Item(
                id=values.text(row, "ProductCode") or text(row, "Id"),
                name=values.text(row, "Name"),
                system=self._records.system,
                description=values.text(row, "Description"),
                unit=values.text(row, "QuantityUnitOfMeasure"),
                list_price=None if amount is None else Money(amount, self._records.currency),
                active=values.truth(row, "IsActive"),
                modified_at=values.instant(row, "LastModifiedDate"),
                modified_by=values.text(row, "LastModifiedById"),
                version=version_of(row),
            )

        return [self._org.read(row, item) for row in rows]

    def _behind(
        self,
        kind: str,
        fields: Sequence[str],
        parse: Callable[[Row], _T],
        after: str | None,
        limit: int,
    ) -> Page[_T]:
        size = max(1, min(limit, _MOST))
        where = ""
        if after is not None:
            if not is_id(after):
                raise self._org.remote.rejected(use.QUERY, "after", "is no cursor of this list")
            where = f"Id > {soql.literal(after)}"
        rows = self._org.select(fields, kind, where=where, order="Id", limit=size + 1)
        found = tuple(self._org.read(row, parse) for row in rows[:size])
        more = len(rows) > size
        return Page(items=found, next=str(rows[size - 1]["Id"]) if more else None)
