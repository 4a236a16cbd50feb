"""Which customer is an account's, in the hands of people: confirmed, rejected, undone.

Programs propose; a person with the right `links:write` decides. Desk, side-car and command go
through here, so that the same right counts in all of them, and each decision is a line of the audit
trail that names who made it and on what evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from attrs import evolve

from crossdock.errors import ConfigError, LinkConflict
from crossdock.host.gateway import Refusals, RightsByRole
from crossdock.host.gateway.permission import Permission
from crossdock.host.linking.before_creating import BeforeCreating
from crossdock.host.linking.facts import as_read
from crossdock.host.linking.following import Following, proposal_of
from crossdock.host.linking.proposing import Proposing
from crossdock.host.linking.reading import LinkedCustomers
from crossdock.host.linking.replacing import Replacing
from crossdock.host.linking.suggesting import Suggesting
from crossdock.host.store.links import Link
from crossdock.host.store.proposals import Proposal
from crossdock.host.systems import Router
from crossdock.ports import CrmPort
from crossdock.records import User
from crossdock.rules.matching.comparing import Match, compare

if TYPE_CHECKING:
    from crossdock.host.store import Store

RIGHT: Final = "links:write"
"""The right of a role to say which customer is an account's."""

_WHERE: Final = "trading accounts"


