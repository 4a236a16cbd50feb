"""What every answer has in common: tokens, ETags, errors, batches, the model, the limits."""

# ruff: noqa: E501 - tables of cases

import xml.etree.ElementTree as Tree
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from crossdock_mocks.dialects.business_central import CLIENT_ID, CLIENT_SECRET, SCOPE, allow
from crossdock_mocks.engine import MockTransport

HOST = "http://bc.test:7048"
TOKEN = f"{HOST}/contoso.example/oauth2/v2.0/token"
GOOD = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "scope": SCOPE,
}


@pytest.mark.parametrize(
    ("change", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", "AADSTS7000215"),
        ({"client_id": "unknown"}, 401, "invalid_client", "AADSTS7000215"),
        ({"scope": "https://graph.microsoft.com/.default"}, 400, "invalid_scope", "AADSTS70011"),
        ({"scope": ""}, 400, "invalid_request", "AADSTS900144"),
        ({"grant_type": "magic"}, 400, "unsupported_grant_type", "AADSTS70003"),
        ({"grant_type": "password"}, 400, "unauthorized_client", "AADSTS700016"),
    ],
)
def test_no_token_without_good_credentials(bc, change, status, error, number):
    answer = bc.http.post(TOKEN, data={**GOOD, **change})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"].startswith(number)


def test_a_token_opens_the_service_for_an_hour(bc):
    answer = bc.http.post(TOKEN, data=GOOD).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3599)
    url = f"{HOST}/v2.0/production/api/v2.0/companies"
    headers = {"authorization": f"Bearer {answer['access_token']}"}
    assert bc.http.get(url, headers=headers).status_code == 200
    tenant = f"{HOST}/v2.0/contoso.example/production/api/v2.0/companies"
    assert bc.http.get(tenant, headers=headers).status_code == 200
    bc.world.clock.advance(timedelta(hours=1))
    for given in (headers, {"authorization": "Bearer rubbish"}, {"authorization": "Basic eDp5"}):
        refused = bc.http.get(url, headers=given)
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "Authentication_InvalidCredentials"
    with httpx.Client(transport=MockTransport(_app(bc), bc.world)) as stranger:
        assert stranger.get(url).status_code == 401


def _app(bc):
    return bc.http._transport._app


def test_a_change_needs_the_etag_of_what_was_read(bc):
    customer = bc.customer()
    path = f"/customers({customer['id']})"
    body = {"city": "Hull"}
    for headers in ({}, {"if_match": "rubbish"}, {"if_match": '"1"'}):
        refused = bc.refused("PATCH", path, body, **headers)
        assert refused == (400, "BadRequest_InvalidToken")
    etag = customer["@odata.etag"]
    assert bc.call("GET", path).headers["etag"] == etag
    changed = bc.patch(path, body, etag)
    assert changed["@odata.etag"] != etag
    assert bc.refused("PATCH", path, body, if_match=etag) == (409, "Request_EntityChanged")
    assert bc.refused("DELETE", path, if_match=etag) == (409, "Request_EntityChanged")
    assert bc.patch(path, {"city": "York"})["city"] == "York"
    assert bc.call("DELETE", path, if_match=bc.get(path)["@odata.etag"]).status_code == 204
    assert bc.refused("GET", path) == (404, "Internal_RecordNotFound")


def test_a_customer_can_be_removed_without_an_etag(bc):
    assert bc.call("DELETE", f"/customers({bc.customer()['id']})").status_code == 204


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "Application_DialogException"),
        ({"displayName": " "}, "Application_DialogException"),
        ({"displayName": None}, "BadRequest_RequiredParamNotProvided"),
        ({"displayName": "x", "foo": 1}, "BadRequest"),
        ({"displayName": 5}, "BadRequest"),
        ({"displayName": "x" * 101}, "Application_StringExceededLength"),
        ({"displayName": "x", "id": "0" * 8 + "-0000-0000-0000-" + "0" * 12}, "BadRequest_InvalidOperation"),
        ({"displayName": "x", "balanceDue": 5}, "BadRequest_InvalidOperation"),
        ({"displayName": "x", "lastModifiedDateTime": "2026-01-01T00:00:00Z"}, "BadRequest_InvalidOperation"),
        ({"displayName": "x", "blocked": "Perhaps"}, "Application_EvaluateException"),
        ({"displayName": "x", "number": "C-10001"}, "Internal_EntityWithSameKeyExists"),
        ({"displayName": "x", "currencyCode": "XXX"}, "Application_DialogException"),
        ({"displayName": "x", "paymentTermsId": "b930c47c-463d-5586-86b3-98899c9e8587"}, "Application_DialogException"),
        ({"displayName": "x", "paymentTermsId": "30 days"}, "BadRequest"),
        ({"displayName": "x", "creditLimit": 1e30}, "BadRequest"),
        ([], "BadRequest"),
        ("x", "BadRequest"),
    ],
)  # fmt: skip
def test_a_customer_that_breaks_a_rule_is_not_made(bc, body, code):
    assert bc.refused("POST", "/customers", body) == (400, code)
    assert len(bc.rows("/customers")) == 16


