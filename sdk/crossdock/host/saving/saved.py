"""What became of an account, contact, opportunity or order that somebody wanted to save."""

from __future__ import annotations

from attrs import frozen

from crossdock.host.asking.verdict import Verdict
from crossdock.records import Account, Contact, Opportunity, Order


@frozen(kw_only=True)
class SavedAccount:
    """What became of an account.

    Attributes:
        account: as the CRM has it now; `None` when a guard stopped it.
        event_id: the `record_changed` event.
    """

    verdict: Verdict
    account: Account | None = None
    event_id: str | None = None


@frozen(kw_only=True)
class SavedContact:
    """What became of a contact; see `SavedAccount`."""

    verdict: Verdict
    contact: Contact | None = None
    event_id: str | None = None


@frozen(kw_only=True)
class SavedOpportunity:
    """What became of an opportunity; `None` when a guard stopped it. Saving one is no event."""

    verdict: Verdict
    opportunity: Opportunity | None = None


@frozen(kw_only=True)
class SavedOrder:
    """What became of an order that was entered without a quote.

    Attributes:
        order: as the CRM has it now; `None` when a guard stopped it. The ERP's order follows by
            itself once it is more than a draft.
        event_id: the `order_promoted` event; a draft has none.
    """

    verdict: Verdict
    order: Order | None = None
    event_id: str | None = None
