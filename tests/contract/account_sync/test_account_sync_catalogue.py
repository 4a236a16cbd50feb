"""Items and price lists: the ERP's by the usual policy, either way by another."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.demo.crms import CRMS
from crossdock.demo.erps import ERPS
from crossdock.errors import ConflictChanged
from crossdock.records import Item, ListPrice, Money
from crossdock_mocks.engine.faults import Fault

ERP_OWNS = """
[account.fields]
name = "erp"
[item]
entered_in = "erp"
inactivated = "erp"
[item.fields]
name = "erp"
list_price = "erp"
[price_list]
entered_in = "erp"
deleted_in_erp = "inactivate"
inactivated = "erp"
[price_list.fields]
name = "erp"
valid_from = "erp"
valid_to = "erp"
[price]
entered_in = "erp"
deleted_in_erp = "inactivate"
inactivated = "erp"
[price.fields]
price = "erp"
discount_percent = "erp"
valid_from = "erp"
valid_to = "erp"
"""
SHORT = """[price_list.fields]
name = { owner = "erp", crm = { longest = 5 } }"""
BOTH_WAYS = """
[account.fields]
name = "erp"
[item]
entered_in = "both"
inactivated = "both"
[item.fields]
name = "crm"
description = "crm"
list_price = "ask"
[price_list]
entered_in = "erp"
inactivated = "keep"
[price_list.fields]
name = "erp"
[price]
entered_in = "both"
inactivated = "keep"
[price.fields]
price = "crm"
discount_percent = "ask"
"""


@pytest.fixture
def opened(scene_of, tmp_path):
    """Open a scene with a policy, and a job that compares every five minutes."""

    def of(policy, *, settings=None, **options):
        file = tmp_path / "catalogue.toml"
        file.write_text(policy, encoding="utf-8")
        return scene_of(
            policy=file, settings=settings or {}, config={"catalogue": "*/5 * * * *"}, **options
        )

    return of


def compare(scene):
    """Let the job compare all, and the worker do what is left."""
    scene.dock.pass_time(minutes=5)
    scene.run()


def prices_of(scene, price_list):
    return {
        (each.item_id, each.minimum_quantity): each
        for each in scene.crm.prices(price_list.id).items
    }


def test_the_erps_price_lists_are_those_of_the_crm_and_stay_so(opened):
    scene = opened(ERP_OWNS)
    (home, *_) = scene.erp.price_lists()
    told = {(e.item_id, e.minimum_quantity): e for e in scene.erp.prices(home.id).items}
    # The answer to the making of the list is lost: it is found by its name, and there is one.
    scene.dock.crm.faults.add(Fault("drop_after_commit", "createPriceList", times=1))
    compare(scene)
    compare(scene)

    (here,) = scene.crm.price_lists()
    assert (here.name, here.currency) == (home.name, home.currency)
    found = prices_of(scene, here)
    assert {key: (e.price, e.discount_percent) for key, e in found.items()} == {
        key: (e.price, e.discount_percent) for key, e in told.items()
    }
    codes = {each.item_id for each in told.values()}
    assert {each.id for each in scene.crm.all_items().items} >= codes

    # Nothing changed: nothing is written.
    scene.dock.forget_calls()
    compare(scene)
    assert scene.dock.crm.writes() == [] == scene.dock.erp.writes()

    # A price changes in the ERP, another is entered there: the feed tells of its list.
    key = next(iter(told))
    cheaper = evolve(told[key], price=Money("3.21", home.currency))
    scene.erp.save_price(cheaper)
    scene.erp.save_price(evolve(cheaper, minimum_quantity=Decimal(750)))
    scene.run()
    found = prices_of(scene, here)
    assert found[key].price == cheaper.price == found[key[0], Decimal(750)].price

    # A price and the list's name are changed in the CRM: the ERP owns them.
    scene.crm.save_price(evolve(found[key], price=Money("1.00", home.currency)))
    (now,) = scene.crm.price_lists()
    scene.crm.save_price_list(evolve(now, name="Ours"))
    scene.run()
    assert prices_of(scene, here)[key].price == cheaper.price
    assert [each.name for each in scene.crm.price_lists()] == [home.name]
    said = [
        "; ".join(each.detail["what"])
        for each in scene.host.store.audit.entries()
        if each.action == "sync.written"
    ]
    assert sum("the ERP owns it" in each for each in said) == 2
    assert scene.conflicts() == ()


def test_items_and_prices_entered_in_the_crm_are_the_erps_where_the_policy_says_so(opened):
    table = {**ERPS["erp"].table("http://erp.test"), "tax_code": "STD"}
    scene = opened(BOTH_WAYS, settings={"erp": {"main": table}})
    compare(scene)
    (here,) = scene.crm.price_lists()
    (home, *_) = scene.erp.price_lists()

    # Entered once, in the CRM: an item, and its price in the ERP's list.
    scene.crm.save_item(
        Item(id="KIT-1", name="Seal kit", system="crm", list_price=Money("40.00", "EUR"))
    )
    scene.run()
    price = ListPrice(
        price_list_id=here.id, item_id="KIT-1", system="crm", price=Money("36.00", "EUR"),
        minimum_quantity=Decimal(5),
    )  # fmt: skip
    scene.crm.save_price(price)
    scene.run()
    made = scene.erp.item("KIT-1")
    assert (made.name, made.list_price, made.tax_code) == ("Seal kit", Money("40.00", "EUR"), "STD")
    assert next(e for e in scene.erp.prices(home.id).items if e.item_id == "KIT-1") == evolve(
        price, system="main", price_list_id=home.id
    )

    # Changed on one side each; then the same field on both, which nobody owns.
    scene.dock.pass_time(hours=1)
    scene.crm.save_item(evolve(scene.crm.item("KIT-1"), name="Seal kit, large"))
    scene.crm.save_price(evolve(price, price=Money("35.50", "EUR")))
    scene.run()
    assert scene.erp.item("KIT-1").name == "Seal kit, large"
    (changed,) = [e for e in scene.erp.prices(home.id).items if e.item_id == "KIT-1"]
    assert changed.price == Money("35.50", "EUR")

    scene.crm.save_item(evolve(scene.crm.item("KIT-1"), list_price=Money("41.00", "EUR")))
    scene.erp.save_item(evolve(scene.erp.item("KIT-1"), list_price=Money("42.00", "EUR")))
    scene.crm.save_price(evolve(price, price=Money("35.50", "EUR"), discount_percent=Decimal(1)))
    scene.erp.save_price(evolve(changed, discount_percent=Decimal(2)))
    scene.run()
    found = {each.entity: each for each in scene.conflicts()}
    assert {name: (each.field, each.crm_value, each.erp_value) for name, each in found.items()} == {
        "item": ("list_price", "41.00 EUR", "42.00 EUR"),
        "price": ("discount_percent", "1", "2"),
    }
    with pytest.raises(ConflictChanged, match="an amount with its currency"):
        scene.host.synchronising.decide(
            found["item"].number, "value", scene.dock.user("admin"), value="43.00"
        )
    for entity, take in (("item", "erp"), ("price", "crm")):
        scene.host.synchronising.decide(found[entity].number, take, scene.dock.user("admin"))
    scene.run()
    assert scene.crm.item("KIT-1").list_price == Money("42.00", "EUR")
    (agreed,) = [e for e in scene.erp.prices(home.id).items if e.item_id == "KIT-1"]
    assert agreed.discount_percent == 1
    assert scene.conflicts() == ()


def test_what_cannot_be_written_waits_for_a_person_and_the_others_go_on(opened):
    policy = ERP_OWNS.replace('[price_list.fields]\nname = "erp"', SHORT)
    scene = opened(policy)
    compare(scene)
    (long,) = scene.conflicts()
    assert (long.entity, long.field, long.refused) == ("price_list", "name", True)
    assert "takes 5" in long.reason
    assert scene.crm.price_lists() == ()


def test_a_crm_without_discounts_days_and_quantities_gets_what_is_left_to_pay_today(opened):
    tables = CRMS["salesforce"].tables("http://salesforce.test")
    scene = opened(ERP_OWNS, crm="salesforce", erp="erp", settings={"crm": tables["crm"]})
    if hasattr(scene.crm, "provisioning"):
        scene.crm.provisioning.provision()
    (home, *_) = scene.erp.price_lists()
    listed = {each.item_id for each in scene.erp.prices(home.id).items}
    free = [each.id for each in scene.erp.items(limit=100).items if each.id not in listed]
    one, two, three = free[:3]
    today = scene.dock.clock.now.date()
    base = ListPrice(
        price_list_id=home.id, item_id=one, system=scene.system, price=Money("10.00", "EUR"),
        discount_percent=Decimal("12.5"),
    )  # fmt: skip
    for each in (
        base,
        evolve(base, minimum_quantity=Decimal(10), price=Money("9.00", "EUR")),
        evolve(base, item_id=two, discount_percent=Decimal(0), valid_to=today),
        evolve(base, item_id=three, valid_from=today + timedelta(days=1)),
    ):
        scene.erp.save_price(each)
    compare(scene)

    (here,) = [each for each in scene.crm.price_lists() if each.name == home.name]
    found = prices_of(scene, here)
    assert found[one, Decimal(1)].price == Money("8.75", "EUR")
    assert found[two, Decimal(1)].price == Money("10.00", "EUR")
    assert (three, Decimal(1)) not in found
    assert {quantity for _, quantity in found} == {Decimal(1)}

    scene.dock.pass_time(hours=24)
    compare(scene)
    found = prices_of(scene, here)
    assert not found[two, Decimal(1)].active
    assert found[three, Decimal(1)].price == Money("8.75", "EUR")

    # What Salesforce rounds is not written again each night.
    scene.dock.forget_calls()
    compare(scene)
    assert [each.path for each in scene.dock.crm.writes() if "Pricebook" in each.path] == []


def test_an_item_of_two_erps_is_kept_the_same_as_that_of_its_home(opened):
    scene = opened(ERP_OWNS, erps={"main": "erp", "uk": "erp"})
    compare(scene)
    ours, theirs = (scene.host.erp.using(each) for each in ("main", "uk"))
    item = ours.items(limit=1).items[0]
    (pair,) = scene.host.store.sync_pairs.of("item", "crm", item.id)
    assert pair.erp_system == "main"

    scene.dock.pass_time(hours=1)
    theirs.save_item(evolve(theirs.item(item.id), name="What the others call it"))
    scene.run()
    assert scene.crm.item(item.id).name == item.name
    ours.save_item(evolve(ours.item(item.id), name="What we call it"))
    scene.run()
    assert scene.crm.item(item.id).name == "What we call it"
    assert theirs.item(item.id).name == "What the others call it"


@pytest.mark.full
def test_a_pair_that_keeps_no_price_lists_says_so_and_its_items_are_the_same(opened):
    tables = CRMS["hubspot"].tables("http://hubspot.test")
    settings = {"crm": {**tables["crm"], "searches_per_second": 10_000.0}}
    scene = opened(ERP_OWNS, crm="hubspot", erp="quickbooks", settings=settings)
    compare(scene)
    names = {each.id: each.name for each in scene.erp.all_items().items if each.active}
    there = {each.id: each.name for each in scene.crm.all_items().items}
    assert names.items() <= there.items()
    assert "price_list" not in scene.crm.keeps
