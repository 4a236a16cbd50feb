"""Orders: the ERP's wire and our records, both ways."""

from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest
from attrs import evolve

from crossdock.errors import RemoteMisbehaved, RemoteRejectedData
from crossdock.records import (
    Address,
    Money,
    Order,
    OrderLine,
    OrderStep,
)

QUAY = Address(street="1 Quay", city="Hull", postcode="HU1", country="GB")


def eur(amount):
    return Money(amount, "EUR")


def test_an_order_is_read_with_lines_and_history(erp_wire, erp_port, erp_rows):
    step = {
        "sequence": 1,
        "at": "2026-02-04T08:00:00Z",
        "actor": "warehouse",
        "event": "shipped",
        "status": "partly_shipped",
        "documentId": "SH-1",
        "note": None,
        "changes": [],
    }
    erp_wire.plays("getSalesOrder", erp_rows.order(history=[step]))
    assert erp_port.order("SO-100001") == Order(
        id="SO-100001",
        system="main",
        currency="EUR",
        customer_id="C-10001",
        trading_account="main:C-10001",
        reference="R-1",
        lines=(
            OrderLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                unit="pcs",
                description="Ball bearing",
                unit_price=eur("11.00"),
                discount_percent=Decimal(5),
                net=eur("31.35"),
                reserved=Decimal(1),
                back_ordered=Decimal(1),
                shipped=Decimal(1),
                promised_on=date(2026, 2, 10),
                quote_line=1,
            ),
        ),
        status="partly_shipped",
        ordered_on=date(2026, 2, 2),
        promised_on=date(2026, 2, 10),
        ship_to=evolve(QUAY, name="Gate 4"),
        net=eur("31.35"),
        tax=eur("6.27"),
        gross=eur("37.62"),
        quote_id="Q-1",
        opportunity_id="O-1",
        external_ids={"crm": "R-1"},
        history=(
            OrderStep(
                at=datetime(2026, 2, 4, 8, tzinfo=UTC),
                event="shipped",
                status="partly_shipped",
                actor="warehouse",
                document_id="SH-1",
            ),
        ),
        created_at=datetime(2026, 2, 2, 8, tzinfo=UTC),
        version="2",
    )


def test_an_order_on_hold_says_why(erp_wire, erp_port, erp_rows):
    hold = {"code": "credit", "placedAt": "2026-02-02T08:00:00Z", "placedBy": "crossdock"}
    holds = [{**hold, "reason": "Over the limit."}, {**hold, "reason": "Called in."}]
    erp_wire.plays("getSalesOrder", erp_rows.order(status="on_hold", holds=holds))
    assert erp_port.order("SO-1").hold_reason == "Over the limit. Called in."


def test_a_rejected_order_says_why(erp_wire, erp_port, erp_rows):
    approval = {
        "status": "rejected",
        "requestedAt": "2026-02-02T08:00:00Z",
        "reasons": [{"code": "credit_limit_exceeded", "message": "Over the limit."}],
        "decidedAt": "2026-02-03T08:00:00Z",
        "decidedBy": "alex",
        "note": "Pay first.",
    }
    erp_wire.plays("getSalesOrder", erp_rows.order(status="rejected", approval=approval))
    assert erp_port.order("SO-1").hold_reason == "Pay first. Over the limit."


def test_documents_of_a_customer_are_read_to_the_last_page(erp_wire, erp_port, erp_rows, customer):
    erp_wire.plays(
        "listSalesOrders",
        erp_rows.page(erp_rows.order(id="SO-2"), after="p2"),
        erp_rows.page(erp_rows.order(id="SO-1")),
    )
    orders = erp_port.orders(customer, since=date(2026, 1, 1))
    assert [order.id for order in orders] == ["SO-2", "SO-1"]
    first = {
        "customerId": "C-10001",
        "sort": "-date",
        "orderedFrom": "2026-01-01",
        "include": "lines",
        "limit": "500",
    }
    assert erp_wire.query("listSalesOrders", 0) == first
    assert erp_wire.query("listSalesOrders", 1) == first | {"after": "p2"}


def test_a_cursor_that_stands_still_is_misbehaviour_and_not_a_loop(
    erp_wire, erp_port, erp_rows, customer
):
    erp_wire.plays("listPayments", erp_rows.page(after="p1"))
    with pytest.raises(RemoteMisbehaved, match="/next: expected a cursor that moves on"):
        erp_port.payments(customer)


