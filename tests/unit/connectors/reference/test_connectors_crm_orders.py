"""Orders, their timelines, and the feed: the CRM's wire and our records, both ways."""

from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest
from attrs import evolve

from crossdock.connectors.crm.orders import line_status
from crossdock.errors import Conflict, RemoteMisbehaved, RemoteRejectedData
from crossdock.records import (
    Address,
    Money,
    Order,
    OrderEvent,
    OrderLine,
)

CREATED = datetime(2026, 1, 5, 8, tzinfo=UTC)


def eur(amount):
    return Money(amount, "EUR")


def test_an_order_is_read_with_its_lines(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    assert crm_port.order("R-1") == Order(
        id="R-1",
        system="crm",
        currency="EUR",
        account_id="A-1001",
        trading_account="main:C-10001",
        reference="Q-1",
        lines=(
            OrderLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                unit="pcs",
                description="Ball bearing",
                unit_price=eur("11.0000"),
                discount_percent=Decimal(5),
                net=eur("31.35"),
                quote_line=1,
            ),
        ),
        ordered_on=date(2026, 2, 2),
        requested_on=date(2026, 2, 20),
        ship_to=Address(street="1 Quay", city="Hull"),
        net=eur("31.35"),
        tax=eur("6.27"),
        gross=eur("37.62"),
        pricing_status="priced",
        quote_id="Q-1",
        opportunity_id="O-1",
        owner_id="U-kim",
        created_at=CREATED,
        version="3",
    )


def test_an_acknowledged_order_has_its_customer(crm_wire, crm_port, crm_rows):
    row = crm_rows.order(erp_system="main", erp_order_id="SO-100001")
    crm_wire.plays("listOrders", crm_rows.page(row))
    (order,) = crm_port.orders("A-1001")
    assert (order.customer_id, order.erp_system, order.erp_order_id) == (
        "C-10001",
        "main",
        "SO-100001",
    )
    assert crm_wire.query("listOrders")["sort"] == "-placed_at"


def test_an_unknown_order_status_is_misbehaviour(crm_wire, crm_port, crm_rows):
    crm_wire.checked = False
    crm_wire.plays("getOrder", crm_rows.order(status="lost"))
    with pytest.raises(RemoteMisbehaved, match="/status: expected one of accepted"):
        crm_port.order("R-1")


