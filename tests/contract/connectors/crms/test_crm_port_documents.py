"""Quotes and orders as every `CrmPort` keeps them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.errors import Conflict, NotSupported, RemoteRefused, RemoteRejectedData
from crossdock.records import Money, OrderEvent

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def eur(amount):
    return Money(amount, "EUR")


def test_quotes_have_their_lines(port, dataset, account):
    wanted = {row["id"]: [] for row in dataset.rows("quotes")}
    for row in dataset.rows("quote_lines"):
        wanted[row["quote_id"]].append((row["line"], row["item_id"], row["quantity"]))
    for quote in port.quotes(account):
        lines = [(line.number, line.item_id, line.quantity) for line in quote.lines]
        assert lines in list(wanted.values())
        assert quote == port.quote(quote.id)


def test_a_quote_keeps_everything_that_was_saved(port, draft):
    saved = port.save_quote(draft)
    kept = {"id": "", "version": None, "created_at": None, "modified_at": None}
    assert evolve(saved, **kept) == draft
    assert port.quote(saved.id) == saved


def test_saving_what_was_read_changes_nothing(house, port, draft, drained):
    saved = port.save_quote(draft)
    account = port.account(draft.account_id)
    house.later(60)
    _, cursor = drained(port)
    before = len(house.journal())
    assert port.save_quote(saved) == saved
    if house.guards == "after":
        assert port.save_account(account) == account
    assert {entry.operation_id for entry in house.journal()[before:]} <= house.quiet
    house.later(60)
    assert drained(port, cursor)[0] == []


def test_a_quote_is_replaced_and_emptied_fields_are_cleared(house, port, draft):
    saved = port.save_quote(draft)
    emptied = evolve(
        saved,
        trading_account="",
        lines=saved.lines[:1],
        net=eur("31.35"),
        tax=eur("6.27"),
        gross=eur("37.62"),
        checks=(),
    )
    house.later()
    changed = port.save_quote(emptied)
    assert evolve(changed, version=saved.version, modified_at=saved.modified_at) == emptied
    house.later()
    # A line that comes again under its old number is a new line.
    again = port.save_quote(evolve(changed, lines=saved.lines, net=None, tax=None, gross=None))
    assert [line.number for line in again.lines] == [1, 4]


def test_a_stale_quote_is_not_overwritten(house, port, draft):
    first = port.save_quote(draft)
    house.later()
    port.save_quote(evolve(first, valid_until=date(2027, 1, 1)))
    with pytest.raises(Conflict) as caught:
        port.save_quote(evolve(first, valid_until=date(2028, 1, 1)))
    assert caught.value.code == "stale_version"
    assert port.quote(first.id).valid_until == date(2027, 1, 1)


def test_a_change_of_a_line_makes_a_quote_stale_too(house, port, draft):
    first = port.save_quote(draft)
    house.later()
    lines = (evolve(first.lines[0], quantity=Decimal(4), net=None), *first.lines[1:])
    unknown = dict.fromkeys(("net", "tax", "gross"))
    port.save_quote(evolve(first, lines=lines, **unknown))
    with pytest.raises(Conflict):
        port.save_quote(evolve(first, trading_account="main:C-10003"))


def test_totals_that_do_not_add_up_are_refused(port, draft):
    with pytest.raises((RemoteRejectedData, RemoteRefused)):
        port.save_quote(evolve(draft, gross=eur("99.00")))


def test_a_quote_has_one_order(port, draft):
    quote = port.save_quote(draft)
    order = port.order_from_quote(quote.id)
    assert port.order_from_quote(quote.id) == order == port.order(order.id)
    assert (order.quote_id, order.status, order.account_id) == (
        quote.id,
        "submitted",
        quote.account_id,
    )
    assert [
        (line.number, line.item_id, line.quantity, line.unit, line.unit_price, line.quote_line)
        for line in order.lines
    ] == [
        (line.number, line.item_id, line.quantity, line.unit, line.unit_price, line.number)
        for line in quote.lines
    ]
    assert (order.net, order.tax, order.gross) == (quote.net, quote.tax, quote.gross)
    ordered = port.quote(quote.id)
    assert (ordered.status, ordered.order_id) == ("ordered", order.id)
    assert order in port.orders(quote.account_id)


def test_many_who_order_one_quote_at_the_same_time_get_one_order(house, port, draft):
    quote = port.save_quote(draft)
    lines = house.orders()[1]
    before = house.orders()[0]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(port.order_from_quote, [quote.id] * 4))
    assert len({order.id for order in found}) == 1
    assert house.orders() == (before + 1, lines + len(quote.lines))


def test_a_quote_without_lines_is_refused_as_business(port, draft):
    empty = evolve(draft, lines=(), net=None, tax=None, gross=None)
    quote = port.save_quote(empty)
    with pytest.raises(RemoteRefused) as caught:
        port.order_from_quote(quote.id)
    assert caught.value.code == "quote_without_lines"


def test_an_order_is_told_how_far_it_has_come_once(house, port, order, progress, drained):
    wanted = progress(order)
    updated = port.update_order(wanted)
    assert updated == evolve(wanted, customer_id="C-10002", version=updated.version)
    assert port.order(order.id) == updated
    house.later(60)
    _, cursor = drained(port)
    before = len(house.journal())
    assert port.update_order(progress(order)) == updated
    assert {entry.operation_id for entry in house.journal()[before:]} <= house.quiet
    house.later(60)
    assert drained(port, cursor)[0] == []


def test_an_order_goes_through_all_its_stages(house, port, order, progress):
    current = port.update_order(progress(order))
    for status, quantities in [
        ("shipped", {"shipped": 3, "reserved": 0, "back_ordered": 0}),
        ("partly_invoiced", {"invoiced": 1}),
        ("invoiced", {"invoiced": 3}),
        ("paid", {}),
        ("returned", {"returned": 3}),
    ]:
        house.later()
        numbers = {name: Decimal(value) for name, value in quantities.items()}
        lines = (evolve(current.lines[0], **numbers), *current.lines[1:])
        wanted = evolve(current, status=status, lines=lines)
        current = port.update_order(wanted)
        assert current == evolve(wanted, version=current.version)


def test_two_orders_cannot_have_one_erp_order(house, port, draft, order, progress):
    port.update_order(progress(order))
    house.later()
    other = port.order_from_quote(port.save_quote(draft).id)
    with pytest.raises(Conflict) as caught:
        port.update_order(progress(other))
    assert caught.value.code == "erp_order_taken"


def test_a_timeline_keeps_each_key_once(port, order):
    first = OrderEvent(key="a", at=NOON - timedelta(days=1), kind="note", title="First")
    second = OrderEvent(
        key="b:1",
        at=NOON - timedelta(hours=5),
        kind="acknowledged",
        title="Acknowledged <as> a & b",
        text="By the ERP\nat noon",
        document_id="SO-1",
        actor="straight-through",
    )
    for event in (second, first, second, evolve(first, title="Told again")):
        port.add_order_event(order.id, event)
    assert port.order_events(order.id) == (first, second)
    # What happened at the same instant stays in the order in which it was told.
    third, fourth = (evolve(second, key=key, title=key) for key in ("z", "aa"))
    for event in (third, fourth):
        port.add_order_event(order.id, event)
    assert port.order_events(order.id) == (first, second, third, fourth)
    assert order.id not in {each.id for each in port.activities(order.account_id)}


def test_a_draft_of_an_order_counts_nowhere_until_it_is_submitted(house, port, entered):
    unpriced = evolve(entered, status="draft", pricing_status="unchecked", priced_at=None)
    made = port.save_order(unpriced)
    assert (made.status, made.pricing_status, made.priced_at) == ("draft", "unchecked", None)
    with pytest.raises(Conflict, match="draft"):
        port.update_order(evolve(made, status="confirmed"))
    with pytest.raises(Conflict, match="draft"):
        port.update_order(evolve(made, erp_system="main", erp_order_id="SO-1"))
    house.later()
    priced = evolve(made, status="submitted", pricing_status="priced", priced_at=NOON, checks=())
    saved = port.save_order(priced)
    assert (saved.status, saved.pricing_status, saved.priced_at, saved.checks) == (
        "submitted",
        "priced",
        NOON,
        (),
    )
    with pytest.raises(NotSupported, match="has given the order"):
        port.save_order(evolve(saved, requested_on=None))


def test_a_draft_keeps_its_lines_and_a_stale_one_is_refused(house, port, entered):
    made = port.save_order(evolve(entered, status="draft"))
    with pytest.raises(RemoteRejectedData, match="keeps the lines"):
        port.save_order(evolve(made, lines=()))
    house.later()
    port.save_order(evolve(made, requested_on=None))
    with pytest.raises(Conflict):
        port.save_order(made)
