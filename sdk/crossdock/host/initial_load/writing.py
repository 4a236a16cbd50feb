"""Each pair brought in line by the policy, each record that is missing made once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from crossdock.errors import ConfigError
from crossdock.host.initial_load.came_to import CameTo, made_before, tried
from crossdock.host.initial_load.deciding import record_of
from crossdock.host.initial_load.ledger import Joined, Ledger
from crossdock.host.initial_load.pace import Pace
from crossdock.host.initial_load.progress import Progress
from crossdock.host.initial_load.rows import LoadRows, LoadState, Row, Side
from crossdock.host.linking.following import proposal_of
from crossdock.host.store.proposals import Proposal
from crossdock.records import Account, TradingAccount
from crossdock.rules.matching import compare
from crossdock.rules.ownership import OwnershipPolicy, account_side, customer_side, plan
from crossdock.synchronising.accounts import Accounts, SettledAccount
from crossdock.synchronising.keeping import kept_by

if TYPE_CHECKING:
    from crossdock.host.store import Store
    from crossdock.host.synchronising.creations import Making
    from crossdock.host.synchronising.port import HostSync
    from crossdock.host.systems import Router
    from crossdock.ports import CrmPort

_AT_ONCE: Final = 100
_PAIRED: Final = ("linked", "automatic")


class Writing:
    """Carries out what was decided of each record, and notes what came of it."""

    def __init__(
        self,
        store: Store,
        rows: LoadRows,
        crm: CrmPort,
        erp: Router,
        sync: HostSync,
        policy: OwnershipPolicy,
        pace: Pace,
        load: LoadState,
    ) -> None:
        self._store = store
        self._rows = rows
        self._crm = crm
        self._erp = erp.using(load.erp_system)
        entity = policy.of("account")
        if entity is None:
            raise ConfigError("the ownership policy says nothing of accounts")
        self._policy = entity
        self._sync = sync
        self._ledger = Ledger(store, sync, load)
        router: Any = erp
        ledger: Any = self._ledger
        self._accounts = Accounts(entity, crm, router, ledger, into=load.erp_system)
        self._pace = pace
        self._load = load
        # Of the records that are worked on at once: what they are, and what a person is asked.
        self._records: dict[str, Any] = {}
        self._met: dict[str, Account] = {}
        self._asking: list[Proposal] = []
        self._made: dict[str, str] = {}  # accounts made of customers, not noted yet

    def write(self, progress: Progress) -> None:
        """Do all that has no outcome yet, a hundred records at a time.

        They are marked as begun before the first of them is written. Where a process died on the
        way, what it made is found again by its key, and counts as made.
        """
        for side in ("erp", "crm"):
            for piece in _pieces(self._rows.rows(self._load.id, side, only="open")):
                self._begin(piece)
                done: list[tuple[Row, CameTo]] = []
                try:
                    for row in piece:
                        done.append((row, self._one(row)))
                        made = done[-1][1].counterpart.partition(":")[2]
                        self._made[row.record_id] = made
                finally:  # whatever stops it: what was done is kept
                    self._end(done)
                progress.more(len(piece))

    def _begin(self, piece: Sequence[Row]) -> None:
        """Read what is known of some records, and store what is about to be done to them."""
        self._made.clear()
        self._asking.clear()
        self._records = {row.record_id: record_of(row) for row in piece}
        crm = f"{self._load.crm_system}:"
        met = [row for row in piece if row.side == "erp" and row.counterpart.startswith(crm)]
        staged = self._rows.some(self._load.id, "crm", [_id(row.counterpart) for row in met])
        self._met = {each: record_of(row) for each, row in staged.items()}
        joined = [
            Joined(_id(row.counterpart), row.record_id, row.why)
            for row in met
            if row.decision in _PAIRED
        ]
        making = [made for row in piece if (made := self._to_make(row)) is not None]
        begun: list[tuple[Side, str, Mapping[str, Any]]] = [
            (row.side, row.record_id, {"begun": True}) for row in piece if not row.begun
        ]
        with self._store.writing() as connection:
            self._rows.note(self._load.id, begun, connection)
            self._ledger.open(connection, joined, making)

    def _to_make(self, row: Row) -> Making[Any] | None:
        """Say what will be made of a record; `None` where nothing will."""
        if row.decision != "new":
            return None
        record = self._records[row.record_id]
        side = self._side(record)
        if row.side == "crm":
            planned = plan(self._policy, side, None)
            if planned.outcome != "create_in_erp" or planned.refused:
                return None
            blank = TradingAccount(id="", system=self._load.erp_system, name="", currency="")
            return self._sync.customer_to_make(record, blank)
        planned = plan(self._policy, None, side)
        if planned.outcome != "create_in_crm" or planned.refused:
            return None
        return self._sync.account_to_make(record, Account(id="", name=""))

    def _end(self, done: Sequence[tuple[Row, CameTo]]) -> None:
        """Keep what came of some records, in one transaction."""
        with self._store.writing() as connection:
            refused = self._ledger.close(connection)
            for proposal in self._asking:
                self._store.proposals.ask(proposal, connection=connection)
            mine: list[tuple[Side, str, Mapping[str, Any]]] = []
            others: list[tuple[Side, str, Mapping[str, Any]]] = []
            for row, came_to in done:
                customer = row.record_id if row.side == "erp" else _id(came_to.counterpart)
                if why := refused.get(customer):
                    came_to = evolve(came_to, outcome="conflict", reason=why, checksum="")
                mine.append((row.side, row.record_id, _noted(row, came_to)))
                # Both records of a pair come to the same.
                if row.side == "erp" and row.decision in _PAIRED:
                    same = {name: mine[-1][2][name] for name in ("outcome", "reason")}
                    others.append(("crm", _id(row.counterpart), same))
            self._rows.note(self._load.id, mine, connection)
            self._rows.note(self._load.id, others, connection)

    def _one(self, row: Row) -> CameTo:
        def work() -> CameTo:
            with self._pace.turn():
                return self._settled(row)

        return tried(work)

    def _settled(self, row: Row) -> CameTo:
        if row.decision == "review":
            return self._asked(row)
        record = self._records[row.record_id]
        if row.side == "crm":
            return self._came_to(row, self._accounts.settle(record, None))
        if row.decision == "new":
            return self._came_to(row, self._accounts.settle(None, record))
        account = self._account(_id(row.counterpart))
        return self._came_to(row, self._accounts.settle(account, record))

    def _account(self, account_id: str) -> Account:
        return self._met.get(account_id) or self._crm.account(account_id)

    def _asked(self, row: Row) -> CameTo:
        """Ask a person; of two customers that are alike, about the account of the first one."""
        if row.side == "crm":
            return CameTo("review", row.why)
        customer: TradingAccount = self._records[row.record_id]
        system, _, record_id = row.counterpart.partition(":")
        if system != self._crm.system:
            record_id = self._made.get(record_id, "") or self._account_of(record_id)
            if not record_id:
                return CameTo("review", row.why)
        account = self._account(record_id)
        match = compare(account, customer)
        self._asking.append(proposal_of(self._crm.system, account, customer, match))
        return CameTo("review", row.why)

    def _account_of(self, customer_id: str) -> str:
        """Give the account that was made of a customer, or that it met; empty for none."""
        row = self._rows.row(self._load.id, "erp", customer_id)
        if row is None or not row.counterpart.startswith(f"{self._crm.system}:"):
            return ""
        return _id(row.counterpart)

    def _came_to(self, row: Row, settled: SettledAccount) -> CameTo:
        account, customer = settled.crm, settled.erp
        made = settled.plan
        why = settled.text
        if settled.outcome in ("conflict", "refused"):
            stuck = made.conflicts if settled.outcome == "conflict" else made.refused
            why = "; ".join(f"{each.field}: {each.reason}" for each in stuck) or why
        checksum = ""
        if account is not None and customer is not None:
            checksum = f"{self.checksum(customer)}:{self.checksum(account)}"
        counterpart = ""
        if account is not None and customer is not None and settled.outcome == "created":
            made_there = f"{self._crm.system}:{account.id}"
            counterpart = made_there if row.side == "erp" else customer.ref
        return CameTo(settled.outcome, why, counterpart, checksum)

    def checksum(self, record: Account | TradingAccount) -> str:
        """Give 64 bits of what a record says, in the words of the policy."""
        side = self._side(record)
        text = "\x1f".join(f"{name}={value}" for name, value in sorted(side.values.items()))
        return blake2b(f"{side.id}\x1f{text}".encode(), digest_size=8).hexdigest()

    def _side(self, record: Account | TradingAccount) -> Any:
        if isinstance(record, Account):
            return account_side(record, self._crm.system, kept_by(self._crm, "account"))
        return customer_side(record, kept_by(self._erp, "trading_account"))


def _noted(row: Row, done: CameTo) -> Mapping[str, Any]:
    begun = row.begun and row.decision == "new"
    return {
        "outcome": made_before(done.outcome) if begun else done.outcome,
        "reason": done.reason,
        "checksum": done.checksum,
        "counterpart": done.counterpart or row.counterpart,
    }


def _id(ref: str) -> str:
    return ref.partition(":")[2]


def _pieces(rows: Iterator[Row]) -> Iterator[list[Row]]:
    piece: list[Row] = []
    for row in rows:
        piece.append(row)
        if len(piece) == _AT_ONCE:
            yield piece
            piece = []
    if piece:
        yield piece