def test_an_order_is_told_only_what_is_new(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    crm_wire.plays("changeOrder", crm_rows.order(version=4))
    order = crm_port.order("R-1")
    line = evolve(
        order.lines[0],
        shipped=Decimal(1),
        reserved=Decimal(1),
        back_ordered=Decimal(1),
        promised_on=date(2026, 2, 10),
    )
    crm_port.update_order(
        evolve(
            order,
            status="partly_shipped",
            erp_system="main",
            erp_order_id="SO-100001",
            promised_on=date(2026, 2, 10),
            lines=(line,),
        )
    )
    assert crm_wire.body("changeOrder") == {
        "version": 3,
        "status": "partly_shipped",
        "erp_system": "main",
        "erp_order_id": "SO-100001",
        "promised_on": "2026-02-10",
        "lines": [
            {
                "line": 1,
                "status": "partly_shipped",
                "reserved_quantity": "1",
                "shipped_quantity": "1",
                "backordered_quantity": "1",
                "promised_on": "2026-02-10",
            }
        ],
        "net_total": "31.35",
        "tax_total": "6.27",
        "gross_total": "37.62",
    }


def test_an_order_that_is_so_already_is_not_written(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    order = crm_port.order("R-1")
    assert crm_port.update_order(order) == order
    assert crm_wire.requests("changeOrder") == []


def test_the_same_amount_with_other_zeros_is_no_change(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    order = crm_port.order("R-1")
    crm_port.update_order(evolve(order, net=eur("31.350"), gross=eur("37.6200")))
    assert crm_wire.requests("changeOrder") == []


def test_an_amount_that_is_not_known_is_left_alone(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    order = crm_port.order("R-1")
    lines = (evolve(order.lines[0], net=None, unit_price=None),)
    crm_port.update_order(evolve(order, net=None, tax=None, gross=None, lines=lines))
    assert crm_wire.requests("changeOrder") == []


def test_a_promise_that_was_taken_back_is_cleared(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order(promised_on="2026-02-10", status_reason="Credit"))
    crm_wire.plays("changeOrder", crm_rows.order())
    order = crm_port.order("R-1")
    crm_port.update_order(evolve(order, promised_on=None, hold_reason=""))
    assert crm_wire.body("changeOrder") == {
        "version": 3,
        "promised_on": None,
        "status_reason": None,
    }


def test_new_external_ids_and_trading_account_are_written(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order(external_ids={"old": "1"}))
    crm_wire.plays("changeOrder", crm_rows.order())
    order = crm_port.order("R-1")
    crm_port.update_order(
        evolve(order, external_ids={"old": "1", "main": "SO-1"}, trading_account="uk:C-2")
    )
    assert crm_wire.body("changeOrder") == {
        "version": 3,
        "external_ids": {"main": "SO-1"},
        "trading_account": "uk:C-2",
    }


def test_a_line_that_the_crm_does_not_have_is_left_for_it_to_refuse(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    unknown = [{"field": "lines.0.line", "message": "There is no line 9."}]
    crm_wire.plays("changeOrder", crm_rows.error(422, "invalid", "No.", unknown))
    order = crm_port.order("R-1")
    with pytest.raises(RemoteRejectedData, match="There is no line 9"):
        crm_port.update_order(evolve(order, lines=(evolve(order.lines[0], number=9),)))


def test_an_order_changed_in_between_is_read_again(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order(), crm_rows.order(), crm_rows.order(version=4))
    crm_wire.plays("changeOrder", crm_rows.error(409, "stale_version"), crm_rows.order(version=5))
    order = crm_port.order("R-1")
    assert crm_port.update_order(evolve(order, status="confirmed")).version == "5"
    versions = [crm_wire.body("changeOrder", index)["version"] for index in range(2)]
    assert versions == [3, 4]


@pytest.mark.usefixtures("no_waiting")
def test_a_change_whose_answer_was_lost_is_found_done(crm_wire, crm_port, crm_rows):
    done = crm_rows.order(status="confirmed", version=4)
    crm_wire.plays("getOrder", crm_rows.order(), crm_rows.order(), done)
    lost = httpx.ReadTimeout("timed out")
    crm_wire.plays("changeOrder", lost, crm_rows.error(409, "stale_version"))
    order = crm_port.order("R-1")
    updated = crm_port.update_order(evolve(order, status="confirmed"))
    assert (updated.status, updated.version) == ("confirmed", "4")


def test_an_order_that_never_stands_still_is_given_up(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    crm_wire.plays("changeOrder", crm_rows.error(409, "stale_version"))
    order = crm_port.order("R-1")
    with pytest.raises(Conflict):
        crm_port.update_order(evolve(order, status="confirmed"))
    assert len(crm_wire.requests("changeOrder")) == 5


def test_a_conflict_of_another_kind_is_not_tried_again(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getOrder", crm_rows.order())
    crm_wire.plays("changeOrder", crm_rows.error(409, "erp_order_taken", "R-7 has SO-1."))
    order = crm_port.order("R-1")
    with pytest.raises(Conflict, match="R-7 has SO-1"):
        crm_port.update_order(evolve(order, erp_system="main", erp_order_id="SO-1"))
    assert len(crm_wire.requests("changeOrder")) == 1


@pytest.mark.parametrize(
    ("quantities", "status"),
    [
        ({}, "open"),
        ({"reserved": 3}, "reserved"),
        ({"reserved": 1, "back_ordered": 2}, "backordered"),
        ({"shipped": 1, "reserved": 2}, "partly_shipped"),
        ({"shipped": 3}, "shipped"),
        ({"shipped": 2, "cancelled": 1}, "shipped"),
        ({"shipped": 3, "invoiced": 1}, "partly_invoiced"),
        ({"shipped": 3, "invoiced": 3}, "invoiced"),
        ({"shipped": 3, "invoiced": 3, "returned": 1}, "invoiced"),
        ({"shipped": 3, "invoiced": 3, "returned": 3}, "returned"),
        ({"cancelled": 3}, "cancelled"),
    ],
)
def test_a_lines_status_follows_its_quantities(quantities, status):
    line = OrderLine(
        number=1,
        item_id="I",
        quantity=Decimal(3),
        **{name: Decimal(value) for name, value in quantities.items()},
    )
    assert line_status(line) == status


def test_a_timeline_is_read_and_added_to(crm_wire, crm_port, crm_rows, now):
    event = OrderEvent(
        key="acknowledged:main:SO-100001",
        at=datetime(2026, 2, 3, 8, tzinfo=UTC),
        kind="acknowledged",
        title="Acknowledged by main",
        document_id="SO-100001",
        actor="straight-through",
    )
    crm_wire.plays("listOrderTimeline", crm_rows.page(crm_rows.timeline_entry()))
    crm_wire.plays("addTimelineEntry", httpx.Response(201, json=crm_rows.timeline_entry()))
    assert crm_port.order_events("R-1") == (event,)
    crm_port.add_order_event("R-1", event)
    assert crm_wire.body("addTimelineEntry") == {
        "key": "acknowledged:main:SO-100001",
        "kind": "acknowledged",
        "at": "2026-02-03T08:00:00Z",
        "title": "Acknowledged by main",
        "text": None,
        "actor": "straight-through",
        "document_id": "SO-100001",
    }


def feed(*sequences, after):
    return {
        "items": [
            {
                "sequence": number,
                "entity": "quote",
                "id": f"Q-{number}",
                "action": "updated",
                "at": "2026-02-03T08:00:00Z",
                "version": 2,
                "user_id": None,
                "by": "crossdock",
                "successor": None,
            }
            for number in sequences
        ],
        "next": after,
    }


def test_changes_are_read_from_the_beginning_and_from_a_cursor(crm_wire, crm_port):
    crm_wire.plays("listChanges", feed(1, 2, after="2"), feed(after="2"))
    first = crm_port.changes(None, limit=2)
    assert crm_wire.query("listChanges") == {"limit": "2"}
    assert (first.cursor, first.more) == ("2", True)
    assert [(change.entity, change.id, change.version) for change in first.changes] == [
        ("quote", "Q-1", "2"),
        ("quote", "Q-2", "2"),
    ]
    second = crm_port.changes(first.cursor, limit=5000)
    assert crm_wire.query("listChanges") == {"since": "2", "limit": "1000"}
    assert (second.changes, second.cursor, second.more) == ((), "2", False)


def test_going_on_from_any_change_misses_none(crm_wire, crm_port):
    crm_wire.plays("listChanges", feed(8, 9, after="9"))
    changes = crm_port.changes("7").changes
    assert [change.cursor for change in changes] == ["7", "9"]
