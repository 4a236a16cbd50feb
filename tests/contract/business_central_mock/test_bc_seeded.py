"""The seeded company tells what the back office makes of the same data set, to the cent."""

from decimal import Decimal

import pytest

from crossdock_mocks.dialects.business_central.documents import (
    LineWriter,
)


def _by_number(rows):
    return {row["number"]: row for row in rows}


def test_customers_and_items_keep_their_numbers(bc, books):
    customers = _by_number(bc.rows("/customers"))
    expected = {row["id"]: row for row in books.table("customers").find()}
    assert set(customers) == set(expected)
    for number, row in expected.items():
        told = customers[number]
        assert (told["displayName"], told["taxRegistrationNumber"]) == (
            row["name"],
            row["taxNumber"],
        )
        assert told["creditLimit"] == Decimal(row["creditLimit"] or 0)
        assert (told["blocked"] == "Ship") is row["onHold"]
    items = _by_number(bc.rows("/items"))
    for row in books.table("items").find():
        told = items[row["id"]]
        assert told["unitPrice"] == Decimal(row["listPrice"] or 0)
        assert told["taxGroupCode"] == row["taxCode"]
    stock = {row["itemId"]: Decimal(row["onHand"]) for row in books.table("stock").find()}
    assert all(items[number]["inventory"] == amount for number, amount in stock.items())


def test_posted_documents_have_the_totals_of_the_back_office(bc, books):
    for name, table, left in (
        ("salesInvoices", "invoices", "openAmount"),
        ("salesCreditMemos", "credit_notes", None),
    ):
        told = _by_number(bc.rows(f"/{name}"))
        expected = books.table(table).find()
        assert len(told) == len(expected) > 10
        for row in expected:
            document = told[row["id"]]
            assert document["totalAmountExcludingTax"] == Decimal(row["net"])
            assert document["totalTaxAmount"] == Decimal(row["tax"])
            assert document["totalAmountIncludingTax"] == Decimal(row["total"])
            assert (document["status"] == "Open") is row["open"]
            if left is not None:
                assert document["remainingAmount"] == Decimal(row[left])


def test_balances_are_those_of_the_back_office(bc, books):
    balances = {}
    for table, field, sign in (
        ("invoices", "openAmount", 1), ("credit_notes", "unappliedAmount", -1),
        ("payments", "unappliedAmount", -1),
    ):  # fmt: skip
        for row in books.table(table).find():
            balances.setdefault(row["billToId"], Decimal(0))
            balances[row["billToId"]] += sign * Decimal(row[field])
    for row in bc.rows("/customers"):
        assert row["balanceDue"] == balances.get(row["number"], 0)
    details = _by_number(bc.rows("/customerFinancialDetails"))
    for row in bc.rows("/agedAccountsReceivables"):
        parts = ("currentAmount", "period1Amount", "period2Amount", "period3Amount")
        assert sum(row[name] for name in parts) == row["balanceDue"]
        assert details[row["customerNumber"]]["balance"] == row["balanceDue"]


def test_orders_that_are_done_are_gone_and_the_others_are_there(bc, books):
    told = _by_number(bc.rows("/salesOrders", expand="salesOrderLines"))
    kept = 0
    for row in books.table("sales_orders").find():
        lines = books.table("sales_order_lines").get(row["id"])["lines"]
        ordered = [
            (
                line,
                Decimal(line["quantities"]["ordered"]) - Decimal(line["quantities"]["cancelled"]),
            )
            for line in lines
        ]
        wanted = [(line, quantity) for line, quantity in ordered if quantity]
        done = all(q == Decimal(line["quantities"]["invoiced"]) for line, q in wanted)
        assert (row["id"] in told) is (bool(wanted) and not done)
        if row["id"] in told:
            kept += 1
            own = told[row["id"]]["salesOrderLines"]
            assert [line["quantity"] for line in own] == [quantity for _, quantity in wanted]
            assert [line["shippedQuantity"] for line in own] == [
                Decimal(line["quantities"]["shipped"]) for line, _ in wanted
            ]
            if all(quantity == Decimal(line["quantity"]) for line, quantity in wanted):
                total = told[row["id"]]["totalAmountIncludingTax"]
                assert total == Decimal(row["total"])
    assert 0 < kept < len(books.table("sales_orders"))