def test_an_order_is_found_by_the_callers_reference(erp_wire, erp_port, erp_rows):
    erp_wire.plays("listSalesOrders", erp_rows.page(erp_rows.order()))
    assert [order.id for order in erp_port.orders_by_reference("R-1")] == ["SO-100001"]
    assert erp_wire.query("listSalesOrders")["externalReference"] == "R-1"


def test_no_order_carries_a_new_reference(erp_wire, erp_port, erp_rows):
    erp_wire.plays("listSalesOrders", erp_rows.page())
    assert erp_port.orders_by_reference("R-1") == ()


def test_every_order_with_a_reference_is_told_and_none_is_guessed(erp_wire, erp_port, erp_rows):
    rows = [erp_rows.order(id="SO-1"), erp_rows.order(id="SO-2")]
    erp_wire.plays("listSalesOrders", erp_rows.page(*rows))
    assert [order.id for order in erp_port.orders_by_reference("R-1")] == ["SO-1", "SO-2"]


def test_an_order_is_placed(erp_wire, erp_port, erp_rows, crm_order, customer):
    erp_wire.plays("createSalesOrder", httpx.Response(201, json=erp_rows.order()))
    order = evolve(
        crm_order, requested_on=date(2026, 2, 20), ship_to=Address(street="1 Quay", city="Hull")
    )
    acknowledgement = erp_port.place_order(customer, order, idempotency_key="key-1")
    assert acknowledgement.order.id == "SO-100001"
    assert (acknowledgement.reference, acknowledgement.replayed) == ("R-1", False)
    source = {"system": "crm", "opportunityId": "O-1", "quoteId": "Q-1", "orderId": "R-1"}
    assert erp_wire.body("createSalesOrder") == {
        "customerId": "C-10001",
        "externalReference": "R-1",
        "source": source,
        "currency": "EUR",
        "requestedOn": "2026-02-20",
        "shipTo": {
            "name": None,
            "street": "1 Quay",
            "city": "Hull",
            "region": None,
            "postcode": None,
            "country": None,
        },
        "lines": [
            {
                "line": 1,
                "itemId": "BRG-1001",
                "description": "Ball bearing",
                "quantity": "3",
                "unitPrice": "11.0000",
                "discountPercent": "5",
                "source": {**source, "quoteLine": 1, "orderLine": 1},
            }
        ],
    }
    assert erp_wire.asked[0][1].headers["idempotency-key"] == "key-1"


def test_an_order_that_the_erp_had_already_is_acknowledged_as_such(
    erp_wire, erp_port, erp_rows, crm_order, customer
):
    again = httpx.Response(
        201,
        json=erp_rows.order(externalReference="R-9"),
        headers={"Idempotency-Replayed": "true"},
    )
    erp_wire.plays("createSalesOrder", again)
    acknowledgement = erp_port.place_order(customer, crm_order, idempotency_key="key-1")
    assert (acknowledgement.reference, acknowledgement.replayed) == ("R-9", True)


def test_a_line_without_a_price_leaves_it_to_the_erp(
    erp_wire, erp_port, erp_rows, crm_order, customer
):
    erp_wire.plays("createSalesOrder", httpx.Response(201, json=erp_rows.order()))
    bare = evolve(crm_order.lines[0], unit_price=None, discount_percent=Decimal(0), description="")
    asked = evolve(bare, number=2, discount_percent=Decimal("2.50"))
    erp_port.place_order(customer, evolve(crm_order, lines=(bare, asked)), idempotency_key="k")
    first, second = erp_wire.body("createSalesOrder")["lines"]
    assert set(first) == {"line", "itemId", "quantity", "source"}
    assert second["discountPercent"] == "2.5"


def test_a_line_in_another_currency_is_refused_before_anything_is_sent(
    erp_wire, erp_port, crm_order, customer
):
    line = evolve(crm_order.lines[0], unit_price=Money(9, "USD"))
    with pytest.raises(RemoteRejectedData, match=r"lines\.0\.unit_price: is in USD"):
        erp_port.place_order(customer, evolve(crm_order, lines=(line,)), idempotency_key="k")
    assert erp_wire.asked == []