def test_text_that_is_no_json_and_types_that_are_not_taken(bc):
    url = f"{bc.company}/customers"
    headers = {"content-type": "application/json"}
    assert bc.http.post(url, content=b"{", headers=headers).status_code == 400
    headers = {"content-type": "text/plain"}
    assert bc.http.post(url, content=b"{}", headers=headers).status_code == 415
    assert bc.http.post(url).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "BadRequest_ResourceNotFound"),
        ("GET", "/customers(abc)", 400, "BadRequest_NotFound"),
        ("GET", "/customers(00000000-0000-0000-0000-00000000000f)", 404, "Internal_RecordNotFound"),
        ("PUT", "/customers", 405, "BadRequest_MethodNotAllowed"),
        ("POST", "/salesShipments", 405, "BadRequest_MethodNotAllowed"),
        ("DELETE", "/customerFinancialDetails(00000000-0000-0000-0000-00000000000f)", 405,
         "BadRequest_MethodNotAllowed"),
        ("POST", "/salesOrders(00000000-0000-0000-0000-00000000000f)/Microsoft.NAV.post", 404,
         "BadRequest_ResourceNotFound"),
        ("POST", "/salesOrders(00000000-0000-0000-0000-00000000000f)/Microsoft.NAV.shipAndInvoice",
         404, "Internal_RecordNotFound"),
    ],
)  # fmt: skip
def test_what_there_is_not_is_said_in_the_services_words(bc, method, path, status, code):
    assert bc.refused(method, path) == (status, code)


def test_another_company_is_not_found(bc):
    url = bc.company.replace(bc.company_id, "00000000-0000-0000-0000-00000000000f")
    assert bc.refused("GET", f"{url}/customers") == (404, "Internal_CompanyNotFound")


def test_the_same_mistake_has_another_correlation_id_each_time(bc):
    told = {bc.complaint("GET", "/customers?$top=x") for _ in range(3)}
    assert len(told) == 3


def test_what_was_made_need_not_be_told(bc):
    answer = bc.call("POST", "/customers", {"displayName": "Quiet"}, prefer="return-no-content")
    assert (answer.status_code, answer.content) == (204, b"")
    made = bc.get(answer.headers["location"])
    assert made["displayName"] == "Quiet"
    changed = bc.call("PATCH", f"/customers({made['id']})", {"city": "Hull"}, if_match="*",
                      prefer="return=minimal")  # fmt: skip
    assert changed.status_code == 204


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ({"itemId": "00000000-0000-0000-0000-00000000000f"}, "Application_DialogException", "Item does not exist"),
        ({"lineType": "Item"}, "Application_DialogException", "must be provided"),
        ({"lineType": "Item", "lineObjectNumber": "NONE"}, "Application_DialogException", "Item does not exist"),
        ({"lineObjectNumber": "BRG-1001"}, "Application_DialogException", "lineType"),
        ({"lineType": "Account", "lineObjectNumber": "6110"}, "Application_DialogException", "Account does not exist"),
        ({"lineType": "Resource", "lineObjectNumber": "LINA"}, "Application_DialogException", "does not exist"),
        ({"lineType": "Item", "lineObjectNumber": "BRG-1001", "quantity": -1}, "Application_DialogException", "quantity"),
        ({"lineType": "Item", "lineObjectNumber": "BRG-1001", "discountPercent": 101}, "Application_DialogException", "discountPercent"),
        ({"lineType": "Item", "lineObjectNumber": "BRG-1001", "taxCode": "NONE"}, "Application_FieldValidationException", "Tax Group"),
        ({"lineType": "Item", "lineObjectNumber": "BRG-1001", "unitOfMeasureCode": "NONE"}, "Application_DialogException", "unitOfMeasureCode"),
        ({"quantity": 5}, "Application_FieldValidationException", "Comment"),
        ({"lineType": "Item", "lineObjectNumber": "BRG-1001", "netAmount": 5}, "BadRequest_InvalidOperation", "read-only"),
        ({"lineType": "Item", "lineObjectNumber": "BRG-1001", "foo": 5}, "BadRequest", "salesQuoteLine"),
    ],
)  # fmt: skip
def test_a_line_that_makes_no_sense_undoes_the_whole_document(bc, line, code, told):
    body = {"customerNumber": "C-10001", "salesQuoteLines": [{"description": "fine"}, line]}
    assert bc.refused("POST", "/salesQuotes", body) == (400, code)
    assert told in bc.complaint("POST", "/salesQuotes", body)
    assert bc.rows("/salesQuotes") == []


