"""Records kept the same, in the hands of people: the policy in force, conflicts, decisions."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import sqlalchemy as sa

from crossdock.errors import AccessDenied, ConfigError, ConflictChanged, ValueRefused
from crossdock.host.gateway import Refusals, RightsByRole
from crossdock.host.gateway.permission import Permission
from crossdock.host.synchronising.creations import Creations
from crossdock.host.synchronising.in_question import InQuestion
from crossdock.host.synchronising.policy_file import read_policy
from crossdock.host.synchronising.port import HostSync
from crossdock.records import Change, RecordChanged, SyncConflict, User
from crossdock.rules.ownership import RECORD, OwnershipPolicy, unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossdock.host.linking.before_creating import BeforeCreating
    from crossdock.host.store import Store
    from crossdock.host.systems import Router
    from crossdock.ports import CrmPort

RIGHT: Final = "sync:write"
"""The right of a role to decide conflicts of account synchronisation."""

Publish = Callable[[sa.Connection, RecordChanged], object]


class Synchronising:
    """What the host knows of account synchronisation.

    Attributes:
        port: what plugins get as `ctx.sync`, not behind the gateway.
        creations: new records on their way into the other system.
        in_question: those of which a person has to say whether they were made.
    """

    def __init__(
        self,
        store: Callable[[], Store],
        crm: CrmPort,
        erp: Router,
        *,
        before_creating: BeforeCreating,
        rights: RightsByRole,
        refusals: Refusals,
        creations: Creations,
        policy_file: Callable[[], Path | None],
    ) -> None:
        """Make it.

        Args:
            store: gives where all of it is kept.
            crm: the CRM.
            erp: the ERPs.
            before_creating: looks whether a record is there already.
            rights: who may decide.
            refusals: writes down who tried to and may not.
            creations: makes new records once.
            policy_file: gives the file of the policy in force; `None` where there is none.
        """
        self._store = store
        self._crm = crm
        self._permission = Permission(
            RIGHT, "account synchronisation", rights=rights, refusals=refusals
        )
        self._policy_file = policy_file
        self._policy: tuple[tuple[Path, int], OwnershipPolicy] | None = None
        self.publish: Publish = _nobody
        self.creations: Final = creations
        self.in_question: Final = InQuestion(
            store,
            crm,
            erp,
            creations=creations,
            permission=self._permission,
            publish=lambda connection, event: self.publish(connection, event),
        )
        self.port: Final = HostSync(
            store,
            crm,
            erp,
            creations=creations,
            before_creating=before_creating,
            policy=self._document,
        )

    @property
    def policy(self) -> OwnershipPolicy:
        """The policy in force; read anew when its file was written.

        Raises:
            ConfigError: there is none, or it cannot be used.
        """
        path = self._policy_file()
        if path is None:
            raise ConfigError(
                "no ownership policy is in force: enable the plugin account-sync, which ships one, "
                "or name a file with [sync] policy in crossdock.toml"
            )
        try:
            mark = (path, path.stat().st_mtime_ns)
        except OSError:
            mark = (path, 0)  # reading it says what is wrong
        if self._policy is None or self._policy[0] != mark:
            self._policy = (mark, read_policy(path))
        return self._policy[1]

    def _document(self) -> Mapping[str, Any]:
        return self.policy.document

    @property
    def follows_merges(self) -> bool:
        """Whether links follow a merge of accounts; by the policy it may be for a person."""
        accounts = self.policy.of("account") if self._policy_file() is not None else None
        return accounts is None or accounts.merged == "follow"

    # Conflicts.

    def conflict(self, number: int) -> SyncConflict:
        """Read one.

        Raises:
            ConflictChanged: there is none of that number.
        """
        found = self._store().sync_conflicts.get(number)
        if found is None:
            raise ConflictChanged(f"there is no conflict {number}")
        return found

    def objection(self, conflict: SyncConflict, user: User) -> str:
        """Say why a user may not decide on a conflict; empty where he may."""
        if not conflict.roles:
            return self._permission.objection(user)
        if set(conflict.roles) & set(user.roles):
            return ""
        return f"{user.name} may only look: the policy leaves {conflict.field} to the role " + (
            " or ".join(conflict.roles)
        )

    def decide(
        self,
        number: int,
        take: Literal["crm", "erp", "value"],
        user: User,
        *,
        value: str = "",
        comment: str = "",
        seen: tuple[str | None, str | None] | None = None,
    ) -> SyncConflict:
        """Take a person's word on a conflict; a worker carries it out.

        Args:
            number: which conflict.
            take: whose value is right, or `value` for a third one.
            user: who decides.
            value: the third one.
            comment: why, for the audit trail.
            seen: both values as the person saw them; a word on others does not count.

        Raises:
            AccessDenied: the user may only look.
            ConflictChanged: it is settled, or stands between other values by now, or this cannot
                be decided so.
            ValueRefused: the third value cannot stand in the field.
        """
        conflict = self.conflict(number)
        if why_not := self.objection(conflict, user):
            if not conflict.roles:
                self._permission.require(user, f"conflict {number}")
            raise AccessDenied(why_not, scope=RIGHT)
        if conflict.state not in ("open", "decided"):
            raise ConflictChanged(f"conflict {number} is settled by now")
        if seen is not None and seen != (conflict.crm_value, conflict.erp_value):
            raise ConflictChanged(
                f"conflict {number} stands between other values by now; look at it again"
            )
        if conflict.field == RECORD and take == "value":
            raise ConflictChanged("say whether the record that is left is kept or put out of use")
        if conflict.refused and take != "value":
            raise ConflictChanged(
                f"{conflict.field} is refused as it is ({conflict.reason}); give another value"
            )
        if take == "value" and (why_not := unreadable(conflict.field, value)):
            raise ValueRefused(why_not)
        actor = f"user:{user.id}"
        with self._store().writing() as connection:
            decided = self._store().sync_conflicts.decide(
                number,
                {"take": take, "value": value, "decided_by": actor, "comment": comment},
                connection,
            )
            if decided is None:
                raise ConflictChanged(f"conflict {number} is settled by now")
            self._store().audit.append(
                actor=actor,
                action="sync.conflict_decided",
                subject=conflict.crm_id or conflict.erp_id,
                detail={
                    "conflict": number,
                    "field": conflict.field,
                    "take": take,
                    "crm": conflict.crm_value,
                    "erp": conflict.erp_value,
                    **({"value": value} if take == "value" else {}),
                    **({"comment": comment} if comment else {}),
                },
                connection=connection,
            )
            self.publish(connection, RecordChanged(change=self._to_go_on(decided)))
        return decided

    def _to_go_on(self, conflict: SyncConflict) -> Change:
        """Give the change by which a worker looks at the pair again."""
        at = conflict.decided_at or self._store().clock()
        in_crm = conflict.crm_value is not None or not conflict.erp_id
        entity = conflict.entity
        if not in_crm and entity == "account":
            entity = "trading_account"
        return Change(
            cursor="",  # it was not read from a feed
            system=conflict.crm_system if in_crm else conflict.erp_system,
            entity=entity,
            id=conflict.crm_id if in_crm else conflict.erp_id,
            action="updated",
            at=at,
            version=f"decided-{conflict.number}-{uuid.uuid4().hex}",
        )


def _nobody(_connection: sa.Connection, _event: RecordChanged) -> None:
    """Publish nothing: nobody listens yet."""
