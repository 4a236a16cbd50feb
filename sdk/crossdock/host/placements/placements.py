"""Place an order in an ERP exactly once, whatever is lost on the way (D1).

The intent is in the store before the first call, and that a call is made is in the store before it
is made. So after a lost answer, a time-out or a crash it is known that an order may exist:

- It is looked for by its reference first. One that is found is taken, and nothing is sent.
- One that is found half made, in an ERP that takes several steps for an order and says that it
  goes on with those (`resumes`), is placed again: that makes no second one.
- An ERP that keeps idempotency keys is then asked again with the same key; it makes no second one.
- With any other ERP nothing is sent again. Some commit so late that the look-up misses it, so the
  order is looked for again until `settle` has passed; after that it is *possibly created*, and a
  person looks and says what is there.

The source of the rule is the last two paragraphs of the collected business rules: an integration
that rolled back after the ERP had created the record made a second one on its retry.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from attrs import evolve

from crossdock.errors import (
    AccessDenied,
    Conflict,
    NotSupported,
    OutcomeUnknown,
    PlacementConflict,
    PossiblyCreated,
    RemoteMisbehaved,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
)
from crossdock.host.placements.placement import DEFAULT_SETTLE, Placement, PlacementState
from crossdock.host.placements.rows import Rows
from crossdock.ports import ErpPort
from crossdock.records import Acknowledgement, Order, TradingAccount

if TYPE_CHECKING:
    from crossdock.host.store import Store

_KEYED: Final = "idempotency_key"
_RESUMES: Final = "resumes"


class Placements:
    """The orders of one CRM on their way into its ERPs."""

    def __init__(
        self, store: Store, crm_system: str, *, settle: timedelta = DEFAULT_SETTLE
    ) -> None:
        """Make the placements of a store.

        Args:
            store: where they are kept.
            crm_system: whose orders they are.
            settle: how long an ERP without idempotency keys is given to show an order that it may
                have made, before a person is asked.
        """
        self._rows: Final = Rows(store)
        self._store: Final = store
        self._crm: Final = crm_system
        self._settle: Final = settle

    # Reading.

    def get(self, reference: str) -> Placement | None:
        """Give what is known of a CRM order on its way; `None` where it was never meant to go."""
        return self._rows.find(self._crm, reference)

    def list(
        self, *, states: Sequence[PlacementState] = (), limit: int = 100
    ) -> tuple[Placement, ...]:
        """List placements, the latest change first; all states where none is named."""
        return self._rows.list(states, limit)

    # Placing.

    def place(
        self, erp: ErpPort, own: ErpPort, customer: TradingAccount, order: Order, *, key: str
    ) -> Acknowledgement:
        """Place a CRM order, or find out what became of it.

        Args:
            erp: sends the order, with the rights of whoever places it.
            own: the host's own port to the same ERP; looks for the order.
            customer: who orders.
            order: the CRM's order; its id becomes the reference, or the reference that it has.
            key: the idempotency key of the first sending; later ones take the one that was stored.

        Raises:
            OutcomeUnknown: it was sent and is not to be found yet; try again later.
            PossiblyCreated: it was sent, and only a person can say whether it is there.
            PlacementConflict: the order is on its way to another customer or ERP already, or has
                neither id nor reference.
            RemoteError: as the ERP answered.
        """
        reference = order.id or order.reference
        if not reference:
            raise PlacementConflict(
                "an order without an id and without a reference cannot be placed: nobody could "
                "find it again after a lost answer"
            )
        order = evolve(order, reference=reference)
        placement, new = self._rows.begin(
            self._crm, reference, customer.system, customer.id, key, _sending(erp)
        )
        if new:
            return self._call(erp, placement, "intended", customer, order)
        placement = self._for_customer(placement, customer)
        if placement.state == "acknowledged":
            return self._known(own, placement)
        if placement.state in ("sent", "possibly_created"):
            found = self._look(own, placement)
            if found is not None and not _half_made(erp, found.order):
                return found
            if found is not None:
                placement = self._again(placement)
            elif _KEYED not in erp.capabilities or placement.state == "possibly_created":
                placement = self._again(placement)
                if placement.state == "acknowledged":  # the ERP's feed told of it meanwhile
                    return self._known(own, placement)
                self._wait_or_hold(placement)
            placement = self._again(placement)
        return self._send(erp, placement, customer, order)

    def seen(self, order: Order) -> bool:
        """Take note of an order that the ERP told of; says whether that settled an open question.

        A placement that was possibly created is so settled by itself when the order shows at last.
        """
        text = f"{order.system} told of {order.id}, which carries this reference"
        while order.reference:
            placement = self._rows.find(self._crm, order.reference)
            if placement is None or placement.state not in ("sent", "possibly_created"):
                return False
            if order.system != placement.erp_system or not self._is_for(order, placement):
                return False
            if self._rows.move(placement, "acknowledged", text, erp_order_id=order.id) is not None:
                return placement.state == "possibly_created"
            # Whoever places it wrote something down just now; the ERP may not tell of it again.
        return False

    # What a person says of one that was possibly created.

    def confirm(self, reference: str, erp_order_id: str, own: ErpPort, *, actor: str) -> Placement:
        """Take a person's word that the ERP has the order, after reading it there.

        Raises:
            PlacementConflict: nothing is in question, or that order belongs to something else.
            NotFound: the ERP has no such order.
        """
        placement = self._in_question(reference)
        order = own.order(erp_order_id)
        if order.reference != reference or not self._is_for(order, placement):
            came = f" of {', '.join(order.external_ids)}" if order.external_ids else ""
            raise PlacementConflict(
                f"{order.id} in {placement.erp_system} is for customer {order.customer_id} and "
                f"carries the reference {order.reference!r}{came}; {reference} is for "
                f"{placement.customer_id}. Name the order that was made of {reference}"
            )
        return self._decide(
            placement, "acknowledged", f"{actor} found it as {order.id}", actor, order.id
        )

    def deny(self, reference: str, *, actor: str, reason: str) -> Placement:
        """Take a person's word that the ERP does not have the order; it may be sent again.

        Raises:
            PlacementConflict: nothing is in question, or no reason is given.
        """
        placement = self._in_question(reference)
        if not reason.strip():
            raise PlacementConflict("say how you know that the ERP does not have it")
        text = f"{actor} says that the ERP does not have it: {reason}"
        return self._decide(placement, "intended", text, actor, "")

    # How it is done.

    def _for_customer(self, placement: Placement, customer: TradingAccount) -> Placement:
        if (placement.erp_system, placement.customer_id) == (customer.system, customer.id):
            return placement
        where = f"{placement.erp_system}:{placement.customer_id}"
        if placement.state in ("intended", "refused"):
            moved = self._rows.move(
                placement,
                "intended",
                f"now meant for {customer.ref} instead of {where}",
                erp_system=customer.system,
                customer_id=customer.id,
            )
            if moved is not None:
                return moved
        raise PlacementConflict(
            f"{placement.reference} was sent to {where} already ({placement.state}), so it cannot "
            f"go to {customer.ref}; cancel it there first"
        )

    def _again(self, placement: Placement) -> Placement:
        """Read a placement that was changed on the way."""
        return self._rows.find(self._crm, placement.reference) or placement

    def _known(self, own: ErpPort, placement: Placement) -> Acknowledgement:
        order = own.order(placement.erp_order_id)
        return Acknowledgement(order=order, reference=placement.reference, replayed=True)

    def _is_for(self, order: Order, placement: Placement) -> bool:
        """Whether an ERP's order that carries the reference is for who ordered, and of our CRM.

        Two CRMs may number their orders alike. An ERP that keeps the system that an order came from
        tells them apart; where it keeps none, the reference and the customer have to do.
        """
        ours = not order.external_ids or self._crm in order.external_ids
        return ours and order.customer_id == placement.customer_id

    def _look(self, own: ErpPort, placement: Placement) -> Acknowledgement | None:
        """Look for an order that may have been made; none was found where `None` is given."""
        try:
            found = own.orders_by_reference(placement.reference)
        except NotSupported:
            self._note(placement, "the ERP cannot be searched by reference")
            return None
        mine = [each for each in found if self._is_for(each, placement)]
        if len(mine) == 1:
            order = mine[0]
            text = f"found by its reference as {order.id}"
            if _half_made(own, order):
                self._note(placement, f"{text}, half made")
            else:
                self._rows.move(placement, "acknowledged", text, erp_order_id=order.id)
            return Acknowledgement(order=order, reference=placement.reference, replayed=True)
        if mine:
            names = ", ".join(each.id for each in mine)
            self._hold(placement, f"the ERP has {len(mine)} orders with this reference: {names}")
        self._note(placement, "looked for by its reference, not found")
        return None

    def _wait_or_hold(self, placement: Placement) -> None:
        """Say that it has to be looked for again, or that a person has to.

        Raises:
            OutcomeUnknown: there is time left to look again.
            PossiblyCreated: there is none.
        """
        now = self._store.clock()
        until = (placement.sent_at or now) + self._settle
        if placement.state == "sent" and now < until:
            raise OutcomeUnknown(
                f"{placement.reference} was sent to {placement.erp_system} and not answered; it is "
                f"looked for until {_hour(until)}, and not sent again meanwhile",
                system=placement.erp_system,
                code="outcome_unknown",
            )
        self._hold(placement, f"not found by {_hour(now)}; it is not looked for any longer")

    def _hold(self, placement: Placement, text: str) -> None:
        held: Placement | None = self._again(placement)
        if held is not None and held.state == "sent":
            held = self._rows.move(held, "possibly_created", text)
        if held is None or held.state != "possibly_created":
            raise OutcomeUnknown(
                f"{placement.reference} was settled just now; it is looked at again",
                system=placement.erp_system,
                code="settled",
            )
        raise PossiblyCreated(
            f"{held.reference} was sent to {held.erp_system}, and whether it became an order there "
            f"is not known. Look in {held.erp_system} for an order of {held.customer_id} with the "
            f"reference {held.reference}, and say whether it is there; it is not sent again",
            system=held.erp_system,
            reference=held.reference,
            evidence=[f"{_hour(each.at)} {each.text}" for each in held.evidence],
        )

    def _send(
        self, erp: ErpPort, placement: Placement, customer: TradingAccount, order: Order
    ) -> Acknowledgement:
        sent = self._rows.move(placement, "sent", _sending(erp))
        if sent is None:
            raise OutcomeUnknown(
                f"{order.reference} is being sent to {customer.system} by another worker",
                system=customer.system,
                code="in_progress",
            )
        return self._call(erp, sent, placement.state, customer, order)

    def _call(
        self,
        erp: ErpPort,
        sent: Placement,
        before: PlacementState,
        customer: TradingAccount,
        order: Order,
    ) -> Acknowledgement:
        """Call the ERP, after it was written down; `before` is the state before that."""
        try:
            answer = erp.place_order(
                customer,
                order,
                idempotency_key=sent.key if _KEYED in erp.capabilities else "",
            )
        except RemoteUnavailable as away:
            if away.maybe_done:
                self._note(sent, f"no answer: {away}")
            else:
                self._rows.move(sent, before, f"not reached: {away}")
            raise
        except Conflict as conflict:
            # Its key or reference may be known there from a sending before this one.
            known: PlacementState = before if before == "sent" else "refused"
            self._rows.move(sent, known, f"refused: {conflict}")
            raise
        except (RemoteRefused, RemoteRejectedData) as refused:
            # An ERP that keeps keys would have given its first answer again, had it made one.
            self._rows.move(sent, "refused", f"refused: {refused}")
            raise
        except (AccessDenied, NotSupported, RemoteUnauthorized) as denied:
            self._rows.move(sent, before, f"not taken: {denied}")
            raise
        if answer.reference != order.reference:
            self._note(sent, f"acknowledged {answer.order.id} for {answer.reference!r}")
            raise RemoteMisbehaved(
                f"{customer.system} acknowledged {answer.order.id} for reference "
                f"{answer.reference!r}, but {order.reference!r} was sent",
                system=customer.system,
            )
        text = f"acknowledged as {answer.order.id}" + (" again" if answer.replayed else "")
        self._rows.move(sent, "acknowledged", text, erp_order_id=answer.order.id)
        return answer

    def _note(self, placement: Placement, text: str) -> None:
        current = self._again(placement)
        self._rows.move(current, current.state, text)

    def _in_question(self, reference: str) -> Placement:
        placement = self.get(reference)
        if placement is None:
            raise PlacementConflict(f"nothing was ever sent for {reference}")
        if placement.state != "possibly_created":
            raise PlacementConflict(
                f"{reference} is {placement.state}, so there is nothing to decide"
            )
        return placement

    def _decide(
        self, placement: Placement, state: PlacementState, text: str, actor: str, order_id: str
    ) -> Placement:
        revision = placement.revision + (state == "intended")
        with self._store.writing() as connection:
            decided = self._rows.move(
                placement, state, text, connection=connection, erp_order_id=order_id,
                revision=revision,
            )  # fmt: skip
            if decided is None:
                raise PlacementConflict(
                    f"{placement.reference} was changed meanwhile; look at it again"
                )
            self._store.audit.append(
                actor=actor,
                action=f"placement.{'confirmed' if order_id else 'denied'}",
                subject=placement.reference,
                detail={"erp": placement.erp_system, "order": order_id, "said": text},
                connection=connection,
            )
        return decided


def _half_made(erp: ErpPort, order: Order) -> bool:
    """Whether an order is there of which a step failed, so that placing it again goes on."""
    return _RESUMES in erp.capabilities and order.status == "submitted"


def _sending(erp: ErpPort) -> str:
    return "sent with its key" if _KEYED in erp.capabilities else "sent; the ERP keeps no keys"


def _hour(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
