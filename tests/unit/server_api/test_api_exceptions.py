"""The exceptions queue over HTTP: who is told what, who may put it right, and what rubbish does."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from crossdock.host.deliveries import Failure
from crossdock.host.store.schema import deliveries
from crossdock.records import Address, Order, OrderLine, OrderPromoted

_EXCHANGE = {
    "system": "main",
    "operation": "createSalesOrder",
    "seconds": 0.05,
    "request": {
        "method": "POST",
        "url": "http://erp.test/sales-orders",
        "headers": {"X-Api-Key": "***"},
        "body": '{"quantity": "2"}',
    },
    "answer": {"status": 422, "headers": {}, "body": '{"detail": "limit 4500.00"}'},
}
_CAUSE = "the limit of 4,500.00 EUR is passed by BRG-9999"


@pytest.fixture
def people(sidecar):
    """Who may put things right, and who may only look, by the roles of the configuration."""
    users = [each for each in sidecar.host.crm.users() if each.active]
    return {
        "may": next(each.id for each in users if "accounting" in each.roles),
        "looks": next(each.id for each in users if each.roles == ("sales",)),
    }


@pytest.fixture
def may(people):
    return {"X-Crossdock-User": people["may"]}


@pytest.fixture
def looks(people):
    return {"X-Crossdock-User": people["looks"]}


@pytest.fixture
def stuck(sidecar):
    """Make a delivery that failed as a test says; gives its address."""

    def make(order_id="R-9001", *, account="A-1001", **failure):
        host = sidecar.host
        line = OrderLine(number=1, item_id="BRG-9999", quantity=Decimal(2))
        to = Address(name="Ada Byron", city="Lyon", country="FR")
        order = Order(
            id=order_id, system="crm", currency="EUR", account_id=account, lines=(line,), ship_to=to
        )
        host.publish(OrderPromoted(order=order))
        newest = host.deliveries.list(limit=1)[0]
        work = host.deliveries.ledger.begin(newest.number, newest.run, "w-1", lambda _: "")
        said = {
            "kind": "business", "cause": _CAUSE, "system": "main", "fate": "refused",
            "evidence": {"exchange": _EXCHANGE, "told": ["SO-1 was over 12.50 EUR"]}, **failure,
        }  # fmt: skip
        host.deliveries.ledger.fail(work, "w-1", Failure(**said), {})
        return f"/v1/deliveries/{newest.id}"

    return make


def test_one_is_read_with_its_cause_its_class_and_the_exchange_behind_it(sidecar, stuck, may):
    read = sidecar.get(stuck(), headers=may)
    body = read.json()
    assert (body["state"], body["failure"], body["cause"]) == ("dead", "business", _CAUSE)
    assert body["explanation"]["title"] == "The ERP or CRM said no"
    assert body["may_not"] == ""
    assert body["editable"]["lines.0.item_id"] == "BRG-9999"
    (tried,) = body["tries"]
    assert tried["exchange"]["request"]["headers"] == {"X-Api-Key": "***"}
    assert tried["exchange"]["answer"]["status"] == 422
    assert read.headers["etag"] == f'"{body["version"]}"'
    assert [each["action"] for each in body["history"]] == ["dead"]


def test_who_may_not_see_every_figure_reads_the_words_without_them(sidecar, stuck, looks):
    body = sidecar.get(stuck(), headers=looks).json()
    assert body["cause"] == "the limit of [hidden] is passed by BRG-9999"
    (tried,) = body["tries"]
    assert tried["exchange"]["request"] is None
    assert tried["exchange"]["answer"] == {"status": 422}
    assert tried["told"] == ["SO-1 was over [hidden]"]
    assert "needs the right deliveries:write" in body["may_not"]
    listed = sidecar.get("/v1/deliveries", headers=looks).json()["data"]
    assert listed[0]["cause"] == body["cause"]


def test_a_program_that_may_only_read_reads_no_figures_either(open_sidecar, settings):
    key = "cdk_" + "m" * 40
    settings["keys"]["monitor"] = {"secret": key, "scopes": ["deliveries:read"]}
    sidecar = open_sidecar()
    host = sidecar.host
    order = Order(id="R-1", system="crm", currency="EUR", account_id="A-1001")
    host.publish(OrderPromoted(order=order))
    with host.store.writing() as connection:
        connection.execute(sa.update(deliveries).values(state="dead", cause="over by 12.50 EUR"))
    (seen,) = sidecar.get("/v1/deliveries", key=key, user=None).json()["data"]
    assert seen["cause"] == "over by [hidden]"
    refused = sidecar.post(f"/v1/deliveries/{seen['id']}/retry", key=key, user=None)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


def test_a_role_without_the_right_changes_nothing_and_it_is_kept(sidecar, stuck, looks):
    where = stuck()
    before = sidecar.host.deliveries.get("D-1")
    for what, body in (
        ("retry", None),
        ("edit", {"changes": {"lines.0.quantity": "3"}, "reason": "more"}),
        ("assign", {"assignee": "role:accounting"}),
        ("notes", {"text": "mine"}),
        ("give-up", {"reason": "no"}),
    ):
        more = {"json": body} if body else {}
        refused = sidecar.post(f"{where}/{what}", headers={**looks, "If-Match": "*"}, **more)
        assert (refused.status_code, refused.json()["code"]) == (403, "access_denied"), what
        assert "the role accounting has" in refused.json()["detail"]
    assert sidecar.host.deliveries.get("D-1") == before
    kept = sidecar.host.store.audit.entries(action="access.refused")
    assert {each.subject for each in kept} == {"deliveries:write"}
    assert len(kept) == 5


def test_a_person_s_own_token_needs_the_right_too(sidecar, stuck, token):
    where = stuck()
    bearer = {"Authorization": f"Bearer {token(sub='U-kim', roles=['machine'])}"}
    by_itself = sidecar.post(f"{where}/retry", key=None, user=None, headers=bearer)
    assert by_itself.status_code == 202  # a machine acts by itself
    for_kim = sidecar.post(f"{where}/retry", key=None, user="U-kim", headers=bearer)
    assert for_kim.status_code == 403


def test_an_order_is_changed_and_tried_again_from_the_state_that_was_read(
    sidecar, stuck, may, people
):
    where = stuck()
    tag = sidecar.get(where, headers=may).headers["etag"]
    body = {"changes": {"lines.0.item_id": "BRG-1001"}, "reason": "the customer meant the 6204"}
    assert sidecar.post(f"{where}/edit", json=body, headers=may).status_code == 428
    done = sidecar.post(f"{where}/edit", json=body, headers={**may, "If-Match": tag})
    assert done.status_code == 202, done.text
    assert (done.json()["state"], done.json()["revision"]) == ("queued", 1)
    assert sidecar.host.deliveries.event("D-1").order.lines[0].item_id == "BRG-1001"
    again = sidecar.post(f"{where}/edit", json=body, headers={**may, "If-Match": tag})
    assert (again.status_code, again.json()["code"]) == (412, "stale")
    edited = sidecar.get(where, headers=may).json()["history"][-1]
    assert (edited["action"], edited["text"]) == ("edited", "the customer meant the 6204")
    assert edited["changed"] == [{"field": "lines.0.item_id", "old": "BRG-9999", "new": "BRG-1001"}]
    assert edited["actor"] == f"user:{people['may']} (key:crm)"


def test_a_change_that_makes_no_sense_names_its_field(sidecar, stuck, may):
    where = stuck()
    for changes, pointer in (
        ({"lines.0.quantity": "lots"}, "/changes/lines.0.quantity"),
        ({"status": "paid"}, "/changes/status"),
        ({"ship_to.country": "Narnia"}, "/changes/ship_to.country"),
        ({"lines.0.remove": "yes"}, "/changes/lines.0.remove"),
        ({"lines.0.quantity": "2"}, "/changes"),
    ):
        body = {"changes": changes, "reason": "why not"}
        refused = sidecar.post(f"{where}/edit", json=body, headers={**may, "If-Match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (422, "edit_refused")
        assert [each["pointer"] for each in refused.json()["errors"]] == [pointer]
    assert sidecar.host.deliveries.get("D-1").revision == 0


def test_rubbish_is_refused_before_anything_happens(sidecar, stuck, may):
    where = stuck()
    for what, body in (
        ("edit", {"changes": {}, "reason": "x"}),
        ("edit", {"changes": {"lines.0.quantity": 3}, "reason": "x"}),
        ("edit", {"changes": {"lines.0.quantity": "3"}, "reason": "  "}),
        ("assign", {"assignee": "U-kim"}),
        ("assign", {"assignee": None}),
        ("notes", {"text": ""}),
        ("give-up", {"reason": " \n"}),
        ("give-up", {}),
    ):
        refused = sidecar.post(f"{where}/{what}", json=body, headers={**may, "If-Match": "*"})
        assert refused.status_code == 422, (what, body)
        assert refused.json()["errors"]
    assert len(sidecar.host.deliveries.history("D-1")) == 1


def test_one_is_handed_on_noted_given_up_and_then_left_alone(sidecar, stuck, may, people):
    where = stuck()
    to = {"assignee": f"user:{people['looks']}"}
    assert (
        sidecar.post(f"{where}/assign", json=to, headers=may).json()["assignee"] == to["assignee"]
    )
    mine = sidecar.get(f"/v1/deliveries?assignee={to['assignee']}", headers=may).json()["data"]
    assert [each["id"] for each in mine] == ["D-1"]
    assert sidecar.get("/v1/deliveries?assignee=nobody", headers=may).json()["data"] == []
    nobody = sidecar.post(f"{where}/assign", json={"assignee": "user:U-ghost"}, headers=may)
    assert (nobody.status_code, nobody.json()["errors"][0]["pointer"]) == (422, "/assignee")
    sidecar.post(f"{where}/notes", json={"text": "called them"}, headers=may)
    done = sidecar.post(f"{where}/give-up", json={"reason": "by phone"}, headers=may).json()
    assert done["state"] == "given_up"
    for what, body in (("retry", None), ("give-up", {"reason": "again"})):
        again = sidecar.post(f"{where}/{what}", headers=may, **({"json": body} if body else {}))
        assert (again.status_code, again.json()["code"]) == (409, "not_retriable")
    told = [each["action"] for each in sidecar.get(where, headers=may).json()["history"]]
    assert told == ["dead", "assigned", "noted", "given_up"]


def test_giving_up_a_state_that_is_over_changes_nothing(sidecar, stuck, may):
    where = stuck()
    tag = sidecar.get(where, headers=may).headers["etag"]
    sidecar.post(f"{where}/retry", headers=may)
    late = sidecar.post(f"{where}/give-up", json={"reason": "no"}, headers={**may, "If-Match": tag})
    assert late.status_code == 412
    assert sidecar.host.deliveries.get("D-1").state == "queued"


def test_what_may_be_in_the_erp_is_not_changed(sidecar, stuck, may):
    where = stuck(kind="possibly_created", fate=None)
    body = sidecar.get(where, headers=may).json()
    assert body["editable"] is None
    assert "it may have become an order already" in body["not_editable"]
    change = {"changes": {"lines.0.quantity": "3"}, "reason": "more"}
    refused = sidecar.post(f"{where}/edit", json=change, headers={**may, "If-Match": "*"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_editable")


def test_the_queue_is_filtered_and_paged(sidecar, stuck, may):
    for index in range(3):
        stuck(f"R-{index}", account=f"A-{index}")
    stuck("R-9", account="A-9", kind="data", system="crm")

    def ids(query):
        return [e["id"] for e in sidecar.get(f"/v1/deliveries?{query}", headers=may).json()["data"]]

    assert ids("state=dead&failure=business") == ["D-3", "D-2", "D-1"]
    assert ids("failure=data&failure=bug&system=crm") == ["D-4"]
    assert ids("published_before=2026-11-20T08:00:00Z") == []
    page = sidecar.get("/v1/deliveries?state=dead&limit=3", headers=may).json()
    assert page["next"] == "D-2"
    assert ids("state=dead&limit=3&before=D-2") == ["D-1"]
    for wrong in ("failure=sad", "state=sick", "assignee=kim", "published_before=now", "limit=0"):
        assert sidecar.get(f"/v1/deliveries?{wrong}", headers=may).status_code == 400


def test_what_was_rehearsed_is_counted_apart_and_may_be_done_for_good(sidecar, stuck, may):
    where = stuck()
    host = sidecar.host
    host.deliveries.retry("D-1", actor="user:U-ada")
    work = host.deliveries.ledger.begin(1, host.deliveries.get("D-1").run, "w-1", lambda _: "")
    host.deliveries.ledger.succeed(work, "w-1", rehearsed=True)
    counts = sidecar.get("/v1/delivery-counts", headers=may).json()
    assert (counts["states"]["rehearsed"], counts["states"]["done"]) == (1, 0)
    assert counts["under_way"] == 0
    assert 'crossdock_deliveries{state="rehearsed"} 1.0' in sidecar.get("/metrics").text
    assert [e["state"] for e in sidecar.get("/v1/deliveries?state=rehearsed").json()["data"]] == [
        "rehearsed"
    ]
    assert sidecar.get(where, headers=may).json()["tries"][-1]["outcome"] == "rehearsed"
    assert sidecar.post(f"{where}/retry", headers=may).json()["state"] == "queued"


def test_a_system_that_is_away_is_listed_and_tried_now(sidecar, may, looks):
    host = sidecar.host
    assert sidecar.get("/v1/circuits").json() == {"data": []}
    with host.store.writing() as connection:
        host.deliveries.circuits.failed(connection, "main", "it asked to wait", 3600.0)
    (away,) = sidecar.get("/v1/circuits").json()["data"]
    assert (away["system"], away["state"], away["held"]) == ("main", "open", 0)
    assert sidecar.post("/v1/circuits/main/try", headers=looks).status_code == 403
    tried = sidecar.post("/v1/circuits/main/try", headers=may)
    assert (tried.status_code, tried.json()["probe_at"] < away["probe_at"]) == (202, True)
    nothing = sidecar.post("/v1/circuits/other/try", headers=may)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "not_away")


def test_an_order_in_doubt_is_settled_only_by_who_has_the_right(sidecar, looks):
    refused = sidecar.post("/v1/placements/R-1/deny", json={"reason": "looked"}, headers=looks)
    assert (refused.status_code, refused.json()["code"]) == (403, "access_denied")


def test_what_nobody_has_is_not_found(sidecar, may):
    for what in ("", "/retry", "/notes", "/give-up"):
        ask = sidecar.get if not what else sidecar.post
        body = {"/notes": {"text": "x"}, "/give-up": {"reason": "x"}}.get(what)
        more = {"json": body} if body else {}
        assert ask(f"/v1/deliveries/D-999{what}", headers=may, **more).status_code == 404
