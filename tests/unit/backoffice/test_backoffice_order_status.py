"""Where an order stands, from its lines' quantities."""

from decimal import Decimal

import pytest

from crossdock_mocks.backoffice.order_status import (
    Quantities,
    invoicing_progress,
    order_status,
    progress,
    shipping_progress,
)


def line(ordered, **more):
    return Quantities(
        ordered=Decimal(ordered), **{name: Decimal(value) for name, value in more.items()}
    )


def status(*lines, rejected=False, held=False, payment="none"):
    return order_status(lines, rejected=rejected, held=held, payment=payment)


@pytest.mark.parametrize(
    ("expected", "lines", "more"),
    [
        ("confirmed", [line(10, reserved=10)], {}),
        ("on_hold", [line(10, reserved=10)], {"held": True}),
        ("rejected", [line(10, cancelled=10)], {"rejected": True}),
        ("cancelled", [line(10, cancelled=10)], {}),
        ("partly_shipped", [line(10, shipped=4, reserved=6)], {}),
        ("on_hold", [line(10, shipped=4, reserved=6)], {"held": True}),
        ("shipped", [line(10, shipped=10)], {}),
        ("shipped", [line(10, shipped=6, cancelled=4)], {}),
        ("shipped", [line(10, shipped=10), line(5, cancelled=5)], {}),
        ("partly_invoiced", [line(10, shipped=10, invoiced=4)], {}),
        ("invoiced", [line(10, shipped=10, invoiced=10)], {}),
        ("invoiced", [line(10, shipped=10, invoiced=10)], {"payment": "partly"}),
        ("paid", [line(10, shipped=10, invoiced=10)], {"payment": "fully"}),
        ("partly_shipped", [line(10, shipped=4, invoiced=4)], {"payment": "fully"}),
        ("returned", [line(10, shipped=10, invoiced=10, returned=10)], {"payment": "fully"}),
        ("paid", [line(10, shipped=10, invoiced=10, returned=2)], {"payment": "fully"}),
    ],
)
def test_the_status_follows_from_the_quantities(expected, lines, more):
    assert expected == status(*lines, **more)


def test_open_is_reserved_and_back_ordered():
    found = line(10, cancelled=1, shipped=3, reserved=4)

    assert (Decimal(6), Decimal(2)) == (found.open, found.backordered)


def test_what_came_back_before_it_was_invoiced_is_not_invoiced():
    assert Decimal(3) == line(5, shipped=5, returned=2).to_invoice
    assert Decimal(0) == line(5, shipped=5, returned=2).to_credit


def test_what_came_back_after_it_was_invoiced_is_to_be_credited():
    found = line(5, shipped=5, invoiced=5, returned=2)

    assert (Decimal(0), Decimal(2)) == (found.to_invoice, found.to_credit)


def test_what_came_back_and_was_credited_is_settled():
    found = line(5, shipped=5, invoiced=5, returned=2, credited=2, returns_credited=2)

    assert (Decimal(0), Decimal(0)) == (found.to_invoice, found.to_credit)


def test_a_price_credit_does_not_make_goods_to_be_invoiced_again():
    assert Decimal(0) == line(5, shipped=5, invoiced=5, credited=5).to_invoice


def test_of_a_return_half_invoiced_only_the_invoiced_part_is_credited():
    """5 shipped, 4 invoiced, 2 back: the customer keeps 3, so 1 was invoiced too much."""
    found = line(5, shipped=5, invoiced=4, returned=2)

    assert (Decimal(0), Decimal(1)) == (found.to_invoice, found.to_credit)


@pytest.mark.parametrize(
    "broken",
    [
        line(10, shipped=11),
        line(10, shipped=5, cancelled=6),
        line(10, reserved=11),
        line(10, reserved=2, picked=3),
        line(10, shipped=2, returned=3),
        line(10, shipped=2, invoiced=3),
        line(10, shipped=2, invoiced=2, credited=3),
    ],
)
def test_quantities_that_contradict_each_other_are_told(broken):
    assert broken.broken()


def test_sound_quantities_are_sound():
    assert line(10, shipped=4, reserved=6, picked=2, invoiced=4, returned=1).broken() is None


def test_quantities_are_kept_and_read_again():
    found = line(10, shipped=4, reserved=5, invoiced=3, credited=1, returns_credited=1, returned=1)

    assert found == Quantities.read(found.written())
    assert line("0.50").written()["ordered"] == "0.5"


def test_progress_of_shipping_and_invoicing():
    waiting, sent = line(2, reserved=2), line(3, shipped=3, invoiced=3)

    assert [shipping_progress(each) for each in ([waiting], [waiting, sent], [sent])] == [
        "none",
        "partly",
        "fully",
    ]
    assert [invoicing_progress(each) for each in ([waiting], [waiting, sent], [sent])] == [
        "none",
        "partly",
        "fully",
    ]
    assert [progress(Decimal(done), Decimal(2)) for done in (0, 1, 2)] == [
        "none",
        "partly",
        "fully",
    ]
