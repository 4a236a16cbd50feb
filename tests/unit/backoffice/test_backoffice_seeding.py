"""Filling the books from a data set: totals, links, and data that contradict themselves."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crossdock_mocks import backoffice
from crossdock_mocks.datasets import DataSet, Header
from crossdock_mocks.engine import World

DAY = date(2026, 11, 20)
MASTERS = {
    "tax_codes": [{"id": "STD", "name": "Standard", "rate": Decimal("0.20")}],
    "items": [
        {"id": "A", "name": "Item A", "tax_code": "STD", "list_price": Decimal(10),
         "lead_time_days": 3},
        {"id": "B", "name": "Item B", "tax_code": "STD"},
    ],
    "customers": [{"id": "C-1", "name": "One", "currency": "GBP", "terms_days": 14}],
}  # fmt: skip


def line(head, key, number, item="A", quantity="1", price="10.01", **more):
    return {
        f"{head}_id": key, "line": number, "item_id": item, "quantity": Decimal(quantity),
        "unit_price": Decimal(price), "tax_code": "STD", **more,
    }  # fmt: skip


def billed(key, **more):
    return {
        "id": key, "customer_id": "C-1", "issued_on": DAY, "posted_on": DAY, "currency": "GBP",
        **more,
    }  # fmt: skip


def ordered(key, status="open", **more):
    return {
        "id": key, "customer_id": "C-1", "ordered_on": DAY, "status": status, "currency": "GBP",
        **more,
    }  # fmt: skip


def shipped(key, order):
    return {"id": key, "order_id": order, "customer_id": "C-1", "shipped_on": DAY}


def fill(rounding="line", **tables):
    header = Header(name="t", company="T", currency="GBP", as_of=DAY, rounding=rounding)
    world = World(backoffice.TABLES)
    backoffice.seed(world, DataSet.of(header, {**MASTERS, **tables}))
    return world


THREE = [line("invoice", "I-1", number) for number in (1, 2, 3)]


@pytest.mark.parametrize(("rounding", "total"), [("line", "36.03"), ("document", "36.04")])
def test_imported_invoices_are_rounded_as_the_data_set_says(rounding, total):
    world = fill(rounding, invoices=[billed("I-1")], invoice_lines=THREE)

    invoice = world.table("invoices").get("I-1")
    assert (invoice["total"], invoice["lineCount"]) == (total, 3)
    taxes = [each["tax"] for each in world.table("invoice_lines").get("I-1")["lines"]]
    assert sum(map(Decimal, taxes)) == Decimal(invoice["tax"])


@pytest.mark.parametrize("rounding", ["line", "document"])
def test_lines_that_do_not_stand_together_come_to_the_same(rounding):
    heads = [billed("I-1"), billed("I-2")]
    other = line("invoice", "I-2", 1)
    together = fill(rounding, invoices=heads, invoice_lines=[*THREE, other])
    apart = fill(rounding, invoices=heads, invoice_lines=[THREE[2], THREE[0], other, THREE[1]])

    for table in ("invoices", "invoice_lines"):
        assert apart.table(table).get("I-2") == together.table(table).get("I-2")
    assert apart.table("invoices").get("I-1") == together.table("invoices").get("I-1")
    assert [each["line"] for each in apart.table("invoice_lines").get("I-1")["lines"]] == [1, 2, 3]


def test_headers_are_read_without_their_lines():
    world = fill(invoices=[billed("I-1")], invoice_lines=THREE)

    assert "lines" not in world.table("invoices").get("I-1")


def test_a_line_that_names_no_order_line_is_linked_by_its_item():
    world = fill(
        orders=[ordered("O-1")],
        order_lines=[
            line("order", "O-1", 1, quantity="2"), line("order", "O-1", 2, item="B"),
            line("order", "O-1", 3, quantity="4"),
        ],
        shipments=[shipped("S-1", "O-1")],
        shipment_lines=[
            {"shipment_id": "S-1", "line": 1, "item_id": "A", "quantity": Decimal(2)},
            {"shipment_id": "S-1", "line": 2, "item_id": "A", "quantity": Decimal(3)},
        ],
    )  # fmt: skip

    lines = world.table("sales_order_lines").get("O-1")["lines"]
    assert [each["quantities"]["shipped"] for each in lines] == ["2", "0", "3"]


def test_what_is_invoiced_counts_as_shipped_where_shipments_are_not_known():
    world = fill(
        orders=[ordered("O-1", "closed")],
        order_lines=[line("order", "O-1", 1, quantity="5")],
        invoices=[billed("I-1", order_id="O-1")],
        invoice_lines=[line("invoice", "I-1", 1, quantity="4", order_line=1)],
    )

    (kept,) = world.table("sales_order_lines").get("O-1")["lines"]
    quantities = kept["quantities"]
    assert (quantities["shipped"], quantities["invoiced"], quantities["cancelled"]) == (
        "4", "4", "1",
    )  # fmt: skip


def test_open_orders_reserve_in_the_order_of_their_dates():
    world = fill(
        stock=[{"item_id": "A", "location": "MAIN", "on_hand": Decimal(7)}],
        orders=[
            ordered("O-late"),
            {**ordered("O-early"), "ordered_on": date(2026, 11, 1)},
        ],
        order_lines=[
            line("order", "O-late", 1, quantity="5"),
            line("order", "O-early", 1, quantity="5"),
        ],
    )

    reserved = {
        key: world.table("sales_order_lines").get(key)["lines"][0]["quantities"]["reserved"]
        for key in ("O-early", "O-late")
    }
    assert reserved == {"O-early": "5", "O-late": "2"}
    stock = world.table("stock").get("A")
    assert (stock["reserved"], stock["backordered"]) == ("7", "3")
    late = world.table("sales_orders").get("O-late")
    assert late["promisedOn"] == "2026-11-23"  # bought in three days


def test_a_cancelled_order_reserves_nothing():
    world = fill(orders=[ordered("O-1", "cancelled")], order_lines=[line("order", "O-1", 1)])

    order = world.table("sales_orders").get("O-1")
    assert (order["status"], order["total"], order["exposed"]) == ("cancelled", "0.00", False)


def test_an_orders_history_begins_with_its_import():
    world = fill(orders=[ordered("O-1")], order_lines=[line("order", "O-1", 1)])

    events = world.table("sales_order_events").find({"orderId": "O-1"}, "sequence")
    assert [(each["event"], each["status"]) for each in events] == [
        ("entered", "confirmed"), ("imported", "confirmed"),
    ]  # fmt: skip


def test_the_clock_is_left_alone_when_it_stands_on_the_day_already():
    header = Header(name="t", company="T", currency="GBP", as_of=DAY)
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    world = World(backoffice.TABLES, now=noon)
    backoffice.seed(world, DataSet.of(header, MASTERS))

    assert world.now == noon


def test_without_a_data_set_there_is_a_company():
    world = World(backoffice.TABLES)
    backoffice.seed(world, None)

    assert world.table("company").get("company")["currency"] == "EUR"


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ({"invoices": [billed("I-1")], "invoice_lines": THREE,
          "payments": [{"id": "P-1", "customer_id": "C-1", "received_on": DAY, "currency": "GBP",
                        "amount": Decimal(40)}],
          "payment_applications": [{"payment_id": "P-1", "invoice_id": "I-1", "applied_on": DAY,
                                    "amount": Decimal("36.04")}]},
         "applied to invoice I-1"),
        ({"invoices": [billed("I-1")], "invoice_lines": THREE,
          "payments": [{"id": "P-1", "customer_id": "C-1", "received_on": DAY, "currency": "GBP",
                        "amount": Decimal(10)}],
          "payment_applications": [{"payment_id": "P-1", "invoice_id": "I-1", "applied_on": DAY,
                                    "amount": Decimal("10.01")}]},
         "payment P-1"),
        ({"orders": [ordered("O-1")], "order_lines": [line("order", "O-1", 1, quantity="2")],
          "shipments": [shipped("S-1", "O-1")],
          "shipment_lines": [{"shipment_id": "S-1", "line": 1, "order_line": 1, "item_id": "A",
                              "quantity": Decimal(3)}]},
         "order O-1 line 1: shipped 3"),
    ],
)  # fmt: skip
def test_data_that_contradict_themselves_are_refused_by_name(tables, told):
    with pytest.raises(ValueError, match=told):
        fill(**tables)
