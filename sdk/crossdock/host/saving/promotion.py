"""What became of a quote that somebody wanted to save or to order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from crossdock.host.approvals.approval import Approval
from crossdock.host.asking.verdict import Finding, Verdict
from crossdock.records import Check, Order, Quote

if TYPE_CHECKING:
    from crossdock.host.deliveries import Backlog

MOST_CHECKS: Final = 150
"""How many answers of guards are kept with a quote: CRMs keep them in a field of limited length."""

JUDGED: Final = "crossdock"
"""Among the external ids of an order without a quote: it came past the guards of a host."""


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
        approvals: what somebody has to agree to first, or has declined; once all is agreed to, the
            quote is ordered by itself.
    """

    verdict: Verdict
    order: Order | None = None
    event_id: str | None = None
    repeated: bool = False
    approvals: tuple[Approval, ...] = ()


def told(promotion: Promotion, backlog: Backlog) -> Promotion:
    """Warn of a long queue before the new order; it is never refused or slowed for that."""
    if not backlog.long:
        return promotion
    warning = Finding(
        plugin_id="host",
        message=f"The order is safe, but {backlog.count:,} deliveries are under way or waiting, so "
        "it takes longer than usual until the ERP has it.",
        code="deliveries.backlog",
    )
    verdict = evolve(promotion.verdict, warnings=(*promotion.verdict.warnings, warning))
    return evolve(promotion, verdict=verdict)


def checks_of(verdict: Verdict) -> tuple[Check, ...]:
    """Give what the guards said as it is kept on the quote, for the next reader."""

    def check(level: Any, finding: Finding) -> Check:
        return Check(level=level, message=finding.message, code=finding.code, field=finding.field)

    faults = tuple(
        Check(level="warning", message=fault.message, code="unchecked") for fault in verdict.faults
    )
    warnings = tuple(check("warning", finding) for finding in verdict.warnings)
    kept = _fitting(verdict.notes, MOST_CHECKS - len(warnings) - len(faults) - 1)
    notes = tuple(check("info", finding) for finding in kept)
    if left_out := len(verdict.notes) - len(kept):
        text = f"{left_out} further notes are not kept with the quote; save it again to see them."
        notes = (*notes, Check(level="info", message=text, code="notes.left_out"))
    return warnings + faults + notes


def _fitting(notes: Sequence[Finding], room: int) -> Sequence[Finding]:
    """Leave out what is over, of what there is most first, so that nothing crowds others out."""
    kept = list(notes)
    while len(kept) > max(room, 0):
        ((most, _),) = Counter(note.code for note in kept).most_common(1)
        last = next(n for n in range(len(kept) - 1, -1, -1) if kept[n].code == most)
        del kept[last]
    return kept
