"""How Salesforce is entered and set up: assertions, limits, guards, names of fields."""

import json
from datetime import UTC, datetime

import httpx
import pytest
from attrs import evolve
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from crossdock.connectors import salesforce
from crossdock.errors import ConfigError, RemoteUnavailable
from crossdock_mocks.dialects.salesforce.login import INTEGRATION, register_key

pytestmark = pytest.mark.parametrize("house", ["salesforce"], indirect=True)


def test_a_signed_assertion_opens_a_session(house):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    register_key(
        house.world,
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )
    # The assertion tells this machine's time, and the organization compares it with its own.
    house.world.clock.set(datetime.now(UTC))
    port = house.connect(client_secret=None, private_key=pem, username=INTEGRATION)
    assert port.user("kim").name
    (entry,) = house.journal("issueToken")
    assert "PRIVATE KEY" not in json.dumps(entry.as_dict(), default=str)
    port.close()


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"client_secret": None}, "client_secret"),
        ({"private_key": "x", "username": "u"}, "keep one of them"),
        ({"client_secret": None, "private_key": "x", "username": "u"}, "RSA key"),
        ({"guards": {"order": "after"}}, "guards"),
        ({"guards": {"quote": "always"}}, "guards"),
    ],
)
def test_settings_that_do_not_go_together_are_told(house, over, said):
    with pytest.raises(ConfigError, match=said):
        house.connect(**over)


def test_the_days_limit_says_that_nothing_was_done_and_the_feed_waits(house):
    body = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    token = {"access_token": "t", "instance_url": "x"}
    asked = []

    def answer(request):
        asked.append(request.url.path)
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json=token)
        if len(asked) == 2:
            headers = {"Sforce-Limit-Info": "api-usage=85/100"}
            found = {"totalSize": 0, "done": True, "records": []}
            return httpx.Response(200, json=found, headers=headers)
        return httpx.Response(403, json=body)

    given = {"url": "http://salesforce.test", **house.settings}
    limited = salesforce.connect("crm", given, transport=httpx.MockTransport(answer))
    first = limited.changes(None)
    assert limited.changes(first.cursor).cursor == first.cursor
    assert len(asked) == 2
    with pytest.raises(RemoteUnavailable) as caught:
        limited.account("001000000000001AAA")
    assert (caught.value.retry_after, caught.value.maybe_done) == (900.0, False)
    assert caught.value.code == "REQUEST_LIMIT_EXCEEDED"


def test_a_field_may_have_the_organizations_own_name(house):
    port = house.connect(fields={"Crossdock_Tax_Number__c": "Tax_Number__c"})
    (first, *_) = port.accounts(limit=1).items
    house.later()
    saved = port.save_account(evolve(first, tax_number="DE 77"))
    assert port.account(first.id).tax_number == saved.tax_number == "DE 77"
    assert house.world.table("sf_Account").get(first.id)["Tax_Number__c"] == "DE 77"
    port.close()


def test_what_somebody_is_may_be_said_by_the_profile(house):
    given = {"role_field": "Profile.Name", "roles": {"Sales Manager": "manager"}}
    port = house.connect(**given)
    assert (port.user("mara").roles, port.user("kim").roles) == (("manager",), ("sales",))
    port.close()


def test_guards_are_after_the_save_until_the_organization_asks_before_it(house, port):
    assert (port.guards.quote, port.guards.account) == ("after", "none")
    asking = house.connect(guards={"quote": "before", "account": "before"})
    assert (asking.guards.quote, asking.guards.account) == ("before", "before")


def test_fields_that_are_missing_or_unfit_are_named_and_left_to_a_person(house):
    port = house.connect(
        customer_numbers={"main": "Not_There__c", "uk": "Crossdock_Email__c"},
        fields={"Crossdock_Promised_On__c": "Crossdock_Status__c"},
    )
    lacking = {each.name: each for each in port.provisioning.lacking()}
    assert not any(each.makeable for each in lacking.values())
    assert "Text(255), unique, external id" in lacking["Account.Not_There__c"].problem
    assert "unique" in lacking["Account.Crossdock_Email__c"].problem
    assert lacking["Order.Crossdock_Status__c"].problem == "is of type string, not Date"
    port.close()
