"""The ERP's webhooks as hints: a feed whose turn is minutes away is read when there is news."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from crossdock.demo.setting import ERP_KEY

_WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_FEED_SECONDS = 600  # far beyond the tests' patience: whoever waits for it fails


@pytest.fixture
def erp(mocks):
    """The mock ERP's own doors; its clock is the real one, as its messages are dated by it."""
    with httpx.Client(base_url=mocks.erp_url, headers={"X-Api-Key": ERP_KEY}, timeout=10) as client:
        now = datetime.now(UTC).isoformat()
        clock = client.put("/_mock/clock", json={"now": now, "ticking": True})
        assert clock.is_success, clock.text
        yield client
        for each in client.get("/_mock/webhooks").json()["subscriptions"]:
            client.delete(f"/_mock/webhooks/{each['id']}")


@pytest.fixture
def hinted(erp, stage, serve):
    """A stage whose feeds are read every ten minutes, and a side-car that takes the ERP's hints."""
    text = stage.config.read_text(encoding="utf-8")
    stage.config.write_text(
        text.replace("feed_seconds = 0.2", f"feed_seconds = {_FEED_SECONDS}"), encoding="utf-8"
    )
    served = serve(senders={"erp": {"secret": _WHSEC, "hints": ["main"], "burst": 1000}})
    subscribed = erp.post(
        "/_mock/webhooks",
        json={"url": f"{served.url}/v1/hints/erp", "events": ["*"], "secret": _WHSEC},
    )
    assert subscribed.is_success, subscribed.text
    stage.start_worker()
    return stage


def _titles(stage, order):
    return [event.title for event in stage.host.crm.order_events(order.id)]


def _shipped(stage):
    order = stage.promote()
    stage.until(lambda: stage.host.crm.order(order.id).erp_order_id)
    stage.play(order, "ship")
    stage.until(lambda: _titles(stage, order)[-1:] == ["Shipped in full"])
    return order


def test_a_shipment_is_told_in_the_crm_when_the_erp_hints_at_it(hinted, erp, mocks):
    order = _shipped(hinted)

    sent = erp.get("/_mock/webhooks/deliveries").json()["deliveries"]
    assert {each["status"] for each in sent if each["state"] == "taken"} == {202}
    assert hinted.host.crm.order(order.id).status == "shipped"

    _ships_as_well(hinted, erp, mocks, {"kind": "webhook_duplicate"})


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "webhook_late", "seconds": 1}, marks=pytest.mark.full),
        {"kind": "webhook_out_of_order", "every": 2},
    ],
    ids=lambda fault: fault["kind"],
)
def test_hints_that_come_wrongly_bring_the_same_result(hinted, erp, mocks, fault):
    _ships_as_well(hinted, erp, mocks, fault)


def _ships_as_well(stage, erp, mocks, fault):
    struck = erp.post("/_mock/faults", json=fault)
    assert struck.is_success, struck.text

    order = _shipped(stage)

    assert mocks.strikes("erp")
    titles = _titles(stage, order)
    assert titles.count("Shipped in full") == 1
    assert len(titles) == len(set(titles))
    lines = stage.host.crm.order(order.id).lines
    assert [line.shipped for line in lines] == [line.quantity for line in lines]
