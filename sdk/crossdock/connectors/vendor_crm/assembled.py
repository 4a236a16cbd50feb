"""A `CrmPort` put together of parts, each of which knows one kind of records."""

# ruff: noqa: D102 - the methods of the parts are those of `CrmPort`

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

from crossdock.connectors.http import Remote
from crossdock.connectors.partial_crm import PartialCrm
from crossdock.errors import NotSupported
from crossdock.ports import Changes, CrmPort, Guards, Page
from crossdock.records import (
    Account,
    Activity,
    Case,
    Contact,
    Opportunity,
    Order,
    OrderEvent,
    Quote,
    Stage,
    User,
)


class Parties(Protocol):
    """Accounts and contacts."""

    def account(self, account_id: str) -> Account: ...
    def accounts(self, search: str, *, after: str | None, limit: int) -> Page[Account]: ...
    def save_account(self, account: Account) -> Account: ...
    def contact(self, contact_id: str) -> Contact: ...
    def save_contact(self, contact: Contact) -> Contact: ...
    def contacts(self, account_id: str) -> Sequence[Contact]: ...


class People(Protocol):
    """Users."""

    def user(self, user_id: str) -> User: ...
    def users(self) -> Sequence[User]: ...


class Opportunities(Protocol):
    """Opportunities and the stages that they go through."""

    def stages(self) -> Sequence[Stage]: ...
    def opportunities(self, account_id: str) -> Sequence[Opportunity]: ...
    def opportunity(self, opportunity_id: str) -> Opportunity: ...
    def save_opportunity(self, opportunity: Opportunity) -> Opportunity: ...


class Activities(Protocol):
    """Calls, e-mails, meetings, tasks and notes."""

    def activities(self, account_id: str) -> Sequence[Activity]: ...
    def add_activity(self, activity: Activity, *, key: str) -> Activity: ...


class Cases(Protocol):
    """What customers ask service for."""

    def cases(self, account_id: str) -> Sequence[Case]: ...


class Timelines(Protocol):
    """What happened to orders."""

    def order_events(self, order_id: str) -> Sequence[OrderEvent]: ...
    def add_order_event(self, order_id: str, event: OrderEvent) -> None: ...


class Quotes(Protocol):
    """Quotes with their lines."""

    def quote(self, quote_id: str) -> Quote: ...
    def quotes(self, account_id: str) -> Sequence[Quote]: ...
    def save_quote(self, quote: Quote) -> Quote: ...


class Orders(Protocol):
    """Orders with their lines."""

    def order(self, order_id: str) -> Order: ...
    def orders(self, account_id: str) -> Sequence[Order]: ...
    def save_order(self, order: Order) -> Order: ...
    def order_from_quote(self, quote_id: str) -> Order: ...
    def update_order(self, order: Order) -> Order: ...


class Feed(Protocol):
    """What changed."""

    def changes(self, cursor: str | None, *, limit: int) -> Changes: ...


@frozen(kw_only=True)
class Parts:
    """What a CRM is put together of; the methods of each are those of `CrmPort`.

    Attributes:
        cases: `None` where the CRM keeps none.
    """

    parties: Parties
    people: People
    opportunities: Opportunities
    activities: Activities
    timelines: Timelines
    quotes: Quotes
    orders: Orders
    feed: Feed
    cases: Cases | None = None


