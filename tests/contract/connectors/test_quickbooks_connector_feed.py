"""QuickBooks' changes as a feed: whole, in pieces, with deletions, and behind what commits late."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crossdock.connectors.quickbooks import feed
from crossdock.errors import RemoteUnavailable
from crossdock.records import Money, Order, OrderLine
from crossdock_mocks.engine import Fault


@pytest.fixture
def customer(qbo_port, dataset):
    row = next(row for row in dataset.rows("customers") if not row["bill_to_id"])
    return qbo_port.customer(row["id"])


@pytest.fixture(autouse=True)
def _a_quiet_evening(qbo_mock):
    """Nothing of what the company began with is recent."""
    qbo_mock.world.clock.advance(timedelta(hours=12))


@pytest.fixture
def start(qbo_port):
    """A feed that has read everything so far."""
    page = qbo_port.changes(None)
    assert page.changes == ()
    return page.cursor


@pytest.fixture
def place(qbo_port, customer, dataset):
    code = next(row["id"] for row in dataset.rows("items") if row["active"])

    def place(reference):
        line = OrderLine(number=1, item_id=code, quantity=Decimal(2), unit_price=Money("10", "EUR"))
        order = Order(
            id=reference, system="crm", currency="EUR", reference=reference, lines=(line,)
        )
        return qbo_port.place_order(customer, order, idempotency_key=reference).order

    return place


def read(port, cursor, limit=200):
    """Read on to the end; gives what was told, and where the feed stands."""
    told = []
    for _ in range(200):
        page = port.changes(cursor, limit=limit)
        told += [(change.entity, change.id, change.action) for change in page.changes]
        cursor = page.cursor
        if not page.more:
            return told, cursor
    raise AssertionError("the feed does not end")


def test_a_feed_begins_now_and_not_with_all_that_ever_was(qbo_port, start):
    assert read(qbo_port, start)[0] == []


def test_each_change_is_told_once_in_order(qbo_port, qbo_mock, start, place, books):
    order = place("R-1")
    told, cursor = read(qbo_port, start)
    assert told == [("order", order.id, "created")]
    qbo_mock.world.clock.advance(timedelta(seconds=30))
    invoice = books.invoice(order.id)
    told, cursor = read(qbo_port, cursor)
    assert set(told) == {
        ("trading_account", order.customer_id, "updated"),
        ("item", order.lines[0].item_id, "updated"),  # there are fewer on hand
        ("order", order.id, "updated"),
        ("invoice", invoice["Id"], "created"),
    }
    assert read(qbo_port, cursor)[0] == []
    # Still inside the window, and long after it.
    for minutes in (1, 10, 1000):
        qbo_mock.world.clock.advance(timedelta(minutes=minutes))
        again, cursor = read(qbo_port, cursor)
        assert again == []


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_a_feed_is_read_in_pieces_of_any_size(qbo_port, qbo_mock, start, place, limit):
    placed = []
    for number in range(7):
        placed.append(place(f"R-{number}").id)
        qbo_mock.world.clock.advance(timedelta(seconds=number % 2))
    told, _ = read(qbo_port, start, limit=limit)
    assert sorted(told) == sorted(("order", each, "created") for each in placed)


def test_what_is_deleted_is_told(qbo_port, qbo_mock, start, place, books):
    order = place("R-1")
    _, cursor = read(qbo_port, start)
    qbo_mock.world.clock.advance(timedelta(minutes=20))
    token = books.read("Estimate", order.id)["SyncToken"]
    books.write("Estimate", {"Id": order.id, "SyncToken": token}, operation="delete")
    told, cursor = read(qbo_port, cursor)
    assert told == [("order", order.id, "deleted")]
    assert read(qbo_port, cursor)[0] == []


def test_a_void_invoice_is_a_change_of_it_and_of_its_order(qbo_port, start, place, books):
    order = place("R-1")
    invoice = books.invoice(order.id)
    _, cursor = read(qbo_port, start)
    token = books.read("Invoice", invoice["Id"])["SyncToken"]
    books.write("Invoice", {"Id": invoice["Id"], "SyncToken": token}, operation="void")
    told, _ = read(qbo_port, cursor)
    assert ("invoice", invoice["Id"]) in {each[:2] for each in told}
    void = qbo_port.invoice(invoice["Id"])
    assert (void.status, void.gross.amount, void.open.amount) == ("void", 0, 0)
    assert qbo_port.order(order.id).status in ("confirmed", "cancelled")


def test_a_credit_that_is_used_is_a_change_of_the_credit(qbo_port, start, place, books, customer):
    order = place("R-1")
    invoice = books.invoice(order.id)
    line = {
        name: each for name, each in invoice["Line"][0].items()
        if name not in ("Id", "LineNum", "LinkedTxn")
    }  # fmt: skip
    memo = books.write("CreditMemo", {"CustomerRef": invoice["CustomerRef"], "Line": [line]})
    _, cursor = read(qbo_port, start)
    amount = memo["TotalAmt"]
    books.write(
        "Payment",
        {
            "CustomerRef": invoice["CustomerRef"],
            "TotalAmt": 0,
            "Line": [
                {"Amount": amount, "LinkedTxn": [{"TxnId": doc, "TxnType": kind}]}
                for doc, kind in ((memo["Id"], "CreditMemo"), (invoice["Id"], "Invoice"))
            ],
        },
    )
    told, _ = read(qbo_port, cursor)
    assert ("credit_note", memo["Id"], "updated") in told
    assert not any(entity == "payment" for entity, _, _ in told)
    note = qbo_port.credit_note(memo["Id"])
    assert (note.open.amount, note.applications[0].invoice_id) == (0, invoice["Id"])
    assert qbo_port.invoice(invoice["Id"]).applications == note.applications


def test_more_than_is_told_at_once_is_read_from_the_lists(
    qbo_port, qbo_mock, start, place, monkeypatch
):
    monkeypatch.setattr(feed, "TOLD_AT_MOST", 3)
    placed = [place(f"R-{number}").id for number in range(8)]
    qbo_mock.world.journal.clear()
    told, _ = read(qbo_port, start, limit=4)
    assert sorted(told) == sorted(("order", each, "created") for each in placed)
    assert qbo_mock.journal("query")


def test_a_feed_that_was_not_read_for_long_comes_from_the_lists(qbo_port, qbo_mock, start, place):
    order = place("R-1")
    qbo_mock.world.clock.advance(timedelta(days=45))
    qbo_mock.world.journal.clear()
    told, _ = read(qbo_port, start)
    assert told == [("order", order.id, "created")]
    assert qbo_mock.journal("query")


def test_what_commits_late_behind_what_was_read_is_told(qbo_port, qbo_mock, start, place):
    first = place("R-1")
    _, cursor = read(qbo_port, start)
    qbo_mock.world.clock.advance(timedelta(minutes=2))
    second = place("R-2")
    told, cursor = read(qbo_port, cursor)
    assert told == [("order", second.id, "created")]
    # A transaction that began before the second one shows only now.
    table = qbo_mock.world.table("qbo_estimate")
    late = dict(table.get(first.id))
    late["SyncToken"] = "7"
    table.replace(late)
    told, _ = read(qbo_port, cursor)
    assert [each[:2] for each in told] == [("order", first.id)]


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", ["status", "drop_before", "drop_after_commit", "half_body"])
def test_a_feed_that_breaks_goes_on_where_it_was(qbo_port, qbo_mock, start, place, kind):
    order = place("R-1")
    qbo_mock.world.faults.add(Fault(kind=kind, operation="readChanges", times=9, status=502))
    with pytest.raises(RemoteUnavailable):
        qbo_port.changes(start)
    qbo_mock.world.faults.clear()
    assert read(qbo_port, start)[0] == [("order", order.id, "created")]
