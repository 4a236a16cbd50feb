"""New records of which nobody knows whether they were made: a person looks, and says what is there.

The answer to their making was lost, the other system cannot be asked by a key, and it did not show
them in time. Nothing is sent again until somebody who looked has said so.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from crossdock.errors import ConflictChanged, NotFound
from crossdock.host.gateway.permission import Permission
from crossdock.host.store.sync_creations import Creation
from crossdock.host.synchronising.creations import Creations
from crossdock.records import Change, RecordChanged, User

if TYPE_CHECKING:
    from crossdock.host.store import Store
    from crossdock.host.systems import Router
    from crossdock.ports import CrmPort

# How a record is read, by kind, in the CRM and in an ERP.
_READ: Final[Mapping[str, tuple[str, str]]] = {
    "account": ("account", "customer"),
    "contact": ("contact", "contact"),
}


class InQuestion:
    """The new records that wait for a person's word."""

    def __init__(
        self,
        store: Callable[[], Store],
        crm: CrmPort,
        erp: Router,
        *,
        creations: Creations,
        permission: Permission,
        publish: Callable[[sa.Connection, RecordChanged], object],
    ) -> None:
        """Make it.

        Args:
            store: gives where they are kept.
            crm: the CRM.
            erp: the ERPs.
            creations: all new records.
            permission: who may say what is there.
            publish: lets a worker go on with a record.
        """
        self._store = store
        self._crm = crm
        self._erp = erp
        self._creations = creations
        self._permission = permission
        self._publish = publish

    def list(self, *, limit: int = 100) -> tuple[Creation, ...]:
        """List them, the latest first."""
        return self._store().sync_creations.list(states=["possibly_created"], limit=limit)

    def find(self, entity: str, from_system: str, from_id: str, to_system: str) -> Creation:
        """Give one.

        Raises:
            ConflictChanged: there is none, or it is not in question any more.
        """
        found = self._store().sync_creations.find(entity, from_system, from_id, to_system)
        if found is None or found.state != "possibly_created":
            raise ConflictChanged(
                f"{entity} {from_id} of {from_system} is not in question in {to_system}"
            )
        return found

    def objection(self, user: User) -> str:
        """Say why a user may not say what is there; empty where he may."""
        return self._permission.objection(user)

    def decide(
        self, creation: Creation, user: User, *, there: str = "", reason: str = ""
    ) -> Creation:
        """Take a person's word; a worker goes on with it.

        Args:
            creation: which, as it was shown.
            user: who says so.
            there: the record that was found, which is read; empty where there is none, so that one
                is made.
            reason: how that is known, for the audit trail.

        Raises:
            AccessDenied: the user may only look.
            ConflictChanged: it is not in question any more, or what was found is not there, or is
                another one's already.
        """
        self._permission.require(user, f"{creation.entity} {creation.from_id}")
        if there:
            self._check(creation, there)
        return self._creations.decide(
            creation,
            there=there,
            actor=f"user:{user.id}",
            reason=reason,
            along=lambda connection: self._publish(
                connection, RecordChanged(change=self._to_go_on(creation))
            ),
        )

    def _check(self, creation: Creation, there: str) -> None:
        """See that what a person found is there, and is nobody else's."""
        in_crm = creation.to_system == self._crm.system
        port: Any = self._crm if in_crm else self._erp.using(creation.to_system)
        try:
            if creation.entity in _READ:
                record = getattr(port, _READ[creation.entity][0 if in_crm else 1])(there)
            else:
                record = next((e for e in port.price_lists() if e.id == there), None)
        except NotFound:
            record = None
        if record is None or record.id != there:
            raise ConflictChanged(f"{creation.to_system} has no {there}: look at its number again")
        if owner := self._owner(creation, there):
            raise ConflictChanged(f"{there} belongs to {owner} already, so it cannot be this one")

    def _owner(self, creation: Creation, there: str) -> str:
        store = self._store()
        if creation.entity != "account":
            found = store.sync_pairs.of(creation.entity, creation.to_system, there)
            names = {(e.crm_system, e.crm_id) for e in found} | {
                (e.erp_system, e.erp_id) for e in found
            }
            ours = {(creation.to_system, there), (creation.from_system, creation.from_id)}
            return next((number for system, number in sorted(names - ours)), "")
        if creation.to_system == self._crm.system:
            return ""  # an account may be several customers
        link = store.links.of_customer(creation.to_system, there)
        return "" if link is None or link.account_id == creation.from_id else link.account_id

    def _to_go_on(self, creation: Creation) -> Change:
        """Give the change by which a worker looks at the record again."""
        entity = creation.entity
        if entity == "account" and creation.from_system != self._crm.system:
            entity = "trading_account"
        return Change(
            cursor="",  # it was not read from a feed
            system=creation.from_system,
            entity=entity,
            id=creation.from_id,
            action="updated",
            at=self._store().clock(),
            version=f"said-{uuid.uuid4().hex}",
        )
