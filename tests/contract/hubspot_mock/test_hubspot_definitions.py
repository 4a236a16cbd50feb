"""Properties, labels, pipelines and kinds of record that a portal defines: their rules."""

from __future__ import annotations

import pytest

PROPERTIES = "/crm/v3/properties/companies"
LABELS = "/crm/v4/associations/contacts/companies/labels"
SCHEMAS = "/crm-object-schemas/v3/schemas"
STAGE = {"label": "New", "displayOrder": 0, "metadata": {"probability": "0.5"}}


@pytest.fixture
def define(hubspot):
    """Defines a property of companies."""

    def give(name="colour", status=201, **more):
        body = {
            "name": name, "label": name, "type": "string", "fieldType": "text",
            "groupName": "crossdock", **more,
        }  # fmt: skip
        answer = hubspot.post(PROPERTIES, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    return give


def code(answer):
    return answer.json()["errors"][0]["code"]


def paint(client, key="20001001", **properties):
    path = f"/crm/v3/objects/companies/{key}"
    return client.patch(path, json={"properties": properties})


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"name": "hs_colour"}, "INVALID_NAME"),
        ({"type": "enumeration", "fieldType": "select"}, "OPTIONS_REQUIRED"),
        ({"type": "number"}, "INVALID_FIELD_TYPE"),
        ({"options": [{"label": "a", "value": "a"}]}, "INVALID_OPTIONS"),
        ({"type": "date", "fieldType": "date", "hasUniqueValue": True}, "INVALID_UNIQUE"),
        ({"type": "enumeration", "fieldType": "select",
          "options": [{"label": "a", "value": "x"}, {"label": "b", "value": "x"}]},
         "INVALID_OPTIONS"),
    ],
)  # fmt: skip
def test_a_property_that_makes_no_sense_is_refused(define, more, wrong):
    assert define(**more, status=400)["errors"][0]["code"] == wrong


@pytest.mark.parametrize("name", ["Colour", "9lives", "with space", "ünicode", "", "x" * 101])
def test_a_name_is_lower_case_ascii(define, name):
    assert define(name=name, status=400)["category"] == "VALIDATION_ERROR"


def test_at_most_ten_properties_of_a_kind_are_unique(define):
    for number in range(10):
        define(f"key_{number}", hasUniqueValue=True)
    told = define("key_10", hasUniqueValue=True, status=400)
    assert told["errors"][0]["code"] == "UNIQUE_LIMIT_REACHED"


