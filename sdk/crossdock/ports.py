"""What a connector offers, and what a plugin may ask.

Two protocols: `CrmPort` and `ErpPort`. Each method names the scope that a plugin must hold to call
it; the host's gateway reads that name from here, so a method without one cannot be reached.

All methods raise the errors of `crossdock.errors`: `NotFound` for a record that does not exist,
`NotSupported` for what the system cannot do, other `RemoteError`s as they say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, Generic, Literal, Protocol, TypeVar, runtime_checkable

from attrs import frozen

from crossdock.records import (
    Account,
    Acknowledgement,
    Activity,
    Availability,
    Case,
    Change,
    Contact,
    Contract,
    CreditNote,
    CreditStatus,
    ExchangeRate,
    Invoice,
    Item,
    ListPrice,
    Opportunity,
    Order,
    OrderChange,
    OrderEvent,
    Payment,
    PriceList,
    PriceRequest,
    Pricing,
    PrintedInvoice,
    Quote,
    Return,
    Shipment,
    Stage,
    TradingAccount,
    User,
)

_Record = TypeVar("_Record")
_Method = TypeVar("_Method", bound=Callable[..., Any])
_SCOPE: Final = "__crossdock_scope__"


def needs(scope: str) -> Callable[[_Method], _Method]:
    """Name the scope that a plugin must hold to call a port's method."""

    def mark(method: _Method) -> _Method:
        setattr(method, _SCOPE, scope)
        return method

    return mark


def scopes_of(port: type) -> dict[str, str]:
    """Give the scope of each method of a port, by the method's name."""
    return {
        name: getattr(member, _SCOPE)
        for name, member in vars(port).items()
        if hasattr(member, _SCOPE)
    }


AT_HOME: Final = (TradingAccount, Contact, Item, ListPrice)
"""Records that name the ERP that they live in, so that a call with one is routed by it."""

Keeps = Mapping[str, Mapping[str, int | None]]
"""What a system keeps that others may write: by entity (`account`, `contact`, `trading_account`,
`item`) and field (`name`, `address.street`) the greatest length in characters, or `None` where none
is known. Writing anything into a field that is not there raises `NotSupported`."""


@frozen(kw_only=True)
class Page(Generic[_Record]):
    """One page of a list, with what is needed to ask for the next.

    Attributes:
        items: the records.
        next: an opaque cursor, or `None` on the last page.
        total: how many there are in all, where the system tells; of a long list on its first page.
    """

    items: tuple[_Record, ...]
    next: str | None = None
    total: int | None = None


@frozen(kw_only=True)
class Changes:
    """A piece of a change feed; `cursor` is where to go on, whether or not anything came."""

    changes: tuple[Change, ...]
    cursor: str
    more: bool = False


@frozen(kw_only=True)
class Guards:
    """How well a CRM can be guarded: before a save, only after it, or not at all."""

    quote: Literal["before", "after", "none"] = "before"
    account: Literal["before", "after", "none"] = "before"
    contact: Literal["before", "after", "none"] = "before"
    opportunity: Literal["before", "after", "none"] = "before"
    order: Literal["before", "after", "none"] = "before"


