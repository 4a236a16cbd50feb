"""`CrmPort` over the reference CRM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx

from crossdock.connectors.credentials import ClientCredentials, Token
from crossdock.connectors.crm import operations as use
from crossdock.connectors.crm import opportunities, orders, parties, quotes
from crossdock.connectors.crm.masters import Masters
from crossdock.connectors.crm.paging import all_pages, one_page
from crossdock.connectors.crm.refusals import wording
from crossdock.connectors.exchange import Address
from crossdock.connectors.feeds import changes
from crossdock.connectors.http import Remote
from crossdock.connectors.keeping import fit
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, text, whole
from crossdock.connectors.settings import Settings
from crossdock.errors import Conflict, NotFound, NotSupported
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

_Record = Account | Contact | Opportunity | Quote | Order
_Saved = TypeVar("_Saved", Account, Contact, Opportunity, Quote, Order)
_UPDATE_ATTEMPTS: Final = 5
_CHANGES_LIMIT: Final = 1000
_ENTITIES: Final = {"product": "item"} | {
    name: name
    for name in (
        "account", "contact", "price_list", "lead", "campaign", "campaign_member", "stage",
        "opportunity", "stage_history_entry", "play_answer", "quote", "order", "timeline_entry",
        "activity", "case", "user", "login", "forecast",
    )
}  # fmt: skip


class CrmConnector(Masters):
    """A reference CRM, as `crossdock.ports.CrmPort` describes it; safe in many threads.

    Attributes:
        document: the file name of the remote document.
        used_operations: the `operationId`s that it calls.
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
        self.guards = Guards()
        client_id, secret = settings.text("client_id"), settings.secret("client_secret")
        self._client_id = client_id
        self._units = {}
        self._remote = Remote(
            Address(kind="CRM", system=system, url=settings.url(), where=settings.where),
            credentials=lambda remote: ClientCredentials(
                lambda: _token(remote, client_id, secret), client_secret=secret
            ),
            wording=wording,
            timeout=settings.timeout(),
            identity=settings.identity(),
            acting_user_header="X-Acting-User",
            transport=transport,
            deadline=deadline,
        )

    def close(self) -> None:
        """Close all connections."""
        self._remote.close()

    def account(self, account_id: str) -> Account:
        """Read one account."""
        answer = self._remote.call(use.GET_ACCOUNT, {"id": account_id})
        return self._remote.read(answer, parties.account)

    def accounts(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[Account]:
        """List accounts by name; `search` matches names, cities and numbers. At most 200."""
        return one_page(
            self._remote,
            use.LIST_ACCOUNTS,
            parties.account,
            query={"q": search.strip() or None, "sort": "name"},
            after=after,
            limit=limit,
        )

    def save_account(self, account: Account) -> Account:
        """Create an account (empty `id`) or replace it; raises `Conflict` if `version` is stale.

        External ids that the record does not name stay as they are.
        """
        operation = use.CHANGE_ACCOUNT if account.id else use.CREATE_ACCOUNT
        fit(account, self.keeps["account"], self._remote, operation)
        body = self._remote.written(operation, lambda: parties.account_body(account))
        return self._saved(operation, account, body, parties.account)

    def contact(self, contact_id: str) -> Contact:
        """Read one contact."""
        answer = self._remote.call(use.GET_CONTACT, {"id": contact_id})
        return self._remote.read(answer, parties.contact)

    def save_contact(self, contact: Contact) -> Contact:
        """Create a contact (empty `id`) or replace it; raises `Conflict` if `version` is stale."""
        operation = use.CHANGE_CONTACT if contact.id else use.CREATE_CONTACT
        fit(contact, self.keeps["contact"], self._remote, operation)
        body = self._remote.written(operation, lambda: parties.contact_body(contact))
        return self._saved(operation, contact, body, parties.contact)

    def contacts(self, account_id: str) -> Sequence[Contact]:
        """List the contacts of an account, by last name."""
        return all_pages(
            self._remote,
            use.LIST_CONTACTS,
            parties.contact,
            query={"account_id": account_id, "sort": "last_name"},
            key=lambda contact: contact.id,
        )

    def opportunities(self, account_id: str) -> Sequence[Opportunity]:
        """List the opportunities of an account, newest first."""
        return all_pages(
            self._remote,
            use.LIST_OPPORTUNITIES,
            opportunities.opportunity,
            query={"account_id": account_id, "sort": "-created_at"},
            key=lambda opportunity: opportunity.id,
        )

    def opportunity(self, opportunity_id: str) -> Opportunity:
        """Read one opportunity."""
        answer = self._remote.call(use.GET_OPPORTUNITY, {"id": opportunity_id})
        return self._remote.read(answer, opportunities.opportunity)

    def save_opportunity(self, opportunity: Opportunity) -> Opportunity:
        """Create an opportunity (empty `id`) or replace it; `Conflict` if `version` is stale.

        A probability or category other than the one in force is written as an override.
        """
        operation = use.CHANGE_OPPORTUNITY if opportunity.id else use.CREATE_OPPORTUNITY
        now = self.opportunity(opportunity.id) if opportunity.id else None
        body = self._remote.written(
            operation, lambda: opportunities.opportunity_body(opportunity, now)
        )
        return self._saved(operation, opportunity, body, opportunities.opportunity)

    def stages(self) -> Sequence[Stage]:
        """List the stages of the sales process, in order."""
        return all_pages(
            self._remote,
            use.LIST_STAGES,
            opportunities.stage,
            query={"sort": "position"},
            key=lambda stage: stage.id,
        )

    def activities(self, account_id: str) -> Sequence[Activity]:
        """List the activities of an account, newest first."""
        return all_pages(
            self._remote,
            use.LIST_ACTIVITIES,
            parties.activity,
            query={"account_id": account_id, "sort": "-created_at"},
            key=lambda activity: activity.id,
        )

    def add_activity(self, activity: Activity, *, key: str) -> Activity:
        """Add an activity. The same `key` again gives the one that is there."""
        body = self._remote.written(
            use.CREATE_ACTIVITY, lambda: parties.activity_body(activity, key)
        )
        answer = self._remote.call(use.CREATE_ACTIVITY, body=body)
        return self._remote.read(answer, parties.activity)

    def cases(self, account_id: str) -> Sequence[Case]:
        """List the service cases of an account, newest first; those that are closed too."""
        return all_pages(
            self._remote,
            use.LIST_CASES,
            parties.case,
            query={"account_id": account_id, "sort": "-created_at"},
            key=lambda case: case.id,
        )

    def quote(self, quote_id: str) -> Quote:
        """Read one quote with its lines."""
        answer = self._remote.call(use.GET_QUOTE, {"id": quote_id})
        return self._remote.read(answer, quotes.quote)

    def quotes(self, account_id: str) -> Sequence[Quote]:
        """List the quotes of an account, newest first."""
        return all_pages(
            self._remote,
            use.LIST_QUOTES,
            quotes.quote,
            query={"account_id": account_id, "sort": "-created_at"},
            key=lambda quote: quote.id,
        )

    def save_quote(self, quote: Quote) -> Quote:
        """Create a quote (empty `id`) or replace it; raises `Conflict` if `version` is stale."""
        operation = use.CHANGE_QUOTE if quote.id else use.CREATE_QUOTE
        body = self._remote.written(operation, lambda: quotes.quote_body(quote))
        return self._saved(operation, quote, body, quotes.quote)

    def order(self, order_id: str) -> Order:
        """Read one CRM order with its lines."""
        answer = self._remote.call(use.GET_ORDER, {"id": order_id})
        return self._remote.read(answer, self._order)

    def orders(self, account_id: str) -> Sequence[Order]:
        """List the CRM orders of an account, newest first."""
        return all_pages(
            self._remote,
            use.LIST_ORDERS,
            self._order,
            query={"account_id": account_id, "sort": "-placed_at"},
            key=lambda order: order.id,
        )

    def save_order(self, order: Order) -> Order:
        """Enter an order (empty `id`) or change a draft; raises `Conflict` if `version` is stale.

        The same order under the same `reference` again gives the one that was entered.
        """
        if order.id:
            return self._save_draft(order)
        body = self._remote.written(use.CREATE_ORDER, lambda: orders.order_body(order))
        try:
            answer = self._remote.call(use.CREATE_ORDER, body=body)
        except Conflict as conflict:
            if conflict.code != "duplicate_reference":
                raise
            there = all_pages(
                self._remote,
                use.LIST_ORDERS,
                self._order,
                query={"reference": order.reference},
                key=lambda each: each.id,
            )
            same = [each for each in there if orders.is_same(each, order)]
            if not same:
                raise
            return same[0]
        return self._remote.read(answer, self._order)

    def _save_draft(self, order: Order) -> Order:
        now = self.order(order.id)
        if now.status != "draft":
            raise NotSupported(
                f"{self._remote.address.label} has given the order {order.id} on already "
                f"({now.status}); change it in the ERP, or cancel it and enter another one"
            )
        if not orders.has_lines_of(now, order):
            raise self._remote.rejected(
                use.CHANGE_ORDER,
                "lines",
                "a draft keeps the lines that it was entered with; cancel it and enter another one",
            )
        change = self._remote.written(use.CHANGE_ORDER, lambda: orders.draft_change(now, order))
        if not change and order.version == now.version:
            return now
        return self._saved(use.CHANGE_ORDER, order, change, self._order, repeatable=False)

    def order_from_quote(self, quote_id: str) -> Order:
        """Make the order of a quote. Asking again gives the same order."""
        answer = self._remote.call(use.ORDER_QUOTE, {"id": quote_id})
        return self._remote.read(answer, self._order)

    def update_order(self, order: Order) -> Order:
        """Write how far an order has come: status, ERP order, line quantities, amounts.

        It is read and compared first, so that the same again changes nothing. Where somebody
        changed it in between it is read again: the fields written here are the ERP's, so the
        other change was to other fields and stays.
        """
        for attempt in range(1, _UPDATE_ATTEMPTS + 1):
            now = self.order(order.id)
            change = self._remote.written(
                use.CHANGE_ORDER,
                lambda: orders.order_change(now, order),  # noqa: B023 - called at once
            )
            if not change:
                return now
            change["version"] = self._version(now, use.CHANGE_ORDER)
            try:
                answer = self._remote.call(use.CHANGE_ORDER, {"id": order.id}, body=change)
            except Conflict as conflict:
                if conflict.code != "stale_version" or attempt == _UPDATE_ATTEMPTS:
                    raise
                continue
            return self._remote.read(answer, self._order)
        raise AssertionError("the last attempt returns or raises")

    def order_events(self, order_id: str) -> Sequence[OrderEvent]:
        """List an order's timeline, oldest first."""
        return all_pages(
            self._remote,
            use.LIST_TIMELINE,
            orders.order_event,
            names={"id": order_id},
            query={"sort": "at"},
            key=lambda event: event.key,
        )

    def add_order_event(self, order_id: str, event: OrderEvent) -> None:
        """Add to an order's timeline. The same `event.key` again changes nothing."""
        body = self._remote.written(use.ADD_TIMELINE_ENTRY, lambda: orders.order_event_body(event))
        self._remote.call(use.ADD_TIMELINE_ENTRY, {"id": order_id}, body=body)

    def user(self, user_id: str) -> User:
        """Read one user, by id or login name."""
        try:
            answer = self._remote.call(use.GET_USER, {"id": user_id})
        except NotFound:
            users = self._users(login=user_id)
            if len(users) != 1:
                raise
            return users[0]
        return self._remote.read(answer, parties.user)

    def users(self) -> Sequence[User]:
        """List the users, by name."""
        return self._users(login=None)

    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read the change feed from a cursor; `None` starts at its beginning."""
        limit = max(1, min(limit, _CHANGES_LIMIT))
        answer = self._remote.call(
            use.LIST_CHANGES, query={"since": cursor or None, "limit": limit}
        )
        return self._remote.read(
            answer,
            lambda body: changes(
                body, system=self.system, asked=cursor or "", limit=limit, entities=_ENTITIES
            ),
        )

    def _users(self, *, login: str | None) -> Sequence[User]:
        return all_pages(
            self._remote,
            use.LIST_USERS,
            parties.user,
            query={"login": login, "sort": "name"},
            key=lambda user: user.id,
        )

    def _order(self, row: Row) -> Order:
        return orders.order(row, self.system)

    def _saved(
        self,
        operation: Operation,
        record: _Saved,
        body: dict[str, Any],
        parse: Callable[[Row], _Saved],
        *,
        repeatable: bool | None = None,
    ) -> _Saved:
        """Send a record that is new, or one with the version that it was made from."""
        names = None
        if record.id:
            names = {"id": record.id}
            body["version"] = self._version(record, operation)
        answer = self._remote.call(operation, names, body=body, repeatable=repeatable)
        return self._remote.read(answer, parse)

    def _version(self, record: _Record, operation: Operation) -> int:
        version = record.version or ""
        if version.isascii() and version.isdigit():
            return int(version)
        raise self._remote.rejected(
            operation,
            "version",
            f"{record.id} carries no version: change what was read from the CRM",
        )


if TYPE_CHECKING:
    _fits_the_port: type[CrmPort] = CrmConnector


def _token(remote: Remote, client_id: str, client_secret: str) -> Token:
    """Ask for a token; a failure is a `RemoteUnauthorized` that names the settings to check."""
    answer = remote.call(
        use.ISSUE_TOKEN,
        form={
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        },
        authorized=False,
    )

    def token(body: Row) -> Token:
        return Token(value=text(body, "access_token"), expires_in=whole(body, "expires_in"))

    return remote.read(answer, token)
