"""What a data set becomes in the reference ERP. Figures are worked by hand from the data set."""

import pytest


def test_the_clock_starts_on_the_data_sets_day(erp):
    company = erp.get("/company")

    assert (company["asOf"], company["today"]) == ("2026-11-20", "2026-11-20")
    assert company["rules"] == [
        {"id": "terms", "appliesTo": "customers.terms_days", "text": "30 days."}
    ]


def test_an_invoices_open_amount_comes_from_its_applications(erp):
    invoice = erp.get("/invoices/IN-300001")

    assert (invoice["net"], invoice["tax"], invoice["total"]) == ("180.00", "36.00", "216.00")
    assert (invoice["paidAmount"], invoice["openAmount"], invoice["status"]) == (
        "100.00", "116.00", "partly_paid",
    )  # fmt: skip
    assert invoice["applications"] == [
        {"paymentId": "PY-500001", "appliedOn": "2026-11-01", "amount": "100.00"}
    ]


def test_an_invoice_may_have_no_order(erp):
    invoice = erp.get("/invoices/IN-300002")

    assert (invoice["orderId"], invoice["lines"][0]["orderLine"]) == (None, None)
    assert (invoice["net"], invoice["tax"]) == ("45.00", "2.25")


def test_a_closed_order_learns_what_became_of_it(erp):
    order = erp.get("/sales-orders/SO-100002")

    quantities = order["lines"][0]["quantities"]
    told = {"ordered": "20", "shipped": "20", "invoiced": "20", "returned": "1", "credited": "1"}
    assert told == {name: quantities[name] for name in told}
    assert (order["status"], order["paymentStatus"]) == ("invoiced", "partly")


def test_an_open_order_reserves_what_there_is_and_waits_for_the_rest(erp):
    order = erp.get("/sales-orders/SO-100003")

    quantities = order["lines"][0]["quantities"]
    assert (quantities["reserved"], quantities["backordered"]) == ("5", "3")
    assert order["promisedOn"] == "2026-12-01"
    assert order["openAmount"] == order["total"] == "96.10"


def test_an_order_on_hold_is_on_hold_and_can_be_released(erp):
    assert erp.get("/sales-orders/SO-100004")["status"] == "on_hold"

    assert erp.post("/sales-orders/SO-100004/release")["status"] == "confirmed"


def test_the_credit_of_a_customer_counts_all_that_is_billed_to_it(erp):
    credit = erp.get("/customers/C-10001/credit")

    assert credit["openInvoices"] == "163.25"  # 116.00 + 47.25
    assert credit["unappliedCredits"] == "10.80"
    assert credit["unappliedPayments"] == "50.00"
    assert credit["balance"] == "102.45"
    assert credit["openOrders"] == "96.10"  # of plant 2
    assert credit["exposure"] == "198.55"
    assert credit["available"] == "801.45"
    assert (credit["pastDue"], credit["oldestPastDueOn"]) == ("116.00", "2026-11-05")


def test_a_customer_that_is_billed_elsewhere_has_the_billers_credit(erp):
    credit = erp.get("/customers/C-10004/credit")

    assert (credit["billToId"], credit["exposure"]) == ("C-10001", "198.55")


def test_unlimited_is_null_and_nothing_allowed_is_zero(erp):
    assert erp.get("/customers/C-10002/credit")["creditLimit"] is None
    assert erp.get("/customers/C-10002/credit")["available"] is None
    assert erp.get("/customers/C-10006/credit")["creditLimit"] == "0.00"


def test_what_was_credited_cannot_be_credited_again(erp):
    body = {"invoiceId": "IN-300001", "reason": "Again", "lines": [
        {"invoiceLine": 1, "quantity": "20"}
    ]}  # fmt: skip

    assert erp.refused("POST", "/credit-notes", body) == (422, "quantity_exceeds_invoiced")


def test_new_numbers_go_on_behind_the_seeded_ones(erp):
    order = erp.order("C-10002", ("BRG-1001", 1))

    assert order["id"] == "SO-100005"


@pytest.mark.parametrize(
    ("status", "contract"),
    [
        ("current", "CT-700001"),
        ("expiring", "CT-700002"),
        ("lapsed", "CT-700003"),
        ("upcoming", "CT-700004"),
    ],
)
def test_contracts_are_found_by_where_they_stand(erp, status, contract):
    found = erp.get("/contracts", status=status)["items"]

    assert [(each["id"], each["status"]) for each in found] == [(contract, status)]


def test_contracts_move_on_with_the_clock(erp, app, dataset):
    from datetime import timedelta

    assert erp.get("/contracts/CT-700002")["daysLeft"] == 41
    erp.world.clock.advance(timedelta(days=42))

    assert erp.get("/contracts/CT-700002")["status"] == "lapsed"


def test_seeding_puts_nothing_into_the_change_feed(erp):
    assert erp.get("/changes") == {"items": [], "next": "0"}
