"""Deliveries: events reach plugins at least once, whatever dies in between.

`Deliveries` publishes, lists and retries, in any process. A `Worker`
(`crossdock.host.deliveries.worker`) does the work; it, and the durable engine with it, is imported
only where it runs.
"""

from crossdock.host.deliveries.circuits import Circuit, CircuitPolicy
from crossdock.host.deliveries.deliveries import Deliveries, Subscribers
from crossdock.host.deliveries.delivery import (
    FAILURES,
    STATES,
    Attempt,
    Deliver,
    Delivery,
    DeliveryState,
    FailureClass,
    Step,
)
from crossdock.host.deliveries.events import event_id_of, event_type
from crossdock.host.deliveries.failure import Failure, failure_of
from crossdock.host.deliveries.limits import Limit
from crossdock.host.deliveries.policy import RetryPolicy
from crossdock.host.deliveries.reading import Backlog
from crossdock.host.deliveries.settings import DeliverySettings

__all__ = [
    "FAILURES",
    "STATES",
    "Attempt",
    "Backlog",
    "Circuit",
    "CircuitPolicy",
    "Deliver",
    "Deliveries",
    "Delivery",
    "DeliverySettings",
    "DeliveryState",
    "Failure",
    "FailureClass",
    "Limit",
    "RetryPolicy",
    "Step",
    "Subscribers",
    "event_id_of",
    "event_type",
    "failure_of",
]
