"""An order's page: how far it has come, what is stuck, and the back office that is played."""

import json
from decimal import Decimal

import attrs
import httpx
import pytest

from crossdock.host.settings.config import SystemConfig
from crossdock.records import OrderEvent
from crossdock.server.desk.back_office import BackOffice, available


class MockErp:
    """Answers the back office's calls and keeps them."""

    def __init__(self):
        self.calls = []
        self.lines = [
            {
                "line": 1,
                "itemId": "BRG-1001",
                "quantities": {"reserved": "5", "backordered": "0"},
            },
            {"line": 2, "itemId": "BRG-2040", "quantities": {"reserved": "1", "backordered": "2"}},
        ]
        self.refusal = None
        self.away = False

    def __call__(self, request):
        if self.away:
            raise httpx.ConnectError("refused")
        body = json.loads(request.content) if request.content else None
        self.calls.append((request.method, request.url.path, body, dict(request.headers)))
        if request.method == "POST" and self.refusal:
            return httpx.Response(409, json=self.refusal)
        path = request.url.path
        if path.endswith("/shipments"):
            return httpx.Response(201, json={"id": "SH-1"})
        if path.endswith("/invoices") and request.method == "POST":
            return httpx.Response(201, json={"id": "IN-1", "total": "10.00", "currency": "EUR"})
        if path == "/invoices":
            invoice = {
                "id": "IN-1",
                "billToId": "C-10001",
                "currency": "EUR",
                "openAmount": "10.00",
            }
            return httpx.Response(200, json={"items": [invoice], "next": None})
        if path == "/payments":
            return httpx.Response(201, json={"id": "PY-1"})
        if path.endswith("/stock"):
            return httpx.Response(200, json={"backordered": "7"})
        if path.endswith("/receipts"):
            return httpx.Response(201, json={"id": "RC-1"})
        order = {
            "lines": self.lines,
            "approval": {"status": "pending"},
            "holds": [{"code": "manual"}],
        }
        return httpx.Response(200, json=order)


@pytest.fixture
def erp():
    return MockErp()


@pytest.fixture
def order(host, quote):
    """An order that the ERP has acknowledged and not shipped."""
    user = host.crm.people[0]
    host.save_quote(quote(("BRG-1001", "5"), ("BRG-2040", "3")), user=user)
    placed = host.promote_quote("Q-2001", user=user).order
    lines = (
        attrs.evolve(placed.lines[0], reserved=Decimal(5)),
        attrs.evolve(placed.lines[1], reserved=Decimal(1), back_ordered=Decimal(2)),
    )
    confirmed = attrs.evolve(
        placed, status="confirmed", erp_system="main", erp_order_id="SO-100001", lines=lines
    )
    host.crm.all_orders[placed.id] = confirmed
    host.deliveries.all.clear()
    return confirmed


@pytest.fixture
def player(browser_of, sign_in, erp):
    """Kim, at a desk that can play the back office."""
    main = SystemConfig(
        name="main", connector="erp", settings={"url": "http://erp.test", "api_key": "k"}
    )
    office = BackOffice([main], transport=httpx.MockTransport(erp))
    return sign_in(browser_of(office, play_back_office=True))


def test_an_order_shows_its_lines_and_how_far_it_has_come(kim, order):
    kim.open("/orders/R-3001")
    text = kim.text()
    assert "Order R-3001 Confirmed" in text
    assert "In the ERP Done: SO-100001" in text
    assert "Shipped Ahead: not yet" in text
    assert 'href="/documents/main/order/SO-100001"' in kim.html


def test_the_timeline_tells_what_happened_and_links_the_documents(kim, host, order, now):
    host.crm.timeline["R-3001"] = [
        OrderEvent(key="1", at=now, kind="shipped", title="Shipped 5 with DHL", document_id="SH-7"),
        OrderEvent(key="2", at=now, kind="note", title="Customer called", actor="Kim"),
    ]
    kim.open("/orders/R-3001")
    assert "Shipped 5 with DHL 21 Nov 2026, 09:30 · SH-7" in kim.text()
    assert "Customer called 21 Nov 2026, 09:30 · Kim" in kim.text()
    assert 'href="/documents/main/shipment/SH-7"' in kim.html


def test_a_page_is_read_again_only_while_something_is_under_way(kim, host, order):
    assert "http-equiv" not in kim.open("/orders/R-3001")
    host.deliveries.add(subject="SO-100001", event_type="document_changed")
    html = kim.open("/orders/R-3001")
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in html
    assert 'href="?pause=1"' in html
    html = kim.open("/orders/R-3001?pause=1")
    assert "http-equiv" not in html
    assert "Updates are paused." in kim.text()


def test_what_is_stuck_says_why_and_can_be_tried_again(kim, host, order):
    cause = "main refused the order: customer C-10001 is on hold"
    host.deliveries.add(state="dead", cause=cause, attempts=3)
    kim.open("/orders/R-3001")
    assert "It is in the exceptions queue" in kim.text()
    assert "Main refused the order: customer C-10001 is on hold." in kim.text()
    assert "http-equiv" not in kim.html
    kim.send("/deliveries/D-1/retry", back="/orders/R-3001")
    assert kim.path == "/orders/R-3001"
    assert "D-1 is tried again now." in kim.text()
    assert host.deliveries.retried_by == "user:U-kim"


