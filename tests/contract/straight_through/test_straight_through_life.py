"""Any order life, at random: what the CRM shows is what the ERP's own documents add up to.

Orders are placed, picked, shipped, invoiced, returned, credited, paid, held, released, changed and
cancelled as the ERP allows; what happened is told late, twice and in any order. Whenever everything
was told at least once, status, quantities and timeline in the CRM equal what is computed here from
the mock ERP's documents alone, by rules that are written down here a second time.
"""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crossdock.host.deliveries.changes import ChangePoller
from crossdock.records import (
    DocumentChanged,
    LineChange,
    OrderChange,
    OrderChangeRequested,
    OrderLine,
    OrderPromoted,
    Quote,
    QuoteLine,
)

_ITEMS = ("BRG-1001", "HYD-1001", "BRG-1002")
_NOTHING = Decimal(0)
_small = st.sampled_from(["1", "2", "5"])
_quantities = st.lists(
    st.sampled_from(["3", "8", "2.5", "6", "40", "4000"]), min_size=1, max_size=3
)
_which = st.integers(0, 7)


# The independent computation: from the ERP's raw documents, by our own reading of its rules.


class Books:
    """The raw documents of one ERP order."""

    def __init__(self, office, order_id):
        self.order = office.get(f"/sales-orders/{order_id}").json()
        self.shipments = self._list(office, "shipments", order_id)
        self.invoices = self._list(office, "invoices", order_id)
        self.credit_notes = self._list(office, "credit-notes", order_id)
        self.returns = self._list(office, "returns", order_id)
        paid_by = {
            applied["paymentId"]: None
            for invoice in self.invoices
            for applied in invoice["applications"]
            if applied.get("paymentId")
        }
        self.payments = [office.get(f"/payments/{each}").json() for each in paid_by]
        self.paid = {
            invoice["id"]: sum(
                (
                    Decimal(applied["amount"])
                    for means in (*self.payments, *self.credit_notes)
                    for applied in means["applications"]
                    if applied["invoiceId"] == invoice["id"]
                ),
                start=_NOTHING,
            )
            for invoice in self.invoices
        }

    @staticmethod
    def _list(office, name, order_id):
        answer = office.get(f"/{name}", params={"orderId": order_id, "limit": 500})
        listed = answer.json()["items"]
        return [office.get(f"/{name}/{each['id']}").json() for each in listed]

    def _moved(self, documents, number):
        return sum(
            (
                Decimal(line["quantity"])
                for document in documents
                for line in document["lines"]
                if line["orderLine"] == number
            ),
            start=_NOTHING,
        )

    def lines(self):
        """Quantities of each line, added up from the documents that moved them."""
        found = {}
        for line in self.order["lines"]:
            number = line["line"]
            ordered = Decimal(line["quantity"])
            cancelled = Decimal(line["quantities"]["cancelled"])
            shipped = self._moved(self.shipments, number)
            of_returns = [note for note in self.credit_notes if note["returnId"]]
            found[number] = {
                "quantity": ordered,
                "cancelled": cancelled,
                "shipped": shipped,
                "returned": self._moved(self.returns, number),
                "invoiced": self._moved(self.invoices, number),
                "open": ordered - cancelled - shipped,
                "taken_back": self._moved(of_returns, number),
            }
        return found

    def status(self):
        """One word, from quantities, holds and settled amounts."""
        lines = self.lines().values()
        is_open = any(line["open"] > 0 for line in lines)
        has_shipped = any(line["shipped"] > 0 for line in lines)
        if not has_shipped:
            if self.order["approval"]["status"] == "rejected":
                return "rejected"
            if not is_open:
                return "cancelled"
        if is_open:
            if self.order["holds"]:
                return "on_hold"
            return "partly_shipped" if has_shipped else "confirmed"
        if all(line["returned"] == line["shipped"] for line in lines):
            return "returned"
        if not self.invoices:
            return "shipped"
        kept = [line["shipped"] - line["returned"] for line in lines]
        billed = [line["invoiced"] - line["taken_back"] for line in lines]
        if any(here > there for here, there in zip(kept, billed, strict=True)):
            return "partly_invoiced"
        settled = all(
            self.paid[invoice["id"]] == Decimal(invoice["total"]) for invoice in self.invoices
        )
        return "paid" if settled else "invoiced"

    def facts(self):
        """What the timeline has to say of documents and decisions, with its instant."""
        told = Counter()
        kinds = (
            ("shipped", self.shipments), ("invoiced", self.invoices),
            ("credited", self.credit_notes), ("paid", self.payments), ("returned", self.returns),
        )  # fmt: skip
        history = self.order["history"]
        for kind, documents in kinds:
            for document in documents:
                steps = [step for step in history if step["documentId"] == document["id"]]
                told[kind, document["id"], _instant(steps[0]["at"])] += 1
        words = {"held": "on_hold", "picked": "picked", "released": "released",
                 "approved": "approved"}  # fmt: skip
        before = ""
        for step in history:
            if step["event"] in words:
                told[words[step["event"]], self.order["id"], _instant(step["at"])] += 1
            elif step["status"] == "on_hold" != before:  # for credit, when entered or changed
                told["on_hold", self.order["id"], _instant(step["at"])] += 1
            before = step["status"]
        return told

    def reached(self):
        """Each status that the order came to, in turn; holds, and what they give back, aside.

        And whether it is told as one of the rest only: of what was not shipped before.
        """
        found = []
        before = ""
        for step in self.order["history"]:
            status, event, at = step["status"], step["event"], _instant(step["at"])
            told = [before, "on_hold"]
            if event in ("cancelled", "rejected"):  # all that is open, which may be the rest
                found.append((event, at, status != event))
                told.append(event)
            if status not in told and event not in ("released", "approved"):
                found.append((status, at, False))
            before = status
        return found


