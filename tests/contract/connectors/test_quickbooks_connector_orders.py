"""Orders in QuickBooks: placed once, found again, followed to paid, changed without overwriting."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.connectors.calling import calling_as
from crossdock.connectors.evidence import witnessed, written
from crossdock.errors import (
    Conflict,
    NotFound,
    NotSupported,
    RemoteRefused,
    RemoteUnavailable,
    Stale,
)
from crossdock.records import (
    LineChange,
    Money,
    OrderChange,
    OrderLine,
    PriceRequest,
    PriceRequestLine,
)
from crossdock_mocks.engine import Fault

D = Decimal


def eur(amount):
    return Money(amount, "EUR")


@pytest.fixture
def customer(qbo_port, dataset):
    row = next(row for row in dataset.rows("customers") if not row["bill_to_id"])
    return qbo_port.customer(row["id"])


@pytest.fixture
def order(dataset, crm_order):
    """A CRM order on its way to QuickBooks."""
    return crm_order(*[row["id"] for row in dataset.rows("items") if row["active"]][:2])


@pytest.fixture(params=["estimate", "invoice"])
def kind(request):
    """What an order becomes."""
    return request.param


def documents(mock, kind, reference="R-1"):
    """Count the documents that carry an order's number, in the mock's own state."""
    table = mock.world.table(f"qbo_{kind}")
    return [row for row in table.find() if row.get("DocNumber") == reference]


def test_an_order_is_placed_as_it_was_sent(connect_qbo, kind, customer, order, dataset):
    port = connect_qbo(orders=kind)
    acknowledgement = port.place_order(customer, order, idempotency_key="key-1")
    placed = acknowledgement.order
    assert (acknowledgement.reference, acknowledgement.replayed) == ("R-1", False)
    assert (placed.reference, placed.customer_id, placed.quote_id, placed.opportunity_id) == (
        "R-1",
        customer.id,
        "Q-1",
        "O-1",
    )
    assert dict(placed.external_ids) == {"crm": "R-1"}
    assert placed.requested_on == order.requested_on
    assert placed.ship_to.city == "Hull"
    discounted, own = placed.lines
    price = next(row for row in dataset.rows("items") if row["id"] == own.item_id)["list_price"]
    assert (discounted.number, discounted.item_id, discounted.net) == (
        1,
        order.lines[0].item_id,
        eur("6.34"),
    )
    assert "less 2.5 %" in discounted.description
    assert (own.number, own.unit_price, own.net) == (5, eur(price), eur(price * 4).rounded())
    assert port.order(placed.id) == placed
    assert port.orders(customer)[0] == placed
    assert placed.status == ("confirmed" if kind == "estimate" else "invoiced")


def test_what_is_placed_costs_what_was_priced(qbo_port, customer, order):
    lines = tuple(
        PriceRequestLine(number=line.number, item_id=line.item_id, quantity=line.quantity)
        for line in order.lines
    )
    priced = qbo_port.price(customer, PriceRequest(lines=lines))
    wanted = tuple(evolve(line, unit_price=None, discount_percent=D(0)) for line in order.lines)
    placed = qbo_port.place_order(customer, evolve(order, lines=wanted), idempotency_key="k").order
    assert (placed.net, placed.tax, placed.gross) == (priced.net, priced.tax, priced.gross)


def test_the_same_key_gives_the_same_order(connect_qbo, kind, qbo_mock, customer, order):
    first = connect_qbo(orders=kind).place_order(customer, order, idempotency_key="key-1")
    again = connect_qbo(orders=kind).place_order(customer, order, idempotency_key="key-1")
    assert again.order == first.order
    assert len(documents(qbo_mock, kind)) == 1


def test_the_same_key_for_another_order_is_a_conflict(qbo_port, customer, order):
    qbo_port.place_order(customer, order, idempotency_key="key-1")
    with pytest.raises(Conflict):
        qbo_port.place_order(customer, evolve(order, reference="R-2"), idempotency_key="key-1")


def test_an_order_whose_key_was_forgotten_is_still_made_once(qbo_port, qbo_mock, customer, order):
    first = qbo_port.place_order(customer, order, idempotency_key="key-1")
    again = qbo_port.place_order(customer, order, idempotency_key="key-2")
    assert (again.order.id, again.replayed) == (first.order.id, True)
    assert len(documents(qbo_mock, "estimate")) == 1


def test_a_number_that_somebody_else_gave_is_never_taken_for_ours(qbo_port, books, customer, order):
    item = qbo_port.place_order(customer, order, idempotency_key="key-1").order
    there = books.read("Estimate", item.id)
    line = {name: each for name, each in there["Line"][0].items() if name not in ("Id", "LineNum")}
    books.write(
        "Estimate", {"CustomerRef": there["CustomerRef"], "DocNumber": "R-7", "Line": [line]}
    )
    assert qbo_port.orders_by_reference("R-7") == ()
    with pytest.raises(Conflict) as caught:
        qbo_port.place_order(
            customer, evolve(order, id="R-7", reference="R-7"), idempotency_key="7"
        )
    assert caught.value.code == "6140"


def test_an_order_is_found_by_its_reference(connect_qbo, kind, customer, order):
    port = connect_qbo(orders=kind)
    assert port.orders_by_reference("R-1") == ()
    placed = port.place_order(customer, order, idempotency_key="key-1").order
    assert port.orders_by_reference("R-1") == (placed,)
    long = evolve(order, id="r" * 40, reference="r" * 40)
    far = port.place_order(customer, long, idempotency_key="key-2").order
    assert [each.id for each in port.orders_by_reference("r" * 40)] == [far.id]


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(
    "fault", ["drop_before", "drop_after_commit", "half_body", "status", "status_after_commit"]
)
def test_a_lost_answer_never_makes_a_second_order(
    connect_qbo, kind, qbo_mock, customer, order, fault
):
    port = connect_qbo(orders=kind)
    operation = f"write{kind.capitalize()}"
    qbo_mock.world.faults.add(Fault(kind=fault, operation=operation, times=2))
    acknowledgement = port.place_order(customer, order, idempotency_key="key-1")
    assert acknowledgement.reference == "R-1"
    assert len(documents(qbo_mock, kind)) == 1
    assert len(qbo_mock.journal(operation)) == 3


@pytest.mark.usefixtures("no_waiting")
def test_a_time_out_after_the_commit_makes_no_second_order(
    connect_qbo, kind, qbo_mock, customer, order
):
    port = connect_qbo(orders=kind, timeout=1)
    port.customers(limit=1)
    operation = f"write{kind.capitalize()}"
    qbo_mock.world.faults.add(Fault(kind="timeout_after_commit", operation=operation, times=1))
    assert port.place_order(customer, order, idempotency_key="key-1").reference == "R-1"
    assert len(documents(qbo_mock, kind)) == 1


@pytest.mark.usefixtures("no_waiting")
def test_without_a_key_a_lost_answer_is_told_and_not_tried_again(
    qbo_port, qbo_mock, customer, order
):
    qbo_mock.world.faults.add(Fault(kind="drop_after_commit", operation="writeEstimate"))
    with pytest.raises(RemoteUnavailable, match="Whether the call took effect is not known"):
        qbo_port.place_order(customer, order, idempotency_key="")
    assert len(documents(qbo_mock, "estimate")) == 1


@pytest.mark.usefixtures("no_waiting")
def test_a_throttled_call_is_not_repeated_at_once_and_says_how_long_to_wait(
    qbo_port, qbo_mock, customer, order
):
    qbo_port.credit_list(limit=1)
    before = len(qbo_mock.world.journal)
    qbo_mock.world.table("qbo_settings").replace({"name": "requests_per_minute", "value": 1})
    with pytest.raises(RemoteUnavailable) as caught:
        qbo_port.place_order(customer, order, idempotency_key="key-1")
    assert caught.value.status == 429
    assert caught.value.retry_after >= 10
    assert not caught.value.maybe_done
    assert [entry.status for entry in list(qbo_mock.world.journal)[before:]] == [429]
    qbo_mock.world.table("qbo_settings").replace({"name": "requests_per_minute", "value": 1000})
    qbo_port.place_order(customer, order, idempotency_key="key-1")
    assert len(documents(qbo_mock, "estimate")) == 1


def test_one_key_from_many_threads_makes_one_order(connect_qbo, qbo_mock, customer, order):
    ports = [connect_qbo() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        placed = list(
            pool.map(lambda port: port.place_order(customer, order, idempotency_key="key-1"), ports)
        )
    assert len({each.order.id for each in placed}) == 1
    assert len(documents(qbo_mock, "estimate")) == 1


def test_the_journal_proves_who_placed_an_order(qbo_port, qbo_mock, customer, order):
    identity = "crossdock/0.1.0 worker pid=77 plugin=straight-through"
    with calling_as(identity, correlation_id="delivery-9"):
        qbo_port.place_order(customer, order, idempotency_key="key-1")
    (entry,) = qbo_mock.journal("writeEstimate")
    assert entry.committed
    assert entry.request_headers["user-agent"] == identity


@pytest.mark.usefixtures("no_waiting")
def test_what_came_of_a_key_is_known_and_the_evidence_shows_no_token(
    qbo_port, qbo_mock, customer, order
):
    qbo_mock.world.faults.add(Fault(kind="status_after_commit", operation="writeEstimate", times=9))
    with witnessed() as witness, pytest.raises(RemoteUnavailable) as caught:
        qbo_port.place_order(customer, order, idempotency_key="key-1")
    assert witness.fates == {"key-1": "maybe"}
    evidence = str(written(witness.of(caught.value)))
    assert "writeEstimate" in evidence
    assert "Bearer" not in evidence
    with witnessed() as witness:
        qbo_mock.world.faults.clear()
        qbo_port.place_order(customer, order, idempotency_key="key-1")
    assert witness.fates == {"key-1": "created"}


def test_a_refusal_names_the_exchange_as_intuit_does(qbo_port, qbo_mock):
    with pytest.raises(NotFound) as caught:
        qbo_port.order("987654")
    (entry,) = qbo_mock.journal("readEstimate")
    assert entry.response_headers["intuit_tid"] in str(caught.value)
    assert caught.value.code == "610"


def test_an_estimates_way_to_paid_is_seen(qbo_port, books, customer, order):
    placed = qbo_port.place_order(customer, order, idempotency_key="key-1").order
    cursor = qbo_port.changes(None).cursor
    made = books.invoice(placed.id)
    invoiced = qbo_port.order(placed.id)
    assert invoiced.status == "invoiced"
    assert [(line.number, line.invoiced) for line in invoiced.lines] == [(1, D(2)), (5, D(4))]
    invoice = qbo_port.invoice(made["Id"])
    assert (invoice.order_id, invoice.status, invoice.open) == (placed.id, "open", invoice.gross)
    books.pay(made, 10)
    assert qbo_port.order(placed.id).status == "invoiced"
    assert qbo_port.invoice(made["Id"]).status == "partly_paid"
    books.pay(books.read("Invoice", made["Id"]))
    assert qbo_port.order(placed.id).status == "paid"
    paid = qbo_port.invoice(made["Id"])
    assert (paid.status, paid.open) == ("paid", eur("0.00"))
    payments = [qbo_port.payment(each.source_id) for each in paid.applications]
    assert sum((each.amount.amount for each in payments), D(0)) == paid.gross.amount
    told = {(change.entity, change.id) for change in qbo_port.changes(cursor).changes}
    assert {("order", placed.id), ("invoice", made["Id"])} <= told
    assert {("payment", each.id) for each in payments} <= told
    assert ("trading_account", customer.id) in told


def test_an_order_that_is_an_invoice_is_paid_when_the_invoice_is(
    connect_qbo, books, customer, order
):
    port = connect_qbo(orders="invoice")
    placed = port.place_order(customer, order, idempotency_key="key-1").order
    cursor = port.changes(None).cursor
    assert (placed.status, port.invoice(placed.id).order_id) == ("invoiced", placed.id)
    books.pay(books.read("Invoice", placed.id))
    assert port.order(placed.id).status == "paid"
    told = {(change.entity, change.id) for change in port.changes(cursor).changes}
    assert {("order", placed.id), ("invoice", placed.id)} <= told
    with pytest.raises(NotSupported, match="in the books"):
        port.change_order(placed, OrderChange(id="CO-1", order_id="R-1", kind="cancel"))


def test_an_offer_that_nobody_accepted_is_no_order(qbo_port, books, customer, order):
    placed = qbo_port.place_order(customer, order, idempotency_key="key-1").order
    there = books.read("Estimate", placed.id)
    line = {name: each for name, each in there["Line"][0].items() if name not in ("Id", "LineNum")}
    cursor = qbo_port.changes(None).cursor
    offer = books.write("Estimate", {"CustomerRef": there["CustomerRef"], "Line": [line]})
    assert offer["TxnStatus"] == "Pending"
    assert [each.id for each in qbo_port.orders(customer)] == [placed.id]
    with pytest.raises(NotFound, match="not accepted"):
        qbo_port.order(offer["Id"])
    assert ("order", offer["Id"]) not in {
        (change.entity, change.id) for change in qbo_port.changes(cursor).changes
    }


def test_an_order_is_changed_and_cancelled(qbo_port, customer, order, dataset):
    placed = qbo_port.place_order(customer, order, idempotency_key="key-1").order
    third = [row["id"] for row in dataset.rows("items") if row["active"]][2]
    change = OrderChange(
        id="CO-1",
        order_id="R-1",
        kind="change",
        lines=(LineChange(number=1, quantity=D(7)), LineChange(number=5, cancel=True)),
        added=(OrderLine(number=6, item_id=third, quantity=D(1), unit_price=eur("9")),),
        requested_on=date(2027, 1, 15),
    )
    changed = qbo_port.change_order(placed, change)
    assert [(line.item_id, line.quantity) for line in changed.lines] == [
        (order.lines[0].item_id, D(7)),
        (third, D(1)),
    ]
    assert [line.number for line in changed.lines] == [1, 6]
    assert qbo_port.change_order(changed, change) == changed  # as after a lost answer
    assert (changed.requested_on, changed.reference) == (date(2027, 1, 15), "R-1")
    cancelled = qbo_port.change_order(
        changed, OrderChange(id="CO-2", order_id="R-1", kind="cancel")
    )
    assert cancelled.status == "cancelled"
    with pytest.raises(RemoteRefused, match="rejected"):
        qbo_port.change_order(cancelled, evolve(change, id="CO-3"))


def test_a_second_writers_change_is_never_written_over(
    connect_qbo, qbo_port, qbo_mock, books, customer, order
):
    placed = qbo_port.place_order(customer, order, idempotency_key="key-1").order
    books.touch("Estimate", placed.id, TrackingNum="T-1")
    change = OrderChange(
        id="CO-1", order_id="R-1", kind="change", lines=(LineChange(number=1, quantity=D(7)),)
    )
    with pytest.raises(Stale):
        qbo_port.change_order(placed, change)
    changed = qbo_port.change_order(qbo_port.order(placed.id), change)
    after = books.read("Estimate", placed.id)
    assert after["TrackingNum"] == "T-1"
    assert changed.lines[0].quantity == D(7)


def test_a_writer_who_comes_between_reading_and_writing_is_not_written_over(
    connect_qbo, qbo_port, qbo_mock, books, customer, order
):
    placed = qbo_port.place_order(customer, order, idempotency_key="key-1").order
    transport = qbo_mock.transport()

    class Between(type(transport)):
        """Lets a second writer in just before the connector writes."""

        def __init__(self):
            self.done = False

        def handle_request(self, request):
            writes = request.method == "POST" and request.url.path.endswith("/estimate")
            if writes and not self.done:
                self.done = True
                books.touch("Estimate", placed.id, TrackingNum="T-2")
            return transport.handle_request(request)

        def close(self):
            transport.close()

    port = connect_qbo(transport=Between())
    change = OrderChange(
        id="CO-1", order_id="R-1", kind="change", lines=(LineChange(number=1, quantity=D(7)),)
    )
    with pytest.raises(Stale) as caught:
        port.change_order(placed, change)
    assert caught.value.code == "5010"
    changed = port.change_order(port.order(placed.id), change)
    assert books.read("Estimate", placed.id)["TrackingNum"] == "T-2"
    assert changed.lines[0].quantity == D(7)


def test_the_connector_uses_the_operations_that_it_declares(
    connect_qbo, qbo_mock, books, customer, order
):
    qbo_mock.world.journal.clear()
    port = connect_qbo()
    customers = port.customers().items
    port.save_customer(evolve(customer, id="", name="New & Co"), idempotency_key="customer-1")
    port.credit(customer)
    port.credit_list()
    port.items()
    line = PriceRequestLine(number=1, item_id=order.lines[0].item_id, quantity=D(1))
    port.price(customer, PriceRequest(lines=(line,)))
    placed = port.place_order(customer, order, idempotency_key="key-1").order
    port.order(placed.id)
    port.change_order(placed, OrderChange(id="CO-2", order_id="R-1", kind="cancel"))
    for one in customers:
        for listed, read in (
            (port.invoices(one), port.invoice),
            (port.credit_notes(one), port.credit_note),
            (port.payments(one), port.payment),
        ):
            for document in listed[:1]:
                read(document.id)
        for invoice in port.invoices(one)[:1]:
            port.invoice_document(invoice.id)
            port.send_invoice(invoice.id, to="ap@buyer.example")
    port.changes(port.changes(None).cursor)
    there = books.read("Estimate", placed.id)
    sold = {name: each for name, each in there["Line"][0].items() if name not in ("Id", "LineNum")}
    receipt = {"CustomerRef": there["CustomerRef"], "Line": [sold]}
    receipt_id = books.write("SalesReceipt", receipt)["Id"]
    port.invoice(receipt_id)
    port.invoice_document(receipt_id)
    direct = connect_qbo(orders="invoice")
    direct.place_order(customer, evolve(order, id="R-2", reference="R-2"), idempotency_key="key-2")
    pressed = {"writeSalesReceipt"}
    assert {entry.operation_id for entry in qbo_mock.journal()} - pressed == port.used_operations
    for entry in qbo_mock.journal():
        # The sales receipt is looked for among invoices first.
        looked_for = entry.operation_id in ("readInvoice", "printInvoice")
        assert entry.verdict == "answered" or looked_for, entry.reason
        assert "minorversion=75" in entry.query or entry.operation_id == "issueTokens"
        assert "crossdock-app-secret" not in str(entry.as_dict())