def test_a_line_names_its_item_one_way_and_keeps_what_cannot_change(bc):
    item = bc.item("BRG-1001")
    quote = bc.document("salesQuotes", bc.customer(), {"itemId": item["id"], "quantity": 1})
    line = quote["salesQuoteLines"][0]
    assert line["lineObjectNumber"] == "BRG-1001"
    path = f"/salesQuoteLines({line['id']})"
    for body in (
        {"sequence": 5}, {"lineObjectNumber": "BRG-1002"}, {"lineType": "Comment"},
        {"documentId": item["id"]}, {"itemId": item["id"], "accountId": item["id"]},
    ):  # fmt: skip
        assert bc.refused("PATCH", path, body, if_match="*") == (400, "Application_DialogException")
    other = bc.patch(path, {"itemId": bc.item("BRG-1002")["id"]})
    assert other["lineObjectNumber"] == "BRG-1002"
    assert other["unitPrice"] == bc.item("BRG-1002")["unitPrice"]
    assert bc.call("DELETE", path).status_code == 204
    assert bc.get(f"/salesQuotes({quote['id']})")["totalAmountIncludingTax"] == 0
    again = bc.post(f"/salesQuotes({quote['id']})/salesQuoteLines", {"description": "x"})
    assert again["sequence"] == 10000
    assert bc.refused("POST", f"/salesQuotes({quote['id']})/salesQuoteLines",
                      {"sequence": 10000}) == (400, "Internal_EntityWithSameKeyExists")  # fmt: skip


def test_amounts_and_dates_at_the_edge_are_refused_or_kept_and_never_break(bc):
    customer = bc.customer(
        paymentTermsId=bc.one("/paymentTerms", "dueDateCalculation eq '30D'")["id"]
    )
    line = {"lineType": "Item", "lineObjectNumber": "BRG-1001"}
    for quantity, price in ((999_999_999_999, 999_999_999_999), (1e12, 1), (1, -1)):
        body = {"customerId": customer["id"],
                "salesOrderLines": [{**line, "quantity": quantity, "unitPrice": price}]}  # fmt: skip
        assert bc.refused("POST", "/salesOrders", body)[0] == 400
    late = bc.post("/salesInvoices", {"customerId": customer["id"], "invoiceDate": "9999-12-31"})
    assert late["dueDate"] == "9999-12-31"
    assert bc.refused("POST", "/salesInvoices", {"customerId": customer["id"],
                                                 "invoiceDate": "0000-01-01"})[0] == 400  # fmt: skip
    small = bc.document("salesQuotes", customer, {**line, "quantity": 0.00001, "unitPrice": 1})
    assert small["salesQuoteLines"][0]["quantity"] == Decimal("0.00001")
    assert small["totalAmountIncludingTax"] == 0


