"""Orders in Business Central: placed once, followed beyond their deletion, changed as a whole."""

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
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnavailable,
    Stale,
)
from crossdock.records import LineChange, Money, OrderChange, OrderLine
from crossdock_mocks.engine import Fault

D = Decimal


def eur(amount):
    return Money(amount, "EUR")


@pytest.fixture
def customer(bc_port, dataset):
    row = next(r for r in dataset.rows("customers") if not r["on_hold"] and not r["bill_to_id"])
    return bc_port.customer(row["id"])


@pytest.fixture
def codes(dataset):
    return [row["id"] for row in dataset.rows("items") if row["active"] and row["kind"] == "goods"]


@pytest.fixture
def order(codes, crm_order):
    """A CRM order on its way to Business Central."""
    made = crm_order(*codes[:2])
    first, second = made.lines
    return evolve(
        made,
        ship_to=evolve(made.ship_to, street="1 Quay, Dock B"),
        lines=(evolve(first, quantity=D(10), description="as agreed"), second),
    )


@pytest.fixture
def placed(bc_port, customer, order):
    return bc_port.place_order(customer, order, idempotency_key="key-1").order


def test_an_order_is_placed_as_it_was_sent(bc_port, bc_house, customer, order):
    acknowledgement = bc_port.place_order(customer, order, idempotency_key="key-1")
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
    assert placed.ship_to == order.ship_to
    discounted, own = placed.lines
    assert (discounted.number, discounted.unit_price, discounted.discount_percent) == (
        1,
        eur("3.25"),
        D("2.5"),
    )
    assert (discounted.net, discounted.description) == (eur("31.69"), "as agreed")
    assert (own.number, own.quantity) == (5, D(4))
    assert own.net == (own.unit_price * 4 * (100 - own.discount_percent) * D("0.01")).rounded()
    assert placed.status == "accepted"
    assert bc_port.order(placed.id) == placed
    assert bc_port.orders(customer)[0] == placed
    assert bc_house.quotes() == []
    row = bc_house.one("salesOrders", placed.id, expand="salesOrderLines")
    assert row["externalDocumentNumber"] == "R-1"
    assert row["salesOrderLines"][0]["description"] == (
        "Order R-1 of crm (quote Q-1, opportunity O-1)"
    )


def test_what_is_placed_without_a_price_costs_what_was_priced(bc_port, customer, order):
    from crossdock.records import PriceRequest, PriceRequestLine

    asked = tuple(
        PriceRequestLine(number=line.number, item_id=line.item_id, quantity=line.quantity)
        for line in order.lines
    )
    priced = bc_port.price(customer, PriceRequest(lines=asked))
    wanted = tuple(evolve(line, unit_price=None, discount_percent=D(0)) for line in order.lines)
    placed = bc_port.place_order(customer, evolve(order, lines=wanted), idempotency_key="k").order
    assert (placed.net, placed.tax, placed.gross) == (priced.net, priced.tax, priced.gross)


def test_an_order_is_found_by_its_reference_also_when_it_is_gone(
    bc_port, bc_house, customer, order, placed
):
    assert bc_port.orders_by_reference("R-1") == (placed,)
    long = evolve(order, id="r" * 60, reference="r" * 60, quote_id=None, opportunity_id=None)
    far = bc_port.place_order(customer, long, idempotency_key="key-2").order
    assert [each.id for each in bc_port.orders_by_reference("r" * 60)] == [far.id]
    bc_house.post(placed.id)
    (found,) = bc_port.orders_by_reference("R-1")
    assert (found.id, found.status, dict(found.external_ids)) == (
        placed.id,
        "invoiced",
        {"crm": "R-1"},
    )
    again = bc_port.place_order(customer, order, idempotency_key="key-1")
    assert (again.order.id, again.replayed) == (placed.id, True)


def test_a_number_that_somebody_else_gave_is_never_taken_for_ours(
    bc_port, bc_house, customer, order, codes
):
    line = {"lineType": "Item", "lineObjectNumber": codes[0], "quantity": 1}
    body = {"customerNumber": customer.id, "externalDocumentNumber": "R-1"}
    theirs = bc_house.ask("POST", "salesOrders", {**body, "salesOrderLines": [line]}).json()
    quote = bc_house.ask("POST", "salesQuotes", {**body, "salesQuoteLines": [line]}).json()
    assert bc_port.orders_by_reference("R-1") == ()
    with pytest.raises(Conflict, match=theirs["number"]) as caught:
        bc_port.place_order(customer, order, idempotency_key="key-1")
    assert caught.value.code == "reference_taken"
    assert [row["id"] for row in bc_house.quotes()] == [quote["id"]]


