"""A new record made in the other system exactly once, whatever is lost on the way.

The intent is in the store before the first call, so after a lost answer or a crash it is known that
a record may exist. It is looked for by the key that it carries first, and what is found is taken.
A system that keeps idempotency keys is then asked again with the same key. With any other nothing
is sent again: it is looked for until `settle` has passed, and then a person has to say.

The source of the rule is the last paragraph of the collected business rules: an integration that
rolled its own transaction back after the ERP had created the record made a second one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from attrs import frozen

from crossdock.errors import (
    AccessDenied,
    ConflictChanged,
    NotSupported,
    OutcomeUnknown,
    PossiblyCreated,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
)
from crossdock.host.store.sync_creations import Creation, CreationState

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crossdock.host.store import Store

_Record = TypeVar("_Record")


@frozen(kw_only=True)
class Making(Generic[_Record]):
    """How a new record is made, and found again.

    Attributes:
        entity, from_system, from_id: what it is made of.
        to_system: where it is made.
        look: finds records there that carry the key of what they are made of; raises
            `NotSupported` where the system cannot be searched so.
        read: gives the record of an id.
        make: makes it; takes the idempotency key.
        keyed: whether the system makes no second one under the same idempotency key.
        joined: takes note that both are one, within the transaction that says that it was made.
    """

    entity: str
    from_system: str
    from_id: str
    to_system: str
    look: Callable[[], Sequence[_Record]]
    read: Callable[[str], _Record]
    make: Callable[[str], _Record]
    keyed: bool
    joined: Callable[[_Record, sa.Connection], object]

    @property
    def key(self) -> str:
        """The idempotency key of each sending."""
        return f"{self.entity}:{self.from_system}:{self.from_id}:{self.to_system}"


class Creations:
    """The new records of one store on their way."""

    def __init__(self, store: Callable[[], Store], *, settle: timedelta) -> None:
        """Make it.

        Args:
            store: gives where they are kept.
            settle: how long a system without idempotency keys is given to show a record that it
                may have made, before a person is asked.
        """
        self._store = store
        self._settle: Final = settle

    def make(self, making: Making[_Record]) -> _Record:
        """Make a record, or find out what became of it.

        Raises:
            OutcomeUnknown: it was sent and is not to be found yet; try again later.
            PossiblyCreated: it was sent, and only a person can say whether it is there.
            RemoteError: as the system answered.
        """
        rows = self._store().sync_creations
        known = rows.find(making.entity, making.from_system, making.from_id, making.to_system)
        if known is not None and known.state == "made":
            return making.read(known.made_id)
        # One may be there from a life before this store; then nothing is sent at all.
        found = self._look(making)
        creation, new = rows.begin(
            making.entity,
            making.from_system,
            making.from_id,
            making.to_system,
            key=making.key,
            text="intended",
        )
        if found is not None:
            return self._made(making, creation, found, "found by its key, so none was made")
        if not new:
            creation = self._again(making, creation)
            if creation.state == "made":
                return making.read(creation.made_id)
        return self._send(making, creation, "intended" if new else creation.state)

    def make_intended(
        self,
        making: Making[_Record],
        creation: Creation,
        keep: Callable[[Creation, _Record], object],
    ) -> _Record:
        """Make a record whose intent was stored along with those of others; as `make`.

        Nobody looks for it first: who stored the intent knows that it was not sent.

        Args:
            making: how.
            creation: as it was stored: `sent` where the system makes no second one under the same
                idempotency key, else `intended`; then that it is sent now is written first.
            keep: takes what was made, to write that down along with others.
        """
        sent: Creation | None = creation
        if creation.state != "sent":
            sent = self._store().in_bulk.send(creation)
        if sent is None:  # somebody else is at it
            return self.make(making)
        return self._send(making, sent, "intended", keep)

    def found(self, making: Making[_Record]) -> _Record | None:
        """Give a record that was made, where its system told of it before its answer came."""
        known = self._store().sync_creations.find(
            making.entity, making.from_system, making.from_id, making.to_system
        )
        if known is None:
            return None
        if known.state == "made":
            return making.read(known.made_id)
        record = self._look(making)
        return (
            None if record is None else self._made(making, known, record, "its system told of it")
        )

    def decide(
        self,
        creation: Creation,
        *,
        there: str,
        actor: str,
        reason: str = "",
        along: Callable[[sa.Connection], object] = lambda _connection: None,
    ) -> Creation:
        """Take a person's word on one that was possibly created.

        Args:
            creation: which.
            there: the record that was found; empty where there is none, so that it is made again.
            actor: who says so.
            reason: how that is known.
            along: what else is written in the same transaction.

        Raises:
            ConflictChanged: nothing is in question any more.
        """
        text = f"{actor} found it as {there}" if there else f"{actor} says that it is not there"
        text += f": {reason}" if reason else ""
        store = self._store()
        with store.writing() as connection:
            state: CreationState = "made" if there else "intended"
            decided = store.sync_creations.move(
                creation, state, text, made_id=there, connection=connection
            )
            if decided is None or creation.state != "possibly_created":
                raise ConflictChanged(
                    f"{creation.entity} {creation.from_id} is not in question any more"
                )
            store.audit.append(
                actor=actor, action="sync.creation_decided", subject=creation.from_id,
                detail={"system": creation.to_system, "there": there, "said": text},
                connection=connection,
            )  # fmt: skip
            along(connection)
        return decided

    # How it is done.

    def _look(self, making: Making[_Record]) -> _Record | None:
        try:
            found = making.look()
        except NotSupported:
            return None
        if len(found) > 1:
            names = ", ".join(str(_id(each)) for each in found)
            raise PossiblyCreated(
                f"{making.to_system} has {len(found)} records that carry {making.from_id}: {names}."
                " Say which one is right by merging the others into it",
                system=making.to_system,
                reference=making.from_id,
                evidence=[names],
            )
        return found[0] if found else None

    def _again(self, making: Making[Any], creation: Creation) -> Creation:
        """Look at one that was sent before; gives it where it may be sent (again)."""
        rows = self._store().sync_creations
        now = self._store().clock()
        if creation.state in ("intended", "refused") or making.keyed:
            return rows.move(creation, "sent", "sent again") or self._busy(making)
        if creation.state == "sent" and now < creation.sent_at + self._settle:
            raise OutcomeUnknown(
                f"{making.entity} {making.from_id} was sent to {making.to_system} and not "
                "answered; it is looked for again later, and not sent meanwhile",
                system=making.to_system,
                code="outcome_unknown",
            )
        held = creation
        if creation.state == "sent":
            held = rows.move(creation, "possibly_created", "not found") or creation
        raise PossiblyCreated(
            f"{making.entity} {making.from_id} was sent to {making.to_system}, and whether it was "
            f"made there is not known. Look for it in {making.to_system}, and say whether it is "
            "there; it is not sent again",
            system=making.to_system,
            reference=making.from_id,
            evidence=[f"{at:%Y-%m-%d %H:%M:%S} UTC {text}" for at, text in held.evidence],
        )

    def _busy(self, making: Making[Any]) -> Creation:
        raise OutcomeUnknown(
            f"{making.entity} {making.from_id} is being made in {making.to_system} by another "
            "worker",
            system=making.to_system,
            code="in_progress",
        )

    def _send(
        self,
        making: Making[_Record],
        sent: Creation,
        before: CreationState,
        keep: Callable[[Creation, _Record], object] | None = None,
    ) -> _Record:
        rows = self._store().sync_creations
        try:
            record = making.make(sent.key if making.keyed else "")
        except RemoteUnavailable as away:
            if away.maybe_done or before == "sent":
                rows.move(sent, "sent", f"no answer: {away}")
            else:
                rows.move(sent, "intended", f"not reached: {away}")
            raise
        except (RemoteRefused, RemoteRejectedData) as refusal:
            rows.move(sent, "refused", f"refused: {refusal}")
            raise
        except (AccessDenied, NotSupported, RemoteUnauthorized) as denied:
            rows.move(sent, "intended", f"not taken: {denied}")
            raise
        if keep is None:
            return self._made(making, sent, record, "made")
        keep(sent, record)
        return record

    def _made(
        self, making: Making[_Record], creation: Creation, record: _Record, text: str
    ) -> _Record:
        store, made_id = self._store(), _id(record)
        with store.writing() as connection:
            store.sync_creations.move(
                creation, "made", f"{text}: {made_id}", made_id=made_id, connection=connection
            )
            making.joined(record, connection)
        return record


def _id(record: Any) -> str:
    found: str = record.id
    return found
