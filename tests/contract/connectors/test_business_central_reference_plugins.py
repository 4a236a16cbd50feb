"""The reference plugins on our CRM and Business Central: tabs that fit the books, orders once.

What the tabs show is compared with figures that are computed here from the mock's raw rows, by
nothing of the connector's or the plugins'. Quote to cash is played in the matrix of pairs.
"""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pytest

from crossdock.records import LineChange, OrderChange, OrderLine, Quote, QuoteLine
from crossdock.views import Metrics, Notice, Table, Unknown
from crossdock_mocks.engine import Fault

D = Decimal
NONE = D(0)


def amount(value):
    return D(str(value))


def of(components, kind, title=""):
    return next(each for each in components if isinstance(each, kind) and title in each.title)


def figure(value):
    """The amount of a figure, which may lead to what it is made of."""
    value = getattr(value, "value", value)
    return getattr(value, "amount", value)


@pytest.fixture
def dock(open_dock):
    return open_dock("straight-through", "erp-tabs", "watch-list", erp="business-central")


@pytest.fixture
def busiest(company):
    """The account whose customer has the most invoices."""
    accounts = {row["customer_id"]: row["id"] for row in company.rows("accounts")}
    counted = Counter(row["customer_id"] for row in company.rows("invoices"))
    return next((accounts[each], each) for each, _ in counted.most_common() if each in accounts)


def components(dock, tab, account, **params):
    opened = dock.open_tab(f"erp-tabs/{tab}", account, **params)
    assert opened.fault is None, opened.fault
    return opened.view.components


def rows(dock, name, **where):
    found = dock.erp.world.table(name).find()
    return [row for row in found if all(row[key] == value for key, value in where.items())]


def test_the_aging_is_that_of_the_books_and_says_what_it_cannot_know(dock, busiest, company):
    account, number = busiest
    buckets = [NONE] * 5
    for row in rows(dock, "salesInvoices", customerNumber=number):
        days = (company.as_of - date.fromisoformat(row["dueDate"])).days
        place = 0 if days <= 0 else min((days - 1) // 30 + 1, 4)
        buckets[place] += amount(row["remainingAmount"])
    assert any(buckets)
    shown = components(dock, "aging", account, as_of=company.as_of)
    (row,) = of(shown, Table, "Aging").rows
    labels = ("current", "1-30", "31-60", "61-90", "over 90")
    assert [figure(row[label]) for label in labels] == buckets
    told = " ".join(each.text + each.title for each in shown if isinstance(each, Notice))
    assert "payment" in told


def test_the_sales_history_and_the_invoices_are_those_of_the_books(dock, busiest):
    account, number = busiest
    invoices = rows(dock, "salesInvoices", customerNumber=number)
    expected = defaultdict(lambda: NONE)
    memos = rows(dock, "salesCreditMemos", customerNumber=number)
    for sign, several, name in ((1, invoices, "invoiceDate"), (-1, memos, "creditMemoDate")):
        for row in several:
            on = date.fromisoformat(row[name])
            expected[on.year, on.month] += sign * amount(row["totalAmountExcludingTax"])
    table = of(components(dock, "sales", account, years="6"), Table, "Net sales by month")
    shown = {
        (int(column.key), month): figure(row[column.key])
        for month, row in enumerate(table.rows, start=1)
        for column in table.columns
        if column.key.isdigit() and row[column.key] is not None
    }
    assert {key: net for key, net in shown.items() if net} == {
        key: net for key, net in expected.items() if net
    }
    listed = components(dock, "invoices", account, **{"invoices.page": "all"})
    documents = of(listed, Table, "Invoices and credit notes").rows
    assert len(documents) == len(invoices) + len(memos)
    gross = sorted(figure(row["gross"]) for row in documents)
    assert gross == sorted(
        [amount(row["totalAmountIncludingTax"]) for row in invoices]
        + [-amount(row["totalAmountIncludingTax"]) for row in memos]
    )


def test_what_business_central_cannot_know_is_said_and_no_zero(dock, busiest):
    account, number = busiest
    listed = of(components(dock, "orders", account, show="all"), Table, "order lines").rows
    assert listed
    for row in listed[:5]:
        assert isinstance(row["reserved"], Unknown)
        assert isinstance(row["back_ordered"], Unknown)
        assert not isinstance(row["shipped"], Unknown)
    (customer,) = rows(dock, "customers", number=number)
    credit = of(components(dock, "credit", account), Metrics)
    by_label = {one.label: one.value for one in credit.metrics}
    assert figure(by_label["Credit limit"]) == amount(customer["creditLimit"]) or not amount(
        customer["creditLimit"]
    )
    assert not isinstance(by_label["Exposure"], Unknown)


# Orders through the plugins.


@pytest.fixture
def quote(dock, busiest, company):
    """A quote of two lines that was saved, and so priced."""
    codes = [r["id"] for r in company.rows("items") if r["active"] and r["kind"] == "goods"][:2]
    saved = dock.save(
        Quote(
            id="",
            account_id=busiest[0],
            currency=company.currency,
            lines=(
                QuoteLine(number=1, item_id=codes[0], quantity=D(3)),
                QuoteLine(number=2, item_id=codes[1], quantity=D(2), discount_percent=D("7.5")),
            ),
            owner_id=dock.user("sales").id,
        )
    )
    assert saved.quote is not None, saved.verdict
    assert saved.quote.pricing_status == "priced"
    return saved.quote


def placed(dock, order_id):
    """The numbers of all orders with a reference, in the mock's own state."""
    there = rows(dock, "salesOrders", externalDocumentNumber=order_id)
    gone = rows(dock, "salesInvoices", externalDocumentNumber=order_id)
    return {*(row["number"] for row in there), *(row["orderNumber"] for row in gone)}


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("makeOrderSalesQuote", "drop_after_commit"),
        ("makeOrderSalesQuote", "status"),
        ("createSalesQuote", "drop_after_commit"),
        pytest.param("createSalesQuote", "drop_before", marks=pytest.mark.full),
        pytest.param("createSalesQuote", "status_after_commit", marks=pytest.mark.full),
        pytest.param("makeOrderSalesQuote", "status_after_commit", marks=pytest.mark.full),
        pytest.param("deleteSalesQuote", "status", marks=pytest.mark.full),
    ],
)
def test_no_fault_loses_or_doubles_an_order(dock, quote, operation, kind):
    promotion = dock.host.promote_quote(quote.id, user=dock.user("sales"))
    dock.erp.world.faults.add(Fault(kind=kind, operation=operation, times=7, status=503))
    dock.deliveries.run()
    order = dock.host.crm.order(promotion.order.id)
    assert placed(dock, order.id) == {order.erp_order_id}
    assert (order.gross, order.status) == (quote.gross, "accepted")
    assert rows(dock, "salesQuotes", externalDocumentNumber=order.id) == []


