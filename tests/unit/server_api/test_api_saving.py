"""Accounts, contacts, opportunities and orders over HTTP: guarded, once, and by rights."""

from __future__ import annotations

import pytest

from crossdock_mocks.engine import Fault

_NEW = {
    "accounts": {"name": "Nordhafen", "kind": "prospect", "email": "a@nord.example"},
    "contacts": {"account_id": "A-1001", "last_name": "Wolf", "email": "wolf@nord.example"},
    "opportunities": {
        "account_id": "A-1001",
        "name": "Spare parts 2027",
        "stage_id": "",
        "amount": {"amount": "1200.00", "currency": "EUR"},
        "close_on": "2027-01-15",
    },
    "orders": {
        "account_id": "A-1001",
        "currency": "EUR",
        "reference": "PO-77",
        "status": "draft",
        "lines": [{"item_id": "BRG-1001", "quantity": "2"}],
    },
}
_ONE = {"accounts": "account", "contacts": "contact", "opportunities": "opportunity",
        "orders": "order"}  # fmt: skip
_CHANGE = {
    "accounts": {"industry": "Machinery"},
    "contacts": {"job_title": "Buyer"},
    "opportunities": {"name": "Spare parts 2028"},
    "orders": {"requested_on": "2026-12-24"},
}
_VETO = """
from crossdock import Veto, hookimpl

@hookimpl
def {point}(ctx, {name}):
    return Veto("Not like this.", code="no", field="{field}")
"""


@pytest.fixture
def new(sidecar):
    """What is sent for a new record of a kind."""

    def make(many):
        stage = next(each.id for each in sidecar.host.crm.stages() if each.kind == "open")
        body = dict(_NEW[many])
        return {**body, "stage_id": stage} if many == "opportunities" else body

    return make


@pytest.fixture
def veto(sidecar, tmp_path):
    """Install a plugin that lets no record of a kind be saved."""

    def install(name, field):
        folder = tmp_path / "refuser"
        folder.mkdir()
        point = f"before_{name}_save"
        (folder / "plugin.py").write_text(_VETO.format(point=point, name=name, field=field))
        (folder / "plugin.toml").write_text(
            f'id = "refuser"\nname = "Refuser"\nsdk = ">=0.1"\npoints = ["{point}"]\n'
        )
        sidecar.host.install(folder)

    return install


@pytest.mark.parametrize("many", _NEW)
def test_a_new_record_is_saved_read_and_changed(sidecar, new, many):
    body = new(many)
    made = sidecar.post(f"/v1/{many}", json=body)
    assert made.status_code == 201, made.text
    name = _ONE[many]
    saved = made.json()[name]
    where = made.headers["location"]
    assert where == f"/v1/{many}/{saved['id']}"
    assert made.json()["verdict"]["point"] == f"before_{name}_save"

    read = sidecar.get(where)
    assert (read.json()["id"], read.headers["etag"]) == (saved["id"], made.headers["etag"])
    fresh = sidecar.get(where, headers={"If-None-Match": read.headers["etag"]})
    assert fresh.status_code == 304

    change = {**body, **_CHANGE[many]}
    assert sidecar.put(where, json=change).status_code == 428
    done = sidecar.put(where, json=change, headers={"If-Match": read.headers["etag"]})
    assert done.status_code == 200, done.text
    for field, value in _CHANGE[many].items():
        assert done.json()[name][field] == value
    assert done.headers["etag"] != read.headers["etag"]
    late = sidecar.put(where, json=change, headers={"If-Match": read.headers["etag"]})
    assert (late.status_code, late.json()["code"]) == (412, "stale")


@pytest.mark.parametrize(("many", "field"), [
    ("accounts", "name"), ("contacts", "last_name"), ("opportunities", "amount"),
    ("orders", "reference"),
])  # fmt: skip
def test_what_a_guard_stops_is_not_saved_and_says_why_where(sidecar, new, veto, many, field):
    veto(_ONE[many], field)
    refused = sidecar.post(f"/v1/{many}", json=new(many))
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "stopped_by_guards")
    assert problem["errors"] == [
        {"pointer": f"/{field}", "message": "Not like this.", "plugin_id": "refuser", "code": "no"}
    ]
    assert problem["verdict"]["point"] == f"before_{_ONE[many]}_save"
    assert not sidecar.host.deliveries.list()


