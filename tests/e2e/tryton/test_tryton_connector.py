"""The connector against a live Tryton: what it reads, what it places, what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from attrs import evolve

from crossdock.connectors import tryton
from crossdock.demo.tryton.server import DATABASE, settings
from crossdock.errors import (
    ConfigError,
    Conflict,
    NotFound,
    NotSupported,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
    Stale,
)
from crossdock.ports import ErpPort, scopes_of
from crossdock.records import (
    Money,
    Order,
    OrderChange,
    OrderLine,
    PriceRequest,
    PriceRequestLine,
)

D = Decimal


def order(reference, *lines, **more):
    wanted = lines or (("BRG-1001", "2", "6.36"),)
    return Order(
        id=reference,
        system="crm",
        currency="EUR",
        reference=reference,
        lines=tuple(
            OrderLine(
                number=number, item_id=item, quantity=D(quantity), unit_price=Money(price, "EUR")
            )
            for number, (item, quantity, price) in enumerate(lines or wanted, start=1)
        ),
        **more,
    )


def limited(dataset, *, more_than=None, blocked=False):
    """A customer with a credit limit, or one that nothing is sold to."""
    for row in dataset.rows("customers"):
        if blocked and row["on_hold"]:
            return row
        if more_than and not row["on_hold"] and (row["credit_limit"] or 0) > more_than:
            return row
    raise AssertionError("no such customer")


def everything(read, limit=7):
    cursor, found = None, []
    while True:
        page = read(after=cursor, limit=limit)
        assert len(page.items) <= limit
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


def told(port, cursor):
    found = []
    while True:
        page = port.changes(cursor, limit=3)
        found += [(change.entity, change.id) for change in page.changes]
        cursor = page.cursor
        if not page.more:
            return cursor, found


def test_it_is_a_port_that_knows_customers_and_items_by_their_numbers(port, dataset):
    assert isinstance(port, ErpPort)
    assert all(callable(getattr(port, name)) for name in scopes_of(ErpPort))
    found, items = everything(port.customers), everything(port.items, limit=20)
    # Tests that share the server make customers as well, which Tryton numbers from 1.
    customers = [each for each in found if each.id.startswith("C-")]
    assert {each.id for each in customers} == {row["id"] for row in dataset.rows("customers")}
    active = {row["id"]: row for row in dataset.rows("items") if row["active"]}
    assert {each.id for each in items} == set(active)
    assert port.customer(customers[3].id) == customers[3]
    row = next(row for row in dataset.rows("customers") if row["id"] == customers[3].id)
    mine = customers[3]
    assert (mine.name, mine.email, mine.phone) == (row["name"], row["email"], row["phone"])
    assert (mine.terms_days, mine.currency) == (row["terms_days"], row["currency"])
    assert (mine.address.street, mine.address.city) == (row["street"], row["city"])
    assert (mine.address.postcode, mine.address.country) == (row["postcode"], row["country"])
    for item in items[:5]:
        assert port.item(item.id) == item
        assert item.list_price.amount == active[item.id]["list_price"]
        assert item.cost.amount == active[item.id]["cost"]
        assert (item.tax_code, item.product_line) == (
            active[item.id]["tax_code"],
            active[item.id]["product_line"],
        )
    assert customers[3] in port.customers(customers[3].name[2:8]).items
    # What was typed never stands for anything.
    assert port.customers("%").items == ()
    assert port.items("BRG_1001").items == ()


def test_no_limit_and_a_limit_of_nothing_are_told_apart(port, people, dataset):
    row = limited(dataset, blocked=True)
    blocked = port.customer(row["id"])
    assert blocked.on_hold
    assert blocked.credit_limit == Money(0, "EUR")
    assert port.credit(blocked).limit == Money(0, "EUR")
    one = port.customer("C-10001")
    (party,) = people.find("party.party", [["code", "=", "C-10001"]])
    people.call("party.party.write", [party["id"]], {"credit_limit_amount": None})
    free = port.credit(one)
    people.call(
        "party.party.write", [party["id"]], {"credit_limit_amount": one.credit_limit.amount}
    )
    assert free.unlimited
    assert (free.limit, free.available) == (None, None)
    listed = everything(port.credit_list, limit=20)
    assert len(listed) >= len(list(dataset.rows("customers")))
    for status in listed[:2] + [each for each in listed if each.customer_id == blocked.id]:
        assert status == port.credit(port.customer(status.customer_id))


def test_a_draft_is_priced_by_tryton_itself_and_nothing_is_stored(port, people, dataset):
    contract = next(
        row for row in dataset.rows("prices") if row["customer_id"] and row["min_quantity"] > 1
    )
    customer = port.customer(contract["customer_id"])
    item, least = contract["item_id"], contract["min_quantity"]
    before = people.call("sale.sale.search_count", [])
    lines = (
        PriceRequestLine(number=1, item_id=item, quantity=least),
        PriceRequestLine(number=4, item_id=item, quantity=least - 1),
        PriceRequestLine(number=7, item_id=item, quantity=least, discount_percent=D("5")),
    )
    found = port.price(customer, PriceRequest(lines=lines, currency="EUR"))
    assert people.call("sale.sale.search_count", []) == before
    many, few, less = found.lines
    assert many.unit_price.amount == contract["price"]
    assert few.unit_price.amount > many.unit_price.amount
    assert (many.rule, contract["customer_id"] in many.source) == ("price list", True)
    assert less.net.amount == (least * (contract["price"] * D("0.95"))).quantize(D("0.01"))
    assert found.net == sum((line.net for line in found.lines), Money.zero("EUR"))
    assert found.gross == found.net + found.tax
    assert found.tax == sum((each.tax for each in found.taxes), Money.zero("EUR"))
    assert found.residue == found.tax - sum((line.tax for line in found.lines), Money.zero("EUR"))
    assert many.availability.on_hand == sum(
        row["on_hand"] for row in dataset.rows("stock") if row["item_id"] == item
    )
    assert found.credit.result == "ok"
    assert [line.number for line in found.lines] == [1, 4, 7]


def test_what_cannot_be_priced_is_said_beside_its_line(port):
    customer = port.customer("C-10001")
    line = PriceRequestLine(number=1, item_id="NO-SUCH", quantity=D(1))
    with pytest.raises(RemoteRefused) as caught:
        port.price(customer, PriceRequest(lines=(line,)))
    assert caught.value.fields[0].field == "lines.0.item_id"
    with pytest.raises(RemoteRejectedData):
        port.price(
            customer, PriceRequest(lines=(evolve(line, item_id="BRG-1001", quantity=D(-1)),))
        )


def test_a_draft_over_the_limit_is_told_before_and_held_when_it_is_placed(port, office, dataset):
    row = limited(dataset, more_than=1000)
    customer = port.customer(row["id"])
    count = int(row["credit_limit"] / D("6.36")) + 10
    request = PriceRequest(
        lines=(PriceRequestLine(number=1, item_id="BRG-1001", quantity=D(count)),), currency="EUR"
    )
    priced = port.price(customer, request)
    over = count * D("6.36") - row["credit_limit"]
    if priced.lines[0].unit_price.amount == D("6.36"):
        assert (priced.credit.result, priced.credit.over_by) == ("over_limit", Money(over, "EUR"))
    ordered = order("R-over", ("BRG-1001", str(count), "6.36"))
    held = port.place_order(customer, ordered, idempotency_key="").order
    assert held.status == "on_hold"
    assert held.hold_reason
    again = port.place_order(customer, ordered, idempotency_key="")
    assert (again.order.id, again.order.status, again.replayed) == (held.id, "on_hold", True)
    assert "let the order go" in office("approve", held.id)
    assert port.order(held.id).status == "confirmed"


@pytest.mark.full
def test_an_order_goes_the_whole_way_and_each_step_is_told(port, office, people):
    customer = port.customer("C-10002")
    cursor, _ = told(port, None)
    ordered = order("R-way", ("BRG-1001", "10", "6.36"), ("BRG-1002", "4", "7.23"))
    placed = port.place_order(customer, ordered, idempotency_key="").order
    assert placed.status == "confirmed"
    assert (placed.reference, dict(placed.external_ids)) == ("R-way", {"crm": "R-way"})
    assert [(line.number, line.item_id, line.quantity) for line in placed.lines] == [
        (1, "BRG-1001", D(10)),
        (2, "BRG-1002", D(4)),
    ]
    assert placed.net == Money("92.52", "EUR")
    assert placed.gross == Money("111.02", "EUR")
    cursor, first = told(port, cursor)
    assert first.count(("order", placed.id)) == 1
    assert told(port, cursor)[1] == []

    office("ship_part", placed.id)
    part = port.order(placed.id)
    assert part.status == "partly_shipped"
    assert [line.shipped for line in part.lines] == [D(5), D(2)]
    (shipment,) = port.shipments(customer)
    assert (shipment.order_id, shipment.customer_id) == (placed.id, customer.id)
    assert [(line.item_id, line.quantity, line.order_line) for line in shipment.lines] == [
        ("BRG-1001", D(5), 1),
        ("BRG-1002", D(2), 2),
    ]
    assert port.shipment(shipment.id) == shipment
    office("invoice", placed.id)
    assert port.order(placed.id).status == "partly_invoiced"
    cursor, then = told(port, cursor)
    assert {("order", placed.id), ("shipment", shipment.id)} <= set(then)

    office("ship", placed.id)
    office("invoice", placed.id)
    assert port.order(placed.id).status == "invoiced"
    invoices = port.invoices(customer, lines=True)
    assert sum((each.gross.amount for each in invoices), D(0)) == D("111.02")
    assert {each.order_id for each in invoices} == {placed.id}
    assert {(line.order_id, line.order_line) for each in invoices for line in each.lines} == {
        (placed.id, 1),
        (placed.id, 2),
    }
    for each in invoices:
        assert port.invoice(each.id) == each
        assert each.open == each.gross
        assert each.due_on == each.issued_on + timedelta(days=customer.terms_days)
    status = port.credit(customer)
    assert status.balance == Money("111.02", "EUR")
    assert status.last_invoiced_on == invoices[0].issued_on

    office("pay", placed.id)
    assert port.order(placed.id).status == "paid"
    payments = port.payments(customer)
    assert sum((each.amount.amount for each in payments), D(0)) == D("111.02")
    assert {each.unapplied for each in payments} == {Money(0, "EUR")}
    assert {one.invoice_id for each in payments for one in each.applications} == {
        each.id for each in invoices
    }
    assert port.payment(payments[0].id) == payments[0]
    assert {each.open.amount for each in port.invoices(customer)} == {D(0)}
    _, at_last = told(port, cursor)
    assert {("order", placed.id), *(("payment", each.id) for each in payments)} <= set(at_last)
    assert {("invoice", each.id) for each in invoices} <= set(at_last)

    # All of it is credited, and the money given back is owed to the customer.
    (row,) = people.find("account.invoice", [["number", "=", invoices[0].id]])
    around = {"active_id": row["id"], "active_ids": [row["id"]], "active_model": "account.invoice"}
    people.wizard("account.invoice.credit", [("start", "credit", {"with_refund": False})], **around)
    (draft,) = people.find("account.invoice", [["state", "=", "draft"], ["type", "=", "out"],
                                                ["party.code", "=", customer.id]])  # fmt: skip
    people.call("account.invoice.post", [draft["id"]])
    (note,) = port.credit_notes(customer, lines=True)
    assert note.gross == invoices[0].gross
    assert (note.open, note.invoice_id) == (note.gross, invoices[0].id)
    assert port.credit_note(note.id) == note
    with pytest.raises(NotFound):
        port.invoice(note.id)


@pytest.mark.full
def test_goods_that_are_short_are_sent_as_far_as_they_reach(port, office, dataset):
    customer = port.customer("C-10003")
    item = next(row["item_id"] for row in dataset.rows("stock") if 5 < row["on_hand"] < 60)
    there = port.stock(item).available
    placed = port.place_order(
        customer, order("R-short", (item, f"{there + 5}", "1")), idempotency_key=""
    ).order
    (line,) = placed.lines
    assert (line.reserved, line.back_ordered) == (D(0), there + 5)
    office("ship", placed.id)
    (line,) = port.order(placed.id).lines
    assert (line.shipped, line.back_ordered) == (there, D(5))
    short = port.stock(item, D(3))
    assert (short.on_hand, short.available) == (D(0), D(0))
    office("receive", placed.id)
    office("ship", placed.id)
    assert port.order(placed.id).status == "shipped"


@pytest.mark.full
def test_a_sale_is_cancelled_as_it_was_read_or_not_at_all(port, office, people):
    customer = port.customer("C-10002")
    cancel = OrderChange(order_id="R-stop", id="CO-1", kind="cancel")
    placed = port.place_order(
        customer, order("R-stop", ("BRG-1001", "8", "6.36")), idempotency_key=""
    ).order
    (row,) = people.find("sale.sale", [["number", "=", placed.id]])
    people.call("sale.sale.write", [row["id"]], {"reference": "crm:R-stop"})
    with pytest.raises(Stale):
        port.change_order(placed, cancel)
    office("ship_part", placed.id)
    now = port.order(placed.id)
    over = port.change_order(now, cancel)
    (line,) = over.lines
    assert (line.shipped, line.cancelled, line.back_ordered) == (D(4), D(4), D(0))
    assert port.change_order(over, cancel) == over
    with pytest.raises(RemoteRefused, match="changes no line"):
        port.change_order(over, evolve(cancel, kind="change"))
    whole = port.place_order(
        customer, order("R-none", ("BRG-1001", "8", "6.36")), idempotency_key=""
    ).order
    assert port.change_order(whole, evolve(cancel, order_id="R-none")).status == "cancelled"


def test_a_reference_is_one_order_and_another_one_under_it_is_refused(port, connect):
    customer = port.customer("C-10002")
    assert port.orders_by_reference("R-same") == ()
    ordered = order("R-same")
    first = port.place_order(customer, ordered, idempotency_key="")
    again = connect().place_order(customer, ordered, idempotency_key="")
    assert (again.order.id, again.replayed) == (first.order.id, True)
    (found,) = port.orders_by_reference("R-same")
    assert found == first.order
    assert port.orders_by_reference("R_same") == ()
    with pytest.raises(Conflict):
        port.place_order(port.customer("C-10003"), ordered, idempotency_key="")
    with pytest.raises(RemoteRejectedData):
        port.place_order(customer, evolve(ordered, reference=""), idempotency_key="")
    with pytest.raises(RemoteRefused, match="no item"):
        port.place_order(customer, order("R-nothing", ("NO", "1", "1")), idempotency_key="")
    assert first.order.id in {
        each.id for each in port.orders(customer, since=datetime.now(UTC).date())
    }


@pytest.mark.full
def test_what_people_offer_in_tryton_is_no_order(port, people):
    (party,) = people.find("party.party", [["code", "=", "C-10002"]], "addresses")
    product = people.only("product.product", [["code", "=", "BRG-1001"]])
    (unit,) = people.find("product.product", [["id", "=", product]], "sale_uom")
    (sale,) = people.create(
        "sale.sale",
        {
            "party": party["id"],
            "invoice_address": party["addresses"][0],
            "shipment_address": party["addresses"][0],
            "lines": [
                [
                    "create",
                    [
                        {
                            "product": product,
                            "quantity": 3.0,
                            "unit": unit["sale_uom"],
                            "unit_price": D("6.00"),
                            "base_price": D("6.36"),
                        }
                    ],
                ]
            ],
        },
    )
    people.call("sale.sale.quote", [sale])
    (row,) = people.find("sale.sale", [["id", "=", sale]], "number")
    customer = port.customer("C-10002")
    assert row["number"] not in {each.id for each in port.orders(customer)}
    with pytest.raises(NotFound, match="offer"):
        port.order(row["number"])
    (offer,) = port.quotes(customer)
    assert (offer.id, offer.status, offer.net) == (row["number"], "sent", Money(18, "EUR"))
    people.call("sale.sale.confirm", [sale])
    (line,) = port.order(row["number"]).lines
    assert (line.unit_price, line.discount_percent) == (Money("6.36", "EUR"), D("5.66"))
    assert line.net == Money("18.00", "EUR")
    assert port.quotes(customer) == ()


def test_rates_are_told_as_the_books_have_them_with_the_day_from_which_they_hold(port, dataset):
    rows = [row for row in dataset.rows("exchange_rates") if row["currency"] == "USD"]
    today = datetime.now(UTC).date()
    for on in (None, rows[2]["valid_from"], rows[3]["valid_from"] - timedelta(days=1)):
        newest = max(
            (row for row in rows if row["valid_from"] <= (on or today)),
            key=lambda row: row["valid_from"],
        )
        told = {each.of: each for each in port.exchange_rates(on=on)}
        assert set(told) == {"USD", "GBP", "CHF"}
        usd = told["USD"]
        assert (usd.to, usd.on, usd.source) == ("EUR", newest["valid_from"], "main")
        assert abs(usd.rate - newest["rate"]) < D("0.00001")  # six places of the inverse
    assert port.exchange_rates(on=rows[0]["valid_from"] - timedelta(days=1)) == ()


def test_what_is_not_there_is_not_found(port):
    for read in ("customer", "item", "order", "invoice", "payment", "credit_note", "shipment"):
        with pytest.raises(NotFound, match="The ERP main at"):
            getattr(port, read)("X-404")
    with pytest.raises(NotFound):
        port.goods_return("#99")
    with pytest.raises(NotSupported):
        port.contracts(port.customer("C-10001"))


def test_who_may_not_enter_is_told_what_to_check(server, connect):
    with pytest.raises(RemoteUnauthorized, match=r"'user' and 'password' under \[erp.main\]"):
        connect(password="wrong").customer("C-10001")
    # A login that finds the database locked is answered like one into a database that is none.
    with pytest.raises(RemoteUnavailable, match="none of this name") as nowhere:
        connect(database="nowhere").customer("C-10001")
    assert not nowhere.value.maybe_done
    with pytest.raises(RemoteUnavailable) as away:
        connect("http://127.0.0.1:9").customer("C-10001")
    assert not away.value.maybe_done
    with pytest.raises(ConfigError, match="accept_warnings"):
        tryton.connect("main", settings(server.url) | {"accept_warnings": "all"})


def test_a_session_that_was_ended_is_begun_again(server, connect, between):
    port = connect(between.url)
    port.customer("C-10001")
    token = between.sessions[-1]
    ended = {"id": 1, "method": "common.db.logout", "params": []}
    httpx.post(
        f"{server.url}/{DATABASE}/rpc/", json=ended, headers={"Authorization": token}
    ).raise_for_status()
    assert port.customer("C-10001").id == "C-10001"
    assert between.calls["common.db.login"] == 2