def test_an_order_is_changed_shipped_and_followed_beyond_its_deletion(dock, quote):
    seller = dock.user("sales")
    order = dock.host.promote_quote(quote.id, user=seller).order
    dock.deliveries.run()
    change = OrderChange(
        order_id=order.id,
        kind="change",
        lines=(LineChange(number=1, quantity=D(9)), LineChange(number=2, cancel=True)),
        added=(OrderLine(number=3, item_id=order.lines[0].item_id, quantity=D(1)),),
        reason="one more of each",
    )
    dock.host.change_order(order.id, change, user=seller)
    # Its first answer is lost, so it is looked whether it was made before it is made again.
    dock.erp.world.faults.add(Fault(kind="drop_after_commit", operation="runBatch", times=1))
    dock.deliveries.run()
    (made,) = dock.host.order_changes.of_order(order.id)
    assert made.state == "accepted"
    shown = dock.host.crm.order(order.id)
    assert [(line.number, line.quantity, line.cancelled) for line in shown.lines] == [
        (1, D(9), D(0)),
        (2, D(2), D(2)),
        (3, D(1), D(0)),
    ]
    dock.play("ship", shown.erp_order_id)
    assert rows(dock, "salesOrders", number=shown.erp_order_id) == []
    dock.pass_time(seconds=5)
    dock.deliveries.run()
    assert dock.host.crm.order(order.id).status == "invoiced"
    dock.play("pay", shown.erp_order_id)
    dock.pass_time(seconds=5)
    dock.deliveries.run()
    done = dock.host.crm.order(order.id)
    assert done.status == "paid"
    assert [(line.shipped, line.cancelled) for line in done.lines] == [(9, 0), (0, 2), (1, 0)]
    keys = [event.key for event in dock.host.crm.order_events(order.id)]
    assert len(keys) == len(set(keys))
    assert {"status:shipped", "status:invoiced", "status:paid"} <= set(keys)


def test_an_order_that_is_cancelled_stays_readable_and_one_that_people_delete_is_cancelled(
    dock, quote, busiest
):
    seller = dock.user("sales")
    order = dock.host.promote_quote(quote.id, user=seller).order
    dock.deliveries.run()
    dock.host.change_order(order.id, OrderChange(order_id=order.id, kind="cancel"), user=seller)
    dock.deliveries.run()
    cancelled = dock.host.crm.order(order.id)
    assert cancelled.status == "cancelled"
    assert [line.cancelled for line in cancelled.lines] == [D(3), D(2)]

    again = dock.save(
        Quote(id="", account_id=busiest[0], currency=quote.currency, lines=quote.lines[:1])
    ).quote
    second = dock.host.promote_quote(again.id, user=seller).order
    dock.deliveries.run()
    number = dock.host.crm.order(second.id).erp_order_id
    world = dock.erp.world
    (row,) = rows(dock, "salesOrders", number=number)
    with world.transaction():
        for line in rows(dock, "salesOrderLines", documentId=row["id"]):
            world.table("salesOrderLines").delete(line["id"])
        world.table("salesOrders").delete(row["id"])
    dock.pass_time(minutes=10)
    dock.deliveries.run()
    assert dock.host.crm.order(second.id).status == "cancelled"


def test_lists_of_accounts_are_those_of_the_books(dock, company):
    dock.pass_time(days=45)
    today = dock.clock.now.date()
    late = {
        row["billToCustomerNumber"]
        for row in rows(dock, "salesInvoices")
        if amount(row["remainingAmount"]) > 0
        and (today - date.fromisoformat(row["dueDate"])).days >= 30
    }
    expected = {row["id"] for row in company.rows("accounts") if row["customer_id"] in late}
    opened = dock.host.segment_accounts("watch-list/overdue", user=dock.user("sales"))
    assert expected
    assert set(opened.account_ids) <= expected
    owing = {
        row["number"]
        for row in rows(dock, "customerFinancialDetails")
        if amount(row["overdueAmount"]) > 0
    }
    assert set(opened.account_ids) == {
        row["id"] for row in company.rows("accounts") if row["customer_id"] in late & owing
    }
