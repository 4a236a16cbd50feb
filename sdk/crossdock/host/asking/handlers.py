"""Run a plugin's handler for one event; the worker calls it, and again after a failure."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossdock.connectors.calling import calling_as
from crossdock.errors import PluginFault
from crossdock.host.asking.context import EventCallContext, given_to
from crossdock.host.asking.jobs import run_job
from crossdock.host.asking.services import Services
from crossdock.host.deliveries.events import event_type
from crossdock.host.gateway import Arguments, rehearsing
from crossdock.host.loading.plan import Plan
from crossdock.host.loading.roster import Quarantined
from crossdock.records import (
    DocumentChanged,
    Event,
    JobDue,
    OrderChangeRequested,
    OrderPromoted,
    QuoteApproved,
    QuoteSaved,
    QuoteWritten,
    RecordChanged,
)


def run_handler(
    plan: Plan,
    services: Services,
    plugin_id: str,
    event: Event,
    *,
    step: Callable[..., Any],
    idempotency_key: str,
    seconds: float,
    quarantined: Sequence[Quarantined] = (),
) -> bool:
    """Run it once; says whether the plugin ran dry, so that nothing was written.

    Args:
        plan: who handles what.
        services: what the host lends to each call.
        plugin_id: whose handler.
        event: what happened.
        step: does something once and remembers it, see `crossdock.EventContext.step`.
        idempotency_key: the same for every attempt at this delivery.
        seconds: how long it may take.
        quarantined: plugins that are not loaded, to say why there is no handler.

    Raises:
        PluginFault: the plugin is not loaded, or does not handle such events any more.
        Exception: whatever the handler raised.
    """
    point = event_type(event)
    for implementation in plan.of(point):
        if implementation.plugin.id == plugin_id:
            break
    else:
        reasons = [aside.reason for aside in quarantined if aside.id == plugin_id]
        raise PluginFault(
            f"no loaded plugin {plugin_id} handles {point}"
            + (f": {reasons[0]}" if reasons else ""),
            plugin_id=plugin_id,
            point=point,
        )
    ctx = EventCallContext(
        services,
        implementation.plugin,
        point,
        time.monotonic() + seconds,
        step=step,
        idempotency_key=idempotency_key,
    )
    try:
        with calling_as(services.identity, correlation_id=idempotency_key):
            if isinstance(event, JobDue):
                run_job(implementation, event.job_id, ctx)
            else:
                given = given_to(ctx, Arguments(_arguments(event)))
                implementation.function(*implementation.pick(given))
        return rehearsing() or implementation.plugin.dry_run
    finally:
        ctx.close()


def _arguments(event: Event) -> Mapping[str, Any]:
    match event:
        case QuoteSaved(quote=quote, before=before):
            return {"quote": quote, "before": before}
        case QuoteApproved() | QuoteWritten():
            raise TypeError("what becomes of a quote in between is for the host, not for plugins")
        case JobDue():
            raise TypeError("a job is run, not told of")
        case OrderPromoted(order=order):
            return {"order": order}
        case OrderChangeRequested(change=wanted, order=order):
            return {"order": order, "change": wanted}
        case DocumentChanged(document=document, before=seen):
            return {"document": document, "before": seen}
        case RecordChanged(change=change):
            return {"change": change}
