"""`CrmPort` over Salesforce."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import httpx

from crossdock.connectors.exchange import Address
from crossdock.connectors.http import Remote
from crossdock.connectors.salesforce import access, parties
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce.accounts import Parties
from crossdock.connectors.salesforce.activities import Activities
from crossdock.connectors.salesforce.cases import Cases
from crossdock.connectors.salesforce.catalogue import Catalogue
from crossdock.connectors.salesforce.feed import Feed
from crossdock.connectors.salesforce.masters import Masters
from crossdock.connectors.salesforce.opportunities import Opportunities
from crossdock.connectors.salesforce.ordering import Ordering
from crossdock.connectors.salesforce.org import Org
from crossdock.connectors.salesforce.provisioning import Provisioning
from crossdock.connectors.salesforce.quoting import Quoting
from crossdock.connectors.salesforce.records import Records
from crossdock.connectors.salesforce.refusals import wording
from crossdock.connectors.settings import Settings
from crossdock.connectors.vendor_crm.assembled import AssembledCrm, Parts
from crossdock.errors import ConfigError
from crossdock.ports import Changes, Guards

_GUARDED: Final = ("quote", "account", "contact", "opportunity", "order")
_GUARDS: Final = {"quote": "after", "account": "none", "contact": "none",
                  "opportunity": "none", "order": "none"}  # fmt: skip
_SCARCE: Final = 30  # how much seldomer the feed is read where few calls are left


class SalesforceConnector(Masters, AssembledCrm):
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
        numbers = settings.texts("customer_numbers") or {"main": "ERP_Customer_Number__c"}
        remote = Remote(
            Address(kind="CRM", system=system, url=settings.url(), where=settings.where),
            credentials=access.credentials_of(settings),
            wording=wording,
            timeout=settings.timeout(),
            identity=settings.identity(),
            transport=transport,
            deadline=deadline,
        )
        version = settings.text_or("api_version", "v59.0")
        org = Org(remote, access.Quota(), version, settings.texts("fields"))
        records = Records(org, system, settings.text_or("currency", "EUR"))
        users = parties.Users(
            settings.text_or("role_field", "Title"),
            settings.texts("roles"),
            settings.text_or("default_role", ""),
            settings.text_or("team_field", "Division"),
        )
        catalogue = Catalogue(org, settings.text_or("price_book", ""))
        self._org, self._records, self._catalogue = org, records, catalogue
        self._accounts = parties.Accounts(numbers)
        people = self._people = Parties(records, self._accounts, users)
        opportunities = Opportunities(records)
        quoting = Quoting(records, opportunities, catalogue)
        ordering = Ordering(records, quoting, catalogue)
        lag = timedelta(seconds=settings.above_zero("feed_lag", "seconds", default=300.0))
        parts = Parts(
            parties=people,
            people=people,
            opportunities=opportunities,
            activities=Activities(records),
            timelines=ordering,
            quotes=quoting,
            orders=ordering,
            feed=Feed(system, org, lag=lag),
            cases=Cases(records),
        )
        super().__init__(system, _guards(settings), remote, parts)
        self.feed_seconds = settings.above_zero("feed_every", "seconds", default=30.0)
        self._fed_at = float("-inf")
        self.provisioning = Provisioning(org, tuple(numbers.values()))

    def changes(self, cursor: str | None, *, limit: int = 200) -> Changes:
        """Read the change feed from a cursor; `None` starts at its beginning: all there is.

        Where few of the day's calls are left, nothing is asked for a while, and told later.
        """
        now = time.monotonic()
        if cursor and self._org.quota.scarce and now < self._fed_at + self.feed_seconds * _SCARCE:
            return Changes(changes=(), cursor=cursor)
        self._fed_at = now
        return super().changes(cursor, limit=limit)


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
