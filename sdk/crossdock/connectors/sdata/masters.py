"""Accounts, contacts and products: read in full, found by others' ids, and what of them is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, TypeVar

from attrs import frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.keeping import fit
from crossdock.connectors.partial_crm import PartialCrm
from crossdock.connectors.reading import Row
from crossdock.connectors.sdata import where
from crossdock.connectors.sdata.products import Products
from crossdock.connectors.sdata.records import Records
from crossdock.connectors.sdata.sheets import Form, Sheet
from crossdock.connectors.sdata.values import Reference
from crossdock.connectors.vendor_crm.keys import key_of
from crossdock.errors import NotFound
from crossdock.ports import Page
from crossdock.records import Account, Contact, Item

_T = TypeVar("_T")
_MOST: Final = 200


class Parties(Protocol):
    """Who knows accounts and contacts of a dialect."""

    def accounts(self, search: str, *, after: str | None, limit: int) -> Page[Account]: ...  # noqa: D102
    def account(self, account_id: str) -> Account: ...  # noqa: D102
    def numbered(self, system: str, number: str) -> Sequence[Account] | None: ...  # noqa: D102
    def read_contact(self, sheet: Sheet) -> Contact: ...  # noqa: D102


@frozen(kw_only=True)
class MasterForm:
    """What a CRM calls its masters.

    Attributes:
        account, contact: their forms.
        item: words `code`, `name`, `description`, `active`, and `price` where it has its price.
        prices: of its prices otherwise: words `product` and `price`.
        active: gives the CRM's words for whether a product is sold.
        sold: says of a product whether it is.
    """

    account: Form
    contact: Form
    item: Form
    active: Callable[[bool], dict[str, Any]]
    sold: Callable[[Sheet], bool]
    prices: Form | None = None


class Masters(PartialCrm):
    """What `CrmPort` asks of accounts, contacts and products, besides one at a time."""

    _masters: MasterForm
    _records: Records
    _people: Parties
    _products: Products

    def all_accounts(self, *, after: str | None = None, limit: int = 200) -> Page[Account]:
        """List every account by its id, which counts up as they are made."""
        return self._people.accounts("", after=after, limit=limit)

    def accounts_by_external_id(self, system: str, external_id: str) -> Sequence[Account]:
        """Find the accounts with a customer number, or that were created for another id."""
        found = self._people.numbered(system, external_id)
        if found is not None:
            return found
        rows = self._records.by_mark(self._masters.account, key_of(system, external_id))
        made = [self._people.account(Sheet(row, self._masters.account).id) for row in rows]
        return tuple(each for each in made if each.external_ids.get(system) == external_id)

    def all_contacts(self, *, after: str | None = None, limit: int = 200) -> Page[Contact]:
        """List every contact by its id."""
        return self._behind(self._masters.contact, self._people.read_contact, after, limit)

    def contacts_by_external_id(self, system: str, external_id: str) -> Sequence[Contact]:
        """Find the contact that was created for another system's id."""
        form = self._masters.contact
        rows = self._records.by_mark(form, key_of(system, external_id))
        made = [self._records.contract.read(form, row, self._people.read_contact) for row in rows]
        return tuple(each for each in made if each.external_ids.get(system) == external_id)

    def item(self, item_id: str) -> Item:
        """Read the product with a code."""
        row = self._product(item_id)
        if row is None:
            address = self._records.remote.address
            raise NotFound(
                f"{address.label} has no product with the code {item_id!r}",
                system=address.system,
                status=404,
            )
        return self._items([row])[0]

    def all_items(self, *, after: str | None = None, limit: int = 200) -> Page[Item]:
        """List every product by its id, those that are not sold any more too."""
        found = self._behind(self._masters.item, lambda sheet: sheet.row, after, limit)
        return Page(items=tuple(self._items(found.items)), next=found.next)

    def save_item(self, item: Item) -> Item:
        """Create or replace the product with a code, its list price included."""
        form, records = self._masters.item, self._records
        fit(item, self.keeps["item"], records.remote, form.uses.create)
        price = None if item.list_price is None else item.list_price.amount
        if item.list_price is not None and item.list_price.currency != records.currency:
            raise records.remote.rejected(
                form.uses.create,
                "list_price",
                f"is in {item.list_price.currency}, and products have prices in {records.currency}",
            )
        words: dict[str, Any] = {
            "code": item.id,
            "name": item.name,
            "description": item.description,
            **self._masters.active(item.active),
        }
        if self._masters.prices is None and price is not None:
            words["price"] = price
        now = self._product(item.id)
        if now is None:
            made = records.contract.create(form, records.written(form, words))
            product_id = Sheet(made, form).id
        else:
            product_id = Sheet(now, form).id
            if item.version:
                known = self._items([now])[0].version
                records.check_version("product", item.id, item.version, known)
            records.change(form, now, records.written(form, words, Sheet(now, form)))
        if self._masters.prices is not None and price is not None:
            self._save_price(self._masters.prices, product_id, price)
        self._products.forget()
        return self.item(item.id)

    def _save_price(self, form: Form, product_id: str, price: Any) -> None:
        contract = self._records.contract
        key = contract.literal_key(product_id)
        rows = contract.rows(form, where=where.equal(form.path("product"), key), order=form.id)
        if rows:
            fields = self._records.written(form, {"price": price}, Sheet(rows[0], form))
            self._records.change(form, rows[0], fields)
            return
        words = {"product": Reference(product_id), "price": price}
        contract.create(form, self._records.written(form, words))

    def _product(self, code: str) -> Row | None:
        form = self._masters.item
        rows = self._records.contract.rows(
            form, where=where.equal(form.path("code"), code), order=form.id, limit=1
        )
        return rows[0] if rows else None

    def _items(self, rows: Sequence[Row]) -> list[Item]:
        form = self._masters.item
        prices = self._products.prices_of([Sheet(row, form).id for row in rows])

        def item(sheet: Sheet) -> Item:
            price = prices.get(sheet.id, sheet.number("price"))
            unit = self._records.currency
            return Item(
                id=sheet.text("code") or sheet.id,
                name=sheet.text("name"),
                system=self._records.system,
                description=sheet.text("description"),
                list_price=None if price is None else of_unit(price, unit),
                active=self._masters.sold(sheet),
                modified_at=sheet.modified,
                version=f"{sheet.version}/{price}",
            )

        return [self._records.contract.read(form, row, item) for row in rows]

    def _behind(
        self, form: Form, parse: Callable[[Sheet], _T], after: str | None, limit: int
    ) -> Page[_T]:
        contract, size = self._records.contract, max(1, min(limit, _MOST))
        condition = ""
        if after is not None:
            if not contract.is_key(after):
                raise self._records.remote.rejected(
                    form.uses.list, "after", "is no cursor of this list"
                )
            condition = where.above(form.id, contract.literal_key(after))
        rows = contract.rows(form, where=condition, order=form.id, limit=size + 1)
        found = tuple(contract.read(form, row, parse) for row in rows[:size])
        more = len(rows) > size
        return Page(items=found, next=Sheet(rows[size - 1], form).id if more else None)
