"""What a person may change of an order before it is tried again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve

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
            tax=Money("9.50", "EUR"),
            gross=Money("59.50", "EUR"),
        )
    )


def test_the_fields_are_given_with_their_values(event):
    assert editable(event) == {
        "trading_account": "", "requested_on": "",
        "ship_to.name": "", "ship_to.street": "Kai 1", "ship_to.city": "Hamburg",
        "ship_to.region": "", "ship_to.postcode": "", "ship_to.country": "DE",
        "lines.0.item_id": "BRG-1001", "lines.0.quantity": "2",
        "lines.1.item_id": "BRG-1002", "lines.1.quantity": "2.5",
    }  # fmt: skip
    line = OrderLine(number=1, item_id="BRG-1001", quantity=Decimal("1E+3"))
    wanted = evolve(
        event.order, lines=(line,), requested_on=date(2026, 12, 24), trading_account="main:C-1"
    )
    form = editable(OrderPromoted(order=wanted))
    assert (form["requested_on"], form["lines.0.quantity"]) == ("2026-12-24", "1000")
    assert form["trading_account"] == "main:C-1"


def test_another_quantity_keeps_the_price_that_was_agreed(event):
    order = edited(event, {"lines.0.quantity": " 3 "}).order
    first, second = order.lines
    assert (first.quantity, first.unit_price, first.net) == (3, Money("12.50", "EUR"), None)
    assert second == event.order.lines[1]
    assert (order.net, order.tax, order.gross) == (None, None, None)


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


def test_lines_that_are_added_are_counted_on(event):
    def added(order, first):
        changes = {
            f"lines.{index}.{name}": text
            for index, quantity in ((first, "1"), (first + 1, "0.000001"))
            for name, text in (("item_id", "LUB-0100"), ("quantity", quantity))
        }
        lines = edited(OrderPromoted(order=order), changes).order.lines[first:]
        return [(line.number, line.item_id, line.quantity) for line in lines]

    assert added(event.order, 2) == [(3, "LUB-0100", 1), (4, "LUB-0100", Decimal("0.000001"))]
    assert [number for number, _, _ in added(evolve(event.order, lines=()), 0)] == [1, 2]


def test_where_it_goes_is_changed_though_a_line_has_no_item(event):
    remark = OrderLine(number=1, item_id="", quantity=Decimal(1), description="call before")
    order = evolve(event.order, lines=(remark,), requested_on=date(2026, 12, 24))
    changes = {"ship_to.street": "x" * 200, "requested_on": ""}
    after = edited(OrderPromoted(order=order), changes).order
    assert after == evolve(
        order, ship_to=evolve(order.ship_to, street="x" * 200), requested_on=None
    )


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
    added = edited(event, {"lines.2.item_id": "LUB-0100", "lines.2.quantity": "1"})
    line = {"lines.2.item_id": ["", "LUB-0100"], "lines.2.quantity": ["", "1"]}
    assert differences(event, added) == line
    assert differences(added, event) == {name: [new, old] for name, (old, new) in line.items()}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"lines.0.quantity": "many"}, ["lines.0.quantity"]),
        ({"lines.0.quantity": "0"}, ["lines.0.quantity"]),
        ({"lines.0.quantity": "-1"}, ["lines.0.quantity"]),
        ({"lines.0.quantity": "NaN"}, ["lines.0.quantity"]),
        ({"lines.0.quantity": "1e999999"}, ["lines.0.quantity"]),
        ({"lines.0.quantity": "1.0000001"}, ["lines.0.quantity"]),
        ({"lines.0.quantity": "1000000000"}, ["lines.0.quantity"]),
        ({"lines.0.item_id": " ", "lines.1.quantity": ""}, ["lines.0.item_id", "lines.1.quantity"]),
        (
            {"lines.0.quantity": "x", "lines.1.quantity": "y"},
            ["lines.0.quantity", "lines.1.quantity"],
        ),
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


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ship_to.street": "x" * 201}, "no more than 200 characters"),
        ({"currency": "USD"}, "there is no such field, or it cannot be changed here"),
        ({"trading_account": "C-1"}, "write it as ERP:customer, such as main:C-10001"),
        ({"trading_account": ":C:1"}, "write it as ERP:customer, such as main:C-10001"),
        ({"trading_account": "main:"}, "write it as ERP:customer, such as main:C-10001"),
        ({"trading_account": "uk:C-9"}, "the account is linked to main:C-1, uk:C-1 only"),
        ({"requested_on": "24.12."}, "write the day as 2026-12-24"),
        ({"ship_to.country": "Germany"}, "a country has a code of two letters, such as DE"),
        (
            {"lines.0.remove": "1", "lines.1.remove": "1"},
            "an order needs a line; give the delivery up instead",
        ),
        ({"lines.0.item_id": ""}, "which item?"),
        ({"lines.0.quantity": "0"}, "a quantity is a number above zero, such as 3 or 2.5"),
    ],
)
def test_a_person_is_told_what_to_write(event, changes, words):
    with pytest.raises(EditRefused) as refused:
        edited(event, changes, trading_accounts=["main:C-1", "uk:C-1"])
    assert [each.message for each in refused.value.fields] == [words]


def test_other_records_are_put_right_where_they_are_kept():
    saved = QuoteSaved(quote=Quote(id="Q-1", account_id="A-1", currency="EUR"), before=None)
    with pytest.raises(NotEditable) as refused:
        editable(saved)
    assert str(refused.value) == (
        "only an order on its way into the ERP can be changed here; put any other record right "
        "where it is kept, then retry"
    )
