"""Subscriptions: the handshake, what is told and when, renewal, expiry, refusal."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

HOST = "http://bc.test:7048"
SUBSCRIPTIONS = f"{HOST}/v2.0/sandbox/api/v2.0/subscriptions"
HOOK = "https://here.test/hook"


class Subscriber:
    """Takes what the mock sends; tells what came."""

    def __init__(self):
        self.asked = []
        self.came = []
        self.statuses = []
        self.echo = True

    def ask(self, url):
        self.asked.append(url)
        token = parse_qs(urlsplit(url).query)["validationToken"][0]
        return 200, token if self.echo else "something else"

    def post(self, url, headers, body):
        self.came.append((url, headers, json.loads(body)["value"]))
        return self.statuses.pop(0) if self.statuses else 200

    @property
    def told(self):
        return [change for _, _, value in self.came for change in value]


@pytest.fixture
def subscriber(bc_world):
    made = Subscriber()
    bc_world.webhooks.ask, bc_world.webhooks.post = made.ask, made.post
    yield made
    bc_world.webhooks.clear()


def _subscribe(bc, name="customers", **more):
    body = {
        "notificationUrl": HOOK,
        "resource": f"/api/v2.0/companies({bc.company_id})/{name}",
        "clientState": "secret words",
        **more,
    }
    return bc.call("POST", SUBSCRIPTIONS, body)


def _flush(bc):
    """Let the service see what was changed, and send it when its time has come."""
    bc.world.webhooks.flush()
    bc.wait(seconds=31)
    return bc.world.webhooks.flush()


def test_a_subscriber_answers_the_handshake_and_is_told_half_a_minute_later(bc, subscriber):
    answer = _subscribe(bc)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert len(subscriber.asked) == 1
    assert made["expirationDateTime"] == "2026-11-23T08:00:00.000Z"
    customer = bc.customer(displayName="New")
    assert bc.world.webhooks.flush() == 0, "changes wait for others"
    assert _flush(bc) == 1
    (change,) = subscriber.told
    assert change["subscriptionId"] == made["subscriptionId"]
    assert change["clientState"] == "secret words"
    assert (change["changeType"], change["resource"]) == (
        "created", f"{bc.company}/customers({customer['id']})",
    )  # fmt: skip
    assert bc.get(change["resource"])["displayName"] == "New"
    assert "webhook-signature" not in subscriber.came[0][1]


def test_changes_are_told_together_each_record_once(bc, subscriber):
    _subscribe(bc)
    customer = bc.customer()
    bc.patch(f"/customers({customer['id']})", {"city": "Hull"})
    other = bc.one("/customers", "number eq 'C-10001'")
    bc.patch(f"/customers({other['id']})", {"city": "York"})
    bc.patch(f"/customers({other['id']})", {"city": "Hull"})
    gone = bc.customer(displayName="Gone")
    bc.call("DELETE", f"/customers({gone['id']})")
    assert _flush(bc) == 1
    assert len(subscriber.came) == 1
    told = {each["resource"][-37:-1]: each["changeType"] for each in subscriber.told}
    assert told == {customer["id"]: "created", other["id"]: "updated", gone["id"]: "deleted"}


def test_more_than_a_hundred_changes_are_told_as_a_collection(bc, subscriber):
    _subscribe(bc)
    for number in range(101):
        bc.customer(displayName=f"Customer {number}")
    _flush(bc)
    (change,) = subscriber.told
    assert change["changeType"] == "collection"
    query = change["resource"].partition("?")[2]
    assert query.startswith("$filter=lastModifiedDateTime%20ge%20")
    assert len(bc.get(change["resource"])["value"]) >= 101


def test_only_what_was_subscribed_to_is_told_and_no_mere_balance(bc, subscriber):
    _subscribe(bc)
    customer = bc.customer()
    _flush(bc)
    subscriber.came.clear()
    draft = bc.document("salesInvoices", customer, ("BRG-1001", 1))
    bc.act(f"/salesInvoices({draft['id']})", "post")
    assert bc.get(f"/customers({customer['id']})")["balanceDue"] > 0
    _flush(bc)
    assert subscriber.told == []


def test_an_order_is_told_of_until_it_is_gone(bc, subscriber):
    _subscribe(bc, "salesOrders")
    _subscribe(bc, "salesInvoices", notificationUrl="https://here.test/invoices")
    order = bc.document("salesOrders", bc.customer(), ("BRG-1001", 1))
    _flush(bc)
    bc.act(f"/salesOrders({order['id']})", "shipAndInvoice")
    _flush(bc)
    told = [
        (url.rpartition("/")[2], each["changeType"])
        for url, _, value in subscriber.came for each in value
    ]  # fmt: skip
    assert sorted(told) == [("hook", "created"), ("hook", "deleted"), ("invoices", "created")]


def test_a_refused_change_is_never_told(bc, subscriber):
    _subscribe(bc)
    bc.refused("POST", "/customers", {"displayName": ""})
    _flush(bc)
    assert subscriber.told == []


def test_a_subscription_lives_three_days_unless_it_is_renewed(bc, subscriber):
    made = _subscribe(bc).json()
    url = f"{SUBSCRIPTIONS}('{made['subscriptionId']}')"
    bc.wait(days=2)
    assert bc.refused("PATCH", url, {}) == (400, "BadRequest_InvalidToken")
    renewed = bc.call("PATCH", url, {}, if_match=made["@odata.etag"])
    assert renewed.status_code == 200
    assert renewed.json()["expirationDateTime"] == "2026-11-25T08:00:00.000Z"
    assert len(subscriber.asked) == 2, "the handshake is made again"
    bc.wait(days=2)
    bc.customer()
    assert _flush(bc) == 1
    assert len(subscriber.told) == 1
    bc.wait(days=2)
    bc.customer()
    _flush(bc)
    assert len(subscriber.told) == 1, "it has ended"
    assert bc.refused("GET", url) == (404, "Internal_RecordNotFound")
    assert bc.get(SUBSCRIPTIONS)["value"] == []


def test_a_subscription_is_ended(bc, subscriber):
    made = _subscribe(bc).json()
    assert [each["subscriptionId"] for each in bc.get(SUBSCRIPTIONS)["value"]] == [
        made["subscriptionId"]
    ]
    url = f"{SUBSCRIPTIONS}('{made['subscriptionId']}')"
    assert bc.call("DELETE", url).status_code == 204
    bc.customer()
    _flush(bc)
    assert subscriber.told == []
    assert bc.refused("DELETE", url) == (404, "Internal_RecordNotFound")


def test_a_subscriber_that_is_away_is_told_later_and_one_that_refuses_no_more(bc, subscriber):
    made = _subscribe(bc).json()
    bc.customer()
    subscriber.statuses = [503, 429, 200]
    bc.world.webhooks.flush()
    for minutes, sent in ((0.6, 1), (0.5, 0), (0.6, 1), (5.1, 1), (60, 0)):
        bc.wait(minutes=minutes)
        assert bc.world.webhooks.flush() == sent
    assert len(subscriber.came) == 3
    bc.customer()
    subscriber.statuses = [404]
    _flush(bc)
    url = f"{SUBSCRIPTIONS}('{made['subscriptionId']}')"
    assert bc.refused("GET", url) == (404, "Internal_RecordNotFound")
    bc.customer()
    assert _flush(bc) == 0


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"notificationUrl": "http://example.com/hook"}, 400, "BadRequest"),
        ({"notificationUrl": "nowhere"}, 400, "BadRequest"),
        ({"notificationUrl": ""}, 400, "BadRequest_RequiredParamNotProvided"),
        ({"resource": "customers"}, 400, "BadRequest"),
        ({"resource": "/api/v2.0/companies(00000000-0000-0000-0000-00000000000f)/customers"},
         404, "Internal_CompanyNotFound"),
        ({"clientState": "x" * 2049}, 400, "Application_StringExceededLength"),
        ({"expirationDateTime": "2030-01-01T00:00:00Z"}, 400, "BadRequest_InvalidOperation"),
    ],
)  # fmt: skip
def test_a_subscription_that_makes_no_sense_is_refused(bc, subscriber, change, status, code):
    answer = _subscribe(bc, **change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert subscriber.asked == []


@pytest.mark.parametrize("name", ["salesShipments", "contacts", "opportunities", "nothing"])
def test_what_cannot_be_subscribed_to_is_refused(bc, subscriber, name):
    answer = _subscribe(bc, name)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


def test_who_does_not_answer_the_handshake_gets_no_subscription(bc, subscriber):
    subscriber.echo = False
    answer = _subscribe(bc)
    assert (answer.status_code, answer.json()["error"]["code"]) == (
        400, "Application_DialogException",
    )  # fmt: skip
    assert bc.get(SUBSCRIPTIONS)["value"] == []
    subscriber.echo = True
    assert _subscribe(bc).status_code == 201
    again = _subscribe(bc)
    assert again.json()["error"]["code"] == "Internal_EntityWithSameKeyExists"
