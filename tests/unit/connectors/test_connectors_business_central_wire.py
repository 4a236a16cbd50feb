"""Business Central's wire, piece by piece: queries, refusals, origins, addresses."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crossdock.connectors.business_central.odata import (
    Query,
    among,
    contains,
    equal,
    every,
    since_day,
    since_instant,
)
from crossdock.connectors.business_central.origin import (
    Origin,
    cancelled_line,
    cancelled_part,
    document_number,
    line_number,
    origin_of,
    read_cancelled_line,
    read_cancelled_part,
    sequence_of,
)
from crossdock.connectors.business_central.placing import line_body, ship_to
from crossdock.connectors.business_central.refusals import wording
from crossdock.connectors.business_central.wire import decoded, plain
from crossdock.connectors.writing import Unwritable
from crossdock.errors import (
    Conflict,
    NotFound,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    Stale,
)
from crossdock.records import Address, Money, OrderLine

D = Decimal


def test_what_a_person_typed_never_becomes_another_condition():
    typed = "O'Neill' or 1 eq 1"
    assert equal("displayName", typed) == "displayName eq 'O''Neill'' or 1 eq 1'"
    assert contains("displayName", "A'B") == "contains(tolower(displayName),'a''b')"
    assert among("number", ["1", "2"]) == "(number eq '1' or number eq '2')"


def test_a_query_is_written_with_what_it_asks_for_and_no_more():
    at = datetime(2026, 1, 2, 3, 4, 5, 600_000, tzinfo=UTC)
    condition = every(equal("number", "1"), "", since_instant("lastModifiedDateTime", at))
    query = Query(filter=condition, select="id")
    assert query.parameters(top=5) == {
        "$filter": "number eq '1' and lastModifiedDateTime ge 2026-01-02T03:04:05.600Z",
        "$select": "id",
        "$top": 5,
    }
    assert every("", since_day("orderDate", None)) == ""
    assert since_day("orderDate", date(2026, 1, 2)) == "orderDate ge 2026-01-02"


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("Request_EntityChanged", 409, Stale),
        ("Internal_EntityWithSameKeyExists", 400, Conflict),
        ("Internal_RecordNotFound", 404, NotFound),
        ("Application_DialogException", 400, RemoteRefused),
        ("Application_StringExceededLength", 400, RemoteRejectedData),
        ("Authentication_InvalidCredentials", 401, RemoteUnauthorized),
        ("Application_DialogException", 500, None),
        ("BadRequest", 400, None),
        ("Unknown", 429, None),
    ],
)
def test_a_code_says_which_error_it_is_where_the_status_does_not(code, status, kind):
    body = {"error": {"code": code, "message": "No."}}
    assert wording(status, body).kind is kind


def test_a_refusal_keeps_its_correlation_id_and_a_token_refusal_its_number():
    correlation = "8a1c6c9a-0000-4000-8000-1234567890ab"
    body = {"error": {"code": "Unknown", "message": f"Try later.  CorrelationId:  {correlation}."}}
    told = wording(429, body)
    assert told.message == f"Try later (CorrelationId {correlation})"
    assert told.retry_after
    told = wording(401, {"error": "invalid_client", "error_description": "AADSTS7000215: wrong"})
    assert (told.code, told.kind) == ("invalid_client", RemoteUnauthorized)
    for nonsense in (None, [], "text", {"error": 7}, {"error": {"code": None}}):
        assert wording(500, nonsense).kind is None


def test_where_an_order_came_from_is_told_and_read():
    origin = Origin(reference="R 1/2", system="crm", quote_id="Q-1", opportunity_id="O (7), again")
    text = origin.text()
    assert origin_of(("Hello", text), "R 1/2") == origin
    assert origin_of((text,), "R-2") is None
    assert origin_of(("Order 5 of 10",), "5") == Origin(reference="5", system="10")
    alone = Origin(reference="R-1")
    assert origin_of((alone.text(),), "R-1") == alone
    long = Origin(
        reference="r" * 60, system="salesforce", quote_id="q" * 18, opportunity_id="o" * 18
    )
    assert len(long.text()) <= 100
    assert origin_of((long.text(),), document_number("r" * 60)).reference == "r" * 60
    assert len(document_number("r" * 60)) == 35
    with pytest.raises(Unwritable, match="too long"):
        Origin(reference="r" * 95).text()


def test_lines_keep_their_numbers_and_tell_what_was_cancelled():
    assert [line_number(each) for each in (sequence_of(7), 15_000, 1)] == [7, 15_000, 1]
    line = OrderLine(number=1, item_id="A 1", quantity=D("2.5"))
    assert read_cancelled_line(cancelled_line(line)) == (D("2.5"), "A 1")
    assert read_cancelled_line("Deliver on Monday") is None
    assert read_cancelled_part(cancelled_part(D(4))) == 4
    assert read_cancelled_part("as agreed") == 0


def test_blanks_and_numbers_are_read_as_people_write_them():
    assert [decoded(each) for each in ("_x0020_", "Non_x002D_Inventory", "In_x0020_Review")] == [
        "",
        "Non-Inventory",
        "In Review",
    ]
    assert [str(plain(D(each))) for each in ("100.0", "2.50", "0")] == ["100", "2.5", "0"]


def test_an_address_is_written_whole_and_told_where_it_does_not_fit():
    street = "Long Street " * 8 + "9, Dock B"
    written = ship_to(Address(name="Gate", street=street, city="Hull", country="GB"))
    assert written["shipToAddressLine1"] == ("Long Street " * 8 + "9")
    assert written["shipToAddressLine2"] == "Dock B"
    assert (written["shipToState"], written["shipToPostCode"]) == ("", "")
    assert ship_to(Address()) == {}
    for wrong in (Address(city="x" * 31), Address(street="x" * 151)):
        with pytest.raises(Unwritable, match="longer than"):
            ship_to(wrong)


def test_a_line_that_business_central_would_change_is_not_sent():
    fine = OrderLine(number=1, item_id="A", quantity=D(1), unit_price=Money("1.25", "EUR"))
    assert line_body(fine, "EUR", "lines.0")["unitPrice"] == 1.25
    for wrong in (
        OrderLine(number=0, item_id="A", quantity=D(1)),
        OrderLine(number=10_000, item_id="A", quantity=D(1)),
        OrderLine(number=1, item_id="A", quantity=D("0.1234567")),
        OrderLine(number=1, item_id="A", quantity=D(1), unit_price=Money("1", "USD")),
    ):
        with pytest.raises(Unwritable, match=r"digits|between|USD"):
            line_body(wrong, "EUR", "lines.0")
