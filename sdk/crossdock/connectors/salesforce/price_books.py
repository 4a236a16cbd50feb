"""Price books beside the one that items have their prices from, and what they hold.

An entry is one price of one product: quantities, discounts and days are for programs of others, so
they are refused by their names. Salesforce takes an entry only where the product has a standard
price.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crossdock.connectors.keeping import fit
from crossdock.connectors.reading import Row, text
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce import soql, values
from crossdock.connectors.salesforce.kept import KEEPS
from crossdock.connectors.salesforce.org import Org
from crossdock.connectors.salesforce.queries import STAMPS, is_id, version_of
from crossdock.connectors.salesforce.records import Records
from crossdock.connectors.salesforce.values import Written
from crossdock.connectors.writing import json_number
from crossdock.errors import NotFound, NotSupported
from crossdock.ports import Page
from crossdock.records import ListPrice, Money, PriceList

_BOOK: Final = (*STAMPS, "Name", "IsActive")
_ENTRY: Final = ("Id", "LastModifiedDate", "UnitPrice", "IsActive", "Product2.ProductCode",
                 "UseStandardPrice")  # fmt: skip
_MOST: Final = 2000


class PriceBooks:
    """What `CrmPort` asks of price lists.

    Args:
        org: the organization.
        records: reads and writes them.
    """

    def __init__(self, org: Org, records: Records) -> None:
        self._org = org
        self._records = records

    def lists(self, own: str) -> Sequence[PriceList]:
        """List the price books, those out of use too.

        Args:
            own: id of the one that items have their prices from, which is left out.
        """
        rows = self._org.select(_BOOK, "Pricebook2", where="IsStandard = false", order="Id")
        found = (self._org.read(row, self._list) for row in rows)
        return tuple(each for each in found if each.id != own)

    def save_list(self, price_list: PriceList) -> PriceList:
        """Create a price book (empty `id`) or replace it; raises `Stale` if `version` is stale."""
        operation = use.CHANGE if price_list.id else use.CREATE
        fit(price_list, KEEPS["price_list"], self._org.remote, operation)
        self._records.check_currency("currency", price_list.currency)
        body: dict[str, Written] = {"Name": price_list.name, "IsActive": price_list.active}
        if not price_list.id:
            return self._org.read(self._book(self._org.create("Pricebook2", body)), self._list)
        now = self._book(price_list.id)
        known = self._org.read(now, self._list).version
        self._records.check_version("price book", price_list.id, price_list.version, known)
        self._records.change("Pricebook2", now, body)
        return self._org.read(self._book(price_list.id), self._list)

    def prices(self, price_list_id: str, after: str | None, limit: int) -> Page[ListPrice]:
        """List the prices of a price book by the ids of its entries."""
        size = max(1, min(limit, _MOST))
        where = [soql.equal("Pricebook2Id", price_list_id)]
        if after is not None:
            if not is_id(after):
                raise self._org.remote.rejected(use.QUERY, "after", "is no cursor of this list")
            where.append(f"Id > {soql.literal(after)}")
        rows = self._org.select(
            _ENTRY, "PricebookEntry", where=soql.all_of(where), order="Id", limit=size + 1
        )
        found = tuple(self._price(price_list_id, row) for row in rows[:size])
        return Page(items=found, next=str(rows[size - 1]["Id"]) if len(rows) > size else None)

    def save_price(self, price: ListPrice) -> ListPrice:
        """Say what a product costs in a price book, once or again."""
        remote = self._org.remote
        fit(price, KEEPS["price"], remote, use.CREATE)
        given = price.price
        if given is None:
            raise NotSupported(
                f"{remote.address.label} keeps no price of a price book without an amount"
            )
        self._records.check_currency("price", given.currency)
        amount = remote.written(use.CREATE, lambda: json_number(given.amount, "price"))
        body: dict[str, Written] = {"UnitPrice": amount, "IsActive": price.active}
        product = soql.equal("Product2.ProductCode", price.item_id)
        where = soql.all_of([soql.equal("Pricebook2Id", price.price_list_id), product])
        known = self._org.select(_ENTRY, "PricebookEntry", where=where, order="Id", limit=1)
        if known:
            # One that goes with the standard price takes no other.
            wanted = {**body, "UseStandardPrice": False}
            self._org.change("PricebookEntry", str(known[0]["Id"]), wanted)
        else:
            ids = {
                "Pricebook2Id": price.price_list_id,
                "Product2Id": self._product(price.item_id),
            }
            self._org.create("PricebookEntry", {**ids, **body})
        row = self._org.select(_ENTRY, "PricebookEntry", where=where, order="Id", limit=1)[0]
        return self._price(price.price_list_id, row)

    def _product(self, code: str) -> str:
        where = soql.equal("ProductCode", code)
        rows = self._org.select(["Id"], "Product2", where=where, order="Id", limit=1)
        if not rows:
            raise self._org.remote.rejected(
                use.CREATE, "item_id", f"there is no product with the code {code!r}"
            )
        return str(rows[0]["Id"])

    def _book(self, book_id: str) -> Row:
        rows = self._org.select(_BOOK, "Pricebook2", where=soql.equal("Id", book_id), limit=1)
        if not rows:
            raise NotFound(
                f"{self._org.remote.address.label} has no price book {book_id!r}",
                system=self._records.system,
                status=404,
            )
        return rows[0]

    def _list(self, row: Row) -> PriceList:
        return PriceList(
            id=text(row, "Id"),
            name=values.text(row, "Name"),
            system=self._records.system,
            currency=self._records.currency,
            active=values.truth(row, "IsActive"),
            modified_at=values.instant(row, "LastModifiedDate"),
            version=version_of(row),
        )

    def _price(self, price_list_id: str, row: Row) -> ListPrice:
        def price(read: Row) -> ListPrice:
            return ListPrice(
                price_list_id=price_list_id,
                item_id=values.text(values.parent(read, "Product2"), "ProductCode"),
                system=self._records.system,
                price=Money(values.decimal(read, "UnitPrice"), self._records.currency),
                active=values.truth(read, "IsActive"),
            )

        return self._org.read(row, price)