def _instant(text):
    return datetime.fromisoformat(text)


class OrderLife(RuleBasedStateMachine):
    """Orders on their way, and messages about them on theirs."""

    open_scene = None

    def __init__(self):
        super().__init__()
        # Over the limit or short of stock, an order still goes on: the ERP holds it, or it waits.
        self.scene = type(self).open_scene(over_limit="warn", on_hold="warn")
        self.host = self.scene.host
        self.orders = []
        self.waiting = []
        self.delivered = []
        self.keys = itertools.count()
        recorded = self.host.deliveries
        recorded.store = self.host.store
        self.recorded = recorded
        self.poller = ChangePoller(recorded, self.host.erp.using("main"), lambda _event: {})
        # The feed's past, which is the data set's.
        cursor = self.host.erp.using("main").changes(None, limit=500)
        while cursor.more:
            cursor = self.host.erp.using("main").changes(cursor.cursor, limit=500)
        self.host.store.watermarks.move("main", cursor.cursor)

    def teardown(self):
        self.rest()
        self.host.close()

    # What people and systems do.

    def _pass_time(self):
        self.scene.erp.clock.advance(timedelta(minutes=1))

    def _order(self, which):
        return self.orders[which % len(self.orders)]

    def _erp_id(self, which):
        found = self.scene.erp_orders(self._order(which))
        return found[0]["id"] if found else ""

    def _ask(self, path, **body):
        """Ask the ERP for something that it may refuse, and never in a way that nobody knows."""
        self._pass_time()
        answer = self.scene.office.post(
            path, json=body, headers={"Idempotency-Key": f"life-{next(self.keys)}"}
        )
        assert answer.status_code in (200, 201, 409, 422), answer.text
        return answer

    @initialize(orders=st.lists(_quantities, min_size=1, max_size=2))
    def begin(self, orders):
        for quantities in orders:
            self.place(quantities, at_once=True)

    @precondition(lambda self: len(self.orders) < 3)
    @rule(quantities=_quantities, at_once=st.booleans())
    def place(self, quantities, at_once):
        self._pass_time()
        quote = Quote(
            id="", account_id="A-1001", currency="EUR", owner_id="U-kim",
            lines=tuple(
                QuoteLine(number=number, item_id=item, quantity=Decimal(quantity))
                for number, (item, quantity) in enumerate(zip(_ITEMS, quantities, strict=False), 1)
            ),
        )  # fmt: skip
        saved = self.host.save_quote(quote, user="kim").quote
        assert saved is not None
        promotion = self.host.promote_quote(saved.id, user="kim")
        if promotion.order is not None:
            self.orders.append(promotion.order.id)
        self._collect()
        if at_once and self.waiting:
            self.deliver(-1)

    @rule(which=_which, what=st.sampled_from(["picks", "shipments", "invoices"]),
          line=st.integers(0, 2), quantity=_small)  # fmt: skip
    def move_part(self, which, what, line, quantity):
        if order := self._erp_id(which):
            lines = [{"orderLine": self._line(order, line), "quantity": quantity}]
            self._ask(f"/sales-orders/{order}/{what}", lines=lines)

    @rule(which=_which, moves=st.lists(
        st.sampled_from(["picks", "shipments", "invoices"]), min_size=1, max_size=3))  # fmt: skip
    def move_all(self, which, moves):
        if order := self._erp_id(which):
            for what in moves:
                self._ask(f"/sales-orders/{order}/{what}")

    @rule(which=_which, quantity=_small, paid=st.booleans())
    def bring_far(self, which, quantity, paid):
        """Ship and invoice all that there is, in two parts, so that what is late in life is met."""
        order = self._erp_id(which)
        if not order:
            return
        lines = [{"orderLine": self._line(order, 0), "quantity": quantity}]
        self._ask(f"/sales-orders/{order}/shipments", lines=lines)
        self._ask(f"/sales-orders/{order}/invoices")
        self._ask(f"/sales-orders/{order}/shipments")
        self._ask(f"/sales-orders/{order}/invoices")
        if paid:
            for number in range(2):
                self.pay(which, number, "1")

    @rule(which=_which, choices=st.lists(st.integers(0, 59), min_size=2, max_size=8))
    def go_on(self, which, choices):
        """Take one legal step after the other; those far on in life are met this way."""
        for choice in choices:
            if not (order := self._erp_id(which)):
                return
            steps = self._legal(self.scene.office.get(f"/sales-orders/{order}").json(), choice)
            if not steps:
                return
            path, body = steps[choice % len(steps)]
            answer = self._ask(path, **body)
            assert answer.is_success, (path, body, answer.text)

    def _legal(self, order, number):
        """Name what the ERP's document allows to be done with an order as it is."""
        path = f"/sales-orders/{order['id']}"
        office = self.scene.office
        quantities = {line["line"]: line["quantities"] for line in order["lines"]}
        steps = []
        for line, each in quantities.items():
            if Decimal(each["reserved"]) > 0 and not order["holds"]:
                part = str(min(Decimal(each["reserved"]), Decimal(1)))
                steps.append((f"{path}/shipments", {}))
                steps.append(
                    (f"{path}/shipments", {"lines": [{"orderLine": line, "quantity": part}]})
                )
                if Decimal(each["reserved"]) > Decimal(each["picked"]):
                    steps.append((f"{path}/picks", {}))
            if Decimal(each["toInvoice"]) > 0:
                part = str(min(Decimal(each["toInvoice"]), Decimal(1)))
                steps.append((f"{path}/invoices", {}))
                steps.append(
                    (f"{path}/invoices", {"lines": [{"orderLine": line, "quantity": part}]})
                )
            kept = Decimal(each["shipped"]) - Decimal(each["returned"])
            if kept > 0:
                back = str(kept if number % 2 else min(kept, Decimal(1)))
                lines = [{"orderLine": line, "quantity": back}]
                steps.append(("/returns", {"orderId": order["id"], "lines": lines}))
        asked = {"orderId": order["id"], "limit": 500}
        for invoice in office.get("/invoices", params=asked).json()["items"]:
            open_amount = Decimal(invoice["openAmount"])
            for share in (Decimal(1), Decimal("0.3")):
                amount = (open_amount * share).quantize(Decimal("0.01"))
                if amount > 0:
                    steps.append(self._payment(invoice, amount))
            whole = office.get(f"/invoices/{invoice['id']}").json()
            if any(x["quantity"] != x["creditedQuantity"] for x in whole["lines"]):
                credit = {"invoiceId": invoice["id"], "reason": "price", "apply": number % 3 > 0}
                steps.append(("/credit-notes", credit))
        if any(Decimal(each["shipped"]) > Decimal(each["ordered"]) for each in quantities.values()):
            raise AssertionError("more was shipped than ordered")
        pending = order["approval"]["status"] == "pending"
        manual = any(each["code"] == "manual" for each in order["holds"])
        if pending:
            steps += [(f"{path}/approve", {}), (f"{path}/approve", {}), (f"{path}/reject", {})]
        if manual:
            steps.append((f"{path}/release", {}))
        elif order["open"]:
            steps.append((f"{path}/hold", {"reason": "asked to wait"}))
        if order["open"] and number % 10 == 0:
            steps.append((f"{path}/cancel", {}))
        return steps

    @staticmethod
    def _payment(invoice, amount):
        applied = [{"invoiceId": invoice["id"], "amount": str(amount)}]
        return "/payments", {
            "customerId": invoice["billToId"], "currency": "EUR", "amount": str(amount),
            "method": "transfer", "applications": applied,
        }  # fmt: skip

    @rule(which=_which, item=st.sampled_from(_ITEMS), quantity=st.sampled_from(["10", "5000"]))
    def receive(self, which, item, quantity):
        self._ask(f"/items/{item}/receipts", quantity=quantity)

    def _line(self, order, number):
        lines = self.scene.office.get(f"/sales-orders/{order}").json()["lines"]
        return lines[number % len(lines)]["line"]

    @rule(which=_which, line=st.integers(0, 2), quantity=st.sampled_from(["1", "2", "all"]))
    def take_back(self, which, line, quantity):
        if not (order := self._erp_id(which)):
            return
        number = self._line(order, line)
        known = self.scene.office.get(f"/sales-orders/{order}").json()["lines"]
        sent = next(each["quantities"] for each in known if each["line"] == number)
        kept = Decimal(sent["shipped"]) - Decimal(sent["returned"])
        if kept > 0:
            wanted = kept if quantity == "all" else min(kept, Decimal(quantity))
            lines = [{"orderLine": number, "quantity": str(wanted)}]
            self._ask("/returns", orderId=order, lines=lines, reason="damaged")

    @rule(which=_which, number=_which, apply=st.booleans(), of_return=st.booleans())
    def credit(self, which, number, apply, of_return):
        name = "returns" if of_return else "invoices"
        if document := self._document(name, which, number):
            named = {"returnId" if of_return else "invoiceId": document["id"]}
            self._ask("/credit-notes", reason="damaged", apply=apply, **named)

    @rule(which=_which, number=_which, part=st.sampled_from(["1", "0.5", "0.1"]))
    def pay(self, which, number, part):
        invoice = self._document("invoices", which, number)
        if invoice is None or Decimal(invoice["openAmount"]) <= 0:
            return
        open_amount = Decimal(invoice["openAmount"])
        amount = max((open_amount * Decimal(part)).quantize(Decimal("0.01")), Decimal("0.01"))
        path, body = self._payment(invoice, amount)
        self._ask(path, **body)

    @rule(which=_which, number=_which, note=_which)
    def apply_a_credit_note(self, which, number, note):
        invoice = self._document("invoices", which, number)
        credited = self._document("credit-notes", which, note)
        if invoice is None or credited is None:
            return
        amount = min(Decimal(invoice["openAmount"]), Decimal(credited["unappliedAmount"]))
        if amount > 0:
            applied = [{"invoiceId": invoice["id"], "amount": str(amount)}]
            self._ask(f"/credit-notes/{credited['id']}/applications", applications=applied)

    def _document(self, name, which, number):
        order = self._erp_id(which)
        if not order:
            return None
        found = self.scene.office.get(f"/{name}", params={"orderId": order}).json()["items"]
        return found[number % len(found)] if found else None

    @rule(
        which=_which, decision=st.sampled_from(["hold", "release", "approve", "reject", "cancel"])
    )
    def decide(self, which, decision):
        if order := self._erp_id(which):
            body = {"reason": "asked to wait"} if decision == "hold" else {}
            self._ask(f"/sales-orders/{order}/{decision}", **body)

    @rule(held=st.booleans())
    def hold_the_customer(self, held):
        """Orders that are entered from now on await approval, or do not."""
        answer = self.scene.office.get("/customers/C-10001")
        changed = self.scene.office.patch(
            "/customers/C-10001",
            json={"onHold": held, "holdReason": "unpaid invoices" if held else None},
            headers={"If-Match": answer.headers["etag"]},
        )
        assert changed.is_success, changed.text

    @rule(which=_which, line=st.integers(1, 3), quantity=_small,
          kind=st.sampled_from(["quantity", "line", "added", "cancel"]))  # fmt: skip
    def change(self, which, line, quantity, kind):
        order = self.host.crm.order(self._order(which))
        if not order.erp_order_id:
            return
        if line > len(order.lines):
            line = 1
        wanted = {
            "quantity": {"lines": (LineChange(number=line, quantity=Decimal(quantity)),)},
            "line": {"lines": (LineChange(number=line, cancel=True),)},
            "added": {
                "added": (
                    OrderLine(
                        number=max(each.number for each in order.lines) + 1,
                        item_id=_ITEMS[line - 1],
                        quantity=Decimal(quantity),
                    ),
                )
            },
            "cancel": {"kind": "cancel"},
        }[kind]
        asked = OrderChange(order_id=order.id, **{"kind": "change", **wanted})
        self.host.change_order(order.id, asked, user="kim")
        self._collect()

    # What is told, and when.

    def _collect(self):
        self.waiting += self.recorded.events
        self.recorded.events.clear()

    @rule()
    def poll(self):
        while self.poller.read_page():
            pass
        self._collect()

    @precondition(lambda self: self.waiting)
    @rule(number=st.integers(0, 30))
    def deliver(self, number):
        event = self.waiting.pop(number % len(self.waiting))
        self._hand_over(event)
        self.delivered.append(event)

    @precondition(lambda self: self.delivered)
    @rule(number=st.integers(0, 30))
    def deliver_again(self, number):
        self._hand_over(self.delivered[number % len(self.delivered)])

    def _hand_over(self, event):
        self._pass_time()
        match event:
            case OrderPromoted():
                key = f"promoted-{event.order.id}"
            case OrderChangeRequested():
                key = f"change-{event.change.id}"
            case DocumentChanged():
                key = f"{event.change.entity}-{event.change.id}"
            case _:
                return  # what no order is about
        self.scene.deliver(event, key=key)

    @rule(last_first=st.booleans())
    def settle(self, last_first):
        self.rest(last_first)

    def rest(self, last_first=False):
        """Let everything that happened be told, and compare."""
        self.poll()
        while self.waiting:
            self.deliver(-1 if last_first else 0)
            self.poll()
        for order_id in self.orders:
            self._compare(order_id)

    def _compare(self, order_id):
        (placed,) = self.scene.erp_orders(order_id)
        books = Books(self.scene.office, placed["id"])
        shown = self.host.crm.order(order_id)
        assert shown.erp_order_id == placed["id"]
        assert shown.status == books.status()
        # What no step of its history tells of, nobody could tell in the CRM.
        assert books.order["history"][-1]["status"] == books.status()
        lines = books.lines()
        assert {line.number for line in shown.lines} == set(lines)
        for line in shown.lines:
            raw = lines[line.number]
            for name in ("quantity", "cancelled", "shipped", "returned", "invoiced"):
                assert getattr(line, name) == raw[name], (line.number, name)
            assert line.reserved + line.back_ordered == raw["open"]
        self._compare_timeline(order_id, books)

    def _compare_timeline(self, order_id, books):
        timeline = self.host.crm.order_events(order_id)
        keys = [entry.key for entry in timeline]
        assert len(keys) == len(set(keys))
        instants = [entry.at for entry in timeline]
        assert instants == sorted(instants)
        kinds = {"shipped", "invoiced", "credited", "paid", "returned", "on_hold", "picked",
                 "released", "approved"}  # fmt: skip
        told = Counter(
            (entry.kind, entry.document_id, entry.at) for entry in timeline if entry.kind in kinds
        )
        assert told == books.facts()
        statuses = [
            (entry.key.split(":")[1], entry.at, entry.title.startswith("The rest "))
            for entry in timeline
            if entry.kind == "status"
        ]
        reached = books.reached()
        assert sorted(statuses) == sorted(reached)
        changes = [each.id for each in self.host.order_changes.of_order(order_id)]
        answered = [entry.document_id for entry in timeline if entry.key.startswith("change:")]
        assert sorted(answered) == sorted(changes)
        assert sum(key.startswith("acknowledged:") for key in keys) == 1


@pytest.fixture
def isolation():
    """Where the plugin runs makes no difference here, and a process would be slow."""
    return "inline"


def _live(open_scene, examples, steps):
    class Life(OrderLife):
        pass

    Life.open_scene = staticmethod(open_scene)
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_crm_shows_what_the_erps_documents_add_up_to(open_scene):
    _live(open_scene, examples=8, steps=25)


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_the_crm_shows_what_the_erps_documents_add_up_to_in_long_lives(open_scene):
    _live(open_scene, examples=400, steps=60)