def test_lines_add_up_to_their_documents(bc):
    for name in ("salesInvoices", "salesCreditMemos", "salesOrders"):
        lines = f"{name[:-1]}Lines"
        for row in bc.rows(f"/{name}", top=60, expand=lines):
            assert sum(line["netAmount"] for line in row[lines]) == row["totalAmountExcludingTax"]
            assert sum(line["netTaxAmount"] for line in row[lines]) == row["totalTaxAmount"]


def test_new_documents_go_on_behind_the_numbers_of_the_data_set(bc, books):
    customer = bc.one("/customers", "number eq 'C-10001'")
    order = bc.document("salesOrders", customer, ("BRG-1001", 1))
    assert order["number"] not in {row["id"] for row in books.table("sales_orders").find()}
    invoice = bc.act(f"/salesOrders({order['id']})", "shipAndInvoice")
    assert books.table("invoices").get(invoice["number"]) is None
    assert bc.customer()["number"] not in {row["id"] for row in books.table("customers").find()}


def test_a_world_without_data_has_a_company_one_can_work_with(new_bc):
    bc = new_bc(None)
    assert bc.rows("/customers") == []
    item = bc.post("/items", {"displayName": "Bolt", "unitPrice": 1.25, "type": "Inventory"})
    assert (item["taxGroupCode"], item["baseUnitOfMeasureCode"]) == ("STD", "EACH")
    quote = bc.document("salesQuotes", bc.customer(), (item["number"], 4))
    assert quote["totalAmountIncludingTax"] == 6


def test_records_were_changed_last_on_their_own_day(bc, books):
    paid_on = {}
    for table in ("payments", "credit_notes"):
        for row in books.table(table).find():
            for each in row["applications"]:
                invoice = each["invoiceId"]
                paid_on[invoice] = max(paid_on.get(invoice, ""), each["appliedOn"])
    for row in bc.rows("/salesInvoices"):
        day = max(row["postingDate"], paid_on.get(row["number"], ""))
        assert row["lastModifiedDateTime"][:10] == day
    for row in bc.rows("/salesShipments"):
        assert row["lastModifiedDateTime"][:10] == row["postingDate"]
    first = min(row["orderedOn"] for row in books.table("sales_orders").find())
    assert {row["lastModifiedDateTime"][:10] for row in bc.rows("/customers")} == {first}


def test_posted_lines_have_the_numbers_of_the_orders_lines(bc, books):
    of_orders = {
        row["id"]: [line["orderLine"] for line in row["lines"]]
        for row in books.table("shipment_lines").find()
    }
    for row in bc.rows("/salesShipments", expand="salesShipmentLines", top=40):
        numbers = [line["sequence"] / 10_000 for line in row["salesShipmentLines"]]
        assert numbers == of_orders[row["number"]]


def test_the_company_tells_its_own_currency_and_each_answer_its_time(bc, bc_data):
    (told,) = bc.rows("/companyInformation")
    assert (told["displayName"], told["currencyCode"]) == (bc_data.company, bc_data.currency)
    assert bc.get(f"/companyInformation({told['id']})")["id"] == told["id"]
    answer = bc.call("GET", "/items?$top=1")
    assert answer.headers["date"] == f"{bc.world.now:%a, %d %b %Y %H:%M:%S} GMT"


def test_what_makes_lines_says_how():
    with pytest.raises(TypeError, match="abstract"):
        LineWriter("salesOrderLines", "Sales Order Line")


def test_rates_of_exchange_are_what_a_hundred_of_a_currency_are_in_the_companys_own(bc, books):
    wanted = {
        (row["of"], row["validFrom"]): Decimal(row["rate"])
        for row in books.table("exchange_rates").find()
    }
    rows = bc.rows("/currencyExchangeRates", orderby="startingDate desc")
    assert [row["startingDate"] for row in rows] == sorted(
        (row["startingDate"] for row in rows), reverse=True
    )
    assert {
        (row["currencyCode"], row["startingDate"]): row["relationalExchangeRateAmount"]
        / row["exchangeRateAmount"]
        for row in rows
    } == wanted
    assert {row["relationalCurrencyCode"] for row in rows} == {""}
    assert {row["currencyCode"] for row in rows} <= {row["code"] for row in bc.rows("/currencies")}
    answer = bc.call("POST", "/currencyExchangeRates", {"currencyCode": "USD"})
    assert answer.status_code == 405  # read, and nothing else
