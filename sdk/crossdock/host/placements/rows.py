"""The rows of placements; each change of state is one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.host.placements.placement import Evidence, Placement, PlacementState
from crossdock.host.store.schema import placements

if TYPE_CHECKING:
    from sqlalchemy.sql.dml import ReturningUpdate

    from crossdock.host.store import Store

# Put together once, as building a statement costs more than running it.
_PLACE: Final = sa.and_(
    placements.c.crm_system == sa.bindparam("of_crm"),
    placements.c.reference == sa.bindparam("of_reference"),
)
_KNOWN: Final = sa.select(placements).where(_PLACE)
_MOST_EVIDENCE: Final = 50  # an ERP that is away for days must not make the row grow for ever


class Rows:
    """Reads and writes the placements of one store."""

    def __init__(self, store: Store) -> None:
        self.store: Final = store
        insert = postgresql.insert if store.shared else sqlite.insert
        self._insert: Final = insert(placements).on_conflict_do_nothing().returning(*placements.c)

    def begin(
        self,
        crm_system: str,
        reference: str,
        erp_system: str,
        customer_id: str,
        key: str,
        text: str,
    ) -> tuple[Placement, bool]:
        """Write that an order is about to be sent for the first time, with its key.

        Returns:
            What is known of it now, and whether nothing was known of it before.
        """
        now = self.store.clock()
        with self.store.writing() as connection:
            row = connection.execute(
                self._insert,
                {
                    "crm_system": crm_system,
                    "reference": reference,
                    "erp_system": erp_system,
                    "customer_id": customer_id,
                    "idempotency_key": key,
                    "revision": 0,
                    "state": "sent",
                    "erp_order_id": "",
                    "evidence": _written([Evidence(at=now, text=text)]),
                    "intended_at": now,
                    "sent_at": now,
                    "changed_at": now,
                },
            ).one_or_none()
            if row is not None:
                return _placement(row), True
            known = connection.execute(_KNOWN, _at(crm_system, reference)).one()
        return _placement(known), False

    def find(self, crm_system: str, reference: str) -> Placement | None:
        """Read one."""
        with self.store.reading() as connection:
            row = connection.execute(_KNOWN, _at(crm_system, reference)).one_or_none()
        return None if row is None else _placement(row)

    def list(self, states: Sequence[PlacementState], limit: int) -> tuple[Placement, ...]:
        """List them, the latest change first; all states where none is named."""
        statement = sa.select(placements).order_by(placements.c.changed_at.desc()).limit(limit)
        if states:
            statement = statement.where(placements.c.state.in_(states))
        with self.store.reading() as connection:
            return tuple(map(_placement, connection.execute(statement)))

    def move(
        self,
        placement: Placement,
        state: PlacementState,
        text: str,
        *,
        connection: sa.Connection | None = None,
        **values: Any,
    ) -> Placement | None:
        """Change the state and add to the evidence, if it still is as `placement` says.

        Returns:
            As it is now; `None` where somebody else changed it meanwhile.
        """
        now = self.store.clock()
        evidence = (*placement.evidence, Evidence(at=now, text=text))
        if len(evidence) > _MOST_EVIDENCE:  # how it began, and what came last
            evidence = (*evidence[:5], *evidence[5 - _MOST_EVIDENCE :])
        if state == "sent" and placement.state != "sent":
            values["sent_at"] = now
        with self.store.writing(connection) as writing:
            row = writing.execute(
                _moving(*sorted(values)),
                {
                    **_at(placement.crm_system, placement.reference),
                    "was_state": placement.state,
                    "was_revision": placement.revision,
                    "was_changed_at": placement.changed_at,
                    "state": state,
                    "changed_at": now,
                    "evidence": _written(evidence),
                    **values,
                },
            ).one_or_none()
        return None if row is None else _placement(row)


def _at(crm_system: str, reference: str) -> dict[str, str]:
    return {"of_crm": crm_system, "of_reference": reference}


@cache
def _moving(*more: str) -> ReturningUpdate[Any]:
    """Change a placement that is as it was read; `more` names what changes besides its state."""
    return (
        sa.update(placements)
        .where(
            _PLACE,
            placements.c.state == sa.bindparam("was_state"),
            placements.c.revision == sa.bindparam("was_revision"),
            placements.c.changed_at == sa.bindparam("was_changed_at"),
        )
        .values({name: sa.bindparam(name) for name in ("state", "changed_at", "evidence", *more)})
        .returning(*placements.c)
    )


def _written(evidence: Sequence[Evidence]) -> str:
    return json.dumps([[each.at.isoformat(), each.text] for each in evidence], ensure_ascii=False)


def _placement(row: sa.Row[*tuple[Any, ...]]) -> Placement:
    revision: int = row.revision
    return Placement(
        crm_system=row.crm_system,
        reference=row.reference,
        erp_system=row.erp_system,
        customer_id=row.customer_id,
        key=f"{row.idempotency_key}-{revision}" if revision else row.idempotency_key,
        revision=revision,
        state=row.state,
        erp_order_id=row.erp_order_id,
        evidence=tuple(
            Evidence(at=datetime.fromisoformat(at), text=text)
            for at, text in json.loads(row.evidence)
        ),
        intended_at=row.intended_at,
        sent_at=row.sent_at,
        changed_at=row.changed_at,
    )
