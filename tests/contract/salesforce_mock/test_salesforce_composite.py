"""Many requests in one: composite, batch, trees and collections, by the unmodified client."""

from __future__ import annotations

import pytest

BASE = "/services/data/v59.0"


def composite(sf, *requests, **more):
    body = {"compositeRequest": list(requests), **more}
    answers = sf.restful("composite", method="POST", json=body)["compositeResponse"]
    return {each["referenceId"]: each for each in answers}


def post(name, entity, body):
    return {
        "method": "POST", "url": f"{BASE}/sobjects/{entity}", "referenceId": name, "body": body,
    }  # fmt: skip


def test_later_requests_refer_to_what_earlier_ones_answered(sf):
    answers = composite(
        sf,
        post("acc", "Account", {"Name": "Composed"}),
        post("con", "Contact", {"LastName": "Ode", "AccountId": "@{acc.id}"}),
        {
            "method": "GET", "referenceId": "found",
            "url": f"{BASE}/query?q=SELECT+Name,(SELECT+LastName+FROM+Contacts)+FROM+Account+"
                   "WHERE+Id='@{acc.id}'",
        },
        post("opp", "Opportunity", {"Name": "From @{found.records[0].Name}",
                                    "StageName": "Prospecting", "CloseDate": "2026-12-01"}),
        {"method": "PATCH", "referenceId": "upd", "url": f"{BASE}/sobjects/Account/@{{acc.id}}",
         "body": {"Phone": "1"}},
    )  # fmt: skip
    assert [each["httpStatusCode"] for each in answers.values()] == [201, 201, 200, 201, 204]
    assert answers["acc"]["httpHeaders"]["Location"].endswith(answers["acc"]["body"]["id"])
    assert answers["found"]["body"]["records"][0]["Contacts"]["totalSize"] == 1
    assert answers["upd"]["body"] is None
    deal = sf.Opportunity.get(answers["opp"]["body"]["id"])
    assert deal["Name"] == "From Composed"


def test_what_fails_leaves_the_others_unless_all_or_none_is_asked_for(sf):
    requests = [
        post("one", "Account", {"Name": "Alone"}),
        post("two", "Account", {}),
        post("three", "Contact", {"LastName": "x", "AccountId": "@{two.id}"}),
    ]
    answers = composite(sf, *requests)
    assert [each["httpStatusCode"] for each in answers.values()] == [201, 400, 400]
    assert answers["three"]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert sf.query("SELECT COUNT() FROM Account WHERE Name = 'Alone'")["totalSize"] == 1
    answers = composite(sf, *requests, allOrNone=True)
    assert [each["httpStatusCode"] for each in answers.values()] == [400, 400, 400]
    assert answers["two"]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert "rolled back" in answers["one"]["body"][0]["message"]
    assert sf.query("SELECT COUNT() FROM Account WHERE Name = 'Alone'")["totalSize"] == 1


@pytest.mark.parametrize(
    "requests",
    [
        [post(f"r{n}", "Account", {"Name": "x"}) for n in range(26)],
        [post("same", "Account", {"Name": "x"})] * 2,
        [post("a b", "Account", {"Name": "x"})],
        [{"method": "POST", "url": f"{BASE}/composite", "referenceId": "a", "body": {}}],
        [{"method": "GET", "url": "/services/oauth2/userinfo", "referenceId": "a"}],
        [
            {"method": "GET", "url": f"{BASE}/query?q=SELECT+Id+FROM+User", "referenceId": f"q{n}"}
            for n in range(6)
        ],
    ],
    ids=["too many", "same name", "bad name", "nested", "elsewhere", "too many queries"],
)
def test_a_composite_that_breaks_its_rules_does_nothing(http, world, requests):
    before = world.table("sf_Account").count()
    answer = http.post("/composite", json={"compositeRequest": requests})
    assert answer.status_code == 400, answer.text
    assert world.table("sf_Account").count() == before


def test_a_composite_counts_as_one_request_and_tells_of_each_in_the_journal(sf, world):
    from crossdock_mocks.dialects.salesforce import limits

    before = limits.used(world)
    composite(sf, post("a", "Account", {"Name": "x"}), post("b", "Account", {}), allOrNone=True)
    assert limits.used(world) == before + 1
    inner = [each for each in world.journal if each.operation_id == "createRecord"]
    assert [each.committed for each in inner] == [False, False]


def test_a_batch_runs_what_knows_nothing_of_each_other(sf, http):
    requests = [
        {"method": "POST", "url": "v59.0/sobjects/Account", "richInput": {"Name": "Batched"}},
        {"method": "GET", "url": "v59.0/sobjects/Account/nope"},
        {"method": "GET", "url": "v59.0/limits/"},
    ]
    told = sf.restful("composite/batch", method="POST", json={"batchRequests": requests})
    assert told["hasErrors"] is True
    assert [each["statusCode"] for each in told["results"]] == [201, 404, 200]
    told = sf.restful(
        "composite/batch", method="POST", json={"batchRequests": requests, "haltOnError": True}
    )
    assert [each["statusCode"] for each in told["results"]] == [201, 404, 412]
    nested = [{"method": "POST", "url": "v59.0/composite/batch", "richInput": {}}]
    assert http.post("/composite/batch", json={"batchRequests": nested}).status_code == 400


