"""What is known of the pairs of some records and has to be kept of them, read and written at once.

One record at a time, a load would spend most of its time on statements. So what is known of a
hundred records is read at once, and with it in one transaction is written what is about to be done
to them: links, and intents of what will be made. After the calls one more transaction keeps what
came of them. A process that dies in between leaves intents behind, of which those that were sent
are looked for by their key, and those that were not are sent. Of a system that keeps no idempotency
keys, that a record is sent now is written before each call, so there is one at most of which nobody
can know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from crossdock.host.initial_load.rows import LoadState
from crossdock.host.store.links import Link
from crossdock.host.store.sync_creations import Creation
from crossdock.host.synchronising.creations import Making
from crossdock.host.synchronising.port import HostSync, with_words
from crossdock.records import Account, Counterpart, SyncConflict, SyncPair, TradingAccount

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crossdock.host.store import Store

_ENTITY: Final = "account"


@frozen
class Joined:
    """An account and a customer that are the same, and why."""

    account_id: str
    customer_id: str
    why: str


@frozen
class _Kept:
    pair: SyncPair
    conflicts: tuple[SyncConflict, ...]
    done: tuple[str, ...]


@frozen
class _Made:
    sent: Creation
    id: str
    pair: SyncPair
    why: str


class Ledger:
    """`SyncPort` for a load. That nothing like a record is there was found out for all at once."""

    def __init__(self, store: Store, sync: HostSync, load: LoadState) -> None:
        self._store = store
        self._sync = sync
        self._load = load
        self._crm = load.crm_system
        self._erp = load.erp_system
        self._pairs: dict[str, SyncPair] = {}  # by customer
        self._conflicts: dict[str, list[SyncConflict]] = {}
        self._ready: dict[tuple[str, str], Creation] = {}  # by system and id of what it is made of
        self._made: list[_Made] = []
        self._kept: list[_Kept] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sync, name)

    # Before the calls, and after them.

    def open(
        self, connection: sa.Connection, joined: Sequence[Joined], making: Sequence[Making[Any]]
    ) -> None:
        """Read what is known of pairs, link those that are not linked, store what will be made."""
        self._ready.clear()
        self._made.clear()
        self._kept.clear()
        self._link(connection, joined)
        for source, target in ((self._crm, self._erp), (self._erp, self._crm)):
            mine = [each for each in making if each.from_system == source]
            if mine:
                self._intend(connection, source, target, mine)

    def close(self, connection: sa.Connection) -> dict[str, str]:
        """Keep what came of the calls.

        Returns:
            By customer, why it could not be linked.
        """
        bulk = self._store.in_bulk
        bulk.made(connection, [(each.sent, each.id) for each in self._made])
        refused = self._link_made(connection)
        plain = []
        for kept in self._kept:
            if kept.conflicts or kept.done or self._conflicts.get(kept.pair.erp_id):
                self._sync.keep_within(
                    connection, kept.pair, conflicts=kept.conflicts, done=kept.done
                )
            elif kept.pair.erp_id not in refused:
                plain.append(kept.pair)
        bulk.agree(connection, plain)
        return refused

    def _link(self, connection: sa.Connection, joined: Sequence[Joined]) -> None:
        bulk = self._store.in_bulk
        customers = [each.customer_id for each in joined]
        known = self._linked(connection, customers)
        new = [each for each in joined if each.customer_id not in known]
        known |= self._new_links(connection, new, "link.made")
        names = (_ENTITY, self._crm, self._erp, customers)
        self._conflicts = {}
        for conflict in bulk.conflicts(connection, *names):
            self._conflicts.setdefault(conflict.erp_id, []).append(conflict)
        agreed = {(each.crm_id, each.erp_id): each for each in bulk.pairs(connection, *names)}
        self._pairs = {}
        for each in joined:
            link = known.get(each.customer_id)
            if link is None or link.account_id != each.account_id:
                continue  # somebody else's by now, which who joins them will be told
            pair = agreed.get((each.account_id, each.customer_id)) or self._pair(
                each.account_id, each.customer_id
            )
            found = [
                one
                for one in self._conflicts.get(each.customer_id, ())
                if one.crm_id == each.account_id
            ]
            self._pairs[each.customer_id] = evolve(with_words(pair, found), default=link.default)

    def _new_links(
        self, connection: sa.Connection, joined: Sequence[Joined], action: str
    ) -> dict[str, Link]:
        """Link what is not linked; gives the links of these customers as they are then."""
        if not joined:
            return {}
        bulk = self._store.in_bulk
        accounts = [each.account_id for each in joined]
        mine = bulk.links_of_accounts(connection, self._crm, accounts)
        with_default = {each.account_id for each in mine if each.default}
        links = []
        for each in joined:
            links.append(
                Link(
                    crm_system=self._crm,
                    account_id=each.account_id,
                    erp_system=self._erp,
                    customer_id=each.customer_id,
                    default=each.account_id not in with_default,
                    evidence=each.why,
                )
            )
            with_default.add(each.account_id)
            self._sync.tell(
                connection,
                action,
                self._pair(each.account_id, each.customer_id),
                {"why": each.why, "by": f"initial load {self._load.id}"},
            )
        bulk.link(connection, links)
        return self._linked(connection, [each.customer_id for each in joined])

    def _linked(self, connection: sa.Connection, customer_ids: Sequence[str]) -> dict[str, Link]:
        found = self._store.in_bulk.links_of_customers(
            connection, self._crm, self._erp, customer_ids
        )
        return {each.customer_id: each for each in found}

    def _intend(
        self, connection: sa.Connection, source: str, target: str, making: Sequence[Making[Any]]
    ) -> None:
        bulk = self._store.in_bulk
        now = self._store.clock()
        text = f"intended by initial load {self._load.id}, run {self._load.runs}"
        wanted = {
            each.from_id: Creation(
                entity=each.entity,
                from_system=source,
                from_id=each.from_id,
                to_system=target,
                key=each.key,
                state="sent" if each.keyed else "intended",
                made_id="",
                evidence=((now, text),),
                intended_at=now,
                sent_at=now,
                changed_at=now,
            )
            for each in making
        }
        bulk.intend(connection, list(wanted.values()))
        for known in bulk.creations(connection, _ENTITY, source, target, list(wanted)):
            # What was sent before, or is under way, has to be looked at first.
            if known.state == "intended" or known.evidence == wanted[known.from_id].evidence:
                self._ready[source, known.from_id] = known

    def _link_made(self, connection: sa.Connection) -> dict[str, str]:
        """Link what was made with what it was made of; a feed may have told others before."""
        made = {each.pair.erp_id: each for each in self._made}
        known = self._linked(connection, list(made))
        new = [
            Joined(each.pair.crm_id, customer, each.why)
            for customer, each in made.items()
            if customer not in known
        ]
        known |= self._new_links(connection, new, "sync.joined")
        refused = {}
        for customer, each in made.items():
            link = known.get(customer)
            if link is None or link.account_id != each.pair.crm_id:
                whose = "no account" if link is None else f"account {link.account_id}"
                refused[customer] = f"customer {self._erp}:{customer} belongs to {whose} by now"
        return refused

    def _pair(self, account_id: str, customer_id: str) -> SyncPair:
        return SyncPair(
            entity=_ENTITY,
            crm_system=self._crm,
            crm_id=account_id,
            erp_system=self._erp,
            erp_id=customer_id,
        )

    # `SyncPort`, while the calls are made.

    def pairs(self, entity: str, system: str, record_id: str) -> Sequence[SyncPair]:
        """List the pairs that a record is in; see `SyncPort.pairs`."""
        if entity != _ENTITY:
            return self._sync.pairs(entity, system, record_id)
        if system == self._crm:
            return [each for each in self._pairs.values() if each.crm_id == record_id]
        found = self._pairs.get(record_id)
        return [] if found is None else [found]

    def keep(
        self,
        pair: SyncPair,
        *,
        conflicts: Sequence[SyncConflict] = (),
        done: Sequence[str] = (),
        close: bool = True,
    ) -> SyncPair:
        """Keep what a pair agrees on; see `SyncPort.keep`.

        What has to be kept before a record is written, as the writing would hide it, is kept now.
        """
        if not close:
            self._pairs[pair.erp_id] = pair
            self._conflicts.setdefault(pair.erp_id, []).extend(conflicts)
            return self._sync.keep(pair, conflicts=conflicts, done=done, close=close)
        self._kept.append(_Kept(pair, tuple(conflicts), tuple(done)))
        return pair

    def customer_for(self, account: Account, system: str) -> Counterpart:  # noqa: ARG002
        """Say what the comparison with all others said already."""
        return Counterpart(decision="new", id="", score=0, text="no customer is like it")

    def account_for(self, customer: TradingAccount) -> Counterpart:  # noqa: ARG002
        """Say what the comparison with all others said already."""
        return Counterpart(decision="new", id="", score=0, text="no account is like it")

    def create_customer(self, customer: TradingAccount, *, account: Account) -> TradingAccount:
        """Make the customer of an account, once; see `SyncPort.create_customer`."""
        ready = self._ready.pop((self._crm, account.id), None)
        if ready is None:
            made = self._sync.create_customer(customer, account=account)
            self._pairs[made.id] = self._pair(account.id, made.id)
            return made
        return self._sync.creations.make_intended(
            self._sync.customer_to_make(account, customer),
            ready,
            lambda sent, made: self._note(sent, made, (account.id, made.id), "made of the account"),
        )

    def create_account(self, account: Account, *, customer: TradingAccount) -> Account:
        """Make the account of a customer, once; see `SyncPort.create_account`."""
        ready = self._ready.pop((self._erp, customer.id), None)
        if ready is None:
            made = self._sync.create_account(account, customer=customer)
            self._pairs[customer.id] = self._pair(made.id, customer.id)
            return made
        return self._sync.creations.make_intended(
            self._sync.account_to_make(customer, account),
            ready,
            lambda sent, made: self._note(
                sent, made, (made.id, customer.id), "made of the customer"
            ),
        )

    def _note(
        self, sent: Creation, made: Account | TradingAccount, ids: tuple[str, str], why: str
    ) -> None:
        pair = self._pair(*ids)
        self._pairs[pair.erp_id] = pair
        self._made.append(_Made(sent, made.id, pair, why))
