"""What integrations of CRM and ERP get wrong, one test for each line of the list of incidents.

The list is the last paragraph of the collected business rules: each line is a public bug or forum
thread of some integration. Those about prices and amounts are tested where prices are.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crossdock.demo.crms import CRM_CLIENT
from crossdock.records import Address, Change, Contact, RecordChanged
from crossdock.rules.ownership import EntityPolicy, FieldPolicy, Side, plan
from crossdock_mocks.engine.faults import Fault
from crossdock_mocks.frontoffice import Office
from crossdock_mocks.frontoffice.resources import ACCOUNT


def test_every_guest_order_creates_a_new_customer(scene):
    """A company that is there already is found, not made again."""
    customer = scene.enter_customer(tax_number="DE811111111", phone="+49 40 5550100")
    account = scene.enter_account(
        "Mill & Son Ltd.",
        tax_number="DE 811 111 111",
        email="info@mill-son.example",
        address=Address(country="DE"),
    )
    scene.run()

    assert scene.customer_of(account.id).id == customer.id
    assert len(scene.erp.customers("Mill").items) == 1
    assert len(scene.crm.accounts("Mill").items) == 1


def test_a_merge_breaks_a_unique_link(scene):
    """What was merged leads to the one that goes on, on both sides, and is kept the same."""
    one, customer = scene.pair()
    scene.dock.pass_time(hours=1)
    other = scene.enter_account(
        "Quay Works", kind="prospect", email="q@quay.example", phone=None, address=Address()
    )
    scene.run()
    _merge(scene, one, other.id)
    scene.run()
    assert scene.account_of(customer).id == other.id

    scene.dock.pass_time(hours=1)
    scene.in_crm(other.id, email="new@quay.example")
    scene.run()
    assert scene.erp.customer(customer).email == "new@quay.example"
    assert len(scene.host.store.links.of_account("crm", other.id)) == 1


def test_a_merge_that_is_undone_gives_the_account_its_own_customer_again(scene):
    """Nothing is made anew, and what was asked of the pair that is none any more is over."""
    one, customer = scene.pair()
    was = scene.dock.crm.world.table("crm_accounts").get(one)
    other = scene.enter_account(
        "Quay Works", kind="prospect", email="q@quay.example", phone=None, address=Address()
    )
    scene.run()
    _merge(scene, one, other.id)
    scene.run()
    assert scene.account_of(customer).id == other.id
    scene.in_crm(other.id, phone="+49 40 999")
    scene.run()
    (asked,) = scene.conflicts()
    assert (asked.crm_id, asked.field, asked.crm_value) == (other.id, "name", "Quay Works")

    scene.dock.pass_time(hours=1)
    kept = ("name", "kind", "email", "phone", "address", "currency", "external_ids")
    Office(scene.dock.crm.world).create(ACCOUNT, {name: was[name] for name in kept}, key=one)
    scene.run()

    assert scene.account_of(customer).id == one
    assert scene.host.store.links.of_account("crm", other.id) == ()
    assert scene.conflicts() == ()
    scene.dock.pass_time(hours=1)
    scene.in_crm(one, email="back@harbour-works.example")
    scene.in_crm(other.id, email="own@quay.example")
    scene.run()
    assert scene.erp.customer(customer).email == "back@harbour-works.example"
    assert [len(each) for each in scene.named("Harbour Works")] == [1, 1]
    actions = [each.action for each in scene.host.store.audit.entries(subject=one)]
    assert [each for each in actions if each.startswith("account.")] == [
        "account.merged", "account.unmerged",
    ]  # fmt: skip


def test_a_merge_is_put_to_a_person_where_the_policy_says_so(scene_of, policy_file, tmp_path):
    """Nothing follows by itself: the customer stays where it was, and is proposed to the other."""
    policy = tmp_path / "asking.toml"
    asking = policy_file.read_text().replace("[account]\n", '[account]\nmerged = "ask"\n')
    policy.write_text(asking)
    scene = scene_of(policy=policy)
    one, customer = scene.pair()
    other = scene.enter_account("Harbour Works Ltd", kind="prospect", website="https://h.example")
    scene.run()
    _merge(scene, one, other.id)
    scene.run()

    (link,) = scene.host.store.links.of_account("crm", one)
    assert (link.customer_id, link.lost) == (customer, "account")
    (asked,) = scene.host.store.proposals.list("crm")
    assert (asked.account_id, asked.instead_of_account) == (other.id, one)
    assert scene.erp.customer(customer).active
    assert scene.named("Harbour Works Ltd")[1] == []

    scene.host.linking.link(other.id, f"main:{customer}", scene.dock.user("admin"))
    scene.dock.pass_time(hours=1)
    scene.in_crm(other.id, email="new@harbour-works.example")
    scene.run()
    assert scene.account_of(customer).id == other.id
    assert scene.erp.customer(customer).email == "new@harbour-works.example"


def test_people_who_are_merged_are_one_person_on_both_sides(scene):
    """The one that goes on has the ERP's contact of the one that went."""
    account, customer = scene.pair()
    ada, two = (
        scene.crm.save_contact(Contact(id="", account_id=account, last_name=name, email=email))
        for name, email in (("Wolf", "ada@harbour-works.example"), ("Wolff", None))
    )
    scene.run()
    there = {each.last_name: each for each in scene.erp.contacts(scene.erp.customer(customer))}
    assert set(there) == {"Wolf", "Wolff"}
    pairs = scene.host.store.sync_pairs
    (kept,) = pairs.of("contact", "crm", ada.id)
    pairs.forget(pairs.of("contact", "crm", two.id)[0])

    with scene.dock.crm.client(headers=_token(scene)) as people:
        people.delete(f"/contacts/{ada.id}").raise_for_status()
    scene.host.publish(
        RecordChanged(
            change=Change(
                cursor="", system="crm", entity="contact", id=ada.id, action="deleted",
                at=scene.dock.clock.now, version="merged", successor=two.id,
            )
        )
    )  # fmt: skip
    scene.run()

    (now,) = pairs.of("contact", "crm", two.id)
    assert now.erp_id == kept.erp_id
    assert scene.erp.contact(kept.erp_id).active
    assert scene.erp.contact(kept.erp_id).last_name == "Wolff"


