"""What people do about deliveries that are stuck, as far as their roles let them.

Desk and side-car go through here, so that the same right counts in both. `crossdock deliveries`
does not: whoever has a shell beside the store may do everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Protocol

from attrs import frozen

from crossdock.errors import EditRefused, FieldError, NotFound
from crossdock.host.deliveries.editing import editable
from crossdock.host.gateway import Refusals, RightsByRole, mask
from crossdock.host.gateway.permission import Permission
from crossdock.host.placements.placement import Placement
from crossdock.records import Event, OrderPromoted, User

if TYPE_CHECKING:
    from crossdock.host.deliveries import Circuit, Delivery

RIGHT: Final = "deliveries:write"
"""The right of a role to put right what is stuck."""

_WHERE: Final = "exceptions queue"


@frozen(kw_only=True)
class Actor:
    """Who does something.

    Attributes:
        name: for the audit trail, such as `user:U-kim`.
        user: whose roles count; `None` for a program that may do it by itself.
    """

    name: str
    user: User | None

    @classmethod
    def of(cls, user: User) -> Actor:
        """Give a user who acts for himself."""
        return cls(name=f"user:{user.id}", user=user)


class QueuedCircuits(Protocol):
    """The remote systems that are away."""

    def try_now(self, system: str, *, actor: str) -> Circuit:
        """Let the next probe of one come at once."""


class QueuedDeliveries(Protocol):
    """The deliveries, as far as people do something with them."""

    @property
    def circuits(self) -> QueuedCircuits:
        """The remote systems that are away."""

    def event(self, delivery_id: str) -> Event:
        """Read what one carries."""

    def retry(self, delivery_id: str, *, actor: str, version: str | None = None) -> Delivery:
        """Try one again."""

    def edit(
        self,
        delivery_id: str,
        changes: Mapping[str, str],
        *,
        actor: str,
        reason: str,
        version: str | None = None,
    ) -> Delivery:
        """Change what one carries, and try it again."""

    def assign(
        self, delivery_id: str, assignee: str, *, actor: str, version: str | None = None
    ) -> Delivery:
        """Say who is to look after one."""

    def note(self, delivery_id: str, text: str, *, actor: str) -> Delivery:
        """Add a note to one."""

    def give_up(
        self, delivery_id: str, *, actor: str, reason: str, version: str | None = None
    ) -> Delivery:
        """Decide that one is not to be done."""


class PlacingHost(Protocol):
    """The host, as far as a person says what became of an order in doubt."""

    def confirm_placement(self, reference: str, erp_order_id: str, *, actor: str) -> Placement:
        """Say that the ERP has it."""

    def deny_placement(self, reference: str, *, actor: str, reason: str) -> Placement:
        """Say that it does not."""


class ExceptionsQueue:
    """The deliveries in the hands of people.

    Each method takes `version`, the `Delivery.version` that the actor looked at, and raises
    `DeliveryChanged` where there is another one by now; and raises `AccessDenied` where the actor's
    roles do not have the right, which the audit trail keeps.

    Args:
        deliveries: the deliveries.
        placing: takes a person's word about orders in doubt.
        rights: who may.
        refusals: writes down who tried to and may not.
        user: reads a user of the CRM; raises `NotFound`.
    """

    def __init__(
        self,
        deliveries: QueuedDeliveries,
        placing: PlacingHost,
        *,
        rights: RightsByRole,
        refusals: Refusals,
        user: Callable[[str], User],
    ) -> None:
        self._deliveries: Final = deliveries
        self._placing: Final = placing
        self._rights: Final = rights
        self._permission: Final = Permission(RIGHT, _WHERE, rights=rights, refusals=refusals)
        self._user: Final = user

    def objection(self, user: User) -> str:
        """Say why a user may only look, and who may do more; empty where he may."""
        return self._permission.objection(user)

    def editable(self, delivery_id: str, actor: Actor) -> Mapping[str, str]:
        """Give the fields that the actor may change, with their values as text.

        What his roles do not let him see is not among them.

        Raises:
            UnknownDelivery: there is no such delivery.
            NotEditable: nothing of it may be changed.
        """
        event = self._deliveries.event(delivery_id)
        fields = editable(event)
        hidden = self._rights.hidden_from(actor.user) if actor.user else frozenset()
        if not hidden or not isinstance(event, OrderPromoted):
            return fields
        seen = editable(mask(event, hidden))
        return {name: text for name, text in fields.items() if seen.get(name) == text}

    def retry(self, delivery_id: str, actor: Actor, *, version: str | None = None) -> Delivery:
        """Try one again; see `Deliveries.retry`."""
        self._allow(actor, f"retry {delivery_id}")
        return self._deliveries.retry(delivery_id, actor=actor.name, version=version)

    def edit(
        self,
        delivery_id: str,
        changes: Mapping[str, str],
        actor: Actor,
        *,
        reason: str,
        version: str | None = None,
    ) -> Delivery:
        """Change what one carries, and try it again; see `Deliveries.edit`.

        Raises:
            EditRefused: a field is not the actor's to change, or makes no sense.
        """
        self._allow(actor, f"edit {delivery_id}")
        offered = self.editable(delivery_id, actor)
        if not_his := [
            FieldError(name, "you may not see it, so you cannot change it")
            for name in editable(self._deliveries.event(delivery_id))
            if name in changes and name not in offered
        ]:
            raise EditRefused(not_his)
        return self._deliveries.edit(
            delivery_id, changes, actor=actor.name, reason=reason, version=version
        )

    def assign(
        self, delivery_id: str, assignee: str, actor: Actor, *, version: str | None = None
    ) -> Delivery:
        """Hand one on; see `Deliveries.assign`.

        Raises:
            EditRefused: that names nobody, or nobody who works in the CRM.
        """
        self._allow(actor, f"assign {delivery_id}")
        kind, _, name = assignee.partition(":")
        if kind == "user" and name and not self._works_here(name):
            raise EditRefused([FieldError("assignee", f"nobody called {name} works in the CRM")])
        return self._deliveries.assign(delivery_id, assignee, actor=actor.name, version=version)

    def note(self, delivery_id: str, text: str, actor: Actor) -> Delivery:
        """Add a note; see `Deliveries.note`."""
        self._allow(actor, f"note {delivery_id}")
        return self._deliveries.note(delivery_id, text, actor=actor.name)

    def give_up(
        self, delivery_id: str, actor: Actor, *, reason: str, version: str | None = None
    ) -> Delivery:
        """Decide that one is not to be done; see `Deliveries.give_up`."""
        self._allow(actor, f"give up {delivery_id}")
        return self._deliveries.give_up(
            delivery_id, actor=actor.name, reason=reason, version=version
        )

    def try_now(self, system: str, actor: Actor) -> Circuit:
        """Let a remote system that is away be tried at once; see `Circuits.try_now`."""
        self._allow(actor, f"try {system}")
        return self._deliveries.circuits.try_now(system, actor=actor.name)

    def confirm(self, reference: str, erp_order_id: str, actor: Actor) -> Placement:
        """Say that the ERP has an order in doubt; see `Host.confirm_placement`."""
        self._allow(actor, f"confirm {reference}")
        return self._placing.confirm_placement(reference, erp_order_id, actor=actor.name)

    def deny(self, reference: str, actor: Actor, *, reason: str) -> Placement:
        """Say that the ERP does not have an order in doubt; see `Host.deny_placement`."""
        self._allow(actor, f"deny {reference}")
        return self._placing.deny_placement(reference, actor=actor.name, reason=reason)

    def _allow(self, actor: Actor, what: str) -> None:
        if actor.user is not None:
            self._permission.require(actor.user, what)

    def _works_here(self, user_id: str) -> bool:
        try:
            return self._user(user_id).active
        except NotFound:
            return False
