"""A CRM that knows only some of what a synchronisation asks for, and says so of the rest."""

# ruff: noqa: ARG002 - whatever they are asked with, these methods say no

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import NoReturn

from crossdock.errors import NotSupported
from crossdock.ports import Keeps, Page
from crossdock.records import (
    Account,
    Contact,
    CreditNote,
    Invoice,
    Item,
    ListPrice,
    PriceList,
    Shipment,
    TradingAccount,
)


class PartialCrm:
    """The masters of `CrmPort` with nothing in them yet; see `PartialErp` for the same of an ERP.

    Attributes:
        system: its configured name.
        product: what the system is called in a sentence.
        keeps: what of it can be written; see `CrmPort`.
    """

    system: str
    product: str = "the CRM"
    keeps: Keeps = MappingProxyType({})

    def lacks(self, what: str) -> NoReturn:
        """Say what the system cannot do; raises `NotSupported`."""
        raise NotSupported(f"{self.product} ({self.system}) {what}")

    def all_accounts(self, *, after: str | None = None, limit: int = 200) -> Page[Account]:
        """List every account."""
        self.lacks("does not list all of its accounts")

    def accounts_by_external_id(self, system: str, external_id: str) -> Sequence[Account]:
        """Find the accounts that carry another system's id."""
        self.lacks("cannot find an account by another system's id")

    def all_contacts(self, *, after: str | None = None, limit: int = 200) -> Page[Contact]:
        """List every contact."""
        self.lacks("does not list all of its contacts")

    def contacts_by_external_id(self, system: str, external_id: str) -> Sequence[Contact]:
        """Find the contacts that carry another system's id."""
        self.lacks("cannot find a contact by another system's id")

    def item(self, item_id: str) -> Item:
        """Read one item."""
        self.lacks("keeps no items")

    def all_items(self, *, after: str | None = None, limit: int = 200) -> Page[Item]:
        """List every item."""
        self.lacks("keeps no items")

    def save_item(self, item: Item) -> Item:
        """Create or replace the item with a code."""
        self.lacks("keeps no items")

    def price_lists(self) -> Sequence[PriceList]:
        """List the price lists."""
        self.lacks("keeps no price lists")

    def prices(
        self, price_list_id: str, *, after: str | None = None, limit: int = 200
    ) -> Page[ListPrice]:
        """List the prices of a price list."""
        self.lacks("keeps no price lists")

    def save_price_list(self, price_list: PriceList) -> PriceList:
        """Create or replace a price list."""
        self.lacks("keeps no price lists")

    def save_price(self, price: ListPrice) -> ListPrice:
        """Say what an item costs in a price list."""
        self.lacks("keeps no price lists")

    def show_erp_record(
        self, account_id: str, record: Invoice | CreditNote | Shipment | TradingAccount
    ) -> None:
        """Show a record of the ERP on an account."""
        self.lacks("has no place for invoices and shipments of an ERP")

    def writes_as(self) -> str:
        """Say what the CRM calls whoever writes through this port: it does not tell."""
        return ""
