"""The same walk on pairs of other systems: what they keep differs, what is right does not."""

from __future__ import annotations

import pytest

from crossdock.demo.crms import CRMS
from crossdock_mocks.engine.faults import Fault

# Nobody waits for a clock on the wall: the mocks have a clock of their own.
UNHURRIED = {"hubspot": {"searches_per_second": 10_000.0}}
# How each system calls the making of a customer, or of an account.
MAKES = {
    "quickbooks": "createCustomer",
    "business-central": "createCustomer",
    "hubspot": "*reateCompany*",
    "salesforce": "*reate*",
}


@pytest.mark.parametrize(
    ("crm", "erp"), [("hubspot", "quickbooks"), ("salesforce", "business-central")]
)
def test_a_pair_of_vendors_systems_keeps_the_same_customers(scene_of, crm, erp):
    tables = CRMS[crm].tables(f"http://{crm}.test")
    settings = {"crm": {**tables["crm"], **UNHURRIED.get(crm, {})}}
    if "crm.roles" in tables:
        settings["crm"]["roles"] = tables["crm.roles"]
    scene = scene_of(crm=crm, erp=erp, settings=settings)

    for system in (scene.crm, scene.erp):
        if hasattr(system, "provisioning"):
            system.provisioning.provision()

    # Entered in the CRM, and the ERP's answer is lost: one customer.
    scene.dock.erp.faults.add(Fault("drop_after_commit", MAKES[erp], times=1))
    account = scene.enter_account()
    _run(scene)
    customer = scene.customer_of(account.id)
    assert [len(each) for each in scene.named("Harbour Works")] == [1, 1]
    assert customer.phone == "+49405550100"
    assert customer.address.country == "DE"

    # Changed in both, in different fields: both have both.
    scene.dock.pass_time(hours=2)
    scene.in_crm(account.id, email="new@harbour-works.example")
    scene.in_erp(customer.id, phone="+49 40 777")
    _run(scene)
    assert scene.erp.customer(customer.id).email == "new@harbour-works.example"
    assert scene.crm.account(account.id).phone == "+4940777"

    # Changed in both, in the same field that nobody owns: a person decides.
    scene.dock.pass_time(hours=2)
    scene.in_crm(account.id, name="Harbour Works North")
    scene.in_erp(customer.id, name="Harbour Works South")
    _run(scene)
    (found,) = scene.conflicts()
    assert (found.crm_value, found.erp_value) == ("Harbour Works North", "Harbour Works South")
    scene.host.synchronising.decide(
        found.number, "crm", _manager(scene), comment="as they write themselves"
    )
    _run(scene)
    assert scene.erp.customer(customer.id).name == "Harbour Works North"

    # Entered in the ERP, and the CRM's answer is lost: one account, which names its customer.
    scene.dock.pass_time(hours=2)
    scene.dock.crm.faults.add(Fault("drop_after_commit", MAKES[crm], times=1))
    entered = scene.enter_customer()
    _run(scene)
    assert scene.account_of(entered.id).external_ids[scene.system] == entered.id
    assert [len(each) for each in scene.named("Mill & Son")] == [1, 1]

    # What was written comes back as news, and nothing is written for it.
    scene.dock.pass_time(hours=2)
    _run(scene)
    scene.dock.forget_calls()
    scene.dock.pass_time(hours=2)
    _run(scene)
    assert scene.conflicts() == ()
    assert scene.host.deliveries.list(states=["dead"]) == ()
    for mock in (scene.dock.crm, scene.dock.erp):
        assert [each.operation_id for each in mock.writes() if _changes(each)] == []


def _run(scene):
    """Let the worker do all that there is, once the systems tell of it: some indexes lag."""
    scene.dock.pass_time(minutes=10)
    scene.run()
    scene.dock.pass_time(minutes=10)


def _changes(entry) -> bool:
    """Whether a call that may write is one that changes a record: searches are sent the same."""
    name = (entry.operation_id or "").lower()
    return "search" not in name and "token" not in name and "batchread" not in name


def _manager(scene):
    from crossdock.records import User

    found = scene.dock.user("manager")
    return User(id=found.id, name=found.name, roles=("manager",))
