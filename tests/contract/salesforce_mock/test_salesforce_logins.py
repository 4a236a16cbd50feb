"""Each way to log in, by the unmodified client where it knows the way, and by hand where not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from simple_salesforce import Salesforce, SalesforceAuthenticationFailed
from simple_salesforce.exceptions import SalesforceExpiredSession

from crossdock_mocks.dialects.salesforce import login as logins


def kim(world):
    return world.table("sf_User").first({"EmployeeNumber": "U-kim"})


def test_user_name_password_and_token_log_in_over_soap(login, world):
    sf = login(kim(world)["Username"])
    assert sf.query("SELECT COUNT() FROM Account")["totalSize"] > 0
    made = sf.Account.create({"Name": "Mine"})
    assert sf.Account.get(made["id"])["OwnerId"] == kim(world)["Id"]


def test_the_organization_id_spares_the_security_token(login):
    assert login(security_token=None, organizationId="00DWV00000000012AA").session_id


@pytest.mark.parametrize(
    "given", [{"password": "wrong"}, {"username": "nobody@example.com"}, {"security_token": "x"}]
)
def test_wrong_credentials_are_refused_with_the_fault_of_soap(login, given):
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        login(**given)
    assert refused.value.code == "INVALID_LOGIN"
    assert "Invalid username, password, security token" in refused.value.auth_message


def test_an_inactive_user_cannot_log_in(login, world):
    user = kim(world)
    world.table("sf_User").update(user["Id"], IsActive=False)
    with pytest.raises(SalesforceAuthenticationFailed):
        login(user["Username"])


def test_password_grant_logs_in(session):
    sf = Salesforce(
        username=logins.INTEGRATION, password=logins.PASSWORD, consumer_key=logins.CLIENT,
        consumer_secret=logins.SECRET, session=session,
    )  # fmt: skip
    assert sf.sf_instance == "crossdock.my.salesforce.com"
    assert sf.limits()["DailyApiRequests"]["Max"] == 15_000


def test_client_credentials_run_as_the_integration_user(session):
    sf = Salesforce(
        consumer_key=logins.CLIENT, consumer_secret=logins.SECRET, domain="acme.my",
        session=session,
    )  # fmt: skip
    assert sf.query("SELECT Username FROM User WHERE Name = 'Crossdock Integration'")["records"]


def test_wrong_grants_are_refused_in_salesforces_words(session):
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        Salesforce(
            username=logins.INTEGRATION, password="no", consumer_key=logins.CLIENT,
            consumer_secret=logins.SECRET, session=session,
        )  # fmt: skip
    assert (refused.value.code, refused.value.auth_message) == (
        "invalid_grant", "authentication failure",
    )  # fmt: skip
    url = "https://login.salesforce.com/services/oauth2/token"
    answer = session.post(url, data={"grant_type": "password", "client_id": "other"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_id")
    answer = session.post(url, data={"grant_type": "telepathy"})
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("door", ["token", "revoke"])
def test_a_form_that_cannot_be_read_is_refused_in_the_words_of_oauth(session, door):
    address = f"https://crossdock.my.salesforce.com/services/oauth2/{door}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = session.post(address, data=b"token=1&token=2", headers=form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.fixture(scope="module")
def key_pair():
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return (
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )


def assertion(world, private, **claims):
    base = {
        "iss": logins.CLIENT, "sub": kim(world)["Username"],
        "aud": "https://login.salesforce.com", "exp": int(world.now.timestamp()) + 180,
    }  # fmt: skip
    return jwt.encode({**base, **claims}, private, algorithm="RS256")


def by_jwt(session, token):
    return session.post(
        "https://login.salesforce.com/services/oauth2/token",
        data={"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": token},
    )


def test_a_signed_jwt_is_a_login(session, world, key_pair):
    private, public = key_pair
    logins.register_key(world, public)
    token = by_jwt(session, assertion(world, private)).json()
    assert token["id"].endswith(kim(world)["Id"])
    sandbox = by_jwt(session, assertion(world, private, aud="https://test.salesforce.com"))
    assert sandbox.status_code == 200


def test_the_client_itself_logs_in_by_jwt(session, world, key_pair):
    private, public = key_pair
    logins.register_key(world, public)
    world.clock.set(datetime.now(UTC))  # the client signs by the real clock
    sf = Salesforce(
        username=kim(world)["Username"], consumer_key=logins.CLIENT, privatekey=private,
        session=session,
    )  # fmt: skip
    assert sf.query("SELECT COUNT() FROM Account")["totalSize"] > 0


@pytest.mark.parametrize(
    "claims",
    [{"exp": 1}, {"aud": "https://example.com"}, {"sub": "nobody@example.com"}, {"iss": "other"}],
)
def test_a_jwt_that_is_not_right_is_refused(session, world, key_pair, claims):
    private, public = key_pair
    logins.register_key(world, public)
    answer = by_jwt(session, assertion(world, private, **claims))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_refresh_token_gives_new_sessions_until_it_is_revoked(session, sf):
    url = "https://login.salesforce.com/services/oauth2"
    client = {"client_id": logins.CLIENT, "client_secret": logins.SECRET}
    first = session.post(
        f"{url}/token",
        data={"grant_type": "password", "username": logins.INTEGRATION,
              "password": logins.PASSWORD, **client},
    ).json()  # fmt: skip
    asked = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **client}
    again = session.post(f"{url}/token", data=asked).json()
    assert again["access_token"] != first["access_token"]
    assert session.post(f"{url}/revoke", data={"token": first["refresh_token"]}).status_code == 200
    assert session.post(f"{url}/token", data=asked).json()["error"] == "invalid_grant"
    assert session.post(f"{url}/revoke", data={"token": "x"}).status_code == 400


def test_a_session_ends_by_the_worlds_clock_and_the_client_logs_in_again(login, world):
    sf = login()
    old = sf.session_id
    world.clock.advance(timedelta(hours=3))
    assert sf.query("SELECT COUNT() FROM Account")["totalSize"] > 0
    assert sf.session_id != old
    direct = Salesforce(instance="x.my.salesforce.com", session_id=old, session=sf.session)
    with pytest.raises(SalesforceExpiredSession) as refused:
        direct.query("SELECT COUNT() FROM Account")
    assert refused.value.content[0]["errorCode"] == "INVALID_SESSION_ID"


def test_the_identity_url_tells_who_one_is_and_of_nobody_else(session, world):
    url = "https://login.salesforce.com/services/oauth2/token"
    token = session.post(
        url,
        data={"grant_type": "client_credentials", "client_id": logins.CLIENT,
              "client_secret": logins.SECRET},
    ).json()  # fmt: skip
    headers = {"Authorization": f"OAuth {token['access_token']}"}
    told = session.get(token["id"], headers=headers).json()
    assert (told["username"], told["user_type"]) == (logins.INTEGRATION, "STANDARD")
    other = token["id"].rpartition("/")[0] + f"/{kim(world)['Id']}"
    assert session.get(other, headers=headers).status_code == 403


def test_without_a_session_nothing_is_told(session):
    answer = session.get("https://x.my.salesforce.com/services/data/v59.0/sobjects")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")


def test_other_soap_calls_and_what_is_no_xml_are_refused(session):
    url = "https://login.salesforce.com/services/Soap/u/59.0"
    headers = {"content-type": "text/xml"}
    body = "<e><Body><logout/></Body></e>"
    answer = session.post(url, data=body, headers=headers)
    assert (answer.status_code, "<faultstring>" in answer.text) == (500, True)
    hostile = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    assert session.post(url, data=hostile, headers=headers).status_code == 400
