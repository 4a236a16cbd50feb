"""Faults as data: which call of which operation goes wrong, and how.

    world.faults.add(Fault("drop_after_commit", operation="createOrder", nth=1))
    FaultPlan.load("plan.toml").arm(world)

A fault is drawn by the door before the exchange. Waits and cuts are carried out by the door; what
spoils an answer is done after the answer was made and checked. The exchange itself stays whole, and
the journal tells what was committed and what the client was denied.
"""

from crossdock_mocks.engine.faults.drawing import Faults
from crossdock_mocks.engine.faults.kinds import DROPS, KINDS, TIMEOUTS, Kind
from crossdock_mocks.engine.faults.plan import FaultPlan, PlanError
from crossdock_mocks.engine.faults.rules import Asked, Fault
from crossdock_mocks.engine.faults.story import Strike, tell_story

__all__ = [
    "DROPS",
    "KINDS",
    "TIMEOUTS",
    "Asked",
    "Fault",
    "FaultPlan",
    "Faults",
    "Kind",
    "PlanError",
    "Strike",
    "tell_story",
]
