"""Which of the records of two systems belong together: linked before, found now, asked, or new."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import orjson
from attrs import evolve, frozen

from crossdock.host.initial_load.progress import Progress
from crossdock.host.initial_load.rows import LoadRows, LoadState, Row
from crossdock.records import Account, TradingAccount
from crossdock.records.plain import from_plain
from crossdock.rules.matching import Form, Outcome, Party, Pool, form_of, match

if TYPE_CHECKING:
    from crossdock.host.store import Store

_AT_ONCE: Final = 500
_ALL: Final = 1_000_000


def record_of(row: Row) -> Any:
    """Give the record of a row as it was read."""
    return from_plain(orjson.loads(row.body))


@frozen
class _Known:
    """What people and earlier runs said, by the ref of a customer."""

    linked: dict[str, str]
    rejected: dict[str, set[str]]
    confirmed: dict[str, str]


def _said(load: LoadState, row: Row, known: _Known) -> dict[str, Any] | None:
    """Give what is known of a customer without looking it up."""
    ref = f"{load.erp_system}:{row.record_id}"
    account = known.linked.get(ref) or known.confirmed.get(ref)
    if not account:
        return None
    why = "they are linked" if ref in known.linked else "a person said so"
    return {"decision": "linked", "counterpart": f"{load.crm_system}:{account}", "why": why}


class _Companies:
    """What a customer is looked up in, put together when the first of them has to be.

    Attributes:
        pool: all accounts in use, and the customers before it that are none of them.
        naming: accounts out of use, by the customer whose number they carry.
    """

    def __init__(self, rows: LoadRows, load: LoadState) -> None:
        self.pool: Final = Pool()
        self.naming: Final[dict[str, str]] = {}
        for row in rows.rows(load.id, "crm"):
            account: Account = record_of(row)
            if account.active:
                self.pool.add(Party.of_account(account, load.crm_system))
            elif named := account.external_ids.get(load.erp_system):
                self.naming[named] = account.id
        for row in rows.rows(load.id, "erp", only="new"):
            self.pool.add(_form_of_customer(row, load))


def _form_of_customer(row: Row, load: LoadState) -> Form:
    customer: TradingAccount = record_of(row)
    party = Party.of_customer(customer)
    if customer.reference:  # the key that it was made under, perhaps by another host
        party = evolve(party, names=frozenset({f"{load.crm_system}:{customer.reference}"}))
    return form_of(party)


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
        companies: _Companies | None = None
        noted: list[tuple[str, dict[str, Any]]] = []
        for row in self._rows.rows(load.id, "erp"):
            if row.decision:
                if row.counterpart.startswith(f"{load.crm_system}:"):
                    taken.add(row.counterpart.partition(":")[2])
                continue
            values = _said(load, row, known)
            if values is None:
                companies = companies or _Companies(self._rows, load)
                values = self._found(load, row, companies, known, taken)
            noted.append((row.record_id, values))
            if len(noted) >= _AT_ONCE:
                self._keep(load, noted)
            progress.more()
        self._keep(load, noted)
        self._accounts(load)

    def _found(
        self, load: LoadState, row: Row, companies: _Companies, known: _Known, taken: set[str]
    ) -> dict[str, Any]:
        crm, pool = load.crm_system, companies.pool
        unused = companies.naming.get(row.record_id)
        if unused and unused not in taken:
            taken.add(unused)
            why = "the account carries its number, and is out of use"
            return {"decision": "automatic", "counterpart": f"{crm}:{unused}", "why": why}
        form = _form_of_customer(row, load)
        outcome: Outcome = match(pool, form, without=known.rejected.get(form.ref, set()))
        if outcome.decision == "new":
            pool.add(form)
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
