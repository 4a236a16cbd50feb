"""The reference plugins on our CRM and QuickBooks: quote to cash, and tabs that fit the books.

What the tabs show is compared with figures that are computed here from the mock's raw rows, by
nothing of the connector's or the plugins'.
"""

import contextlib
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.by_hand import Following, Recorded

from crossdock.errors import RemoteUnavailable
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.records import LineChange, Money, OrderChange, OrderLine, Quote, QuoteLine
from crossdock.views import Metrics, Notice, Table, Unknown
from crossdock.views.values import plain
from crossdock_mocks.engine import Fault

D = Decimal
NONE = D(0)


class Scene(Following):
    """A host on both mocks, and short ways to play on it."""

    def __init__(self, host, port, crm_mock, qbo_mock):
        super().__init__(host, port)
        self.crm, self.qbo = crm_mock, qbo_mock

    def tab(self, tab_id, account, **params):
        rendered = self.host.render_tab(f"erp-tabs/{tab_id}", account, user="kim", params=params)
        assert rendered.fault is None, rendered.fault
        return rendered.view.components

    def rows(self, entity):
        return list(self.qbo.world.table(f"qbo_{entity.lower()}").find())


@pytest.fixture
def orders(request):
    """What an order becomes."""
    return getattr(request, "param", "estimate")


either_way = pytest.mark.parametrize("orders", ["estimate", "invoice"], indirect=True)


@pytest.fixture
def scene(crm_port, crm_mock, connect_qbo, qbo_mock, orders, tmp_path):
    port = connect_qbo(orders=orders)
    config = HostConfig(
        crm=SystemConfig(name="crm", connector="crm"),
        erps=(SystemConfig(name="main", connector="quickbooks"),),
        enabled=("erp-tabs", "straight-through", "watch-list"),
        inline="*",
        roles={"sales": RoleConfig(fields=("credit", "personal"))},
    )
    store = Store.open(f"sqlite:///{tmp_path}/host.db")
    host = Host(
        config,
        crm=crm_port,
        erp=Router({"main": port}),
        store=store,
        deliveries=Recorded(store),
        identity="test",
        now=lambda: qbo_mock.world.now,
    )
    assert not host.quarantined
    yield Scene(host, port, crm_mock, qbo_mock)
    host.close()


@pytest.fixture
def busiest(dataset):
    """The account whose customer has the most invoices."""
    accounts = {row["customer_id"]: row["id"] for row in dataset.rows("accounts")}
    counted = Counter(row["customer_id"] for row in dataset.rows("invoices"))
    return next((accounts[each], each) for each, _ in counted.most_common() if each in accounts)


def amount(value):
    return D(str(value))


def of(components, kind, title=""):
    return next(each for each in components if isinstance(each, kind) and title in each.title)


def metric(components, label, title=""):
    found = [
        one.value
        for each in components
        if isinstance(each, Metrics) and title in each.title
        for one in each.metrics
        if one.label == label
    ]
    assert found, label
    return found[0]


