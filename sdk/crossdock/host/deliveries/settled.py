"""Orders that were held as possibly created, and of which it is known by now what became of them.

The ERP told of the order, or a person said what is there. Their deliveries are put on again right
then; this finds those that were missed, as their delivery was held a moment later, or whoever was
told died before it could put them on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from crossdock.errors import NotRetriable
from crossdock.host.store.schema import deliveries, events, placements

if TYPE_CHECKING:
    from crossdock.host.deliveries.deliveries import Deliveries

_SETTLED: Final = (
    sa.select(deliveries.c.id)
    .join(events, events.c.id == deliveries.c.event_id)
    .join(placements, placements.c.reference == events.c.subject)
    .where(
        deliveries.c.state == "dead",
        deliveries.c.failure == "possibly_created",
        events.c.type == "order_promoted",
        # Acknowledged, or intended once more as a person says that it is not there.
        placements.c.state.in_(("acknowledged", "intended")),
    )
    .order_by(deliveries.c.id)
    .limit(100)
)


def go_on_with_settled(store_deliveries: Deliveries) -> int:
    """Put on again what is held and need not be any more; says how many there were."""
    with store_deliveries.store.reading() as connection:
        numbers = connection.scalars(_SETTLED).all()
    gone_on = 0
    for number in numbers:
        try:
            store_deliveries.retry(f"D-{number}", actor="host")
        except NotRetriable:  # somebody else was quicker
            continue
        gone_on += 1
    return gone_on
