"""The people at accounts that are in both systems: read, brought in line, made once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from crossdock.host.initial_load.came_to import CameTo, made_before, tried
from crossdock.host.initial_load.deciding import record_of
from crossdock.host.initial_load.pace import Pace
from crossdock.host.initial_load.progress import Progress
from crossdock.host.initial_load.reading import Tell, read_list
from crossdock.host.initial_load.rows import PEOPLE, LoadRows, LoadState, Row, Side
from crossdock.records import Contact, SyncPair
from crossdock.synchronising.contacts import Contacts, SettledContact
from crossdock.synchronising.keeping import kept_by

if TYPE_CHECKING:
    from crossdock.host.synchronising.port import HostSync
    from crossdock.host.systems import Router
    from crossdock.ports import CrmPort
    from crossdock.rules.ownership import OwnershipPolicy

_AT_ONCE: Final = 20


class People:
    """Brings the contacts of all accounts in line; whoever is in one system only is made."""

    def __init__(
        self,
        rows: LoadRows,
        crm: CrmPort,
        erp: Router,
        sync: HostSync,
        policy: OwnershipPolicy,
        pace: Pace,
        load: LoadState,
    ) -> None:
        self._rows = rows
        self._crm = crm
        self._erp = erp.using(load.erp_system)
        self._sync = sync
        self._pace = pace
        self._load = load
        entity = policy.of("contact")
        router: Any = erp
        self._contacts: Final = None if entity is None else Contacts(entity, crm, router, sync)

    def bring(self, tell: Tell) -> None:
        """Read both lists of contacts and do all that has no outcome yet.

        Nothing is done where the policy says nothing of contacts, or one system keeps none.

        Raises:
            CrossdockError: it cannot go on; what was done is kept.
        """
        kept = kept_by(self._crm, "contact") and kept_by(self._erp, "contact")
        if self._contacts is None or not kept:
            return
        ports: tuple[Any, ...] = (self._erp, self._crm)
        for side, port in zip(PEOPLE, ports, strict=True):
            now = self._rows.get(self._load.id)
            what = f"contacts of {port.system}"
            read_list(self._rows, now, side, port.all_contacts, what, self._pace, tell)
        counts = [self._rows.count(self._load.id, side) for side in PEOPLE]
        total = sum(sum(each.values()) for each in counts)
        done = total - sum(each[""] for each in counts)
        progress = Progress(tell, "writing contacts", done=done, total=total)
        for side in PEOPLE:
            while piece := self._rows.open(self._load.id, side, _AT_ONCE):
                for row in piece:
                    self._one(row)
                    progress.more()

    def _one(self, row: Row) -> None:
        contact: Contact = record_of(row)
        if not row.begun:
            self._rows.note(self._load.id, [(row.side, row.record_id, {"begun": True})])
        settled: list[SettledContact] = []

        def work() -> CameTo:
            with self._pace.turn():
                settled.append(self._settled(row, contact))
            found = settled[0]
            stuck = found.plan.conflicts or found.plan.refused
            why = "; ".join(f"{each.field}: {each.reason}" for each in stuck) or found.text
            return CameTo(found.outcome, why)

        came_to = tried(work)
        outcome = came_to.outcome
        if row.begun and not self._met_before(row):
            outcome = made_before(outcome)
        values = {"outcome": outcome, "reason": came_to.reason}
        noted: list[tuple[Side, str, Mapping[str, Any]]] = [(row.side, row.record_id, values)]
        if settled and outcome != "created":
            # Both records of a pair come to the same.
            crm, erp = settled[0].crm, settled[0].erp
            other = crm if row.side == "erp_contacts" else erp
            side: Side = "crm_contacts" if row.side == "erp_contacts" else "erp_contacts"
            if other is not None:
                noted.append((side, other.id, values))
        self._rows.note(self._load.id, noted)

    def _settled(self, row: Row, contact: Contact) -> SettledContact:
        assert self._contacts is not None
        account = self._account(row.side, contact.account_id)
        if row.side == "erp_contacts":
            return self._contacts.in_erp(contact, account)
        return self._contacts.in_crm(contact, account)

    def _account(self, side: Side, record_id: str) -> SyncPair | None:
        system = self._load.erp_system if side == "erp_contacts" else self._load.crm_system
        found = self._sync.pairs("account", system, record_id)
        return next((each for each in found if each.default and not each.lost), None)

    def _met_before(self, row: Row) -> bool:
        """Whether the contact that it is paired with was read as well, so it was not made."""
        mine = row.side == "erp_contacts"
        system = self._load.erp_system if mine else self._load.crm_system
        for pair in self._sync.pairs("contact", system, row.record_id):
            other = self._rows.row(
                self._load.id,
                "crm_contacts" if mine else "erp_contacts",
                pair.crm_id if mine else pair.erp_id,
            )
            if other is not None:
                return True
        return False
