"""Each pair brought in line by the policy, each record that is missing made once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from crossdock.errors import (
    ConfigError,
    Conflict,
    LinkConflict,
    NotSupported,
    OutcomeUnknown,
    PossiblyCreated,
    RemoteRefused,
    RemoteRejectedData,
)
from crossdock.host.initial_load.deciding import record_of
from crossdock.host.initial_load.pace import Pace
from crossdock.host.initial_load.progress import Progress
from crossdock.host.initial_load.rows import LoadRows, LoadState, Row, Side
from crossdock.host.linking.following import proposal_of
from crossdock.records import Account, Counterpart, TradingAccount
from crossdock.rules.matching import compare
from crossdock.rules.ownership import OwnershipPolicy, account_side, customer_side
from crossdock.synchronising.accounts import Accounts, SettledAccount
from crossdock.synchronising.keeping import kept_by

if TYPE_CHECKING:
    from crossdock.host.store import Store
    from crossdock.host.systems import Router
    from crossdock.ports import CrmPort
    from crossdock.synchronising.port import SyncPort

_AT_ONCE: Final = 20


@frozen
class _Done:
    outcome: str
    reason: str = ""
    counterpart: str = ""
    checksum: str = ""


class _Matched:
    """`SyncPort` for a load: whether a record is there already was found out for all at once."""

    def __init__(self, sync: SyncPort) -> None:
        self._sync = sync

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sync, name)

    def customer_for(self, account: Account, system: str) -> Counterpart:  # noqa: ARG002
        return Counterpart(decision="new", id="", score=0, text="no customer is like it")

    def account_for(self, customer: TradingAccount) -> Counterpart:  # noqa: ARG002
        return Counterpart(decision="new", id="", score=0, text="no account is like it")


class Writing:
    """Carries out what was decided of each record, and notes what came of it."""

    def __init__(
        self,
        store: Store,
        rows: LoadRows,
        crm: CrmPort,
        erp: Router,
        sync: SyncPort,
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
        router: Any = erp
        matched: Any = _Matched(sync)
        self._accounts = Accounts(entity, crm, router, matched, into=load.erp_system)
        self._pace = pace
        self._load = load
        self._made: dict[str, str] = {}  # accounts made of customers, not noted yet

    def write(self, progress: Progress) -> None:
        """Do all that has no outcome yet.

        A few records are marked as begun before the first of them is written. Where a process died
        on the way, what it made is found again by its key, and counts as made.
        """
        for side in ("erp", "crm"):
            for piece in _pieces(self._rows.rows(self._load.id, side, only="open")):
                fresh = [row for row in piece if not row.begun]
                self._rows.note(
                    self._load.id, [(row.side, row.record_id, {"begun": True}) for row in fresh]
                )
                self._rows.note(
                    self._load.id, [noted for row in piece for noted in self._noted(row)]
                )
                self._made.clear()
                progress.more(len(piece))

    def _noted(self, row: Row) -> Iterator[tuple[Side, str, Mapping[str, Any]]]:
        done = self._one(row)
        outcome = done.outcome
        if row.begun and row.decision == "new" and outcome in ("updated", "unchanged"):
            outcome = "created"  # by the process that died before it could say so
        values: dict[str, Any] = {
            "outcome": outcome,
            "reason": done.reason,
            "checksum": done.checksum,
        }
        if done.counterpart:
            values["counterpart"] = done.counterpart
            self._made[row.record_id] = done.counterpart.partition(":")[2]
        yield row.side, row.record_id, values
        # Both records of a pair come to the same.
        if row.side == "erp" and row.decision in ("linked", "automatic"):
            account_id = row.counterpart.partition(":")[2]
            yield "crm", account_id, {"outcome": outcome, "reason": done.reason}

    def _one(self, row: Row) -> _Done:
        try:
            with self._pace.turn():
                return self._settled(row)
        except (OutcomeUnknown, PossiblyCreated) as unknown:
            return _Done("review", f"it may have been created: {unknown}")
        except (LinkConflict, Conflict) as conflict:
            return _Done("conflict", str(conflict))
        except (RemoteRefused, RemoteRejectedData, NotSupported) as refusal:
            return _Done("refused", str(refusal))

    def _settled(self, row: Row) -> _Done:
        if row.decision == "review":
            return self._asked(row)
        if row.side == "crm":
            settled = self._accounts.settle(record_of(row), None)
            return self._came_to(row, settled)
        customer: TradingAccount = record_of(row)
        if row.decision == "new":
            return self._came_to(row, self._accounts.settle(None, customer))
        staged = self._rows.row(self._load.id, "crm", row.counterpart.partition(":")[2])
        account = (
            record_of(staged)
            if staged is not None
            else self._crm.account(row.counterpart.partition(":")[2])
        )
        self._join(account, customer, row.why)
        return self._came_to(row, self._accounts.settle(account, customer))

    def _join(self, account: Account, customer: TradingAccount, why: str) -> None:
        known = self._store.links.of_customer(customer.system, customer.id)
        if known is not None and known.account_id == account.id:
            return
        mine = self._store.links.of_account(self._crm.system, account.id)
        with self._store.writing() as connection:
            self._store.links.link(
                crm_system=self._crm.system,
                account_id=account.id,
                erp_system=customer.system,
                customer_id=customer.id,
                default=not any(each.default for each in mine),
                evidence=why,
                connection=connection,
            )
            self._store.audit.append(
                actor="host",
                action="link.made",
                subject=customer.ref,
                detail={"account": account.id, "why": why, "by": f"initial load {self._load.id}"},
                connection=connection,
            )

    def _asked(self, row: Row) -> _Done:
        """Ask a person; of two customers that are alike, about the account of the first one."""
        if row.side == "crm":
            return _Done("review", row.why)
        customer: TradingAccount = record_of(row)
        system, _, record_id = row.counterpart.partition(":")
        if system != self._crm.system:
            account_id = self._made.get(record_id, "") or self._account_of(record_id)
            if not account_id:
                return _Done("review", row.why)
            account = self._crm.account(account_id)
        else:
            staged = self._rows.row(self._load.id, "crm", record_id)
            account = self._crm.account(record_id) if staged is None else record_of(staged)
        match = compare(account, customer)
        self._store.proposals.ask(proposal_of(self._crm.system, account, customer, match))
        return _Done("review", row.why)

    def _account_of(self, customer_id: str) -> str:
        """Give the account that was made of a customer, or that it met; empty for none."""
        row = self._rows.row(self._load.id, "erp", customer_id)
        if row is None or not row.counterpart.startswith(f"{self._crm.system}:"):
            return ""
        return row.counterpart.partition(":")[2]

    def _came_to(self, row: Row, settled: SettledAccount) -> _Done:
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
        return _Done(settled.outcome, why, counterpart, checksum)

    def checksum(self, record: Account | TradingAccount) -> str:
        """Give 64 bits of what a record says, in the words of the policy."""
        if isinstance(record, Account):
            side = account_side(record, self._crm.system, kept_by(self._crm, "account"))
        else:
            side = customer_side(record, kept_by(self._erp, "trading_account"))
        text = "\x1f".join(f"{name}={value}" for name, value in sorted(side.values.items()))
        return blake2b(f"{side.id}\x1f{text}".encode(), digest_size=8).hexdigest()


def _pieces(rows: Iterator[Row]) -> Iterator[list[Row]]:
    piece: list[Row] = []
    for row in rows:
        piece.append(row)
        if len(piece) == _AT_ONCE:
            yield piece
            piece = []
    if piece:
        yield piece