@pytest.mark.parametrize(
    ("type_", "field", "good", "kept", "bad"),
    [
        ("number", "number", " 1.50 ", "1.50", "1,5"),
        ("number", "number", 12, "12", "0x10"),
        ("bool", "booleancheckbox", True, "true", "maybe"),
        ("date", "date", "1767225600000", "2026-01-01", "1767225600001"),
        ("datetime", "date", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00.000Z", "12:00"),
        ("string", "text", 7, "7", "x" * 70_000),
    ],
)
def test_values_are_of_their_propertys_type(define, hubspot, type_, field, good, kept, bad):
    define(type=type_, fieldType=field)
    assert paint(hubspot, colour=good).json()["properties"]["colour"] == kept
    assert paint(hubspot, colour=bad).status_code == 400
    assert paint(hubspot, colour="").status_code == 200
    path = "/crm/v3/objects/companies/20001001?properties=colour"
    assert hubspot.get(path).json()["properties"]["colour"] is None


def test_boxes_hold_several_options(define, hubspot):
    options = [{"label": each.upper(), "value": each} for each in ("red", "green")]
    define(type="enumeration", fieldType="checkbox", options=options)
    assert paint(hubspot, colour="red;green").json()["properties"]["colour"] == "red;green"
    assert paint(hubspot, colour="red;blue").status_code == 400


def test_the_type_of_a_property_changes_only_where_values_fit(define, hubspot):
    define()
    paint(hubspot, colour="17")
    path = f"{PROPERTIES}/colour"
    change = {"type": "number", "fieldType": "number"}
    assert hubspot.patch(path, json=change).json()["type"] == "number"
    paint(hubspot, "20001002", colour="18")
    answer = hubspot.patch(path, json={"type": "date", "fieldType": "date"})
    assert (answer.status_code, code(answer)) == (400, "INVALID_TYPE_CHANGE")


def test_an_archived_property_is_gone_from_records_and_may_come_again(define, hubspot):
    define(hasUniqueValue=True)
    paint(hubspot, colour="red")
    assert hubspot.delete(f"{PROPERTIES}/colour").status_code == 204
    assert hubspot.get(f"{PROPERTIES}/colour").status_code == 404
    assert hubspot.get(f"{PROPERTIES}/colour?archived=true").json()["archived"] is True
    assert paint(hubspot, colour="red").status_code == 400
    define(hasUniqueValue=True)
    path = "/crm/v3/objects/companies/20001001?properties=colour"
    assert hubspot.get(path).json()["properties"]["colour"] is None
    assert paint(hubspot, "20001002", colour="red").status_code == 200


def test_a_group_with_properties_stays(hubspot):
    answer = hubspot.delete(f"{PROPERTIES}/groups/crossdock")
    assert (answer.status_code, code(answer)) == (400, "GROUP_NOT_EMPTY")


def test_a_label_goes_with_its_links(hubspot):
    body = {"name": "chief", "label": "Chief", "inverseLabel": "Led by"}
    there, back = hubspot.post(LABELS, json=body).json()["results"]
    assert (there["label"], back["label"]) == ("Chief", "Led by")
    own = [{"associationCategory": "USER_DEFINED", "associationTypeId": there["typeId"]}]
    path = "/crm/v4/objects/contacts/10001001/associations/companies"
    assert hubspot.put(f"{path}/20001001", json=own).json()["labels"] == ["Primary", "Chief"]
    inverse = hubspot.get("/crm/v4/objects/companies/20001001/associations/contacts").json()
    labels = [each["label"] for each in inverse["results"][0]["associationTypes"]]
    assert "Led by" in labels
    change = {"associationTypeId": there["typeId"], "label": "Head"}
    assert hubspot.put(LABELS, json=change).status_code == 204
    types = hubspot.get(path).json()["results"][0]["associationTypes"]
    assert "Head" in [each["label"] for each in types]
    assert hubspot.delete(f"{LABELS}/{there['typeId']}").status_code == 204
    types = hubspot.get(path).json()["results"][0]["associationTypes"]
    assert [each["label"] for each in types] == [None, "Primary"]
    assert hubspot.delete(f"{LABELS}/1").status_code == 400


def test_a_stage_that_deals_are_in_stays(hubspot):
    answer = hubspot.delete("/crm/v3/pipelines/deals/default/stages/won")
    assert (answer.status_code, code(answer)) == (400, "IN_USE")
    assert hubspot.delete("/crm/v3/pipelines/deals/default").status_code == 400


@pytest.mark.parametrize("chance", [None, "", "likely", "1.1", "-0.1", "NaN"])
def test_a_stage_of_deals_has_a_probability(hubspot, chance):
    metadata = {} if chance is None else {"probability": chance}
    body = {"label": "X", "displayOrder": 1, "metadata": metadata}
    answer = hubspot.post("/crm/v3/pipelines/deals/default/stages", json=body)
    assert (answer.status_code, code(answer)) == (400, "INVALID_STAGE_METADATA")


def test_a_stage_of_tickets_is_open_or_closed_and_tickets_follow_it(hubspot, create):
    path = "/crm/v3/pipelines/tickets/0/stages"
    body = {"label": "Parked", "displayOrder": 9, "metadata": {"ticketState": "LATER"}}
    answer = hubspot.post(path, json=body)
    assert (answer.status_code, code(answer)) == (400, "INVALID_STAGE_METADATA")
    stage = hubspot.post(path, json={**body, "metadata": {}}).json()
    assert stage["metadata"] == {"isClosed": "false", "ticketState": "OPEN"}
    ticket = create("tickets", subject="Late", hs_pipeline_stage=stage["id"])
    assert ticket["properties"]["hs_pipeline"] == "0"
    hubspot.patch(f"{path}/{stage['id']}", json={"metadata": {"ticketState": "CLOSED"}})
    told = hubspot.get(f"/crm/v3/objects/tickets/{ticket['id']}?properties=closed_date").json()
    assert told["properties"]["closed_date"]


def test_a_ticket_has_a_name_and_a_stage(hubspot):
    for properties in ({"subject": "Late"}, {"hs_pipeline_stage": "1"}):
        answer = hubspot.post("/crm/v3/objects/tickets", json={"properties": properties})
        assert answer.status_code == 400, properties


def test_deals_follow_when_their_stage_changes(hubspot, create):
    body = {"label": "Service", "displayOrder": 1, "stages": [STAGE]}
    pipeline = hubspot.post("/crm/v3/pipelines/deals", json=body).json()
    deal = create("deals", dealname="x", pipeline=pipeline["id"], amount="100")
    assert deal["properties"]["hs_projected_amount"] == "50.00"
    stage = f"/crm/v3/pipelines/deals/{pipeline['id']}/stages/{pipeline['stages'][0]['id']}"
    answer = hubspot.patch(stage, json={"metadata": {"probability": "1.0"}})
    assert answer.json()["metadata"]["isClosed"] == "true"
    told = hubspot.get(
        f"/crm/v3/objects/deals/{deal['id']}?properties=hs_is_closed_won,hs_projected_amount"
    ).json()["properties"]
    assert (told["hs_is_closed_won"], told["hs_projected_amount"]) == ("true", "100.00")


def test_kinds_of_record_without_pipelines_get_none(hubspot):
    body = {"label": "X", "displayOrder": 1, "stages": [STAGE]}
    answer = hubspot.post("/crm/v3/pipelines/companies", json=body)
    assert (answer.status_code, code(answer)) == (400, "PIPELINES_NOT_SUPPORTED")
    assert hubspot.get("/crm/v3/pipelines/companies").json() == {"results": []}


def test_a_kind_of_record_of_our_own_is_like_any_other(hubspot, world):
    schema = hubspot.post(
        SCHEMAS,
        json={
            "name": "machine", "labels": {"singular": "Machine", "plural": "Machines"},
            "requiredProperties": ["serial"], "searchableProperties": ["serial"],
            "primaryDisplayProperty": "serial", "associatedObjects": ["COMPANY"],
            "properties": [
                {"name": "serial", "label": "Serial", "type": "string", "fieldType": "text",
                 "hasUniqueValue": True},
                {"name": "hours", "label": "Hours", "type": "number", "fieldType": "number"},
            ],
        },
    ).json()  # fmt: skip
    names = ("machine", "MACHINE", schema["objectTypeId"], schema["fullyQualifiedName"])
    for number, name in enumerate(names):
        body = {"properties": {"serial": f"M-{number}", "hours": number}}
        assert hubspot.post(f"/crm/v3/objects/{name}", json=body).status_code == 201
    again = hubspot.post("/crm/v3/objects/machine", json={"properties": {"serial": "m-1"}})
    assert (again.status_code, again.json()["category"]) == (409, "CONFLICT")
    lacking = hubspot.post("/crm/v3/objects/machine", json={"properties": {"hours": 1}})
    assert lacking.json()["context"]["properties"] == ["serial"]
    found = hubspot.get("/crm/v3/objects/machine/m-2?idProperty=serial&properties=hours").json()
    assert found["properties"]["hours"] == "2"
    world.clock.advance(world.now.replace(minute=1) - world.now.replace(minute=0))
    filters = [{"propertyName": "hours", "operator": "GTE", "value": "2"}]
    body = {"filterGroups": [{"filters": filters}], "query": "m"}
    told = hubspot.post("/crm/v3/objects/2-101/search", json=body).json()
    assert told["total"] == 2
    path = f"/crm/v4/objects/machine/{found['id']}/associations/default/companies/20001001"
    assert hubspot.put(path).status_code == 200
    read = hubspot.get(f"/crm/v3/objects/machine/{found['id']}?associations=companies").json()
    assert read["associations"]["companies"]["results"][0]["type"] == "machine_to_company"
    assert hubspot.delete(f"{SCHEMAS}/machine").status_code == 400
    for row in hubspot.get("/crm/v3/objects/machine").json()["results"]:
        hubspot.delete(f"/crm/v3/objects/machine/{row['id']}")
    assert hubspot.delete(f"{SCHEMAS}/machine").status_code == 204
    assert hubspot.get("/crm/v3/objects/machine").status_code == 400


def test_dated_paths_are_the_same_operations(hubspot, world):
    for version in ("2025-09", "2026-03", "2026-09"):
        world.journal.clear()
        pairs = [
            (f"/crm/objects/{version}/companies", "listObjects"),
            (f"/crm/objects/{version}/companies/20001001", "getObject"),
            (
                f"/crm/objects/{version}/companies/20001001/associations/contacts",
                "listAssociations",
            ),
            (f"/crm/properties/{version}/companies", "listProperties"),
            (f"/crm/properties/{version}/companies/name", "getProperty"),
            (f"/crm/pipelines/{version}/deals", "listPipelines"),
            (f"/crm/owners/{version}", "listOwners"),
            (f"/crm/associations/{version}/deals/companies/labels", "listAssociationLabels"),
            (f"/crm-object-schemas/{version}/schemas", "listSchemas"),
            (f"/account-info/{version}/details", "getAccountDetails"),
        ]
        for path, _ in pairs:
            assert hubspot.get(path).status_code == 200
        assert [entry.operation_id for entry in world.journal] == [name for _, name in pairs]
    assert hubspot.get("/crm/objects/2024-01/companies").status_code == 404
