"""Customers of a live Tryton: written, found again after a lost answer, inactive at the end."""

from __future__ import annotations

import pytest
from attrs import evolve

from crossdock.connectors.keeping import written
from crossdock.errors import NotSupported, RemoteRejectedData, RemoteUnavailable, Stale
from crossdock.records import Address, TradingAccount


def told(record):
    return dict(written(record))


def everything(read, limit=50):
    found, after = [], None
    while True:
        page = read(after=after, limit=limit)
        found += page.items
        after = page.next
        if after is None:
            return found


def test_a_customer_is_made_once_changed_as_it_was_read_and_made_inactive(
    port, connect, between, dataset
):
    row = next(each for each in dataset.rows("customers") if each["country"])
    quay = Address(street="1 Quay", city="Hull", postcode="HU1 1AA", country=row["country"])
    acme = TradingAccount(
        id="", system="main", name="Acme Quay Ltd", currency="EUR", email="buyer@acme.example",
        phone="+44 1482 218511", website="https://acme.example", terms_days=row["terms_days"],
        address=quay, reference="A-77",
    )  # fmt: skip
    before = {each.id for each in everything(port.all_customers)}
    assert before >= {each["id"] for each in dataset.rows("customers")}
    between.breaks("party.create", "drop_after_commit")
    with pytest.raises(RemoteUnavailable):
        connect(between.url).save_customer(acme)
    (made,) = port.customers_by_reference("A-77")
    assert port.customers_by_reference("A-78") == ()
    assert {each.id for each in everything(port.all_customers)} == before | {made.id}
    assert told(made) == told(acme)
    assert port.customer(made.id) == made

    wanted = evolve(
        made, name="Acme Works Ltd", email="sales@acme.example", phone=None, reference="A-79",
        address=evolve(quay, city="Leeds"),
    )  # fmt: skip
    changed = port.save_customer(wanted)
    assert told(changed) == told(wanted)
    with pytest.raises(Stale):
        port.save_customer(evolve(made, name="Somebody else's"))
    for refused, error, named in (
        (evolve(changed, terms_days=4711), RemoteRejectedData, "terms_days"),
        (evolve(changed, address=evolve(quay, country="QQ")), RemoteRejectedData, "country"),
        (evolve(changed, legal_name="Acme Limited"), NotSupported, "legal_name"),
    ):
        with pytest.raises(error, match=named):
            port.save_customer(refused)
    gone = port.save_customer(evolve(changed, active=False))
    assert gone.active is False
    assert made.id not in {each.id for each in everything(port.customers)}
    assert {each.id: each.active for each in everything(port.all_customers)}[made.id] is False
    codes = {each["id"] for each in dataset.rows("items")}
    assert {each.id for each in everything(port.all_items)} <= codes


def test_a_merged_customer_is_told_with_the_one_that_goes_on(port, people):
    one, two = (
        port.save_customer(TradingAccount(id="", system="main", name="Acme Twice", currency="EUR"))
        for _ in range(2)
    )
    cursor = port.changes(None).cursor
    ids = {each.id: people.only("party.party", [("code", "=", each.id)]) for each in (one, two)}
    chosen = {"source": ids[one.id], "destination": ids[two.id]}
    people.wizard(
        "party.replace",
        [("ask", "replace", chosen)],
        active_model="party.party",
        active_id=ids[one.id],
        active_ids=[ids[one.id]],
    )
    told = {}
    while True:
        page = port.changes(cursor)
        told |= {each.id: each for each in page.changes if each.entity == "trading_account"}
        cursor = page.cursor
        if not page.more:
            break
    assert (told[one.id].action, told[one.id].successor) == ("deleted", two.id)
    assert port.customer(one.id).active is False
    port.save_customer(evolve(port.customer(two.id), active=False))