class Linking:
    """Trading accounts and who decides on them.

    Each deciding method raises `AccessDenied` where the user's roles do not have the right, which
    the audit trail keeps.

    Attributes:
        linked: the customers behind accounts.
        following: what becomes of links when either side changes.
        suggesting: what may be linked to one account.
        proposing: what may be linked at all.
        before_creating: whether a record is there already, before another is made.
    """

    def __init__(
        self,
        store: Callable[[], Store],
        crm: CrmPort,
        erp: Router,
        *,
        rights: RightsByRole,
        refusals: Refusals,
    ) -> None:
        self._store = store
        self._crm = crm
        self._erp = erp
        self._permission = Permission(RIGHT, _WHERE, rights=rights, refusals=refusals)
        self._replacing = Replacing(store, crm)
        self.linked: Final = LinkedCustomers(store, crm, erp)
        self.following: Final = Following(store, crm, erp, self.linked)
        self.suggesting: Final = Suggesting(store, crm, erp, self.linked)
        self.before_creating: Final = BeforeCreating(store, crm, erp)
        self.proposing: Final = Proposing(store, crm, erp, self.linked, self.following)

    def objection(self, user: User) -> str:
        """Say why a user may only look, and who may do more; empty where he may."""
        return self._permission.objection(user)

    def link(
        self, account_id: str, ref: str, user: User, *, default: bool = False, comment: str = ""
    ) -> Link:
        """Confirm that a customer is an account's.

        The first customer of an account becomes its default. What was proposed to be replaced is
        replaced: a customer that is gone, or the account that is gone, by this one.

        Args:
            account_id: the CRM's id.
            ref: `system:customer`.
            user: who says so.
            default: whether new orders go there from now on.
            comment: why, for the audit trail.

        Raises:
            AccessDenied: the user may only look.
            NotFound: there is no such account or customer.
            LinkConflict: the customer belongs to another account that is there.
        """
        self._permission.require(user, f"link {account_id} {ref}")
        system, customer_id = self._parts(ref)
        account = self._crm.account(account_id)
        customer = self._erp.using(system).customer(customer_id)
        match = compare(account, customer)
        store, crm = self._store(), self._crm.system
        asked = store.proposals.get(crm, account_id, system, customer_id)
        replaced = self._replacing.replaced_by(account, customer, asked)
        with store.writing() as connection:
            if replaced is not None:
                self._replacing.drop(replaced, connection)
            takes_default = default or (replaced is not None and replaced.default)
            mine = store.links.of_account(crm, account_id, connection=connection)
            known = next((link for link in mine if link.ref == ref), None)
            first = not any(link.default for link in mine)
            made = store.links.link(
                crm_system=crm,
                account_id=account_id,
                erp_system=system,
                customer_id=customer_id,
                default=takes_default or first or (known is not None and known.default),
                evidence=_evidence(match, user, comment),
                connection=connection,
            )
            store.links.remember(made, as_read(customer), connection=connection)
            store.proposals.settle(crm, system, customer_id, connection)
            store.proposals.decide(
                asked or proposal_of(crm, account, customer, match),
                "confirmed",
                actor=_name(user),
                comment=comment,
                connection=connection,
            )
            self._write_down(
                "link.confirmed",
                user,
                made,
                connection,
                score=match.score,
                reasons=[each.text for each in match.reasons],
                default=made.default,
                **({"comment": comment} if comment else {}),
            )
        return made

    def reject(self, account_id: str, ref: str, user: User, *, comment: str = "") -> Proposal:
        """Say that a customer is not an account's; it is not proposed again.

        Raises:
            AccessDenied: the user may only look.
            NotFound: there is no such account or customer.
            LinkConflict: they are linked; `unlink` undoes that.
        """
        self._permission.require(user, f"reject {account_id} {ref}")
        system, customer_id = self._parts(ref)
        store, crm = self._store(), self._crm.system
        taken = store.links.of_customer(system, customer_id)
        if taken is not None and taken.account_id == account_id:
            raise LinkConflict(f"{ref} is linked to {account_id}: unlink it instead")
        asked = store.proposals.get(crm, account_id, system, customer_id)
        if asked is None:
            account = self._crm.account(account_id)
            customer = self._erp.using(system).customer(customer_id)
            asked = proposal_of(crm, account, customer, compare(account, customer))
        return self._rejected(asked, "link.rejected", user, comment)

    def unlink(self, account_id: str, ref: str, user: User, *, comment: str) -> None:
        """Take a customer from an account; it is not linked or proposed again by itself.

        Where it was the default, the first of those that are left becomes it.

        Raises:
            AccessDenied: the user may only look.
            LinkConflict: they are not linked.
        """
        self._permission.require(user, f"unlink {account_id} {ref}")
        link = self._of(account_id, ref)
        store = self._store()
        with store.writing() as connection:
            self._replacing.drop(link, connection)
            left = store.links.of_account(link.crm_system, account_id, connection=connection)
            heir = next((each for each in left if not each.lost), None) if link.default else None
            if heir is not None:
                self._replacing.put_default(heir, connection)
            removed = Proposal(
                crm_system=link.crm_system,
                account_id=account_id,
                account_name="",
                erp_system=link.erp_system,
                customer_id=link.customer_id,
                customer_name=link.customer_name,
                score=0,
            )
            store.proposals.decide(
                removed, "rejected", actor=_name(user), comment=comment, connection=connection
            )
            self._write_down(
                "link.removed",
                user,
                link,
                connection,
                comment=comment,
                evidence=link.evidence,
                **({"default": heir.ref} if heir else {}),
            )

    def set_default(self, account_id: str, ref: str, user: User) -> Link:
        """Let new orders of an account go to one of its customers.

        Raises:
            AccessDenied: the user may only look.
            LinkConflict: they are not linked, or the ERP has no such customer any more.
        """
        self._permission.require(user, f"set default {account_id} {ref}")
        link = self._of(account_id, ref)
        if link.lost:
            raise LinkConflict(f"{ref} is not there any more, so no order can go to it")
        with self._store().writing() as connection:
            self._replacing.put_default(link, connection)
            self._write_down("link.default", user, link, connection)
        return evolve(link, default=True)

    def _rejected(self, asked: Proposal, action: str, user: User, comment: str) -> Proposal:
        store = self._store()
        with store.writing() as connection:
            decided = store.proposals.decide(
                asked, "rejected", actor=_name(user), comment=comment, connection=connection
            )
            detail = {"account": asked.account_id, "score": asked.score}
            store.audit.append(
                actor=_name(user),
                action=action,
                subject=asked.ref,
                detail={**detail, **({"comment": comment} if comment else {})},
                connection=connection,
            )
        return decided

    def _write_down(
        self, action: str, user: User, link: Link, connection: sa.Connection, **detail: Any
    ) -> None:
        self._store().audit.append(
            actor=_name(user),
            action=action,
            subject=link.ref,
            detail={"account": link.account_id, **detail},
            connection=connection,
        )

    def _of(self, account_id: str, ref: str) -> Link:
        links = self._store().links.of_account(self._crm.system, account_id)
        link = next((each for each in links if each.ref == ref), None)
        if link is None:
            raise LinkConflict(f"{account_id} is not linked to {ref}")
        return link

    def _parts(self, ref: str) -> tuple[str, str]:
        system, _, customer_id = ref.partition(":")
        if not customer_id or system not in self._erp.systems:
            known = ", ".join(self._erp.systems)
            raise ConfigError(
                f"write a customer as ERP:number, such as {self._erp.systems[0]}:C-10001, "
                f"not {ref!r}; there are the ERPs {known}"
            )
        return system, customer_id


def _name(user: User) -> str:
    return f"user:{user.id}"


def _evidence(match: Match, user: User, comment: str) -> str:
    because = ", ".join(each.text for each in match.reasons if each.points > 0)
    parts = [f"confirmed by {user.name}", because, comment]
    return ": ".join(part for part in parts[:2] if part) + (f" ({comment})" if comment else "")
