"""From an ERP's change feed to events."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from attrs import evolve

from crossdock.errors import NotFound, NotSupported, RemoteMisbehaved, RemoteUnavailable
from crossdock.host.deliveries.changes import ChangePoller
from crossdock.host.store.schema import documents
from crossdock.ports import Changes
from crossdock.records import (
    Change,
    DocumentChanged,
    Money,
    Order,
    OrderLine,
    OrderPromoted,
    RecordChanged,
    Return,
)

_AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class Erp:
    """An ERP with a feed and documents that a test writes."""

    system = "main"

    def __init__(self):
        self.feed = []
        self.documents = {}
        self.failure = None
        self.unreadable = None
        self.calls = []

    def change(self, entity, record_id, action="updated", document=None):
        if document is not None:
            self.documents[entity, record_id] = document
        elif action == "deleted":
            self.documents.pop((entity, record_id), None)
        self.feed.append(
            Change(
                cursor=str(len(self.feed) + 1),
                system="main",
                entity=entity,
                id=record_id,
                action=action,
                at=_AT,
            )
        )

    def changes(self, cursor, *, limit=200):
        self.calls.append(("changes", cursor))
        if self.failure:
            raise self.failure
        begin = int(cursor or 0)
        page = self.feed[begin : begin + limit]
        end = begin + len(page)
        return Changes(changes=page, cursor=str(end), more=end < len(self.feed))

    def _read(self, entity, record_id):
        self.calls.append((entity, record_id))
        if self.unreadable:
            raise self.unreadable
        try:
            return self.documents[entity, record_id]
        except KeyError:
            raise NotFound(f"there is no {entity} {record_id}", system="main") from None

    def order(self, record_id):
        return self._read("order", record_id)

    def shipment(self, record_id):
        return self._read("shipment", record_id)

    def invoice(self, record_id):
        return self._read("invoice", record_id)

    def credit_note(self, record_id):
        return self._read("credit_note", record_id)

    def payment(self, record_id):
        return self._read("payment", record_id)

    def goods_return(self, record_id):
        return self._read("return", record_id)


def _order(status="confirmed"):
    line = OrderLine(number=1, item_id="BRG-1001", quantity=Decimal("2.50"))
    return Order(
        id="SO-1",
        system="main",
        currency="EUR",
        customer_id="C-1",
        status=status,
        lines=(line,),
        gross=Money("10.20", "EUR"),
    )


@pytest.fixture
def erp():
    return Erp()


@pytest.fixture
def reports():
    return []


@pytest.fixture
def poller(bench, erp, reports):
    return ChangePoller(
        bench.deliveries,
        erp,
        lambda _event: [("notify", "1")],
        page=3,
        report=lambda kind, text, **_detail: reports.append((kind, text)),
    )


def _read(poller):
    return poller.read(threading.Event())


def _events(bench):
    return [bench.deliveries.event(each.id) for each in reversed(bench.deliveries.list())]


def test_a_changed_document_is_told_with_what_it_was_before(bench, erp, poller):
    erp.change("order", "SO-1", "created", _order())
    assert _read(poller) is None
    erp.change("order", "SO-1", document=_order("shipped"))
    assert _read(poller) is None

    first, second = _events(bench)
    assert first == DocumentChanged(change=erp.feed[0], document=_order(), before=None)
    assert second == DocumentChanged(
        change=erp.feed[1], document=_order("shipped"), before=_order()
    )
    assert bench.deliveries.list()[0].event_id.startswith("document_changed:main:order:SO-1:")


def test_whose_documents_changed_is_told_to_every_host_whether_or_not_a_plugin_wants_to_know(
    bench, erp, store, clock
):
    poller = ChangePoller(bench.deliveries, erp, lambda _event: [])
    began = clock()
    erp.change("order", "SO-1", "created", _order())
    assert _read(poller) is None
    clock.advance(seconds=9)
    erp.change("order", "SO-1", document=_order("shipped"))
    erp.change("order", "SO-2", "created", evolve(_order(), id="SO-2", customer_id="C-2"))
    assert _read(poller) is None

    told = {(each.system, each.about): each.told_at for each in store.news.since(began)}
    assert told == {("main", "C-1"): clock(), ("main", "C-2"): clock()}
    assert store.news.since(clock() + timedelta(seconds=1)) == ()


def test_changes_that_share_a_cursor_are_told_each(bench, erp, poller):
    erp.change("order", "SO-1", "created", _order())
    erp.change("order", "SO-2", "created", evolve(_order(), id="SO-2"))
    erp.feed = [evolve(change, cursor="2", version="1") for change in erp.feed]
    assert _read(poller) is None

    assert [event.change.id for event in _events(bench)] == ["SO-1", "SO-2"]


def test_the_feed_is_read_on_from_where_it_ended_by_whoever_comes_next(bench, erp, poller, store):
    erp.change("order", "SO-1", "created", _order())
    _read(poller)
    _read(ChangePoller(bench.deliveries, erp, lambda _event: [("notify", "1")]))
    assert [call for call in erp.calls if call[0] == "changes"] == [
        ("changes", None),
        ("changes", "1"),
    ]
    assert store.watermarks.cursor("main") == "1"
    assert len(_events(bench)) == 1


def test_a_long_feed_is_read_to_its_end_page_by_page(bench, erp, poller):
    for number in range(8):
        erp.change("return", f"RT-{number}", "created", _return(f"RT-{number}"))
    _read(poller)
    assert [event.document.id for event in _events(bench)] == [f"RT-{n}" for n in range(8)]


def _return(record_id):
    return Return(id=record_id, system="main", customer_id="C-1", received_on=_AT.date())


def test_changes_of_a_document_that_are_read_together_are_one_event(bench, erp, poller):
    erp.change("order", "SO-1", "created", _order())
    erp.change("return", "RT-1", "created", _return("RT-1"))
    erp.change("order", "SO-1", document=_order("shipped"))
    _read(poller)
    assert [event.change.cursor for event in _events(bench)] == ["2", "3"]
    assert erp.calls.count(("order", "SO-1")) == 1


def test_a_feed_that_says_the_same_twice_is_not_believed_the_second_time(bench, erp, poller, store):
    erp.change("order", "SO-1", "created", _order())
    _read(poller)
    erp.change("order", "SO-1")
    _read(poller)
    assert len(_events(bench)) == 1
    assert store.watermarks.cursor("main") == "2"


def test_a_deleted_document_is_told_as_it_was_last_seen(bench, erp, poller):
    erp.change("order", "SO-1", "created", _order())
    _read(poller)
    erp.change("order", "SO-1", "deleted")
    _read(poller)
    gone = _events(bench)[-1]
    assert (gone.change.action, gone.document, gone.before) == ("deleted", _order(), _order())


def test_a_deleted_document_that_was_never_seen_is_still_told(bench, erp, poller):
    erp.change("order", "SO-9", "deleted")
    _read(poller)
    assert _events(bench) == [RecordChanged(change=erp.feed[0])]


def test_what_is_deleted_is_not_asked_for_and_is_a_document_still(bench, erp):
    records = []
    poller = ChangePoller(
        bench.deliveries, erp, lambda _event: [("notify", "1")], record_seen=records.append
    )
    erp.change("order", "SO-1", "created", _order())
    _read(poller)
    erp.change("order", "SO-1", "deleted")
    erp.change("order", "SO-9", "deleted")
    _read(poller)

    assert [call for call in erp.calls if call[0] == "order"] == [("order", "SO-1")]
    assert records == []


def test_it_is_asked_of_each_event_which_plugins_it_goes_to(bench, erp, reports):
    asked = []
    poller = ChangePoller(
        bench.deliveries, erp, lambda event: asked.append(event) or [],
        report=lambda *told, **_detail: reports.append(told),
    )  # fmt: skip
    erp.change("order", "SO-1", "created", _order())
    erp.change("item", "BRG-1001")
    _read(poller)

    assert [event.change for event in asked] == erp.feed
    assert reports == []  # nobody wants to know of them, so nothing is to be delivered


def test_a_document_that_is_gone_before_it_could_be_read_is_told_when_the_feed_says_so(
    bench, erp, poller, reports, store
):
    erp.change("order", "SO-9", "created")
    _read(poller)
    assert (_events(bench), reports) == ([], [])
    assert store.watermarks.cursor("main") == "1"
    erp.change("order", "SO-9", "deleted")
    _read(poller)
    assert len(_events(bench)) == 1


def test_what_is_no_document_is_a_changed_record(bench, erp, poller):
    erp.change("trading_account", "C-1")
    _read(poller)
    assert _events(bench) == [RecordChanged(change=erp.feed[0])]


def test_news_of_an_order_goes_in_the_lane_of_the_account_that_the_customer_is_linked_to(
    bench, erp, poller, store
):
    store.links.link(crm_system="crm", account_id="A-1", erp_system="main", customer_id="C-1")
    promoted = Order(id="R-1", system="crm", currency="EUR", account_id="A-1")
    bench.deliveries.publish(OrderPromoted(order=promoted), [("notify", "1")])
    erp.change("order", "SO-1", "created", _order())
    _read(poller)
    news, promotion = bench.deliveries.list()
    assert news.lane == promotion.lane == "notify|account:A-1"


def test_an_account_that_is_linked_in_the_same_transaction_has_its_customer_s_news(
    bench, erp, store
):
    erp.change("order", "SO-1", "created", _order())
    event = DocumentChanged(change=erp.feed[0], document=_order(), before=None)
    with store.writing() as connection:
        store.links.link(
            crm_system="crm", account_id="A-1", erp_system="main", customer_id="C-1",
            connection=connection,
        )  # fmt: skip
        assert bench.deliveries.publish_within(connection, event, [("notify", "1")])
        assert not bench.deliveries.publish_within(connection, event, [("notify", "1")])

    (news,) = bench.deliveries.list()
    assert news.lane == "notify|account:A-1"


def test_an_event_is_the_same_as_another_if_whoever_publishes_it_says_so(bench, erp):
    for _ in range(2):
        erp.change("item", "BRG-1001")
        event = RecordChanged(change=erp.feed[-1])
        assert bench.deliveries.publish(event, [("notify", "1")], event_id="e-1") == "e-1"
    assert [each.event_id for each in bench.deliveries.list()] == ["e-1"]


def test_an_erp_that_is_down_is_said_once_and_asked_less_and_less_often(
    bench, erp, poller, reports, store
):
    erp.change("order", "SO-1", "created", _order())
    erp.failure = RemoteUnavailable("main does not answer", system="main")
    waits = [_read(poller) for _ in range(5)]
    assert waits == sorted(waits)
    assert waits[-1] > 4 * waits[0]
    assert [kind for kind, _ in reports] == ["feed_away"]
    assert store.watermarks.cursor("main") is None
    erp.failure = None
    assert _read(poller) is None
    assert [kind for kind, _ in reports] == ["feed_away", "published", "feed_back"]
    assert len(_events(bench)) == 1


def test_an_erp_that_asks_for_time_gets_it(erp, poller):
    erp.failure = RemoteUnavailable("too many requests", system="main", retry_after=77.0)
    assert _read(poller) == 77.0


def test_an_answer_that_cannot_be_understood_stops_the_feed_aloud_and_loses_nothing(
    bench, erp, poller, reports, store
):
    erp.change("order", "SO-1", "created", _order())
    erp.change("order", "SO-2", "created", evolve(_order(), id="SO-2"))
    erp.unreadable = RemoteMisbehaved("SO-2 has no currency", system="main")
    _read(poller)
    assert reports == [
        ("feed_blocked", "feed main cannot be read, trying on: SO-2 has no currency")
    ]
    assert store.watermarks.cursor("main") is None
    erp.unreadable = None
    _read(poller)
    assert len(_events(bench)) == 2


def test_an_erp_that_tells_no_changes_is_said_once_and_asked_rarely(bench, erp, poller, reports):
    erp.failure = NotSupported("Ledgerbox (main) does not tell what changed")
    assert [_read(poller) for _ in range(3)] == [3600.0] * 3
    ((kind, text),) = reports
    assert kind == "feed_none"
    assert "there is none" in text
    assert "Ledgerbox (main) does not tell what changed" in text
    erp.failure = None
    erp.change("order", "SO-1", "created", _order())
    assert _read(poller) is None  # after an upgrade of it, say
    assert len(_events(bench)) == 1


def test_what_no_extension_point_is_about_is_passed_by(bench, erp, poller):
    for entity in ("stock", "company", "contract", "item"):
        erp.change(entity, "X-1")
    assert poller.read(threading.Event()) is None
    assert [event.change.entity for event in _events(bench)] == ["item"]
    assert bench.deliveries.store.watermarks.cursor("main") == "4"


def test_each_kind_of_document_is_read_by_its_own_name(bench, erp, poller):
    kinds = ("order", "shipment", "invoice", "credit_note", "payment", "return")
    for kind in kinds:
        erp.change(kind, "X-1", "created", _return("X-1"))

    _read(poller)

    assert [call for call in erp.calls if call[0] != "changes"] == [(kind, "X-1") for kind in kinds]
    assert all(isinstance(event, DocumentChanged) for event in _events(bench))


def test_who_wants_to_know_of_orders_and_of_records_is_told_of_those_alone(bench, erp):
    orders, records = [], []
    poller = ChangePoller(
        bench.deliveries, erp, lambda _event: [],
        order_seen=orders.append, record_seen=records.append,
    )  # fmt: skip
    erp.change("order", "SO-1", "created", _order())
    erp.change("return", "RT-1", "created", _return("RT-1"))
    erp.change("item", "BRG-1001")

    _read(poller)

    assert orders == [_order()]
    assert records == [erp.feed[2]]


def test_as_many_are_read_at_a_time_as_was_said_and_what_was_published_is_counted(bench, erp):
    limits, told = [], []
    plain = erp.changes
    erp.changes = lambda cursor, *, limit=200: limits.append(limit) or plain(cursor, limit=limit)
    poller = ChangePoller(
        bench.deliveries, erp, lambda _event: [("a", "1"), ("b", "1")], page=3,
        report=lambda kind, text, **detail: told.append((kind, text, detail)),
    )  # fmt: skip
    for number in range(4):
        erp.change("return", f"RT-{number}", "created", _return(f"RT-{number}"))

    _read(poller)
    _read(poller)
    erp.change("return", "RT-0", document=_return("RT-0"))  # as it was
    _read(poller)

    assert set(limits) == {3}
    assert told == [
        ("published", "feed main: 3 changes to deliver", {"system": "main", "events": 3}),
        ("published", "feed main: 1 changes to deliver", {"system": "main", "events": 1}),
    ]


def test_a_page_without_news_moves_the_watermark_and_one_with_them_never_stands_still(
    bench, erp, poller, store
):
    erp.changes = lambda _cursor, *, limit: Changes(changes=[], cursor="7", more=False)
    _read(poller)
    assert store.watermarks.cursor("main") == "7"

    erp.change("return", "RT-1", "created", _return("RT-1"))
    erp.changes = lambda _cursor, *, limit: Changes(changes=erp.feed, cursor="7", more=False)
    _read(poller)
    assert len(_events(bench)) == 1


def test_the_version_of_a_document_is_remembered_with_it(bench, erp, poller, store):
    erp.change("return", "RT-1", "created", _return("RT-1"))
    erp.feed = [evolve(change, version="12") for change in erp.feed]
    _read(poller)

    with store.reading() as connection:
        assert connection.scalars(sa.select(documents.c.version)).all() == ["12"]
