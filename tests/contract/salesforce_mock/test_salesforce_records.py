"""Records by the unmodified client: what is made, what is refused, and what follows from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from simple_salesforce.exceptions import (
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from crossdock_mocks.dialects.salesforce import define_field, define_object, ids
from crossdock_mocks.dialects.salesforce.model import (
    FieldType,
    checkbox,
    lookup,
    money,
    number,
    picklist,
    text,
)


def error_of(call):
    with pytest.raises((SalesforceMalformedRequest, SalesforceResourceNotFound)) as refused:
        call()
    (error,) = refused.value.content
    return error["errorCode"], error["message"]


def test_a_record_is_made_read_changed_and_deleted(sf, world):
    made = sf.Account.create({"Name": "Acme", "Industry": "Energy", "BillingCity": "Leeds"})
    assert made == {"id": made["id"], "success": True, "errors": []}
    assert len(made["id"]) == 18
    assert made["id"].startswith("001")
    found = sf.Account.get(made["id"])
    assert found["attributes"] == {
        "type": "Account", "url": f"/services/data/v59.0/sobjects/Account/{made['id']}",
    }  # fmt: skip
    assert found["BillingAddress"]["city"] == "Leeds"
    world.clock.advance(timedelta(minutes=5))
    assert sf.Account.update(made["id"], {"Phone": "123", "Industry": None}) == 204
    changed = sf.Account.get(made["id"][:15])
    assert (changed["Phone"], changed["Industry"]) == ("123", None)
    assert changed["LastModifiedDate"] > changed["CreatedDate"]
    assert sf.Account.delete(made["id"]) == 204
    assert error_of(lambda: sf.Account.get(made["id"]))[0] == "ENTITY_IS_DELETED"
    assert error_of(lambda: sf.Account.delete(made["id"]))[0] == "ENTITY_IS_DELETED"
    assert sf.query_all("SELECT Id FROM Account WHERE Name = 'Acme'")["totalSize"] == 0
    found = sf.query_all("SELECT Id, IsDeleted FROM Account WHERE Name = 'Acme'",
                         include_deleted=True)  # fmt: skip
    assert [each["IsDeleted"] for each in found["records"]] == [True]


@pytest.mark.parametrize("key", ["001WV0000000001YAA", "001wv0000000001yaa", "001WV0000000001"])
def test_an_id_is_taken_with_15_characters_and_with_18_in_any_case(sf, key):
    assert sf.Account.get(key)["Id"] == "001WV0000000001YAA"


def test_ids_carry_a_checksum_and_a_prefix():
    assert ids.lengthen("001D000000IRFma") == "001D000000IRFmaIAH"
    assert ids.read("001d000000irfmaIAH") == "001D000000IRFmaIAH"
    assert ids.read("001D000000IRFmaIA9") is None
    assert ids.read("nonsense") is None
    made = [ids.make("001", n) for n in range(1, 4000)]
    assert len({each.lower() for each in made}) == len(made) == len(set(made))


WRONG = [
    ({}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]"),
    ({"Name": ""}, "REQUIRED_FIELD_MISSING", "[Name]"),
    ({"Name": None}, "REQUIRED_FIELD_MISSING", "[Name]"),
    ({"Nmae": "x"}, "INVALID_FIELD", "No such column 'Nmae' on sobject of type Account"),
    ({"Name": "x", "Foo__c": 1}, "INVALID_FIELD", "No such column 'Foo__c'"),
    ({"Name": "x" * 256}, "STRING_TOO_LONG", "(max length=255)"),
    ({"Name": 5}, "JSON_PARSER_ERROR", "VALUE_NUMBER_INT"),
    ({"Name": "x", "NumberOfEmployees": "many"}, "JSON_PARSER_ERROR", "int"),
    ({"Name": "x", "NumberOfEmployees": 1.5}, "JSON_PARSER_ERROR", "int"),
    ({"Name": "x", "AnnualRevenue": 1e30}, "NUMBER_OUTSIDE_VALID_RANGE", "outside of valid range"),
    ({"Name": "x", "OwnerId": "nobody"}, "MALFORMED_ID", "id value of incorrect type: nobody"),
    ({"Name": "x", "OwnerId": "001WV0000000001YAA"}, "FIELD_INTEGRITY_EXCEPTION", "incorrect type"),
    ({"Name": "x", "ParentId": "001WV000000zzzz"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross"),
    ({"Name": "x", "Id": "001WV0000000001YAA"}, "INVALID_FIELD", "Id field should not be"),
    ({"Name": "x", "CreatedDate": "2020-01-01"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "CreatedDate"),
    ({"Name": "x", "LastActivityDate": "2020-01-01"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable"),
    ({"Name": "x", "Parent": {"Name": "y"}}, "INVALID_FIELD", "not an External ID"),
    ({"Name": "x", "Parent": {"ERP_Customer_Number__c": "C-0"}}, "INVALID_FIELD", "Foreign key"),
]


@pytest.mark.parametrize(
    ("given", "code", "part"), WRONG, ids=[str(each[0])[:60] for each in WRONG]
)
def test_a_record_that_is_not_right_is_refused(sf, world, given, code, part):
    before = world.table("sf_Account").count()
    found, message = error_of(lambda: sf.Account.create(given))
    assert (found, part in message) == (code, True), message
    assert world.table("sf_Account").count() == before


def test_a_lookup_that_was_deleted_is_told_apart_from_one_that_never_was(sf):
    parent = sf.Account.create({"Name": "Gone"})["id"]
    sf.Account.delete(parent)
    code, _ = error_of(lambda: sf.Account.create({"Name": "x", "ParentId": parent}))
    assert code == "ENTITY_IS_DELETED"


def test_emails_dates_and_stages_are_checked(sf):
    people = {"LastName": "Ode"}
    assert error_of(lambda: sf.Contact.create({**people, "Email": "no"}))[0] == (
        "INVALID_EMAIL_ADDRESS"
    )
    assert error_of(lambda: sf.Contact.create({**people, "Birthdate": "31.12.1980"}))[0] == (
        "JSON_PARSER_ERROR"
    )
    deal = {"Name": "x", "CloseDate": "2026-12-01"}
    assert "[StageName]" in error_of(lambda: sf.Opportunity.create(deal))[1]
    code, _ = error_of(lambda: sf.Opportunity.create({**deal, "StageName": "Dreaming"}))
    assert code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_unknown_objects_and_ids_are_not_found(sf):
    assert error_of(lambda: sf.Nothing.create({"Name": "x"}))[0] == "NOT_FOUND"
    assert error_of(lambda: sf.Nothing.describe())[0] == "NOT_FOUND"
    assert error_of(lambda: sf.Account.get("001WV000000zzzz"))[0] == "NOT_FOUND"
    assert error_of(lambda: sf.Account.get("x"))[0] == "NOT_FOUND"
    assert error_of(lambda: sf.Account.get("003WV0000000001"))[0] == "MALFORMED_ID"


def test_upsert_by_an_external_id_makes_and_then_changes(sf):
    made = sf.Account.upsert("ERP_Customer_Number__c/C-77", {"Name": "Seven"}, raw_response=True)
    assert (made.status_code, made.json()["created"]) == (201, True)
    again = sf.Account.upsert("erp_customer_number__c/c-77", {"Phone": "7"}, raw_response=True)
    assert (again.status_code, again.json()["created"]) == (200, False)
    assert again.json()["id"] == made.json()["id"]
    found = sf.Account.get_by_custom_id("ERP_Customer_Number__c", "C-77")
    assert (found["Name"], found["Phone"]) == ("Seven", "7")
    code, _ = error_of(lambda: sf.Account.create({"Name": "x", "ERP_Customer_Number__c": "c-77"}))
    assert code == "DUPLICATE_VALUE"
    code, _ = error_of(
        lambda: sf.Account.upsert("ERP_Customer_Number__c/C-77", {"ERP_Customer_Number__c": "C-78"})
    )
    assert code == "INVALID_FIELD"
    assert error_of(lambda: sf.Account.upsert("Name/x", {"Phone": "1"}))[0] == "NOT_FOUND"
    assert error_of(lambda: sf.Account.get_by_custom_id("ERP_Customer_Number__c", "no"))[0] == (
        "NOT_FOUND"
    )


def test_a_parent_may_be_named_by_its_external_id(sf):
    contact = sf.Contact.create(
        {"LastName": "Ode", "Account": {"ERP_Customer_Number__c": "C-10001"}}
    )["id"]
    account = sf.Account.get_by_custom_id("ERP_Customer_Number__c", "C-10001")
    assert sf.Contact.get(contact)["AccountId"] == account["Id"]


def test_an_external_id_that_is_not_unique_tells_where_the_records_are(sf, world):
    define_field(world, "Account", text("Old_Number__c", 20, external=True))
    for _ in range(2):
        sf.Account.create({"Name": "Twin", "Old_Number__c": "T"})
    with pytest.raises(SalesforceMoreThanOneRecord) as several:
        sf.Account.get_by_custom_id("Old_Number__c", "T")
    assert len(several.value.content) == 2


def test_custom_objects_and_fields_of_a_world_are_like_any_other(sf, world):
    define_object(world, "Invoice__c", label="Invoice")
    for field in (
        lookup("Account__c", "Account", children="Invoices__r", cascade=True, required=True),
        text("Number__c", 20, external=True, unique=True),
        money("Total__c"),
        number("Rate__c", scale=4),
        checkbox("Paid__c"),
        picklist("State__c", ["open", "paid"], restricted=True),
        FieldType("Tags__c", "multipicklist", values=["a", "b", "c"]),
    ):
        define_field(world, "Invoice__c", field)
    about = sf.Invoice__c.describe()
    assert about["custom"] is True
    assert {each["name"]: each["type"] for each in about["fields"]}["Tags__c"] == "multipicklist"
    assert about["keyPrefix"] in {each["keyPrefix"] for each in sf.describe()["sobjects"]}
    account = sf.query("SELECT Id FROM Account LIMIT 1")["records"][0]["Id"]
    made = sf.Invoice__c.upsert(
        "Number__c/IN-1",
        {"Account__c": account, "Total__c": 10.005, "State__c": "open", "Tags__c": "c;a"},
        raw_response=True,
    ).json()["id"]
    assert made.startswith(about["keyPrefix"])
    found = sf.query(
        "SELECT Number__c, Total__c, Paid__c, Tags__c, Account__r.Name FROM Invoice__c "
        "WHERE Account__r.Id = '" + account + "' AND Tags__c INCLUDES ('a;c')"
    )["records"]
    assert [(f["Number__c"], f["Total__c"], f["Paid__c"], f["Tags__c"]) for f in found] == [
        ("IN-1", 10.01, False, "a;c")
    ]
    code, _ = error_of(lambda: sf.Invoice__c.update(made, {"State__c": "lost"}))
    assert code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    nested = sf.query(
        f"SELECT (SELECT Number__c FROM Invoices__r) FROM Account WHERE Id = '{account}'"
    )["records"][0]
    assert nested["Invoices__r"]["records"][0]["Number__c"] == "IN-1"
    world.reset()


def test_what_was_updated_and_deleted_is_told_by_spans_of_time(sf, world):
    start = world.now
    world.clock.advance(timedelta(minutes=10))
    made = sf.Account.create({"Name": "New"})["id"]
    gone = sf.Account.create({"Name": "Gone"})["id"]
    sf.Account.delete(gone)
    world.clock.advance(timedelta(minutes=10))
    told = sf.Account.updated(start, world.now)
    assert told["ids"] == [made]
    assert [each["id"] for each in sf.Account.deleted(start, world.now)["deletedRecords"]] == [gone]
    assert sf.Account.updated(start, start + timedelta(minutes=9))["ids"] == []
    long_ago = start - timedelta(days=60)
    assert error_of(lambda: sf.Account.updated(long_ago, start))[0] == "INVALID_REPLICATION_DATE"
    assert error_of(lambda: sf.Account.updated(start, start))[0] == "INVALID_REPLICATION_DATE"


def test_reads_may_be_conditional(sf, world, http):
    key = sf.Account.create({"Name": "x"})["id"]
    before = (world.now - timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    after = (world.now + timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    path = f"/sobjects/Account/{key}"
    assert http.get(path, headers={"If-Modified-Since": before}).status_code == 200
    assert http.get(path, headers={"If-Modified-Since": after}).status_code == 304
    late = http.patch(path, json={"Phone": "1"}, headers={"If-Unmodified-Since": before})
    assert late.status_code == 412
    assert http.get(path, headers={"If-Modified-Since": "yesterday"}).status_code == 200
    for header in ("If-Unmodified-Since", "If-Match", "If-None-Match"):
        late = http.patch(path, json={"Phone": "1"}, headers={header: "yesterday"})
        assert late.status_code == 400


def test_an_account_has_an_entity_tag_and_nothing_else_has(sf, http):
    key = sf.Account.create({"Name": "x"})["id"]
    path = f"/sobjects/Account/{key}"
    tag = http.get(path).headers["etag"]
    assert http.get(path, headers={"If-None-Match": f'"other", {tag}'}).status_code == 304
    assert http.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert http.get(path, headers={"If-Match": '"other"'}).status_code == 412
    assert http.patch(path, json={"Phone": "1"}, headers={"If-None-Match": tag}).status_code == 412
    assert http.patch(path, json={"Phone": "1"}, headers={"If-Match": tag}).status_code == 204
    assert http.patch(path, json={"Phone": "2"}, headers={"If-Match": tag}).status_code == 412
    assert http.get(path).json()["Phone"] == "1"
    contact = f"/sobjects/Contact/{sf.Contact.create({'LastName': 'x'})['id']}"
    assert "etag" not in http.get(contact).headers
    assert http.get(contact, headers={"If-Match": '"other"'}).status_code == 200


def test_fields_are_chosen_and_relationships_followed(sf, http, refused):
    contact = sf.query("SELECT Id, AccountId FROM Contact LIMIT 1")["records"][0]
    path = f"/sobjects/Contact/{contact['Id']}"
    assert set(http.get(path, params={"fields": "lastname,Email"}).json()) == {
        "attributes", "LastName", "Email",
    }  # fmt: skip
    assert refused(http.get(path, params={"fields": "Nope"})) == (400, "INVALID_FIELD")
    assert http.get(f"{path}/Account").json()["Id"] == contact["AccountId"]
    listed = http.get(f"/sobjects/Account/{contact['AccountId']}/Contacts").json()
    assert contact["Id"] in [each["Id"] for each in listed["records"]]
    assert refused(http.get(f"{path}/Nope")) == (404, "NOT_FOUND")


def test_an_account_takes_its_contacts_with_it_and_stays_while_orders_need_it(sf, world):
    account = sf.Account.create({"Name": "Short"})["id"]
    contact = sf.Contact.create({"LastName": "Lived", "AccountId": account})["id"]
    sf.Account.delete(account)
    assert error_of(lambda: sf.Contact.get(contact))[0] == "ENTITY_IS_DELETED"
    busy = sf.query("SELECT AccountId FROM Order LIMIT 1")["records"][0]["AccountId"]
    assert error_of(lambda: sf.Account.delete(busy))[0] == "DELETE_FAILED"


def test_each_answer_tells_how_many_requests_are_left_and_the_limit_refuses(sf, world):
    from crossdock_mocks.dialects.salesforce import limits

    sf.query("SELECT COUNT() FROM Account")
    used = sf.api_usage["api-usage"].used
    sf.query("SELECT COUNT() FROM Account")
    assert sf.api_usage["api-usage"].used == used + 1
    error_of(lambda: sf.Account.create({}))
    assert limits.used(world) == used + 2
    limits.allow(world, used + 3)
    sf.limits()
    with pytest.raises(SalesforceRefusedRequest) as refused:
        sf.limits()
    assert (refused.value.status, refused.value.content[0]["errorCode"]) == (
        403, "REQUEST_LIMIT_EXCEEDED",
    )  # fmt: skip
    world.clock.advance(timedelta(hours=25))
    assert sf.limits()["DailyApiRequests"]["Remaining"] == used + 2


def test_versions_and_resources_are_listed_and_a_version_that_is_not_is_not_found(http, refused):
    root = "https://crossdock.my.salesforce.com/services/data"
    versions = {each["version"]: each["label"] for each in http.get(f"{root}/").json()}
    assert (versions["59.0"], versions["61.0"]) == ("Winter '24", "Summer '24")
    assert http.get(f"{root}/v59.0/").json()["sobjects"] == "/services/data/v59.0/sobjects"
    assert refused(http.get(f"{root}/v99.0/limits")) == (404, "NOT_FOUND")
    assert refused(http.put("/sobjects/Account", json={})) == (405, "METHOD_NOT_ALLOWED")
    assert refused(http.get("/nothing")) == (404, "NOT_FOUND")
    assert refused(http.post("/sobjects/Account", content=b"{"))[0] in (400, 415)


def test_describe_tells_what_saving_checks(sf):
    fields = {each["name"]: each for each in sf.Opportunity.describe()["fields"]}
    assert (fields["Name"]["nillable"], fields["Name"]["length"]) == (False, 120)
    assert fields["Amount"]["type"] == "currency"
    assert fields["IsWon"]["updateable"] is False
    stages = [each["value"] for each in fields["StageName"]["picklistValues"]]
    found = sf.query("SELECT MasterLabel FROM OpportunityStage ORDER BY SortOrder")["records"]
    assert stages == [each["MasterLabel"] for each in found]
    account = sf.Account.describe()
    names = {each["name"]: each for each in account["fields"]}
    assert names["ERP_Customer_Number__c"]["externalId"] is True
    assert "Contacts" in {each["relationshipName"] for each in account["childRelationships"]}


def test_every_field_of_every_object_can_be_read(sf, origin):
    for each in sf.describe()["sobjects"]:
        fields = sf.__getattr__(each["name"]).describe()["fields"]
        names = ", ".join(field["name"] for field in fields)
        found = sf.query(f"SELECT {names} FROM {each['name']} LIMIT 3")
        for record in found["records"]:
            assert list(record)[1:] == [field["name"] for field in fields]
            assert sf.__getattr__(each["name"]).get(record["Id"]) == record
        plain = [field for field in fields if field["type"] != "address"]
        empty = " AND ".join(f"{f['name']} = null" for f in plain if f["filterable"])
        assert sf.query(f"SELECT COUNT() FROM {each['name']} WHERE {empty}")["totalSize"] == 0
        order = ", ".join(f["name"] for f in plain if f["sortable"])
        sf.query(f"SELECT Id FROM {each['name']} ORDER BY {order} LIMIT 1")


def test_a_seeded_organization_tells_of_the_same_companies(sf, origin):
    from crossdock_mocks.datasets import generate

    data = generate(seed=1, scale=0.05)
    numbers = {row["customer_id"]: row["name"] for row in data.rows("accounts")}
    found = sf.query_all("SELECT Name, ERP_Customer_Number__c FROM Account")["records"]
    assert {each["ERP_Customer_Number__c"]: each["Name"] for each in found} == numbers
    codes = {row["id"] for row in data.rows("items")}
    products = sf.query_all("SELECT ProductCode FROM Product2")["records"]
    assert {each["ProductCode"] for each in products} == codes
    assert sf.query("SELECT COUNT() FROM Opportunity")["totalSize"] == data.count("opportunities")
    assert datetime.fromisoformat(found and sf.Account.get("001WV0000000001")["CreatedDate"]) < (
        datetime.now(UTC) + timedelta(days=36500)
    )


def test_a_record_does_not_hang_on_itself(sf):
    first = sf.Account.create({"Name": "First"})["id"]
    second = sf.Account.create({"Name": "Second", "ParentId": first})["id"]
    for parent in (first, second):
        code, _ = error_of(lambda parent=parent: sf.Account.update(first, {"ParentId": parent}))
        assert code == "CIRCULAR_DEPENDENCY"


def test_a_record_that_is_older_than_a_field_can_be_changed_and_found(sf, world):
    key = sf.Account.create({"Name": "Old"})["id"]
    define_field(world, "Account", text("Late__c", 20, external=True, unique=True))
    assert sf.Account.get(key)["Late__c"] is None
    sf.Account.update(key, {"Phone": "1"})
    sf.Account.update(key, {"Late__c": "L-1"})
    found = sf.query("SELECT Id FROM Account WHERE Late__c = 'l-1'")["records"]
    assert [each["Id"] for each in found] == [key]
    assert sf.query("SELECT COUNT() FROM Account WHERE Late__c = null")["totalSize"] > 5


def test_what_is_absurd_is_refused_and_never_breaks_the_mock(sf, http, world):
    named = {"LastName": "x", "Account": {"ERP_Customer_Number__c": {"a": 1}}}
    far = {"Subject": "x", "StartDateTime": "9999-12-31T23:00:00Z", "DurationInMinutes": 99999}
    tree = {"attributes": {"type": "Account", "referenceId": "r"}, "Name": "x"}
    answers = [
        http.post("/sobjects/Contact", json=named),
        http.post("/sobjects/Event", json=far),
        http.post("/sobjects/Account", json={"Name": "a\x00b"}),
        http.post("/sobjects/Account", json={"Name": ["x"]}),
        *(
            http.post("/composite/tree/Account", json={"records": [{**tree, "Contacts": below}]})
            for below in ({"records": [5]}, {"records": 5})
        ),
    ]
    assert [each.status_code for each in answers] == [400] * len(answers)
    deal = sf.query("SELECT Id FROM Opportunity LIMIT 1")["records"][0]["Id"]
    entry = sf.query("SELECT Id FROM PricebookEntry WHERE IsActive = true LIMIT 1")["records"][0]
    line = {"OpportunityId": deal, "PricebookEntryId": entry["Id"]}
    huge = {"Quantity": 9_999_999_999.99, "UnitPrice": 9_999_999_999_999_000.0}
    sf.OpportunityLineItem.create({**line, **huge})
    assert not [each for each in world.journal if each.verdict == "defect"]