def test_the_reference_of_another_customers_order_is_a_conflict(bc_port, dataset, placed, order):
    other = next(
        row["id"]
        for row in dataset.rows("customers")
        if row["id"] != placed.customer_id and not row["on_hold"]
    )
    with pytest.raises(Conflict):
        bc_port.place_order(bc_port.customer(other), order, idempotency_key="key-9")


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        ("makeOrderSalesQuote", "drop_before"),
        ("makeOrderSalesQuote", "drop_after_commit"),
        ("makeOrderSalesQuote", "status_after_commit"),
        ("createSalesQuote", "drop_after_commit"),
        ("createSalesQuote", "half_body"),
        ("updateSalesOrder", "drop_after_commit"),
        ("updateSalesOrder", "status"),
    ],
)
def test_a_lost_answer_never_makes_a_second_order(
    bc_port, bc_mock, bc_house, customer, order, operation, fault
):
    bc_mock.world.faults.add(Fault(kind=fault, operation=operation, times=1))
    acknowledgement = bc_port.place_order(customer, order, idempotency_key="key-1")
    assert acknowledgement.order.requested_on == order.requested_on
    assert bc_house.orders("R-1") == {acknowledgement.order.id}
    assert bc_house.quotes() == []


@pytest.mark.usefixtures("no_waiting")
def test_a_time_out_after_the_commit_makes_no_second_order(
    connect_bc, bc_mock, bc_house, customer, order
):
    port = connect_bc(timeout=1)
    port.customers(limit=1)
    fault = Fault(kind="timeout_after_commit", operation="makeOrderSalesQuote", times=1)
    bc_mock.world.faults.add(fault)
    port.place_order(customer, order, idempotency_key="key-1")
    assert len(bc_house.orders("R-1")) == 1


@pytest.mark.usefixtures("no_waiting")
def test_a_claim_that_was_left_is_used_and_a_second_one_is_withdrawn(
    bc_port, bc_mock, bc_house, customer, order
):
    """A quote may be written late, when the one after it is there already."""
    bc_mock.world.faults.add(Fault(kind="status", status=503, operation="makeOrderSalesQuote"))
    for _ in range(2):
        with pytest.raises(RemoteUnavailable):
            bc_port.place_order(customer, order, idempotency_key="key-1")
    (claim,) = bc_house.quotes()
    lines = list(bc_mock.world.table("salesQuoteLines").find())
    bc_mock.world.faults.clear()
    twin = {**claim, "id": "ffffffff-0000-4000-8000-000000000001", "number": "S-QUO9999"}
    bc_mock.world.table("salesQuotes").insert(twin)
    for number, line in enumerate(lines):
        own = f"ffffffff-0000-4000-8000-00000000001{number}"
        bc_mock.world.table("salesQuoteLines").insert({**line, "id": own, "documentId": twin["id"]})
    made = bc_port.place_order(customer, order, idempotency_key="key-1")
    assert bc_house.orders("R-1") == {made.order.id}
    assert bc_house.quotes() == []


