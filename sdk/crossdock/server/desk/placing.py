"""An order of which nobody knows whether the ERP has it: a person looks, and says what is there."""

from __future__ import annotations

from crossdock.host.placements.placement import Placement
from crossdock.server.desk.visit import Visit


def in_question(visit: Visit, reference: str) -> Placement | None:
    """Give the placement of an order where a person has to say what became of it."""
    placement = visit.desk.host.placements.get(reference) if reference else None
    if placement is None or placement.state != "possibly_created":
        return None
    return visit.desk.host.as_seen_by(visit.who, placement)
