"""Runs that ended without a word: their workflow is over, and their delivery still counts as begun.

A workflow ends well whatever became of the delivery, so one that did not was stopped by a fault of
ours, or by a database that was away just when the outcome was to be written. Nobody else would
ever take up such a delivery, and it would hold its lane for good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crossdock.host.deliveries.rows import change, locked, note_attempt

if TYPE_CHECKING:
    from crossdock.host.deliveries.deliveries import Deliveries
    from crossdock.host.deliveries.durable import Client, LostRun


def bring_back(deliveries: Deliveries, client: Client) -> int:
    """Let every lost run be tried again later, or be dead where that was tried often enough.

    Steps that it recorded stay done. Any worker may do it, several at once as well.

    Returns:
        How many there were.
    """
    found = 0
    for lost in client.lost_runs():
        recorded = client.recorded_steps(lost.number, lost.run)
        found += _bring_back(deliveries, lost, recorded)
        client.forget_run(lost.number, lost.run)  # what it recorded is in our own rows now
    return found


def _bring_back(deliveries: Deliveries, lost: LostRun, recorded: dict[str, str]) -> bool:
    store, ledger, policy = deliveries.store, deliveries.ledger, deliveries.policy
    with store.writing() as connection:
        row = connection.execute(locked(lost.number)).one_or_none()
        if row is None or row.run != lost.run or row.state not in ("queued", "running"):
            return False
        now = store.clock()
        attempts = row.attempts + (row.state == "queued")
        again = attempts < policy.max_attempts
        cause = f"the run ended without an outcome: {lost.cause}"
        change(
            connection,
            row.id,
            state="waiting" if again else "dead",
            due_at=now + policy.wait(row.id, attempts) if again else None,
            finished_at=None if again else now,
            worker="",
            attempts=attempts,
            failure="transient" if again else "bug",
            cause=cause,
            key_fate=row.key_fate if row.key_fate == "created" else "maybe",
        )
        ledger.keep(connection, row.id, recorded)
        note_attempt(
            connection,
            row.id,
            run=row.run,
            revision=row.revision,
            worker=row.worker,
            began_at=row.began_at,
            ended_at=now,
            outcome="waiting" if again else "dead",
            failure="transient" if again else "bug",
            system="",
            cause=cause,
            evidence=None,
        )
        if not again:
            store.audit.append(
                actor="host",
                action="delivery.dead",
                subject=f"D-{row.id}",
                detail={
                    "event": row.event_id,
                    "plugin": row.plugin_id,
                    "failure": "bug",
                    "system": "",
                    "cause": cause,
                    "attempts": attempts,
                },
                connection=connection,
            )
            if policy.after_dead == "pass":
                ledger.release(connection, row.lane)
    return True
