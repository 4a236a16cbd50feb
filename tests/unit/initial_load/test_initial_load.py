"""The initial load: nothing made twice, all accounted for, and no success that is none."""

from __future__ import annotations

import pytest

from crossdock.errors import ConfigError, RemoteUnavailable, SetupError
from crossdock.host.deliveries.locks import locks_of
from crossdock.host.initial_load.progress import Progress, Step
from crossdock.host.initial_load.report import SideReport, judged
from crossdock.host.store import Store
from crossdock.ports import Page
from crossdock.records import Contact


def test_all_that_two_systems_have_is_brought_together_once(scene, truth):
    of_accounts, of_customers = truth
    accounts_before, customers_before = scene.everything()
    steps = []

    report = scene.load.run(tell=steps.append)

    assert report.succeeded, report.sentence
    erp_side, crm_side = report.sides
    assert (
        (erp_side.read, crm_side.read) == (len(customers_before), len(accounts_before)) == (24, 24)
    )
    assert erp_side.balanced
    assert crm_side.balanced
    accounts, customers = scene.everything()
    asked = {each.customer_id: each for each in scene.store.proposals.list("crm")}
    linked = {customer: account for account, customer in scene.pairs()}
    for customer, account in of_accounts.items():
        assert linked.get(customer, asked.get(customer) and asked[customer].account_id) == account
        assert (customer in linked) != (customer in asked)  # a person is asked, or nobody has to be
    for second, first in of_customers.items():
        # Two customers of one company: one account, and a question of the other.
        assert {first, second} & linked.keys()
        assert second in asked or first in asked or linked[first] == linked[second]
    in_question = {each.account_id for each in asked.values()}
    assert len(accounts) == 24 + erp_side.outcomes["created"]
    assert len(customers) == 24 + crm_side.outcomes["created"]
    assert not in_question & {a for a, c in scene.pairs() if c in asked}
    named = [each.external_ids["main"] for each in accounts if "main" in each.external_ids]
    assert len(named) == len(set(named))
    for written, again in report.checksums.values():
        assert written == again
    assert report.checked
    assert not report.differing
    assert {each.phase.split()[0] for each in steps} == {
        "reading",
        "comparing",
        "writing",
        "checking",
    }

    again = scene.load.run()
    assert again.sentence == "Nothing had to be done: both systems agree already."
    assert again.succeeded
    assert sum(each.outcomes["created"] + each.outcomes["updated"] for each in again.sides) == 0
    assert [len(each) for each in scene.everything()] == [len(accounts), len(customers)]


def test_what_a_person_said_counts_in_the_next_load(scene, truth, changed):
    first = scene.load.run()
    asked = scene.store.proposals.list("crm")
    assert asked
    yes, *_ = asked
    scene.store.proposals.decide(yes, "confirmed", actor="user:U-kim")
    for each in asked[1:]:
        scene.store.proposals.decide(each, "rejected", actor="user:U-kim")

    second = scene.load.run()

    assert second.succeeded
    assert (yes.account_id, yes.customer_id) in scene.pairs()
    rejected = {each.customer_id for each in asked[1:]} - {yes.customer_id}
    linked = {customer: account for account, customer in scene.pairs()}
    for each in asked[1:]:
        if each.customer_id in rejected:
            assert linked.get(each.customer_id) != each.account_id
    assert first.number < second.number


def test_the_people_of_accounts_follow_them_and_are_made_once(scene, truth, monkeypatch):
    accounts, customers = scene.everything()

    def person(name, account_id, email="", system=""):
        return Contact(
            id="", first_name=name, last_name="Aalto", account_id=account_id, email=email,
            system=system,
        )  # fmt: skip

    here = [
        scene.crm.save_contact(person("Ines", each.id, email=f"ines@{at}.example"))
        for at, each in enumerate(accounts[:6])
    ]
    there = [
        scene.main.save_contact(person("Ove", each.id, system="main")) for each in customers[:6]
    ]
    # At each account that is a customer as well, one is in both already.
    both = {
        (
            scene.crm.save_contact(person("Una", account, email=f"una@{account}.example")).id,
            scene.main.save_contact(person("U.", customer, f"UNA@{account}.example", "main")).id,
        ): (account, customer)
        for customer, account in truth[0].items()
    }
    whole = type(scene.main).save_contact
    left = [2]

    def tired(self, contact, **more):
        if not left[0]:
            raise RemoteUnavailable("main does not answer", system="main")
        left[0] -= 1
        return whole(self, contact, **more)

    monkeypatch.setattr(type(scene.main), "save_contact", tired)
    stopped = scene.load.run()
    assert "It stopped while writing contacts (main)" in stopped.sentence
    monkeypatch.setattr(type(scene.main), "save_contact", whole)

    report = scene.load.run()

    assert report.succeeded, report.sentence
    _, _, of_erp, of_crm = report.sides
    assert (of_erp.what, of_crm.what) == ("contacts", "contacts")
    assert (of_erp.read, of_crm.read) == (len(there) + len(both), len(here) + len(both))
    assert of_erp.balanced
    assert of_crm.balanced
    in_crm = scene.crm.all_contacts(limit=200).items
    in_erp = scene.main.all_contacts(limit=200).items
    assert len(in_crm) == of_crm.read + of_erp.outcomes["created"]
    assert len(in_erp) == of_erp.read + of_crm.outcomes["created"]
    assert of_crm.outcomes["created"] >= 3
    assert of_erp.outcomes["created"] >= 3
    names = [(each.account_id, each.first_name) for each in in_erp]
    assert len(names) == len(set(names))
    pairs = {(each.crm_id, each.erp_id) for each in scene.store.sync_pairs.list("contact")}
    met = {people for people, companies in both.items() if companies in scene.pairs()}
    assert met
    assert met <= pairs
    for side in (of_erp, of_crm):  # whose account is for a person waits with it
        waiting = [r for r in report.reasons if r[0] == side.system and "one system only" in r[2]]
        assert sum(each[3] for each in waiting) == side.outcomes.get("ignored", 0)

    again = scene.load.run()
    assert again.sentence == "Nothing had to be done: both systems agree already."
    assert len(scene.main.all_contacts(limit=200).items) == len(in_erp)