class Ledger:
    """One customer's books, from the mock's raw rows."""

    def __init__(self, scene, number):
        customers = {row["DisplayName"].split()[0]: row for row in scene.rows("Customer")}
        self.customer = customers[number]

        def mine(entity):
            return [
                row
                for row in scene.rows(entity)
                if row["CustomerRef"]["value"] == self.customer["Id"]
            ]

        self.invoices, self.memos = mine("Invoice"), mine("CreditMemo")
        self.payments = mine("Payment")

    def settled(self, kind, doc_id, on):
        """What payments took off a document until a day."""
        return sum(
            (
                amount(line["Amount"])
                for payment in self.payments
                if date.fromisoformat(payment["TxnDate"]) <= on
                for line in payment["Line"]
                for link in line["LinkedTxn"]
                if (link["TxnType"], link["TxnId"]) == (kind, doc_id)
            ),
            NONE,
        )

    def aging(self, on):
        """Buckets by due date, what is unapplied, and the balance, as of a day."""
        buckets = [NONE] * 5
        unapplied = NONE
        for row in self.invoices:
            if date.fromisoformat(row["TxnDate"]) > on:
                continue
            left = amount(row["TotalAmt"]) - self.settled("Invoice", row["Id"], on)
            days = (on - date.fromisoformat(row["DueDate"])).days
            buckets[0 if days <= 0 else min((days - 1) // 30 + 1, 4)] += left
        for row in self.memos:
            if date.fromisoformat(row["TxnDate"]) <= on:
                unapplied -= amount(row["TotalAmt"]) - self.settled("CreditMemo", row["Id"], on)
        for row in self.payments:
            if date.fromisoformat(row["TxnDate"]) <= on:
                used = sum(
                    (
                        amount(line["Amount"])
                        * (1 if line["LinkedTxn"][0]["TxnType"] == "Invoice" else -1)
                        for line in row["Line"]
                    ),
                    NONE,
                )
                unapplied -= amount(row["TotalAmt"]) - used
        return buckets, unapplied, sum(buckets, NONE) + unapplied

    def sales(self):
        """Net by year and month."""
        found = defaultdict(lambda: NONE)
        for sign, rows in ((1, self.invoices), (-1, self.memos)):
            for row in rows:
                on = date.fromisoformat(row["TxnDate"])
                net = amount(row["TotalAmt"]) - amount(row["TxnTaxDetail"]["TotalTax"])
                found[on.year, on.month] += sign * net
        return found


@pytest.mark.parametrize("days_ago", [0, 17, 90, 400])
def test_the_aging_is_that_of_the_books(scene, busiest, dataset, days_ago):
    account, number = busiest
    on = dataset.as_of - timedelta(days=days_ago)
    buckets, unapplied, balance = Ledger(scene, number).aging(on)
    (row,) = of(scene.tab("aging", account, as_of=on.isoformat()), Table, "Aging").rows
    shown = [plain(row[label]).amount for label in ("current", "1-30", "31-60", "61-90", "over 90")]
    assert shown == buckets
    assert (plain(row["unapplied"]).amount, row["balance"].amount) == (unapplied, balance)
    assert any(buckets) or days_ago == 400


def test_the_aging_of_every_customer_adds_up_to_its_balance(scene, dataset):
    for row in dataset.rows("accounts"):
        if not row["customer_id"]:
            continue
        ledger = Ledger(scene, row["customer_id"])
        components = scene.tab("aging", row["id"])
        if not (ledger.invoices or ledger.memos or ledger.payments):
            continue
        (shown,) = of(components, Table, "Aging").rows
        assert shown["balance"].amount == amount(ledger.customer["Balance"])
        assert not [each for each in components if isinstance(each, Notice)]


def test_the_sales_history_is_that_of_the_books(scene, busiest):
    account, number = busiest
    expected = Ledger(scene, number).sales()
    table = of(scene.tab("sales", account, years="6"), Table, "Net sales by month")
    shown = {
        (int(column.key), month): plain(row[column.key]).amount
        for month, row in enumerate(table.rows, start=1)
        for column in table.columns
        if column.key.isdigit() and row[column.key] is not None
    }
    assert {key: net for key, net in shown.items() if net} == {
        key: net for key, net in expected.items() if net
    }


def test_invoices_and_payments_are_those_of_the_books(scene, busiest):
    account, number = busiest
    ledger = Ledger(scene, number)
    components = scene.tab("invoices", account, **{"invoices.page": "all", "payments.page": "all"})
    documents = of(components, Table, "Invoices and credit notes").rows
    expected = {
        row["DocNumber"]: (amount(row["TotalAmt"]), amount(row["Balance"]))
        for row in ledger.invoices
    }
    shown = {
        row["reference"]: (row["gross"].amount, row["open"].amount)
        for row in documents
        if row["reference"] in expected
    }
    assert shown == expected
    assert len(documents) == len(ledger.invoices) + len(ledger.memos)
    payments = of(components, Table, "Payments received").rows
    assert Counter((row["reference"], row["amount"].amount) for row in payments) == Counter(
        (row.get("PaymentRefNum", ""), amount(row["TotalAmt"]))
        for row in ledger.payments
        if row["TotalAmt"]
    )


def test_what_quickbooks_cannot_know_is_said_and_no_zero(scene, busiest, customer_with_order):
    account, _ = busiest
    components = scene.tab("credit", account)
    assert metric(components, "Credit limit") == Unknown("the ERP does not tell")
    assert metric(components, "Exposure") == Unknown("the ERP does not tell")
    parts = {row["part"]: row["amount"] for row in of(components, Table, "exposure").rows}
    assert isinstance(parts["Balance of the ledger"], Money)
    assert isinstance(parts["Open orders"], Unknown)
    overview = scene.tab("overview", account)
    assert metric(overview, "Late lines") == Unknown("the ERP records no shipments")
    assert isinstance(metric(overview, "Balance"), Money)
    (row,) = of(scene.tab("orders", account, show="all"), Table, "order lines").rows[:1]
    assert row["shipped"] == Unknown("the ERP records no shipments")
    assert (
        row["reserved"] == row["back_ordered"] == Unknown("the ERP does not tell what is reserved")
    )
    assert isinstance(row["invoiced"], Decimal)
    texts = " ".join(str(each) for each in components)
    assert "not visible to you" not in texts


@pytest.fixture
def customer_with_order(scene, busiest, dataset):
    """An order of the busiest account's customer in QuickBooks."""
    from crossdock.records import Order

    code = next(row["id"] for row in dataset.rows("items") if row["active"])
    order = Order(
        id="R-900",
        system="crm",
        currency=dataset.currency,
        reference="R-900",
        lines=(OrderLine(number=1, item_id=code, quantity=D(2)),),
    )
    customer = scene.port.customer(busiest[1])
    return scene.port.place_order(customer, order, idempotency_key="R-900").order


@pytest.fixture
def quote(scene, busiest, dataset):
    """A quote of two lines that was saved, and so priced."""
    codes = [row["id"] for row in dataset.rows("items") if row["active"]][:2]
    saved = scene.host.save_quote(
        Quote(
            id="",
            account_id=busiest[0],
            currency=dataset.currency,
            lines=(
                QuoteLine(number=1, item_id=codes[0], quantity=D(3)),
                QuoteLine(number=2, item_id=codes[1], quantity=D(2), discount_percent=D("7.5")),
            ),
            owner_id=scene.host.user("kim").id,
        ),
        user="kim",
    )
    assert saved.quote is not None, saved.verdict
    return saved.quote


def documents(scene, orders, reference):
    return [row for row in scene.rows(orders) if row.get("DocNumber") == reference]


@either_way
def test_a_quote_becomes_cash(scene, orders, quote, books):
    assert (quote.pricing_status, quote.lines[0].price_rule) == ("priced", "sales price")
    scene.poller.read_page()
    order = scene.host.promote_quote(quote.id, user="kim").order
    scene.deliver(scene.host.deliveries.events[-1], "promotion")
    placed = scene.host.crm.order(order.id)
    (document,) = documents(scene, orders, order.id)
    assert (placed.erp_system, placed.erp_order_id) == ("main", document["Id"])
    assert (placed.gross, placed.status) == (
        quote.gross,
        "confirmed" if orders == "estimate" else "invoiced",
    )
    invoice = document if orders == "invoice" else books.invoice(document["Id"])
    scene.follow()
    assert scene.host.crm.order(order.id).status == "invoiced"
    books.pay(invoice)
    scene.follow()
    paid = scene.host.crm.order(order.id)
    assert paid.status == "paid"
    assert [line.invoiced for line in paid.lines] == [line.quantity for line in paid.lines]
    kinds = [event.kind for event in scene.host.crm.order_events(order.id)]
    assert kinds[0] == "acknowledged"
    assert {"invoiced", "paid"} <= set(kinds)
    keys = [event.key for event in scene.host.crm.order_events(order.id)]
    assert len(keys) == len(set(keys))


@either_way
@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(
    ("kind", "times"),
    [
        ("drop_after_commit", 5),
        ("drop_before", 5),
        ("half_body", 4),
        ("status_after_commit", 4),
        ("status", 7),
    ],
)
def test_no_fault_loses_or_doubles_an_order(scene, orders, quote, kind, times):
    """Deliveries are tried again until they end well; each time with the same key."""
    order = scene.host.promote_quote(quote.id, user="kim").order
    event = scene.host.deliveries.events[-1]
    operation = f"write{orders.capitalize()}"
    scene.qbo.world.faults.add(Fault(kind=kind, operation=operation, times=times, status=503))
    for _ in range(times):
        with contextlib.suppress(RemoteUnavailable):  # a worker tries again later
            scene.deliver(event, "promotion")
    (document,) = documents(scene, orders, order.id)
    assert scene.host.crm.order(order.id).erp_order_id == document["Id"]


def test_a_change_beside_a_second_writer_is_made_once_and_overwrites_nothing(scene, quote, books):
    """The first try meets the second writer's token (5010); the estimate is read again."""
    order = scene.host.promote_quote(quote.id, user="kim").order
    scene.deliver(scene.host.deliveries.events[-1], "promotion")
    placed = scene.host.crm.order(order.id)
    change = OrderChange(
        order_id=order.id,
        kind="change",
        lines=(LineChange(number=1, quantity=D(9)),),
        added=(OrderLine(number=3, item_id=order.lines[0].item_id, quantity=D(1)),),
        reason="one more of each",
    )
    scene.host.change_order(order.id, change, user="kim")
    event = scene.host.deliveries.events[-1]
    read, meddled = scene.port.order, []

    def read_and_be_overtaken(order_id):
        found = read(order_id)
        if not meddled:
            meddled.append(books.touch("Estimate", order_id, TrackingNum="T-9"))
        return found

    scene.port.order = read_and_be_overtaken
    for _ in range(2):  # a delivery may come twice
        scene.deliver(event, "change")
    (document,) = documents(scene, "estimate", order.id)
    assert document["TrackingNum"] == "T-9"
    quantities = [line["SalesItemLineDetail"]["Qty"] for line in document["Line"] if "Id" in line]
    assert quantities == [9, 2, 1]
    shown = scene.host.crm.order(order.id)
    assert [(line.number, line.quantity) for line in shown.lines] == [
        (1, D(9)), (2, D(2)), (3, D(1)),
    ]  # fmt: skip
    assert shown.gross != placed.gross
    (made,) = scene.host.order_changes.of_order(order.id)
    assert made.state == "accepted"


@pytest.mark.usefixtures("no_waiting")
def test_an_order_that_is_throttled_is_placed_later_and_once(scene, orders, quote):
    order = scene.host.promote_quote(quote.id, user="kim").order
    event = scene.host.deliveries.events[-1]
    limit = scene.qbo.world.table("qbo_settings")
    limit.replace({"name": "requests_per_minute", "value": 0})
    with pytest.raises(Exception, match="429"):
        scene.deliver(event, "promotion")
    assert documents(scene, orders, order.id) == []
    limit.replace({"name": "requests_per_minute", "value": 1000})
    scene.qbo.world.clock.advance(timedelta(minutes=1))
    scene.deliver(event, "promotion")
    assert len(documents(scene, orders, order.id)) == 1


def test_a_token_that_expires_between_two_steps_costs_nothing(scene, orders, quote):
    order = scene.host.promote_quote(quote.id, user="kim").order
    scene.qbo.world.clock.advance(timedelta(hours=3))
    scene.deliver(scene.host.deliveries.events[-1], "promotion")
    assert len(documents(scene, orders, order.id)) == 1


def test_lists_of_accounts_are_those_of_the_books(scene, dataset):
    """Who owes too long; a sub-customer's invoices are owed by whoever gets them."""
    scene.qbo.world.clock.advance(timedelta(days=45))
    customers = {row["Id"]: row for row in scene.rows("Customer")}

    def payer(row):
        return payer(customers[row["ParentRef"]["value"]]) if row.get("BillWithParent") else row

    late = {}
    for row in scene.rows("Invoice"):
        who = payer(customers[row["CustomerRef"]["value"]])["Id"]
        if row["Balance"] > 0:
            late[who] = min(late.get(who, "9"), row["DueDate"])
    numbers = {
        row["DisplayName"].split()[0]
        for row in customers.values()
        if (due := late.get(payer(row)["Id"]))
        and (scene.qbo.world.today - date.fromisoformat(due)).days >= 30
    }
    expected = {row["id"] for row in dataset.rows("accounts") if row["customer_id"] in numbers}
    assert expected
    opened = scene.host.segment_accounts("watch-list/overdue", user="kim")
    assert set(opened.account_ids) == expected
