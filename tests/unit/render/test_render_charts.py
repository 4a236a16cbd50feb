from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock import Chart, Series
from crossdock.render.drawing import draw
from crossdock.render.formats import Formats
from crossdock.render.scale import nice_scale

FORMATS = Formats()
MONTHS = tuple(f"{name} of the year" for name in "ABCDEFGHIJKL")


def chart(*series, kind="bar", categories=None, currency="GBP"):
    names = categories or tuple(str(n) for n in range(len(series[0])))
    return Chart(
        kind=kind,
        categories=names,
        series=[Series(label=f"s{n}", values=values) for n, values in enumerate(series)],
        summary="so it is",
        currency=currency,
    )


@pytest.mark.parametrize(
    ("values", "low", "high", "step"),
    [
        ((0, 29_002), 0, 30_000, 5_000),
        ((-2_300, 29_002), -5_000, 30_000, 5_000),
        ((0, 7), 0, 7, 1),
        ((0, 12_030), 0, 12_500, 2_500),
        ((-9, -1), -10, 0, 2),
        ((0, "0.9"), 0, "1.0", "0.2"),
    ],
)
def test_a_scale_has_round_steps_and_little_room_left_over(values, low, high, step):
    scale = nice_scale([Decimal(v) for v in values])

    assert (Decimal(low), Decimal(high), Decimal(step)) == (scale.low, scale.high, scale.step)


def test_a_chart_of_nothing_but_zeros_has_a_scale_too():
    assert (nice_scale([Decimal(0)]).low, nice_scale([Decimal(0)]).high) == (0, 1)


amounts = st.decimals(-(10**9), 10**9, allow_nan=False, places=2)


@given(st.lists(amounts, min_size=1, max_size=30), st.integers(3, 9))
def test_every_value_and_zero_find_their_place_on_the_scale(values, most):
    scale = nice_scale(values, most=most)

    assert scale.low <= min([*values, Decimal(0)])
    assert scale.high >= max([*values, Decimal(0)])
    assert Decimal(0) in scale.ticks
    assert scale.ticks[0] == scale.low
    assert scale.ticks[-1] == scale.high
    assert len(scale.ticks) - 1 <= most


@given(
    st.lists(st.lists(amounts | st.none(), min_size=12, max_size=12), min_size=1, max_size=5),
    st.booleans(),
    st.sampled_from(["bar", "line"]),
)
def test_nothing_is_drawn_outside_the_canvas(series, narrow, kind):
    drawing = draw(chart(*series, kind=kind), FORMATS, narrow=narrow)

    for band in drawing.bands:
        for bar in band.bars:
            assert drawing.left <= bar.x + 0.02
            assert bar.x + bar.width <= drawing.right + 0.02
            assert drawing.top - 1.01 <= bar.y
            assert bar.y + bar.height <= drawing.bottom + 0.02
        for point in band.points:
            assert drawing.top <= point.y <= drawing.bottom


def test_a_gap_is_not_a_zero():
    drawing = draw(chart([Decimal(5), None, Decimal(0)]), FORMATS, narrow=False)

    assert [len(band.bars) for band in drawing.bands] == [1, 0, 1]
    assert drawing.bands[2].bars[0].height == 1
    assert "no figure" in drawing.bands[1].title
    assert "£0.00" in drawing.bands[2].title


def test_a_line_breaks_at_a_gap():
    values = [Decimal(1), Decimal(2), None, Decimal(4), Decimal(5)]

    drawing = draw(chart(values, kind="line"), FORMATS, narrow=False)

    assert len(drawing.lines) == 2
    assert all(line.path.count("L") == 1 for line in drawing.lines)


def test_a_negative_bar_hangs_below_the_zero_line():
    drawing = draw(chart([Decimal(-5), Decimal(10)]), FORMATS, narrow=False)

    below, above = drawing.bands[0].bars[0], drawing.bands[1].bars[0]
    assert below.y == drawing.zero
    assert above.y + above.height == pytest.approx(drawing.zero)


def test_hovering_a_category_tells_every_value_in_words():
    drawing = draw(
        chart([Decimal(5)], [Decimal("7.5")], categories=("March",)), FORMATS, narrow=True
    )

    assert drawing.bands[0].title == "March\ns0: £5.00\ns1: £7.50"


def test_the_newest_series_has_the_strongest_colour():
    drawing = draw(chart([Decimal(5)], [Decimal(7)], [Decimal(9)]), FORMATS, narrow=False)

    assert [bar.tone for bar in drawing.bands[0].bars] == [3, 2, 1]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    "categories",
    [
        ("January", "February", "March", "April", "May", "June", "July", "August", "September",
         "October", "November", "December"),
        tuple(f"Product line {n}" for n in range(12)),
        tuple(f"{n}" for n in range(60)),
    ],
)  # fmt: skip
def test_labels_of_categories_never_run_into_each_other(categories, narrow):
    drawing = draw(
        chart([Decimal(1)] * len(categories), categories=categories), FORMATS, narrow=narrow
    )

    labels = drawing.categories
    for one, other in pairwise(labels):
        room = other.x - one.x
        assert (len(one.text) + len(other.text)) / 2 * 6.6 <= room + 0.01


def test_a_single_series_of_few_bars_carries_its_values():
    few = draw(chart([Decimal(5400), Decimal(0)]), FORMATS, narrow=False)
    many = draw(chart([Decimal(1)] * 12, categories=MONTHS), FORMATS, narrow=False)

    assert [value.text for band in few.bands for value in band.values] == ["5,400", "0"]
    assert not any(band.values for band in many.bands)
