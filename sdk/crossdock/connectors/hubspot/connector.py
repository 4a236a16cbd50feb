"""`CrmPort` over HubSpot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import httpx

from crossdock.connectors.exchange import Address
from crossdock.connectors.http import Remote
from crossdock.connectors.hubspot import access, parties
from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot.accounts import Accounts
from crossdock.connectors.hubspot.deals import Deals
from crossdock.connectors.hubspot.diary import Diary
from crossdock.connectors.hubspot.feed import Feed
from crossdock.connectors.hubspot.objects import Portal
from crossdock.connectors.hubspot.ordering import Ordering
from crossdock.connectors.hubspot.people import People
from crossdock.connectors.hubspot.provisioning import Provisioning
from crossdock.connectors.hubspot.quoting import Quoting
from crossdock.connectors.hubspot.records import Records
from crossdock.connectors.hubspot.refusals import wording
from crossdock.connectors.settings import Settings
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


class HubSpotConnector:
    """A HubSpot account, as `crossdock.ports.CrmPort` describes it; safe in many threads.

    Ids are HubSpot's record ids, which everybody sees in the address of a record; an activity's has
    its kind before it. What HubSpot cannot do, and what is done about it:

    - It has no hook before a save: `guards` says `after` (`none` for what the host cannot take
      back), and the host judges what changed.
    - It has no optimistic locking. A record is read again before it is written and refused as
      `Conflict` if it is not as it was; who writes in between these two calls is overwritten.
    - A quote and its lines are several objects. Lines are written before the head, so a quote
      whose writing was broken off does not show totals that fit its lines.
    - What it creates carries a unique key, so a lost answer never makes a second record.

    Attributes:
        document: the file name of the remote document.
        used_operations: the `operationId`s that it calls.
        feed_seconds: how often the feed is read at most: each time it takes half a dozen searches.
        provisioning: says which properties the portal lacks, and makes them.
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
        self.guards = Guards(
            quote="after", account="none", contact="none", opportunity="none", order="none"
        )
        numbers = settings.texts("customer_numbers") or {"main": "erp_customer_number"}
        self._remote = Remote(
            Address(kind="CRM", system=system, url=settings.url(), where=settings.where),
            credentials=access.credentials_of(settings),
            wording=wording,
            timeout=settings.timeout(),
            identity=settings.identity(),
            transport=transport,
            deadline=deadline,
        )
        pace = access.Pace(settings.above_zero("searches_per_second", "searches", default=4.0))
        portal = Portal(self._remote, pace, settings.texts("properties"))
        records = Records(portal, system, _text(settings, "currency", "EUR"))
        owners = parties.Owners(settings.texts("roles"), _text(settings, "default_role", ""))
        self._accounts = Accounts(records, parties.Companies(numbers))
        self._deals = Deals(records, _text(settings, "pipeline", "default"))
        self._diary = Diary(records)
        self._quoting = Quoting(records)
        self._ordering = Ordering(records, self._quoting)
        self._people = People(records, owners)
        self._feed = Feed(
            system,
            portal,
            lag=timedelta(seconds=settings.above_zero("search_lag", "seconds", default=30.0)),
            archived_seconds=settings.above_zero("archived_every", "seconds", default=60.0),
        )
        self.feed_seconds = settings.above_zero("feed_every", "seconds", default=10.0)
        self.provisioning = Provisioning(portal, tuple(numbers.values()))

    def close(self) -> None:
        """Close all connections."""
        self._remote.close()

    # Accounts and contacts.

    def account(self, account_id: str) -> Account:
        """Read one account."""
        return self._accounts.account(account_id)

    def accounts(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[Account]:
        """List accounts; `search` matches names, cities and customer numbers. At most 200.

        Without a search they come in the order in which they were made, all of them: HubSpot
        sorts in searches only, which show a new account late and end at ten thousand.
        """
        return self._accounts.accounts(search, after=after, limit=limit)

    def save_account(self, account: Account) -> Account:
        """Create an account (empty `id`) or replace it; raises `Conflict` if it was changed.

        External ids that the record does not name stay as they are. Whose daughter a company is,
        is HubSpot's own to say.
        """
        return self._accounts.save_account(account)

    def contact(self, contact_id: str) -> Contact:
        """Read one contact."""
        return self._accounts.contact(contact_id)

    def save_contact(self, contact: Contact) -> Contact:
        """Create a contact (empty `id`) or replace it; raises `Conflict` if it was changed."""
        return self._accounts.save_contact(contact)

    def contacts(self, account_id: str) -> Sequence[Contact]:
        """List the contacts of an account, by last name."""
        return self._accounts.contacts(account_id)

    # Opportunities.

    def stages(self) -> Sequence[Stage]:
        """List the stages of the sales process, in order."""
        return self._deals.stages()

    def opportunities(self, account_id: str) -> Sequence[Opportunity]:
        """List the opportunities of an account, newest first."""
        return self._deals.opportunities(account_id)

    def opportunity(self, opportunity_id: str) -> Opportunity:
        """Read one opportunity."""
        return self._deals.opportunity(opportunity_id)

    def save_opportunity(self, opportunity: Opportunity) -> Opportunity:
        """Create an opportunity (empty `id`) or replace it; `Conflict` if it was changed.

        A probability or category other than the one in force is written as an override.
        """
        return self._deals.save_opportunity(opportunity)

    # Activities and timelines.

    def activities(self, account_id: str) -> Sequence[Activity]:
        """List the activities of an account, newest first.

        The timelines of its orders are theirs, and not here.
        """
        return self._diary.activities(account_id)

    def add_activity(self, activity: Activity, *, key: str) -> Activity:
        """Add an activity. The same `key` again gives the one that is there."""
        return self._diary.add_activity(activity, key=key)

    def order_events(self, order_id: str) -> Sequence[OrderEvent]:
        """List an order's timeline, oldest first: the notes on it that carry a key of ours."""
        return self._diary.order_events(order_id)

    def add_order_event(self, order_id: str, event: OrderEvent) -> None:
        """Add to an order's timeline. The same `event.key` again changes nothing."""
        self._diary.add_order_event(order_id, event)

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
        """Make the order of a quote. Asking again gives the same order.

        Its key is made of the quote's id and is unique in HubSpot, whoever asks at the same time.
        The status is written last: an order without one is not whole, and is finished by whoever
        asks next.
        """
        return self._ordering.order_from_quote(quote_id)

    def update_order(self, order: Order) -> Order:
        """Write how far an order has come: status, ERP order, line quantities, amounts.

        It is read and compared first, so that the same again changes nothing.
        """
        return self._ordering.update_order(order)

    # Users.

    def user(self, user_id: str) -> User:
        """Read one user, by id, e-mail address, or what stands in it before the @."""
        return self._people.user(user_id)

    def users(self) -> Sequence[User]:
        """List the users, by name: HubSpot's owners, those who left included."""
        return self._people.users()

    # Changes.

    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read the change feed from a cursor; `None` starts at its beginning: all there is."""
        return self._feed.changes(cursor, limit=max(1, limit))


if TYPE_CHECKING:
    _fits_the_port: type[CrmPort] = HubSpotConnector


def _text(settings: Settings, key: str, default: str) -> str:
    return settings.text(key) if settings.has(key) else default
