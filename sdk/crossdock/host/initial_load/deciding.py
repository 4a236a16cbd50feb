"""Which of the records of two systems belong together: linked before, found now, asked, or new."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from crossdock.host.initial_load.progress import Progress
from crossdock.host.initial_load.rows import LoadRows, LoadState, Row
from crossdock.records import Account, TradingAccount
from crossdock.records.plain import from_plain
from crossdock.rules.matching import Outcome, Party, Pool, match

if TYPE_CHECKING:
    from crossdock.host.store import Store

_AT_ONCE: Final = 500
_ALL: Final = 1_000_000


def record_of(row: Row) -> Any:
    """Give the record of a row as it was read."""
    return from_plain(json.loads(row.body))


@frozen
class _Known:
    """What people and earlier runs said, by the ref of a customer."""

    linked: dict[str, str]
    rejected: dict[str, set[str]]
    confirmed: dict[str, str]


class Deciding:
    """Looks every customer up among the accounts, and among the customers before it."""

    def __init__(self, store: Store, rows: LoadRows) -> None:
        self._store = store
        self._rows = rows

    def decide(self, load: LoadState, progress: Progress) -> None:
        """Decide on every record that nothing was decided on yet.

        What was decided before a crash stays as it is, as those who decide next depend on it.
        """
        known = self._known(load)
        taken = set(known.linked.values())
        pool = Pool()
        for row in self._rows.rows(load.id, "crm"):
            account: Account = record_of(row)
            if account.active:
                pool.add(Party.of_account(account, load.crm_system))
        noted: list[tuple[str, dict[str, Any]]] = []
        for row in self._rows.rows(load.id, "erp"):
            customer: TradingAccount = record_of(row)
            if row.decision:
                if row.decision == "new":
                    pool.add(Party.of_customer(customer))
                if row.counterpart.startswith(f"{load.crm_system}:"):
                    taken.add(row.counterpart.partition(":")[2])
                continue
            values = self._decided(load, customer, pool, known, taken)
            noted.append((row.record_id, values))
            if len(noted) >= _AT_ONCE:
                self._keep(load, noted)
            progress.more()
        self._keep(load, noted)
        self._accounts(load)

    def _decided(
        self,
        load: LoadState,
        customer: TradingAccount,
        pool: Pool,
        known: _Known,
        taken: set[str],
    ) -> dict[str, Any]:
        crm = load.crm_system
        said = known.linked.get(customer.ref) or known.confirmed.get(customer.ref)
        if said:
            why = "they are linked" if customer.ref in known.linked else "a person said so"
            return {"decision": "linked", "counterpart": f"{crm}:{said}", "why": why}
        party = Party.of_customer(customer)
        outcome: Outcome = match(pool, party, without=known.rejected.get(customer.ref, set()))
        if outcome.decision == "new":
            pool.add(party)
            return {"decision": "new", "why": outcome.text}
        best = outcome.found[0].ref
        decision, why = outcome.decision, outcome.text
        if not best.startswith(f"{crm}:"):
            decision = "review"
            why = f"it is like customer {best}: {why}"
        elif decision == "automatic" and best.partition(":")[2] in taken:
            # An account may have several customers, but whether it is so nobody knows by itself.
            decision = "review"
            why = f"account {best.partition(':')[2]} has a customer there already: {why}"
        elif decision == "automatic":
            taken.add(best.partition(":")[2])
        return {"decision": decision, "counterpart": best, "why": why}

    def _keep(self, load: LoadState, noted: list[tuple[str, dict[str, Any]]]) -> None:
        """Write down what was decided, on both sides of a pair, in one transaction."""
        self._rows.note(load.id, self._both(load, noted))
        noted.clear()

    def _both(
        self, load: LoadState, noted: list[tuple[str, dict[str, Any]]]
    ) -> Iterator[tuple[Any, str, dict[str, Any]]]:
        for customer_id, values in noted:
            yield "erp", customer_id, values
            system, _, record_id = values.get("counterpart", "").partition(":")
            if system == load.crm_system:
                mine = {"counterpart": f"{load.erp_system}:{customer_id}"}
                if values["decision"] == "review":
                    yield "crm", record_id, {**mine, "decision": "review", "why": values["why"]}
                else:
                    yield "crm", record_id, {**mine, "decision": values["decision"]}

    def _accounts(self, load: LoadState) -> None:
        """What no customer was found for is new to the ERP."""
        noted = [
            ("crm", row.record_id, {"decision": "new", "why": "no customer is like it"})
            for row in self._rows.rows(load.id, "crm", only="undecided")
        ]
        self._rows.note(load.id, noted)  # type: ignore[arg-type]

    def _known(self, load: LoadState) -> _Known:
        linked = {
            link.ref: link.account_id
            for link in self._store.links.of_crm(load.crm_system)
            if link.erp_system == load.erp_system and not link.lost
        }
        rejected: dict[str, set[str]] = {}
        confirmed: dict[str, str] = {}
        for each in self._store.proposals.list(
            load.crm_system, states=("rejected", "confirmed"), limit=_ALL
        ):
            if each.state == "rejected":
                rejected.setdefault(each.ref, set()).add(f"{load.crm_system}:{each.account_id}")
            else:
                confirmed[each.ref] = each.account_id
        return _Known(linked, rejected, confirmed)
