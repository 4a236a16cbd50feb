"""`CrmPort` over Salesforce."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx

from crossdock.connectors.exchange import Address
from crossdock.connectors.http import Remote
from crossdock.connectors.salesforce import access, parties
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce.accounts import Parties
from crossdock.connectors.salesforce.activities import Activities
from crossdock.connectors.salesforce.feed import Feed
from crossdock.connectors.salesforce.lines import Catalogue
from crossdock.connectors.salesforce.opportunities import Opportunities
from crossdock.connectors.salesforce.ordering import Ordering
from crossdock.connectors.salesforce.org import Org
from crossdock.connectors.salesforce.provisioning import Provisioning
from crossdock.connectors.salesforce.quoting import Quoting
from crossdock.connectors.salesforce.records import Records
from crossdock.connectors.salesforce.refusals import wording
from crossdock.connectors.settings import Settings
from crossdock.errors import ConfigError
from crossdock.ports import Changes, CrmPort, Guards, Page
from crossdock.records import (
    Account,
    Activity,
    Contact,
    Opportunity,
    Order,
    OrderEvent,
    Quote,
    Stage,
    User,
)

_GUARDED: Final = ("quote", "account", "contact", "opportunity", "order")
_GUARDS: Final = {"quote": "after", "account": "none", "contact": "none",
                  "opportunity": "none", "order": "none"}  # fmt: skip
_SCARCE: Final = 30  # how much seldomer the feed is read where few calls are left


class SalesforceConnector:
    """A Salesforce organization, as `crossdock.ports.CrmPort` describes it; safe in many threads.

    Ids are Salesforce's record ids of 18 characters, items are named by `ProductCode`. What
    Salesforce does otherwise, and what is done about it:

    - It asks nobody outside before it saves, unless a Flow or trigger is put there that asks the
      side-car: `guards` says `after` for quotes until the setting says otherwise.
    - A record carries no version, and `If-Unmodified-Since` counts in seconds. A record is read
      again before it is written and compared to the millisecond, and the header guards what lies
      between the two calls.
    - Every quote is in an opportunity. One that belongs to none is kept in an opportunity of its
      own, which is in nobody's forecast and which the port does not show; afterwards a quote
      cannot be moved to another.
    - Lines refer to products by a price book: an item that is not in it is refused by its place.
    - An order is made as a draft and activated; activated, its lines are locked. So a change of
      quantity or price takes it back to a draft and activates it again, in one transaction.
    - What it creates carries a unique key, and a document is made with its lines in one
      transaction, so a lost answer never makes a second one nor half of one.
    - All amounts are in the organization's one currency; others are refused.

    Attributes:
        document: the file name of the remote document.
        used_operations: the `operationId`s that it calls.
        feed_seconds: how often the feed is read at most: each time it takes seven queries, and a
            day's calls are counted.
        provisioning: says which custom fields the organization lacks.
    """

    document: Final = use.DOCUMENT
    used_operations: Final = use.USED

    def __init__(
        self,
        system: str,
        settings: Settings,
        *,
        transport: httpx.BaseTransport | None = None,
        deadline: Callable[[], float] | None = None,
    ) -> None:
        self.system = system
        self.guards = _guards(settings)
        numbers = settings.texts("customer_numbers") or {"main": "ERP_Customer_Number__c"}
        self._remote = Remote(
            Address(kind="CRM", system=system, url=settings.url(), where=settings.where),
            credentials=access.credentials_of(settings),
            wording=wording,
            timeout=settings.timeout(),
            identity=settings.identity(),
            transport=transport,
            deadline=deadline,
        )
        version = _text(settings, "api_version", "v59.0")
        org = Org(self._remote, access.Quota(), version, settings.texts("fields"))
        records = Records(org, system, _text(settings, "currency", "EUR"))
        users = parties.Users(
            _text(settings, "role_field", "Title"),
            settings.texts("roles"),
            _text(settings, "default_role", ""),
            _text(settings, "team_field", "Division"),
        )
        catalogue = Catalogue(org, _text(settings, "price_book", ""))
        self._org = org
        self._parties = Parties(records, parties.Accounts(numbers), users)
        self._opportunities = Opportunities(records)
        self._activities = Activities(records)
        self._quoting = Quoting(records, self._opportunities, catalogue)
        self._ordering = Ordering(records, self._quoting, catalogue)
        lag = timedelta(seconds=settings.above_zero("feed_lag", "seconds", default=300.0))
        self._feed = Feed(system, org, lag=lag)
        self.feed_seconds = settings.above_zero("feed_every", "seconds", default=30.0)
        self._fed_at = float("-inf")
        self.provisioning = Provisioning(org, tuple(numbers.values()))

    def close(self) -> None:
        """Close all connections."""
        self._remote.close()

    # Accounts, contacts and users.

    def account(self, account_id: str) -> Account:
        """Read one account."""
        return self._parties.account(account_id)

    def accounts(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[Account]:
        """List accounts in the order in which they were made; at most 200.

        `search` matches names, cities, account numbers and customer numbers.
        """
        return self._parties.accounts(search, after=after, limit=limit)

    def save_account(self, account: Account) -> Account:
        """Create an account (empty `id`) or replace it; raises `Conflict` if it was changed.

        External ids that the record does not name stay as they are.
        """
        return self._parties.save_account(account)

    def contact(self, contact_id: str) -> Contact:
        """Read one contact."""
        return self._parties.contact(contact_id)

    def save_contact(self, contact: Contact) -> Contact:
        """Create a contact (empty `id`) or replace it; raises `Conflict` if it was changed."""
        return self._parties.save_contact(contact)

    def contacts(self, account_id: str) -> Sequence[Contact]:
        """List the contacts of an account, by last name."""
        return self._parties.contacts(account_id)

    def user(self, user_id: str) -> User:
        """Read one user, by id, user name, e-mail address, or what stands in it before the @."""
        return self._parties.user(user_id)

    def users(self) -> Sequence[User]:
        """List the users, by name, those who left included."""
        return self._parties.users()

    # Opportunities.

    def stages(self) -> Sequence[Stage]:
        """List the stages of the sales process, in order."""
        return self._opportunities.stages()

    def opportunities(self, account_id: str) -> Sequence[Opportunity]:
        """List the opportunities of an account, newest first."""
        return self._opportunities.opportunities(account_id)

    def opportunity(self, opportunity_id: str) -> Opportunity:
        """Read one opportunity."""
        return self._opportunities.opportunity(opportunity_id)

    def save_opportunity(self, opportunity: Opportunity) -> Opportunity:
        """Create an opportunity (empty `id`) or replace it; `Conflict` if it was changed.

        A probability or category other than the one in force is written as an override.
        """
        return self._opportunities.save_opportunity(opportunity)

    # Activities and timelines.

    def activities(self, account_id: str) -> Sequence[Activity]:
        """List the activities of an account, newest first.

        The timelines of its orders are theirs, and not here.
        """
        return self._activities.activities(account_id)

    def add_activity(self, activity: Activity, *, key: str) -> Activity:
        """Add an activity. The same `key` again gives the one that is there."""
        return self._activities.add_activity(activity, key=key)

    def order_events(self, order_id: str) -> Sequence[OrderEvent]:
        """List an order's timeline, oldest first: the tasks on it that are of our making."""
        return self._ordering.order_events(order_id)

    def add_order_event(self, order_id: str, event: OrderEvent) -> None:
        """Add to an order's timeline. The same `event.key` again changes nothing."""
        self._ordering.add_order_event(order_id, event)

    # Quotes and orders.

    def quote(self, quote_id: str) -> Quote:
        """Read one quote with its lines."""
        return self._quoting.quote(quote_id)

    def quotes(self, account_id: str) -> Sequence[Quote]:
        """List the quotes of an account, newest first."""
        return self._quoting.quotes(account_id)

    def save_quote(self, quote: Quote) -> Quote:
        """Create a quote (empty `id`) or replace it; raises `Conflict` if it was changed."""
        return self._quoting.save_quote(quote)

    def order(self, order_id: str) -> Order:
        """Read one CRM order with its lines."""
        return self._ordering.order(order_id)

    def orders(self, account_id: str) -> Sequence[Order]:
        """List the CRM orders of an account, newest first."""
        return self._ordering.orders(account_id)

    def save_order(self, order: Order) -> Order:
        """Enter an order (empty `id`) or change a draft; raises `Conflict` if it was changed.

        The same order under the same `reference` again gives the one that was entered.
        """
        return self._ordering.save_order(order)

    def order_from_quote(self, quote_id: str) -> Order:
        """Make the order of a quote. Asking again gives the same order."""
        return self._ordering.order_from_quote(quote_id)

    def update_order(self, order: Order) -> Order:
        """Write how far an order has come: status, ERP order, line quantities, amounts.

        It is read and compared first, so that the same again changes nothing.
        """
        return self._ordering.update_order(order)

    # Changes.

    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read the change feed from a cursor; `None` starts at its beginning: all there is.

        Where few of the day's calls are left, nothing is asked for a while, and told later.
        """
        now = time.monotonic()
        if cursor and self._org.quota.scarce and now < self._fed_at + self.feed_seconds * _SCARCE:
            return Changes(changes=(), cursor=cursor)
        self._fed_at = now
        return self._feed.changes(cursor, limit=max(1, limit))


if TYPE_CHECKING:
    _fits_the_port: type[CrmPort] = SalesforceConnector


def _text(settings: Settings, key: str, default: str) -> str:
    return settings.text(key) if settings.has(key) else default


def _guards(settings: Settings) -> Guards:
    """Read how the organization is guarded: `before` where it asks the side-car itself."""
    given = settings.texts("guards")
    allowed = ("before", "after", "none")
    for name, value in given.items():
        fits = value in allowed and (value != "after" or name == "quote")
        if name not in _GUARDED or not fits:
            raise ConfigError(
                f"'guards' under {settings.where} says {name} = {value!r}; it can say for "
                f"{', '.join(_GUARDED)} that they are asked for before a save or not ('before', "
                "'none'), and for quotes after it as well ('after')"
            )
    chosen: dict[str, Any] = {**_GUARDS, **given}
    return Guards(**chosen)