def test_self_healing_errors_are_marked_skipped_for_good(scene):
    """A system that was away is asked again by itself, and what waited goes through."""
    account, customer = scene.pair()
    scene.dock.erp.faults.add(Fault("status", "*Customer", status=503, times=12))
    scene.in_crm(account, email="late@harbour-works.example")
    scene.run()

    assert scene.erp.customer(customer).email == "late@harbour-works.example"


@pytest.mark.parametrize("lost", ["drop_after_commit", "drop_before"])
def test_an_error_is_reported_although_the_record_was_created(scene, lost):
    """A lost answer never makes a second customer, whether or not the first was made."""
    scene.dock.erp.faults.add(Fault(lost, "createCustomer", times=2))
    account = scene.enter_account()
    scene.run()

    assert [len(each) for each in scene.named("Harbour Works")] == [1, 1]
    assert scene.customer_of(account.id).reference == account.id


def test_the_answer_for_a_new_account_of_the_crm_is_lost(scene):
    """The CRM keeps no keys: what it made is found by the number of the customer, or a person."""
    customer = scene.enter_customer()
    scene.dock.crm.faults.add(Fault("drop_after_commit", "createAccount", times=1))
    scene.run()
    assert len(scene.named("Mill & Son")[0]) == 1
    assert scene.account_of(customer.id).name == "Mill & Son"

    other = scene.enter_customer("Weir & Lock")
    scene.dock.crm.faults.add(Fault("drop_before", "createAccount", times=1))
    scene.run()
    (creation,) = scene.host.store.sync_creations.list(states=["possibly_created"])
    assert (creation.from_id, creation.to_system) == (other.id, "crm")
    assert scene.named("Weir & Lock")[0] == []
    scene.host.synchronising.creations.decide(
        creation, there="", actor="user:U-ada", reason="looked by name and by number"
    )
    _again(scene, "trading_account", other.id)
    assert scene.account_of(other.id).name == "Weir & Lock"


def test_bad_credentials_are_reported_as_a_successful_sync_of_nothing(scene):
    """It waits for a person with its cause; once the credential is good, nothing is missing."""
    account, customer = scene.pair()
    scene.in_crm(account, email="later@harbour-works.example")
    scene.dock.erp.faults.add(Fault("status", "*Customer", status=401, times=1))
    done = scene.run()

    dead = [each for each in done if each.state == "dead"]
    if dead:
        assert {each.failure for each in dead} == {"authorization"}
        for each in dead:
            scene.host.deliveries.retry(each.id, actor="user:U-ada")
        scene.run()
    assert scene.erp.customer(customer).email == "later@harbour-works.example"


def test_a_watermark_in_local_midnight():
    """Instants are compared as instants, whatever offset a system writes them in."""
    fields = {"name": FieldPolicy(name="name", owner="newest")}
    policy = EntityPolicy(entity="account", fields=fields)
    night = datetime.fromisoformat("2026-03-01T23:30:00-05:00")
    morning = datetime.fromisoformat("2026-03-02T04:00:00+00:00")
    crm = Side(system="crm", id="A", values={"name": "Later"}, changed_at=night)
    erp = Side(system="erp", id="C", values={"name": "Earlier"}, changed_at=morning)

    assert plan(policy, crm, erp).to_erp == {"name": "Later"}


def test_late_commits_behind_the_watermark_and_events_out_of_order(scene):
    """A change that shows late, twice or after a newer one finds the state of now."""
    account, customer = scene.pair()
    scene.in_crm(account, email="first@harbour-works.example")
    scene.dock.pass_time(minutes=5)
    scene.in_crm(account, email="second@harbour-works.example")
    scene.run()
    scene.dock.forget_calls()

    for version in ("late-2", "late-1", "late-2"):
        _again(scene, "account", account, version=version)

    assert scene.erp.customer(customer).email == "second@harbour-works.example"
    assert scene.dock.erp.writes() == scene.dock.crm.writes() == []


