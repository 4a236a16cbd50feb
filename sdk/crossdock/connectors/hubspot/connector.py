"""`CrmPort` over HubSpot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import httpx

from crossdock.connectors.exchange import Address
from crossdock.connectors.http import Remote
from crossdock.connectors.hubspot import access, parties
from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot.accounts import Accounts
from crossdock.connectors.hubspot.deals import Deals
from crossdock.connectors.hubspot.diary import Diary
from crossdock.connectors.hubspot.feed import Feed
from crossdock.connectors.hubspot.masters import Masters
from crossdock.connectors.hubspot.objects import Portal
from crossdock.connectors.hubspot.ordering import Ordering
from crossdock.connectors.hubspot.people import People
from crossdock.connectors.hubspot.provisioning import Provisioning
from crossdock.connectors.hubspot.quoting import Quoting
from crossdock.connectors.hubspot.records import Records
from crossdock.connectors.hubspot.refusals import wording
from crossdock.connectors.hubspot.tickets import Tickets
from crossdock.connectors.settings import Settings
from crossdock.connectors.vendor_crm.assembled import AssembledCrm, Parts
from crossdock.ports import Guards

_GUARDS: Final = Guards(
    quote="after", account="none", contact="none", opportunity="none", order="none"
)


class HubSpotConnector(Masters, AssembledCrm):
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
    - It sorts in searches only, which show a new account late and end at ten thousand: without a
      search, accounts come in the order in which they were made, all of them.
    - Whose daughter a company is, is HubSpot's own to say. Its users are HubSpot's owners.

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
        numbers = settings.texts("customer_numbers") or {"main": "erp_customer_number"}
        remote = Remote(
            Address(kind="CRM", system=system, url=settings.url(), where=settings.where),
            credentials=access.credentials_of(settings),
            wording=wording,
            timeout=settings.timeout(),
            identity=settings.identity(),
            transport=transport,
            deadline=deadline,
        )
        pace = access.Pace(settings.above_zero("searches_per_second", "searches", default=4.0))
        portal = Portal(remote, pace, settings.texts("properties"))
        records = Records(portal, system, settings.text_or("currency", "EUR"))
        self._records, self._companies = records, parties.Companies(numbers)
        owners = parties.Owners(settings.texts("roles"), settings.text_or("default_role", ""))
        diary, quoting = Diary(records), Quoting(records)
        feed = Feed(
            system,
            portal,
            lag=timedelta(seconds=settings.above_zero("search_lag", "seconds", default=30.0)),
            archived_seconds=settings.above_zero("archived_every", "seconds", default=60.0),
        )
        parts = Parts(
            parties=Accounts(records, self._companies),
            people=People(records, owners),
            opportunities=Deals(records, settings.text_or("pipeline", "default")),
            activities=diary,
            timelines=diary,
            quotes=quoting,
            orders=Ordering(records, quoting),
            feed=feed,
            cases=Tickets(records),
        )
        super().__init__(system, _GUARDS, remote, parts)
        self.feed_seconds = settings.above_zero("feed_every", "seconds", default=10.0)
        self.provisioning = Provisioning(portal, tuple(numbers.values()))
