"""Wrong use by HubSpot's own Python client: its own exceptions, with HubSpot's categories."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hubspot import HubSpot
from hubspot.crm import associations, companies, contacts, deals, line_items, objects, quotes
from hubspot.crm.properties import PropertyCreate
from hubspot.crm.properties.exceptions import ApiException as PropertiesException
from hubspot.crm.schemas.exceptions import NotFoundException as SchemaNotFound
from hubspot.oauth.exceptions import ApiException as OAuthException

from crossdock_mocks.dialects.hubspot.apps import (
    CONTACTS_ONLY,
    PRIVATE_APP,
    PUBLIC_APP,
    READER,
    REFRESH_TOKEN,
)
from crossdock_mocks.engine import App, World, serve_in_thread


@pytest.fixture(scope="module")
def world(seeded: World) -> Iterator[World]:
    made = seeded.fork("errors")
    yield made
    made.close()


@pytest.fixture(scope="module")
def url(app: App, world: World) -> Iterator[str]:
    with serve_in_thread((app, world)) as (address,):
        yield address.base_url


@pytest.fixture
def connect(url):
    return lambda token: HubSpot(access_token=token, host=url, base_url=url)


@pytest.fixture
def hub(connect):
    return connect(PRIVATE_APP.token)


def told(refused):
    """The body of the error that the client raised with."""
    return json.loads(refused.value.body)


def new(package, **properties):
    return package.SimplePublicObjectInputForCreate(properties=properties, associations=[])


def test_an_unknown_record_is_not_found(hub):
    with pytest.raises(companies.exceptions.NotFoundException) as refused:
        hub.crm.companies.basic_api.get_by_id("999")
    assert told(refused)["category"] == "OBJECT_NOT_FOUND"
    with pytest.raises(deals.exceptions.NotFoundException):
        hub.crm.deals.basic_api.update(
            "abc", deals.SimplePublicObjectInput(properties={"amount": "1"})
        )


def test_a_wrong_token_is_unauthorized(connect):
    with pytest.raises(companies.exceptions.UnauthorizedException) as refused:
        connect("pat-eu1-nobody").crm.companies.basic_api.get_page()
    assert told(refused)["category"] == "INVALID_AUTHENTICATION"


def test_an_app_without_the_scope_is_forbidden_and_told_which_it_needs(connect):
    with pytest.raises(companies.exceptions.ForbiddenException) as refused:
        connect(CONTACTS_ONLY.token).crm.companies.basic_api.get_page()
    body = told(refused)
    assert body["category"] == "MISSING_SCOPES"
    needed = body["errors"][0]["context"]["requiredGranularScopes"]
    assert needed == ["crm.objects.companies.read"]
    reader = connect(READER.token)
    assert reader.crm.companies.basic_api.get_page(limit=1).results
    with pytest.raises(companies.exceptions.ForbiddenException):
        reader.crm.companies.basic_api.create(new(companies, name="No"))
    assert connect(CONTACTS_ONLY.token).crm.contacts.basic_api.get_page(limit=1).results


def test_an_e_mail_address_is_one_contacts_only(hub):
    made = hub.crm.contacts.basic_api.create(new(contacts, email="One@only.example"))
    with pytest.raises(contacts.exceptions.ApiException) as refused:
        hub.crm.contacts.basic_api.create(new(contacts, email="one@ONLY.example"))
    assert refused.value.status == 409
    body = told(refused)
    assert body["category"] == "CONFLICT"
    assert body["message"] == f"Contact already exists. Existing ID: {made.id}"
    other = hub.crm.contacts.basic_api.create(new(contacts, email="two@only.example"))
    with pytest.raises(contacts.exceptions.ApiException) as refused:
        hub.crm.contacts.basic_api.update(
            other.id, contacts.SimplePublicObjectInput(properties={"email": "one@only.example"})
        )
    assert refused.value.status == 409
    hub.crm.contacts.basic_api.archive(made.id)
    again = hub.crm.contacts.basic_api.create(new(contacts, email="one@only.example"))
    assert again.id != made.id


@pytest.mark.parametrize(
    ("kind", "properties", "code"),
    [
        ("companies", {"nothing": "1"}, "PROPERTY_DOESNT_EXIST"),
        ("companies", {"annualrevenue": "a lot"}, "INVALID_DOUBLE"),
        ("companies", {"annualrevenue": "1e400"}, "INVALID_DOUBLE"),
        ("companies", {"lifecyclestage": "friend"}, "INVALID_OPTION"),
        ("companies", {"hubspot_owner_id": "1"}, "INVALID_OWNER_ID"),
        ("companies", {"hs_object_id": "1"}, "READ_ONLY_VALUE"),
        ("companies", {"createdate": "2026-01-01"}, "READ_ONLY_VALUE"),
        ("companies", {"name": "x" * 65_537}, "PROPERTY_VALUE_TOO_LONG"),
        ("contacts", {"email": "nobody"}, "INVALID_EMAIL"),
        ("contacts", {"email": "a b@c.de"}, "INVALID_EMAIL"),
        ("deals", {"dealname": "x", "closedate": "soon"}, "INVALID_DATE"),
        ("deals", {"dealname": "x", "dealstage": "nowhere"}, "INVALID_OPTION"),
        ("deals", {"dealname": "x", "pipeline": "nowhere"}, "INVALID_OPTION"),
        ("deals", {"dealname": "x", "hs_is_closed": "true"}, "READ_ONLY_VALUE"),
        ("line_items", {"amount": "1"}, "READ_ONLY_VALUE"),
        ("quotes", {"hs_title": "x", "hs_expiration_date": "1767225601000"}, "INVALID_DATE"),
        ("quotes", {"hs_title": "x", "hs_expiration_date": "2026-02-30"}, "INVALID_DATE"),
        ("quotes", {"hs_title": "x", "hs_esign_enabled": "yes"}, "INVALID_OPTION"),
        ("quotes", {"hs_title": "x", "hs_quote_amount": "9"}, "READ_ONLY_VALUE"),
    ],
)
def test_a_value_that_does_not_fit_its_property_is_told(hub, kind, properties, code):
    with pytest.raises(objects.exceptions.ApiException) as refused:
        hub.crm.objects.basic_api.create(kind, new(objects, **properties))
    assert refused.value.status == 400
    body = told(refused)
    assert body["category"] == "VALIDATION_ERROR"
    assert body["message"].startswith("Property values were not valid: [{")
    assert [each["code"] for each in body["errors"]] == [code]
    inner = json.loads(body["message"].partition(": ")[2])
    assert inner[0]["isValid"] is False
    assert inner[0]["error"] == code


@pytest.mark.parametrize(
    ("kind", "given", "lacking"),
    [
        ("deals", {"amount": "1"}, ["dealname"]),
        ("quotes", {}, ["hs_title", "hs_expiration_date"]),
        ("products", {"price": "1"}, ["name"]),
        ("notes", {"hs_note_body": "x"}, ["hs_timestamp"]),
        ("commerce_payments", {}, ["hs_initial_amount", "hs_initiated_date"]),
    ],
)
def test_a_record_without_what_it_must_have_is_refused(hub, kind, given, lacking):
    with pytest.raises(objects.exceptions.ApiException) as refused:
        hub.crm.objects.basic_api.create(kind, new(objects, **given))
    body = told(refused)
    assert (refused.value.status, body["category"]) == (400, "VALIDATION_ERROR")
    assert body["context"]["properties"] == lacking


def test_a_stage_has_to_be_one_of_the_deals_own_pipeline(hub):
    body = {
        "label": "Other", "displayOrder": 9,
        "stages": [{"label": "Go", "displayOrder": 0, "metadata": {"probability": "0.5"}}],
    }  # fmt: skip
    path = "/crm/v3/pipelines/deals"
    other = hub.api_request({"method": "POST", "path": path, "body": body}).json()
    given = {"dealname": "x", "pipeline": "default", "dealstage": other["stages"][0]["id"]}
    with pytest.raises(deals.exceptions.ApiException) as refused:
        hub.crm.deals.basic_api.create(new(deals, **given))
    assert told(refused)["errors"][0]["code"] == "INVALID_OPTION"


def test_a_quote_is_published_only_when_it_is_whole_and_then_locked(hub):
    api = hub.crm.quotes.basic_api
    made = api.create(new(quotes, hs_title="Bare", hs_expiration_date="2026-12-31"))
    publish = quotes.SimplePublicObjectInput(properties={"hs_status": "APPROVED"})
    with pytest.raises(quotes.exceptions.ApiException) as refused:
        api.update(made.id, publish)
    (error,) = told(refused)["errors"]
    assert error["code"] == "QUOTE_NOT_PUBLISHABLE"
    assert error["context"]["associations"] == ["deal, line item, quote template"]
    with pytest.raises(quotes.exceptions.ApiException):
        api.create(new(quotes, hs_title="x", hs_expiration_date="2026-12-31", hs_status="APPROVED"))
    seeded = api.get_page(limit=1, properties=["hs_status"]).results[0]
    assert seeded.properties["hs_status"] == "APPROVAL_NOT_NEEDED"
    rename = {"hs_title": "Another name"}
    with pytest.raises(quotes.exceptions.ApiException) as refused:
        api.update(seeded.id, quotes.SimplePublicObjectInput(properties=rename))
    assert told(refused)["errors"][0]["code"] == "QUOTE_LOCKED"
    back = {"hs_status": "DRAFT", **rename}
    again = api.update(seeded.id, quotes.SimplePublicObjectInput(properties=back))
    assert again.properties["hs_locked"] == "false"


def test_records_are_linked_by_types_that_lead_there(hub):
    api = hub.crm.associations.v4.basic_api
    spec = associations.v4.AssociationSpec

    def link(type_id, to="20001001", category="HUBSPOT_DEFINED"):
        kinds = [spec(association_category=category, association_type_id=type_id)]
        return api.create("contacts", "10001001", "companies", to, kinds)

    assert link(1).labels == ["Primary"]
    for type_id, to, category, status in (
        (5, "20001001", "HUBSPOT_DEFINED", 400),
        (1, "20001001", "USER_DEFINED", 400),
        (99_999, "20001001", "HUBSPOT_DEFINED", 400),
        (1, "999", "HUBSPOT_DEFINED", 404),
    ):
        with pytest.raises(associations.v4.exceptions.ApiException) as refused:
            link(type_id, to, category)
        assert refused.value.status == status
    with pytest.raises(associations.v4.exceptions.ApiException) as refused:
        api.get_page("line_items", "85000001", "tasks")
    assert told(refused)["errors"][0]["code"] == "INVALID_ASSOCIATION_TYPE"


def test_batches_have_their_limits(hub):
    def create(count, **more):
        given = {"properties": {"name": "x"}, "associations": [], **more}
        return hub.crm.line_items.batch_api.create(
            line_items.BatchInputSimplePublicObjectBatchInputForCreate(inputs=[given] * count)
        )

    for count in (0, 101):
        with pytest.raises(line_items.exceptions.ApiException) as refused:
            create(count)
        assert told(refused)["category"] == "VALIDATION_ERROR"
    twice = companies.BatchReadInputSimplePublicObjectId(
        inputs=[{"id": "20001001"}] * 2, properties=[], properties_with_history=[]
    )
    with pytest.raises(companies.exceptions.ApiException) as refused:
        hub.crm.companies.batch_api.read(twice)
    assert told(refused)["message"].startswith("Duplicate IDs found in batch input")


def test_properties_of_hubspot_stay_as_they_are(hub):
    core = hub.crm.properties.core_api
    with pytest.raises(PropertiesException) as refused:
        core.archive("companies", "name")
    assert refused.value.status == 400
    given = {"label": "x", "type": "string", "field_type": "text", "group_name": "crossdock"}
    with pytest.raises(PropertiesException) as refused:
        core.create("companies", PropertyCreate(name="erp_customer_number", **given))
    assert (refused.value.status, told(refused)["category"]) == (409, "OBJECT_ALREADY_EXISTS")
    with pytest.raises(PropertiesException) as refused:
        core.create("companies", PropertyCreate(name="x", **{**given, "group_name": "nowhere"}))
    assert told(refused)["errors"][0]["code"] == "INVALID_GROUP"
    with pytest.raises(PropertiesException) as refused:
        core.create("companies", PropertyCreate(name="x", **{**given, "field_type": "select"}))
    assert told(refused)["errors"][0]["code"] == "INVALID_FIELD_TYPE"


def test_an_unknown_kind_of_record_is_told(hub):
    with pytest.raises(objects.exceptions.ApiException) as refused:
        hub.crm.objects.basic_api.get_page("spaceships")
    assert told(refused)["message"] == "Unable to infer object type from: spaceships"
    with pytest.raises(SchemaNotFound):
        hub.crm.schemas.core_api.get_by_id("spaceships")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"client_id": "x"}, "BAD_CLIENT_ID"),
        ({"client_secret": "x"}, "BAD_CLIENT_SECRET"),
        ({"refresh_token": "x"}, "BAD_REFRESH_TOKEN"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
        ({"grant_type": "authorization_code", "code": "x"}, "BAD_AUTH_CODE"),
    ],
)
def test_a_token_is_not_given_for_nothing(url, change, status):
    given = {
        "grant_type": "refresh_token", "client_id": PUBLIC_APP.client_id,
        "client_secret": PUBLIC_APP.secret, "refresh_token": REFRESH_TOKEN, **change,
    }  # fmt: skip
    with pytest.raises((OAuthException, ValueError)) as refused:
        HubSpot(host=url, base_url=url).oauth.tokens_api.create(**given)
    if isinstance(refused.value, OAuthException):
        assert (refused.value.status, told(refused)["status"]) == (400, status)
    else:  # the client itself knows which grants there are
        assert status == "BAD_GRANT_TYPE"


def test_too_many_requests_are_told_with_their_policy(url, world, connect):
    table = world.table("hubspot_settings")
    table.update("account", limits={"enforced": "always", "private": 3, "search": 2})
    try:
        world.clock.advance(timedelta(minutes=1))
        hub = connect(PRIVATE_APP.token)
        for _ in range(3):
            hub.crm.companies.basic_api.get_page(limit=1)
        with pytest.raises(companies.exceptions.ApiException) as refused:
            hub.crm.companies.basic_api.get_page(limit=1)
        body = told(refused)
        assert refused.value.status == 429
        assert (body["errorType"], body["policyName"]) == ("RATE_LIMIT", "TEN_SECONDLY_ROLLING")
        for _ in range(2):
            hub.crm.companies.search_api.do_search({"limit": 1})
        with pytest.raises(companies.exceptions.ApiException) as refused:
            hub.crm.companies.search_api.do_search({"limit": 1})
        assert told(refused)["policyName"] == "SECONDLY"
        world.clock.advance(timedelta(seconds=1))
        assert hub.crm.companies.search_api.do_search({"limit": 1}).results
        world.clock.advance(timedelta(seconds=9))
        assert hub.crm.companies.basic_api.get_page(limit=1).results
    finally:
        table.update("account", limits={})
