"""Approvals, order changes, placements, cards and lists over HTTP."""

from __future__ import annotations

import attrs
import pytest
import sqlalchemy as sa

from crossdock.host.approvals.approval import fingerprint_of
from crossdock.host.asking.verdict import Finding
from crossdock.host.placements.rows import Rows
from crossdock.host.store.schema import deliveries
from crossdock.records import OrderPromoted, User

KIM = User(id="U-kim", name="Kim", roles=("sales",))


@pytest.fixture
def manager(sidecar):
    """The id of somebody of the CRM who manages."""
    return next(each.id for each in sidecar.host.crm.users() if "manager" in each.roles)


@pytest.fixture
def repairs(sidecar):
    """Headers of somebody who may put deliveries right."""
    users = sidecar.host.crm.users()
    return by(next(each.id for each in users if each.active and "accounting" in each.roles))


@pytest.fixture
def asked(sidecar):
    """An approval that Kim asked a manager for."""
    quote = sidecar.host.crm.quotes("A-1001")[0]
    wanted = Finding(
        plugin_id="straight-through", message="Over the limit.", code="credit.over_limit",
        field="gross", role="manager",
    )  # fmt: skip
    (made,) = sidecar.host.approvals.request(quote, [wanted], KIM)
    assert made.fingerprint == fingerprint_of(quote)
    return made


def by(user):
    return {"X-Crossdock-User": user}


def test_a_manager_finds_reads_and_approves(sidecar, asked, manager):
    listed = sidecar.get("/v1/approvals?state=pending", headers=by(manager)).json()
    assert [each["id"] for each in listed["data"]] == [asked.id]
    where = f"/v1/approvals/{asked.id}"
    read = sidecar.get(where, headers=by(manager)).json()
    assert (read["state"], read["role"], read["reason"]) == (
        "pending", "manager", "Over the limit.",
    )  # fmt: skip
    body = {"decision": "approve", "comment": "they pay"}
    done = sidecar.post(f"{where}/decision", json=body, headers=by(manager))
    assert (done.status_code, done.json()["state"]) == (200, "approved")
    again = sidecar.post(f"{where}/decision", json=body, headers=by(manager))
    assert (again.status_code, again.json()["code"]) == (409, "approval_refused")


def test_declining_needs_a_comment(sidecar, asked, manager):
    where = f"/v1/approvals/{asked.id}/decision"
    for body in ({"decision": "decline"}, {"decision": "decline", "comment": "  "}):
        refused = sidecar.post(where, json=body, headers=by(manager))
        assert refused.status_code == 422
    done = sidecar.post(where, json={"decision": "decline", "comment": "no"}, headers=by(manager))
    assert (done.json()["state"], done.json()["comment"]) == ("declined", "no")


def test_who_asked_sees_it_but_cannot_answer_and_others_learn_nothing(sidecar, asked):
    assert sidecar.get("/v1/approvals", headers=by("U-kim")).json()["data"] == []
    mine = sidecar.get("/v1/approvals?whose=asked", headers=by("U-kim")).json()["data"]
    assert [each["id"] for each in mine] == [asked.id]
    body = {"decision": "approve"}
    refused = sidecar.post(f"/v1/approvals/{asked.id}/decision", json=body, headers=by("U-kim"))
    assert (refused.status_code, refused.json()["code"]) == (409, "approval_refused")
    other = next(
        each.id
        for each in sidecar.host.crm.users()
        if each.active and each.id != "U-kim" and "manager" not in each.roles
    )
    assert sidecar.get(f"/v1/approvals/{asked.id}", headers=by(other)).status_code == 404
    assert sidecar.get("/v1/approvals/AP-99", headers=by(other)).status_code == 404


def test_approvals_come_page_by_page(sidecar, asked, manager):
    quote = attrs.evolve(sidecar.host.crm.quote(asked.quote_id), trading_account="main:C-10002")
    wanted = Finding(plugin_id="x", message="Another.", code="c", field="", role="manager")
    sidecar.host.approvals.request(quote, [wanted], KIM)
    first = sidecar.get("/v1/approvals?limit=1", headers=by(manager)).json()
    assert first["next"] == "AP-2"
    second = sidecar.get("/v1/approvals?limit=1&before=AP-2", headers=by(manager)).json()
    assert ([each["id"] for each in second["data"]], second["next"]) == (["AP-1"], None)


def test_an_order_that_the_erp_does_not_have_yet_cannot_be_changed(sidecar, monkeypatch):
    order = sidecar.host.crm.order_from_quote(sidecar.host.crm.quotes("A-1001")[0].id)
    waiting = attrs.evolve(order, erp_order_id="", status="submitted")
    monkeypatch.setattr(sidecar.host.crm, "order", lambda order_id: waiting)
    where = f"/v1/orders/{order.id}/changes"
    refused = sidecar.post(where, json={"kind": "cancel", "reason": "no"})
    assert (refused.status_code, refused.json()["code"]) == (409, "placement_conflict")
    assert sidecar.get(where).json() == {"data": []}


