"""The journal: asked, asserted on, and exported, with its secrets masked."""

import pytest

from crossdock_mocks.engine import Fault

NOTE = {"id": "N-9", "text": "new", "lines": [{"item": "BRG/1"}]}


def test_one_exchange_is_found_by_operation_header_and_body(buyer, shop):
    buyer.post("/notes", json=NOTE, headers={"X-Correlation-Id": "abc-7"})
    buyer.post("/notes", json={"id": "N-1"})
    entry = shop.journal.one(
        operation="write", headers={"x-correlation-id": "abc-*"}, body={"/lines/0/item": "BRG/1"}
    )
    assert (entry.status, entry.committed) == (201, True)
    shop.journal.none(operation="change")
    assert len(shop.journal.exactly(2, operation="write")) == 2


def test_what_was_not_found_shows_what_came_near(buyer, shop):
    buyer.post("/notes", json={"id": "N-1"})
    buyer.get("/notes/N-1")
    with pytest.raises(AssertionError) as failure:
        shop.journal.one(operation="write", status=201, body={"/text": "new"})
    lines = str(failure.value).splitlines()
    assert lines[0] == (
        "expected one exchange with operation='write', status=201, body={'/text': 'new'}; "
        "there are 0 in a journal of 3"
    )
    assert lines[2].startswith("  #2 POST /notes write -> 409 (409 taken: Taken)")
    assert lines[2].endswith("status is 409, body/text is missing")
    with pytest.raises(AssertionError, match=r"expected no exchange with path='/notes'.*are 2"):
        shop.journal.none(path="/notes")


def test_the_journal_is_asked_over_the_wire_too(buyer, shop):
    shop.faults.add(Fault("malformed_json", "read", nth=1))
    buyer.post("/notes", json=NOTE, headers={"X-Correlation-Id": "abc-7"})
    buyer.get("/notes/N-1")

    def numbers(**query):
        entries = buyer.get("/_mock/journal", params=query).json()["entries"]
        return [each["number"] for each in entries]

    assert numbers(fault="malformed_json") == [3]
    assert numbers(header="X-Correlation-Id: abc-*") == [2]
    assert numbers(pointer="/lines/0/item", value="BRG/1") == [2]
    assert numbers(pointer="/id", value="7") == []
    assert buyer.get("/_mock/journal?pointer=/id").status_code == 400


def test_the_journal_is_exported_as_har_without_secrets(buyer, shop):
    buyer.post("/notes", json=NOTE)
    buyer.get("/notes?limit=2")
    buyer.get("/notes?api_key=hush")
    buyer.post("/token", content=b"\xff", headers={"Content-Type": "application/json"})
    made = buyer.get("/_mock/journal.har")
    log = made.json()["log"]
    assert (log["version"], log["creator"]["name"]) == ("1.2", "crossdock mock")
    _, wrote, listed, *_ = log["entries"]
    assert (wrote["request"]["method"], wrote["response"]["status"]) == ("POST", 201)
    assert wrote["request"]["url"] == f"{str(buyer.base_url).rstrip('/')}/notes"
    assert '"N-9"' in wrote["request"]["postData"]["text"]
    assert (wrote["_world"], wrote["_operation"], wrote["_committed"]) == ("shop", "write", True)
    assert listed["request"]["queryString"] == [{"name": "limit", "value": "2"}]
    for each in log["entries"]:
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(each)
        assert {"cookies", "headers", "headersSize", "bodySize"} <= set(each["request"])
        assert {"size", "mimeType", "text"} <= set(each["response"]["content"])
    assert "T-1" not in made.text, "neither the token that was issued nor where it was used"
    assert "hush" not in made.text
