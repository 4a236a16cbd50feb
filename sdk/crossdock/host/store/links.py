"""Which CRM account is which ERP customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from attrs import frozen

from crossdock.errors import LinkConflict
from crossdock.host.store.schema import links
from crossdock.host.store.schema_sync import sync_conflicts as conflicts

if TYPE_CHECKING:
    from crossdock.host.store.store import Store


@frozen(kw_only=True)
class Link:
    """One cross-reference between a CRM account and an ERP customer.

    Attributes:
        crm_system: the configured name of the CRM.
        account_id: the CRM's id of the account.
        erp_system: the configured name of the ERP.
        customer_id: the ERP's number of the customer (the trading account).
        default: whether new orders of the account go here; at most one per account.
        evidence: how it came to be known, in words.
        customer_name, currency: the customer's, as it was last read.
        facts: by what the customer can be known again, as it was last read; JSON, or empty.
        lost: which side is not there any more: `customer`, `account`, or empty.
    """

    crm_system: str
    account_id: str
    erp_system: str
    customer_id: str
    default: bool = False
    evidence: str = ""
    customer_name: str = ""
    currency: str = ""
    facts: str = ""
    lost: str = ""

    @property
    def ref(self) -> str:
        """`system:customer`, unique over all configured ERPs."""
        return f"{self.erp_system}:{self.customer_id}"


class Links:
    """The cross-reference table.

    An ERP customer belongs to one account at most; an account may have many customers, in several
    ERPs.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def link(
        self,
        *,
        crm_system: str,
        account_id: str,
        erp_system: str,
        customer_id: str,
        default: bool = False,
        evidence: str = "",
        connection: sa.Connection | None = None,
    ) -> Link:
        """Link an account to a customer, or change the link's default flag and its evidence.

        A link that is to be the default takes the flag from the one that had it.

        Raises:
            LinkConflict: the customer belongs to another account already.
        """
        account = _account(crm_system, account_id)
        with self._store.writing(connection) as writing:
            known = writing.execute(
                sa.select(links).where(_customer(crm_system, erp_system, customer_id))
            ).one_or_none()
            if known is not None and known.account_id != account_id:
                raise LinkConflict(
                    f"customer {erp_system}:{customer_id} belongs to account {known.account_id} "
                    f"already ({known.evidence or 'no evidence was kept'}); it cannot belong to "
                    f"{account_id} too: unlink it there first"
                )
            now = self._store.clock()
            if default:
                writing.execute(
                    sa.update(links)
                    .where(account, links.c.is_default)
                    .values(is_default=False, modified_at=now)
                )
            values = {
                "is_default": default,
                "evidence": evidence,
                "lost": "",
                "modified_at": now,
            }
            if known is not None:
                writing.execute(sa.update(links).where(links.c.id == known.id).values(values))
            else:
                writing.execute(
                    sa.insert(links).values(
                        crm_system=crm_system,
                        account_id=account_id,
                        erp_system=erp_system,
                        customer_id=customer_id,
                        created_at=now,
                        **values,
                    )
                )
        return Link(
            crm_system=crm_system,
            account_id=account_id,
            erp_system=erp_system,
            customer_id=customer_id,
            default=default,
            evidence=evidence,
        )

    def unlink(
        self,
        *,
        crm_system: str,
        erp_system: str,
        customer_id: str,
        connection: sa.Connection | None = None,
    ) -> bool:
        """Take a customer from its account; says whether it had one."""
        with self._store.writing(connection) as writing:
            gone = writing.execute(
                sa.delete(links).where(_customer(crm_system, erp_system, customer_id))
            )
            self._settle(
                writing, conflicts.c.erp_system == erp_system, conflicts.c.erp_id == customer_id
            )
        return gone.rowcount > 0

    def move(
        self,
        crm_system: str,
        old_account_id: str,
        new_account_id: str,
        *,
        connection: sa.Connection | None = None,
    ) -> int:
        """Give all customers of an account to another: it was merged or made anew.

        The default of the account that goes on wins over that of the one that goes away.

        Returns:
            How many links were moved.
        """
        with self._store.writing(connection) as writing:
            goes_on = _account(crm_system, new_account_id)
            values: dict[str, object] = {
                "account_id": new_account_id,
                "modified_at": self._store.clock(),
                # The account that goes on is there; whether the customer is does not change.
                "lost": sa.case((links.c.lost == "account", ""), else_=links.c.lost),
            }
            if writing.scalar(
                sa.select(sa.func.count()).select_from(links).where(goes_on, links.c.is_default)
            ):
                values["is_default"] = False
            moved = writing.execute(
                sa.update(links).where(_account(crm_system, old_account_id)).values(values)
            )
            if moved.rowcount:
                self._settle(
                    writing,
                    conflicts.c.crm_system == crm_system,
                    conflicts.c.crm_id == old_account_id,
                    conflicts.c.erp_id != "",
                )
        return moved.rowcount

    def rename(
        self,
        link: Link,
        customer_id: str,
        *,
        evidence: str,
        connection: sa.Connection | None = None,
    ) -> None:
        """Let a link lead to another customer of the same ERP: it has got another number.

        Raises:
            LinkConflict: that customer belongs to an account already.
        """
        with self._store.writing(connection) as writing:
            taken = writing.execute(
                sa.select(links).where(_customer(link.crm_system, link.erp_system, customer_id))
            ).one_or_none()
            if taken is not None:
                raise LinkConflict(
                    f"customer {link.erp_system}:{customer_id} belongs to account "
                    f"{taken.account_id} already"
                )
            writing.execute(
                sa.update(links)
                .where(_customer(link.crm_system, link.erp_system, link.customer_id))
                .values(
                    customer_id=customer_id,
                    evidence=evidence,
                    lost="",
                    modified_at=self._store.clock(),
                )
            )
            self._settle(
                writing,
                conflicts.c.erp_system == link.erp_system,
                conflicts.c.erp_id == link.customer_id,
            )

    def _settle(self, connection: sa.Connection, *of: sa.ColumnElement[bool]) -> None:
        """Close what waited for a person of an account and a customer that are no pair any more."""
        connection.execute(
            sa.update(conflicts)
            .where(conflicts.c.entity == "account", conflicts.c.state.in_(("open", "decided")), *of)
            .values(state="over", closed_at=self._store.clock())
        )

    def remember(
        self, link: Link, values: Mapping[str, str], *, connection: sa.Connection | None = None
    ) -> None:
        """Keep what was read of a customer, or which side of a link is lost.

        Args:
            link: as it is now; nothing is written where it says the same already.
            connection: of a transaction that this becomes a part of.
            values: of `customer_name`, `currency`, `facts` and `lost`.
        """
        if all(getattr(link, name) == value for name, value in values.items()):
            return
        with self._store.writing(connection) as writing:
            writing.execute(
                sa.update(links)
                .where(_customer(link.crm_system, link.erp_system, link.customer_id))
                .values(modified_at=self._store.clock(), **values)
            )

    def of_account(
        self, crm_system: str, account_id: str, *, connection: sa.Connection | None = None
    ) -> tuple[Link, ...]:
        """List the links of an account, the default first, then by system and customer."""
        statement = (
            sa.select(links)
            .where(_account(crm_system, account_id))
            .order_by(links.c.is_default.desc(), links.c.erp_system, links.c.customer_id)
        )
        if connection is not None:
            return tuple(map(link_of, connection.execute(statement)))
        with self._store.reading() as fresh:
            return tuple(map(link_of, fresh.execute(statement)))

    def of_crm(self, crm_system: str) -> tuple[Link, ...]:
        """List every link of a CRM."""
        with self._store.reading() as connection:
            found = connection.execute(sa.select(links).where(links.c.crm_system == crm_system))
            return tuple(map(link_of, found))

    def of_customer(
        self, erp_system: str, customer_id: str, *, connection: sa.Connection | None = None
    ) -> Link | None:
        """Give the link of a customer, or `None` where no account is known."""
        statement = sa.select(links).where(
            links.c.erp_system == erp_system, links.c.customer_id == customer_id
        )
        if connection is not None:
            row = connection.execute(statement).first()
        else:
            with self._store.reading() as fresh:
                row = fresh.execute(statement).first()
        return None if row is None else link_of(row)


def _account(crm_system: str, account_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(links.c.crm_system == crm_system, links.c.account_id == account_id)


def _customer(crm_system: str, erp_system: str, customer_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        links.c.crm_system == crm_system,
        links.c.erp_system == erp_system,
        links.c.customer_id == customer_id,
    )


def link_of(row: sa.Row[*tuple[Any, ...]]) -> Link:
    """Read a link out of its row."""
    return Link(
        crm_system=row.crm_system,
        account_id=row.account_id,
        erp_system=row.erp_system,
        customer_id=row.customer_id,
        default=row.is_default,
        evidence=row.evidence,
        customer_name=row.customer_name,
        currency=row.currency,
        facts=row.facts,
        lost=row.lost,
    )
