"""Which account may be which customer: asked of a person, and what the person said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

import sqlalchemy as sa
from attrs import evolve, frozen
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.host.store.schema import link_proposals as proposals

if TYPE_CHECKING:
    from crossdock.host.store.store import Store

ProposalState = Literal["open", "confirmed", "rejected", "over"]
_ONCE: Final = ["crm_system", "account_id", "erp_system", "customer_id"]


@frozen(kw_only=True)
class Proposal:
    """One account that may be one customer.

    Attributes:
        number: grows with each; 0 for one that was not stored.
        instead_of_account, instead_of_customer: whose place it would take in a link that is there;
            empty for nobody's.
        score: how much speaks for it, 0 to 100.
        reasons: why, each with its points.
        state: `open`; `confirmed` or `rejected` by a person; `over` when something else settled it.
    """

    number: int = 0
    crm_system: str
    account_id: str
    account_name: str
    erp_system: str
    customer_id: str
    customer_name: str
    instead_of_account: str = ""
    instead_of_customer: str = ""
    score: int
    reasons: tuple[tuple[str, int], ...] = ()
    state: ProposalState = "open"
    asked_at: datetime | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    comment: str = ""

    @property
    def ref(self) -> str:
        """`system:customer` of the customer."""
        return f"{self.erp_system}:{self.customer_id}"


class Proposals:
    """The proposals; there is one at most for an account and a customer.

    What a person rejected is not asked again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._insert = postgresql.insert if store.shared else sqlite.insert

    def ask(self, proposal: Proposal, *, connection: sa.Connection | None = None) -> bool:
        """Store a proposal, or bring an open one up to date; says whether it is open now."""
        values = {
            "account_name": proposal.account_name,
            "customer_name": proposal.customer_name,
            "instead_of_account": proposal.instead_of_account,
            "instead_of_customer": proposal.instead_of_customer,
            "score": proposal.score,
            "reasons": json.dumps(proposal.reasons, ensure_ascii=False),
            "state": "open",
            "asked_at": self._store.clock(),
            "decided_by": "",
            "decided_at": None,
            "comment": "",
        }
        with self._store.writing(connection) as writing:
            made = writing.execute(
                self._insert(proposals)
                .values(
                    crm_system=proposal.crm_system,
                    account_id=proposal.account_id,
                    erp_system=proposal.erp_system,
                    customer_id=proposal.customer_id,
                    **values,
                )
                .on_conflict_do_update(
                    index_elements=_ONCE,
                    set_=values,
                    where=proposals.c.state.in_(("open", "over")),
                )
                .returning(proposals.c.id)
            ).one_or_none()
        return made is not None

    def decide(
        self,
        proposal: Proposal,
        state: ProposalState,
        *,
        actor: str,
        comment: str = "",
        connection: sa.Connection | None = None,
    ) -> Proposal:
        """Keep what was decided, whether or not it was asked before."""
        decided = evolve(
            proposal, state=state, decided_by=actor, decided_at=self._store.clock(), comment=comment
        )
        with self._store.writing(connection) as writing:
            fixed = {
                "state": decided.state,
                "decided_by": decided.decided_by,
                "decided_at": decided.decided_at,
                "comment": decided.comment,
            }
            writing.execute(
                self._insert(proposals)
                .values(
                    crm_system=decided.crm_system,
                    account_id=decided.account_id,
                    account_name=decided.account_name,
                    erp_system=decided.erp_system,
                    customer_id=decided.customer_id,
                    customer_name=decided.customer_name,
                    instead_of_account=decided.instead_of_account,
                    instead_of_customer=decided.instead_of_customer,
                    score=decided.score,
                    reasons=json.dumps(decided.reasons, ensure_ascii=False),
                    asked_at=decided.asked_at or self._store.clock(),
                    **fixed,
                )
                .on_conflict_do_update(index_elements=_ONCE, set_=fixed)
            )
        return decided

    def settle(
        self, crm_system: str, erp_system: str, customer_id: str, connection: sa.Connection
    ) -> None:
        """Take back what is still asked of a customer: it has its account now."""
        connection.execute(
            sa.update(proposals)
            .where(
                proposals.c.crm_system == crm_system,
                proposals.c.erp_system == erp_system,
                proposals.c.customer_id == customer_id,
                proposals.c.state == "open",
            )
            .values(state="over", decided_at=self._store.clock())
        )

    def get(
        self, crm_system: str, account_id: str, erp_system: str, customer_id: str
    ) -> Proposal | None:
        """Give what was asked or said of an account and a customer."""
        statement = sa.select(proposals).where(
            proposals.c.crm_system == crm_system,
            proposals.c.account_id == account_id,
            proposals.c.erp_system == erp_system,
            proposals.c.customer_id == customer_id,
        )
        with self._store.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else _proposal(row)

    def list(
        self,
        crm_system: str,
        *,
        states: Sequence[ProposalState] = ("open",),
        account_id: str | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> tuple[Proposal, ...]:
        """List proposals, the surest first.

        Args:
            crm_system: of which CRM.
            states: only those.
            account_id: only of this account.
            after: how many to leave out at the beginning.
            limit: how many at most.
        """
        statement = (
            sa.select(proposals)
            .where(proposals.c.crm_system == crm_system, proposals.c.state.in_(states))
            .order_by(proposals.c.score.desc(), proposals.c.id)
            .offset(after)
            .limit(limit)
        )
        if account_id is not None:
            statement = statement.where(proposals.c.account_id == account_id)
        with self._store.reading() as connection:
            return tuple(map(_proposal, connection.execute(statement)))

    def count(self, crm_system: str) -> int:
        """Count the open ones."""
        with self._store.reading() as connection:
            found: int = connection.execute(
                sa.select(sa.func.count())
                .select_from(proposals)
                .where(proposals.c.crm_system == crm_system, proposals.c.state == "open")
            ).scalar_one()
        return found


def _proposal(row: sa.Row[*tuple[Any, ...]]) -> Proposal:
    columns = dict(row._mapping)
    reasons = tuple((text, points) for text, points in json.loads(columns.pop("reasons")))
    return Proposal(number=columns.pop("id"), reasons=reasons, **columns)
