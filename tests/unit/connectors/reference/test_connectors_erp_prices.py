"""Customers, items, credit, prices: the ERP's wire and our records, both ways."""

from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.errors import RemoteRefused
from crossdock.ports import ErpPort
from crossdock.records import (
    Address,
    Availability,
    CreditOutcome,
    CreditStatus,
    Item,
    Money,
    PricedLine,
    Pricing,
    Receipt,
    TaxAmount,
    TradingAccount,
)

QUAY = Address(street="1 Quay", city="Hull", postcode="HU1", country="GB")


def eur(amount):
    return Money(amount, "EUR")


def test_the_connector_is_an_erp_port(erp_port):
    assert isinstance(erp_port, ErpPort)
    assert erp_port.system == "main"
    assert erp_port.capabilities == {
        "approval",
        "contacts",
        "contracts",
        "customer_reference",
        "exchange_rates",
        "idempotency_key",
        "invoice_document",
        "invoice_sending",
        "payments",
        "price_lists",
        "price_simulation",
        "reservations",
        "returns",
        "shipments",
        "stock",
    }


def test_the_key_goes_with_every_call(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getCustomer", erp_rows.customer())
    erp_port.customer("C-10001")
    assert erp_wire.asked[0][1].headers["x-api-key"] == "api-key-55120"


def test_a_customer_is_read(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getCustomer", erp_rows.customer())
    assert erp_port.customer("C-10001") == TradingAccount(
        id="C-10001",
        system="main",
        name="Bolt & Bearing Ltd",
        currency="EUR",
        terms_days=30,
        tax_number="GB123",
        address=QUAY,
        credit_limit=eur("10000.00"),
        version="2",
    )


def test_customers_and_items_come_in_pages(erp_wire, erp_port, erp_rows):
    erp_wire.plays("listCustomers", erp_rows.page(erp_rows.customer(), after="abc"))
    erp_wire.plays("listItems", erp_rows.page(erp_rows.item()))
    customers = erp_port.customers("bolt", limit=900)
    assert (customers.next, customers.items[0].id) == ("abc", "C-10001")
    assert erp_wire.query("listCustomers") == {"search": "bolt", "limit": "200"}
    items = erp_port.items(after="xyz", limit=20)
    assert (items.next, items.items[0].id) == (None, "BRG-1001")
    assert erp_wire.query("listItems") == {"active": "true", "limit": "20", "after": "xyz"}


def test_an_item_is_read(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getItem", erp_rows.item())
    assert erp_port.item("BRG-1001") == Item(
        id="BRG-1001",
        name="Ball bearing",
        system="main",
        product_line="Bearings",
        unit="pcs",
        list_price=eur("12.50"),
        cost=eur("7.25"),
        tax_code="S",
        version="1",
    )


def test_an_item_without_price_or_cost_has_none(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getItem", erp_rows.item(listPrice=None, cost=None))
    item = erp_port.item("BRG-1001")
    assert (item.list_price, item.cost) == (None, None)


def test_stock_is_read_with_the_promise_for_a_quantity(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getItemStock", erp_rows.stock())
    assert erp_port.stock("BRG-1001", Decimal("8.0")) == Availability(
        item_id="BRG-1001",
        asked=Decimal(8),
        on_hand=Decimal(10),
        reserved=Decimal(4),
        available=Decimal(6),
        incoming=(
            Receipt(due_on=date(2026, 2, 10), quantity=Decimal(5)),
            Receipt(due_on=date(2026, 3, 1), quantity=Decimal(20)),
        ),
        promised_on=date(2026, 2, 10),
        lead_time_days=14,
    )
    assert erp_wire.query("getItemStock") == {"quantity": "8"}


def test_credit_is_read(erp_wire, erp_port, erp_rows, customer):
    erp_wire.plays("getCreditStatus", erp_rows.credit())
    credit = erp_port.credit(customer)
    assert credit == CreditStatus(
        customer_id="C-10001",
        system="main",
        currency="EUR",
        on_hold=False,
        bill_to_id="C-10001",
        limit=eur("1000.00"),
        balance=eur("600.00"),
        shipped_not_invoiced=eur("50.00"),
        open_orders=eur("200.00"),
        returns_not_credited=eur("30.00"),
        exposure=eur("820.00"),
        available=eur("180.00"),
        past_due=eur("120.00"),
        past_due_since=date(2026, 1, 10),
        last_invoiced_on=date(2026, 1, 28),
    )


def test_the_credit_of_every_customer_is_read_by_the_page(erp_wire, erp_port, erp_rows):
    rows = [erp_rows.credit(), erp_rows.credit(customerId="C-10002", lastInvoicedOn=None)]
    erp_wire.plays("listCreditStatus", erp_rows.page(*rows, after="p2"))
    page = erp_port.credit_list(limit=2)
    assert [(each.customer_id, each.bill_to_id) for each in page.items] == [
        ("C-10001", "C-10001"),
        ("C-10002", "C-10001"),
    ]
    assert (page.next, page.items[1].last_invoiced_on) == ("p2", None)
    assert erp_wire.query("listCreditStatus") == {"limit": "2"}


def test_no_limit_is_unlimited_and_a_limit_of_nothing_is_not(
    erp_wire, erp_port, erp_rows, customer
):
    erp_wire.plays(
        "getCreditStatus",
        erp_rows.credit(creditLimit=None, available=None),
        erp_rows.credit(creditLimit="0.00", available="-820.00"),
    )
    unlimited, nothing = erp_port.credit(customer), erp_port.credit(customer)
    assert (unlimited.unlimited, unlimited.limit, unlimited.available) == (True, None, None)
    assert (nothing.unlimited, nothing.limit) == (False, eur("0.00"))


def test_a_draft_is_priced(erp_wire, erp_port, erp_rows, customer, draft):
    erp_wire.plays("simulatePrices", erp_rows.simulation())
    assert erp_port.price(customer, draft) == Pricing(
        customer_id="C-10001",
        system="main",
        currency="EUR",
        on=date(2026, 2, 1),
        lines=(
            PricedLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                unit="pcs",
                description="Ball bearing",
                list_price=eur("12.50"),
                unit_price=eur("11.00"),
                discount_percent=Decimal(5),
                net=eur("31.35"),
                tax_code="S",
                tax_rate=Decimal("0.20"),
                tax=eur("6.27"),
                rule="customer contract",
                source="Contract 2026, from 3",
                unit_cost=eur("7.25"),
                availability=Availability(
                    item_id="BRG-1001",
                    asked=Decimal(3),
                    on_hand=Decimal(10),
                    reserved=Decimal(4),
                    available=Decimal(6),
                    promised_on=date(2026, 2, 1),
                ),
            ),
        ),
        taxes=(TaxAmount(code="S", rate=Decimal("0.20"), base=eur("31.35"), tax=eur("6.27")),),
        net=eur("31.35"),
        tax=eur("6.27"),
        gross=eur("37.62"),
        rounding="line",
        residue=eur("0.00"),
        credit=CreditOutcome(
            result="ok", exposure_after=eur("857.62"), limit=eur("1000.00"), over_by=None
        ),
    )
    assert erp_wire.body("simulatePrices") == {
        "customerId": "C-10001",
        "lines": [{"line": 1, "itemId": "BRG-1001", "quantity": "3"}],
    }


def test_a_discount_that_was_asked_for_is_sent_even_when_it_is_none(
    erp_wire, erp_port, erp_rows, customer, draft
):
    erp_wire.plays("simulatePrices", erp_rows.simulation())
    line = evolve(draft.lines[0], discount_percent=Decimal(0))
    erp_port.price(customer, evolve(draft, lines=(line,), on=date(2026, 1, 31)))
    sent = erp_wire.body("simulatePrices")
    assert (sent["lines"][0]["discountPercent"], sent["priceOn"]) == ("0", "2026-01-31")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("promotion", "promotion"),
        ("price_list", "price list"),
        ("price_level", "price level"),
        ("list_price", "list price"),
        ("agreed", "agreed price"),
        ("imported", "imported price"),
    ],
)
def test_a_price_rule_is_told_in_words(erp_wire, erp_port, erp_rows, customer, draft, rule, words):
    line = erp_rows.simulated_line(priceRule=rule, listPrice=None, unitCost=None)
    erp_wire.plays("simulatePrices", erp_rows.simulation(lines=[line]))
    (priced,) = erp_port.price(customer, draft).lines
    assert (priced.rule, priced.list_price, priced.unit_cost) == (words, None, None)


def test_what_is_not_kept_in_stock_has_no_availability(
    erp_wire, erp_port, erp_rows, customer, draft
):
    line = erp_rows.simulated_line()
    line["stock"] |= {"basis": "not_stocked"}
    erp_wire.plays("simulatePrices", erp_rows.simulation(lines=[line]))
    assert erp_port.price(customer, draft).lines[0].availability is None


LIMIT = {"code": "credit_limit_exceeded", "message": "Over the limit."}
HOLD = {"code": "customer_on_hold", "message": "On hold: unpaid."}
PAST_DUE = {"code": "past_due", "message": "120.00 past due."}


@pytest.mark.parametrize(
    ("outcome", "reasons", "result", "reason"),
    [
        ("passed", [], "ok", ""),
        ("hold", [LIMIT], "over_limit", "Over the limit."),
        ("refuse", [LIMIT, PAST_DUE], "over_limit", "Over the limit. 120.00 past due."),
        ("hold", [HOLD], "on_hold", "On hold: unpaid."),
        ("refuse", [LIMIT, HOLD], "on_hold", "Over the limit. On hold: unpaid."),
        ("hold", [PAST_DUE], "on_hold", "120.00 past due."),
    ],
)
def test_the_credit_check_says_what_is_wrong(
    erp_wire, erp_port, erp_rows, customer, draft, outcome, reasons, result, reason
):
    told = erp_rows.credit_outcome(outcome=outcome, reasons=reasons, availableAfter="-57.62")
    erp_wire.plays("simulatePrices", erp_rows.simulation(credit=told))
    credit = erp_port.price(customer, draft).credit
    assert (credit.result, credit.reason, credit.over_by) == (result, reason, eur("57.62"))


def test_a_draft_in_another_currency_than_the_customers_is_refused(
    erp_wire, erp_port, erp_rows, customer, draft
):
    erp_wire.plays("simulatePrices", erp_rows.simulation())
    with pytest.raises(RemoteRefused, match="prices C-10001 in EUR, not in USD"):
        erp_port.price(customer, evolve(draft, currency="USD"))
