"""Whole stories by npm's `sdata-client` 2.0.15, unmodified, on both contracts.

The client takes 201 of a create and 200 of everything else for success, puts keys into single
quotes to read and double ones to write, and tells the message of the first diagnosis of an array.
"""

from __future__ import annotations

import re

import pytest

from crossdock_mocks.engine import Fault


def names(found, name):
    return [each[name] for each in found]


def test_a_record_is_read_whole_in_part_and_with_what_it_refers_to(play, served):
    words = served.words
    told = play("get")
    (row,) = served.rows(words["kind"], key=words["key"])

    whole = told["whole"]
    assert (whole["$key"], whole[words["name"]]) == (words["key"], row[words["name"]])
    assert whole["$url"].startswith(served.base)
    assert words["one"] in whole
    assert words["one"] not in told["some"]
    assert told["some"][words["name"]] == row[words["name"]]
    assert len(told["more"][words["one"]]) > len(whole[words["one"]])
    assert told["more"][words["many"]]["$resources"]
    assert re.search("not found", told["none"], re.IGNORECASE)


def test_lists_are_found_sorted_and_cut(play, served):
    words, kind, name = served.words, served.words["kind"], served.words["name"]
    told = play("read")
    rows = served.rows(kind)

    assert told["all"]["$totalResults"] == len(rows)
    assert sorted(names(told["all"]["$resources"], name)) == sorted(names(rows, name))
    wanted = sorted(
        (each[name] for each in rows if "gmbh" in each[name].lower()),
        key=str.casefold if served.contract.folds_case else str,
        reverse=True,
    )
    assert names(told["found"]["$resources"], name) == wanted[:3]
    assert words["changed"] not in told["found"]["$resources"][0]
    assert told["over"]["$totalResults"] == told["found"]["$totalResults"] == len(wanted)
    assert told["late"]["$totalResults"] == len(rows)
    assert (told["never"]["$totalResults"], told["never"]["$resources"]) == (0, [])


def test_pages_are_followed_to_the_end_and_no_further_than_asked(play, served):
    kind, name = served.words["kind"], served.words["name"]
    told = play("readPaged")
    rows = served.rows(kind)

    assert sorted(names(told["all"], name)) == sorted(names(rows, name))
    assert len(told["few"]) == 7
    assert sorted(names(told["some"], name)) == sorted(
        each[name] for each in rows if "gmbh" in each[name].lower()
    )
    assert "nothing" in told["error"]


def test_a_record_lives_from_its_creation_to_its_end(play, served):
    words, name = served.words, served.words["name"]
    before = len(served.rows(words["kind"]))
    told = play("life")

    assert told["made"][name] == told["again"][name] == "Foo O'Hara & Söhne"
    assert told["changed"][name] == told["whole"][name] == "Foo++"
    assert {key: told["whole"][key] for key in words["other"]} == words["other"]
    assert told["gone"] is None
    assert all(re.search("not found", told[each], re.IGNORECASE) for each in ("after", "twice"))
    assert len(served.rows(words["kind"])) == before
    methods = [entry.method for entry in served.world.journal if entry.committed]
    assert methods == ["POST", "PUT", "PUT", "DELETE"]


def test_what_has_a_key_is_changed_and_what_has_none_is_made(play, served):
    kind, name = served.words["kind"], served.words["name"]
    told = play("upsert")

    assert told["made"]["$key"] == told["changed"]["$key"]
    (row,) = served.rows(kind, key=told["made"]["$key"])
    assert row[name] == told["changed"][name] == "Newer"
    assert re.search("not found", told["none"], re.IGNORECASE)


def test_a_document_is_made_with_its_lines_or_not_at_all(play, served):
    words = served.words
    lines = served.contract.resource(words["orders"]).member(words["lines"])
    counts = [len(served.rows(each)) for each in (words["orders"], lines.of)]
    told = play("document")

    whole = told["whole"]
    assert len(whole[words["lines"]]["$resources"]) == 2
    assert whole[words["total"]] == told["made"][words["total"]] == pytest.approx(25.52)
    assert "quantity" in told["wrong"]
    after = [len(served.rows(each)) for each in (words["orders"], lines.of)]
    assert after == [counts[0] + 1, counts[1] + 2]


def test_a_business_rule_answers(play, served):
    told = play("rule")

    assert told["answer"] == told["again"]
    assert told["answer"]["Result"] is True
    assert told["none"]
    if served.name == "sage-crm":
        (order,) = served.rows("orders", key=told["answer"]["orderId"])
        (quote,) = served.rows("quotes", key=1044)
        assert (quote["quot_status"], quote["quot_cdorderid"]) == ("Converted", order["key"])
        assert len(served.rows("orderitems", orit_orderquoteid=order["key"])) == 3
        assert order["orde_nettamt"] == quote["quot_nettamt"]


def test_what_is_refused_is_told_in_the_words_of_the_first_diagnosis(play, served):
    words = served.words
    told = play("refusals")

    assert "could not resolve property: XXXXX" in told["unknown"]
    assert words["name"] in told["torn"] or "syntax" in told["torn"].lower()
    assert "spaceships" in told["nowhere"]
    assert all(told[each] for each in ("missing", "mistyped"))
    assert told["stranger"] == told["streamed"] == "Authentication failed"
    assert not [entry for entry in served.world.journal if entry.committed]


def test_somebody_who_may_only_read_is_told_so_until_somebody_else_logs_in(play, served):
    told = play("rights")

    assert len(told["seen"]["$resources"]) == 1
    assert "user" in told["refusal"].lower()
    assert told["made"]["$key"]
    assert [e.status for e in served.world.journal] == [200, 403, 201]


def test_what_somebody_else_has_changed_is_not_overwritten_where_there_are_tags(play, served):
    kind, key, name = (served.words[each] for each in ("kind", "key", "name"))
    if served.contract.etags:
        told = play("stale")
        assert "$etag" in told["mine"]
        assert told["mine"]["$etag"] != told["theirs"]["$etag"] != told["last"]["$etag"]
        assert told["refusal"] == "Unknown SData error"  # 412 comes with the entry as it stands
    else:
        assert "$etag" not in play("get")["whole"]  # the last writer wins
        play("upsert")
    (row,) = served.rows(kind, key=key)
    assert (row[name] == "Last") is served.contract.etags


TROUBLE = {"drop_before": {}, "drop_after_commit": {}, "status": {"status": 503}, "half_body": {}}


def test_a_broken_server_is_told_and_the_next_call_goes_through(play, served):
    for number, (kind, more) in enumerate(TROUBLE.items(), 1):
        served.world.faults.add(Fault(kind, nth=number, **more))
    told = play("trouble", faults=len(TROUBLE))

    assert len(told["told"]) == len(TROUBLE)
    assert all(told["told"])
    assert len(told["well"]["$resources"]) == 1


STORM = [
    Fault("drop_after_commit", method="POST", probability=0.3),
    Fault("drop_before", probability=0.1),
    Fault("half_body", method="POST", probability=0.15),
    Fault("status_after_commit", method="POST", probability=0.15, status=502),
    Fault("status", probability=0.1),
]


def test_through_a_storm_each_record_is_made_once(play, served):
    for fault in STORM:
        served.world.faults.add(fault)
    told = play("storm", many=12)

    assert told["lost"] > 5
    assert told["left"]["$totalResults"] == 12
    rows = [each for each in served.rows(served.words["kind"]) if each[served.words["keyed"]]]
    assert sorted(names(rows, served.words["keyed"])) == sorted(f"storm-{n}" for n in range(1, 13))
