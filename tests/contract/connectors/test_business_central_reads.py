"""What Business Central tells: customers, prices, credit, stock, posted documents, and refusals."""

from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from crossdock.connectors.business_central.offers import MARK
from crossdock.errors import (
    ConfigError,
    NotFound,
    NotSupported,
    RemoteMisbehaved,
    RemoteRefused,
    RemoteUnauthorized,
    RemoteUnavailable,
)
from crossdock.records import Money, Order, OrderLine, PriceRequest, PriceRequestLine
from crossdock_mocks.dialects import business_central as bc
from crossdock_mocks.engine import Fault

D = Decimal


def eur(amount):
    return Money(amount, "EUR")


def asked(*codes, quantity="3", **more):
    return PriceRequest(
        lines=tuple(
            PriceRequestLine(number=n, item_id=code, quantity=D(quantity), **more)
            for n, code in enumerate(codes, start=1)
        )
    )


@pytest.fixture
def number(dataset):
    return next(r["id"] for r in dataset.rows("customers") if not r["on_hold"])


@pytest.fixture
def customer(bc_port, number):
    return bc_port.customer(number)


@pytest.fixture
def goods(dataset):
    return [row["id"] for row in dataset.rows("items") if row["active"] and row["kind"] == "goods"]


# How it is entered.


def test_a_token_is_fetched_once_renewed_when_it_ends_and_never_shown(connect_bc, bc_mock):
    port = connect_bc()
    first = port.customers()
    assert port.customers() == first
    assert len(bc_mock.journal("issueToken")) == 1
    bc_mock.world.clock.advance(timedelta(hours=2))
    assert port.customers() == first
    assert len(bc_mock.journal("issueToken")) == 2
    with pytest.raises(RemoteUnauthorized, match=r"invalid_client.*\[erp.main\]") as caught:
        connect_bc(client_secret="wrong-secret").customers()
    assert "wrong-secret" not in str(caught.value)


def test_a_company_is_found_by_its_name_and_others_are_said_not_to_be(connect_bc, dataset):
    named = connect_bc(company=dataset.company[:30])
    assert named.customers(limit=1).items == connect_bc().customers(limit=1).items
    with pytest.raises(NotFound, match=r"no company .* called Elsewhere.*'company' under \[erp"):
        connect_bc(company="Elsewhere").customers()
    with pytest.raises(ConfigError, match="'tenent' that this connector does not know"):
        connect_bc(tenent="contoso")


@pytest.mark.usefixtures("no_waiting")
def test_too_many_calls_and_outages_are_transient_and_say_how_long(bc_port, bc_mock, number):
    bc_port.customers()
    bc.allow(bc_mock.world, 0)
    with pytest.raises(RemoteUnavailable) as caught:
        bc_port.customer(number)
    assert caught.value.status == 429
    assert caught.value.retry_after >= 1
    assert not caught.value.maybe_done
    bc.allow(bc_mock.world, 1_000_000)
    bc_mock.world.faults.add(Fault(kind="status", status=503, operation="listCustomers", times=9))
    with pytest.raises(RemoteUnavailable) as caught:
        bc_port.customer(number)
    assert caught.value.status == 503
    bc_mock.world.faults.clear()
    bc_mock.world.faults.add(Fault(kind="malformed_json", operation="listCustomers", times=9))
    with pytest.raises(RemoteMisbehaved, match="not JSON"):
        bc_port.customer(number)


# Customers and items.


def test_customers_and_items_are_searched_by_name_and_number(bc_port, customer, goods):
    word = customer.name.split()[0].upper()
    assert customer.id in {each.id for each in bc_port.customers(word).items}
    assert [each.id for each in bc_port.customers(customer.id).items] == [customer.id]
    assert bc_port.customers("no' or 1 eq 1").items == ()
    item = bc_port.item(goods[0])
    assert [each.id for each in bc_port.items(item.id).items] == [item.id]
    assert item.id in {each.id for each in bc_port.items(item.name[:6].lower()).items}


def test_a_customer_is_what_the_data_say(bc_port, bc_house, dataset):
    for row in list(dataset.rows("customers"))[:6]:
        found = bc_port.customer(row["id"])
        assert (found.name, found.terms_days, found.on_hold) == (
            row["name"],
            row["terms_days"],
            row["on_hold"],
        )
        assert found.credit_limit == (eur(row["credit_limit"]) if row["credit_limit"] else None)
        assert (found.address.city, found.address.street) == (row["city"], row["street"])
        if row["on_hold"]:
            assert "blocked for shipping" in found.hold_reason
    item = next(row for row in dataset.rows("items") if row["kind"] == "service")
    assert bc_port.item(item["id"]).kind == "service"
    assert bc_port.item(item["id"]).product_line == item["product_line"]
    bc_house.change("items", item["id"], blocked=True)
    assert not bc_port.item(item["id"]).active
    assert item["id"] not in {each.id for each in bc_port.items(limit=200).items}