def test_a_retry_that_is_not_possible_any_more_is_said(kim, host, order):
    host.deliveries.add(state="done")
    kim.open("/orders/R-3001")
    kim.send("/deliveries/D-1/retry", status=409)
    assert "D-1 is done" in kim.text()


def test_the_exceptions_queue_lists_what_needs_somebody(kim, host):
    kim.open("/deliveries")
    assert "Nothing is stuck." in kim.text()
    host.deliveries.add(state="dead", cause="no such customer", attempts=4)
    host.deliveries.add(state="waiting", subject="R-3002", cause="main does not answer")
    kim.open("/deliveries")
    text = kim.text()
    assert "Order R-3001 promoted straight-through Needs somebody No such customer. 4" in text
    assert "R-3002" not in text
    kim.open("/deliveries?show=waiting")
    assert "Order R-3002 promoted straight-through Tried again soon" in kim.text()
    kim.open("/deliveries?show=all")
    assert kim.html.count("Order R-300") >= 2


def test_without_permission_nobody_plays_the_back_office(kim, order):
    assert "Play the back office" not in kim.open("/orders/R-3001")
    kim.send("/orders/R-3001/play", status=404, act="ship")


def test_shipping_all_tells_the_erp_and_then_waits_for_it(player, erp, order):
    player.open("/orders/R-3001")
    player.send("/orders/R-3001/play", act="ship", key="press-1")
    method, path, body, headers = erp.calls[-1]
    assert (method, path, body) == (
        "POST",
        "/sales-orders/SO-100001/shipments",
        {"actor": "Kim Aalto"},
    )
    assert headers["x-api-key"] == "k"
    assert headers["idempotency-key"] == "desk-press-1"
    assert "The warehouse shipped it: SH-1." in player.text()
    assert "This page keeps itself up to date." in player.text()


def test_shipping_a_part_takes_about_half_of_what_is_reserved(player, erp, order):
    player.open("/orders/R-3001")
    player.send("/orders/R-3001/play", act="ship_part", key="p")
    assert erp.calls[-1][2]["lines"] == [{"orderLine": 1, "quantity": "2"}]


def test_missing_goods_come_for_all_who_wait_for_them(player, erp, order):
    player.open("/orders/R-3001")
    player.send("/orders/R-3001/play", act="receive", key="p")
    assert erp.calls[-1][1:3] == ("/items/BRG-2040/receipts", {"quantity": "7"})


def test_a_payment_settles_what_is_open_of_the_orders_invoices(player, erp, order):
    player.open("/orders/R-3001")
    player.send("/orders/R-3001/play", act="pay", key="p")
    body = erp.calls[-1][2]
    assert body["amount"] == "10.00"
    assert body["customerId"] == "C-10001"
    assert body["applications"] == [{"invoiceId": "IN-1", "amount": "10.00"}]
    assert "The bank received 10.00 EUR for IN-1 (PY-1)." in player.text()


def test_a_held_order_is_approved_and_released(player, erp, order, host):
    host.crm.all_orders["R-3001"] = attrs.evolve(order, status="on_hold", hold_reason="Overdue")
    html = player.open("/orders/R-3001")
    assert 'value="approve"' in html
    assert 'value="ship"' not in html
    player.send("/orders/R-3001/play", act="approve", key="p")
    paths = [path for method, path, *_ in erp.calls if method == "POST"]
    assert paths == ["/sales-orders/SO-100001/approve", "/sales-orders/SO-100001/release"]


def test_the_erps_own_reason_is_shown_when_it_says_no(player, erp, order):
    erp.refusal = {"title": "Conflict", "detail": "Nothing is shipped yet.", "code": "x"}
    player.open("/orders/R-3001")
    player.send("/orders/R-3001/play", act="invoice", key="p")
    assert "The ERP said no: Nothing is shipped yet." in player.text()


def test_an_erp_that_is_down_is_a_sentence(player, erp, order):
    erp.away = True
    player.open("/orders/R-3001")
    player.send("/orders/R-3001/play", act="ship", key="p")
    assert "The ERP does not answer. Nothing was done; try again." in player.text()


def test_only_what_makes_sense_is_offered(order):
    def acts(**changes):
        return [play.act for play in available(attrs.evolve(order, **changes))]

    shipped = tuple(attrs.evolve(line, shipped=line.quantity) for line in order.lines)
    invoiced = tuple(attrs.evolve(line, invoiced=line.quantity) for line in shipped)
    assert acts() == ["receive", "ship", "ship_part"]
    assert acts(status="on_hold") == ["approve"]
    whole = tuple(attrs.evolve(line, back_ordered=Decimal(0)) for line in shipped)
    assert acts(lines=whole) == ["invoice"]
    paid = tuple(attrs.evolve(line, back_ordered=Decimal(0)) for line in invoiced)
    assert acts(lines=paid) == ["pay"]
    assert acts(status="paid") == []
    assert acts(erp_order_id="") == []