def test_a_customer_keeps_documents_and_agreements_under_another_number(bc):
    customer = bc.one("/customers", "number eq 'C-10001'")
    before = bc.document("salesQuotes", customer, ("LUB-1004", 5))
    bc.patch(f"/customers({customer['id']})", {"number": "ZZ-1"})
    assert bc.get(f"/salesQuotes({before['id']})")["customerNumber"] == "ZZ-1"
    after = bc.document("salesQuotes", customer, ("LUB-1004", 5))
    assert after["totalAmountIncludingTax"] == before["totalAmountIncludingTax"]
    assert after["customerNumber"] == "ZZ-1"
    detail = bc.get(f"/customers({customer['id']})/customerFinancialDetail")
    assert detail["number"] == "ZZ-1"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, 'A "customerNumber" or a "customerId" must be provided'),
        ({"customerNumber": "nobody"}, "The sell-to customer cannot be found"),
        ({"customerNumber": "C-10001", "customerId": "OTHER"}, "do not match"),
        ({"customerNumber": "C-10001", "currencyCode": "XXX"}, "currencyCode"),
        ({"customerNumber": "C-10001", "billToCustomerNumber": "nobody"}, "bill-to"),
        ({"customerNumber": "C-10001", "discountAmount": -1}, "discountAmount"),
    ],
)
def test_a_document_names_its_customer(bc, body, told):
    other = bc.one("/customers", "number eq 'C-10002'")
    body = {name: other["id"] if value == "OTHER" else value for name, value in body.items()}
    assert bc.refused("POST", "/salesOrders", body) == (400, "Application_DialogException")
    assert told in bc.complaint("POST", "/salesOrders", body)


def test_what_is_used_is_not_removed(bc):
    customer = bc.customer()
    quote = bc.document("salesQuotes", customer, ("BRG-1001", 1))
    assert bc.refused("DELETE", f"/customers({customer['id']})")[0] == 400
    assert bc.refused("DELETE", f"/items({bc.item('BRG-1001')['id']})")[0] == 400
    assert bc.refused("DELETE", f"/paymentTerms({bc.rows('/paymentTerms')[2]['id']})")[0] == 400
    assert bc.call("DELETE", f"/salesQuotes({quote['id']})").status_code == 204
    assert bc.call("DELETE", f"/customers({customer['id']})").status_code == 204
    owing = bc.one("/customers", "number eq 'C-10001'")
    assert bc.refused("DELETE", f"/customers({owing['id']})")[0] == 400


@pytest.mark.parametrize(
    "name",
    ["itemCategories", "unitsOfMeasure", "paymentTerms", "paymentMethods", "shipmentMethods",
     "currencies", "taxGroups", "taxAreas", "locations", "customerPaymentJournals", "journals"],
)  # fmt: skip
def test_setup_is_made_changed_and_removed_by_its_code(bc, name):
    made = bc.post(f"/{name}", {"code": "NEW", "displayName": "New"})
    assert bc.refused("POST", f"/{name}", {"code": "NEW"}) == (
        400, "Internal_EntityWithSameKeyExists",
    )  # fmt: skip
    refused = bc.refused("POST", f"/{name}", {"displayName": "x"})
    assert refused == (400, "Application_FieldValidationException")
    path = f"/{name}({made['id']})"
    assert bc.patch(path, {"displayName": "Newer"})["displayName"] == "Newer"
    assert bc.call("DELETE", path).status_code == 204
    assert bc.refused("GET", path)[0] == 404


def test_contacts_and_opportunities(bc):
    company = bc.post("/contacts", {"displayName": "Fabrikam", "type": "Company"})
    person = bc.post("/contacts", {"displayName": "Ada", "type": "Person",
                                   "companyNumber": company["number"]})  # fmt: skip
    assert person["companyName"] == "Fabrikam"
    body = {"contactNumber": person["number"], "description": "Deal", "estimatedValue": 500}
    deal = bc.post("/opportunities", body)
    assert (deal["contactName"], deal["contactCompanyName"]) == ("Ada", "Fabrikam")
    won = bc.patch(f"/opportunities({deal['id']})", {"status": "Won"})
    assert (won["status"], won["closed"]) == ("Won", True)
    assert bc.refused("POST", "/opportunities", {"contactNumber": "nobody"})[0] == 400


# Batches


def _batch(bc, *requests, **headers):
    url = f"{HOST}/v2.0/sandbox/api/v2.0/$batch"
    return bc.call("POST", url, {"requests": list(requests)}, **headers)