class AssembledCrm(PartialCrm):
    """A CRM, as `crossdock.ports.CrmPort` describes it.

    A vendor's connector derives from it, says in its own docstring what the vendor does otherwise,
    and hands over its parts.

    Args:
        system: its configured name.
        guards: whether it can be stopped before a save.
        remote: the CRM.
        parts: who knows what.
    """

    def __init__(self, system: str, guards: Guards, remote: Remote, parts: Parts) -> None:
        self.system = system
        self.guards = guards
        self._remote = remote
        self._parts = parts

    def close(self) -> None:
        """Close all connections."""
        self._remote.close()

    def account(self, account_id: str) -> Account:
        """Read one account."""
        return self._parts.parties.account(account_id)

    def accounts(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[Account]:
        """List accounts; `search` matches names, cities and customer numbers. At most 200."""
        return self._parts.parties.accounts(search, after=after, limit=limit)

    def save_account(self, account: Account) -> Account:
        """Create an account (empty `id`) or replace it; raises `Conflict` if it was changed.

        External ids that the record does not name stay as they are.
        """
        return self._parts.parties.save_account(account)

    def contact(self, contact_id: str) -> Contact:
        """Read one contact."""
        return self._parts.parties.contact(contact_id)

    def save_contact(self, contact: Contact) -> Contact:
        """Create a contact (empty `id`) or replace it; raises `Conflict` if it was changed."""
        return self._parts.parties.save_contact(contact)

    def contacts(self, account_id: str) -> Sequence[Contact]:
        """List the contacts of an account, by last name."""
        return self._parts.parties.contacts(account_id)

    def user(self, user_id: str) -> User:
        """Read one user, by id, e-mail address, or what stands in it before the @."""
        return self._parts.people.user(user_id)

    def users(self) -> Sequence[User]:
        """List the users, by name, those who left included."""
        return self._parts.people.users()

    def stages(self) -> Sequence[Stage]:
        """List the stages of the sales process, in order."""
        return self._parts.opportunities.stages()

    def opportunities(self, account_id: str) -> Sequence[Opportunity]:
        """List the opportunities of an account, newest first."""
        return self._parts.opportunities.opportunities(account_id)

    def opportunity(self, opportunity_id: str) -> Opportunity:
        """Read one opportunity."""
        return self._parts.opportunities.opportunity(opportunity_id)

    def save_opportunity(self, opportunity: Opportunity) -> Opportunity:
        """Create an opportunity (empty `id`) or replace it; `Conflict` if it was changed.

        A probability or category other than the one in force is written as an override.
        """
        return self._parts.opportunities.save_opportunity(opportunity)

    def activities(self, account_id: str) -> Sequence[Activity]:
        """List the activities of an account, newest first.

        The timelines of its orders are theirs, and not here.
        """
        return self._parts.activities.activities(account_id)

    def add_activity(self, activity: Activity, *, key: str) -> Activity:
        """Add an activity. The same `key` again gives the one that is there."""
        return self._parts.activities.add_activity(activity, key=key)

    def cases(self, account_id: str) -> Sequence[Case]:
        """List the service cases of an account, newest first; `NotSupported` where it has none."""
        if self._parts.cases is None:
            raise NotSupported(f"the CRM ({self.system}) keeps no service cases")
        return self._parts.cases.cases(account_id)

    def order_events(self, order_id: str) -> Sequence[OrderEvent]:
        """List an order's timeline, oldest first: what carries a key of ours."""
        return self._parts.timelines.order_events(order_id)

    def add_order_event(self, order_id: str, event: OrderEvent) -> None:
        """Add to an order's timeline. The same `event.key` again changes nothing."""
        self._parts.timelines.add_order_event(order_id, event)

    def quote(self, quote_id: str) -> Quote:
        """Read one quote with its lines."""
        return self._parts.quotes.quote(quote_id)

    def quotes(self, account_id: str) -> Sequence[Quote]:
        """List the quotes of an account, newest first."""
        return self._parts.quotes.quotes(account_id)

    def save_quote(self, quote: Quote) -> Quote:
        """Create a quote (empty `id`) or replace it; raises `Conflict` if it was changed."""
        return self._parts.quotes.save_quote(quote)

    def order(self, order_id: str) -> Order:
        """Read one CRM order with its lines."""
        return self._parts.orders.order(order_id)

    def orders(self, account_id: str) -> Sequence[Order]:
        """List the CRM orders of an account, newest first."""
        return self._parts.orders.orders(account_id)

    def save_order(self, order: Order) -> Order:
        """Enter an order (empty `id`) or change a draft; raises `Conflict` if it was changed.

        The same order under the same `reference` again gives the one that was entered.
        """
        return self._parts.orders.save_order(order)

    def order_from_quote(self, quote_id: str) -> Order:
        """Make the order of a quote. Asking again gives the same order."""
        return self._parts.orders.order_from_quote(quote_id)

    def update_order(self, order: Order) -> Order:
        """Write how far an order has come: status, ERP order, line quantities, amounts.

        It is read and compared first, so that the same again changes nothing.
        """
        return self._parts.orders.update_order(order)

    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read the change feed from a cursor; `None` starts at its beginning: all there is."""
        return self._parts.feed.changes(cursor, limit=max(1, limit))


if TYPE_CHECKING:
    _fits_the_port: type[CrmPort] = AssembledCrm
