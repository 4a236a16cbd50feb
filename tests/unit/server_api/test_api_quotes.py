"""Guards, saving and promoting over HTTP."""

from __future__ import annotations

import pytest

from crossdock_mocks.engine import Fault

_GUARD = "/v1/guards/before_quote_save"


def _draft(**more):
    line = {"number": 1, "item_id": "BRG-1001", "quantity": "2"}
    return {"account_id": "A-1001", "currency": "EUR", "lines": [line], **more}


def test_a_guard_s_amendments_come_with_field_old_new_and_reason(sidecar):
    verdict = sidecar.post(_GUARD, json={"record": _draft()}).json()
    assert verdict["allowed"]
    assert not verdict["unchecked"]
    changed = {
        change["pointer"]: change
        for amendment in verdict["amendments"]
        for change in amendment["changes"]
    }
    assert changed["/lines/0/unit_price"]["old"] is None
    assert changed["/lines/0/unit_price"]["new"] == verdict["record"]["lines"][0]["unit_price"]
    assert verdict["amendments"][0]["plugin_id"] == "straight-through"
    assert {each["plugin_id"] for each in verdict["timings"]} == {"straight-through", "probe"}


def test_a_veto_names_its_plugin_its_reason_and_the_place(sidecar):
    draft = _draft(lines=[{"number": 1, "item_id": "BRG-1001", "quantity": "101"}])
    verdict = sidecar.post(_GUARD, json={"record": draft, "before": None}).json()
    assert not verdict["allowed"]
    (veto,) = verdict["vetoes"]
    assert veto == {
        "plugin_id": "probe", "message": "At most 100 of one item.", "code": "quantity",
        "field": "lines.0.quantity", "pointer": "/lines/0/quantity",
    }  # fmt: skip


def test_a_draft_is_unchecked_while_the_erp_is_away(sidecar):
    sidecar.mocks.erp.faults.add(Fault(kind="drop_before"))
    try:
        verdict = sidecar.post(_GUARD, json={"record": _draft()}).json()
    finally:
        sidecar.mocks.erp.faults.clear()
    assert verdict["unchecked"]
    assert [each["remote"] for each in verdict["faults"]] == [True]


def test_promotion_has_guards_of_its_own(sidecar):
    verdict = sidecar.post("/v1/guards/before_order_promote", json={"record": _draft()}).json()
    assert verdict["point"] == "before_order_promote"
    assert not sidecar.host.deliveries.list()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"currency": "eur"}, "/record/currency"),
        ({"lines": [{"item_id": "BRG-1001", "quantity": "2"}]}, "/record/lines/0/number"),
        ({"net": {"amount": 12.5, "currency": "EUR"}}, "/record/net/amount"),
        ({"valid_until": "2026-02-31"}, "/record/valid_until"),
        ({"nonsense": 1}, "/record/nonsense"),
    ],
)
def test_what_does_not_fit_is_named_by_its_pointer(sidecar, change, pointer):
    answer = sidecar.post(_GUARD, json={"record": _draft(**change)})
    assert answer.status_code == 422
    assert pointer in {each["pointer"] for each in answer.json()["errors"]}


def test_a_new_quote_is_saved_priced_and_published(sidecar, new_quote):
    answer = sidecar.post("/v1/quotes", json=new_quote)
    assert answer.status_code == 201
    saved = answer.json()
    assert saved["quote"]["pricing_status"] == "priced"
    assert answer.headers["location"] == f"/v1/quotes/{saved['quote']['id']}"
    read = sidecar.get(answer.headers["location"])
    assert read.json() == saved["quote"]
    assert read.headers["etag"] == answer.headers["etag"]
    assert [each.event_id for each in sidecar.host.deliveries.list()] == [saved["event_id"]]


