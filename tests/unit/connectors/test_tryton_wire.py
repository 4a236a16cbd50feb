"""Values, refusals and settlements of Tryton, without a Tryton."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from crossdock.connectors import tryton
from crossdock.connectors.reading import Unreadable
from crossdock.connectors.tryton import refusals, wire
from crossdock.connectors.tryton.drafting import less
from crossdock.connectors.tryton.ledger import Entry, settlements
from crossdock.connectors.tryton.pricing import rounded
from crossdock.connectors.tryton.products import trimmed
from crossdock.errors import (
    RemoteMisbehaved,
    RemoteRefused,
    RemoteUnauthorized,
    RemoteUnavailable,
    Stale,
)

D = Decimal
SETTINGS = {"url": "http://tryton.test", "database": "d", "user": "u", "password": "secret-word"}


def test_values_come_back_as_they_were_written():
    values = {
        "amount": D("12.3400"),
        "on": date(2026, 11, 22),
        "at": datetime(2026, 11, 22, 9, 30, 1, 5, tzinfo=UTC),
        "lead": timedelta(days=3),
        "lines": [["create", [{"quantity": 2.0, "name": "ä"}]]],
        "none": None,
    }
    assert wire.decoded(wire.encoded(values)) == values
    assert wire.encoded(D("1E+2")) == {"__class__": "Decimal", "decimal": "100"}
    assert wire.decoded({"__class__": "bytes", "base64": "UEsD\nBA==\n"}) == b"PK\x03\x04"


def test_quantities_lose_what_binary_fractions_added():
    row = {"quantity": D("0.30000000000000004"), "many": D("1E+2"), "whole": 3, "none": None}
    assert str(wire.quantity(row, "quantity")) == "0.3"
    assert str(wire.quantity(row, "many")) == "100"
    assert (wire.quantity(row, "whole"), wire.quantity(row, "none")) == (D(3), D(0))
    assert [wire.flag({"active": each}, "active") for each in (1, 0, True, None)] == [
        True,
        False,
        True,
        False,
    ]
    with pytest.raises(Unreadable, match="expected a quantity"):
        wire.quantity({"quantity": "3"}, "quantity")


def test_amounts_are_rounded_half_to_even_as_tryton_does():
    assert rounded(D("0.245"), "EUR") == D("0.24")
    assert rounded(D("0.255"), "EUR") == D("0.26")
    assert rounded(D("12.5"), "JPY") == D(12)
    assert less(D("10.01"), D("5")) == D("9.5095")
    assert [str(trimmed(D(each))) for each in ("5.2600", "0.1234", "7")] == [
        "5.26",
        "0.1234",
        "7.00",
    ]


@pytest.mark.parametrize(
    ("error", "kind", "unread"),
    [
        (["UserError", ["No.", "Why.", None]], RemoteRefused, False),
        (["UserWarning", ["abc.limit", "Sure?", ""]], RemoteRefused, False),
        (["ConcurrencyException", "Record was modified"], Stale, False),
        (["LoginException", ["password", "?", "password"]], RemoteUnauthorized, False),
        (["database is locked", "Traceback"], RemoteUnavailable, True),
        (["'x' object has no attribute 'y'", "Traceback"], RemoteUnavailable, False),
    ],
)
def test_a_refusal_is_read_out_of_a_good_answer(error, kind, unread):
    complaint = refusals.failing({"id": 1, "error": error})
    assert complaint is not None
    assert (complaint.kind, complaint.unread) == (kind, unread)
    assert "Traceback" not in complaint.message
    assert refusals.failing({"id": 1, "result": None}) is None


def entry(number, amount, *, on=1, due=None, move=None, pays=None, set_id=None, journal="revenue"):
    return Entry(
        id=number,
        party=1,
        amount=D(amount),
        currency="EUR",
        on=date(2026, 1, on),
        due=None if due is None else date(2026, 2, due),
        move=move or number,
        move_number=f"MV{number}",
        journal=journal,
        set_id=set_id,
        pays=pays,
        words="",
    )


def parts(found):
    return [(each.credit.id, each.debit.id, each.amount) for each in found]


def test_a_part_payment_counts_before_it_is_reconciled():
    invoice, paid = entry(1, 100, due=1), entry(2, -40, on=5, pays=10, journal="cash")
    (one,) = settlements([invoice, paid], {1: 10})
    assert (one.amount, one.on) == (D(40), date(2026, 1, 5))


def test_within_a_set_of_several_the_earliest_are_taken_first():
    entries = [
        entry(1, 100, due=20, set_id=7),
        entry(2, 50, due=10, set_id=7),
        entry(3, -120, on=3, set_id=7),
        entry(4, -30, on=2, set_id=7),
    ]
    found = settlements(entries, {})
    assert parts(found) == [(4, 2, D(30)), (3, 2, D(20)), (3, 1, D(100))]
    assert sum(each.amount for each in found) == D(150)


def test_what_is_in_no_set_and_pays_nothing_settles_nothing():
    assert settlements([entry(1, 100), entry(2, -100)], {}) == []


def answering(handler):
    return tryton.connect("main", SETTINGS, transport=httpx.MockTransport(handler))


def test_a_warning_is_answered_with_yes_where_that_was_said_and_refused_elsewhere():
    asked = []

    def handler(request):
        import json

        call = json.loads(request.content)
        asked.append(call["method"])
        if call["method"] == "common.db.login":
            return httpx.Response(200, json={"id": 1, "result": [2, "token", None]})
        if call["method"] == "model.res.user.get_preferences":
            return httpx.Response(200, json={"id": 1, "result": {"company": 1}})
        if call["method"] == "model.company.company.search_read":
            row = {"id": 1, "party.": {"id": 1, "name": "C"},
                   "currency.": {"id": 1, "code": "EUR"}}  # fmt: skip
            return httpx.Response(200, json={"id": 1, "result": [row]})
        if call["method"] == "model.res.user.warning.skip":
            assert call["params"][:2] == ["d41d8.limit", False]
            return httpx.Response(200, json={"id": 1, "result": None})
        if asked.count(call["method"]) == 1:
            warning = ["UserWarning", ["d41d8.limit", "Over the limit", ""]]
            return httpx.Response(200, json={"id": 1, "error": warning})
        return httpx.Response(200, json={"id": 1, "result": []})

    with pytest.raises(RemoteRefused, match="Over the limit"):
        answering(handler).items()
    asked.clear()
    yes = tryton.connect(
        "main",
        SETTINGS | {"accept_warnings": ["limit"]},
        transport=httpx.MockTransport(handler),
    )
    assert yes.items().items == ()


def test_an_answer_that_is_none_is_the_systems_fault_and_shows_no_secret():
    def handler(request):
        return httpx.Response(200, json={"id": 1, "result": "secret-word"})

    with pytest.raises(RemoteMisbehaved) as caught:
        answering(handler).customer("C-1")
    assert "secret-word" not in str(caught.value)


LOCKED = "<!doctype html><title>503 Service Unavailable</title><p>database is locked</p>"


def test_a_database_that_stays_locked_is_told_from_a_proxy_that_found_no_server():
    assert refusals.wording(503, LOCKED).unread
    for told in ("<html>no server is available to handle this request</html>", "", None):
        assert not refusals.wording(503, told).unread

    with pytest.raises(RemoteUnavailable, match="its database is locked") as caught:
        answering(lambda _request: httpx.Response(503, html=LOCKED)).customer("C-1")
    assert (caught.value.code, caught.value.maybe_done) == ("Busy", False)


@pytest.mark.parametrize(
    ("read", "value", "wanted"),
    [
        (wire.key, "7", "expected an id"),
        (wire.keys, [7, "8"], "expected a list of ids"),
        (wire.label, 7, "expected a text"),
        (wire.flag, "yes", "expected true or false"),
        (wire.amount, "7.5", "expected a decimal"),
        (wire.day, "2026-11-22", "expected a day"),
        (wire.day, None, "expected a day"),
        (wire.instant_or_none, "2026-11-22", "expected an instant"),
        (lambda row, name: wire.rows([row[name]]), "x", "expected a list of records"),
    ],
)
def test_what_is_none_of_its_kind_is_told(read, value, wanted):
    with pytest.raises(Unreadable, match=wanted):
        read({"field": value}, "field")


def test_a_mistake_in_a_list_names_its_place():
    found = [{"id": 1}, {"id": "2"}]
    with pytest.raises(Unreadable) as caught:
        wire.each_read(found, wire.key)
    assert caught.value.pointer == "/1/id"
    assert wire.amount({"a": 7}, "a") == D(7)