def test_one_reference_from_many_threads_makes_one_order(connect_bc, bc_house, customer, order):
    ports = [connect_bc() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        placed = list(
            pool.map(
                lambda each: each[1].place_order(customer, order, idempotency_key=f"key-{each[0]}"),
                enumerate(ports),
            )
        )
    assert {each.order.id for each in placed} == bc_house.orders("R-1")
    assert len(bc_house.orders("R-1")) == 1
    assert bc_house.quotes() == []


def test_a_refusal_leaves_no_claim_behind(bc_port, bc_house, customer, order, dataset):
    with pytest.raises(RemoteRefused) as caught:
        bc_port.place_order(customer, evolve(order, currency="USD"), idempotency_key="key-1")
    assert caught.value.code == "currency_mismatch"
    missing = (evolve(order.lines[0], item_id="NO-SUCH"),)
    with pytest.raises(RemoteRefused) as caught:
        bc_port.place_order(customer, evolve(order, lines=missing), idempotency_key="key-1")
    assert caught.value.fields[0].field == "lines.0.item_id"
    fine = (evolve(order.lines[0], unit_price=eur("1.234567")),)
    with pytest.raises(RemoteRejectedData, match="more than 5 digits"):
        bc_port.place_order(customer, evolve(order, lines=fine), idempotency_key="key-1")
    bc_house.change("customers", customer.id, blocked="All")
    with pytest.raises(
        RemoteRefused, match=r"blocked with type All \(CorrelationId [0-9a-f-]{36}\)"
    ):
        bc_port.place_order(customer, order, idempotency_key="key-1")
    assert bc_house.quotes() == []
    assert bc_house.orders("R-1") == set()


def test_the_journal_and_the_evidence_prove_who_placed_an_order(bc_port, bc_mock, customer, order):
    identity = "crossdock/0.1.0 worker pid=77 plugin=straight-through"
    with calling_as(identity, correlation_id="delivery-9"), witnessed() as witness:
        bc_port.place_order(customer, order, idempotency_key="key-1")
    (entry,) = bc_mock.journal("makeOrderSalesQuote")
    assert entry.committed
    assert entry.request_headers["user-agent"] == identity
    assert witness.fates == {"key-1": "created"}
    with witnessed() as witness, pytest.raises(NotFound) as caught:
        bc_port.order("SO-404")
    assert "no order SO-404" in str(caught.value)
    bc_mock.world.faults.add(Fault(kind="expired_token", times=2))
    with witnessed() as witness, pytest.raises(Exception, match="credentials") as refused:
        bc_port.order("SO-404")
    evidence = str(written(witness.of(refused.value)))
    assert "'authorization'" not in evidence.lower() or "***" in evidence
    assert "business-central-secret" not in evidence


def test_an_orders_way_to_paid_is_seen_beyond_its_deletion(bc_port, bc_house, customer, placed):
    cursor = bc_port.changes(None).cursor
    first = bc_house.post(placed.id, {1: 6})
    part = bc_port.order(placed.id)
    assert part.status == "partly_shipped"
    assert [(line.number, line.shipped, line.invoiced) for line in part.lines] == [
        (1, D(6), D(6)),
        (5, D(0), D(0)),
    ]
    invoice = bc_port.invoice(first["number"])
    assert (invoice.order_id, invoice.status, invoice.open) == (placed.id, "open", invoice.gross)
    assert [(line.order_line, line.quantity) for line in invoice.lines] == [(1, D(6))]
    second = bc_house.post(placed.id)
    assert bc_house.rows("salesOrders", f"number eq '{placed.id}'") == []
    done = bc_port.order(placed.id)
    assert (done.status, done.reference, done.quote_id) == ("invoiced", "R-1", "Q-1")
    assert [(line.number, line.quantity, line.shipped, line.invoiced) for line in done.lines] == [
        (1, D(10), D(10), D(10)),
        (5, D(4), D(4), D(4)),
    ]
    assert (done.net, done.gross) == (placed.net, placed.gross)
    assert placed.id in {each.id for each in bc_port.orders(customer)}
    shipments = [each for each in bc_port.shipments(customer) if each.order_id == placed.id]
    assert [[(line.order_line, line.quantity) for line in each.lines] for each in shipments] in (
        [[(1, D(4)), (5, D(4))], [(1, D(6))]],
        [[(1, D(6))], [(1, D(4)), (5, D(4))]],
    )
    bc_house.pay(first)
    bc_house.pay(bc_house.one("salesInvoices", second["number"]), 1)
    assert bc_port.order(placed.id).status == "invoiced"
    bc_house.pay(bc_house.one("salesInvoices", second["number"]))
    assert bc_port.order(placed.id).status == "paid"
    paid = bc_port.invoice(second["number"])
    assert (paid.status, paid.open) == ("paid", eur("0.00"))
    (settled,) = paid.applications
    assert (settled.source_id, settled.amount) == ("", paid.gross)
    told = []
    while True:
        page = bc_port.changes(cursor)
        told += [(change.entity, change.id) for change in page.changes]
        cursor = page.cursor
        if not page.more:
            break
    assert {("order", placed.id), ("invoice", first["number"]), ("invoice", second["number"])} <= {
        *told
    }
    assert {("shipment", each.id) for each in shipments} <= set(told)


def test_a_cancelled_invoice_of_an_order_that_is_gone_gives_it_back(bc_port, bc_house, placed):
    invoice = bc_house.post(placed.id)
    bc_house.ask("POST", f"salesInvoices({invoice['id']})/Microsoft.NAV.cancel")
    order = bc_port.order(placed.id)
    assert order.status == "returned"
    assert [(line.shipped, line.returned) for line in order.lines] == [(10, 10), (4, 4)]
    assert bc_port.invoice(invoice["number"]).status == "credited"


def test_an_order_is_changed_in_one_transaction(bc_port, bc_mock, customer, placed, codes):
    change = OrderChange(
        id="CO-1",
        order_id="R-1",
        kind="change",
        lines=(LineChange(number=1, quantity=D(7)), LineChange(number=5, cancel=True)),
        added=(OrderLine(number=6, item_id=codes[2], quantity=D(1), unit_price=eur("9")),),
        requested_on=date(2027, 1, 15),
    )
    changed = bc_port.change_order(placed, change)
    assert [(line.number, line.quantity, line.cancelled) for line in changed.lines] == [
        (1, D(7), D(0)),
        (5, D(4), D(4)),
        (6, D(1), D(0)),
    ]
    assert (changed.requested_on, changed.reference) == (date(2027, 1, 15), "R-1")
    (batch,) = bc_mock.journal("runBatch")
    assert batch.request_headers["isolation"] == "snapshot"
    cancelled = bc_port.change_order(changed, OrderChange(id="CO-2", order_id="R-1", kind="cancel"))
    assert cancelled.status == "cancelled"
    assert all(line.cancelled == line.quantity for line in cancelled.lines)
    assert [line.quantity for line in cancelled.lines] == [7, 4, 1]
    assert bc_port.order(placed.id) == cancelled
    assert bc_port.orders_by_reference("R-1") == (cancelled,)


def test_what_was_shipped_stays_when_the_rest_is_cancelled(bc_port, bc_house, placed):
    bc_house.post(placed.id, {1: 6})
    part = bc_port.order(placed.id)
    left = bc_port.change_order(part, OrderChange(id="CO-1", order_id="R-1", kind="cancel"))
    assert [(line.number, line.quantity, line.shipped, line.cancelled) for line in left.lines] == [
        (1, D(10), D(6), D(4)),
        (5, D(4), D(0), D(4)),
    ]
    assert left.status == "invoiced"
    for invoice in bc_house.rows("salesInvoices", f"orderNumber eq '{placed.id}'"):
        bc_house.pay(invoice)
    assert bc_port.order(placed.id).status == "paid"


def test_a_change_of_what_others_changed_is_refused_whole(bc_port, bc_house, placed):
    line = bc_house.rows(f"salesOrders({bc_house.one('salesOrders', placed.id)['id']})/"
                         "salesOrderLines")[1]  # fmt: skip
    bc_house.ask("PATCH", f"salesOrderLines({line['id']})", {"quantity": 11})
    change = OrderChange(
        id="CO-1", order_id="R-1", kind="change", lines=(LineChange(number=1, quantity=D(2)),)
    )
    with pytest.raises(Stale):
        bc_port.change_order(placed, change)
    now = bc_port.order(placed.id)
    assert now.lines[0].quantity == D(11)
    read = bc_port._documents.sale

    def read_and_be_overtaken(number):
        found = read(number)
        bc_house.change("salesOrders", number, phoneNumber="1")
        return found

    bc_port._documents.sale = read_and_be_overtaken
    with pytest.raises(Stale):
        bc_port.change_order(now, change)
    bc_port._documents.sale = read
    assert bc_port.order(placed.id).lines[0].quantity == D(11)


def test_what_cannot_be_changed_any_more_is_said(bc_port, bc_house, placed):
    bc_house.post(placed.id, {1: 6})
    part = bc_port.order(placed.id)
    less = OrderChange(
        id="CO-1", order_id="R-1", kind="change", lines=(LineChange(number=1, quantity=D(5)),)
    )
    with pytest.raises(RemoteRefused, match=r"6 x .* are shipped already"):
        bc_port.change_order(part, less)
    bc_house.post(placed.id)
    with pytest.raises(RemoteRefused, match="has invoiced all of"):
        bc_port.change_order(part, less)


def test_an_order_that_people_deleted_there_is_told_as_deleted(
    connect_bc, bc_house, bc_mock, customer, order
):
    from datetime import timedelta

    port = connect_bc(compared_every=60)
    cursor = port.changes(None).cursor
    placed = port.place_order(customer, order, idempotency_key="key-1").order

    def told():
        nonlocal cursor
        found = []
        while True:
            page = port.changes(cursor)
            found += [(change.entity, change.id, change.action) for change in page.changes]
            cursor = page.cursor
            if not page.more:
                return found

    assert ("order", placed.id, "updated") in told()
    row = bc_house.one("salesOrders", placed.id)
    bc_house.ask("DELETE", f"salesOrders({row['id']})")
    bc_mock.world.clock.advance(timedelta(minutes=2))
    assert ("order", placed.id, "deleted") in told()
    with pytest.raises(NotFound):
        port.order(placed.id)
    assert told() == []
