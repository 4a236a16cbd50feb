"""A delivery: one event for one plugin, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, Protocol, TypeVar, get_args

from attrs import frozen

from crossdock.errors import UnknownDelivery
from crossdock.records import Event
from crossdock.records._fields import told

_T = TypeVar("_T")

DeliveryState = Literal[
    "queued", "running", "waiting", "behind", "done", "rehearsed", "dead", "given_up"
]
STATES: Final[tuple[DeliveryState, ...]] = (
    "queued",  # a worker will take it as soon as one is free
    "running",  # a worker has it
    "waiting",  # it failed for a reason that may pass, and is tried again when due; or it is held
    "behind",  # an earlier one of the same plugin and account is not finished
    "done",
    "rehearsed",  # its plugin ran dry, so nothing was written; a person may have it done for good
    "dead",  # it needs a person: the exceptions queue
    "given_up",  # a person decided that it is not to be delivered, and said why
)
FailureClass = Literal[
    "transient",  # time heals it
    "business",  # the remote system understood and said no
    "data",  # the remote system did not take the form of what was sent
    "authorization",  # credentials or rights
    "bug",  # of a plugin, or of a remote system's answer
    "possibly_created",  # it was sent and never answered: a person must look whether it is there
]
FAILURES: Final[tuple[FailureClass, ...]] = get_args(FailureClass)


@frozen(kw_only=True)
class Delivery:
    """One event for one plugin.

    Attributes:
        number: counts up over all deliveries; `id` is `D-` and this number.
        event_type: `order_promoted`, `quote_saved`, `document_changed` or `record_changed`.
        subject: the id of the record that the event is about, such as `R-1001`.
        plugin_version: that it began with; before it began, that which it was published for.
        lane: deliveries of one lane are done one after the other, in the order of their events.
        attempts: how often the handler was tried since the event came, or a person retried it.
        worker: which has it, or had it last.
        due_at: when a waiting one is tried again.
        failure: why it waits or is dead.
        cause: the same in words that a person understands; a remote system may have said them.
        traceback: of a bug, for the plugin's author.
        system: the remote system that it failed at; empty where none did, and once it is done.
        held_by: the remote system that it waits for while that is away; it is tried again when
            that answers.
        assignee: who is to look after it, as `user:U-kim` or `role:accounting`; empty for nobody.
        revision: how often a person changed what it carries.
        run: how often it was queued.
    """

    number: int
    event_id: str
    event_type: str
    subject: str
    plugin_id: str
    plugin_version: str
    lane: str
    state: DeliveryState
    attempts: int
    worker: str
    created_at: datetime
    due_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    failure: FailureClass | None
    cause: str = told("bank", "cost", "credit", "margin", "personal")
    traceback: str
    system: str = ""
    held_by: str = ""
    assignee: str = ""
    revision: int = 0
    run: int = 0

    @property
    def id(self) -> str:
        """`D-17`, as people type it."""
        return f"D-{self.number}"

    @property
    def version(self) -> str:
        """What is another one as soon as somebody did something with it; see `version_of`."""
        return version_of(self)


def version_of(row: Any) -> str:
    """Say which state of a delivery somebody looked at, so that no change is made to another.

    Args:
        row: a `Delivery`, or its row in the store.
    """
    state = f"{row.run}\n{row.revision}\n{row.state}\n{row.assignee}"
    return hashlib.sha256(state.encode()).hexdigest()[:16]


@frozen(kw_only=True)
class Attempt:
    """One attempt at a delivery.

    Attributes:
        outcome: `waiting` (tried again later), `held` (its remote system was away), `dead`, `died`
            (its worker did), `done`, `rehearsed`, or `running`.
        began_at: unknown of attempts that an older version made.
        revision: which revision of the record it delivered; 0 is as published.
        evidence: plain data: the exchange that caused the failure, and what else was told; `None`
            where there was none, or it is no longer kept.
    """

    outcome: Literal["waiting", "held", "dead", "died", "done", "rehearsed", "running"]
    worker: str
    began_at: datetime | None
    ended_at: datetime | None
    revision: int
    failure: FailureClass | None = None
    system: str = ""
    cause: str = told("bank", "cost", "credit", "margin", "personal", default="")
    evidence: Mapping[str, Any] | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took, where that is known."""
        if self.began_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.began_at).total_seconds()


def delivery_number(delivery_id: str) -> int:
    """Read `D-17` (or `17`) as 17.

    Raises:
        UnknownDelivery: it is not a delivery's id.
    """
    digits = delivery_id.strip().upper().removeprefix("D-")
    if not (digits.isascii() and digits.isdigit()):
        raise UnknownDelivery(f"{delivery_id!r} is not the id of a delivery; they look like D-17")
    return int(digits)


class Step(Protocol):
    """Do something once and remember the result; see `crossdock.EventContext.step`."""

    def __call__(self, name: str, fn: Any, *args: Any) -> Any:
        """Call `fn(*args)`, or give back what it gave when it was called before."""


class Deliver(Protocol):
    """What a worker calls for each delivery: `Host.deliver`."""

    def __call__(
        self, plugin_id: str, event: Event, *, step: Step, idempotency_key: str
    ) -> bool | None:
        """Run the plugin's handler for the event, once; raise what it raises.

        Says `True` where the plugin ran dry, so that nothing was written.

        Args:
            plugin_id: which plugin.
            event: the event, as it was published.
            step: recorded steps, for the handler's `ctx.step`; may be called from any thread.
            idempotency_key: the same for every attempt of this delivery, as long as something
                may have been made under it.
        """
