"""What came of a record, in the log."""

from __future__ import annotations

from typing import Any

from crossdock import EventContext
from crossdock.synchronising import Settled


def tell(ctx: EventContext, record_id: str, settled: Settled[Any, Any]) -> None:
    """Say what became of a record, where anything did."""
    if settled.outcome == "unchanged":
        return
    ctx.log.info("%s: %s %s", record_id, settled.outcome, settled.text or "; ".join(settled.done))
