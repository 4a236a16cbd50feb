"""From the CRM's orders to events, where the program that made the order could not publish it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from crossdock.errors import NotFound, RemoteUnavailable
from crossdock.host.deliveries.promotions import PromotionPoller
from crossdock.ports import Changes
from crossdock.records import Change, Order, OrderPromoted, QuoteWritten, RecordChanged

_AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
_ORDER = Order(id="R-1", system="crm", currency="EUR", account_id="A-1", quote_id="Q-1")


class Crm:
    system = "crm"

    def __init__(self):
        self.made = {}
        self.feed = []
        self.away = False

    def make(self, order):
        self.made[order.id] = order
        self.feed.append(
            Change(
                cursor=str(len(self.feed) + 1),
                system="crm",
                entity="order",
                id=order.id,
                action="created",
                at=_AT,
            )
        )

    def changes(self, cursor, *, limit=200):
        if self.away:
            raise RemoteUnavailable("the CRM does not answer", system="crm")
        begin = int(cursor or 0)
        page = tuple(self.feed[begin : begin + limit])
        end = begin + len(page)
        return Changes(changes=page, cursor=str(end), more=end < len(self.feed))

    def order(self, order_id):
        try:
            return self.made[order_id]
        except KeyError:
            raise NotFound(f"no order {order_id}", system="crm") from None


@pytest.fixture
def crm():
    return Crm()


@pytest.fixture
def poller(bench, crm):
    return PromotionPoller(bench.deliveries, crm, lambda _event: [("notify", "1")], page=2)


def published(bench):
    return [bench.deliveries.event(each.id) for each in reversed(bench.deliveries.list())]


def test_an_order_that_nobody_published_is_published(bench, crm, poller):
    crm.make(_ORDER)

    assert poller.read(threading.Event()) is None

    assert published(bench) == [OrderPromoted(order=_ORDER)]


def test_an_order_that_was_published_comes_to_nothing(bench, crm, poller):
    bench.deliveries.publish(OrderPromoted(order=_ORDER), [("notify", "1")])
    crm.make(evolve(_ORDER, version="2"))
    crm.order = None  # it is not even read

    assert poller.read(threading.Event()) is None

    assert published(bench) == [OrderPromoted(order=_ORDER)]


@pytest.mark.parametrize(
    "order",
    [
        evolve(_ORDER, erp_order_id="SO-1", status="confirmed"),
        evolve(_ORDER, status="cancelled"),
        evolve(_ORDER, quote_id=None),
    ],
    ids=["the ERP has it", "it was cancelled", "no quote was judged"],
)
def test_an_order_that_does_not_wait_is_left_alone(bench, crm, poller, order):
    crm.make(order)

    poller.read(threading.Event())

    assert published(bench) == []


def test_the_feed_is_read_to_its_end_and_on_from_there(bench, crm, poller):
    for number in range(5):
        crm.make(evolve(_ORDER, id=f"R-{number}"))
    crm.made.pop("R-3")
    poller.read(threading.Event())
    crm.make(evolve(_ORDER, id="R-9"))
    poller.read(threading.Event())

    assert [event.order.id for event in published(bench)] == ["R-0", "R-1", "R-2", "R-4", "R-9"]


def test_a_crm_that_is_away_is_waited_for(bench, crm, poller):
    crm.make(_ORDER)
    crm.away = True
    assert poller.read(threading.Event()) > 0
    crm.away = False
    assert poller.read(threading.Event()) is None

    assert published(bench) == [OrderPromoted(order=_ORDER)]


def test_an_order_that_was_entered_through_a_host_is_published(bench, crm, poller):
    entered = evolve(_ORDER, quote_id=None, external_ids={"crossdock": "desk-1"})
    crm.make(entered)
    poller.read(threading.Event())
    assert published(bench) == [OrderPromoted(order=entered)]


def test_a_draft_is_published_when_it_is_submitted_and_read_no_more_then(bench, crm, poller):
    entered = evolve(_ORDER, quote_id=None, status="draft", external_ids={"crossdock": "desk-1"})
    crm.make(entered)
    poller.read(threading.Event())
    assert published(bench) == []
    submitted = evolve(entered, status="submitted", version="2")
    crm.make(submitted)
    poller.read(threading.Event())
    assert published(bench) == [OrderPromoted(order=submitted)]
    crm.make(evolve(submitted, status="confirmed", version="3"))
    crm.made.clear()  # nobody reads it again
    assert poller.read(threading.Event()) is None
    assert len(published(bench)) == 1


def test_an_order_from_before_this_store_had_to_do_with_the_crm_is_not_even_read(
    bench, crm, poller
):
    crm.make(_ORDER)
    crm.feed[0] = evolve(crm.feed[0], at=_AT - timedelta(days=30))
    crm.made.clear()  # reading it would find nothing, and be a call for each old order

    crm.order = None
    poller.read(threading.Event())

    assert published(bench) == []


def test_a_quote_that_was_saved_is_published_once_for_each_of_its_states(bench, crm):
    def change(version):
        return Change(
            cursor=version, system="crm", entity="quote", id="Q-1", action="updated", at=_AT,
            version=version,
        )  # fmt: skip

    crm.feed += [change("1"), change("2"), change("2")]
    poller = PromotionPoller(
        bench.deliveries,
        crm,
        lambda _event: [("crossdock.host", "1")],
        of_quote=lambda each: QuoteWritten(change=each),
        page=2,
    )
    poller.read(threading.Event())
    crm.feed.append(change("3"))
    poller.read(threading.Event())

    # The first two were read together: a quote can only be judged as it is now.
    assert [event.change.version for event in published(bench)] == ["2", "3"]
    assert {each.lane.partition("|")[2] for each in bench.deliveries.list()} == {"quote:crm:Q-1"}


def _changed(entity, identifier, *, version="1", at=_AT, action="updated"):
    return Change(
        cursor=version, system="crm", entity=entity, id=identifier, action=action, at=at,
        version=version,
    )  # fmt: skip


class Told(list):
    def __call__(self, kind, text, **detail):
        self.append((kind, text, detail))


def test_all_that_a_page_tells_is_published_to_whoever_it_is_for_and_said(bench, crm):
    wanted = {"OrderPromoted": "notify", "QuoteWritten": "host", "RecordChanged": "account-sync"}
    told, seen = Told(), []
    poller = PromotionPoller(
        bench.deliveries,
        crm,
        lambda event: [(wanted[type(event).__name__], "1")],
        of_quote=lambda each: QuoteWritten(change=each) if each.id != "Q-0" else None,
        record_seen=lambda change: seen.append((change.entity, change.id, change.version)),
        report=told,
    )
    for number in (1, 2, 3):
        crm.make(evolve(_ORDER, id=f"R-{number}"))
    crm.feed += [
        *(_changed("quote", f"Q-{number}") for number in range(3)),
        _changed("account", "A-1"), _changed("account", "A-1", version="2"),
        _changed("account", "A-9", at=_AT - timedelta(days=30)),
        _changed("account", "A-2", at=_AT - timedelta(hours=23)),
        *(_changed(entity, "X-1") for entity in ("contact", "item", "price_list")),
        *(_changed(entity, "X-1") for entity in ("lead", "activity")),
    ]  # fmt: skip

    assert poller.read_page() is False

    listed = bench.deliveries.list()
    assert [(each.plugin_id, each.event_type, each.subject) for each in listed] == [
        *(("host", "quote_written", f"Q-{number}") for number in (2, 1)),
        *(("account-sync", "record_changed", "X-1") for _ in range(3)),
        *(("account-sync", "record_changed", f"A-{number}") for number in (2, 1)),
        *(("notify", "order_promoted", f"R-{number}") for number in (3, 2, 1)),
    ]  # fmt: skip
    assert [
        (event.change.entity, event.change.version)
        for event in published(bench)
        if isinstance(event, RecordChanged)
    ] == [("account", "2"), ("account", "1"), ("contact", "1"), ("item", "1"), ("price_list", "1")]
    # Whatever changed of an account, and however long ago: links go by it.
    assert seen == [("account", "A-1", "2"), ("account", "A-9", "1"), ("account", "A-2", "1")]
    assert told == [
        ("published", "feed crm: 2 quotes to check", {"system": "crm", "events": 2}),
        ("published", "feed crm: 5 changes to deliver", {"system": "crm", "events": 5}),
        (
            "published", "feed crm: 3 orders that nobody had published",
            {"system": "crm", "events": 3},
        ),
    ]  # fmt: skip


def test_what_nobody_is_subscribed_to_is_not_said(bench, crm):
    told = Told()
    poller = PromotionPoller(bench.deliveries, crm, lambda _event: [], report=told)
    crm.make(_ORDER)
    crm.feed.append(_changed("account", "A-1"))

    poller.read_page()

    assert (told, bench.deliveries.list()) == ([], ())


@pytest.mark.parametrize(
    ("changed", "read"),
    [
        ({"at": datetime(2026, 11, 20, 9, 0, tzinfo=UTC)}, ["R-1"]),
        ({"at": datetime(2026, 11, 20, 8, 59, 59, tzinfo=UTC)}, []),
        ({"action": "deleted"}, []),
        ({"action": "updated"}, ["R-1"]),
        ({"entity": "shipment"}, []),
    ],
    ids=["as far as clocks may differ", "before", "deleted", "changed", "no order"],
)
def test_which_changes_have_an_order_read(bench, crm, poller, changed, read):
    crm.make(_ORDER)
    crm.feed[0] = evolve(crm.feed[0], **changed)
    asked, order = [], crm.order
    crm.order = lambda order_id: asked.append(order_id) or order(order_id)

    poller.read_page()

    assert asked == read
    assert [event.order.id for event in published(bench)] == read


def test_a_page_that_was_not_published_is_read_again(bench, crm):
    refuses = []

    def subscribers(_event):
        if refuses:
            raise ZeroDivisionError
        return [("notify", "1")]

    poller = PromotionPoller(bench.deliveries, crm, subscribers, page=1)
    crm.make(_ORDER)
    refuses.append(True)
    assert poller.read(threading.Event()) > 0
    assert published(bench) == []
    refuses.clear()
    assert poller.read_page() is False

    assert published(bench) == [OrderPromoted(order=_ORDER)]


def test_a_feed_without_news_is_left_where_it_is(bench, store, crm, poller):
    asked = []

    def changes(cursor, *, limit=200):
        asked.append((cursor, limit))
        return pages.pop(0)

    crm.changes = changes
    nothing = Changes(changes=(), cursor="7", more=True)
    # A page may hold nothing for us and still lead on.
    pages = [nothing, nothing, evolve(nothing, cursor="8", more=False)]
    again = evolve(nothing, cursor="8", changes=(_changed("account", "A-1"),), more=False)
    assert poller.read_page() is True
    store.watermarks.move("crm", "7", "promotions")
    assert poller.read_page() is True
    assert store.watermarks.cursor("crm", "promotions") == "7"
    assert poller.read_page() is False
    assert store.watermarks.cursor("crm", "promotions") == "8"
    assert asked == [(None, 2), ("7", 2), ("7", 2)]
    assert published(bench) == []
    # What came since may be told under the same cursor.
    pages.append(again)
    poller.read_page()
    assert [event.change.id for event in published(bench)] == ["A-1"]


@pytest.mark.parametrize(("seconds", "least"), [(None, 0.0), (30, 30.0)])
def test_a_crm_that_counts_calls_says_how_often_it_may_be_asked(bench, crm, seconds, least):
    if seconds is not None:
        crm.feed_seconds = seconds
    asked = []
    crm.changes = lambda cursor, *, limit: asked.append(limit) or Changes(changes=(), cursor="")

    poller = PromotionPoller(bench.deliveries, crm, lambda _event: ())
    poller.read_page()

    assert (poller.least_seconds, asked) == (least, [200])
