"""Ask for approvals, decide them, and let the clock escalate and expire them.

A promotion that needs an approval ends there; nothing waits in memory. The decision is stored in
one transaction with the event that makes a worker go on with the promotion, days later too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.errors import ApprovalRefused, UnknownApproval
from crossdock.host.approvals.approval import Approval, ApprovalState, fingerprint_of
from crossdock.host.approvals.policy import ApprovalPolicy
from crossdock.host.asking.verdict import Finding
from crossdock.host.store.schema import approvals
from crossdock.records import Quote, QuoteApproved, User

if TYPE_CHECKING:
    from crossdock.host.store import Store

_ONCE: Final = ("quote_id", "fingerprint", "plugin_id", "code", "role")
_DUE: Final = (
    sa.select(approvals.c.id)
    .where(
        approvals.c.state == "pending",
        sa.or_(
            approvals.c.expires_at <= sa.bindparam("now"),
            (approvals.c.escalate_at <= sa.bindparam("now")) & (approvals.c.escalated_to == ""),
        ),
    )
    .limit(1)
)

#: Publishes within a transaction that everything a quote waited for was agreed to.
Publish = Callable[[sa.Connection, QuoteApproved], object]


class Approvals:
    """The approvals of one store."""

    def __init__(self, store: Store, publish: Publish, policy: ApprovalPolicy) -> None:
        """Make the approvals of a store.

        Args:
            store: where they are kept.
            publish: publishes the last agreement, as a part of the transaction that stores it.
            policy: how long they wait.
        """
        self.policy: Final = policy
        self._store: Final = store
        self._publish: Final = publish
        self._insert = postgresql.insert if store.shared else sqlite.insert

    # Reading.

    def get(self, approval_id: str) -> Approval:
        """Read one, such as `AP-7`.

        Raises:
            UnknownApproval: there is none of that number.
        """
        digits = approval_id.upper().removeprefix("AP-")
        if digits.isdecimal() and len(digits) < 18:  # SQLite has no larger numbers
            with self._store.reading() as connection:
                row = connection.execute(
                    sa.select(approvals).where(approvals.c.id == int(digits))
                ).one_or_none()
            if row is not None:
                return _approval(row)
        raise UnknownApproval(f"there is no approval {approval_id!r}; they look like AP-7")

    def list(
        self,
        *,
        states: Sequence[ApprovalState] = (),
        quote_id: str | None = None,
        role: str | None = None,
        roles: Sequence[str] = (),
        requested_by: str | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[Approval, ...]:
        """List approvals, newest first.

        Args:
            states: only those; all where it is empty.
            quote_id: only of this quote.
            role: only those that this role may answer.
            roles: only those that one of these roles may answer; all where it is empty.
            requested_by: only those that this user asked for.
            before: only those with a lower number, for the next page.
            limit: how many at most.
        """
        statement = sa.select(approvals).order_by(approvals.c.id.desc()).limit(limit)
        if states:
            statement = statement.where(approvals.c.state.in_(states))
        if quote_id is not None:
            statement = statement.where(approvals.c.quote_id == quote_id)
        if role is not None:
            statement = statement.where(_answered_by((role,)))
        if roles:
            statement = statement.where(_answered_by(roles))
        if requested_by is not None:
            statement = statement.where(approvals.c.requested_by == requested_by)
        if before is not None:
            statement = statement.where(approvals.c.id < before)
        with self._store.reading() as connection:
            return tuple(map(_approval, connection.execute(statement)))

    def waiting_for(self, user: User) -> int:
        """Count what waits for an answer that this user's roles may give."""
        statement = sa.select(sa.func.count()).where(
            approvals.c.state == "pending", _answered_by(user.roles)
        )
        with self._store.reading() as connection:
            count: int = connection.execute(statement).scalar_one()
        return count

    def objection(self, approval: Approval, user: User, *, approve: bool, comment: str = "") -> str:
        """Say why this user cannot answer so; empty where he can."""
        if approval.state != "pending":
            by = f" by {approval.decided_by}" if approval.decided_by else ""
            return f"{approval.id} is {approval.state}{by} already"
        if approval.expires_at is not None and self._store.clock() >= approval.expires_at:
            return f"{approval.id} has lapsed; promote the quote again to ask anew"
        if not approval.may_be_decided_by(user):
            roles = " or ".join(filter(None, (approval.role, approval.escalated_to)))
            return f"{user.name} may not answer {approval.id}: that is for the role {roles}"
        if approve and self.policy.four_eyes and user.id == approval.requested_by:
            return f"{user.name} asked for {approval.id}, so somebody else has to agree to it"
        if not approve and not comment.strip():
            return "say why it is declined, so that the salesperson knows"
        return ""

    # Asking.

    def request(self, quote: Quote, wanted: Sequence[Finding], user: User) -> tuple[Approval, ...]:
        """Ask for what guards want somebody to agree to; what was asked before is not asked again.

        A pending request about an older form of the quote is superseded.

        Returns:
            The approvals that are still missing; with none the quote may be ordered.
        """
        now = self._store.clock()
        fingerprint = fingerprint_of(quote)
        policy = self.policy
        with self._store.writing() as connection:
            connection.execute(
                sa.update(approvals)
                .where(
                    approvals.c.quote_id == quote.id,
                    approvals.c.fingerprint != fingerprint,
                    approvals.c.state == "pending",
                )
                .values(state="superseded", decided_at=now)
            )
            for finding in wanted:
                values = {
                    "field": finding.field,
                    "reason": finding.message,
                    "state": "pending",
                    "requested_by": user.id,
                    "requested_at": now,
                    "escalate_at": policy.escalate_after and now + policy.escalate_after,
                    "escalated_to": "",
                    "expires_at": policy.expire_after and now + policy.expire_after,
                    "decided_by": "",
                    "decided_at": None,
                    "comment": "",
                    "outcome": "",
                }
                made = connection.execute(
                    self._insert(approvals)
                    .values(
                        quote_id=quote.id,
                        account_id=quote.account_id,
                        fingerprint=fingerprint,
                        plugin_id=finding.plugin_id,
                        code=finding.code,
                        role=finding.role,
                        **values,
                    )
                    .on_conflict_do_update(
                        index_elements=_ONCE,
                        set_=values,
                        # What was answered stays answered; what nobody answered may be asked anew.
                        where=approvals.c.state.in_(("expired", "superseded")),
                    )
                    .returning(approvals.c.id)
                ).one_or_none()
                if made is not None:
                    self._store.audit.append(
                        actor=f"user:{user.id}",
                        action="approval.requested",
                        subject=quote.id,
                        detail={"approval": f"AP-{made.id}", "role": finding.role},
                        connection=connection,
                    )
            rows = connection.execute(
                sa.select(approvals).where(
                    approvals.c.quote_id == quote.id, approvals.c.fingerprint == fingerprint
                )
            ).all()
        known = {_what(row): _approval(row) for row in rows}
        asked = [known[(each.plugin_id, each.code, each.role)] for each in wanted]
        return tuple(each for each in dict.fromkeys(asked) if each.state != "approved")

    # Answering.

    def decide(self, approval_id: str, *, approve: bool, user: User, comment: str = "") -> Approval:
        """Answer a request.

        Where this was the last answer that a quote waited for, and all agreed, a worker goes on
        with its promotion; the event for that is in the same transaction.

        Args:
            approval_id: such as `AP-7`.
            approve: yes or no.
            user: who answers.
            comment: why; a refusal needs one.

        Raises:
            ApprovalRefused: it was answered before, has lapsed, or this user may not answer it.
        """
        approval = self.get(approval_id)
        if why_not := self.objection(approval, user, approve=approve, comment=comment):
            raise ApprovalRefused(why_not)
        now = self._store.clock()
        with self._store.writing() as connection:
            row = connection.execute(
                sa.update(approvals)
                .where(approvals.c.id == approval.number, approvals.c.state == "pending")
                .values(
                    state="approved" if approve else "declined",
                    decided_by=user.id,
                    decided_at=now,
                    comment=comment,
                )
                .returning(approvals)
            ).one_or_none()
            if row is None:
                raise ApprovalRefused(
                    f"{approval_id} was answered by somebody else a moment ago; look at it again"
                )
            decided = _approval(row)
            self._store.audit.append(
                actor=f"user:{user.id}",
                action=f"approval.{decided.state}",
                subject=decided.quote_id,
                detail={"approval": decided.id, "comment": comment, "role": decided.role},
                connection=connection,
            )
            if approve and not self._missing(connection, decided):
                released = QuoteApproved(
                    quote_id=decided.quote_id,
                    account_id=decided.account_id,
                    approval_id=decided.id,
                    fingerprint=decided.fingerprint,
                    requested_by=decided.requested_by,
                )
                self._publish(connection, released)
        return decided

    def note_outcome(self, quote_id: str, fingerprint: str, outcome: str) -> None:
        """Keep what became of the promotion that went on after the answer."""
        with self._store.writing() as connection:
            connection.execute(
                sa.update(approvals)
                .where(approvals.c.quote_id == quote_id, approvals.c.fingerprint == fingerprint)
                .values(outcome=outcome)
            )

    # The clock.

    def tick(self) -> int:
        """Escalate and expire what has waited too long; says how many changed."""
        now = self._store.clock()
        with self._store.reading() as connection:  # mostly there is none: take no write lock
            if connection.execute(_DUE, {"now": now}).first() is None:
                return 0
        pending = approvals.c.state == "pending"
        with self._store.writing() as connection:
            expired = connection.execute(
                sa.update(approvals)
                .where(pending, approvals.c.expires_at <= now)
                .values(state="expired", decided_at=now)
                .returning(approvals.c.id, approvals.c.quote_id)
            ).all()
            escalated = connection.execute(
                sa.update(approvals)
                .where(pending, approvals.c.escalate_at <= now, approvals.c.escalated_to == "")
                .values(escalated_to=self.policy.escalate_to)
                .returning(approvals.c.id, approvals.c.quote_id)
            ).all()
            for action, rows in (("expired", expired), ("escalated", escalated)):
                for row in rows:
                    self._store.audit.append(
                        actor="host",
                        action=f"approval.{action}",
                        subject=row.quote_id,
                        detail={"approval": f"AP-{row.id}"},
                        connection=connection,
                    )
        return len(expired) + len(escalated)

    def _missing(self, connection: sa.Connection, decided: Approval) -> int:
        count: int = connection.execute(
            sa.select(sa.func.count()).where(
                approvals.c.quote_id == decided.quote_id,
                approvals.c.fingerprint == decided.fingerprint,
                approvals.c.state != "approved",
            )
        ).scalar_one()
        return count


def _answered_by(roles: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.or_(approvals.c.role.in_(roles), approvals.c.escalated_to.in_(roles))


def _what(row: sa.Row[*tuple[Any, ...]]) -> tuple[str, str, str]:
    return (row.plugin_id, row.code, row.role)


def _approval(row: sa.Row[*tuple[Any, ...]]) -> Approval:
    columns = dict(row._mapping)
    return Approval(number=columns.pop("id"), **columns)
