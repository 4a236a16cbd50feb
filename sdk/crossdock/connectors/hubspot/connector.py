"""`CrmPort` over HubSpot."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx
from attrs import evolve

from crossdock.connectors.exchange import Address
from crossdock.connectors.http import Remote
from crossdock.connectors.hubspot import (
    access,
    activities,
    lines,
    opportunities,
    orders,
    parties,
    quotes,
    values,
)
from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot.feed import Feed
from crossdock.connectors.hubspot.objects import Object, Portal
from crossdock.connectors.hubspot.provisioning import Provisioning
from crossdock.connectors.hubspot.refusals import wording
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, each
from crossdock.connectors.settings import Settings
from crossdock.errors import Conflict, NotFound, NotSupported, RemoteRefused
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

_T = TypeVar("_T")
_QUOTE_EXPIRY: Final = timedelta(days=30)
_STALE: Final = "stale_version"


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
        self._companies = parties.Companies(numbers)
        default_role = settings.text("default_role") if settings.has("default_role") else ""
        self._owners = parties.Owners(settings.texts("roles"), default_role)
        self._pipeline = settings.text("pipeline") if settings.has("pipeline") else "default"
        self._currency = settings.text("currency") if settings.has("currency") else "EUR"
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
        self._portal = Portal(self._remote, pace, settings.texts("properties"))
        self._feed = Feed(
            system,
            self._portal,
            lag=timedelta(seconds=settings.above_zero("search_lag", "seconds", default=30.0)),
            archived_seconds=settings.above_zero("archived_every", "seconds", default=60.0),
        )
        self.provisioning = Provisioning(self._portal, tuple(numbers.values()))

    def close(self) -> None:
        """Close all connections."""
        self._remote.close()

    # Accounts and contacts.

    def account(self, account_id: str) -> Account:
        """Read one account."""
        return self._read(self._company(account_id), self._companies.account)

    def _company(self, account_id: str) -> Object:
        return self._portal.get("companies", account_id, self._companies.properties)

    def accounts(
        self, search: str = "", *, after: str | None = None, limit: int = 50
    ) -> Page[Account]:
        """List accounts; `search` matches names, cities and customer numbers. At most 200.

        Without a search they come in the order in which they were made, all of them: HubSpot
        sorts in searches only, which show a new account late and end at ten thousand.
        """
        words = search.split()
        if not words:
            listed = self._portal.page(
                "companies", self._companies.properties, after=after, limit=limit
            )
            found = [self._read(company, self._companies.account) for company in listed.objects]
            return Page(items=tuple(found), next=listed.after)
        longest = max(words, key=len)
        token = {"operator": "CONTAINS_TOKEN", "value": f"{longest}*"}
        names = ["name", "city", *self._companies.customer_numbers.values()]
        listed = self._portal.search(
            "companies",
            [[{"propertyName": name, **token}] for name in names[:5]],
            self._companies.properties,
            sort="name",
            after=after,
            limit=limit,
        )
        accounts = [self._read(company, self._companies.account) for company in listed.objects]
        fitting = tuple(each for each in accounts if _matches(each, words))
        one_word = len(words) == 1
        return Page(items=fitting, next=listed.after, total=listed.total if one_word else None)

    def save_account(self, account: Account) -> Account:
        """Create an account (empty `id`) or replace it; raises `Conflict` if it was changed.

        External ids that the record does not name stay as they are. Whose daughter a company is,
        is HubSpot's own to say.
        """
        if not account.id:
            if account.parent_id:
                raise self._remote.rejected(
                    use.CREATE_OBJECT, "parent_id", "companies are put below each other in HubSpot"
                )
            body = self._companies.written(account, {})
            account_id, _ = self._portal.create_once("companies", _new_key(), body, {})
            return self.account(account_id)
        now = self._company(account.id)
        before = self._read(now, self._companies.account)
        self._check_version("account", account.id, account.version, before.version)
        if account.parent_id != before.parent_id:
            raise self._remote.rejected(
                use.UPDATE_OBJECT, "parent_id", "companies are put below each other in HubSpot"
            )
        written = self._companies.written(account, before.external_ids)
        self._change("companies", now, written)
        return self.account(account.id)

    def contact(self, contact_id: str) -> Contact:
        """Read one contact."""
        return self._read(self._person(contact_id), parties.contact)

    def _person(self, contact_id: str) -> Object:
        return self._portal.get("contacts", contact_id, parties.CONTACT)

    def save_contact(self, contact: Contact) -> Contact:
        """Create a contact (empty `id`) or replace it; raises `Conflict` if it was changed."""
        if not contact.id:
            body = parties.contact_written(contact, {})
            to = {"companies": contact.account_id}
            contact_id, _ = self._portal.create_once("contacts", _new_key(), body, to)
            return evolve(self.contact(contact_id), account_id=contact.account_id)
        now = self._person(contact.id)
        before = self._read(now, parties.contact)
        self._check_version("contact", contact.id, contact.version, before.version)
        if contact.account_id != before.account_id:
            self._move("contacts", contact.id, "companies", before.account_id, contact.account_id)
        self._change("contacts", now, parties.contact_written(contact, before.external_ids))
        return self.contact(contact.id)

    def contacts(self, account_id: str) -> Sequence[Contact]:
        """List the contacts of an account, by last name."""
        ids = self._portal.associated("companies", account_id, "contacts")
        people = self._portal.get_many("contacts", ids, parties.CONTACT).values()
        found = [
            evolve(self._read(person, parties.contact), account_id=account_id) for person in people
        ]
        return tuple(sorted(found, key=lambda person: (person.last_name, person.id)))

    # Opportunities.

    def stages(self) -> Sequence[Stage]:
        """List the stages of the sales process, in order."""
        answer = self._portal.call(use.LIST_PIPELINES, {"objectType": "deals"})
        return self._remote.read(answer, lambda body: opportunities.stages(body, self._pipeline))

    def _stages(self) -> Mapping[str, Stage]:
        return {stage.id: stage for stage in self.stages()}

    def opportunities(self, account_id: str) -> Sequence[Opportunity]:
        """List the opportunities of an account, newest first."""
        ids = self._portal.associated("companies", account_id, "deals")
        if not ids:
            return ()
        stages = self._stages()
        deals = self._portal.get_many("deals", ids, opportunities.DEAL).values()
        return _newest_first(
            self._read(deal, lambda d: self._opportunity(d, account_id, stages)) for deal in deals
        )

    def opportunity(self, opportunity_id: str) -> Opportunity:
        """Read one opportunity."""
        deal = self._deal(opportunity_id)
        stages = self._stages()
        account_id = next(iter(deal.associated.get("companies", ())), "")
        return self._read(deal, lambda d: self._opportunity(d, account_id, stages))

    def _deal(self, opportunity_id: str) -> Object:
        return self._portal.get(
            "deals", opportunity_id, opportunities.DEAL, associations=("companies",)
        )

    def _opportunity(
        self, deal: Object, account_id: str, stages: Mapping[str, Stage]
    ) -> Opportunity:
        return opportunities.opportunity(deal, account_id, stages, self._currency)

    def save_opportunity(self, opportunity: Opportunity) -> Opportunity:
        """Create an opportunity (empty `id`) or replace it; `Conflict` if it was changed.

        A probability or category other than the one in force is written as an override.
        """
        stages = self._stages()
        if opportunity.campaign_id:
            raise self._remote.rejected(
                use.UPDATE_OBJECT, "campaign_id", "HubSpot attributes deals to campaigns by itself"
            )
        if not opportunity.id:
            body = opportunities.deal_written(opportunity, None, stages, self._pipeline)
            to = {"companies": opportunity.account_id}
            deal_id, _ = self._portal.create_once("deals", _new_key(), body, to)
            return self.opportunity(deal_id)
        now = self._deal(opportunity.id)
        account_id = next(iter(now.associated.get("companies", ())), "")
        before = self._read(now, lambda d: self._opportunity(d, account_id, stages))
        self._check_version("opportunity", opportunity.id, opportunity.version, before.version)
        if opportunity.account_id != account_id:
            self._move("deals", opportunity.id, "companies", account_id, opportunity.account_id)
        self._change(
            "deals", now, opportunities.deal_written(opportunity, before, stages, self._pipeline)
        )
        return self.opportunity(opportunity.id)

    # Activities.

    def activities(self, account_id: str) -> Sequence[Activity]:
        """List the activities of an account, newest first.

        The timelines of its orders are theirs, and not here.
        """
        company = self._portal.get(
            "companies", account_id, (), associations=tuple(activities.FORMS)
        )
        found: list[Activity] = []
        for kind, form in activities.FORMS.items():
            ids = company.associated.get(kind, ())
            rows = self._portal.get_many(kind, ids, form.properties)
            own = {key: row for key, row in rows.items() if activities.is_of_account(row)}
            if not own:
                continue
            people = self._portal.associated_many(kind, own, "contacts")
            deals = self._portal.associated_many(kind, own, "deals")
            for key, row in own.items():
                contact_id, deal_id = (next(iter(m.get(key, ())), None) for m in (people, deals))
                found.append(self._activity(kind, row, account_id, contact_id, deal_id))
        return _newest_first(found)

    def _activity(
        self, kind: str, row: Object, account_id: str, contact_id: str | None, deal_id: str | None
    ) -> Activity:
        return self._read(
            row, lambda each: activities.activity(kind, each, account_id, contact_id, deal_id)
        )

    def add_activity(self, activity: Activity, *, key: str) -> Activity:
        """Add an activity. The same `key` again gives the one that is there."""
        kind = activities.kind_of(activity)
        body = activities.activity_written(activity, values.as_instant(datetime.now(UTC)))
        to = {
            "companies": activity.account_id,
            "contacts": activity.contact_id,
            "deals": activity.opportunity_id,
        }
        found_id, _ = self._portal.create_once(kind, f"activity|{key}", body, to)
        row = self._portal.get(kind, found_id, activities.FORMS[kind].properties)
        return self._activity(
            kind, row, activity.account_id, activity.contact_id, activity.opportunity_id
        )

    # Quotes.

    def quote(self, quote_id: str) -> Quote:
        """Read one quote with its lines."""
        head, items = self._quote(quote_id)
        return self._as_quote(head, items)

    def _quote(self, quote_id: str) -> tuple[Object, tuple[Object, ...]]:
        head = self._portal.get(
            quotes.KIND,
            quote_id,
            quotes.QUOTE,
            associations=(lines.KIND, "companies", "contacts", "deals"),
        )
        return head, self._items(head)

    def _items(self, head: Object) -> tuple[Object, ...]:
        ids = head.associated.get(lines.KIND, ())
        return tuple(self._portal.get_many(lines.KIND, ids, lines.LINE).values())

    def _as_quote(self, head: Object, items: Sequence[Object]) -> Quote:
        account_id = next(iter(head.associated.get("companies", ())), "")
        return self._read(head, lambda q: quotes.quote(q, items, account_id, self._currency))

    def quotes(self, account_id: str) -> Sequence[Quote]:
        """List the quotes of an account, newest first."""
        ids = self._portal.associated("companies", account_id, quotes.KIND)
        heads = self._documents(quotes.KIND, ids, quotes.QUOTE, ("contacts", "deals"), account_id)
        return _newest_first(self._as_quote(head, items) for head, items in heads)

    def _documents(
        self,
        kind: str,
        ids: Sequence[str],
        properties: Iterable[str],
        others: Sequence[str],
        account_id: str,
    ) -> list[tuple[Object, tuple[Object, ...]]]:
        """Read many quotes or orders with their lines, in as few calls as one of them takes."""
        heads = self._portal.get_many(kind, ids, properties)
        if not heads:
            return []
        associated = {
            other: self._portal.associated_many(kind, heads, other)
            for other in (lines.KIND, *others)
        }
        of_lines = associated[lines.KIND]
        items = self._portal.get_many(
            lines.KIND, [line for ids in of_lines.values() for line in ids], lines.LINE
        )
        found = []
        for key, head in heads.items():
            to = {other: pairs.get(key, ()) for other, pairs in associated.items()}
            whole = evolve(head, associated={**to, "companies": (account_id,)})
            mine = tuple(items[line] for line in of_lines.get(key, ()) if line in items)
            found.append((whole, mine))
        return found

    def save_quote(self, quote: Quote) -> Quote:
        """Create a quote (empty `id`) or replace it; raises `Conflict` if it was changed."""
        expiry = datetime.now(UTC).date() + _QUOTE_EXPIRY
        operation = use.UPDATE_OBJECT if quote.id else use.CREATE_OBJECT
        rows = self._remote.written(
            operation,
            lambda: {
                line.number: lines.quote_line_written(line, quote.currency, f"lines.{index}")
                for index, line in enumerate(quote.lines)
            },
        )
        if not quote.id:
            return self._new_quote(quote, rows)
        head, items = self._quote(quote.id)
        before = self._as_quote(head, items)
        self._check_version("quote", quote.id, quote.version, before.version)
        expiry = before.valid_until or expiry
        written = self._remote.written(operation, lambda: quotes.quote_written(quote, head, expiry))
        for kind, old, new in (
            ("companies", before.account_id, quote.account_id),
            ("contacts", before.contact_id, quote.contact_id),
            ("deals", before.opportunity_id, quote.opportunity_id),
        ):
            if (old or "") != (new or ""):
                self._move(quotes.KIND, quote.id, kind, old, new)
        if quote.status == "sent" and before.status == "draft":
            written["hs_status"] = "APPROVAL_NOT_NEEDED"
        elif quote.status == "draft" and before.status == "sent":
            written["hs_status"] = "DRAFT"
        self._lines(quotes.KIND, quote.id).bring_to(rows, lines.numbered(items))
        self._change(quotes.KIND, head, written)
        return self.quote(quote.id)

    def _new_quote(self, quote: Quote, rows: Mapping[int, Mapping[str, str]]) -> Quote:
        """Make the head first, as lines need something to be on, and its totals last."""
        expiry = datetime.now(UTC).date() + _QUOTE_EXPIRY
        written = self._remote.written(
            use.CREATE_OBJECT, lambda: quotes.quote_written(quote, None, expiry)
        )
        first = {n: v for n, v in written.items() if not n.startswith("crossdock_")}
        to = {
            "companies": quote.account_id,
            "contacts": quote.contact_id,
            "deals": quote.opportunity_id,
        }
        quote_id, _ = self._portal.create_once(quotes.KIND, _new_key(), first, to)
        self._lines(quotes.KIND, quote_id).bring_to(rows, {})
        rest = {n: v for n, v in written.items() if n not in first and v}
        if quote.status == "sent":
            rest["hs_status"] = "APPROVAL_NOT_NEEDED"
        self._portal.change(quotes.KIND, quote_id, rest)
        return self.quote(quote_id)

    # Orders.

    def order(self, order_id: str) -> Order:
        """Read one CRM order with its lines."""
        return self._as_order(*self._order(order_id))

    def _order(self, order_id: str) -> tuple[Object, tuple[Object, ...]]:
        head = self._portal.get(
            orders.KIND, order_id, orders.ORDER, associations=(lines.KIND, "companies", "deals")
        )
        return head, self._items(head)

    def _as_order(self, head: Object, items: tuple[Object, ...]) -> Order:
        return self._read(head, lambda o: orders.order(o, items, self.system, self._currency))

    def orders(self, account_id: str) -> Sequence[Order]:
        """List the CRM orders of an account, newest first."""
        ids = self._portal.associated("companies", account_id, orders.KIND)
        found = self._documents(orders.KIND, ids, orders.ORDER, ("deals",), account_id)
        return _newest_first(self._as_order(head, items) for head, items in found)

    def save_order(self, order: Order) -> Order:
        """Enter an order (empty `id`) or change a draft; raises `Conflict` if it was changed.

        The same order under the same `reference` again gives the one that was entered.
        """
        if order.id:
            return self._save_draft(order)
        entered = evolve(order, status="draft" if order.status == "draft" else "submitted")
        head, items, made = self._made(entered, f"reference|{order.reference}")
        there = self._as_order(head, items)
        if not made and not orders.is_same(there, order):
            raise Conflict(
                f"{self._remote.address.label} has another order ({there.id}) that has the "
                f"reference {order.reference!r}",
                system=self.system,
                code="duplicate_reference",
            )
        return there

    def _save_draft(self, order: Order) -> Order:
        head, items = self._order(order.id)
        now = self._as_order(head, items)
        if now.status != "draft":
            raise NotSupported(
                f"{self._remote.address.label} has given the order {order.id} on already "
                f"({now.status}); change it in the ERP, or cancel it and enter another one"
            )
        self._check_version("order", order.id, order.version, now.version)
        if not orders.has_lines_of(now, order):
            raise self._remote.rejected(
                use.UPDATE_OBJECT,
                "lines",
                "a draft keeps the lines that it was entered with; cancel it and enter another one",
            )
        return self._brought_to(head, items, order)

    def order_from_quote(self, quote_id: str) -> Order:
        """Make the order of a quote. Asking again gives the same order.

        Its key is made of the quote's id and is unique in HubSpot, whoever asks at the same time.
        The status is written last: an order without one is not whole, and is finished by whoever
        asks next.
        """
        head, items = self._quote(quote_id)
        quote = self._as_quote(head, items)
        if quote.order_id:
            return self.order(quote.order_id)
        if not quote.lines:
            raise RemoteRefused(
                f"The quote {quote_id} has no lines, so nothing can be ordered by it",
                system=self.system,
                code="quote_without_lines",
            )
        wanted = evolve(orders.of_quote(quote, self.system), status="submitted")
        order, order_items, _ = self._made(wanted, f"quote|{quote_id}")
        self._portal.change(quotes.KIND, quote_id, {"crossdock_order": f"{quote_id}/{order.id}"})
        return self._as_order(order, order_items)

    def _made(self, wanted: Order, key: str) -> tuple[Object, tuple[Object, ...], bool]:
        """Make an order under its key, or finish one that was begun; says whether this made it."""
        written = self._remote.written(use.CREATE_OBJECT, lambda: orders.head_written(wanted))
        rows = self._remote.written(use.UPSERT_BATCH, lambda: orders.lines_written(wanted))
        name = orders.name_of(wanted, datetime.now(UTC).date())
        to = {"companies": wanted.account_id, "deals": wanted.opportunity_id}
        body = {**written, "hs_order_name": name}
        order_id, made = self._portal.create_once(orders.KIND, key, body, to)
        if not made:
            head, items = self._order(order_id)
            if orders.is_whole(head):
                return head, items, False
        self._lines(orders.KIND, order_id).bring_to(rows, {})
        if made or not orders.is_whole(self._order(order_id)[0]):
            self._portal.change(orders.KIND, order_id, orders.status_written(wanted))
        return (*self._order(order_id), made)

    def update_order(self, order: Order) -> Order:
        """Write how far an order has come: status, ERP order, line quantities, amounts.

        It is read and compared first, so that the same again changes nothing.
        """
        head, items = self._order(order.id)
        now = self._as_order(head, items)
        if now.status == "draft" and (order.status != "draft" or order.erp_order_id):
            raise Conflict(
                f"{self._remote.address.label} has the order {order.id} as a draft: "
                "submit it first",
                system=self.system,
                code="order_is_draft",
            )
        return self._brought_to(head, items, order, merge=True)

    def _brought_to(
        self, head: Object, items: tuple[Object, ...], order: Order, *, merge: bool = False
    ) -> Order:
        now = self._as_order(head, items)
        known = {**now.external_ids, **order.external_ids}
        wanted = evolve(
            order,
            external_ids=known,
            trading_account=order.trading_account or now.trading_account,
            erp_system=order.erp_system or now.erp_system,
            erp_order_id=order.erp_order_id or now.erp_order_id,
        )
        if merge:  # what was never written must not be
            reference = values.text(head.properties, "crossdock_reference")
            wanted = evolve(wanted, reference=reference)
        rows = self._remote.written(use.UPDATE_BATCH, lambda: orders.lines_written(wanted))
        written = self._remote.written(use.UPDATE_OBJECT, lambda: orders.head_written(wanted))
        if None in (wanted.net, wanted.tax, wanted.gross):
            written = {n: v for n, v in written.items() if n not in orders.AMOUNTS}
        written |= orders.status_written(wanted)
        changed = self._lines(orders.KIND, order.id).bring_to(
            rows, lines.numbered(items), remove=False
        )
        try:
            changed = self._change(orders.KIND, head, written) or changed
        except Conflict as taken:
            raise Conflict(
                f"{self._remote.address.label} has another order for "
                f"{wanted.erp_system}:{wanted.erp_order_id} already",
                system=self.system,
                status=taken.status,
                code="erp_order_taken",
            ) from taken
        return self.order(order.id) if changed else now

    def order_events(self, order_id: str) -> Sequence[OrderEvent]:
        """List an order's timeline, oldest first: the notes on it that carry a key of ours."""
        ids = self._portal.associated(orders.KIND, order_id, "notes")
        properties = activities.FORMS["notes"].properties
        notes = self._portal.get_many("notes", ids, properties).values()
        own = [note for note in notes if not activities.is_of_account(note)]
        found = [self._read(note, orders.event) for note in own]
        return tuple(sorted(found, key=lambda event: (event.at, event.key)))

    def add_order_event(self, order_id: str, event: OrderEvent) -> None:
        """Add to an order's timeline. The same `event.key` again changes nothing."""
        self._portal.create_once(
            "notes",
            orders.event_key(order_id, event.key),
            orders.event_written(event),
            {orders.KIND: order_id},
        )

    # Users and changes.

    def user(self, user_id: str) -> User:
        """Read one user, by id, e-mail address, or what stands in it before the @."""
        found = [
            user
            for user in self.users()
            if user_id in (user.id, user.email, user.email.partition("@")[0])
        ]
        exact = [user for user in found if user.id == user_id] or found
        if len(exact) != 1:
            what = "no owner" if not exact else "more than one owner"
            raise NotFound(
                f"{self._remote.address.label} has {what} {user_id!r}",
                system=self.system,
                status=404,
            )
        return exact[0]

    def users(self) -> Sequence[User]:
        """List the users, by name: HubSpot's owners, those who left included."""
        rows = [*self._owner_rows(archived=False), *self._owner_rows(archived=True)]
        known = {user.id: user for user in reversed(rows)}
        return tuple(sorted(known.values(), key=lambda user: (user.name, user.id)))

    def _owner_rows(self, *, archived: bool) -> list[User]:
        found: list[User] = []
        after: str | None = None
        while True:
            query = {"limit": 100, "after": after, "archived": True if archived else None}
            answer = self._portal.call(use.LIST_OWNERS, {}, query=query)
            found += self._remote.read(
                answer, lambda body: each(body, "results", self._owners.user)
            )
            after = self._remote.read(answer, _next)
            if after is None:
                return found

    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read the change feed from a cursor; `None` starts at its beginning: all there is."""
        return self._feed.changes(cursor, limit=max(1, limit))

    # What they share.

    def _read(self, found: Object, parse: Callable[[Object], _T]) -> _T:
        return self._remote.understood(use.GET_OBJECT, lambda: found.read(parse))

    def _change(self, kind: str, now: Object, wanted: Mapping[str, str]) -> bool:
        """Write what differs from what was just read; the same again changes nothing."""
        difference = lines.differing(wanted, now.properties)
        if difference:
            self._portal.change(kind, now.id, difference)
        return bool(difference)

    def _lines(self, kind: str, owner_id: str) -> lines.Lines:
        return lines.Lines(self._portal, kind, owner_id)

    def _move(self, kind: str, one: str, other: str, old: str | None, new: str | None) -> None:
        if old:
            self._portal.dissociate(kind, other, [(one, old)])
        if new:
            self._portal.associate(kind, other, [(one, new)])

    def _check_version(
        self, what: str, record_id: str, version: str | None, now: str | None
    ) -> None:
        if not version:
            raise self._remote.rejected(
                use.UPDATE_OBJECT,
                "version",
                f"{record_id} carries no version: change what was read from the CRM",
            )
        if version != now:
            raise Conflict(
                f"{self._remote.address.label} has the {what} {record_id} as somebody else changed "
                "it since it was read",
                system=self.system,
                code=_STALE,
            )


if TYPE_CHECKING:
    _fits_the_port: type[CrmPort] = HubSpotConnector


def _new_key() -> str:
    return f"new|{uuid.uuid4().hex}"


def _newest_first(records: Iterable[Any]) -> tuple[Any, ...]:
    beginning = datetime.min.replace(tzinfo=UTC)
    return tuple(sorted(records, key=lambda r: (r.created_at or beginning, r.id), reverse=True))


def _matches(account: Account, words: Sequence[str]) -> bool:
    numbers = " ".join(account.external_ids.values())
    text = f"{account.name} {account.address.city} {numbers}".casefold()
    return all(word.casefold() in text for word in words)


def _next(body: Row) -> str | None:
    paging = body.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    after = following.get("after") if isinstance(following, dict) else None
    return after if isinstance(after, str) else None


__all__ = ["HubSpotConnector", "Operation"]
