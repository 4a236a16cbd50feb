"""The initial load: read, match, write, reconcile; streaming, and gone on with after any crash."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from crossdock.connectors.calling import calling_as
from crossdock.errors import ConfigError, CrossdockError, RemoteError, SetupError
from crossdock.host.deliveries.locks import locks_of
from crossdock.host.initial_load.deciding import Deciding
from crossdock.host.initial_load.pace import Pace
from crossdock.host.initial_load.people import People
from crossdock.host.initial_load.progress import Progress, Step
from crossdock.host.initial_load.reading import Tell, read_side
from crossdock.host.initial_load.reconciling import reconcile
from crossdock.host.initial_load.report import LoadReport, SideReport, judged
from crossdock.host.initial_load.rows import PEOPLE, SIDES, LoadRows, LoadState, Side
from crossdock.host.initial_load.writing import Writing

if TYPE_CHECKING:
    from crossdock.host.store import Store
    from crossdock.host.synchronising.port import HostSync
    from crossdock.host.systems import Router
    from crossdock.ports import CrmPort
    from crossdock.rules.ownership import OwnershipPolicy

_PHASES: Final = ("reading", "matching", "writing", "writing contacts", "reconciling", "over")
_WHAT: Final[Mapping[Side, str]] = {
    "erp": "customers",
    "crm": "accounts",
    "erp_contacts": "contacts",
    "crm_contacts": "contacts",
}


def _nobody(_step: Step) -> None:
    """Nobody waits for it in a terminal."""


class InitialLoad:
    """Brings all accounts of the CRM and all customers of one ERP together."""

    def __init__(
        self,
        store: Store,
        crm: CrmPort,
        erp: Router,
        sync: HostSync,
        policy: Callable[[], OwnershipPolicy],
        *,
        limits: Mapping[str, Mapping[str, Any]],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make it.

        Args:
            store: where its rows are.
            crm: the CRM.
            erp: the ERPs.
            sync: what was agreed on; of the host.
            policy: gives the policy that decides.
            limits: the quota of each remote system, as configured.
            sleep: waits for a quota.
        """
        self._store = store
        self._crm = crm
        self._erp = erp
        self._sync = sync
        self._policy = policy
        self._limits = limits
        self._sleep = sleep
        self.rows: Final = LoadRows(store)

    def run(self, system: str = "", *, anew: bool = False, tell: Tell = _nobody) -> LoadReport:
        """Begin a load, or go on with the one that was stopped.

        Args:
            system: the ERP; the first one by default.
            anew: begin from the beginning, whatever was done before.
            tell: told how far it is.

        Raises:
            ConfigError: there is no such ERP, or no policy that says who owns what.
            SetupError: another process is at it.
        """
        system = self._named(system)
        policy = self._policy()  # before anything is read: without one, nothing can be done
        if policy.of("account") is None:
            raise ConfigError("the ownership policy says nothing of accounts; nothing to load")
        began = time.monotonic()
        pace = Pace(self._store, self._limits, (self._crm.system, system), sleep=self._sleep)
        with closing(locks_of(self._store)) as locks:
            lock = locks.acquire(f"initial-load-{system}")
            if lock is None:
                raise SetupError(
                    f"another process is loading {system}; crossdock sync status shows it"
                )
            try:
                load = self._begun(system, anew=anew)
                trouble = self._work(load, policy, pace, tell)
            finally:
                lock.release()
        return self.report(
            self.rows.get(load.id),
            calls=pace.calls,
            seconds=time.monotonic() - began,
            trouble=trouble,
        )

    def latest(self, system: str = "") -> LoadReport | None:
        """Give how far the last load is; `None` where there was none."""
        load = self.rows.latest(self._named(system) if system else "")
        return None if load is None else self.report(load, trouble=load.sentence)

    def report(
        self,
        load: LoadState,
        *,
        calls: Mapping[str, int] | None = None,
        seconds: float = 0.0,
        trouble: str = "",
    ) -> LoadReport:
        """Count what a load came to."""
        sides = self._sides(load)
        systems = {side: _system(load, side) for side in _WHAT}
        findings = load.findings
        return LoadReport(
            number=load.id,
            state=load.state,
            sides=sides,
            reasons=tuple(
                (systems[side], outcome, reason, count)
                for side, outcome, reason, count in self.rows.reasons(load.id)
            ),
            checked=findings.get("checked", 0),
            differing=tuple(findings.get("differing", ())),
            checksums={
                name: (pair[0], pair[1]) for name, pair in findings.get("checksums", {}).items()
            },
            calls=calls or {},
            seconds=seconds,
            trouble=trouble,
        )

    def _sides(self, load: LoadState) -> tuple[SideReport, ...]:
        """Count both lists, and those of contacts where there are any."""
        people = (self._side(load, side) for side in PEOPLE)
        return (
            *(self._side(load, side) for side in SIDES),
            *(each for each in people if each.read),
        )

    def _side(self, load: LoadState, side: Side) -> SideReport:
        outcomes = self.rows.count(load.id, side)
        return SideReport(
            system=_system(load, side),
            what=_WHAT[side],
            read=sum(outcomes.values()),
            outcomes=outcomes,
        )

    def _named(self, system: str) -> str:
        if system and system not in self._erp.systems:
            known = ", ".join(self._erp.systems)
            raise ConfigError(f"there is no ERP called {system}; there are: {known}")
        return system or self._erp.systems[0]

    def _begun(self, system: str, *, anew: bool) -> LoadState:
        load = self.rows.latest(system)
        if anew or load is None or load.state in ("done", "failed"):
            load = self.rows.begin(self._crm.system, system)
        self.rows.change(load.id, state="running", sentence="", runs=load.runs + 1)
        return self.rows.get(load.id)

    def _work(self, load: LoadState, policy: OwnershipPolicy, pace: Pace, tell: Tell) -> str:
        """Do what is left of a load; gives why it is no success, or nothing."""
        try:
            with calling_as("crossdock-initial-load"):
                self._phases(load, policy, pace, tell)
        except CrossdockError as error:
            # What was done is kept. Whoever set something right goes on from here.
            where = f" ({error.system})" if isinstance(error, RemoteError) and error.system else ""
            phase = self.rows.get(load.id).phase
            sentence = f"It stopped while {phase}{where}: {error}"
            self.rows.change(load.id, state="stopped", sentence=sentence)
            return sentence
        sides = self._sides(load)
        findings = self.rows.get(load.id).findings
        trouble = judged(sides) or _differences(findings)
        self.rows.change(
            load.id, state="failed" if trouble else "done", phase="over", sentence=trouble
        )
        self.rows.forget_bodies(load.id)
        return trouble

    def _phases(self, load: LoadState, policy: OwnershipPolicy, pace: Pace, tell: Tell) -> None:
        at = _PHASES.index(load.phase)
        if at <= 0:
            for side in SIDES:
                now = self.rows.get(load.id)
                read_side(self.rows, now, side, self._crm, self._erp, pace, tell)
            self.rows.change(load.id, phase="matching")
        if at <= 1:
            total = sum(self.rows.count(load.id, "erp").values())
            done = total - self.rows.count(load.id, "erp", by="decision")[""]
            progress = Progress(tell, "comparing", done=done, total=total)
            Deciding(self._store, self.rows).decide(load, progress)
            self.rows.change(load.id, phase="writing")
        writing = Writing(
            self._store, self.rows, self._crm, self._erp, self._sync, policy, pace, load
        )
        if at <= 2:
            counts = [self.rows.count(load.id, side) for side in SIDES]
            total = sum(sum(each.values()) for each in counts)
            done = total - sum(each[""] for each in counts)
            writing.write(Progress(tell, "writing", done=done, total=total))
            self.rows.change(load.id, phase="writing contacts")
        if at <= 3:
            people = People(self.rows, self._crm, self._erp, self._sync, policy, pace, load)
            people.bring(tell)
            self.rows.change(load.id, phase="reconciling")
        found = reconcile(self._store, load, self._crm, self._erp, writing, pace, tell)
        self.rows.change(load.id, findings=found)


def _system(load: LoadState, side: Side) -> str:
    return load.erp_system if side in ("erp", "erp_contacts") else load.crm_system


def _differences(findings: Mapping[str, Any]) -> str:
    missing: int = findings.get("missing", 0)
    if not missing:
        return ""
    return f"{missing:,} records that were written are not there when they are read again."
