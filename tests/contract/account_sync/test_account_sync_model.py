"""Any story of changes on both sides comes to what the policy says, whatever fails on the way.

A model keeps what people did in both systems since they last agreed, and merges it by itself, in
its own words. Between the stories' steps the worker runs: with lost answers, systems that are away,
crashes, news that comes twice, late and out of order, clocks that are off, and people who change a
record while it is being written. Then both sides have what the model has, nothing is there twice,
nothing is missing, and exactly the model's conflicts wait for a person.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crossdock.records import Account, Change, RecordChanged, TradingAccount
from crossdock.testing import Dock
from crossdock.testing.deliveries import Crash
from crossdock.testing.mock import Shelf
from crossdock.testing.setting import Setting
from crossdock_mocks.engine.faults import Fault

POLICY = """
[defaults]
clock_tolerance_seconds = 60
[account]
deleted_in_crm = "keep"
deleted_in_erp = "ask"
inactivated = "keep"
[account.fields]
name = "ask"
email = "newest"
tax_number = "erp"
website = "crm"
"""
OWNERS = {"name": "ask", "email": "newest", "tax_number": "erp", "website": "crm"}
TOLERANCE = timedelta(seconds=60)
NAMES = (
    "Abelard Forge", "Bexhill Optics", "Corvina Textile", "Dunmore Freight", "Esterel Ceramics",
    "Fjordane Fisk", "Gilroy Paper", "Huygens Marine", "Ilmarin Timber", "Jastrow Dairy",
)  # fmt: skip
LOST = ("drop_before", "drop_after_commit", "timeout_after_commit", "half_body")
WRITES = ("createCustomer", "changeCustomer", "createAccount", "changeAccount")
SHELF = Shelf()


@define
class Company:
    """What the model knows of one company: what each side has, and what both agreed on."""

    base: str
    crm: dict[str, str] | None = None
    erp: dict[str, str] | None = None
    account: str = ""
    customer: str = ""
    agreed: dict[str, str] = field(factory=dict)
    crm_at: datetime | None = None
    erp_at: datetime | None = None
    asked: set[str] = field(factory=set)
    words: dict[str, tuple[str, str, str]] = field(factory=dict)
    gone: bool = False
    kept: bool = False

    def settle(self) -> None:
        """Merge what both sides did since they agreed."""
        if self.gone:
            self.asked = set() if self.kept else {"record"}
            return
        if self.crm is None or self.erp is None:
            there = self.crm or self.erp
            assert there is not None
            self.agreed, self.crm, self.erp = dict(there), dict(there), dict(there)
            return
        for name, owner in OWNERS.items():
            self._merge(name, owner, self.crm, self.erp)

    def _merge(self, name: str, owner: str, crm: dict[str, str], erp: dict[str, str]) -> None:
        mine, yours, was = crm[name], erp[name], self.agreed.get(name)
        word = self.words.pop(name, None)
        if mine == yours:
            winner = mine
        elif word is not None and word[1:] == (mine, yours):
            winner = mine if word[0] == "crm" else yours
        elif was is None and "" in (mine, yours):
            winner = mine or yours
        elif was is not None and mine == was:
            winner = mine if owner == "crm" else yours
        elif was is not None and yours == was:
            winner = yours if owner == "erp" else mine
        elif owner in ("crm", "erp"):
            winner = mine if owner == "crm" else yours
        elif owner == "ask" or name in self.asked or self._newer() is None:
            self.asked.add(name)
            return
        else:
            winner = mine if self._newer() == "crm" else yours
        crm[name] = erp[name] = self.agreed[name] = winner
        self.asked.discard(name)

    def _newer(self) -> str | None:
        if self.crm_at is None or self.erp_at is None:
            return None
        if abs(self.crm_at - self.erp_at) <= TOLERANCE:
            return None
        return "crm" if self.crm_at > self.erp_at else "erp"


class Synchronisation(RuleBasedStateMachine):
    """People and programs on both sides, and a worker that may die."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()
        folder = Path(self.opened.enter_context(tempfile.TemporaryDirectory()))
        policy = folder / "ownership.toml"
        policy.write_text(POLICY, encoding="utf-8")
        setting = Setting.of("account-sync", settings={"sync": {"policy": str(policy)}})
        self.dock = self.opened.enter_context(Dock(setting, SHELF, folder))
        self.host = self.dock.host
        self.crm, self.erp = self.host.crm, self.host.erp.using("main")
        self.companies: list[Company] = []
        self.told: list[Change] = []
        self.before = (len(self.all_accounts()), len(self.all_customers()))

    def teardown(self) -> None:
        try:
            if self.companies:
                self.let_it_settle()
        finally:
            self.opened.close()

    def all_accounts(self) -> list[Account]:
        return list(self.crm.all_accounts(limit=200).items)

    def all_customers(self) -> list[TradingAccount]:
        return list(self.erp.all_customers(limit=200).items)

    # What people do.

    @precondition(lambda self: len(self.companies) < len(NAMES))
    @rule(where=st.sampled_from(["crm", "erp", "both"]), email=st.sampled_from(["", "a"]))
    def enter(self, where: str, email: str) -> None:
        company = Company(base=NAMES[len(self.companies)])
        tax = f"DE81{len(self.companies):07}"
        values = {"name": company.base, "email": self._email(company, email), "tax_number": tax}
        if where in ("crm", "both"):
            saved = self.crm.save_account(
                Account(id="", phone=self._phone(), website="", **_some(values))
            )
            company.account, company.crm_at = saved.id, saved.modified_at
            company.crm = {**values, "website": ""}
        if where in ("erp", "both"):
            made = self.erp.save_customer(
                TradingAccount(
                    id="", system="main", currency="EUR", phone=self._phone(), **_some(values)
                )
            )
            company.customer, company.erp_at = made.id, made.modified_at
            company.erp = {**values, "website": ""}
        self.companies.append(company)

    @initialize()
    def begin(self) -> None:
        self.enter("crm", "a")
        self.enter("erp", "")
        self.settle()

    @precondition(lambda self: self._changeable())
    @rule(
        which=st.integers(0, 99),
        side=st.sampled_from(["crm", "erp"]),
        name=st.sampled_from(sorted(OWNERS)),
        value=st.integers(0, 2),
        skew=st.sampled_from([0, 0, 0, -3600, 3600]),
    )
    def change(self, which: int, side: str, name: str, value: int, skew: int) -> None:
        company = self._pick(which)
        if (company.crm if side == "crm" else company.erp) is None:
            return
        self._write(company, side, name, self._value(company, name, value), skew)

    @rule(seconds=st.sampled_from([1, 50, 70, 4000]))
    def time_passes(self, seconds: int) -> None:
        self.dock.pass_time(seconds=seconds)

    @precondition(lambda self: any(c.customer and not c.gone and c.agreed for c in self.companies))
    @rule(which=st.integers(0, 99))
    def delete_customer(self, which: int) -> None:
        there = [c for c in self.companies if c.customer and not c.gone and c.agreed]
        company = there[which % len(there)]
        if company.asked:
            return
        with self.dock.erp.client(headers={"X-Api-Key": "erp-demo-key"}) as people:
            tag = people.get(f"/customers/{company.customer}").headers["etag"]
            path = f"/customers/{company.customer}"
            people.delete(path, headers={"If-Match": tag}).raise_for_status()
        company.gone, company.erp = True, None

    @precondition(lambda self: self._open())
    @rule(which=st.integers(0, 99), take=st.sampled_from(["crm", "erp"]))
    def decide(self, which: int, take: Any) -> None:
        found = self._open()
        conflict = found[which % len(found)]
        company = next(c for c in self.companies if c.account == conflict.crm_id)
        self.host.synchronising.decide(conflict.number, take, self.dock.user("admin"))
        if conflict.field == "record":
            company.kept = True
        else:
            seen = (conflict.crm_value or "", conflict.erp_value or "")
            company.words[conflict.field] = (take, *seen)

    # What happens to the worker.

    @rule()
    def settle(self) -> None:
        self._run(lambda: None)

    @rule(kind=st.sampled_from(LOST), operation=st.sampled_from(WRITES), nth=st.integers(1, 3))
    def settle_with_lost_answers(self, kind: str, operation: str, nth: int) -> None:
        mock = self.dock.erp if "Customer" in operation else self.dock.crm
        self._run(lambda: mock.faults.add(Fault(kind, operation, nth=nth, times=1)))

    @rule(side=st.sampled_from(["crm", "erp"]), times=st.integers(1, 8))
    def settle_with_a_system_away(self, side: str, times: int) -> None:
        mock = self.dock.crm if side == "crm" else self.dock.erp
        self._run(lambda: mock.faults.add(Fault("status", status=503, times=times)))

    @rule(
        where=st.sampled_from(["keep", "_join", "save_account", "save_customer"]),
        after=st.booleans(),
        nth=st.integers(1, 3),
    )
    def settle_with_a_crash(self, where: str, after: bool, nth: int) -> None:
        target: Any = {"save_account": self.crm, "save_customer": self.erp}.get(
            where, self.host.synchronising.port
        )
        self._run(lambda: _dies(target, where, nth, after=after))
        target.__dict__.pop(where, None)

    @precondition(lambda self: self._changeable())
    @rule(
        side=st.sampled_from(["crm", "erp"]),
        name=st.sampled_from(sorted(OWNERS)),
        value=st.integers(0, 2),
    )
    def settle_while_somebody_writes(self, side: str, name: str, value: int) -> None:
        target: Any = self.crm if side == "crm" else self.erp
        method = "save_account" if side == "crm" else "save_customer"
        real = getattr(target, method)

        def meanwhile(record: Any, **more: Any) -> Any:
            target.__dict__.pop(method, None)
            for company in self.companies:
                if record.id and record.id == getattr(company, _ID[side]) and not company.gone:
                    self._write(company, side, name, self._value(company, name, value), 0)
            return real(record, **more)

        self._run(lambda: setattr(target, method, meanwhile))
        target.__dict__.pop(method, None)

    @precondition(lambda self: self.told)
    @rule(which=st.lists(st.integers(0, 99), min_size=1, max_size=4), fresh=st.booleans())
    def tell_again(self, which: list[int], fresh: bool) -> None:
        for each in which:
            change = self.told[each % len(self.told)]
            if fresh:
                change = evolve(change, version=f"again-{each}-{self.dock.clock.now:%H%M%S%f}")
            self.host.publish(RecordChanged(change=change))

    # What must hold.

    @invariant()
    def the_trail_is_whole(self) -> None:
        assert len({c.account for c in self.companies if c.account}) == len(
            [c for c in self.companies if c.account]
        )

    def let_it_settle(self) -> None:
        self.settle()
        self._check()

    def _run(self, harm: Callable[[], object]) -> None:
        harm()
        self._work()
        self.dock.crm.faults.clear()  # a feed that was away is read again later
        self.dock.erp.faults.clear()
        for _ in range(12):
            self._work()
            if not self._as_a_person():
                break
        for company in self.companies:
            self._find(company)
            company.settle()
        self._check()

    def _work(self) -> None:
        for _ in range(12):
            try:
                self.dock.deliveries.run(within=timedelta(hours=6))
                return
            except Crash:
                continue

    def _as_a_person(self) -> bool:
        """Retry what is in the exceptions queue, and look where something may have been made."""
        again = False
        for creation in self.host.store.sync_creations.list(states=["possibly_created"]):
            self.host.synchronising.creations.decide(
                creation, there="", actor="user:U-ada", reason="looked"
            )
            again = True
        for dead in self.host.deliveries.list(states=["dead"]):
            self.host.deliveries.retry(dead.id, actor="user:U-ada")
            again = True
        return again

    def _check(self) -> None:
        asked = {(c.crm_id, c.field) for c in self._open()}
        expected = {(c.account, name) for c in self.companies for name in c.asked}
        assert asked == expected
        for company in self.companies:
            account = self.crm.account(company.account)
            assert company.crm == _values(account), company
            if not company.gone:
                customer = self.erp.customer(company.customer)
                assert company.erp == _values(customer), company
                assert [
                    (link.erp_system, link.customer_id)
                    for link in self.host.store.links.of_account("crm", company.account)
                ] == [("main", company.customer)]
        left = len([c for c in self.companies if not c.gone])
        assert len(self.all_accounts()) - self.before[0] == len(self.companies)
        assert len(self.all_customers()) - self.before[1] == left

    # How it is done.

    def _write(self, company: Company, side: str, name: str, value: str, skew: int) -> None:
        mock = self.dock.crm if side == "crm" else self.dock.erp
        values = company.crm if side == "crm" else company.erp
        if values is None or values[name] == value:
            return
        if skew:
            operation = "changeAccount" if side == "crm" else "changeCustomer"
            mock.faults.add(Fault("clock_skew", operation, seconds=float(skew), times=1))
        saved: Any
        if side == "crm":
            account = self.crm.account(company.account)
            saved = type(self.crm).save_account(self.crm, evolve(account, **{name: value}))
            company.crm_at = saved.modified_at
        else:
            customer = self.erp.customer(company.customer)
            saved = type(self.erp).save_customer(self.erp, evolve(customer, **{name: value}))
            company.erp_at = saved.modified_at
        values[name] = value
        entity = "account" if side == "crm" else "trading_account"
        self.told.append(
            Change(
                cursor="", system="crm" if side == "crm" else "main", entity=entity, id=saved.id,
                action="updated", at=self.dock.clock.now, version=saved.version or "",
            )
        )  # fmt: skip

    def _find(self, company: Company) -> None:
        """Learn the number of the record that was made."""
        links = self.host.store.links
        if not company.customer:
            found = links.of_account("crm", company.account)
            assert [each.erp_system for each in found] == ["main"], company
            company.customer = found[0].customer_id
        if not company.account:
            link = links.of_customer("main", company.customer)
            assert link is not None, company
            company.account = link.account_id

    def _open(self) -> tuple[Any, ...]:
        return self.host.store.sync_conflicts.list(states=["open"])

    def _changeable(self) -> list[Company]:
        return [c for c in self.companies if not c.gone]

    def _pick(self, which: int) -> Company:
        there = self._changeable()
        return there[which % len(there)]

    def _value(self, company: Company, name: str, value: int) -> str:
        word = company.base.split()[0].lower()
        return {
            "name": (company.base, f"{company.base} North", f"{company.base} South"),
            "email": ("", f"a@{word}.example", f"b@{word}.example"),
            "tax_number": ("", f"DE{81 + value:09}", f"DE{91 + value:09}"),
            "website": ("", f"https://{word}.example", f"https://shop.{word}.example"),
        }[name][value]

    def _email(self, company: Company, email: str) -> str:
        return f"{email}@{company.base.split()[0].lower()}.example" if email else ""

    def _phone(self) -> str:
        return f"+49 30 77{len(self.companies):05}"


_ID = {"crm": "account", "erp": "customer"}


def _some(values: dict[str, str]) -> dict[str, Any]:
    return {name: value or (None if name == "email" else "") for name, value in values.items()}


def _values(record: Any) -> dict[str, str]:
    return {name: getattr(record, name) or "" for name in OWNERS}


def _dies(target: Any, name: str, nth: int, *, after: bool) -> None:
    """Let the worker die at the nth call of a method, before or after it did its work."""
    real, calls = getattr(target, name), [0]

    def dying(*args: Any, **more: Any) -> Any:
        calls[0] += 1
        if calls[0] != nth:
            return real(*args, **more)
        if after:
            real(*args, **more)
        raise Crash(f"the worker died {'after' if after else 'before'} {name}")

    setattr(target, name, dying)


def _play(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Synchronisation,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_story_of_both_sides_comes_to_what_the_policy_says():
    _play(examples=4, steps=10)


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_long_stories_of_both_sides_come_to_what_the_policy_says():
    _play(examples=60, steps=30)