def tree(name, **more):
    return {"attributes": {"type": "Account", "referenceId": name}, "Name": name, **more}


def test_a_tree_is_made_with_its_branches_or_not_at_all(sf, http, world):
    people = {
        "records": [
            {"attributes": {"type": "Contact", "referenceId": f"c{n}"}, "LastName": f"C{n}"}
            for n in range(2)
        ]
    }
    told = sf.restful(
        "composite/tree/Account", method="POST",
        json={"records": [tree("one", Contacts=people), tree("two")]},
    )  # fmt: skip
    assert [each["referenceId"] for each in told["results"]] == ["one", "c0", "c1", "two"]
    ids = {each["referenceId"]: each["id"] for each in told["results"]}
    assert sf.Contact.get(ids["c1"])["AccountId"] == ids["one"]
    before = world.table("sf_Account").count()
    wrong = http.post(
        "/composite/tree/Account", json={"records": [tree("three"), tree("four", Nope="x")]}
    )
    assert (wrong.status_code, wrong.json()["hasErrors"]) == (400, True)
    (only,) = wrong.json()["results"]
    assert (only["referenceId"], only["errors"][0]["statusCode"]) == ("four", "INVALID_FIELD")
    for bad in (
        [tree("a"), tree("a")],
        [{"attributes": {"type": "Account"}, "Name": "x"}],
        [{"attributes": {"type": "Contact", "referenceId": "x"}, "LastName": "x"}],
        [tree(f"n{n}") for n in range(201)],
        [tree("a", Nopes={"records": []})],
    ):
        assert http.post("/composite/tree/Account", json={"records": bad}).status_code == 400
    assert world.table("sf_Account").count() == before


def typed(**values):
    return {"attributes": {"type": "Account"}, **values}


def test_collections_make_change_upsert_read_and_delete(sf, http):
    made = sf.restful(
        "composite/sobjects", method="POST",
        json={"records": [typed(Name="A"), typed(), typed(Name="B")]},
    )  # fmt: skip
    assert [each["success"] for each in made] == [True, False, True]
    assert made[1]["errors"] == [
        {"statusCode": "REQUIRED_FIELD_MISSING", "fields": ["Name"],
         "message": "Required fields are missing: [Name]"}
    ]  # fmt: skip
    keys = [made[0]["id"], made[2]["id"]]
    changed = sf.restful(
        "composite/sobjects", method="PATCH",
        json={"records": [typed(Id=keys[0], Phone="1"), typed(id="nope", Phone="2"),
                          typed(Phone="3")]},
    )  # fmt: skip
    assert [each["success"] for each in changed] == [True, False, False]
    put = sf.restful(
        "composite/sobjects/Account/ERP_Customer_Number__c", method="PATCH",
        json={"records": [typed(ERP_Customer_Number__c="C-10001", Phone="9"),
                          typed(ERP_Customer_Number__c="C-new", Name="New"), typed(Name="No")]},
    )  # fmt: skip
    assert [each.get("created") for each in put] == [False, True, None]
    read = http.get("/composite/sobjects/Account", params={
        "ids": f"{keys[0]},001WV000000zzzz", "fields": "Name,Phone"}).json()  # fmt: skip
    assert read[0]["Phone"] == "1"
    assert read[1] is None
    again = http.post("/composite/sobjects/Account", json={"ids": keys, "fields": ["Name"]}).json()
    assert [each["Name"] for each in again] == ["A", "B"]
    gone = sf.restful(f"composite/sobjects?ids={','.join(keys)},x", method="DELETE")
    assert [each["success"] for each in gone] == [True, True, False]
    assert sf.query("SELECT COUNT() FROM Account WHERE Name IN ('A','B')")["totalSize"] == 0


def test_all_or_none_saves_none_where_one_is_refused(sf, http, world, refused):
    before = world.table("sf_Account").count()
    body = {"allOrNone": True, "records": [typed(Name="A"), typed()]}
    told = sf.restful("composite/sobjects", method="POST", json=body)
    assert [each["errors"][0]["statusCode"] for each in told] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING",
    ]  # fmt: skip
    assert world.table("sf_Account").count() == before
    many = {"records": [typed(Name="x")] * 201}
    assert refused(http.post("/composite/sobjects", json=many)) == (400, "EXCEEDED_ID_LIMIT")
    odd = {"records": [{"attributes": {"type": "Nothing"}}, typed(Name="x", Id="001")]}
    told = http.post("/composite/sobjects", json=odd).json()
    assert [each["errors"][0]["statusCode"] for each in told] == [
        "INVALID_TYPE", "INVALID_FIELD_FOR_INSERT_UPDATE",
    ]  # fmt: skip
