"""A policy tried on all that two systems have now: read, matched, and nothing written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import frozen

from crossdock.errors import ConfigError
from crossdock.host.initial_load.deciding import Deciding, record_of
from crossdock.host.initial_load.progress import Progress
from crossdock.host.initial_load.reading import Tell
from crossdock.host.initial_load.rows import LoadRows, LoadState, Row
from crossdock.host.sync_rehearsal.happening import Happening, happening_of
from crossdock.host.sync_rehearsal.staging import named_system, staged
from crossdock.records import Account, SyncPair, TradingAccount
from crossdock.rules.ownership import (
    EntityPolicy,
    OwnershipPolicy,
    Side,
    account_side,
    customer_side,
    plan,
)
from crossdock.synchronising.keeping import kept_by
from crossdock.synchronising.settling import agreed_of, words_of

if TYPE_CHECKING:
    from crossdock.host import Host


@frozen
class _Pair:
    """Two records that are the same, or one that is alone, or one that a person is asked about."""

    crm: Side | None
    erp: Side | None
    name: str
    kept: SyncPair | None
    asked: str = ""


class LivePair:
    """What the CRM and one ERP have now, staged in a store of its own that is thrown away."""

    def __init__(self, host: Host, rows: LoadRows, load: LoadState) -> None:
        self._host = host
        self._rows = rows
        self._load = load

    def try_on(self, policy: OwnershipPolicy) -> Iterator[Happening]:
        """Say what a policy would do to each record, one after the other.

        Raises:
            ConfigError: the policy says nothing of accounts.
        """
        accounts = policy.of("account")
        if accounts is None:
            raise ConfigError(f"the policy {policy.source} says nothing of accounts")
        for pair in self._pairs():
            key = (pair.crm.id if pair.crm else "", pair.erp.id if pair.erp else "")
            if pair.asked:
                yield Happening(key=key, name=pair.name, outcome="review", reason=pair.asked)
            else:
                yield happening_of(key, pair.name, _planned(accounts, pair))

    def _pairs(self) -> Iterator[_Pair]:
        for row in self._rows.rows(self._load.id, "erp"):
            customer: TradingAccount = record_of(row)
            erp = self._customer_side(customer)
            if row.decision in ("linked", "automatic"):
                account_id = row.counterpart.partition(":")[2]
                staged = self._rows.row(self._load.id, "crm", account_id)
                if staged is not None:
                    account: Account = record_of(staged)
                    kept = self._kept(account, customer)
                    yield _Pair(self._account_side(account), erp, account.name, kept)
                continue
            yield _Pair(None, erp, customer.name, None, _asked(row))
        for row in self._rows.rows(self._load.id, "crm"):
            if row.decision in ("new", "review"):
                account = record_of(row)
                yield _Pair(self._account_side(account), None, account.name, None, _asked(row))

    def _kept(self, account: Account, customer: TradingAccount) -> SyncPair | None:
        system = self._host.crm.system
        pairs = self._host.synchronising.port.pairs("account", system, account.id)
        mine = (customer.system, customer.id)
        return next((each for each in pairs if (each.erp_system, each.erp_id) == mine), None)

    def _account_side(self, account: Account) -> Side:
        crm = self._host.crm
        return account_side(account, crm.system, kept_by(crm, "account"))

    def _customer_side(self, customer: TradingAccount) -> Side:
        erp = self._host.erp.using(customer.system)
        return customer_side(customer, kept_by(erp, "trading_account"))


@contextmanager
def live_pair(host: Host, system: str = "", tell: Tell = lambda _step: None) -> Iterator[LivePair]:
    """Read and match what both systems have; nothing is written to either, nor to the host's store.

    Args:
        host: whose systems.
        system: the ERP; the first one by default.
        tell: told how far it is.

    Raises:
        RemoteError: a system did not answer.
        ConfigError: there is no such ERP.
    """
    with staged(host, named_system(host, system), tell) as (rows, load):
        total = sum(rows.count(load.id, "erp").values())
        # What people said is the host's; what is staged is thrown away.
        Deciding(host.store, rows).decide(load, Progress(tell, "comparing", total=total))
        yield LivePair(host, rows, load)


def _asked(row: Row) -> str:
    return row.why if row.decision == "review" else ""


def _planned(policy: EntityPolicy, pair: _Pair) -> Any:
    kept = pair.kept
    if kept is None:
        return plan(policy, pair.crm, pair.erp)
    return plan(policy, pair.crm, pair.erp, agreed_of(kept), words_of(kept))


TryOn = Callable[[OwnershipPolicy], Iterator[Happening]]
"""Says what a policy would do."""
