"""The same customer in both systems: entered once, changed anywhere, decided by people."""

from __future__ import annotations

from attrs import evolve

from crossdock.records import Contact


def test_an_account_entered_in_the_crm_is_a_customer_of_the_erp_and_stays_the_same(scene):
    account = scene.enter_account(phone="040 5550100")
    scene.run()
    customer = scene.customer_of(account.id)

    assert (customer.name, customer.reference) == ("Harbour Works", account.id)
    assert customer.phone == "+49405550100"
    assert customer.address.country == "DE"

    scene.dock.pass_time(hours=1)
    scene.in_crm(account.id, email="new@harbour-works.example")
    scene.run()
    assert scene.erp.customer(customer.id).email == "new@harbour-works.example"

    scene.dock.pass_time(hours=1)
    scene.in_erp(customer.id, phone="+49 40 777", tax_number="DE812345678")
    scene.run()
    changed = scene.crm.account(account.id)
    assert (changed.phone, changed.tax_number) == ("+4940777", "DE812345678")

    scene.dock.forget_calls()
    scene.run()
    assert scene.dock.crm.writes() == [] == scene.dock.erp.writes()
    assert scene.conflicts() == ()


def test_a_customer_entered_in_the_erp_is_an_account_of_the_crm_with_its_people(scene):
    customer = scene.enter_customer()
    scene.erp.save_contact(
        Contact(
            id="", system=scene.system, account_id=customer.id, first_name="Ines",
            last_name="Mill", email="ines@mill-son.example",
        )
    )  # fmt: skip
    scene.run()
    account = scene.account_of(customer.id)

    assert account.external_ids == {scene.system: customer.id}
    assert [each.name for each in scene.crm.contacts(account.id)] == ["Ines Mill"]

    (here,) = scene.crm.contacts(account.id)
    scene.dock.pass_time(hours=1)
    scene.crm.save_contact(evolve(here, last_name="Mill-Hansen"))
    scene.run()
    (there,) = scene.erp.contacts(customer)
    assert there.last_name == "Mill-Hansen"
    (here,) = scene.crm.contacts(account.id)

    verdict = scene.dock.judge(evolve(here, job_title="Head of all"), before=here)
    (veto,) = verdict.vetoes
    assert veto.message.startswith(f"Job title is kept in the ERP main, contact {there.id}: ")
    assert scene.dock.judge(evolve(here, last_name="Mill"), before=here).allowed


def test_what_the_policy_leaves_to_a_person_is_decided_with_both_values_and_their_evidence(scene):
    account, customer = scene.pair()
    scene.in_crm(account, name="Harbour Works Ltd")
    scene.dock.pass_time(minutes=5)
    scene.in_erp(customer, name="Harbour Works GmbH")
    scene.run()

    (found,) = scene.conflicts()
    assert (found.field, found.crm_value, found.erp_value) == (
        "name", "Harbour Works Ltd", "Harbour Works GmbH",
    )  # fmt: skip
    assert found.agreed_crm == "Harbour Works"
    assert found.erp_by == "integration"
    assert found.crm_at < found.erp_at
    assert scene.named("Harbour Works Ltd")[0]
    assert scene.named("Harbour Works GmbH")[1]

    kim, ada = scene.dock.user("sales"), scene.dock.user("manager")
    assert "leaves name to the role manager" in scene.host.synchronising.objection(found, kim)
    scene.host.synchronising.decide(found.number, "erp", ada, comment="as on the register")
    scene.run()

    assert scene.crm.account(account).name == "Harbour Works GmbH"
    assert scene.conflicts() == ()
    assert [each.state for each in scene.conflicts("carried_out")] == ["carried_out"]
    actions = [each.action for each in scene.host.store.audit.entries(subject=account)]
    assert "sync.conflict_decided" in actions
    assert "sync.written" in actions


def test_a_decision_counts_only_for_the_values_that_were_seen(scene):
    account, customer = scene.pair()
    scene.in_crm(account, name="One")
    scene.in_erp(customer, name="Two")
    scene.run()
    (found,) = scene.conflicts()
    scene.host.synchronising.decide(found.number, "crm", scene.dock.user("manager"))
    scene.in_erp(customer, name="Three")
    scene.run()

    (again,) = scene.conflicts()
    assert (again.number, again.crm_value, again.erp_value) == (found.number, "One", "Three")

    scene.host.synchronising.decide(again.number, "value", scene.dock.user("manager"), value="Four")
    scene.run()
    assert scene.crm.account(account).name == "Four" == scene.erp.customer(customer).name


def test_a_value_that_is_too_long_waits_for_a_person_and_the_rest_goes_through(scene):
    account, customer = scene.pair()
    scene.in_crm(account, phone="+49 40 5550100 ext. 4711", email="x@harbour-works.example")
    scene.run()

    (found,) = scene.conflicts()
    assert found.refused
    assert "takes 20" in found.reason
    assert scene.erp.customer(customer).email == "x@harbour-works.example"

    scene.host.synchronising.decide(
        found.number, "value", scene.dock.user("admin"), value="+49405550100"
    )
    scene.run()
    assert scene.crm.account(account).phone == "+49405550100"
    assert scene.conflicts() == ()


def test_the_crm_says_where_a_field_of_the_erp_is_changed(scene):
    account, customer = scene.pair()
    before = scene.crm.account(account)
    wanted = evolve(
        before, tax_number="DE899999999", website="https://x.example",
        address=evolve(before.address, city="Kiel", region="SH"),
    )  # fmt: skip

    verdict = scene.dock.judge(wanted, before=before, by="sales")

    said = {
        each.code: each.message
        for each in (*verdict.objections, *verdict.warnings)
        if each.field != "address.region"
    }
    assert said["sync.owned_by_erp"] == (
        f"Tax number is kept in the ERP main, customer {customer}: change it there, and it comes "
        "here by itself."
    )
    assert said["sync.role"] == "Website may be changed by the role manager: ask one of them."
    assert "the change is put to a person" in said["sync.routed"]
    # What is put to others is not for everybody to change either.
    assert "address.region" in {each.field for each in verdict.vetoes if each.code == "sync.role"}
    by_manager = scene.dock.judge(wanted, before=before, by="manager")
    routed = {each.field: each.message for each in by_manager.warnings}
    assert "is put to the role accounting" in routed["address.region"]

    routed = scene.dock.save(evolve(before, address=evolve(before.address, city="Kiel")))
    assert routed.account.address.city == "Kiel"
    scene.run()
    (found,) = scene.conflicts()
    assert (found.field, found.crm_value, found.erp_value) == ("address.city", "Kiel", "Hamburg")
    scene.host.synchronising.decide(found.number, "crm", scene.dock.user("admin"))
    scene.run()
    assert scene.erp.customer(customer).address.city == "Kiel"


def test_items_of_the_erp_are_items_of_the_crm(scene):
    item = scene.erp.items(limit=1).items[0]
    with scene.dock.erp.client(headers={"X-Api-Key": "erp-demo-key"}) as people:
        tag = people.get(f"/items/{item.id}").headers["etag"]
        people.patch(
            f"/items/{item.id}", json={"name": "Renamed"}, headers={"If-Match": tag}
        ).raise_for_status()
    scene.run()

    assert scene.crm.item(item.id).name == "Renamed"
    assert scene.crm.item(item.id).list_price == item.list_price
