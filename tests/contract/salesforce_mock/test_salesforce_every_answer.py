"""The rarer answers: preconditions, external ids that several records have, who one is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crossdock_mocks.dialects.salesforce import define_field
from crossdock_mocks.dialects.salesforce.model import text


@pytest.fixture
def before(world):
    return {
        "If-Unmodified-Since": (world.now - timedelta(hours=1)).strftime(
            "%a, %d %b %Y %H:%M:%S GMT"
        )
    }


def test_a_record_that_was_changed_since_is_neither_read_nor_changed(sf, http, before, refused):
    made = sf.Account.create({"Name": "x", "ERP_Customer_Number__c": "C-412"})["id"]
    path = f"/sobjects/Account/{made}"
    answers = [
        http.get(path, headers=before),
        http.patch(path, json={"Phone": "1"}, headers=before),
        http.patch(
            "/sobjects/Account/ERP_Customer_Number__c/C-412", json={"Phone": "1"}, headers=before
        ),
    ]
    assert [refused(each) for each in answers] == [(412, "PRECONDITION_FAILED")] * 3
    assert sf.Account.get(made)["Phone"] is None
    assert http.delete(path, headers=before).status_code == 204  # DELETE knows no conditions


def test_what_several_records_have_is_neither_changed_nor_deleted(sf, http, world):
    define_field(world, "Account", text("Old_Number__c", 20, external=True))
    keys = [sf.Account.create({"Name": "Twin", "Old_Number__c": "T"})["id"] for _ in range(2)]
    path = "/sobjects/Account/Old_Number__c/T"
    for answer in (http.patch(path, json={"Phone": "1"}), http.delete(path)):
        assert answer.status_code == 300
        assert [each.rpartition("/")[2] for each in answer.json()] == keys
    sf.Account.delete(keys[0])
    assert http.delete(path).status_code == 204
    assert http.delete(path).status_code == 404


def test_one_is_told_who_one_is_and_what_an_object_is(sf, http):
    who = http.get("https://crossdock.my.salesforce.com/services/oauth2/userinfo").json()
    assert who["display_name"] == "Crossdock Integration"
    about = http.get("/sobjects/Account").json()["objectDescribe"]
    assert (about["keyPrefix"], about["labelPlural"]) == ("001", "Accounts")
