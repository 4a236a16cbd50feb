"""What was bought and shipped, what came back, and what similar customers buy besides."""

from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock import Badge, Chart, Link, Metrics, Notice, Percent, Table, Unknown
from crossdock.records import (
    Address,
    InvoiceLine,
    Item,
    Return,
    Shipment,
    ShipmentLine,
)
from crossdock_plugins.erp_tabs.products import products_view
from crossdock_plugins.erp_tabs.purchases import purchases_view
from crossdock_plugins.erp_tabs.returns import returns_view
from crossdock_plugins.erp_tabs.shipments import shipments_view

D = Decimal


def line(erp, number, item, quantity, price, discount=0):
    net = erp.money(D(quantity) * D(price) * (100 - D(discount)) / 100)
    return InvoiceLine(
        number=number, item_id=item, description=f"{item} as sold", quantity=D(quantity),
        unit_price=erp.money(price), discount_percent=D(discount), net=net,
    )  # fmt: skip


def item(erp, code, product_line, price, **more):
    return Item(
        id=code, name=f"Name of {code}", system=erp.system, product_line=product_line,
        list_price=erp.money(price), **more,
    )  # fmt: skip


def shelf(erp, *items):
    erp.documents["items"] += items


def table(view, shop, title):
    (found,) = [each for each in shop.components(view, Table) if each.title.startswith(title)]
    return found


# Purchases.


@pytest.mark.parametrize("tells_all", [True, False])  # of the ERP: what is sold no more, too
def test_purchases_are_told_item_by_item_with_the_last_price_and_day(erp, shop, tells_all):
    erp.tells_all_items = tells_all
    shelf(erp, item(erp, "B-1", "Bearings", 12))
    erp.invoice("IN-1", 100, date(2026, 1, 5), lines=(line(erp, 1, "B-1", 10, 10),))
    erp.invoice("IN-2", 57, date(2026, 3, 9), lines=(line(erp, 1, "B-1", 5, 12, 5),))
    erp.credit_note("CN-1", 12, date(2026, 3, 12), lines=(line(erp, 1, "B-1", 1, 12),))

    view = purchases_view(shop.Ctx(erp), shop.account, {})

    (row,) = table(view, shop, "Items bought").rows
    assert row["item"].text == "B-1"
    assert (row["name"], row["description"], row["line"]) == (
        "Name of B-1", "B-1 as sold", "Bearings",
    )  # fmt: skip
    assert (row["quantity"], row["price"], row["discount"]) == (
        14,
        erp.money(12),
        Percent(D("0.05")),
    )
    assert (row["last"], row["times"], row["net"]) == (date(2026, 3, 9), 2, erp.money(145))
    assert table(view, shop, "Items bought").total == {"net": erp.money(145)}


def test_an_item_leads_to_each_of_its_purchases_and_those_to_their_documents(erp, shop):
    erp.invoice("IN-1", 100, date(2026, 1, 5), lines=(line(erp, 1, "B-1", 10, 10),))
    erp.invoice("IN-2", 7, date(2026, 2, 5), lines=(line(erp, 1, "X-9", 1, 7),))
    erp.credit_note("CN-1", 10, date(2026, 3, 12), lines=(line(erp, 1, "B-1", 1, 10),))
    (bought, _) = table(purchases_view(shop.Ctx(erp), shop.account, {}), shop, "Items").rows

    view = purchases_view(shop.Ctx(erp), shop.account, bought["item"].params)

    lines = table(view, shop, "Purchases of B-1")
    assert [row["document"] for row in lines.rows] == [
        Link("CN-1", "credit_note/CN-1", {"system": "main"}),
        Link("IN-1", "invoice/IN-1", {"system": "main"}),
    ]
    assert [row["quantity"] for row in lines.rows] == [-1, 10]
    assert lines.total == {"quantity": 9, "net": erp.money(90)}


