"""From the CRM's orders to events, where the program that made the order could not publish it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from crossdock.errors import NotFound, RemoteUnavailable
from crossdock.host.deliveries.promotions import PromotionPoller
from crossdock.ports import Changes
from crossdock.records import Change, Order, OrderPromoted, QuoteWritten

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

    poller.read(threading.Event())

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