def test_hard_deletes_are_never_noticed(scene):
    """What is gone on one side is for the policy, here for a person, and decided once."""
    account, customer = scene.pair()
    with scene.dock.erp.client(headers={"X-Api-Key": "erp-demo-key"}) as people:
        tag = people.get(f"/customers/{customer}").headers["etag"]
        gone = people.delete(f"/customers/{customer}", headers={"If-Match": tag})
    gone.raise_for_status()
    scene.run()

    (found,) = scene.conflicts()
    assert (found.field, found.crm_value, found.erp_value) == ("record", "Harbour Works", None)
    scene.host.synchronising.decide(found.number, "erp", scene.dock.user("admin"))
    scene.run()
    assert not scene.crm.account(account).active
    scene.in_crm(account, website="https://left.example")
    scene.run()
    assert scene.conflicts() == ()


def test_the_daily_quota_is_exhausted(scene):
    """It waits as long as the system says, and goes on."""
    account, customer = scene.pair()
    scene.dock.erp.faults.add(Fault("status", "*Customer", status=429, retry_after=600, times=5))
    scene.in_crm(account, email="quota@harbour-works.example")
    scene.run()

    assert scene.erp.customer(customer).email == "quota@harbour-works.example"


def test_a_duplicate_webhook_in_spite_of_an_answer(scene):
    """The same news twice is one delivery, and a delivery done twice writes once."""
    account, customer = scene.pair()
    changed = scene.in_crm(account, email="twice@harbour-works.example")
    event = RecordChanged(
        change=Change(
            cursor="", system="crm", entity="account", id=account, action="updated",
            at=scene.dock.clock.now, version=changed.version or "",
        )
    )  # fmt: skip
    assert scene.host.publish(event) == scene.host.publish(event)
    (delivery,) = [each for each in scene.run() if each.subject == account]
    scene.dock.deliveries.deliver_again(delivery)

    assert len(scene.dock.erp.calls("changeCustomer")) == 1
    assert scene.erp.customer(customer).email == "twice@harbour-works.example"


def test_a_retired_version_of_an_api_answers_410(scene):
    """It is in the exceptions queue with its cause, and not marked done."""
    account, _customer = scene.pair()
    scene.dock.erp.faults.add(Fault("status", "*Customer", status=410, times=50))
    scene.in_crm(account, email="gone@harbour-works.example")
    scene.run()

    assert [each.subject for each in scene.host.deliveries.list(states=["dead"])] == [account]


def test_a_transaction_is_rolled_back_after_the_erp_had_created_the_record(scene, monkeypatch):
    """The intent is stored before the call, so what a dying worker made is found, not made anew."""
    account = scene.enter_account()
    joined = type(scene.host.synchronising.port)._join

    def dies(*_args: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(type(scene.host.synchronising.port), "_join", dies)
    scene.dock.deliveries.run(within=timedelta(0))
    assert len(scene.named("Harbour Works")[1]) == 1

    monkeypatch.setattr(type(scene.host.synchronising.port), "_join", joined)
    scene.run()
    for each in scene.host.deliveries.list(states=["dead"]):
        scene.host.deliveries.retry(each.id, actor="user:U-ada")
    scene.run()
    assert [len(each) for each in scene.named("Harbour Works")] == [1, 1]
    assert scene.customer_of(account.id).reference == account.id


def test_own_writes_come_back_as_changes_and_are_known_by_origin_and_by_content(scene):
    """By origin nothing is read; where the versions say nothing, both say the same."""
    account, customer = scene.pair()
    scene.in_crm(account, email="once@harbour-works.example")
    scene.run()
    scene.dock.forget_calls()
    (kept,) = scene.host.store.sync_pairs.of("account", "crm", account)
    assert kept.erp_version == scene.erp.customer(customer).version

    scene.dock.forget_calls()
    _again(scene, "trading_account", customer, version=kept.erp_version)
    assert scene.dock.erp.calls("getCustomer") == []
    _again(scene, "trading_account", customer, version="another")
    assert scene.dock.erp.writes() == scene.dock.crm.writes() == []


def _again(scene, entity, record_id, *, version="again"):
    """Tell of a change, as a feed or a webhook may do at any time."""
    system = "crm" if entity == "account" else scene.system
    scene.host.publish(
        RecordChanged(
            change=Change(
                cursor="", system=system, entity=entity, id=record_id, action="updated",
                at=scene.dock.clock.now, version=version,
            )
        )
    )  # fmt: skip
    return scene.run()


def _merge(scene, account, into):
    with scene.dock.crm.client(headers=_token(scene)) as people:
        people.post(f"/accounts/{account}/merge", json={"into": into}).raise_for_status()


def _token(scene):
    answer = scene.dock.crm.client().post(
        "/oauth/token",
        data={"grant_type": "client_credentials", **CRM_CLIENT},
    )
    answer.raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
