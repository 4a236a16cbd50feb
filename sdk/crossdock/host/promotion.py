"""From a saved quote to an order: ask the guards, make the CRM's order, publish the event."""

from __future__ import annotations

from attrs import frozen

from crossdock.host.verdict import Verdict
from crossdock.records import Order, Quote


@frozen(kw_only=True)
class SavedQuote:
    """What became of a quote that somebody wanted to save.

    Attributes:
        quote: as the CRM has it now; `None` when a guard stopped it.
        event_id: the `quote_saved` event.
    """

    verdict: Verdict
    quote: Quote | None = None
    event_id: str | None = None


@frozen(kw_only=True)
class Promotion:
    """What became of a quote that somebody wanted to order.

    Attributes:
        order: the CRM's order; `None` when a guard stopped it. The ERP's order follows by itself.
        event_id: the `order_promoted` event.
        repeated: whether the quote had been promoted before.
    """

    verdict: Verdict
    order: Order | None = None
    event_id: str | None = None
    repeated: bool = False
