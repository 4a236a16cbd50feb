"""What the desk says to a person: of errors, of what guards found, of what was typed."""

from __future__ import annotations

from decimal import Decimal

import httpx
import pytest

from crossdock import errors
from crossdock.host.exceptions_queue import RIGHT
from crossdock.records import Money
from crossdock.server.desk import record_form
from crossdock.server.desk.offices import business_central, quickbooks, reference
from crossdock.server.desk.refusals import refusal

AT = {"system": "main"}
FIELD = errors.FieldError("lines.0.item_id", "is missing")


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (errors.AccessDenied("no", scope=RIGHT), 403, "Not yours to do"),
        (errors.AccessDenied("no", scope="erp.items:read"), 403, "Not yours to see"),
        (errors.UnknownDelivery("there is no delivery 7"), 404, "Not found"),
        (errors.UnknownApproval("there is no approval 7"), 404, "Not found"),
        (errors.ApprovalRefused("not yours"), 409, "Nothing was answered"),
        (errors.PlacementConflict("it is placed"), 409, "This does not fit"),
        (errors.DeliveryChanged("it moved"), 409, "Somebody else was faster"),
        (errors.NotAway("it answers"), 409, "Nothing to try"),
        (errors.NotRetriable("it is done"), 409, "Nothing to try again"),
        (errors.NotEditable("it is done"), 409, "This cannot be changed"),
        (errors.EditRefused([FIELD]), 422, "Something is missing"),
        (errors.NotSupported("no returns"), 501, "This system cannot do that"),
        (errors.ConfigError("no url"), 500, "This did not work"),
        (errors.NotFound("no", **AT), 404, "Not found"),
        (errors.RemoteUnavailable("no", **AT), 503, "The ERP “main” does not answer"),
        (errors.RemoteUnauthorized("no", **AT), 502, "The ERP “main” does not let us in"),
        (errors.Stale("no", **AT), 409, "Somebody else was faster"),
        (
            errors.RemoteMisbehaved("no", system="crm"),
            502,
            "The CRM gave an answer that makes no sense",
        ),
        (errors.RemoteRejectedData("it is closed", **AT), 502, "The ERP “main” said no"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else None,
)
def test_every_error_is_said_to_a_person(error, status, title):
    said = refusal(error)
    assert (said.status, said.title) == (status, title)
    assert said.text[0].isupper()
    assert said.text.endswith(".")


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("1 234,567.5", None),
        ("", None),
        ("much", "Enter an amount, such as"),
        ("-1", "of zero or more"),
        ("NaN", "of zero or more"),
        ("1.234", "EUR has 2 decimal places"),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed, problem):
    before = Money("1", "EUR")
    if problem is None:
        amount = Decimal(typed.replace(" ", "").replace(",", "") or "0")
        assert record_form._amount(typed, before) == Money(amount, "EUR")
    else:
        with pytest.raises(ValueError, match=problem):
            record_form._amount(typed, before)


@pytest.mark.parametrize(
    ("reason", "document", "says"),
    [
        (quickbooks._reason, {"Fault": {"Error": [{"Message": "Stale", "Detail": ""}]}}, "Stale"),
        (quickbooks._reason, {"Fault": {"Error": []}}, "with status 400 and gave no reason"),
        (business_central._reason, {"error": {"message": "Blocked"}}, "said no: Blocked"),
        (business_central._reason, [], "with status 400 and gave no reason"),
        (reference._reason, {"detail": "on hold"}, "on hold"),
        (reference._reason, [], "with status 400 and gave no reason"),
    ],
)
def test_what_a_system_refused_is_said_in_its_own_words_or_by_its_status(reason, document, says):
    assert says in reason(httpx.Response(400, json=document))
