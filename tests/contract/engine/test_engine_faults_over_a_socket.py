"""Each fault of the list, struck on a real socket and felt by a real client."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from crossdock_mocks.engine import Fault
from crossdock_mocks.engine.faults import FaultPlan

NOTE = {"id": "N-9", "text": "new"}


def log_in(client):
    made = client.post("/token", json={"client": "test"})
    client.headers["Authorization"] = f"Bearer {made.json()['access_token']}"


def kept(world):
    return "N-9" in world.table("notes")


def struck(world):
    return [(each.fault, each.committed) for each in world.journal if each.fault]


@pytest.mark.parametrize(
    ("kind", "done"),
    [
        ("latency_before", True),  # the client has left, and the work is done all the same
        ("latency_after_commit", True),
        ("timeout_before", False),
        ("timeout_after_commit", True),
    ],
)
def test_a_client_that_waits_in_vain_does_not_know_what_was_done(buyer, shop, kind, done):
    shop.faults.add(Fault(kind, "write", times=1, seconds=0.2 if kind == "latency_before" else 60))
    with pytest.raises(httpx.ReadTimeout):
        buyer.post("/notes", json=NOTE, timeout=0.1)
    if kind == "latency_before":
        while not shop.journal.find(operation="write"):
            buyer.get("/notes/N-1")
    assert kept(shop) is done
    assert struck(shop) == [(kind, done)]


@pytest.mark.parametrize("kind", ["latency_before", "latency_after_commit"])
def test_an_answer_may_be_late_and_still_come(buyer, shop, kind):
    shop.faults.add(Fault(kind, "write", seconds=0.01))
    assert buyer.post("/notes", json=NOTE).status_code == 201
    assert struck(shop) == [(kind, True)]


def test_a_connection_is_cut_when_a_time_out_has_lasted(buyer, shop):
    shop.faults.add(Fault("timeout_before", "write", seconds=0.01))
    with pytest.raises(httpx.RemoteProtocolError):
        buyer.post("/notes", json=NOTE)
    assert not kept(shop)


def test_too_many_requests_name_their_retry_after(buyer, shop):
    shop.faults.add(Fault("status", "write", status=429, retry_after=30, times=1))
    answer = buyer.post("/notes", json=NOTE)
    assert (answer.status_code, answer.headers["retry-after"], kept(shop)) == (429, "30", False)
    assert buyer.post("/notes", json=NOTE).status_code == 201


@pytest.mark.parametrize(
    ("kind", "status", "done"),
    [("status", 500, False), ("status", 503, False), ("status_after_commit", 502, True)],
)
def test_a_5xx_comes_before_or_after_the_commit(buyer, shop, kind, status, done):
    shop.faults.add(Fault(kind, "write", status=status))
    assert buyer.post("/notes", json=NOTE).status_code == status
    assert kept(shop) is done


def test_a_daily_quota_is_full_until_midnight_of_the_worlds_clock(buyer, shop):
    shop.faults.add(Fault("quota", path="/notes*", limit=3))
    answers = [buyer.get("/notes/N-1") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == str(12 * 3600), "it is noon"
    buyer.put("/_mock/clock", json={"advance_seconds": 12 * 3600 - 1})
    assert buyer.get("/notes/N-1").headers["retry-after"] == "1"
    buyer.put("/_mock/clock", json={"advance_seconds": 1})
    log_in(buyer)
    assert buyer.get("/notes/N-1").status_code == 200


@pytest.mark.parametrize(("kind", "done"), [("drop_before", False), ("drop_after_commit", True)])
def test_a_connection_is_dropped_before_or_after_the_commit(buyer, shop, kind, done):
    shop.faults.add(Fault(kind, "write", nth=1))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        buyer.post("/notes", json=NOTE)
    assert kept(shop) is done


def test_half_a_body_is_told_from_a_whole_one(buyer, shop):
    shop.faults.add(Fault("half_body", "write", nth=1))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        buyer.post("/notes", json=NOTE)
    assert kept(shop)


def test_an_answer_has_the_wrong_content_type(buyer, shop):
    shop.faults.add(Fault("wrong_content_type", "read", nth=1))
    assert buyer.get("/notes/N-1").headers["content-type"] == "text/html"
    assert buyer.get("/notes/N-1").headers["content-type"] == "application/json"
    assert [each.reason for each in shop.journal if each.fault] == ["wrong_content_type"]


def test_an_answer_is_broken_json_of_the_right_length(buyer, shop):
    shop.faults.add(Fault("malformed_json", "read"))
    answer = buyer.get("/notes/N-1")
    assert (answer.status_code, len(answer.content)) == (200, int(answer.headers["content-length"]))
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize(
    ("kind", "word"), [("expired_token", "expired"), ("revoked_token", "been")]
)
def test_a_token_dies_and_only_a_new_one_helps(buyer, shop, kind, word):
    shop.faults.add(Fault(kind, "read", nth=2))
    assert buyer.get("/notes/N-1").status_code == 200
    for path in ("/notes/N-1", "/notes"):  # dead for every operation, and it stays dead
        answer = buyer.get(path)
        assert (answer.status_code, word in answer.json()["title"]) == (401, True)
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    log_in(buyer)
    assert buyer.get("/notes/N-1").status_code == 200


def test_a_token_expires_on_the_worlds_clock_without_any_fault(buyer):
    buyer.put("/_mock/clock", json={"advance_seconds": 3600})
    assert buyer.get("/notes/N-1").status_code == 401


def test_a_stale_read_answers_what_was_before_the_last_commit(buyer, shop):
    shop.faults.add(Fault("stale_read", "*", every=2))
    for text in ("first", "second"):
        buyer.patch("/notes/N-1", json={"text": text})  # a write is never stale
        seen = [buyer.get("/notes/N-1").json()["text"] for _ in range(2)]
        assert sorted(seen) == sorted([text, {"first": "old", "second": "first"}[text]])
    assert struck(shop) == [("stale_read", False)] * 2


def test_a_stale_read_may_be_several_commits_late_and_refused_writes_do_not_count(buyer, shop):
    shop.faults.add(Fault("stale_read", "read", behind=2))
    for text in ("first", "second", "third"):
        buyer.patch("/notes/N-1", json={"text": text})
        assert buyer.post("/notes", json={"id": "N-1"}).status_code == 409
    assert buyer.get("/notes/N-1").json()["text"] == "first"


def test_a_list_may_be_stale_too(buyer, shop):
    shop.faults.add(Fault("stale_read", "list"))
    buyer.post("/notes", json=NOTE)
    rows = buyer.get("/notes?limit=9").json()["items"]
    assert [row["id"] for row in rows] == ["N-1", "N-2", "N-3", "N-4", "N-5"]


def test_a_page_shifts_while_it_is_walked(buyer, shop):
    shop.faults.add(Fault("shifting_page", "list", nth=1))
    walked = [
        [row["id"] for row in buyer.get("/notes", params={"offset": at}).json()["items"]]
        for at in (0, 2, 4)
    ]
    assert walked == [["N-1", "N-2"], ["N-2", "N-3"], ["N-5"]], "N-2 twice, N-4 never"
    assert struck(shop) == [("shifting_page", False)]


def test_a_clock_is_wrong_in_the_date_and_in_what_is_written(buyer, shop):
    shop.faults.add(Fault("clock_skew", "write", seconds=-420))
    answer = buyer.post("/notes", json=NOTE)
    wrong = datetime(2026, 3, 4, 11, 53, tzinfo=UTC)
    assert parsedate_to_datetime(answer.headers["date"]) == wrong
    assert datetime.fromisoformat(answer.json()["written_at"]) == wrong
    assert shop.now == wrong + timedelta(minutes=7), "the world's own clock is right again"
    assert shop.journal.last.at == shop.now


@pytest.mark.parametrize(
    ("rule", "seen", "reason"),
    [
        ({"change": "rename", "to": "total"}, {"total": "12.50"}, "amount renamed to total"),
        ({"change": "retype", "to": "number"}, {"amount": 12.5}, "amount made a number"),
        ({"change": "remove"}, {}, "amount removed"),
    ],
)
def test_a_schema_drifts_and_the_journal_says_so(buyer, shop, rule, seen, reason):
    shop.faults.add(Fault("schema_drift", "list", field="amount", **rule))
    first = buyer.get("/notes").json()["items"][0]
    assert {name: first[name] for name in first if name in ("amount", "total")} == seen
    assert shop.journal.last.reason == f"schema_drift: {reason}"
    assert shop.journal.last.verdict == "fault"


def test_a_rule_may_name_a_tag_a_path_or_a_method(buyer, shop):
    shop.faults.add(Fault("status", status=500, tag="acc*"))
    shop.faults.add(Fault("status", status=501, path="/notes/*", method="PATCH"))
    assert buyer.post("/token", json={"client": "x"}).status_code == 500
    assert buyer.patch("/notes/N-1", json={}).status_code == 501
    assert buyer.get("/notes/N-1").status_code == 200


def test_chance_is_the_same_in_each_run_and_another_in_each_world(shop_app, shop):
    def run(name):
        world = shop.fork(name)
        FaultPlan.of({"seed": 7, "faults": [{"kind": "status", "probability": 0.3}]}).arm(world)
        return [bool(world.faults.draw("read")) for _ in range(200)]

    assert run("a") == run("a") != run("b")
    assert 40 < sum(run("a")) < 80


def test_a_rule_may_be_for_some_worlds_only(shop):
    plan = FaultPlan.of([{"kind": "drop_before", "world": "slow-*"}])
    worlds = [shop.fork("slow-1"), shop.fork("fast-1")]
    plan.arm(*worlds)
    assert [bool(each.faults.draw("read")) for each in worlds] == [True, False]


def test_a_plan_is_told_as_a_story_afterwards(buyer, shop, tmp_path):
    file = tmp_path / "plan.toml"
    file.write_text("""
        name = "a bad Friday"
        seed = 7
        [[faults]]
        kind = "drop_after_commit"
        operation = "write"
        nth = 1
        [[faults]]
        kind = "status"
        path = "/notes/*"
        status = 500
        since = 60
        until = 2026-03-04T12:05:00Z
    """)
    FaultPlan.load(file).arm(shop)
    with pytest.raises(httpx.RemoteProtocolError):
        buyer.post("/notes", json=NOTE)
    statuses = []
    for _ in range(3):
        statuses.append(buyer.get("/notes/N-1").status_code)
        buyer.put("/_mock/clock", json={"advance_seconds": 180})
    assert statuses == [200, 500, 200], "only within its window"
    story = buyer.get("/_mock/faults/story")
    assert story.headers["content-type"] == "text/plain; charset=utf-8"
    assert story.text == (
        "2 calls were struck:\n"
        "  2026-03-04 12:00:00Z  shop  #2 write (POST /notes) was served, and the connection was "
        "cut; its change is kept  [drop_after_commit]\n"
        "  2026-03-04 12:03:00Z  shop  #4 read (GET /notes/N-1) was answered 500  [status]\n"
    )
    told = buyer.get("/_mock/faults/story", headers={"Accept": "application/json"}).json()
    assert [each["kind"] for each in told["strikes"]] == ["drop_after_commit", "status"]