def _make(bc, name, **more):
    return {"method": "POST", "url": f"companies({bc.company_id})/customers",
            "body": {"displayName": name}, **more}  # fmt: skip


def test_a_batch_stops_at_the_first_failure_unless_it_is_to_go_on(bc):
    asked = [_make(bc, "A", id="a"), _make(bc, "", id="b"), _make(bc, "C", id="c")]
    answers = _batch(bc, *asked).json()["responses"]
    assert [(each["id"], each["status"]) for each in answers] == [("a", 201), ("b", 400)]
    assert answers[1]["body"]["error"]["code"] == "Application_DialogException"
    answers = _batch(bc, *asked, prefer="odata.continue-on-error").json()["responses"]
    assert [each["status"] for each in answers] == [201, 400, 201]
    assert len(bc.rows("/customers", filter="displayName eq 'A'")) == 2


def test_a_batch_in_a_snapshot_is_kept_or_undone_as_a_whole(bc):
    bad = _batch(bc, _make(bc, "A"), _make(bc, ""), _make(bc, "C"), isolation="snapshot").json()
    assert [each["status"] for each in bad["responses"]] == [424, 400, 424]
    assert bc.rows("/customers", filter="displayName eq 'A'") == []
    good = _batch(bc, _make(bc, "A"), _make(bc, "C"), isolation="snapshot").json()
    assert [each["status"] for each in good["responses"]] == [201, 201]
    etag = good["responses"][0]["body"]["@odata.etag"]
    key = good["responses"][0]["body"]["id"]
    change = {"method": "PATCH", "url": f"companies({bc.company_id})/customers({key})",
              "headers": {"If-Match": etag}, "body": {"city": "Hull"}}  # fmt: skip
    answer = _batch(bc, change).json()["responses"][0]
    assert (answer["status"], answer["body"]["city"]) == (200, "Hull")


def test_a_batch_of_more_than_a_hundred_is_refused(bc):
    answer = _batch(bc, *[_make(bc, f"C{n}") for n in range(101)])
    assert answer.status_code == 400
    assert len(bc.rows("/customers")) == 16


# The model


def test_the_model_is_told_as_csdl(bc):
    text = bc.http.get(f"{bc.company}/$metadata").text
    edm = "{http://docs.oasis-open.org/odata/ns/edm}"
    schema = Tree.fromstring(text).find(f".//{edm}Schema")
    kinds = {each.get("Name"): each for each in schema.iter(f"{edm}EntityType")}
    order = {each.get("Name"): each.get("Type") for each in kinds["salesOrder"]}
    assert order["id"] == "Edm.Guid"
    assert order["totalAmountIncludingTax"] == "Edm.Decimal"
    assert order["status"] == "Edm.String"
    assert order["salesOrderLines"] == "Collection(Microsoft.NAV.salesOrderLine)"
    sets = {each.get("Name") for each in schema.iter(f"{edm}EntitySet")}
    listed = {path.split("/")[2] for path in _lists(bc)}
    assert listed == sets
    actions = {
        (each.get("Name"), each.find(f"{edm}Parameter").get("Type"))
        for each in schema.iter(f"{edm}Action")
    }
    assert ("shipAndInvoice", "Microsoft.NAV.salesOrder") in actions
    whole = bc.http.get(f"{HOST}/v2.0/sandbox/api/v2.0/$metadata").text
    assert 'EntityType="Microsoft.NAV.company"' in whole


def _lists(bc):
    return [
        each.path for each in _app(bc).operations.values()
        if each.method == "GET" and each.path.count("/") == 2 and "$" not in each.path
        and "(" not in each.path.rpartition("/")[2]
    ]  # fmt: skip


# Limits


def test_who_asks_too_often_has_to_wait(bc):
    allow(bc.world, 20)
    try:
        bc.world.clock.advance(timedelta(minutes=6))
        answers = [bc.call("GET", "/customers/$count") for _ in range(21)]
        assert [each.status_code for each in answers] == [200] * 20 + [429]
        assert answers[-1].headers["retry-after"] == "301"
        assert "  CorrelationId:  " in answers[-1].json()["error"]["message"]
        bc.world.clock.advance(timedelta(seconds=301))
        assert bc.call("GET", "/customers/$count").status_code == 200
    finally:
        allow(bc.world, 6000)