def test_the_same_key_saves_once_and_another_body_under_it_is_refused(sidecar, new):
    for many in _NEW:
        headers = {"Idempotency-Key": f"{many}-1"}
        first = sidecar.post(f"/v1/{many}", json=new(many), headers=headers)
        again = sidecar.post(f"/v1/{many}", json=new(many), headers=headers)
        assert again.json() == first.json()
        assert again.headers["idempotency-replayed"] == "true"
        other = {**new(many), **_CHANGE[many]}
        reused = sidecar.post(f"/v1/{many}", json=other, headers=headers)
        assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_whose_answer_was_lost_is_in_doubt(sidecar, new):
    headers = {"Idempotency-Key": "a-9"}
    sidecar.mocks.crm.faults.add(Fault(kind="drop_after_commit", operation="createAccount"))
    try:
        lost = sidecar.post("/v1/accounts", json=new("accounts"), headers=headers)
    finally:
        sidecar.mocks.crm.faults.clear()
    assert lost.status_code == 503
    again = sidecar.post("/v1/accounts", json=new("accounts"), headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_in_doubt")


def test_what_is_hidden_from_the_user_is_not_shown_not_blanked_and_not_set(sidecar, new):
    where = sidecar.post("/v1/accounts", json=new("accounts")).headers["location"]
    service = next(
        each.id for each in sidecar.host.crm.users() if each.active and each.roles == ("manager",)
    )
    mine = {"X-Crossdock-User": service}
    read = sidecar.get(where, headers=mine)
    assert (read.json()["email"], read.json()["name"]) == (None, "Nordhafen")
    tag = {"If-Match": read.headers["etag"], **mine}
    blind = {"name": "Nordhafen", "email": "other@nord.example"}
    refused = sidecar.put(where, json=blind, headers=tag)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (403, "/email")
    back = {"name": "Nordhafen AB", "email": None}
    assert sidecar.put(where, json=back, headers=tag).status_code == 200
    kept = sidecar.host.crm.account(where.rpartition("/")[2])
    assert (kept.name, kept.email) == ("Nordhafen AB", "a@nord.example")


def test_an_order_is_entered_once_for_its_reference_and_published_when_it_is_given_on(sidecar, new):
    body = new("orders")
    made = sidecar.post("/v1/orders", json=body)
    assert made.json()["event_id"] is None
    where, tag = made.headers["location"], made.headers["etag"]
    given = sidecar.put(where, json={**body, "status": "submitted"}, headers={"If-Match": tag})
    assert given.status_code == 200, given.text
    event_id = given.json()["event_id"]
    assert {each.event_id for each in sidecar.host.deliveries.list()} == {event_id}
    over = sidecar.put(where, json=body, headers={"If-Match": "*"})
    assert (over.status_code, over.json()["code"]) == (409, "order_given_on")


def test_the_order_of_a_quote_is_not_entered_anew(sidecar, new):
    order = sidecar.host.crm.order_from_quote(sidecar.host.crm.quotes("A-1001")[0].id)
    refused = sidecar.put(f"/v1/orders/{order.id}", json=new("orders"), headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["code"]) == (409, "order_of_quote")


def test_rubbish_is_named_by_its_pointer(sidecar, new):
    for many, wrong, pointer in (
        ("accounts", {"name": " "}, "/name"),
        ("accounts", {"id": "A-1001"}, "/id"),
        ("accounts", {"external_ids": {"main": "C-10002"}}, "/external_ids"),
        ("contacts", {"last_name": None}, "/last_name"),
        ("opportunities", {"amount": {"amount": 12, "currency": "EUR"}}, "/amount/amount"),
        ("opportunities", {"probability": "7"}, "/probability"),
        ("orders", {"reference": ""}, "/reference"),
        ("orders", {"status": "paid"}, "/status"),
        ("orders", {"lines": [{"item_id": "BRG-1001", "quantity": "-2"}]}, "/lines/0/quantity"),
        ("orders", {"quote_id": "Q-1"}, "/quote_id"),
    ):
        refused = sidecar.post(f"/v1/{many}", json={**new(many), **wrong})
        assert refused.status_code == 422, wrong
        assert pointer in {each["pointer"] for each in refused.json()["errors"]}


def test_two_lines_of_an_order_cannot_have_one_number(sidecar, new):
    lines = [{"number": 2, "item_id": "BRG-1001", "quantity": "1"}] * 2
    refused = sidecar.post("/v1/orders", json={**new("orders"), "lines": lines})
    assert refused.json()["errors"][0]["pointer"] == "/lines/1/number"


def test_what_is_not_there_is_not_found(sidecar, new):
    for many in _NEW:
        assert sidecar.get(f"/v1/{many}/X-404").status_code == 404
        change = sidecar.put(f"/v1/{many}/X-404", json=new(many), headers={"If-Match": "*"})
        assert change.status_code == 404