def test_bad_credentials_are_no_load_of_nothing(scene, another):
    wrong = another(scene, erp_settings={"url": "http://erp.test", "api_key": "wrong"})

    report = wrong.load.run()

    assert not report.succeeded
    assert report.state == "stopped"
    assert "It stopped while reading (main)" in report.sentence
    assert report.read == 0
    assert wrong.load.latest().sentence == report.sentence
    assert scene.load.run().succeeded  # set right, it goes on


def test_what_is_lost_or_changed_before_the_end_is_named(scene, monkeypatch, changed):
    whole = type(scene.main).all_customers
    read = []

    def other_people_at_work(self, **where):
        page = whole(self, **where)
        read.append(page)
        if len(read) == 1:
            return page
        _lost, *rest, renamed = page.items
        return Page(items=(*rest, changed(renamed, name="Somebody else")), next=None, total=None)

    monkeypatch.setattr(type(scene.main), "all_customers", other_people_at_work)

    report = scene.load.run()

    lost, *_, renamed = read[1].items
    assert report.state == "failed"
    assert report.sentence == (
        "1 records that were written are not there when they are read again."
    )
    assert set(report.differing) == {f"main:{renamed.id}", f"main:{lost.id}"}
    written, again = report.checksums["main"]
    assert written != again
    assert report.checksums["crm"][0] == report.checksums["crm"][1]


def test_a_load_into_a_new_store_knows_what_an_earlier_one_made(scene, tmp_path, another):
    scene.load.run()
    made = [len(each) for each in scene.everything()]
    references = {each.reference for each in scene.everything()[1] if each.reference}
    assert references

    with Store.open(f"sqlite:///{tmp_path}/new.db", clock=scene.store.clock) as store:
        scene.store = store
        report = another(scene).load.run()

        assert report.succeeded, report.sentence
        assert [len(each) for each in scene.everything()] == made
        assert references <= {link.account_id for link in store.links.of_crm("crm")}


def test_nothing_read_is_no_success(scene, monkeypatch):
    empty = Page(items=(), next=None, total=0)
    monkeypatch.setattr(type(scene.main), "all_customers", lambda self, **_: empty)
    monkeypatch.setattr(type(scene.crm), "all_accounts", lambda self, **_: empty)

    report = scene.load.run()

    assert (report.succeeded, report.state) == (False, "failed")
    assert "Nothing was read: neither main and crm gave a single record" in report.sentence


def test_a_load_that_was_refused_all_is_no_success():
    def side(system, **outcomes):
        return SideReport(system=system, what="x", read=sum(outcomes.values()), outcomes=outcomes)

    assert "All 5 records that were tried were refused" in judged(
        (side("main", refused=5), side("crm", ignored=2))
    )
    assert judged((side("main", refused=5, created=1), side("crm"))) == ""
    lost = SideReport(system="main", what="customers", read=3, outcomes={"created": 2, "": 1})
    assert "1 not yet looked at" in judged((lost,))


def test_a_system_that_goes_away_stops_it_and_it_goes_on_from_there(scene, monkeypatch):
    whole = type(scene.crm).save_account
    left = [3]

    def tired(self, account):
        if not left[0]:
            raise RemoteUnavailable("crm does not answer", system="crm")
        left[0] -= 1
        return whole(self, account)

    monkeypatch.setattr(type(scene.crm), "save_account", tired)
    stopped = scene.load.run()
    assert (stopped.state, stopped.succeeded) == ("stopped", False)
    assert "It stopped while writing (crm): crm does not answer" in stopped.sentence
    read = sum(stopped.calls.values())

    monkeypatch.setattr(type(scene.crm), "save_account", whole)
    report = scene.load.run()

    assert report.succeeded
    assert report.number == stopped.number
    assert read
    accounts, _ = scene.everything()
    named = [each.external_ids["main"] for each in accounts if "main" in each.external_ids]
    assert len(named) == len(set(named))
    assert report.sides[0].balanced


def test_the_quota_of_a_system_is_kept_and_a_day_that_is_used_up_is_no_failure(scene, another):
    slow = another(scene, limits={"main": {"per_second": 50}})
    slow.load.run()
    assert sum(slow.slept) > 0

    spent = another(scene, limits={"crm": {"daily": 1}})
    report = spent.load.run(anew=True)

    assert report.state == "stopped"
    assert "calls a day that crm allows are used up; go on from 2026-11-21" in report.sentence


def test_who_cannot_begin_is_told_why(scene):
    with pytest.raises(ConfigError, match="there is no ERP called nowhere; there are: main"):
        scene.load.run("nowhere")
    assert scene.load.latest() is None
    held = locks_of(scene.store).acquire("initial-load-main")
    with pytest.raises(SetupError, match="another process is loading main"):
        scene.load.run()
    held.release()


def test_progress_says_how_fast_and_how_long():
    told: list[Step] = []
    clock = iter([0.0, 10.0])
    progress = Progress(told.append, "writing", done=100, total=400, clock=lambda: next(clock))

    progress.more(50)

    assert told[0].text == "writing: 150 of 400, 5 a second, 50 s left"
    assert Step(phase="writing", done=0, total=9_000, rate=1.5).text.endswith("1 h 40 min left")