# Prices.


def test_a_draft_is_priced_by_a_quote_that_is_gone_afterwards(
    bc_port, bc_house, bc_mock, customer, goods
):
    priced = bc_port.price(customer, asked(*goods[:2], quantity="7"))
    assert bc_house.quotes() == []
    (made,) = bc_mock.journal("createSalesQuote")
    assert MARK in made.request_body
    for line in priced.lines:
        item = bc_port.item(line.item_id)
        assert line.list_price == item.list_price
        assert line.unit_price.amount <= item.list_price.amount
        exact = line.unit_price * line.quantity * (1 - line.discount_percent / 100)
        assert line.net == exact.rounded()
        assert line.tax == (line.net * line.tax_rate).rounded()
        own = line.unit_price == item.list_price
        assert line.rule == ("list price" if own else "price list")
        assert line.unit_cost == item.cost
        assert line.availability == bc_port.stock(line.item_id, D(7))
    (tax,) = priced.taxes
    assert (tax.base, tax.tax) == (priced.net, priced.tax)
    five = bc_port.price(customer, asked(goods[0], discount_percent=D(5)))
    assert five.lines[0].discount_percent == 5


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("createSalesQuote", "drop_after_commit"),
        ("createSalesQuote", "status_after_commit"),
        ("getSalesQuote", "drop_before"),
        ("deleteSalesQuote", "drop_after_commit"),
    ],
)
def test_a_quote_for_prices_is_deleted_whatever_happens(
    bc_port, bc_house, bc_mock, customer, goods, operation, kind
):
    expected = bc_port.price(customer, asked(goods[0]))
    bc_mock.world.faults.add(Fault(kind=kind, operation=operation, times=2))
    assert bc_port.price(customer, asked(goods[0])) == expected
    assert bc_house.quotes() == []


@pytest.mark.usefixtures("no_waiting")
def test_a_quote_that_is_left_over_is_recognised_and_deleted_later(
    connect_bc, bc_house, bc_mock, customer, goods
):
    port = connect_bc()
    bc_mock.world.faults.add(Fault(kind="status", status=503, operation="deleteSalesQuote"))
    assert port.price(customer, asked(goods[0])).lines
    (left,) = bc_house.quotes()
    assert left["externalDocumentNumber"].startswith(MARK)
    bc_mock.world.faults.clear()
    # Another process leaves it alone while somebody may still be reading it.
    connect_bc().price(customer, asked(goods[0]))
    assert [row["id"] for row in bc_house.quotes()] == [left["id"]]
    bc_mock.world.clock.advance(timedelta(minutes=11))
    connect_bc().price(customer, asked(goods[0]))
    assert bc_house.quotes() == []
    bc_mock.world.faults.add(Fault(kind="status", status=503, operation="deleteSalesQuote"))
    port.price(customer, asked(goods[0]))
    bc_mock.world.faults.clear()
    port.price(customer, asked(goods[0]))  # whoever left it knows of it
    assert bc_house.quotes() == []


def test_what_cannot_be_priced_is_said(bc_port, bc_house, customer, goods):
    bc_house.change("items", goods[0], unitPrice=0)
    bc_house.change("items", goods[1], blocked=True)
    for code, problem in ((goods[0], "has no price"), (goods[1], "is blocked")):
        with pytest.raises(RemoteRefused, match=problem) as caught:
            bc_port.price(customer, asked(goods[2], code))
        assert caught.value.fields[0].field == "lines.1.item_id"
    with pytest.raises(RemoteRefused) as caught:
        bc_port.price(customer, PriceRequest(lines=asked(goods[2]).lines, currency="USD"))
    assert caught.value.code == "currency_mismatch"
    bc_house.change("customers", customer.id, blocked="Ship")
    with pytest.raises(RemoteRefused, match="blocked for shipping") as caught:
        bc_port.price(customer, asked(goods[2]))
    assert (caught.value.code, caught.value.fields) == ("customer_blocked", ())
    assert bc_house.quotes() == []


# Stock and credit.


def test_stock_is_what_is_on_hand_less_what_open_orders_wait_for(
    bc_port, bc_house, customer, goods, dataset
):
    row = bc_house.one("items", goods[0])
    before = bc_port.stock(goods[0])
    assert before.on_hand == D(str(row["inventory"]))
    line = OrderLine(number=1, item_id=goods[0], quantity=D(5), unit_price=eur("2"))
    order = Order(id="R-1", system="crm", currency="EUR", reference="R-1", lines=(line,))
    placed = bc_port.place_order(customer, order, idempotency_key="k").order
    assert bc_port.stock(goods[0]).reserved == before.reserved + 5
    bc_house.post(placed.id, {1: 2})
    after = bc_port.stock(goods[0])
    assert (after.on_hand, after.reserved) == (before.on_hand - 2, before.reserved + 3)
    service = next(row["id"] for row in dataset.rows("items") if row["kind"] == "service")
    with pytest.raises(NotSupported, match="keeps no stock"):
        bc_port.stock(service)


