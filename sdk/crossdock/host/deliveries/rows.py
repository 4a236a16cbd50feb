"""The rows of deliveries, as every change of state reads and writes them."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from crossdock.host.store.schema import attempts, deliveries

_EVIDENCE_KEPT: Final = 3


def locked(number: int) -> sa.Select[*tuple[Any, ...]]:
    """Select a delivery's row, so that nobody else changes it until the transaction is over."""
    return sa.select(deliveries).where(deliveries.c.id == number).with_for_update()


def change(connection: sa.Connection, number: int, **values: object) -> None:
    """Change columns of a delivery's row."""
    connection.execute(sa.update(deliveries).where(deliveries.c.id == number).values(**values))


def note_attempt(connection: sa.Connection, number: int, **values: object) -> None:
    """Write down an attempt; of a delivery's evidence only the latest is kept."""
    connection.execute(sa.insert(attempts), {"delivery_id": number, **values})
    if values["evidence"] is None:
        return
    latest = (
        sa.select(attempts.c.id)
        .where(attempts.c.delivery_id == number, attempts.c.evidence.is_not(None))
        .order_by(attempts.c.id.desc())
        .limit(_EVIDENCE_KEPT)
    )
    connection.execute(
        sa.update(attempts)
        .where(
            attempts.c.delivery_id == number,
            attempts.c.evidence.is_not(None),
            attempts.c.id.not_in(latest.scalar_subquery()),
        )
        .values(evidence=None)
    )
