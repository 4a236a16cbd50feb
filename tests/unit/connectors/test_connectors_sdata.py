"""SData as the connectors write and read it, without any server."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import httpx
import pytest
import respx

from crossdock.connectors import sage_crm, saleslogix
from crossdock.connectors.reading import Unreadable
from crossdock.connectors.saleslogix.forms import QUOTE
from crossdock.connectors.sdata import refusals, values, where
from crossdock.connectors.sdata.kinds import Kinds
from crossdock.connectors.sdata.pricing import pricing, pricing_written
from crossdock.connectors.sdata.progress import progress_read
from crossdock.connectors.sdata.records import Records
from crossdock.connectors.sdata.sheets import Form, Sheet, differing, written
from crossdock.connectors.sdata.values import Reference, Speech
from crossdock.connectors.told import while_it_waits
from crossdock.connectors.writing import Unwritable
from crossdock.errors import (
    ConfigError,
    Conflict,
    NotFound,
    RemoteMisbehaved,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnavailable,
    Stale,
)
from crossdock.records import Account, Money, Quote

NOON = datetime(2026, 11, 20, 12, 0, 0, 250_000, tzinfo=UTC)
SLX, SAGE = Speech(), Speech(integer_keys=True, objects=False, letters=True, dates="iso")
USES = Kinds("/sdata").uses("things", "Thing")
FORM = Form(
    kind="things", label="thing", uses=USES, id="Id", modified="ModifyDate", data="Ours",
    mark="Mark", fields={"name": "Name", "price": "Price", "at": "At", "old": "Old"},
    references={"owner": "Owner"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (where.equal("Name", "O'Hara & Co"), "Name eq 'O''Hara & Co'"),
        (where.equal("Name", "x' or 1 eq 1 or 'a' eq '"), "Name eq 'x'' or 1 eq 1 or ''a'' eq '''"),
        (where.equal("Gone", None), "Gone eq null"),
        (where.equal("Yes", True), "Yes eq true"),
        (where.above("Id", 43), "Id gt 43"),
        (where.above("Price", Decimal("1.50")), "Price gt 1.50"),
        (where.equal("On", date(2026, 11, 20)), "On eq @2026-11-20@"),
        (where.since("At", NOON), "At ge @2026-11-20T12:00:00.250Z@"),
        (
            where.since("At", NOON.replace(microsecond=0, tzinfo=timezone(timedelta(hours=1)))),
            "At ge @2026-11-20T11:00:00Z@",
        ),
        (where.one_of("Id", ["a", "b'"]), "Id in ('a', 'b''')"),
        (where.contains("Name", "50%_a'b"), "Name like '%50__a''b%'"),
        (where.begins("Key", "order|7|"), "Key like 'order|7|%'"),
        (where.every("a eq 1", "", where.any_of(["b eq 2", "c eq 3"])),
         "a eq 1 and (b eq 2 or c eq 3)"),
    ],
)  # fmt: skip
def test_no_value_becomes_a_part_of_a_condition(condition, text):
    assert condition == text


def test_an_instant_without_a_zone_is_no_condition():
    with pytest.raises(ValueError, match="time zone"):
        where.literal(NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    "text",
    ["/Date(1795176000250)/", "/Date(1795176000250+0300)/", "2026-11-20T12:00:00.250Z",
     "2026-11-20T13:00:00.250+01:00", "2026-11-20T12:00:00.250"],
)  # fmt: skip
def test_instants_are_read_in_every_form(text):
    assert values.instant({"At": text}, "At") == NOON


@pytest.mark.parametrize(("value", "yes"), [("Y", True), (True, True), ("N", False), (None, False)])
def test_yes_and_no_are_read_in_every_form(value, yes):
    assert values.flag({"is": value}, "is") is yes


def test_what_cannot_be_read_is_told_with_its_name():
    for read, row in [
        (values.text, {"X": 1}), (values.flag, {"X": "perhaps"}), (values.instant, {"X": "soon"}),
        (values.key, {"X": [1]}), (values.resources, {"X": {"$url": "there"}}),
    ]:  # fmt: skip
        with pytest.raises(Unreadable) as bad:
            read(row, "X")
        assert bad.value.pointer == "/X"


def test_each_dialect_writes_in_its_own_way():
    given = {"name": "", "price": Decimal("1.50"), "at": NOON, "old": True, "owner": Reference("7")}
    assert written(FORM, SLX, given) == {
        "Name": None, "Price": 1.5, "At": "/Date(1795176000250)/", "Old": True,
        "Owner": {"$key": "7"},
    }  # fmt: skip
    assert written(FORM, SAGE, given) == {
        "Name": None, "Price": 1.5, "At": "2026-11-20T12:00:00.250Z", "Old": "Y", "Owner": 7,
    }  # fmt: skip
    assert values.day({"On": SLX.written(date(2026, 11, 20), "on")}, "On") == date(2026, 11, 20)


def test_what_has_no_field_is_kept_beside_and_comes_back():
    given = {"name": "A", "net": Decimal("31.350"), "on": date(2026, 11, 20), "gone": None}
    row = written(FORM, SLX, given) | {"$key": "7", "ModifyDate": "/Date(0)/", "$etag": "x"}
    sheet = Sheet(row, FORM)
    assert (sheet.text("name"), sheet.money("net", "EUR").amount) == ("A", Decimal("31.35"))
    assert (sheet.day("on"), sheet.kept("gone")) == (date(2026, 11, 20), None)
    assert sheet.version == "1970-01-01T00:00:00.000+00:00/x"
    # What is not given stays as it is, and what is cleared goes.
    again = written(FORM, SLX, {"on": None}, sheet)
    assert Sheet({**row, **again}, FORM).own == {"net": "31.35"}
    bare = Form(kind="things", label="thing", uses=USES, id="Id")
    with pytest.raises(Unwritable, match="has no place"):
        written(bare, SLX, {"net": Decimal(1)})


def test_only_what_differs_in_meaning_is_written():
    now = {"Name": "A", "Price": Decimal("1.50"), "At": "/Date(1795176000250)/", "Old": "Y",
           "Owner": {"$key": "7", "$url": "there"}, "Ours": '{"b": 1,  "a": 2}'}  # fmt: skip
    same = {"Name": "A", "Price": 1.5, "At": "2026-11-20T12:00:00.250Z", "Old": "Y",
            "Owner": {"$key": "7"}, "Ours": '{"a": 2, "b": 1}'}  # fmt: skip
    assert differing(FORM, same, now) == {}
    other = {**same, "Name": None, "Price": 1.51, "Owner": None}
    assert differing(FORM, other, now) == {"Name": None, "Price": 1.51, "Owner": None}
    assert differing(FORM, {"Name": None, "Owner": None}, {"Name": "", "Owner": None}) == {}


@pytest.mark.parametrize(
    ("status", "diagnosis", "kind"),
    [
        (400, {"sdataCode": "BadWhereSyntax"}, RemoteRejectedData),
        (400, {"sdataCode": "ApplicationDiagnosis"}, RemoteRefused),
        (404, {"sdataCode": "ApplicationDiagnosis"}, NotFound),
        (404, {"sdataCode": "ResourceKindNotFound"}, RemoteMisbehaved),
        (409, {"sdataCode": "ApplicationDiagnosis"}, Conflict),
        (412, {"sdataCode": "ApplicationDiagnosis"}, Stale),
        (400, {"sdataCode": "ApplicationDiagnosis", "severity": "Transient"}, RemoteUnavailable),
        (503, {"sdataCode": "DatasetUnavailable"}, RemoteUnavailable),
    ],
)
@pytest.mark.parametrize("wrap", [lambda d: [d], lambda d: {"$diagnoses": [d]}, lambda d: d])
def test_diagnoses_are_errors_of_ours(status, diagnosis, kind, wrap):
    told = {**diagnosis, "message": "No.", "payloadPath": "Name"}
    complaint = refusals.wording(status, wrap(told))
    assert (complaint.kind, complaint.message) == (kind, "No.")
    assert [each.field for each in complaint.fields] == ["Name"]


def test_a_proxys_page_leaves_the_word_to_the_status():
    for body in (None, "<html>", [], {"$diagnoses": 3}, [1]):
        assert refusals.wording(502, body).message == ""


SETTINGS = {"url": "http://crm.test", "user": "kim", "password": "secret-word"}


@pytest.mark.parametrize("connector", [saleslogix, sage_crm])
def test_settings_are_checked_before_anything_is_sent(connector):
    for wrong, match in [
        ({"user": None}, "lacks 'user'"),
        ({"user": "a:b"}, "colon"),
        ({"stages": ["Prove 50%"]}, "a stage is written as"),
        ({"stages": ["Prove: open 150%"]}, "a stage is written as"),
        ({"feed_lag": 0}, "above zero"),
        ({"colour": "red"}, "does not know"),
    ]:
        with pytest.raises(ConfigError, match=match):
            connector.connect("crm", {**SETTINGS, **wrong})
    port = connector.connect("crm", {**SETTINGS, "stages": ["Sure: won 100%", "Try: open 5%"]})
    assert [(s.id, s.kind, s.probability) for s in port.stages()] == [
        ("Sure", "won", Decimal(1)), ("Try", "open", Decimal("0.05")),
    ]  # fmt: skip


@respx.mock
def test_a_feed_is_followed_by_its_query_and_never_to_another_server():
    base = "http://crm.test/sdata/crmj/sagecrm2/-/users"
    first = {"$resources": [{"$key": 1, "user_logon": "kim"}],
             "$next": "https://elsewhere.test/x?startIndex=2&count=1&format=json"}  # fmt: skip
    last = {"$resources": [{"$key": 2, "user_logon": "bo"}]}
    route = respx.get(url__startswith=base).mock(
        side_effect=[httpx.Response(200, json=first), httpx.Response(200, json=last)]
    )
    port = sage_crm.connect("crm", SETTINGS)
    assert {user.id for user in port.users()} == {"1", "2"}
    assert [call.request.url.host for call in route.calls] == ["crm.test", "crm.test"]
    assert route.calls[1].request.url.params["startIndex"] == "2"
    assert route.calls[0].request.headers["authorization"].startswith("Basic ")


@respx.mock
def test_whoever_waits_for_us_is_believed_and_not_asked():
    port = saleslogix.connect("crm", SETTINGS)
    account = Account(id="A1", name="Nordhafen", external_ids={"main": "C-1"})
    with while_it_waits("crm", account):
        assert port.account("A1") is account
        (link,) = port.account_links("A1")
        assert (link.ref, link.default) == ("main:C-1", True)
        with pytest.raises(RemoteUnavailable, match="waits for this answer") as away:
            port.quotes("A1")
        assert not away.value.maybe_done
    assert not respx.calls


@pytest.mark.parametrize(
    ("row", "read", "wanted"),
    [
        ({"Ours": "{"}, lambda sheet: sheet.own, "an object as JSON"),
        ({"Ours": "[1]"}, lambda sheet: sheet.own, "an object as JSON"),
        ({"$key": ""}, lambda sheet: sheet.id, "a key"),
        ({"Ours": '{"rate": "x"}'}, lambda sheet: sheet.number("rate"), "a number"),
        ({"Ours": '{"pricing_status": "dear"}'}, lambda sheet: pricing(sheet, "EUR"), "one of"),
        ({"Ours": '{"checks": ["x"]}'}, lambda sheet: pricing(sheet, "EUR"), "a list of objects"),
        ({"Text": "x"}, lambda sheet: values.number_of_text(sheet.row, "Text"), "a number"),
        ({}, lambda _: progress_read([]), "an object"),
    ],
)
def test_what_a_record_cannot_mean_is_told_where_it_is(row, read, wanted):
    with pytest.raises(Unreadable, match=wanted):
        read(Sheet(row, FORM))


def test_a_collection_that_was_not_asked_for_is_empty():
    assert values.resources({}, "Lines") == []
    assert values.number_of_text({}, "Text") is None


def test_totals_of_another_currency_are_not_written():
    dollars = {name: Money("1", "USD") for name in ("net", "tax", "gross")}
    quote = Quote(id="Q-1", account_id="A-1", currency="EUR", **dollars)
    with pytest.raises(Unwritable, match="is in USD, the document in EUR"):
        pricing_written(quote, lambda word: True)


@pytest.mark.parametrize(
    ("wanted", "now", "same"), [(True, True, True), (True, False, False), ("7", 7, True)]
)
def test_flags_and_numbers_are_compared_as_they_are_meant(wanted, now, same):
    assert differing(FORM, {"Old": wanted}, {"Old": now}) == ({} if same else {"Old": wanted})


class Changed:
    """Entries that somebody else changes each time between being read and being written."""

    def __init__(self, times: int) -> None:
        self.remote = None
        self.row = {"$key": "Q1", "$etag": "0", "Status": "Open", "Notes": ""}
        self.left = times

    def get(self, form, key):
        read = dict(self.row)
        if self.left:
            self.left -= 1
            self.row |= {"$etag": str(self.left + 1), "Notes": f"note {self.left}"}
        return read

    def change(self, form, now, fields):
        if now["$etag"] != self.row["$etag"]:
            raise Stale("changed since it was read", system="crm")
        self.row |= fields


@pytest.mark.parametrize("times", [0, 1, 2])
def test_what_is_true_whatever_else_is_changed_meanwhile_is_written_and_changes_nothing_else(times):
    contract = Changed(times)
    Records(contract, "crm", "USD", None).mark_as(QUOTE, "Q1", {"Status": "Ordered"})
    assert contract.row["Status"] == "Ordered"
    assert contract.row["Notes"] == ("note 0" if times else "")


def test_who_is_always_too_late_is_told():
    contract = Changed(3)
    with pytest.raises(Stale):
        Records(contract, "crm", "USD", None).mark_as(QUOTE, "Q1", {"Status": "Ordered"})
    assert contract.row["Status"] == "Open"