def test_an_order_s_change_is_asked_for_once_and_listed(sidecar, monkeypatch):
    quote = sidecar.host.crm.quotes("A-1001")[0]
    order = sidecar.host.crm.order_from_quote(quote.id)
    known = attrs.evolve(order, erp_order_id="SO-100001", erp_system="main")
    monkeypatch.setattr(sidecar.host.crm, "order", lambda order_id: known)
    where = f"/v1/orders/{order.id}/changes"
    body = {
        "kind": "change",
        "lines": [{"number": order.lines[0].number, "quantity": "7"}],
        "added": [{"number": 99, "item_id": "BRG-1001", "quantity": "1.5"}],
        "reason": "they called",
    }
    once = {"Idempotency-Key": "change-1"}
    answers = [sidecar.post(where, json=body, headers=once) for _ in range(2)]
    assert [each.status_code for each in answers] == [202, 202]
    listed = sidecar.get(where).json()["data"]
    assert [each["id"] for each in listed] == ["CO-1"]
    assert (listed[0]["lines"][0]["quantity"], listed[0]["state"]) == ("7", "requested")
    wrong = {"kind": "change", "lines": [{"number": 1, "quantity": "-3"}]}
    assert sidecar.post(where, json=wrong).status_code == 422
    nothing = sidecar.post(where, json={"kind": "change"})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "placement_conflict")


@pytest.fixture
def unknown(sidecar):
    """An order of which nobody knows whether the ERP has it."""
    rows = Rows(sidecar.host.store)
    placement, _new = rows.begin(
        "crm", "R-9001", "main", "C-10001", "key-1", "sent; the ERP keeps no keys"
    )
    rows.move(placement, "possibly_created", "not found by now")
    return "R-9001"


def test_a_possibly_created_order_is_listed_and_denied_with_a_reason(sidecar, unknown, repairs):
    listed = sidecar.get("/v1/placements?state=possibly_created").json()["data"]
    assert [each["order_id"] for each in listed] == [unknown]
    assert [each["text"] for each in listed[0]["evidence"]][-1] == "not found by now"
    where = f"/v1/placements/{unknown}"
    assert sidecar.post(f"{where}/deny", json={"reason": " "}).status_code == 422
    done = sidecar.post(f"{where}/deny", json={"reason": "looked"}, headers=repairs).json()
    assert done["state"] == "intended"
    again = sidecar.post(f"{where}/deny", json={"reason": "looked"}, headers=repairs)
    assert (again.status_code, again.json()["code"]) == (409, "placement_conflict")


def test_it_is_there_is_checked_in_the_erp(sidecar, unknown, repairs):
    where = f"/v1/placements/{unknown}/confirm"
    missing = sidecar.post(where, json={"erp_order_id": "SO-1"}, headers=repairs)
    assert missing.status_code == 404
    customer = sidecar.host.erp.using("main").customer("C-10001")
    others = sidecar.host.erp.using("main").orders(customer)[0]
    refused = sidecar.post(where, json={"erp_order_id": others.id}, headers=repairs)
    assert (refused.status_code, refused.json()["code"]) == (409, "placement_conflict")


def test_cards_and_lists_of_nobody_are_empty_and_unknown_ones_not_found(sidecar):
    assert sidecar.get("/v1/cards").json()["data"] == []
    assert sidecar.get("/v1/segments").json() == {"data": [], "missing": []}
    assert sidecar.get("/v1/cards/watch-list/receivables").status_code == 404
    assert sidecar.get("/v1/segments/watch-list/overdue").status_code == 404


def test_what_a_person_says_of_an_order_in_doubt_lets_its_delivery_go_on(sidecar, unknown, repairs):
    host = sidecar.host
    order = host.crm.order_from_quote(host.crm.quotes("A-1001")[0].id)
    host.publish(OrderPromoted(order=attrs.evolve(order, id=unknown)))
    with host.store.writing() as connection:
        connection.execute(sa.update(deliveries).values(state="dead", failure="possibly_created"))
    assert [each.state for each in host.deliveries.list(subject=unknown)] == ["dead"]
    sidecar.post(f"/v1/placements/{unknown}/deny", json={"reason": "looked"}, headers=repairs)
    assert [each.state for each in host.deliveries.list(subject=unknown)] == ["queued"]


def test_a_reason_is_read_by_the_rights_of_the_reader(sidecar, manager):
    host = sidecar.host
    quote = host.crm.quotes("A-1001")[0]
    text = "The order passes the credit limit of 4,500.00 EUR by 12.50 EUR."
    about = {"plugin_id": "straight-through", "field": "gross", "role": "manager"}
    wanted = [
        Finding(message=text, code="credit.over_limit", **about),
        Finding(message="A discount of 25 % is too much.", code="approval.discount", **about),
        Finding(message="Over by 12.50 EUR.", code="", **about),
    ]
    host.approvals.request(quote, wanted, KIM)

    def reasons(user, whose):
        found = sidecar.get(f"/v1/approvals?whose={whose}", headers=by(user)).json()["data"]
        return {each["code"]: each["reason"] for each in found}

    # This manager's role is not configured here, so it sees no credit figures; that of sales does.
    assert reasons(manager, "answer") == {
        "credit.over_limit": "The order passes the credit limit of [hidden] by [hidden].",
        "approval.discount": "A discount of 25 % is too much.",
        "": "Over by [hidden].",
    }
    assert reasons("U-kim", "asked")["credit.over_limit"] == text
    read = sidecar.get("/v1/approvals/AP-1", headers=by(manager)).json()
    assert "4,500" not in read["reason"]
