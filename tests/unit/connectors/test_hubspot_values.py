"""What HubSpot's texts mean, how it words refusals, and at what pace it is asked."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.connectors import hubspot
from crossdock.connectors.hubspot import lines, operations, values
from crossdock.connectors.hubspot.access import Pace
from crossdock.connectors.hubspot.objects import Object
from crossdock.connectors.hubspot.refusals import wording
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Unreadable
from crossdock.errors import ConfigError, RemoteRejectedData, RemoteUnauthorized, RemoteUnavailable
from crossdock.specifications import specification
from crossdock_mocks.engine.document import parse

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2026-11-20T09:30:00Z", "2026-11-20T09:30:00.000Z", "1795167000000", "2026-11-20T09:30"],
)
def test_an_instant_is_read_in_each_form_that_hubspot_writes(text):
    assert values.instant_or_none({"at": text}, "at") == AT


@pytest.mark.parametrize("text", [None, ""])
def test_what_is_not_set_is_none(text):
    row = {"a": text}
    assert values.text_or_none(row, "a") is None
    assert values.decimal_or_none(row, "a") is None
    assert values.day_or_none(row, "a") is None
    assert values.rows_or_empty(row, "a") == []


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (values.decimal_or_none, "12,5"),
        (values.whole_or_none, "1.5"),
        (values.instant_or_none, "tomorrow"),
        (values.currency_or_none, "Euro"),
        (values.object_or_empty, "{"),
        (values.object_or_empty, '{"a": 1}'),
        (values.rows_or_empty, '["a"]'),
        (values.rows_or_empty, "["),
        (values.text, 7),
        (lambda row, name: values.word(row, name, frozenset({"a"}), ""), "b"),
    ],
)
def test_what_is_none_of_its_kind_is_told(read, text):
    with pytest.raises(Unreadable) as caught:
        read({"field": text}, "field")
    assert caught.value.pointer == "/field"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
def test_a_text_comes_back_from_the_html_that_it_was_written_as(text):
    assert values.plain(values.rich(text)) == text.strip()


def test_days_are_written_as_days_and_as_midnight():
    assert values.as_day(date(2026, 12, 1)) == "2026-12-01"
    assert values.as_midnight(date(2026, 12, 1)) == "2026-12-01T00:00:00.000Z"
    assert values.as_instant(AT) == "2026-11-20T09:30:00.000Z"


def test_only_what_means_something_else_is_written():
    now = {"a": "12.50", "b": "2026-12-01", "c": "same", "d": None, "e": "gone"}
    wanted = {"a": "12.5", "b": "2026-12-01T00:00:00.000Z", "c": "same", "d": "", "e": ""}
    assert lines.differing(wanted, now) == {"e": ""}
    assert lines.differing({"a": "12.51", "c": "2026"}, now) == {"a": "12.51", "c": "2026"}


def item(number, **properties):
    return Object(
        id=str(number),
        properties={name: str(value) for name, value in properties.items()},
        created_at=AT,
        updated_at=AT,
        archived=False,
    )


def test_lines_keep_their_numbers_and_new_ones_fill_the_gaps_by_position():
    found = lines.numbered(
        [
            item(9, hs_position_on_quote=5),
            item(8, crossdock_line=3),
            item(7, hs_position_on_quote=2),
            item(6, crossdock_line=1),
            item(5, crossdock_line=1, hs_position_on_quote=9),  # a copy of a line
        ]
    )
    assert {number: each.id for number, each in found.items()} == {
        1: "5", 2: "7", 3: "8", 4: "9", 5: "6",
    }  # fmt: skip


def test_a_discount_for_each_unit_is_read_in_per_cent():
    line = lines.quote_line(1, item(1, hs_sku="A", quantity=2, price=8, discount=1), "EUR")
    assert line.discount_percent == Decimal("12.5")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"category": "VALIDATION_ERROR"}, RemoteRejectedData),
        (401, {"category": "INVALID_AUTHENTICATION"}, RemoteUnauthorized),
        (403, {"category": "MISSING_SCOPES"}, RemoteUnauthorized),
        (423, {"category": "LOCKED"}, RemoteUnavailable),
        (503, {"category": "VALIDATION_ERROR"}, None),
        (400, {"status": "BAD_REFRESH_TOKEN", "message": "no"}, RemoteUnauthorized),
        (502, None, None),
    ],
)
def test_a_refusal_is_what_it_says_it_is(status, body, kind):
    assert wording(status, body).kind is kind


def test_a_refusal_names_the_property():
    body = {
        "category": "VALIDATION_ERROR",
        "message": "Property values were not valid",
        "errors": [{"message": "is no number", "context": {"propertyName": ["price"]}}],
    }
    (field,) = wording(400, body).fields
    assert (field.field, field.message) == ("price", "is no number")


class Clock:
    def __init__(self):
        self.now, self.slept = 100.0, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(round(seconds, 3))
        self.now += seconds


def test_searches_come_no_faster_than_they_may():
    clock = Clock()
    pace = Pace(4, clock=clock, sleep=clock.sleep)
    for _ in range(12):
        pace.wait(search=True, left=60)
    assert clock.now - 100 == pytest.approx(2.75)  # one each quarter second
    pace.wait(search=False, left=60)
    assert clock.now - 100 == pytest.approx(2.75)


def test_who_has_used_up_an_interval_waits_for_the_next_and_never_past_its_deadline():
    clock = Clock()
    pace = Pace(4, clock=clock, sleep=clock.sleep)
    pace.heard(
        {
            "x-hubspot-ratelimit-remaining": "0",
            "x-hubspot-ratelimit-interval-milliseconds": "800",
        }
    )
    pace.wait(search=False, left=0.3)
    pace.wait(search=False, left=60)
    assert clock.slept == [0.3, 0.5]
    pace.heard({"x-hubspot-ratelimit-remaining": "9"})
    pace.wait(search=False, left=60)
    assert len(clock.slept) == 2


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "lacks credentials"),
        ({"access_token": "a", "client_id": "b"}, "keep one of them"),
        ({"client_id": "b", "client_secret": "c"}, "lacks 'refresh_token'"),
        ({"access_token": "a", "roles": "sales"}, "table of texts"),
        ({"access_token": "a", "searches_per_second": 0}, "above zero"),
        ({"access_token": "a", "colour": "red"}, "does not know"),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(settings, told):
    with pytest.raises(ConfigError, match=told):
        hubspot.connect("crm", {"url": "https://api.hubapi.com", **settings})


def test_each_used_operation_stands_in_the_document():
    document = parse(specification(operations.DOCUMENT).read_bytes(), operations.DOCUMENT)
    known = {
        each["operationId"]: (method.upper(), path)
        for path, item in document["paths"].items()
        for method, each in item.items()
        if isinstance(each, dict) and "operationId" in each
    }
    for operation in vars(operations).values():
        if isinstance(operation, Operation):
            assert known[operation.id] == (operation.method, operation.path)
    assert hubspot.HubSpotConnector.used_operations == operations.USED
