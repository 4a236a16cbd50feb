"""Orders on their way into an ERP: what was intended, sent and acknowledged, each exactly once."""

from crossdock.host.placements.placement import Placement, PlacementState
from crossdock.host.placements.placements import Placements

__all__ = ["Placement", "PlacementState", "Placements"]