@runtime_checkable
class CrmPort(Protocol):
    """A CRM, as plugins and the host see it.

    Attributes:
        system: its configured name.
        guards: whether it can be stopped before a save.
        keeps: what of its accounts, contacts, items, price lists and prices can be written.
    """

    system: str
    guards: Guards
    keeps: Keeps

    @needs("crm.accounts:read")
    def account(self, account_id: str) -> Account:
        """Read one account."""

    @needs("crm.accounts:read")
    def accounts(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[Account]:
        """List accounts by name; `search` matches names, cities and numbers. At most 200."""

    @needs("crm.accounts:read")
    def all_accounts(self, *, after: str | None = None, limit: int = 200) -> Page[Account]:
        """List every account, inactive ones too, in an order that stays while others write.

        `next` can be kept and gone on with another day.
        """

    @needs("crm.accounts:read")
    def accounts_by_external_id(self, system: str, external_id: str) -> Sequence[Account]:
        """Find the accounts that carry another system's id; at most one where it was kept unique.

        Who lost the answer to a creation asks this before he creates again.
        """

    @needs("crm.accounts:write")
    def save_account(self, account: Account) -> Account:
        """Create an account (empty `id`) or replace it; raises `Conflict` if `version` is stale.

        External ids that the record does not name stay as they are. A field that is too long is
        refused by its name (`RemoteRefused`), one that the CRM does not keep as well
        (`NotSupported`); see `keeps`.
        """

    @needs("crm.contacts:read")
    def contact(self, contact_id: str) -> Contact:
        """Read one contact."""

    @needs("crm.contacts:write")
    def save_contact(self, contact: Contact) -> Contact:
        """Create a contact (empty `id`) or replace it; raises `Conflict` if `version` is stale."""

    @needs("crm.contacts:read")
    def contacts(self, account_id: str) -> Sequence[Contact]:
        """List the contacts of an account."""

    @needs("crm.contacts:read")
    def all_contacts(self, *, after: str | None = None, limit: int = 200) -> Page[Contact]:
        """List every contact, in an order that stays while others write."""

    @needs("crm.contacts:read")
    def contacts_by_external_id(self, system: str, external_id: str) -> Sequence[Contact]:
        """Find the contacts that carry another system's id."""

    @needs("crm.items:read")
    def item(self, item_id: str) -> Item:
        """Read one item of the CRM's catalogue, by its code."""

    @needs("crm.items:read")
    def all_items(self, *, after: str | None = None, limit: int = 200) -> Page[Item]:
        """List every item of the CRM's catalogue, in an order that stays while others write."""

    @needs("crm.items:write")
    def save_item(self, item: Item) -> Item:
        """Create or replace the item with a code, its list price included.

        Asking again makes no second one. Raises `Conflict` if there is a `version` and it is stale.
        """

    @needs("crm.prices:read")
    def price_lists(self) -> Sequence[PriceList]:
        """List the price lists beside the items' own prices; `NotSupported` where none are kept."""

    @needs("crm.prices:read")
    def prices(
        self, price_list_id: str, *, after: str | None = None, limit: int = 200
    ) -> Page[ListPrice]:
        """List the prices of a price list."""

    @needs("crm.prices:write")
    def save_price_list(self, price_list: PriceList) -> PriceList:
        """Create a price list (empty `id`) or replace it, without its prices."""

    @needs("crm.prices:write")
    def save_price(self, price: ListPrice) -> ListPrice:
        """Say what an item costs in a price list from a quantity on, once or again."""

    @needs("crm.opportunities:read")
    def opportunities(self, account_id: str) -> Sequence[Opportunity]:
        """List the opportunities of an account, newest first."""

    @needs("crm.opportunities:read")
    def opportunity(self, opportunity_id: str) -> Opportunity:
        """Read one opportunity."""

    @needs("crm.opportunities:write")
    def save_opportunity(self, opportunity: Opportunity) -> Opportunity:
        """Create an opportunity (empty `id`) or replace it; `Conflict` if `version` is stale.

        A probability or category other than the one in force is written as an override.
        """

    @needs("crm.opportunities:read")
    def stages(self) -> Sequence[Stage]:
        """List the stages of the sales process, in order."""

    @needs("crm.activities:read")
    def activities(self, account_id: str) -> Sequence[Activity]:
        """List the activities of an account, newest first."""

    @needs("crm.activities:write")
    def add_activity(self, activity: Activity, *, key: str) -> Activity:
        """Add an activity. The same `key` again gives the one that is there."""

    @needs("crm.cases:read")
    def cases(self, account_id: str) -> Sequence[Case]:
        """List the service cases of an account, newest first; those that are closed too.

        Raises `NotSupported` where the CRM keeps none.
        """

    @needs("crm.quotes:read")
    def quote(self, quote_id: str) -> Quote:
        """Read one quote with its lines."""

    @needs("crm.quotes:read")
    def quotes(self, account_id: str) -> Sequence[Quote]:
        """List the quotes of an account, newest first."""

    @needs("crm.quotes:write")
    def save_quote(self, quote: Quote) -> Quote:
        """Create a quote (empty `id`) or replace it; raises `Conflict` if `version` is stale."""

    @needs("crm.orders:read")
    def order(self, order_id: str) -> Order:
        """Read one CRM order with its lines."""

    @needs("crm.orders:read")
    def orders(self, account_id: str) -> Sequence[Order]:
        """List the CRM orders of an account, newest first."""

    @needs("crm.orders:write")
    def save_order(self, order: Order) -> Order:
        """Enter an order (empty `id`) or change a draft; raises `Conflict` if `version` is stale.

        `order.reference` is the caller's own key: the same order under it again gives the one that
        was entered. A CRM that keeps no drafts raises `NotSupported` for one, and every CRM does
        for an order that was given on: its ERP changes that.
        """

    @needs("crm.orders:write")
    def order_from_quote(self, quote_id: str) -> Order:
        """Make the order of a quote. Asking again gives the same order."""

    @needs("crm.orders:write")
    def update_order(self, order: Order) -> Order:
        """Write how far an order has come: status, ERP order, line quantities, amounts."""

    @needs("crm.orders:read")
    def order_events(self, order_id: str) -> Sequence[OrderEvent]:
        """List an order's timeline, oldest first."""

    @needs("crm.orders:write")
    def add_order_event(self, order_id: str, event: OrderEvent) -> None:
        """Add to an order's timeline. The same `event.key` again changes nothing."""

    @needs("crm.erp_records:write")
    def show_erp_record(
        self, account_id: str, record: Invoice | CreditNote | Shipment | TradingAccount
    ) -> None:
        """Show a record of the ERP on an account, where the CRM has a place for such.

        The same record again changes nothing. Raises `NotSupported` where the CRM has no place.
        """

    @needs("crm.users:read")
    def user(self, user_id: str) -> User:
        """Read one user, by id or login name."""

    @needs("crm.users:read")
    def users(self) -> Sequence[User]:
        """List the users."""

    @needs("crm.changes:read")
    def writes_as(self) -> str:
        """Say what the CRM calls whoever writes through this port and for no user.

        To be compared with `modified_by` and `Change.by`; empty where the CRM does not tell.
        """

    @needs("crm.changes:read")
    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read the change feed from a cursor; `None` starts at its beginning."""


@runtime_checkable
class ErpPort(Protocol):
    """An ERP, as plugins and the host see it.

    A method that takes a `TradingAccount`, a `Contact`, an `Item` or a `ListPrice` is routed to the
    ERP that it lives in; for the others choose the ERP with `using`.

    Attributes:
        system: its configured name.
        capabilities: what it can do beyond the required: `idempotency_key`, `price_simulation`,
            `shipments`, `returns`, `contracts`, `stock` (it says how much of an item is there),
            `resumes` (an order that it made half is gone on with by placing it again),
            `reservations` (it says what of an order's line is reserved, and what back-ordered),
            `customer_reference` (customers are found by the caller's own key), `contacts`,
            `price_lists`,
            `approval`, `payments` (it lists those that came in), `quotes` (it keeps some of its
            own), `exchange_rates`, `invoice_document` (it prints an invoice), `invoice_sending`
            (it sends one to the customer).
    """

    system: str
    capabilities: frozenset[str]
    keeps: Keeps

    @needs("erp.customers:read")
    def customer(self, customer_id: str) -> TradingAccount:
        """Read one customer."""

    @needs("erp.customers:read")
    def customers(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[TradingAccount]:
        """List customers; `search` matches names and numbers. At most 200."""

    @needs("erp.customers:read")
    def all_customers(self, *, after: str | None = None, limit: int = 200) -> Page[TradingAccount]:
        """List every customer, inactive ones too, in an order that stays while others write.

        `next` can be kept and gone on with another day.
        """

    @needs("erp.customers:read")
    def customers_by_reference(self, reference: str) -> Sequence[TradingAccount]:
        """Find the customers that carry the caller's own reference.

        Who lost the answer to a creation asks this before he creates again. Raises `NotSupported`
        where the ERP keeps no such reference (capability `customer_reference`).
        """

    @needs("erp.customers:write")
    def save_customer(
        self, customer: TradingAccount, *, idempotency_key: str = ""
    ) -> TradingAccount:
        """Create a customer (empty `id`; the ERP numbers it) or replace what `keeps` names of it.

        Once for each `idempotency_key` where the ERP keeps keys. Credit limit, hold and who pays
        are the ERP's own and stay as they are. Raises `Conflict` if `version` is stale; a field
        that is too long is refused by its name (`RemoteRefused`), one that the ERP does not keep
        as well (`NotSupported`).
        """

    @needs("erp.contacts:read")
    def contact(self, contact_id: str) -> Contact:
        """Read one contact."""

    @needs("erp.contacts:read")
    def contacts(self, customer: TradingAccount) -> Sequence[Contact]:
        """List the people at a customer; `NotSupported` where the ERP keeps none."""

    @needs("erp.contacts:read")
    def all_contacts(self, *, after: str | None = None, limit: int = 200) -> Page[Contact]:
        """List every contact, in an order that stays while others write."""

    @needs("erp.contacts:write")
    def save_contact(self, contact: Contact, *, idempotency_key: str = "") -> Contact:
        """Create a contact (empty `id`) or replace it; raises `Conflict` if `version` is stale.

        `contact.system` says in which ERP, `contact.account_id` at which of its customers.
        """

    @needs("erp.items:read")
    def item(self, item_id: str) -> Item:
        """Read one item."""

    @needs("erp.items:read")
    def all_items(self, *, after: str | None = None, limit: int = 200) -> Page[Item]:
        """List every item, inactive ones too, in an order that stays while others write."""

    @needs("erp.items:write")
    def save_item(self, item: Item) -> Item:
        """Create or replace what `keeps` names of the item with a code (`item.system` says where).

        Asking again makes no second one. Raises `Conflict` if there is a `version` and it is stale,
        `NotSupported` where the ERP lets nobody write items.
        """

    @needs("erp.prices:read")
    def price_lists(self) -> Sequence[PriceList]:
        """List the price lists beside the items' own prices; `NotSupported` where none are told."""

    @needs("erp.prices:read")
    def prices(
        self, price_list_id: str, *, after: str | None = None, limit: int = 200
    ) -> Page[ListPrice]:
        """List the prices of a price list."""

    @needs("erp.prices:write")
    def save_price(self, price: ListPrice) -> ListPrice:
        """Say what an item costs in a price list (`price.system` says in which ERP), once or again.

        There is one for each item and minimum quantity. Raises `NotSupported` where the ERP lets
        nobody write prices.
        """

    @needs("erp.items:read")
    def items(self, search: str = "", *, after: str | None = None, limit: int = 50) -> Page[Item]:
        """List active items; `search` matches codes and names. At most 200."""

    @needs("erp.prices:read")
    def price(self, customer: TradingAccount, request: PriceRequest) -> Pricing:
        """Price a whole draft with tax, stock and credit outcome; nothing is stored."""

    @needs("erp.stock:read")
    def stock(self, item_id: str, quantity: Decimal = Decimal(1)) -> Availability:
        """Say how much of an item there is, and when `quantity` of it can be there."""

    @needs("erp.credit:read")
    def credit(self, customer: TradingAccount) -> CreditStatus:
        """Say how much credit a customer has left."""

    @needs("erp.credit:read")
    def credit_list(self, *, after: str | None = None, limit: int = 50) -> Page[CreditStatus]:
        """List how much credit each customer has left, by number. At most 200.

        A customer whose invoices go to another one has that one's figures (`bill_to_id`).
        """

    @needs("erp.orders:read")
    def orders(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Order]:
        """List a customer's orders with their lines, newest first."""

    @needs("erp.orders:read")
    def order(self, order_id: str) -> Order:
        """Read one order with its lines."""

    @needs("erp.orders:read")
    def orders_by_reference(self, reference: str) -> Sequence[Order]:
        """Find the orders that carry the caller's own reference.

        At most one where it was kept unique; raises `NotSupported` where the ERP cannot search.
        """

    @needs("erp.orders:write")
    def place_order(
        self, customer: TradingAccount, order: Order, *, idempotency_key: str
    ) -> Acknowledgement:
        """Place an order, once for each `idempotency_key`. `order.reference` is stored with it.

        An ERP without the capability `idempotency_key` ignores it; plugins call
        `ctx.place_order`, which makes one order all the same.
        """

    @needs("erp.orders:write")
    def change_order(self, order: Order, change: OrderChange) -> Order:
        """Change or cancel an order as it was read; `change.id` goes into its history.

        Raises `Conflict` if the order changed since it was read, `RemoteRefused` for what cannot
        be undone any more, `NotSupported` where the ERP lets nobody change orders.
        """

    @needs("erp.shipments:read")
    def shipments(
        self, customer: TradingAccount, *, since: date | None = None
    ) -> Sequence[Shipment]:
        """List a customer's shipments with their lines, newest first."""

    @needs("erp.shipments:read")
    def shipment(self, shipment_id: str) -> Shipment:
        """Read one shipment."""

    @needs("erp.invoices:read")
    def invoices(
        self, customer: TradingAccount, *, since: date | None = None, lines: bool = False
    ) -> Sequence[Invoice]:
        """List a customer's invoices, newest first; heads and applications only unless `lines`."""

    @needs("erp.invoices:read")
    def invoice(self, invoice_id: str) -> Invoice:
        """Read one invoice with its lines."""

    @needs("erp.invoices:read")
    def invoice_document(self, invoice_id: str) -> PrintedInvoice:
        """Give an invoice as the customer was sent it, such as a PDF file."""

    @needs("erp.invoices:write")
    def send_invoice(self, invoice_id: str, *, to: str = "") -> None:
        """Let the ERP send an invoice to the customer once more; each call sends it again.

        `to` is an e-mail address; empty for the one that the ERP keeps for the customer's bills.
        Raises `RemoteRefused` where that is missing or no address, `NotSupported` where the ERP
        sends nothing, or to nobody but the customer.
        """

    @needs("erp.invoices:read")
    def credit_notes(
        self, customer: TradingAccount, *, since: date | None = None, lines: bool = False
    ) -> Sequence[CreditNote]:
        """List a customer's credit notes, newest first; heads and applications unless `lines`."""

    @needs("erp.invoices:read")
    def credit_note(self, credit_note_id: str) -> CreditNote:
        """Read one credit note with its lines."""

    @needs("erp.payments:read")
    def payments(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Payment]:
        """List a customer's payments with their applications, newest first."""

    @needs("erp.payments:read")
    def payment(self, payment_id: str) -> Payment:
        """Read one payment."""

    @needs("erp.returns:read")
    def returns(self, customer: TradingAccount, *, since: date | None = None) -> Sequence[Return]:
        """List a customer's returns with their lines, newest first."""

    @needs("erp.returns:read")
    def goods_return(self, return_id: str) -> Return:
        """Read one return with its lines."""

    @needs("erp.contracts:read")
    def contracts(self, customer: TradingAccount) -> Sequence[Contract]:
        """List a customer's service contracts."""

    @needs("erp.quotes:read")
    def quotes(self, customer: TradingAccount) -> Sequence[Quote]:
        """List the quotes that the ERP itself keeps for a customer, newest first."""

    @needs("erp.rates:read")
    def exchange_rates(self, *, on: date | None = None) -> Sequence[ExchangeRate]:
        """List the exchange rates that hold on a day, today by default; one for each pair."""

    @needs("erp.changes:read")
    def writes_as(self) -> str:
        """Say what the ERP calls whoever writes through this port; see `CrmPort.writes_as`."""

    @needs("erp.changes:read")
    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read the change feed from a cursor; `None` starts at its beginning."""


class ErpRouter(ErpPort, Protocol):
    """All configured ERPs behind one port: `ctx.erp`."""

    systems: tuple[str, ...]

    def using(self, system: str) -> ErpPort:
        """Give the port of one configured ERP; raises `ConfigError` for an unknown name."""