def test_an_item_that_the_catalogue_does_not_have_is_told_by_its_code(erp, shop):
    erp.invoice("IN-1", 7, date(2026, 2, 5), lines=(line(erp, 1, "X-9", 1, 7),))

    (row,) = table(purchases_view(shop.Ctx(erp), shop.account, {}), shop, "Items").rows

    assert row["name"] == Unknown("not in the catalogue")


# Product lines, and what similar customers buy.


def neighbour(erp, number, *codes, on):
    customer = evolve(erp.trading_account, id=f"N-{number}")
    erp.neighbours.append(customer)
    before = erp.documents["invoices"]
    erp.documents["invoices"] = []
    lines = tuple(line(erp, n, code, 1, 50) for n, code in enumerate(codes, start=1))
    erp.invoice(f"IN-{number}", 50 * len(codes), on, lines=lines)
    erp.others[customer.id] = tuple(erp.documents["invoices"])
    erp.documents["invoices"] = before


def test_sales_by_product_line_stand_beside_each_other_by_year_and_add_up(erp, shop):
    shelf(erp, item(erp, "B-1", "Bearings", 12), item(erp, "S-1", "Seals", 3))
    erp.invoice("IN-1", 100, date(2025, 1, 5), lines=(line(erp, 1, "B-1", 10, 10),))
    erp.invoice(
        "IN-2", 60, date(2026, 3, 9), lines=(line(erp, 1, "B-1", 3, 10), line(erp, 2, "S-1", 10, 3))
    )

    view = products_view(shop.Ctx(erp), shop.account, {"compare": "no"})

    lines = table(view, shop, "Sales by product line")
    assert [(row["line"].text, row["2025"], row["2026"], row["net"]) for row in lines.rows] == [
        ("Bearings", erp.money(100), erp.money(30), erp.money(130)),
        ("Seals", erp.money(0), erp.money(30), erp.money(30)),
    ]
    assert lines.total["net"] == erp.money(160)
    assert lines.rows[0]["line"].params["purchases.find"] == "Bearings"
    (chart,) = shop.components(view, Chart)
    assert chart.categories == ("Bearings", "Seals")
    assert [each.label for each in chart.series] == ["2025", "2026"]
    assert "customers" not in erp.asked, "nobody is compared with unless somebody asks"


def test_gaps_and_better_variants_are_what_similar_customers_buy_besides(erp, shop):
    on = shop.days_ago(30)
    shelf(
        erp,
        item(erp, "B-1", "Bearings", 10), item(erp, "B-2", "Bearings", 15),
        item(erp, "G-1", "Grease", 4),
    )  # fmt: skip
    erp.invoice("IN-1", 50, on, lines=(line(erp, 1, "B-1", 1, 50),))
    for number in range(3):
        neighbour(erp, number, "B-1", "B-2", "G-1", on=on)

    view = products_view(shop.Ctx(erp), shop.account, {"compare": "yes"})

    (gap,) = table(view, shop, "Product lines that similar").rows
    assert (gap["name"], gap["share"], gap["buyers"]) == ("Grease", Percent(D(1), 0), 3)
    assert gap["typical"] == erp.money(50)
    assert "G-1 Name of G-1" in gap["items"]
    (variant,) = table(view, shop, "Better variants").rows
    assert (variant["item"], variant["variant"]) == ("B-1 Name of B-1", "B-2 Name of B-2")
    assert variant["buyers"] == 3
    assert "3 similar customers of 3 compared" in table(view, shop, "Better").provenance.note


def test_where_nobody_is_alike_that_is_said(erp, shop):
    shelf(erp, item(erp, "B-1", "Bearings", 10))
    erp.invoice("IN-1", 50, shop.days_ago(3), lines=(line(erp, 1, "B-1", 1, 50),))
    neighbour(erp, 1, "Z-1", on=shop.days_ago(3))

    view = products_view(shop.Ctx(erp), shop.account, {"compare": "yes"})

    assert any("None of 1 customers" in each.text for each in shop.components(view, Notice))


