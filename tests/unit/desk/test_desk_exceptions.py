"""The exceptions queue at the desk, over deliveries of a real store."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import attrs
import pytest

from crossdock.host.deliveries import Deliveries, DeliverySettings, Failure, RetryPolicy
from crossdock.host.deliveries.ledger import Ledger
from crossdock.host.gateway import RightsByRole
from crossdock.host.settings.config import RoleConfig
from crossdock.host.store import Store
from crossdock.records import Check, Order, OrderLine, OrderPromoted, Quote, QuoteSaved

_EXCHANGE = {
    "system": "main",
    "operation": "createSalesOrder",
    "seconds": 0.05,
    "request": {
        "method": "POST",
        "url": "http://erp.test/sales-orders",
        "headers": {"X-Api-Key": "***"},
        "body": '{"quantity": "2"}',
    },
    "answer": {"status": 422, "headers": {}, "body": '{"detail": "<b>no such item</b>"}'},
}


class Queue:
    """Deliveries that fail as a test says; there is no worker."""

    def __init__(self, store):
        self.deliveries = Deliveries(store, RetryPolicy(jitter=0))
        self.deliveries.ledger = Ledger(store, lambda *_: None, self.deliveries.policy)

    def add(self, order_id="R-3001", account="A-1001", **failure):
        line = OrderLine(number=1, item_id="BRG-9999", quantity=Decimal(2))
        order = Order(id=order_id, system="crm", currency="EUR", account_id=account, lines=(line,))
        self.deliveries.publish(OrderPromoted(order=order), [("straight-through", "1")])
        number = self.deliveries.list(limit=1)[0].number
        self.fail(number, **failure)
        return f"D-{number}"

    def fail(self, number, kind="business", cause="the ERP has no item BRG-9999", **more):
        work = self.deliveries.ledger.begin(number, 1, "w-1", lambda _: "")
        failure = Failure(
            kind=kind, cause=cause, system="main", evidence={"exchange": _EXCHANGE}, **more
        )
        self.deliveries.ledger.fail(work, "w-1", failure, {})


@pytest.fixture
def queue(tmp_path, host, now):
    host.clock = now
    with Store.open(f"sqlite:///{tmp_path / 'host.db'}", clock=lambda: host.clock) as store:
        made = Queue(store)
        host.deliveries = made.deliveries
        yield made


def test_a_delivery_says_why_it_is_stuck_with_the_exchange_behind_it(queue, kim):
    queue.add()
    kim.open("/deliveries")
    assert "The ERP or CRM said no (main). The ERP has no item BRG-9999." in kim.text()
    html = kim.open("/deliveries/D-1")
    text = kim.text()
    assert "Order R-3001 promoted Needs somebody" in text
    assert "Change what it objects to, here or there, and try again." in text
    assert "createSalesOrder at main: answered 422" in text
    assert "POST http://erp.test/sales-orders X-Api-Key: ***" in text
    assert "<b>no such item</b>" not in html  # what a system answered is text


def test_an_order_is_changed_and_tried_again(queue, kim):
    queue.add(fate="refused")
    kim.open("/deliveries/D-1")
    kim.send(
        "/deliveries/D-1/edit",
        action="edit",
        lines__0__item_id="BRG-1001",
        lines__0__quantity="2",
        reason="the customer meant the 6204",
    )
    assert "D-1 was changed and is tried again now." in kim.text()
    delivery = queue.deliveries.get("D-1")
    assert (delivery.state, delivery.revision) == ("queued", 1)
    assert queue.deliveries.event("D-1").order.lines[0].item_id == "BRG-1001"
    assert "Line 1, item: BRG-9999 became BRG-1001." in kim.text()
    assert "Kim Aalto" in kim.text()


def test_what_makes_no_sense_is_told_beside_its_field_and_nothing_typed_is_lost(queue, kim):
    queue.add(fate="refused")
    kim.open("/deliveries/D-1")
    html = kim.send(
        "/deliveries/D-1/edit",
        action="edit",
        lines__0__item_id="BRG-1001",
        lines__0__quantity="lots",
        ship_to__country="Germany",
        reason="",
    )
    assert 'name="lines.0.quantity" value="lots"' in html
    assert 'aria-describedby="f-lines-0-quantity-said" aria-invalid="true"' in html
    assert 'href="#f-ship_to-country"' in html
    assert "Line 1, quantity: A quantity is a number above zero" in kim.text()
    assert queue.deliveries.get("D-1").revision == 0


def test_a_line_is_added_without_a_script_and_one_is_taken_out(queue, kim):
    queue.add(fate="refused")
    kim.open("/deliveries/D-1")
    html = kim.send(
        "/deliveries/D-1/edit",
        action="add-line",
        lines__0__item_id="BRG-9999",
        lines__0__quantity="2",
        reason="a better one",
    )
    assert 'name="lines.1.item_id" value=""' in html
    assert 'value="a better one"' in html
    kim.send(
        "/deliveries/D-1/edit",
        action="edit",
        lines__0__item_id="BRG-9999",
        lines__0__quantity="2",
        lines__0__remove="yes",
        lines__1__item_id="BRG-1002",
        lines__1__quantity="4",
        reason="a better one",
    )
    (line,) = queue.deliveries.event("D-1").order.lines
    assert (line.number, line.item_id, line.quantity) == (2, "BRG-1002", 4)


def test_what_may_be_in_the_erp_is_looked_for_and_never_changed(queue, kim):
    queue.add(kind="possibly_created", cause="nobody knows whether the ERP made the order")
    html = kim.open("/deliveries/D-1")
    assert "Look for it again" in html
    assert "Change the order" not in html
    kim.send("/deliveries/D-1/edit", status=409, action="edit", lines__0__quantity="3", reason="x")
    assert "may have become an order already" in kim.text()


def test_it_is_handed_on_noted_and_given_up(queue, kim):
    queue.add()
    kim.open("/deliveries/D-1")
    kim.send("/deliveries/D-1/assign", assignee="user:U-ada")
    assert "D-1 is for Ada Okafor now." in kim.text()
    kim.send("/deliveries/D-1/note", note="asked the buyer")
    assert "Note Asked the buyer." in kim.text()
    kim.send("/deliveries/D-1/note", note=" ")
    assert "A note needs a text." in kim.text()
    kim.send("/deliveries/D-1/give-up", give_up="")
    assert 'aria-describedby="f-give_up-said"' in kim.html
    kim.send("/deliveries/D-1/give-up", give_up="ordered by phone instead")
    text = kim.text()
    assert "Order R-3001 promoted Given up" in text
    assert "Ordered by phone instead." in text
    assert "Try again" not in text
    told = [each.actor for each in queue.deliveries.history("D-1")]
    assert told[1:] == ["user:U-kim"] * 3
    kim.open("/deliveries?show=given_up")
    assert "Order R-3001 promoted" in kim.text()


def test_the_queue_is_filtered(queue, kim, host):
    queue.add("R-1", "A-1")
    queue.deliveries.assign("D-1", "user:U-kim", actor="x")
    host.clock += timedelta(hours=30)
    queue.add("R-2", "A-2", kind="data", cause="the country is wrong")

    def shown(query):
        kim.open(f"/deliveries?show=exceptions&{query}")
        return [order for order in ("R-1", "R-2") if f"Order {order} promoted" in kim.text()]

    assert shown("") == ["R-1", "R-2"]
    assert shown("kind=data") == ["R-2"]
    assert shown("kind=nonsense") == ["R-1", "R-2"]
    assert shown("system=main") == ["R-1", "R-2"]
    assert shown("system=uk") == []
    assert "Nothing fits." in kim.text()
    assert shown("who=user:U-kim") == ["R-1"]
    assert shown("who=nobody") == ["R-2"]
    assert shown("age=24") == ["R-1"]
    assert shown("age=x") == ["R-1", "R-2"]


def test_other_events_are_tried_again_but_not_changed(queue, kim):
    saved = QuoteSaved(quote=Quote(id="Q-1", account_id="A-1001", currency="EUR"), before=None)
    queue.deliveries.publish(saved, [("straight-through", "1")])
    queue.fail(1)
    kim.open("/deliveries/D-1")
    assert "put any other record right where it is kept" in kim.text()
    kim.send("/deliveries/D-1/edit", status=409, action="edit", reason="x")


def test_without_the_form_s_token_nothing_happens(queue, kim):
    queue.add()
    for what in ("edit", "assign", "note", "give-up", "retry"):
        answer = kim.request("POST", f"/deliveries/D-1/{what}", data={"reason": "x"})
        assert answer.status_code == 403, what
    assert queue.deliveries.get("D-1").state == "dead"


def test_a_delivery_that_is_not_there_is_told(queue, kim):
    kim.open("/deliveries/D-9", status=404)
    kim.open("/deliveries/nonsense", status=404)


def test_a_system_that_is_away_is_told_with_what_waits_for_it(queue, kim, host):
    queue.add(kind="transient", cause="connection refused", away=True, retry_after=600.0)
    queue.add("R-2", "A-2", kind="data", cause="no")
    kim.open("/deliveries?show=waiting")
    text = kim.text()
    assert "main is away Since 21 Nov 2026, 09:30: connection refused" in text
    assert "1 delivery waits for it and goes on, in order, when it answers." in text
    assert "It is tried again at 21 Nov 2026, 09:40" in text
    kim.open("/deliveries/D-1")
    assert "Waits for main" in kim.text()


def test_a_queue_that_is_longer_than_usual_is_told_of(queue, kim):
    queue.deliveries.settings = DeliverySettings(backlog=1)
    queue.add(kind="transient", cause="busy")
    kim.open("/deliveries")
    assert "1 deliveries are under way or waiting, the oldest since 21 Nov 2026" in kim.text()


@pytest.fixture
def looker(host, kim):
    """Kim, whose role may see prices and limits, and put nothing right."""
    host.rights = RightsByRole(
        {"sales": RoleConfig(fields=("credit",)), "accounting": RoleConfig(fields=("*",))}
    )
    return kim


def test_who_has_no_right_to_repair_sees_why_and_no_button(queue, looker):
    queue.add(fate="refused")
    html = looker.open("/deliveries")
    assert "Kim Aalto may only look" in looker.text()
    assert "the role accounting has" in looker.text()
    assert "/retry" not in html
    html = looker.open("/deliveries/D-1")
    assert "Kim Aalto may only look" in looker.text()
    assert "The ERP has no item BRG-9999." in looker.text()
    for form in ("/retry", "/edit", "/assign", "/note", "/give-up"):
        assert f'action="/deliveries/D-1{form}"' not in html


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ("retry", {}),
        ("edit", {"action": "edit", "lines__0__quantity": "3", "reason": "more"}),
        ("assign", {"assignee": "user:U-kim"}),
        ("note", {"note": "mine"}),
        ("give-up", {"give_up": "no"}),
    ],
)
def test_a_form_sent_all_the_same_is_refused_and_kept_in_the_audit_trail(
    queue, looker, host, form, sent
):
    queue.add(fate="refused")
    before = queue.deliveries.get("D-1")
    looker.open("/deliveries")
    looker.send(f"/deliveries/D-1/{form}", status=403, **sent)
    assert "Not yours to do" in looker.text()
    assert queue.deliveries.get("D-1") == before
    (line,) = host.store.audit.entries(action="access.refused")
    assert (line.actor, line.subject) == ("user:U-kim", "deliveries:write")
    assert line.detail["reason"].endswith("D-1")


def test_the_exchange_is_shown_whole_only_to_who_may_see_every_figure(queue, looker):
    queue.add(cause="the limit of 4,500.00 EUR is passed")
    looker.open("/deliveries/D-1")
    text = looker.text()
    assert "createSalesOrder at main: answered 422" in text
    assert "What was sent and answered is shown to those who may see every figure." in text
    assert "erp.test" not in text
    assert "The limit of [hidden] is passed." in text
    looker.open("/deliveries")
    assert "4,500" not in looker.text()


def test_a_change_made_on_an_older_state_changes_nothing(queue, kim):
    queue.add(fate="refused")
    seen = queue.deliveries.get("D-1").version
    queue.deliveries.assign("D-1", "role:accounting", actor="user:U-ada")
    kim.open("/deliveries/D-1")
    kim.send(
        "/deliveries/D-1/edit",
        action="edit",
        version=seen,
        lines__0__quantity="3",
        reason="more",
    )
    assert "Something happened with D-1 since it was looked at" in kim.text()
    assert queue.deliveries.get("D-1").revision == 0
    kim.send("/deliveries/D-1/give-up", version=seen, give_up="no")
    assert queue.deliveries.get("D-1").state == "dead"


def test_what_was_only_rehearsed_stands_apart_and_can_be_done_for_good(queue, kim):
    queue.add()
    queue.deliveries.retry("D-1", actor="user:U-ada")
    work = queue.deliveries.ledger.begin(1, 2, "w-1", lambda _: "")
    queue.deliveries.ledger.succeed(work, "w-1", rehearsed=True)
    kim.open("/deliveries?show=rehearsed")
    assert "Rehearsed, not done" in kim.text()
    html = kim.open("/deliveries/D-1")
    assert "nothing was written anywhere" in kim.text()
    assert "Do it for good" in html
    kim.send("/deliveries/D-1/retry", back="/deliveries/D-1")
    assert queue.deliveries.get("D-1").state == "queued"


def test_a_system_that_is_away_is_tried_now(queue, kim, host):
    queue.add()
    with host.deliveries.store.writing() as connection:
        host.deliveries.circuits.failed(connection, "main", "it asked to wait", 3600.0)
    html = kim.open("/deliveries")
    assert 'action="/circuits/main/try"' in html
    kim.send("/circuits/main/try")
    assert "main is tried now." in kim.text()
    (circuit,) = host.deliveries.circuits.list()
    assert circuit.probe_at == host.clock
    kim.send("/circuits/other/try", status=409)
    assert "Other is not away" in kim.text()


def test_what_was_judged_for_somebody_else_is_read_without_figures_that_are_hidden(
    host, kim, quote
):
    saved = host.save_quote(quote(("BRG-1001", "5")), user=host.crm.people[0]).quote
    told = Check(level="warning", message="Over the limit by 412.50 EUR.", code="credit.over_limit")
    host.crm.all_quotes[saved.id] = attrs.evolve(saved, checks=(told,))
    kim.open(f"/quotes/{saved.id}")
    assert "Over the limit by 412.50 EUR." in kim.text()
    order = Order(
        id="R-7", system="crm", currency="EUR", account_id="A-1001", status="on_hold",
        hold_reason="412.50 EUR over the limit",
    )  # fmt: skip
    host.crm.all_orders["R-7"] = order
    kim.open("/orders/R-7")
    assert "412.50 EUR over the limit" in kim.text()
    host.rights = RightsByRole({"sales": RoleConfig(fields=("personal",))})
    kim.open(f"/quotes/{saved.id}")
    assert "Over the limit by [hidden]." in kim.text()
    kim.open("/orders/R-7")
    assert "[hidden] over the limit" in kim.text()
    assert "412" not in kim.text()
