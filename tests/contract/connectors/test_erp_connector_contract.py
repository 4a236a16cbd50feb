"""The ERP connector against the reference ERP's mock."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.connectors.calling import calling_as
from crossdock.errors import (
    Conflict,
    NotFound,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
)
from crossdock.records import (
    Address,
    Contact,
    Item,
    ListPrice,
    Money,
    Order,
    OrderChange,
    OrderLine,
    PriceRequest,
    PriceRequestLine,
)
from crossdock_mocks.engine import Fault


def eur(amount):
    return Money(amount, "EUR")


def all_pages(read, limit=7) -> Iterator:
    cursor = None
    while True:
        page = read(after=cursor, limit=limit)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


@pytest.fixture
def customer(erp_port, dataset):
    """The customer with the most invoices."""
    counted = Counter(row["customer_id"] for row in dataset.rows("invoices"))
    return erp_port.customer(max(sorted(counted), key=counted.__getitem__))


@pytest.fixture
def item(erp_port, dataset):
    """An item of which there is some in stock."""
    goods = (row["id"] for row in dataset.rows("items") if row["kind"] == "goods")
    return next(
        found for found in map(erp_port.item, goods) if erp_port.stock(found.id).available > 5
    )


@pytest.fixture
def order(item):
    """A CRM order on its way to the ERP."""
    return Order(
        id="R-1",
        system="crm",
        currency="EUR",
        reference="R-1",
        quote_id="Q-1",
        opportunity_id="O-1",
        requested_on=date(2026, 12, 1),
        ship_to=Address(name="Gate 4", street="1 Quay", city="Hull", country="GB"),
        lines=(
            OrderLine(
                number=1,
                item_id=item.id,
                quantity=Decimal(2),
                unit_price=eur("3.25"),
                discount_percent=Decimal("2.5"),
                quote_line=1,
            ),
            OrderLine(number=5, item_id=item.id, quantity=Decimal("1.0"), quote_line=2),
        ),
    )


def of_customer(dataset, kind, customer):
    return {row["id"]: row for row in dataset.rows(kind) if row["customer_id"] == customer.id}


def test_customers_are_the_data_sets(erp_port, dataset):
    expected = {row["id"]: row for row in dataset.rows("customers")}
    found = {customer.id: customer for customer in all_pages(erp_port.customers)}
    assert set(found) == set(expected)
    for customer_id, row in expected.items():
        customer = found[customer_id]
        assert customer == erp_port.customer(customer_id)
        assert (customer.name, customer.currency, customer.terms_days) == (
            row["name"],
            row["currency"],
            row["terms_days"],
        )
        limit = row["credit_limit"]
        assert customer.credit_limit == (None if limit is None else Money(limit, row["currency"]))
        assert customer.on_hold == row["on_hold"]


def test_items_are_the_data_sets_active_ones(erp_port, dataset):
    expected = {row["id"]: row for row in dataset.rows("items") if row["active"]}
    found = {item.id: item for item in all_pages(erp_port.items)}
    assert set(found) == set(expected)
    for item_id, row in expected.items():
        assert found[item_id] == erp_port.item(item_id)
        assert (found[item_id].list_price, found[item_id].cost, found[item_id].kind) == (
            eur(row["list_price"]),
            eur(row["cost"]),
            row["kind"],
        )


def test_customers_and_items_are_searched(erp_port, dataset):
    customer, item = next(dataset.rows("customers")), next(dataset.rows("items"))
    assert [each.id for each in erp_port.customers(customer["id"]).items] == [customer["id"]]
    assert item["id"] in [each.id for each in erp_port.items(item["id"]).items]
    assert erp_port.items("nothing is called so").items == ()


def test_invoices_are_the_data_sets_with_lines_and_applications(erp_port, dataset, customer):
    expected = of_customer(dataset, "invoices", customer)
    lines, applied = Counter(), {}
    for row in dataset.rows("invoice_lines"):
        lines[row["invoice_id"]] += 1
    for row in dataset.rows("payment_applications"):
        applied.setdefault(row["invoice_id"], []).append(
            (row["payment_id"] or row["credit_note_id"], row["applied_on"], row["amount"])
        )
    heads = erp_port.invoices(customer)
    whole = erp_port.invoices(customer, lines=True)
    assert {invoice.id for invoice in heads} == set(expected)
    assert heads == tuple(evolve(invoice, lines=()) for invoice in whole)
    assert [each.issued_on for each in heads] == sorted(
        (row["issued_on"] for row in expected.values()), reverse=True
    )
    for invoice in whole:
        assert len(invoice.lines) == invoice.line_count == lines[invoice.id]
        assert sum((line.net.amount for line in invoice.lines), Decimal(0)) == invoice.net.amount
        assert sorted(
            (each.source_id, each.applied_on, each.amount.amount) for each in invoice.applications
        ) == sorted(applied.get(invoice.id, []))
        settled = sum((each.amount.amount for each in invoice.applications), Decimal(0))
        assert invoice.open.amount == invoice.gross.amount - settled


def test_one_document_read_alone_is_the_one_of_the_list(erp_port, customer):
    pairs = [
        (erp_port.invoices(customer, lines=True), erp_port.invoice),
        (erp_port.credit_notes(customer, lines=True), erp_port.credit_note),
        (erp_port.payments(customer), erp_port.payment),
        (erp_port.shipments(customer), erp_port.shipment),
        (erp_port.returns(customer), erp_port.goods_return),
    ]
    for found, read in pairs:
        assert found
        assert read(found[0].id) == found[0]
    listed = erp_port.orders(customer)[0]
    alone = erp_port.order(listed.id)
    assert alone.history
    assert evolve(alone, history=()) == listed


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("orders", "orders"),
        ("shipments", "shipments"),
        ("credit_notes", "credit_notes"),
        ("payments", "payments"),
        ("returns", "returns"),
        ("contracts", "contracts"),
    ],
)
def test_documents_of_every_customer_are_the_data_sets(erp_port, dataset, method, kind):
    for row in dataset.rows("customers"):
        customer = erp_port.customer(row["id"])
        found = getattr(erp_port, method)(customer)
        assert {each.id for each in found} == set(of_customer(dataset, kind, customer))


@pytest.mark.parametrize(
    ("method", "day"),
    [
        ("orders", "ordered_on"),
        ("shipments", "shipped_on"),
        ("invoices", "issued_on"),
        ("credit_notes", "issued_on"),
        ("payments", "received_on"),
        ("returns", "received_on"),
    ],
)
def test_documents_are_read_from_a_day_on(erp_port, customer, method, day):
    everything = getattr(erp_port, method)(customer)
    days = [getattr(each, day) for each in everything]
    assert days == sorted(days, reverse=True)
    middle = days[len(days) // 2]
    recent = getattr(erp_port, method)(customer, since=middle)
    assert recent == tuple(each for each in everything if getattr(each, day) >= middle)
    assert getattr(erp_port, method)(customer, since=days[0] + timedelta(days=1)) == ()


def test_credit_adds_up(erp_port, dataset):
    for row in dataset.rows("customers"):
        credit = erp_port.credit(erp_port.customer(row["id"]))
        assert credit.exposure == (
            credit.balance
            + credit.shipped_not_invoiced
            + credit.open_orders
            - credit.returns_not_credited
        )
        assert credit.unlimited == (credit.limit is None)
        if credit.limit is not None:
            assert credit.available == credit.limit - credit.exposure


def test_the_list_of_credit_says_of_each_customer_what_is_said_of_it_alone(erp_port, dataset):
    listed, cursor = [], None
    while True:
        page = erp_port.credit_list(after=cursor, limit=7)
        listed += page.items
        cursor = page.next
        if cursor is None:
            break
    assert {each.customer_id for each in listed} == {row["id"] for row in dataset.rows("customers")}
    for status in listed:
        assert status == erp_port.credit(erp_port.customer(status.customer_id))
        assert (status.past_due_since is None) == (status.past_due.amount <= 0)
    invoiced = [row["issued_on"] for row in dataset.rows("invoices")]
    assert max(each.last_invoiced_on for each in listed if each.last_invoiced_on) == max(invoiced)


def test_stock_promises_what_there_is_at_once(erp_port, erp_mock, item):
    stock = erp_port.stock(item.id, Decimal(1))
    assert stock.available == stock.on_hand - stock.reserved
    assert stock.promised_on == erp_mock.world.today
    beyond = erp_port.stock(item.id, stock.available + 1000)
    assert beyond.promised_on is None or beyond.promised_on > erp_mock.world.today


def test_a_draft_is_priced_and_nothing_is_stored(erp_port, erp_mock, customer, item):
    request = PriceRequest(
        lines=(
            PriceRequestLine(number=1, item_id=item.id, quantity=Decimal(3)),
            PriceRequestLine(
                number=2, item_id=item.id, quantity=Decimal(2), discount_percent=Decimal("12.5")
            ),
        ),
        on=erp_mock.world.today,
        currency="EUR",
    )
    pricing = erp_port.price(customer, request)
    assert [line.number for line in pricing.lines] == [1, 2]
    assert pricing.lines[1].discount_percent == Decimal("12.5")
    for line in pricing.lines:
        exact = line.quantity * line.unit_price.amount * (100 - line.discount_percent) / 100
        assert line.net == eur(exact).rounded()
        assert line.rule
        assert line.source
        assert line.availability.asked == line.quantity
    assert pricing.net == sum((line.net for line in pricing.lines), Money.zero("EUR"))
    assert pricing.gross == pricing.net + pricing.tax
    assert pricing.tax == sum((total.tax for total in pricing.taxes), Money.zero("EUR"))
    assert erp_port.changes(None).changes == ()


def test_a_draft_over_the_limit_says_by_how_much(erp_port, dataset, item):
    limited = next(
        row["id"]
        for row in dataset.rows("customers")
        if row["credit_limit"] is not None and not row["on_hold"] and not row["bill_to_id"]
    )
    customer = erp_port.customer(limited)
    credit = erp_port.credit(customer)
    line = PriceRequestLine(number=1, item_id=item.id, quantity=Decimal(900000))
    pricing = erp_port.price(customer, PriceRequest(lines=(line,)))
    assert pricing.credit.result == "over_limit"
    assert pricing.credit.exposure_after == credit.exposure + pricing.gross
    assert pricing.credit.over_by == credit.exposure + pricing.gross - credit.limit


def test_an_unknown_item_is_refused_beside_its_line(erp_port, customer):
    line = PriceRequestLine(number=1, item_id="NO-SUCH", quantity=Decimal(1))
    with pytest.raises(RemoteRefused) as caught:
        erp_port.price(customer, PriceRequest(lines=(line,)))
    assert caught.value.status == 422
    assert caught.value.fields[0].field == "lines.0.item_id"


def test_a_body_that_does_not_fit_is_rejected_data(erp_port, customer, item):
    line = PriceRequestLine(number=1, item_id=item.id, quantity=Decimal(-1))
    with pytest.raises(RemoteRejectedData) as caught:
        erp_port.price(customer, PriceRequest(lines=(line,)))
    assert caught.value.fields[0].field == "lines.0.quantity"


def test_another_currency_than_the_customers_is_refused(erp_port, customer, order, item):
    lines = tuple(evolve(line, unit_price=None) for line in order.lines)
    with pytest.raises(RemoteRefused):
        erp_port.place_order(
            customer, evolve(order, currency="JPY", lines=lines), idempotency_key="key-1"
        )


@pytest.mark.parametrize(
    "read", ["customer", "item", "stock", "order", "shipment", "invoice", "payment", "credit_note"]
)
def test_what_does_not_exist_is_not_found(erp_port, read):
    with pytest.raises(NotFound, match=r"The ERP main at http://erp\.test"):
        getattr(erp_port, read)("X-404")


def test_a_wrong_key_is_told(connect_erp):
    with pytest.raises(RemoteUnauthorized, match=r"\[erp.main\] in crossdock.toml") as caught:
        connect_erp(api_key="wrong-key-77").customers()
    assert "wrong-key-77" not in str(caught.value)


def test_an_order_is_placed_as_it_was_sent(erp_port, customer, order):
    acknowledgement = erp_port.place_order(customer, order, idempotency_key="key-1")
    placed = acknowledgement.order
    assert (acknowledgement.reference, acknowledgement.replayed) == ("R-1", False)
    assert (placed.reference, placed.customer_id, placed.quote_id, placed.opportunity_id) == (
        "R-1",
        customer.id,
        "Q-1",
        "O-1",
    )
    assert dict(placed.external_ids) == {"crm": "R-1"}
    assert (placed.requested_on, placed.ship_to) == (order.requested_on, order.ship_to)
    priced, own = placed.lines
    assert (priced.number, priced.quantity, priced.unit_price, priced.discount_percent) == (
        1,
        Decimal(2),
        eur("3.25"),
        Decimal("2.5"),
    )
    assert (priced.quote_line, own.number, own.quote_line) == (1, 5, 2)
    assert own.unit_price is not None
    assert erp_port.order(placed.id) == placed
    assert placed.history[0].event == "entered"


def test_the_same_key_gives_the_same_order(erp_port, connect_erp, customer, order):
    first = erp_port.place_order(customer, order, idempotency_key="key-1")
    again = connect_erp().place_order(customer, order, idempotency_key="key-1")
    assert (again.order.id, again.reference, again.replayed) == (first.order.id, "R-1", True)


def test_the_same_key_for_another_order_is_a_conflict(erp_port, customer, order):
    erp_port.place_order(customer, order, idempotency_key="key-1")
    with pytest.raises(Conflict) as caught:
        erp_port.place_order(customer, evolve(order, reference="R-2"), idempotency_key="key-1")
    assert caught.value.code == "idempotency_key_reused"


def test_an_order_is_found_by_its_reference(erp_port, customer, order):
    assert erp_port.orders_by_reference("R-1") == ()
    placed = erp_port.place_order(customer, order, idempotency_key="key-1").order
    found = erp_port.orders_by_reference("R-1")
    assert found == (evolve(placed, history=()),)


def test_two_orders_with_one_reference_are_told(erp_port, customer, order):
    for key in ("key-1", "key-2"):
        erp_port.place_order(customer, order, idempotency_key=key)
    assert len(erp_port.orders_by_reference("R-1")) == 2


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(
    "kind", ["drop_before", "drop_after_commit", "half_body", "status", "status_after_commit"]
)
def test_a_lost_answer_never_makes_a_second_order(erp_port, erp_mock, customer, order, kind):
    before = len(erp_port.orders(customer))
    erp_mock.world.faults.add(Fault(kind=kind, operation="createSalesOrder", times=2))
    acknowledgement = erp_port.place_order(customer, order, idempotency_key="key-1")
    assert acknowledgement.reference == "R-1"
    assert len(erp_port.orders(customer)) == before + 1
    assert len(erp_mock.journal("createSalesOrder")) == 3


@pytest.mark.usefixtures("no_waiting")
def test_without_a_key_a_lost_answer_is_told_and_not_tried_again(
    erp_port, erp_mock, customer, order
):
    erp_mock.world.faults.add(Fault(kind="drop_after_commit", operation="createSalesOrder"))
    with pytest.raises(RemoteUnavailable, match="Whether the call took effect is not known"):
        erp_port.place_order(customer, order, idempotency_key="")
    assert len(erp_port.orders_by_reference("R-1")) == 1
    assert len(erp_mock.journal("createSalesOrder")) == 1


def test_one_key_from_many_threads_makes_one_order(erp_port, connect_erp, customer, order):
    ports = [connect_erp() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        placed = list(
            pool.map(lambda port: port.place_order(customer, order, idempotency_key="key-1"), ports)
        )
    assert len({each.order.id for each in placed}) == 1
    assert [each.replayed for each in placed].count(False) == 1


def test_the_journal_proves_who_placed_an_order(erp_port, erp_mock, customer, order):
    identity = "crossdock/0.1.0 worker pid=77 plugin=straight-through"
    with calling_as(identity, correlation_id="delivery-9"):
        erp_port.place_order(customer, order, idempotency_key="key-1")
    (entry,) = erp_mock.journal("createSalesOrder")
    assert entry.committed
    assert entry.request_headers["user-agent"] == identity
    assert entry.request_headers["x-correlation-id"] == "delivery-9"


def test_an_orders_way_to_paid_is_seen(erp_port, back_office, customer, order):
    placed = erp_port.place_order(customer, order, idempotency_key="key-1").order
    if placed.status == "on_hold":
        back_office(f"/sales-orders/{placed.id}/approve", {})
    cursor = erp_port.changes(None).cursor

    def status():
        return erp_port.order(placed.id).status

    lines = [{"orderLine": 1, "quantity": "1"}]
    back_office(f"/sales-orders/{placed.id}/shipments", {"lines": lines})
    assert status() == "partly_shipped"
    back_office(f"/sales-orders/{placed.id}/shipments", {})
    assert status() == "shipped"
    invoice_id = back_office(f"/sales-orders/{placed.id}/invoices", {})["id"]
    assert status() == "invoiced"
    invoice = erp_port.invoice(invoice_id)
    assert (invoice.order_id, invoice.status, invoice.open) == (placed.id, "open", invoice.gross)
    for line in invoice.lines:
        shipment = erp_port.shipment(line.shipment_id)
        (shipped,) = [each for each in shipment.lines if each.number == line.shipment_line]
        assert (shipment.order_id, shipped.order_line) == (line.order_id, line.order_line)
    amount = f"{invoice.gross.amount:f}"
    back_office(
        "/payments",
        {
            "customerId": customer.id,
            "amount": amount,
            "applications": [{"invoiceId": invoice_id, "amount": amount}],
        },
    )
    assert status() == "paid"
    paid = erp_port.invoice(invoice_id)
    assert (paid.status, paid.open) == ("paid", eur("0.00"))
    payment = erp_port.payment(paid.applications[0].source_id)
    assert payment.applications == paid.applications
    done = erp_port.order(placed.id)
    assert [line.invoiced for line in done.lines] == [line.shipped for line in done.lines]
    assert [step.event for step in done.history][-4:] == ["shipped", "shipped", "invoiced", "paid"]
    assert done.history[-1].document_id == payment.id
    entities = {change.entity for change in erp_port.changes(cursor).changes}
    assert {"order", "shipment", "invoice", "payment"} <= entities


def test_the_change_feed_is_read_piece_by_piece(erp_port, customer, order):
    for number in range(3):
        key = f"key-{number}"
        erp_port.place_order(customer, evolve(order, reference=key), idempotency_key=key)
    whole = erp_port.changes(None, limit=500).changes
    cursor, pieces = None, []
    while True:
        piece = erp_port.changes(cursor, limit=2)
        pieces += piece.changes
        cursor = piece.cursor
        if not piece.more:
            break
    assert [(change.entity, change.id, change.action) for change in pieces] == [
        (change.entity, change.id, change.action) for change in whole
    ]
    orders = [change for change in whole if change.entity == "order"]
    assert len({change.id for change in orders}) == 3


def test_the_connector_uses_the_operations_that_it_declares(connect_erp, erp_mock, customer, order):
    erp_port = connect_erp(tax_code="STD")
    erp_port.customers()
    erp_port.credit(customer)
    erp_port.credit_list()
    erp_port.contracts(customer)
    erp_port.items()
    line = PriceRequestLine(number=1, item_id=order.lines[0].item_id, quantity=Decimal(1))
    erp_port.price(customer, PriceRequest(lines=(line,)))
    placed = erp_port.place_order(customer, order, idempotency_key="key-1").order
    erp_port.order(placed.id)
    erp_port.orders(customer)
    later = OrderChange(id="CO-1", order_id="R-1", kind="change", requested_on=date(2027, 1, 15))
    changed = erp_port.change_order(placed, later)
    erp_port.change_order(changed, evolve(later, id="CO-2", kind="cancel"))
    erp_port.shipment(erp_port.shipments(customer)[0].id)
    erp_port.goods_return(erp_port.returns(customer)[0].id)
    erp_port.invoice(erp_port.invoices(customer)[0].id)
    erp_port.credit_note(erp_port.credit_notes(customer)[0].id)
    erp_port.payment(erp_port.payments(customer)[0].id)
    erp_port.save_customer(evolve(customer, phone="1"))
    made = erp_port.save_customer(evolve(customer, id="", version=None))
    person = Contact(id="", account_id=made.id, system="main", last_name="Adams")
    met = erp_port.save_contact(person)
    erp_port.save_contact(evolve(met, mobile="2"))
    assert erp_port.contact(met.id) in erp_port.contacts(made)
    trade = erp_port.price_lists()[0]
    amount = Money("9", trade.currency)
    item = erp_port.save_item(Item(id="NEW-1", name="New", system="main", list_price=amount))
    erp_port.save_item(evolve(erp_port.item(item.id), name="Newer"))
    erp_port.save_price(
        ListPrice(price_list_id=trade.id, item_id=item.id, system="main", price=amount)
    )
    erp_port.prices(trade.id)
    erp_port.writes_as()
    erp_port.exchange_rates()
    erp_port.invoice_document(erp_port.invoices(customer)[0].id)
    erp_port.send_invoice(erp_port.invoices(customer)[0].id, to="buyer@acme.example")
    erp_port.changes(None)
    assert {entry.operation_id for entry in erp_mock.journal()} == erp_port.used_operations
    for entry in erp_mock.journal():
        new = entry.operation_id == "getItem" and entry.status == 404  # it is looked for first
        assert new or entry.verdict == "answered", entry.reason
        assert "erp-demo-key" not in str(entry.as_dict())