def test_only_as_many_customers_are_compared_as_the_settings_allow(erp, shop):
    ctx = shop.Ctx(erp)
    ctx.config["compared_customers"] = 2
    erp.invoice("IN-1", 50, shop.days_ago(3), lines=(line(erp, 1, "B-1", 1, 50),))
    for number in range(5):
        neighbour(erp, number, "B-1", on=shop.days_ago(3))

    products_view(ctx, shop.account, {"compare": "yes"})

    assert erp.asked.count("invoices") == 1 + 2


# Shipments and returns.


def ship(erp, number, order, on, *quantities, **more):
    erp.documents["shipments"].append(
        Shipment(
            id=number, system=erp.system, customer_id="C-1", shipped_on=on, order_id=order,
            carrier="Dolphin Freight", tracking="T-1",
            ship_to=Address(name="Goods in", city="Linz", country="AT"),
            lines=tuple(
                ShipmentLine(number=n, item_id=f"ITEM-{n}", quantity=D(quantity), order_line=n)
                for n, quantity in enumerate(quantities, start=1)
            ),
            **more,
        )
    )  # fmt: skip


def test_shipments_say_who_carried_what_to_whom_and_how_late(erp, shop):
    erp.order("SO-1", {"quantity": 4, "shipped": 4, "promised_on": shop.days_ago(9)})
    ship(erp, "SH-1", "SO-1", shop.days_ago(5), 4)

    view = shipments_view(shop.Ctx(erp), shop.account, {})

    (row,) = table(view, shop, "Shipments").rows
    assert row["shipment"] == Link("SH-1", "shipment/SH-1", {"system": "main"})
    assert (row["on"], row["late"], row["party"]) == (shop.days_ago(5), 4, "Dolphin Freight")
    assert (row["to"], row["quantity"], row["items"]) == ("Linz, AT", 4, "4 x ITEM-1")
    assert shop.metrics_of(view)["On time"].value == Percent(D(0))


def test_shipments_without_the_orders_are_shown_and_nobody_says_whether_they_were_late(erp, shop):
    ship(erp, "SH-1", "SO-1", shop.days_ago(5), 4, 1, 2, 3)
    erp.failing["orders"] = shop.away("main")

    view = shipments_view(shop.Ctx(erp), shop.account, {})

    (row,) = table(view, shop, "Shipments").rows
    assert isinstance(row["late"], Unknown)
    assert isinstance(shop.metrics_of(view)["On time"].value, Unknown)
    assert row["items"] == "4 x ITEM-1, 1 x ITEM-2, 2 x ITEM-3, 1 more"


def test_returns_and_credit_notes_stand_in_one_tab_each_with_what_it_is_for(erp, shop):
    erp.credit_note("CN-1", 15, shop.days_ago(2), invoice_id="IN-7", reason="broken")
    erp.documents["returns"].append(
        Return(
            id="RT-1", system="main", customer_id="C-1", received_on=shop.days_ago(3),
            order_id="SO-1", reason="broken",
            lines=(ShipmentLine(number=1, item_id="B-1", quantity=D(2)),),
        )
    )  # fmt: skip

    view = returns_view(shop.Ctx(erp), shop.account, {})

    (came_back,) = table(view, shop, "Returns").rows
    assert (came_back["return"].target, came_back["items"]) == ("return/RT-1", "2 x B-1")
    (credited,) = table(view, shop, "Credit notes").rows
    assert credited["invoice"] == Link("IN-7", "invoice/IN-7", {"system": "main"})
    assert (credited["status"], credited["open"]) == (Badge("open", "info"), erp.money(15))


def test_nothing_bought_nothing_shipped_and_nothing_returned_are_said_in_words(erp, shop):
    for view in (
        purchases_view(shop.Ctx(erp), shop.account, {}),
        products_view(shop.Ctx(erp), shop.account, {}),
        shipments_view(shop.Ctx(erp), shop.account, {}),
        returns_view(shop.Ctx(erp), shop.account, {}),
    ):
        tables = shop.components(view, Table)
        assert all(each.rows == () and each.empty != "Nothing to show." for each in tables)
        assert tables
        assert not any(
            metric.value == 0 and metric.label != "Shipments"
            for each in shop.components(view, Metrics)
            for metric in each.metrics
        )
