"""What a person may change of an order before it is tried again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crossdock.errors import EditRefused, NotEditable
from crossdock.host.deliveries.editing import differences, editable, edited
from crossdock.records import Address, Money, Order, OrderLine, OrderPromoted, Quote, QuoteSaved


@pytest.fixture
def event():
    def line(number, item, quantity):
        return OrderLine(
            number=number,
            item_id=item,
            quantity=Decimal(quantity),
            description="a thing",
            unit_price=Money("12.50", "EUR"),
            net=Money("25.00", "EUR"),
        )

    return OrderPromoted(
        order=Order(
            id="R-1",
            system="crm",
            currency="EUR",
            account_id="A-1",
            lines=(line(1, "BRG-1001", "2"), line(2, "BRG-1002", "2.5")),
            ship_to=Address(street="Kai 1", city="Hamburg", country="DE"),
            net=Money("50.00", "EUR"),
        )
    )


def test_the_fields_are_given_with_their_values(event):
    form = editable(event)
    assert form["lines.1.quantity"] == "2.5"
    assert form["ship_to.city"] == "Hamburg"
    assert form["trading_account"] == ""


def test_another_quantity_keeps_the_price_that_was_agreed(event):
    order = edited(event, {"lines.0.quantity": " 3 "}).order
    first, second = order.lines
    assert (first.quantity, first.unit_price, first.net) == (3, Money("12.50", "EUR"), None)
    assert second == event.order.lines[1]
    assert order.net is None


def test_another_item_has_no_price_yet(event):
    first = edited(event, {"lines.0.item_id": "BRG-2040"}).order.lines[0]
    assert (first.item_id, first.unit_price, first.description) == ("BRG-2040", None, "")
    assert (first.number, first.quantity) == (1, 2)


def test_lines_are_added_and_removed(event):
    changes = {"lines.0.remove": "yes", "lines.2.item_id": "LUB-0100", "lines.2.quantity": "1"}
    lines = edited(event, changes).order.lines
    assert [(line.number, line.item_id) for line in lines] == [(2, "BRG-1002"), (3, "LUB-0100")]
    offered = {"lines.2.item_id": "", "lines.2.quantity": ""}
    assert edited(event, offered) == event


def test_address_day_and_trading_account_are_changed(event):
    changes = {
        "ship_to.city": "Lyon",
        "ship_to.country": "fr",
        "requested_on": "2026-12-24",
        "trading_account": "main:C-2",
    }
    order = edited(event, changes, trading_accounts=["main:C-1", "main:C-2"]).order
    assert order.ship_to == Address(street="Kai 1", city="Lyon", country="FR")
    assert order.requested_on == date(2026, 12, 24)
    assert order.trading_account == "main:C-2"
    assert order.lines == event.order.lines


def test_what_was_changed_is_told_field_by_field(event):
    after = edited(event, {"lines.0.quantity": "3", "lines.1.quantity": "2.5"})
    assert differences(event, after) == {"lines.0.quantity": ["2", "3"]}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"lines.0.quantity": "many"}, ["lines.0.quantity"]),
        ({"lines.0.quantity": "0"}, ["lines.0.quantity"]),
        ({"lines.0.quantity": "-1"}, ["lines.0.quantity"]),
        ({"lines.0.quantity": "NaN"}, ["lines.0.quantity"]),
        ({"lines.0.quantity": "1e999999"}, ["lines.0.quantity"]),
        ({"lines.0.quantity": "1.0000001"}, ["lines.0.quantity"]),
        ({"lines.0.item_id": " ", "lines.1.quantity": ""}, ["lines.0.item_id", "lines.1.quantity"]),
        ({"lines.5.item_id": "BRG-1001"}, ["lines.5.quantity"]),
        ({"lines.0.remove": "1", "lines.1.remove": "1"}, ["lines.0.remove"]),
        ({"lines.0.unit_price": "0.01"}, ["lines.0.unit_price"]),
        ({"currency": "USD"}, ["currency"]),
        ({"trading_account": "C-1"}, ["trading_account"]),
        ({"trading_account": "main:C-9"}, ["trading_account"]),
        ({"ship_to.country": "Germany"}, ["ship_to.country"]),
        ({"ship_to.street": "x" * 201}, ["ship_to.street"]),
        ({"requested_on": "tomorrow"}, ["requested_on"]),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(event, changes, wrong):
    with pytest.raises(EditRefused) as refused:
        edited(event, changes, trading_accounts=["main:C-1"])
    assert [each.field for each in refused.value.fields] == wrong


def test_other_records_are_put_right_where_they_are_kept():
    saved = QuoteSaved(quote=Quote(id="Q-1", account_id="A-1", currency="EUR"), before=None)
    with pytest.raises(NotEditable, match="put any other record right where it is kept"):
        editable(saved)
