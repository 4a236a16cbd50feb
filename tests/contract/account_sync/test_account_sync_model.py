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

from crossdock.records import Account, Change, Contact, RecordChanged, TradingAccount
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
[address.fields]
city = "newest"
[contact]
deleted_in_erp = "keep"
inactivated = "keep"
[contact.fields]
last_name = "crm"
job_title = "erp"
email = "newest"
phone = "ask"
"""
OWNERS = {
    "account": {
        "name": "ask", "email": "newest", "tax_number": "erp", "website": "crm",
        "address.city": "newest",
    },
    "contact": {"last_name": "crm", "job_title": "erp", "email": "newest", "phone": "ask"},
}  # fmt: skip
TOLERANCE = timedelta(seconds=60)
NAMES = (
    "Abelard Forge", "Bexhill Optics", "Corvina Textile", "Dunmore Freight", "Esterel Ceramics",
    "Fjordane Fisk", "Gilroy Paper", "Huygens Marine", "Ilmarin Timber", "Jastrow Dairy",
)  # fmt: skip
LOST = ("drop_before", "drop_after_commit", "timeout_after_commit", "half_body")
#: What writes in each system, by the mock that has it; the last two are in both.
WRITES = (
    ("erp", "createCustomer"), ("erp", "changeCustomer"), ("crm", "createAccount"),
    ("crm", "changeAccount"), ("crm", "createContact"), ("erp", "createContact"),
    ("crm", "changeContact"), ("erp", "changeContact"),
)  # fmt: skip
SAVES = {"account": ("save_account", "save_customer"), "contact": ("save_contact", "save_contact")}
MOST_PEOPLE = 6
SHELF = Shelf()


@define
class Kept:
    """What the model knows of one company or person: what each side has, and what was agreed on."""

    base: str
    entity: str = "account"
    company: Kept | None = None
    crm: dict[str, str] | None = None
    erp: dict[str, str] | None = None
    here: str = ""
    there: str = ""
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
            self.asked = set() if self.kept or self.entity == "contact" else {"record"}
            return
        if self.crm is None or self.erp is None:
            there = self.crm or self.erp
            assert there is not None
            self.agreed, self.crm, self.erp = dict(there), dict(there), dict(there)
            return
        for name, owner in OWNERS[self.entity].items():
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
        self.companies: list[Kept] = []
        self.people: list[Kept] = []
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
        company = Kept(base=NAMES[len(self.companies)])
        tax = f"DE81{len(self.companies):07}"
        values = {"name": company.base, "email": self._email(company, email), "tax_number": tax}
        blank = {**values, "website": "", "address.city": ""}
        if where in ("crm", "both"):
            saved = self.crm.save_account(
                Account(id="", phone=self._phone(), website="", **_some(values))
            )
            company.here, company.crm_at, company.crm = saved.id, saved.modified_at, dict(blank)
        if where in ("erp", "both"):
            made = self.erp.save_customer(
                TradingAccount(
                    id="", system="main", currency="EUR", phone=self._phone(), **_some(values)
                )
            )
            company.there, company.erp_at, company.erp = made.id, made.modified_at, dict(blank)
        self.companies.append(company)

    @precondition(lambda self: len(self.people) < MOST_PEOPLE and self._changeable("account"))
    @rule(which=st.integers(0, 99), where=st.sampled_from(["crm", "erp", "both"]))
    def enter_person(self, which: int, where: str) -> None:
        company = self._pick(which, "account")
        person = Kept(base=f"Person {len(self.people)}", entity="contact", company=company)
        email = f"person{len(self.people)}@people.example"
        values = {"last_name": person.base, "job_title": "", "email": email, "phone": ""}
        if where in ("crm", "both") and company.here:
            new = Contact(id="", account_id=company.here, last_name=person.base, email=email)
            saved = type(self.crm).save_contact(self.crm, new)
            person.here, person.crm_at, person.crm = saved.id, saved.modified_at, dict(values)
        if where in ("erp", "both") and company.there:
            new = Contact(
                id="", system="main", account_id=company.there, last_name=person.base, email=email
            )
            made = type(self.erp).save_contact(self.erp, new)
            person.there, person.erp_at, person.erp = made.id, made.modified_at, dict(values)
        if person.crm is not None or person.erp is not None:
            self.people.append(person)

    @initialize()
    def begin(self) -> None:
        self.enter("crm", "a")
        self.enter("erp", "")
        self.enter_person(0, "crm")
        self.enter_person(1, "erp")
        self.settle()

    @rule(
        which=st.integers(0, 99),
        entity=st.sampled_from(["account", "account", "contact"]),
        side=st.sampled_from(["crm", "erp"]),
        name=st.integers(0, 19),
        value=st.integers(0, 2),
        skew=st.sampled_from([0, 0, 0, -3600, 3600]),
    )
    def change(self, which: int, entity: str, side: str, name: int, value: int, skew: int) -> None:
        if not self._changeable(entity):
            return
        kept = self._pick(which, entity)
        if (kept.crm if side == "crm" else kept.erp) is None:
            return
        names = sorted(OWNERS[entity])
        self._change(kept, side, names[name % len(names)], value, skew)

    @rule(seconds=st.sampled_from([1, 50, 70, 4000]))
    def time_passes(self, seconds: int) -> None:
        self.dock.pass_time(seconds=seconds)

    @precondition(lambda self: any(c.there and not c.gone and c.agreed for c in self.companies))
    @rule(which=st.integers(0, 99))
    def delete_customer(self, which: int) -> None:
        there = [c for c in self.companies if c.there and not c.gone and c.agreed]
        company = there[which % len(there)]
        people = [each for each in self.people if each.company is company]
        if company.asked or any(each.asked or not each.agreed for each in people):
            return
        with self.dock.erp.client(headers={"X-Api-Key": "erp-demo-key"}) as clerk:
            tag = clerk.get(f"/customers/{company.there}").headers["etag"]
            path = f"/customers/{company.there}"
            clerk.delete(path, headers={"If-Match": tag}).raise_for_status()
        for each in (company, *people):
            each.gone, each.erp = True, None

    @precondition(lambda self: self._open())
    @rule(which=st.integers(0, 99), take=st.sampled_from(["crm", "erp"]))
    def decide(self, which: int, take: Any) -> None:
        found = self._open()
        conflict = found[which % len(found)]
        kept = (*self.companies, *self.people)
        company = next(c for c in kept if (c.entity, c.here) == (conflict.entity, conflict.crm_id))
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

    @rule(kind=st.sampled_from(LOST), written=st.sampled_from(WRITES), nth=st.integers(1, 3))
    def settle_with_lost_answers(self, kind: str, written: tuple[str, str], nth: int) -> None:
        side, operation = written
        mock = self.dock.erp if side == "erp" else self.dock.crm
        self._run(lambda: mock.faults.add(Fault(kind, operation, nth=nth, times=1)))

    @rule(side=st.sampled_from(["crm", "erp"]), times=st.integers(1, 8))
    def settle_with_a_system_away(self, side: str, times: int) -> None:
        mock = self.dock.crm if side == "crm" else self.dock.erp
        self._run(lambda: mock.faults.add(Fault("status", status=503, times=times)))

    @rule(
        where=st.sampled_from(
            ["keep", "_join", "save_account", "save_customer", "save_contact", "agree", "closed"]
        ),
        after=st.booleans(),
        nth=st.integers(1, 3),
    )
    def settle_with_a_crash(self, where: str, after: bool, nth: int) -> None:
        # The last two tear a transaction of the store in its middle.
        store = self.host.store
        target, name = {
            "save_account": (self.crm, where),
            "save_customer": (self.erp, where),
            "save_contact": (self.erp if nth % 2 else self.crm, where),
            "agree": (store.sync_pairs, where),
            "closed": (store.sync_conflicts, "keep"),
        }.get(where, (self.host.synchronising.port, where))
        self._run(lambda: _dies(target, name, nth, after=after))
        target.__dict__.pop(name, None)

    @rule(
        entity=st.sampled_from(["account", "contact"]),
        side=st.sampled_from(["crm", "erp"]),
        name=st.integers(0, 19),
        value=st.integers(0, 2),
    )
    def settle_while_somebody_writes(self, entity: str, side: str, name: int, value: int) -> None:
        target: Any = self.crm if side == "crm" else self.erp
        method = SAVES[entity][side == "erp"]
        names = sorted(OWNERS[entity])
        real = getattr(target, method)

        def meanwhile(record: Any, **more: Any) -> Any:
            target.__dict__.pop(method, None)
            for kept in self.companies if entity == "account" else self.people:
                mine = kept.here if side == "crm" else kept.there
                if record.id and record.id == mine and not kept.gone:
                    self._change(kept, side, names[name % len(names)], value, 0)
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
        known = [c.here for c in (*self.companies, *self.people) if c.here]
        assert len(set(known)) == len(known)

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
        for each in (*self.companies, *self.people):
            self._find(each)
            each.settle()
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
        asked = {
            (c.entity, c.crm_id, c.erp_id, c.field): (c.crm_value, c.erp_value)
            for c in self._open()
        }
        assert len(asked) == len(self._open())
        assert asked == {
            (each.entity, each.here, each.there, name): _seen(each, name)
            for each in (*self.companies, *self.people)
            for name in each.asked
        }
        for company in self.companies:
            account = self.crm.account(company.here)
            assert company.crm == _values(account, "account"), company
            people = [each for each in self.people if each.company is company]
            assert {each.id for each in self.crm.contacts(company.here)} == {
                each.here for each in people
            }
            if not company.gone:
                customer = self.erp.customer(company.there)
                assert company.erp == _values(customer, "account"), company
                assert [
                    (link.erp_system, link.customer_id)
                    for link in self.host.store.links.of_account("crm", company.here)
                ] == [("main", company.there)]
                assert {each.id for each in self.erp.contacts(customer)} == {
                    each.there for each in people
                }
        for person in self.people:
            assert person.crm == _values(self.crm.contact(person.here), "contact"), person
            if not person.gone:
                assert person.erp == _values(self.erp.contact(person.there), "contact"), person
        left = len([c for c in self.companies if not c.gone])
        assert len(self.all_accounts()) - self.before[0] == len(self.companies)
        assert len(self.all_customers()) - self.before[1] == left

    # How it is done.

    def _change(self, kept: Kept, side: str, name: str, value: int, skew: int) -> None:
        """Let somebody change a field in one system, whose clock may be off."""
        wanted = self._value(kept, name, value)
        mock = self.dock.crm if side == "crm" else self.dock.erp
        port: Any = self.crm if side == "crm" else self.erp
        values = kept.crm if side == "crm" else kept.erp
        if values is None or values[name] == wanted:
            return
        noun = {"account": ("Account", "Customer")}.get(kept.entity, ("Contact", "Contact"))
        if skew:
            operation = f"change{noun[side == 'erp']}"
            mock.faults.add(Fault("clock_skew", operation, seconds=float(skew), times=1))
        record_id = kept.here if side == "crm" else kept.there
        read = "contact" if kept.entity == "contact" else ("account", "customer")[side == "erp"]
        record = getattr(port, read)(record_id)
        # As people do it, past what lets the worker die.
        save = getattr(type(port), SAVES[kept.entity][side == "erp"])
        saved = save(port, _with(record, name, wanted))
        if side == "crm":
            kept.crm_at = saved.modified_at
        else:
            kept.erp_at = saved.modified_at
        values[name] = wanted
        entity = "trading_account" if side == "erp" and kept.entity == "account" else kept.entity
        self.told.append(
            Change(
                cursor="", system="crm" if side == "crm" else "main", entity=entity, id=saved.id,
                action="updated", at=self.dock.clock.now, version=saved.version or "",
            )
        )  # fmt: skip

    def _find(self, kept: Kept) -> None:
        """Learn the number of the record that was made."""
        if kept.here and kept.there:
            return
        system, known = ("crm", kept.here) if kept.here else ("main", kept.there)
        found = self.host.synchronising.port.pairs(kept.entity, system, known)
        assert [each.erp_system for each in found] == ["main"], kept
        kept.here, kept.there = found[0].crm_id, found[0].erp_id

    def _open(self) -> tuple[Any, ...]:
        return self.host.store.sync_conflicts.list(states=["open"])

    def _changeable(self, entity: str) -> list[Kept]:
        kept = self.companies if entity == "account" else self.people
        return [each for each in kept if not each.gone]

    def _pick(self, which: int, entity: str) -> Kept:
        there = self._changeable(entity)
        return there[which % len(there)]

    def _value(self, kept: Kept, name: str, value: int) -> str:
        word = "".join(kept.base.lower().split())
        return {
            "name": (kept.base, f"{kept.base} North", f"{kept.base} South"),
            "email": ("", f"a@{word}.example", f"b@{word}.example"),
            "tax_number": ("", f"DE{81 + value:09}", f"DE{91 + value:09}"),
            "website": ("", f"https://{word}.example", f"https://shop.{word}.example"),
            "address.city": ("", "Lyon", "Graz"),
            "last_name": (kept.base, f"{kept.base} Jr", f"{kept.base} Sr"),
            "job_title": ("", "Buyer", "Head of buying"),
            "phone": ("", "+4930771", "+4930772"),
        }[name][value]

    def _email(self, company: Kept, email: str) -> str:
        return f"{email}@{company.base.split()[0].lower()}.example" if email else ""

    def _phone(self) -> str:
        return f"+49 30 77{len(self.companies):05}"


def _some(values: dict[str, str]) -> dict[str, Any]:
    return {name: value or (None if name == "email" else "") for name, value in values.items()}


def _values(record: Any, entity: str) -> dict[str, str]:
    return {name: _get(record, name) for name in OWNERS[entity]}


def _get(record: Any, name: str) -> str:
    part, _, inner = name.partition(".")
    value = getattr(record, part)
    return (getattr(value, inner) if inner else value) or ""


def _with(record: Any, name: str, value: str) -> Any:
    part, _, inner = name.partition(".")
    changed: Any = evolve(getattr(record, part), **{inner: value}) if inner else value
    return evolve(record, **{part: changed})


def _seen(kept: Kept, name: str) -> tuple[str | None, str | None]:
    """Give both values as the conflict has to have them."""
    if name == "record":
        assert kept.crm is not None
        return kept.crm["name"], None
    assert kept.crm is not None
    assert kept.erp is not None
    return kept.crm[name], kept.erp[name]


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
