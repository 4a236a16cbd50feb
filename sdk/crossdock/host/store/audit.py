"""Who did what, when, on what evidence: an append-only trail with a hash chain."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from attrs import field, frozen

from crossdock.host.store.chain import (
    BEGAN,
    GENESIS,
    Digest,
    Head,
    Line,
    Verification,
    hash_of,
    verify,
)
from crossdock.host.store.schema import audit, audit_head, instant_text

if TYPE_CHECKING:
    from crossdock.host.store.store import Store

_HEAD_ROW: Final = "audit"
_PENDING: Final = "crossdock_audit_pending"

# The row of the head is locked, so appends of all processes come one after the other. Counting on
# from the lines that are there as well, so that one which was put in by hand cannot stop the host.
_LOCK_HEAD: Final = (
    sa.select(
        audit_head.c.sequence,
        audit_head.c.hash,
        sa.select(sa.func.max(audit.c.sequence)).scalar_subquery().label("most"),
    )
    .where(audit_head.c.name == _HEAD_ROW)
    .with_for_update(of=audit_head)
)
_MOVE_HEAD: Final = (
    sa.update(audit_head)
    .where(audit_head.c.name == _HEAD_ROW)
    .values(sequence=sa.bindparam("now_sequence"), hash=sa.bindparam("now_hash"))
)
_INSERT: Final = sa.insert(audit)
_RAW: Final = sa.select(
    audit.c.sequence,
    sa.type_coerce(audit.c.at, sa.Text).label("at"),
    audit.c.actor,
    audit.c.action,
    audit.c.subject,
    audit.c.detail,
    audit.c.previous_hash,
    audit.c.hash,
).order_by(audit.c.sequence)
_CHUNK: Final = 2000


@frozen(kw_only=True)
class AuditEntry:
    """One line of the trail.

    Attributes:
        actor: `plugin:straight-through`, `user:U-kim`, `host`, or `worker:...`.
        action: what was done, a stable dotted name such as `delivery.retried`.
        subject: on what, such as `D-17` or `main:C-10001`.
        detail: plain data that says why; no secrets.
        hash: of this line in the chain; empty for one that is older than the chain.
    """

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any] = field(factory=dict)
    hash: str = ""


class Audit:
    """The trail; the database itself refuses to change or delete what was written."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(
        self,
        *,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, Any] | None = None,
        at: datetime | None = None,
        connection: sa.Connection | None = None,
    ) -> None:
        """Add a line; within the caller's transaction where `connection` is given.

        Lines are written at the end of their transaction: until then nobody else waits for the
        chain, and transactions that lock other rows cannot lock each other out over it.

        Args:
            actor: as in `AuditEntry`, like `action` and `subject`.
            action: what was done.
            subject: on what.
            detail: plain data that says why; no secrets.
            at: when it happened; now, by the store's clock, where it is not given.
            connection: one in a transaction of `Store.writing`.

        Raises:
            ValueError: `at` is naive.
        """
        at = at or self._store.clock()
        instant_text(at)  # refused here, not at the end of the transaction
        with self._store.writing(connection) as writing:
            writing.info[_PENDING].append(
                {
                    "at": at,
                    "actor": actor,
                    "action": action,
                    "subject": subject,
                    "detail": json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True),
                }
            )

    def entries(
        self,
        *,
        subject: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        since: datetime | None = None,
        after: int = 0,
        newest: bool = False,
        limit: int = 100,
    ) -> tuple[AuditEntry, ...]:
        """List lines, oldest first.

        Args:
            subject: only on this.
            actor: only by this one.
            action: only this action, or all that begin with it where it ends in a dot.
            since: only those of this instant and later.
            after: only those with a higher number.
            newest: of more than `limit` give the last ones, not the first.
            limit: how many at most.
        """
        statement = sa.select(audit).where(audit.c.sequence > after)
        if subject is not None:
            statement = statement.where(audit.c.subject == subject)
        if actor is not None:
            statement = statement.where(audit.c.actor == actor)
        if action is not None:
            named = audit.c.action == action
            begins = audit.c.action.startswith(action, autoescape=True)
            statement = statement.where(begins if action.endswith(".") else named)
        if since is not None:
            statement = statement.where(audit.c.at >= since)
        order = audit.c.sequence.desc() if newest else audit.c.sequence
        with self._store.reading() as connection:
            rows: Sequence[Any] = connection.execute(statement.order_by(order).limit(limit)).all()
        return tuple(
            AuditEntry(
                sequence=row.sequence,
                at=row.at,
                actor=row.actor,
                action=row.action,
                subject=row.subject,
                detail=json.loads(row.detail),
                hash=row.hash or "",
            )
            for row in (reversed(rows) if newest else rows)
        )

    def head(self) -> Head:
        """Give number and hash of the last line, to be kept elsewhere."""
        with self._store.reading() as connection:
            return _head(connection) or Head(0, GENESIS)

    def verify(self, *, kept: str | None = None) -> Verification:
        """Check that nothing was changed, deleted, put in, moved or cut off.

        Args:
            kept: the hash of a head that was kept elsewhere; the trail must still hold it.
        """
        with self._store.reading(steady=True) as connection:

            def follows(previous: str, sequence: int) -> bool:
                another = (audit.c.previous_hash == previous) & (audit.c.sequence != sequence)
                return connection.scalar(sa.select(audit.c.sequence).where(another)) is not None

            head = _head(connection)
            with closing(_lines(connection)) as lines:
                return verify(lines, head, follows=follows, kept=kept)