def test_credit_counts_the_balance_and_the_orders_of_who_pays(
    bc_port, bc_house, bc_mock, customer, goods
):
    bc_house.change("customers", customer.id, creditLimit=100_000)
    before = bc_port.credit(customer)
    detail = next(
        row for row in bc_house.rows("customerFinancialDetails") if row["number"] == customer.id
    )
    assert before.balance == eur(str(detail["balance"])).rounded()
    line = OrderLine(number=1, item_id=goods[0], quantity=D(10), unit_price=eur("20"))
    order = Order(id="R-1", system="crm", currency="EUR", reference="R-1", lines=(line,))
    placed = bc_port.place_order(customer, order, idempotency_key="k").order
    ordered = bc_port.credit(customer)
    assert ordered.open_orders == before.open_orders + placed.gross
    assert ordered.available == eur(100_000) - ordered.exposure
    bc_house.post(placed.id, {1: 4})
    posted = bc_port.credit(customer)
    assert posted.exposure == ordered.exposure
    assert posted.balance == before.balance + (placed.gross * 4 * D("0.1")).rounded()
    outcome = bc_port.price(customer, asked(goods[0])).credit
    assert (outcome.result, outcome.limit) == ("ok", eur(100_000))
    gross = bc_port.price(customer, asked(goods[0])).gross
    assert outcome.exposure_after == posted.exposure + gross
    bc_house.change("customers", customer.id, creditLimit=1)
    tight = bc_port.price(customer, asked(goods[0])).credit
    assert (tight.result, tight.over_by) == ("over_limit", tight.exposure_after - eur(1))
    bc_house.change("customers", customer.id, creditLimit=0)
    free = bc_port.credit(customer)
    assert (free.unlimited, free.limit, free.available) == (True, None, None)
    assert bc_port.price(customer, asked(goods[0])).credit.limit is None


def test_what_an_order_in_another_currency_comes_to_is_not_known(
    bc_port, bc_house, customer, goods
):
    line = {"lineType": "Item", "lineObjectNumber": goods[0], "quantity": 1, "unitPrice": 5}
    body = {"customerNumber": customer.id, "currencyCode": "USD", "salesOrderLines": [line]}
    bc_house.ask("POST", "salesOrders", body)
    status = bc_port.credit(customer)
    assert (status.open_orders, status.exposure, status.available) == (None, None, None)
    assert status.balance is not None
    assert bc_port.price(customer, asked(goods[0])).credit is None


# Documents.


def test_drafts_are_no_invoices_and_posted_ones_keep_their_number(
    bc_port, bc_house, customer, goods
):
    known = {each.id for each in bc_port.invoices(customer)}
    line = {"lineType": "Item", "lineObjectNumber": goods[0], "quantity": 2, "unitPrice": 10}
    body = {"customerNumber": customer.id, "salesInvoiceLines": [line]}
    draft = bc_house.ask("POST", "salesInvoices", body).json()
    cursor = bc_port.changes(None).cursor
    assert {each.id for each in bc_port.invoices(customer)} == known
    with pytest.raises(NotFound):
        bc_port.invoice(draft["number"])
    bc_house.ask("POST", f"salesInvoices({draft['id']})/Microsoft.NAV.post")
    posted = bc_house.ask("GET", f"salesInvoices({draft['id']})").json()
    (new,) = [each for each in bc_port.invoices(customer, lines=True) if each.id not in known]
    assert (new.id, new.order_id, new.net) == (posted["number"], "", eur("20.00"))
    assert [(each.item_id, each.quantity) for each in new.lines] == [(goods[0], D(2))]
    told, more = [], True
    while more:
        page = bc_port.changes(cursor, limit=2)
        told += [(change.entity, change.id) for change in page.changes]
        cursor, more = page.cursor, page.more
    assert ("invoice", new.id) in told
    bc_house.ask("POST", f"salesInvoices({draft['id']})/Microsoft.NAV.makeCorrectiveCreditMemo")
    (memo,) = bc_house.rows("salesCreditMemos", "status eq 'Draft'")
    bc_house.ask("POST", f"salesCreditMemos({memo['id']})/Microsoft.NAV.post")
    note = next(n for n in bc_port.credit_notes(customer) if n.invoice_id == new.id)
    assert (note.net, note.open) == (eur("20.00"), eur("0.00"))
    assert bc_port.credit_note(note.id).lines[0].item_id == goods[0]
    assert bc_port.invoice(new.id).status == "paid"