def test_a_quote_that_a_guard_stops_is_a_problem_with_a_pointer_for_each_reason(sidecar, new_quote):
    new_quote["lines"][0]["quantity"] = "500"
    answer = sidecar.post("/v1/quotes", json=new_quote)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "stopped_by_guards")
    error = next(each for each in problem["errors"] if each["plugin_id"] == "probe")
    assert error["pointer"] == "/lines/0/quantity"
    assert problem["verdict"]["allowed"] is False
    assert not sidecar.host.deliveries.list()


def test_the_same_idempotency_key_saves_once_and_answers_again_after_a_restart(
    open_sidecar, new_quote
):
    headers = {"Idempotency-Key": "q-1"}
    before = open_sidecar()
    first = before.post("/v1/quotes", json=new_quote, headers=headers)
    again = before.post("/v1/quotes", json=new_quote, headers=headers)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"]
    assert "idempotency-replayed" not in first.headers

    after = open_sidecar()  # another process on the same store
    later = after.post("/v1/quotes", json=new_quote, headers=headers)
    assert later.json() == first.json()
    assert later.headers["idempotency-replayed"] == "true"

    other = after.post("/v1/quotes", json={**new_quote, "currency": "USD"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_of_a_request_that_was_stopped_may_be_used_again(sidecar, new_quote):
    headers = {"Idempotency-Key": "q-2"}
    stopped = {**new_quote, "lines": [{"item_id": "BRG-1001", "quantity": "500"}]}
    assert sidecar.post("/v1/quotes", json=stopped, headers=headers).status_code == 422
    assert sidecar.post("/v1/quotes", json=new_quote, headers=headers).status_code == 201


def test_a_key_whose_first_request_died_is_in_doubt_and_not_done_again(sidecar, new_quote):
    headers = {"Idempotency-Key": "q-3"}
    sidecar.mocks.crm.faults.add(Fault(kind="drop_after_commit", operation="createQuote"))
    try:
        lost = sidecar.post("/v1/quotes", json=new_quote, headers=headers)
    finally:
        sidecar.mocks.crm.faults.clear()
    assert lost.status_code == 503
    again = sidecar.post("/v1/quotes", json=new_quote, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_in_doubt")


def test_a_change_names_the_state_that_it_was_made_from(sidecar, new_quote):
    created = sidecar.post("/v1/quotes", json=new_quote)
    where, tag = created.headers["location"], created.headers["etag"]
    assert sidecar.put(where, json=new_quote).status_code == 428

    new_quote["lines"].append({"item_id": "HYD-1001", "quantity": "1"})
    changed = sidecar.put(where, json=new_quote, headers={"If-Match": tag})
    assert changed.status_code == 200
    assert len(changed.json()["quote"]["lines"]) == 2
    assert changed.headers["etag"] != tag
    assert sidecar.put(where, json=new_quote, headers={"If-Match": tag}).status_code == 412
    assert sidecar.get(where, headers={"If-None-Match": changed.headers["etag"]}).status_code == 304


def test_two_lines_cannot_have_one_number(sidecar, new_quote):
    new_quote["lines"] = [{"number": 2, "item_id": "BRG-1001", "quantity": "1"}] * 2
    answer = sidecar.post("/v1/quotes", json=new_quote)
    assert answer.json()["errors"][0]["pointer"] == "/lines/1/number"


def test_a_quote_is_promoted_once(sidecar, new_quote):
    quote_id = sidecar.post("/v1/quotes", json=new_quote).json()["quote"]["id"]
    first = sidecar.post(f"/v1/quotes/{quote_id}/promotion")
    assert first.status_code == 200, first.text
    again = sidecar.post(f"/v1/quotes/{quote_id}/promotion")
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert again.json()["order"]["id"] == first.json()["order"]["id"]
    assert again.json()["event_id"] == first.json()["event_id"]
    published = sidecar.get("/v1/deliveries", params={"event_id": first.json()["event_id"]})
    assert len(published.json()["data"]) == 1


def test_an_unknown_account_is_the_crm_s_refusal_with_its_field(sidecar, new_quote):
    answer = sidecar.post("/v1/quotes", json={**new_quote, "account_id": "A-nobody"})
    assert 400 <= answer.status_code < 500
