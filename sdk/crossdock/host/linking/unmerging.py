"""An account that was merged away and is back: it gets the customers that it had before.

What it had stands in the audit trail since the merge. A customer that somebody gave to another
account meanwhile stays there: a person's word counts for more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from crossdock.errors import NotFound
from crossdock.host.store.links import Link
from crossdock.ports import CrmPort

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crossdock.host.store import Store

_MERGED: Final = "account.merged"
_UNMERGED: Final = "account.unmerged"


class Unmerging:
    """Undoes what a merge did to links."""

    def __init__(self, store: Callable[[], Store], crm: CrmPort) -> None:
        self._store = store
        self._crm = crm

    def remember(
        self, account_id: str, into: str, had: Sequence[Link], connection: sa.Connection
    ) -> None:
        """Write down what an account had before it went up in another one.

        Args:
            account_id: of the one that goes away.
            into: of the one that goes on.
            had: its links.
            connection: of the transaction that moves them.
        """
        self._store().audit.append(
            actor="host",
            action=_MERGED,
            subject=account_id,
            detail={
                "into": into,
                "customers": [each.ref for each in had],
                "default": next((each.ref for each in had if each.default), ""),
            },
            connection=connection,
        )

    def account_back(self, account_id: str) -> bool:
        """Give an account without customers those that it had before it was merged.

        Returns:
            Whether it was merged and is there by itself again.
        """
        store, crm = self._store(), self._crm.system
        said = store.audit.entries(subject=account_id, action="account.", newest=True, limit=1)
        if not said or said[0].action != _MERGED or not self._is_there(account_id):
            return False
        into, default = str(said[0].detail["into"]), said[0].detail["default"]
        back: list[str] = []
        with store.writing() as connection:
            for ref in said[0].detail["customers"]:
                system, _, customer_id = str(ref).partition(":")
                link = store.links.of_customer(system, customer_id, connection=connection)
                if link is None or link.account_id != into:
                    continue
                store.links.unlink(
                    crm_system=crm,
                    erp_system=system,
                    customer_id=customer_id,
                    connection=connection,
                )
                store.links.link(
                    crm_system=crm,
                    account_id=account_id,
                    erp_system=system,
                    customer_id=customer_id,
                    default=ref == default,
                    evidence=f"{account_id} is there again, which was merged into {into}",
                    connection=connection,
                )
                back.append(str(ref))
            self._keep_a_default(into, connection)
            store.audit.append(
                actor="host",
                action=_UNMERGED,
                subject=account_id,
                detail={"from": into, "customers": back},
                connection=connection,
            )
        return True

    def _keep_a_default(self, account_id: str, connection: sa.Connection) -> None:
        """Let new orders of the account that was merged into go somewhere again."""
        links = self._store().links
        left = links.of_account(self._crm.system, account_id, connection=connection)
        if left and not any(each.default for each in left):
            links.link(
                crm_system=left[0].crm_system,
                account_id=account_id,
                erp_system=left[0].erp_system,
                customer_id=left[0].customer_id,
                default=True,
                evidence=left[0].evidence,
                connection=connection,
            )

    def _is_there(self, account_id: str) -> bool:
        """Whether the CRM has it by itself: it may answer with the one that it was merged into."""
        try:
            return self._crm.account(account_id).id == account_id
        except NotFound:
            return False