def test_what_is_owed_adds_up_to_the_balance_but_for_payments_on_account(
    bc_port, bc_house, dataset
):
    from crossdock.rules import age

    for row in list(dataset.rows("customers"))[:8]:
        if row["bill_to_id"]:
            continue
        customer = bc_port.customer(row["id"])
        invoices, notes = bc_port.invoices(customer), bc_port.credit_notes(customer)
        if not invoices:
            continue
        (aging,) = age(invoices, notes, as_of=dataset.as_of)
        assert sum(aging.buckets, start=eur(0)) + aging.unapplied == aging.balance
        open_amount = sum((each.open for each in invoices), start=eur(0))
        assert sum(aging.buckets, start=eur(0)) == open_amount
        assert not aging.unexplained


def test_quotes_of_people_are_told_and_those_of_a_moment_are_not(
    bc_port, bc_house, bc_mock, customer, goods
):
    line = {"lineType": "Item", "lineObjectNumber": goods[0], "quantity": 2, "unitPrice": 10}
    body = {"customerNumber": customer.id, "salesQuoteLines": [line]}
    theirs = bc_house.ask("POST", "salesQuotes", {**body, "validUntilDate": "2027-01-31"}).json()
    bc_house.ask("POST", "salesQuotes", {**body, "externalDocumentNumber": f"{MARK}1"})
    (found,) = bc_port.quotes(customer)
    assert (found.id, found.status, found.valid_until) == (
        theirs["number"],
        "draft",
        date(2027, 1, 31),
    )
    assert (found.net, found.lines[0].unit_price) == (eur("20.00"), eur("10.00"))


def test_notifications_are_subscribed_to_and_renewed_and_hold_up_nothing(connect_bc, bc_mock):
    hooks, refused = bc_mock.world.webhooks, []

    def ask(url):
        if refused:
            return 500, "not now"
        return 200, parse_qs(urlsplit(url).query)["validationToken"][0]

    hooks.ask = ask
    listening = {"hints_url": "https://side.test/v1/hints/main", "hints_secret": "only-we-know"}
    subscriptions = bc_mock.world.table("subscriptions")
    for _ in range(2):  # two workers
        connect_bc(**listening).changes(None)
    told = {row["resource"].rpartition("/")[2] for row in subscriptions.find()}
    assert told == {"customers", "items", "salesOrders", "salesInvoices", "salesCreditMemos"}
    assert {row["clientState"] for row in subscriptions.find()} == {"only-we-know"}
    ends = {row["expirationDateTime"] for row in subscriptions.find()}
    bc_mock.world.clock.advance(timedelta(days=2))
    refused.append(True)
    port = connect_bc(**listening)
    assert port.changes(None).cursor
    assert {row["expirationDateTime"] for row in subscriptions.find()} == ends
    refused.clear()
    connect_bc(**listening).changes(None)
    assert min(row["expirationDateTime"] for row in subscriptions.find()) > max(ends)
    with pytest.raises(ConfigError, match="lacks 'hints_secret'"):
        connect_bc(hints_url="https://side.test/v1/hints/main")
    hooks.clear()


def test_what_is_not_told_is_said_to_be_so(bc_port, customer):
    for ask, words in (
        (lambda: bc_port.payments(customer), "no payment that is posted"),
        (lambda: bc_port.payment("PY-1"), "no payment that is posted"),
        (lambda: bc_port.returns(customer), "no goods that come back"),
        (lambda: bc_port.contracts(customer), "keeps no contracts"),
    ):
        with pytest.raises(NotSupported, match=f"Business Central.*{words}"):
            ask()
    assert not bc_port.capabilities & {
        "approval",
        "contracts",
        "payments",
        "reservations",
        "returns",
    }


def test_a_rate_in_a_third_currency_is_followed_to_the_companys_own(bc_port, bc_mock):
    rates = bc_mock.world.table("currencyExchangeRates")
    day = bc_mock.world.today.isoformat()
    (francs,) = [each for each in bc_port.exchange_rates() if each.of == "CHF"]
    (dollars,) = [each for each in bc_port.exchange_rates() if each.of == "USD"]
    newest = max(rates.find({"currencyCode": "CHF"}), key=lambda row: row["startingDate"])
    fields = {"relationalCurrencyCode": "USD", "relationalExchangeRateAmount": "120"}
    rates.update(newest["id"], **fields)
    (found,) = [each for each in bc_port.exchange_rates() if each.of == "CHF"]
    assert (found.to, found.rate) == (francs.to, D("1.2") * dollars.rate)
    nowhere = {"relationalCurrencyCode": "XXX", "startingDate": day}
    rates.update(newest["id"], **nowhere)
    assert "CHF" not in {each.of for each in bc_port.exchange_rates()}
