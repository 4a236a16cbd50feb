"""The reference CRM tells its change feed as webhooks; faults without a socket are as on one."""

import httpx
import pytest

from crossdock_mocks.dialects.crm import dialect
from crossdock_mocks.engine import App, Fault, MockTransport
from crossdock_mocks.engine.webhooks import WebhookCatcher, new_secret


@pytest.fixture(scope="module")
def crm():
    return App(dialect())


def test_a_lead_that_is_created_is_told_once_and_its_token_is_not(crm):
    world = crm.open_world()
    catcher = WebhookCatcher(new_secret("crm"))
    world.webhooks.post = catcher.post
    world.webhooks.subscribe("http://here.test/", ["*"], catcher.secret)
    with httpx.Client(transport=MockTransport(crm, world), base_url="http://crm.test") as client:
        asked = {"grant_type": "client_credentials"}
        key = client.post("/oauth/token", data=asked, auth=("crossdock", "crossdock-secret"))
        client.headers["Authorization"] = f"Bearer {key.json()['access_token']}"
        made = client.post("/leads", json={"company": "Brook & Sons"})
        assert made.status_code == 201, made.text
    world.webhooks.flush()
    (caught,) = catcher.caught
    assert (caught.verified, caught.json()["type"]) == (True, "lead.created")
    assert caught.json()["data"]["id"] == made.json()["id"]


@pytest.mark.parametrize(
    ("kind", "done"), [("timeout_before", False), ("timeout_after_commit", True)]
)
def test_a_time_out_without_a_socket_is_one_too(shop_app, shop, kind, done):
    with httpx.Client(transport=MockTransport(shop_app, shop), base_url="http://s") as client:
        key = client.post("/token", json={"client": "x"}).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {key}"
        shop.faults.add(Fault(kind, "write"))
        with pytest.raises(httpx.ReadTimeout):
            client.post("/notes", json={"id": "A"}, timeout=0.01)
    assert ("A" in shop.table("notes")) is done
