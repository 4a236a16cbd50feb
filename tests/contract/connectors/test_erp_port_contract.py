"""What every `ErpPort` promises, tried on every ERP that there is; what it cannot do, it says.

A new ERP is added by one line in `HOUSES` and fixtures `<name>_port` and `connect_<name>`.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.errors import (
    NotFound,
    NotSupported,
    RemoteRefused,
    RemoteRejectedData,
    RemoteUnavailable,
)
from crossdock.ports import ErpPort, scopes_of
from crossdock.records import Money, Order, OrderLine, PriceRequest, PriceRequestLine
from crossdock.records.plain import from_plain, to_plain
from crossdock_mocks.engine import Fault

HOUSES = {
    "erp": ("erp_port", "connect_erp", "erp_mock", "createSalesOrder"),
    "qbo": ("qbo_port", "connect_qbo", "qbo_mock", "writeEstimate"),
    "bc": ("bc_port", "connect_bc", "bc_mock", "makeOrderSalesQuote"),
}
_SENDS = {"erp": "sendInvoice", "qbo": "sendInvoice", "bc": "sendSalesInvoice"}
_LISTS = ("orders", "shipments", "invoices", "credit_notes", "payments", "returns", "contracts")
_NEEDS = {each: each for each in ("shipments", "returns", "contracts", "payments")}
_DAYS = {
    "orders": "ordered_on",
    "shipments": "shipped_on",
    "invoices": "issued_on",
    "credit_notes": "issued_on",
    "payments": "received_on",
    "returns": "received_on",
}
_ONE = {
    "orders": "order",
    "shipments": "shipment",
    "invoices": "invoice",
    "credit_notes": "credit_note",
    "payments": "payment",
    "returns": "goods_return",
}
D = Decimal


class House:
    """One ERP, with a customer who buys and goods that are sold."""

    def __init__(self, port, connect, mock, create, send):
        self.port, self.connect, self.mock, self.create = port, connect, mock, create
        self.send = send

    def sendings(self):
        return len(self.mock.journal(self.send))

    def customer(self, dataset):
        counted = {}
        for row in dataset.rows("invoices"):
            counted[row["customer_id"]] = counted.get(row["customer_id"], 0) + 1
        return self.port.customer(max(sorted(counted), key=counted.__getitem__))

    def can(self, method):
        return _NEEDS.get(method, "") in {*self.port.capabilities, ""}


@pytest.fixture(params=HOUSES)
def house(request):
    port, connect, mock, create = HOUSES[request.param]
    given = (request.getfixturevalue(name) for name in (port, connect, mock))
    return House(*given, create, _SENDS[request.param])


@pytest.fixture
def order(dataset):
    codes = [row["id"] for row in dataset.rows("items") if row["active"]]
    lines = tuple(
        OrderLine(number=n, item_id=code, quantity=D(n), unit_price=Money("12.50", "EUR"))
        for n, code in enumerate(codes[:2], start=1)
    )
    return Order(id="R-1", system="crm", currency="EUR", reference="R-1", lines=lines)


def everything(read, limit=7):
    cursor, found = None, []
    while True:
        page = read(after=cursor, limit=limit)
        assert len(page.items) <= limit
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


def test_a_connector_is_a_port_with_every_method_and_says_what_it_calls(house):
    assert isinstance(house.port, ErpPort)
    assert all(callable(getattr(house.port, name)) for name in scopes_of(ErpPort))
    assert house.port.system == "main"
    assert house.port.used_operations
    assert house.port.used_operations <= set(house.mock.app.operations)


def test_numbers_and_codes_are_those_that_the_crm_knows(house, dataset):
    numbers = {row["id"] for row in dataset.rows("customers")}
    codes = {row["id"] for row in dataset.rows("items") if row["active"]}
    customers, items = everything(house.port.customers), everything(house.port.items, limit=50)
    assert {each.id for each in customers} == numbers
    assert {each.id for each in items} == codes
    assert house.port.customer(customers[3].id) == customers[3]
    assert house.port.item(items[3].id) == items[3]
    assert {each.system for each in (*customers, *items)} == {"main"}


@pytest.mark.parametrize("method", _LISTS)
def test_documents_are_listed_newest_first_or_said_to_be_unknown(house, dataset, method):
    customer = house.customer(dataset)
    ask = getattr(house.port, method)
    if not house.can(method):
        with pytest.raises(NotSupported):
            ask(customer)
        with pytest.raises(NotSupported):
            getattr(house.port, _ONE.get(method, method))(
                customer if method == "contracts" else "1"
            )
        return
    found = ask(customer)
    assert {each.customer_id for each in found} <= {customer.id}
    if method not in _ONE:
        return
    days = [getattr(each, _DAYS[method]) for each in found]
    assert days == sorted(days, reverse=True)
    for document in found[:1]:
        alone = getattr(house.port, _ONE[method])(document.id)
        assert (alone.id, alone.customer_id) == (document.id, customer.id)
        recent = ask(customer, since=days[0])
        assert [each.id for each in recent] == [
            each.id for each, day in zip(found, days, strict=True) if day >= days[0]
        ]


def test_settled_amounts_add_up_over_all_documents(house, dataset):
    customer = house.customer(dataset)
    payments = house.port.payments(customer) if house.can("payments") else ()
    by_invoice = {}
    for source in (*payments, *house.port.credit_notes(customer)):
        for each in source.applications:
            by_invoice.setdefault(each.invoice_id, []).append(each)
    for payment in payments:
        used = sum((each.amount.amount for each in payment.applications), D(0))
        assert payment.unapplied.amount == payment.amount.amount - used
    for invoice in house.port.invoices(customer):
        settled = sum((each.amount.amount for each in invoice.applications), D(0))
        assert invoice.open.amount == invoice.gross.amount - settled
        assert invoice.gross == invoice.net + invoice.tax
        if not house.can("payments"):
            # What settled it is not told, only how much of it is.
            assert {each.source_id for each in invoice.applications} <= {""}
            continue
        mine = by_invoice.get(invoice.id, [])
        assert sorted(map(str, mine)) == sorted(map(str, invoice.applications))


def test_an_invoice_is_printed_the_same_each_time_or_said_not_to_be(house, dataset):
    invoice = house.port.invoices(house.customer(dataset))[0]
    if "invoice_document" not in house.port.capabilities:
        with pytest.raises(NotSupported):
            house.port.invoice_document(invoice.id)
        return
    printed = house.port.invoice_document(invoice.id)
    assert (printed.invoice_id, printed.system) == (invoice.id, "main")
    assert (printed.media_type, printed.name) == ("application/pdf", f"{invoice.id}.pdf")
    assert printed.content.startswith(b"%PDF-")
    numbers = [each.encode() for each in (invoice.id, invoice.reference) if each]
    assert any(number in printed.content for number in numbers)
    assert house.port.invoice_document(invoice.id) == printed
    assert from_plain(to_plain(printed)) == printed
    with pytest.raises(NotFound):
        house.port.invoice_document("X-404")


@pytest.mark.usefixtures("no_waiting")
def test_an_invoice_is_sent_and_never_a_second_time_by_itself(house, dataset):
    customer = house.customer(dataset)
    invoice, to = house.port.invoices(customer)[0], customer.email or ""
    assert to
    house.port.send_invoice(invoice.id, to=to)
    assert house.sendings() == 1
    house.mock.world.faults.add(Fault(kind="drop_after_commit", operation=house.send, times=1))
    with pytest.raises(RemoteUnavailable) as lost:
        house.port.send_invoice(invoice.id, to=to)
    assert lost.value.maybe_done
    assert house.sendings() == 2
    with pytest.raises(NotFound):
        house.port.send_invoice("X-404")


def test_the_rates_of_a_day_are_stated_with_their_day_or_said_to_be_unknown(house, dataset):
    if "exchange_rates" not in house.port.capabilities:
        with pytest.raises(NotSupported):
            house.port.exchange_rates()
        return
    rates = house.port.exchange_rates()
    last = {
        row["currency"]: (row["valid_from"], row["rate"])
        for row in sorted(dataset.rows("exchange_rates"), key=lambda row: row["valid_from"])
        if row["valid_from"] <= dataset.as_of
    }
    assert {each.of: (each.on, each.rate) for each in rates} == last
    told = set(last)
    assert {(each.to, each.source) for each in rates} == {(dataset.currency, "main")}
    day = min(each.on for each in rates)
    earlier = house.port.exchange_rates(on=day - timedelta(days=1))
    assert {each.of for each in earlier} == told
    assert all(each.on < day for each in earlier)
    assert house.port.exchange_rates(on=date(2000, 1, 1)) == ()


def test_the_list_of_credit_says_what_is_said_of_each_alone(house, dataset):
    listed = everything(house.port.credit_list)
    assert {each.customer_id for each in listed} == {row["id"] for row in dataset.rows("customers")}
    for status in listed:
        assert status == house.port.credit(house.port.customer(status.customer_id))
        assert (status.past_due_since is None) == (status.past_due.amount <= 0)
        if status.limit is not None:
            assert status.available == status.limit - status.exposure


def test_a_pricing_adds_up_and_names_its_rules(house, dataset, order):
    lines = tuple(
        PriceRequestLine(number=line.number, item_id=line.item_id, quantity=D(3))
        for line in order.lines
    )
    found = house.port.price(house.customer(dataset), PriceRequest(lines=lines, currency="EUR"))
    assert [line.number for line in found.lines] == [1, 2]
    assert found.net == sum((line.net for line in found.lines), Money.zero("EUR"))
    assert found.gross == found.net + found.tax
    assert all(line.rule and line.source for line in found.lines)


def test_what_cannot_be_priced_is_said_beside_its_line(house, dataset):
    line = PriceRequestLine(number=1, item_id="NO-SUCH", quantity=D(1))
    customer = house.customer(dataset)
    with pytest.raises(RemoteRefused) as caught:
        house.port.price(customer, PriceRequest(lines=(line,)))
    assert caught.value.fields[0].field == "lines.0.item_id"
    less = evolve(line, item_id=next(dataset.rows("items"))["id"], quantity=D(-1))
    with pytest.raises(RemoteRejectedData) as caught:
        house.port.price(customer, PriceRequest(lines=(less,)))
    assert caught.value.fields[0].field == "lines.0.quantity"


@pytest.mark.parametrize("read", ["customer", "item", "order", "invoice", "payment", "credit_note"])
def test_what_does_not_exist_is_not_found(house, read):
    if not house.can(f"{read}s"):
        with pytest.raises(NotSupported):
            getattr(house.port, read)("X-404")
        return
    with pytest.raises(NotFound, match="The ERP main at"):
        getattr(house.port, read)("X-404")


def test_an_order_is_placed_once_for_its_key_and_found_by_its_reference(house, dataset, order):
    customer = house.customer(dataset)
    assert house.port.orders_by_reference("R-1") == ()
    first = house.port.place_order(customer, order, idempotency_key="key-1")
    again = house.connect().place_order(customer, order, idempotency_key="key-1")
    assert (first.reference, again.order.id) == ("R-1", first.order.id)
    (found,) = house.port.orders_by_reference("R-1")
    assert found.id == first.order.id
    assert [(line.number, line.item_id, line.quantity) for line in found.lines] == [
        (line.number, line.item_id, line.quantity) for line in order.lines
    ]
    assert first.order.id in {each.id for each in house.port.orders(customer)}
    assert dict(found.external_ids) == {"crm": "R-1"}


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", ["drop_after_commit", "half_body", "status_after_commit"])
def test_a_lost_answer_makes_no_second_order(house, dataset, order, kind):
    house.mock.world.faults.add(Fault(kind=kind, operation=house.create, times=2))
    house.port.place_order(house.customer(dataset), order, idempotency_key="key-1")
    assert len(house.port.orders_by_reference("R-1")) == 1


def test_many_callers_with_one_key_make_one_order(house, dataset, order):
    customer, ports = house.customer(dataset), [house.connect() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        placed = pool.map(
            lambda port: port.place_order(customer, order, idempotency_key="key-1"), ports
        )
        assert len({each.order.id for each in placed}) == 1


def test_what_changes_is_told_from_where_one_stood(house, dataset, order):
    customer = house.customer(dataset)
    cursor = house.port.changes(None).cursor
    placed = house.port.place_order(customer, order, idempotency_key="key-1").order
    told = []
    while True:
        page = house.port.changes(cursor, limit=2)
        told += [(change.entity, change.id) for change in page.changes]
        cursor = page.cursor
        if not page.more:
            break
    assert told.count(("order", placed.id)) == 1
    assert house.port.changes(cursor).changes == ()