def expect_lines(connection: sa.Connection) -> None:
    """Begin to gather lines, at the start of a transaction."""
    connection.info[_PENDING] = []


def write_lines(connection: sa.Connection) -> None:
    """Write the lines that were gathered, at the end of the transaction."""
    pending = connection.info[_PENDING]
    if not pending:
        return
    connection.info[_PENDING] = []
    found = connection.execute(_LOCK_HEAD).one()
    head = Head(max(found.sequence, found.most or 0), found.hash)
    rows = []
    for values in pending:
        line = Line(
            sequence=head.sequence + 1,
            at=instant_text(values["at"]),
            actor=values["actor"],
            action=values["action"],
            subject=values["subject"],
            detail=values["detail"],
        )
        rows.append(
            {
                **values,
                "sequence": line.sequence,
                "previous_hash": head.hash,
                "hash": hash_of(line, head.hash),
            }
        )
        head = Head(line.sequence, rows[-1]["hash"])
    connection.execute(_INSERT, rows)
    connection.execute(_MOVE_HEAD, {"now_sequence": head.sequence, "now_hash": head.hash})


def begin_chain(connection: sa.Connection, at: datetime) -> None:
    """Begin the chain in a new store, or over a trail that was written without one.

    Older lines stay as they are: hashes that are made up afterwards would claim what nobody can
    know. One line says that the chain begins here, with a digest of all lines before it.
    """
    before = Digest()
    last = 0
    for line in _lines(connection):
        before.add(line)
        last = line.sequence
    connection.execute(sa.insert(audit_head).values(name=_HEAD_ROW, sequence=last, hash=GENESIS))
    if before.lines:
        connection.info[_PENDING].append(
            {
                "at": at,
                "actor": "host",
                "action": BEGAN,
                "subject": "audit",
                "detail": before.detail(),
            }
        )


def _head(connection: sa.Connection) -> Head | None:
    row = connection.execute(
        sa.select(audit_head.c.sequence, audit_head.c.hash).where(audit_head.c.name == _HEAD_ROW)
    ).one_or_none()
    return None if row is None else Head(row.sequence, row.hash)


def _lines(connection: sa.Connection) -> Generator[Line, None, None]:
    with connection.execute(_RAW.execution_options(yield_per=_CHUNK)) as rows:
        for row in rows:
            yield Line(*row)
