"""What a new link takes the place of: the customer, or the account, that is not there any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from crossdock.errors import LinkConflict, NotFound
from crossdock.host.store.links import Link
from crossdock.host.store.proposals import Proposal
from crossdock.ports import CrmPort
from crossdock.records import Account, TradingAccount

if TYPE_CHECKING:
    from crossdock.host.store import Store


class Replacing:
    """Takes links away and puts the default where it belongs, within a decision's transaction."""

    def __init__(self, store: Callable[[], Store], crm: CrmPort) -> None:
        self._store = store
        self._crm = crm

    def replaced_by(
        self, account: Account, customer: TradingAccount, asked: Proposal | None
    ) -> Link | None:
        """Give the link that a new one takes the place of; `None` where it takes nobody's.

        Args:
            account: which account is linked.
            customer: which customer.
            asked: what was proposed of them, if anything was.

        Raises:
            LinkConflict: the customer belongs to an account that is there.
        """
        links = self._store().links
        taken = links.of_customer(customer.system, customer.id)
        if taken is not None and taken.account_id != account.id:
            if self._is_there(taken.account_id):
                raise LinkConflict(
                    f"{taken.ref} belongs to account {taken.account_id} "
                    f"({taken.evidence or 'no evidence was kept'}); unlink it there first"
                )
            return taken
        if asked is None or not asked.instead_of_customer:
            return None
        gone = links.of_customer(customer.system, asked.instead_of_customer)
        # It may have come back since, or belong to somebody else.
        return gone if gone is not None and gone.account_id == account.id and gone.lost else None

    def _is_there(self, account_id: str) -> bool:
        try:
            return self._crm.account(account_id).id == account_id
        except NotFound:
            return False

    def drop(self, link: Link, connection: sa.Connection) -> None:
        """Take a link away."""
        self._store().links.unlink(
            crm_system=link.crm_system,
            erp_system=link.erp_system,
            customer_id=link.customer_id,
            connection=connection,
        )

    def put_default(self, link: Link, connection: sa.Connection) -> None:
        """Let new orders of its account go where a link leads."""
        self._store().links.link(
            crm_system=link.crm_system,
            account_id=link.account_id,
            erp_system=link.erp_system,
            customer_id=link.customer_id,
            default=True,
            evidence=link.evidence,
            connection=connection,
        )
