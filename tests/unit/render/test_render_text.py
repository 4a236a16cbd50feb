import re
from decimal import Decimal

import pytest

from crossdock import Chart, Column, Money, Series, Table, View
from crossdock.render.text import render_text


def test_every_component_is_there_without_colours(everything):
    text = render_text(everything)

    assert "\x1b" not in text
    for part in (
        "! Careful & clear: Sales are <down>",
        "Documents",
        "plain                   a hint",
        "Nothing is open.",
        "2026 began below 2025.",
        "21 Nov 2026, 14:05 UTC  Shipped (kim)",
        "main · as of 31 Jan 2026 · out of date · ERP away",
        "→ Open  tab/erp-tabs/aging as_of=2026-01-31",
    ):
        assert part in text


def test_colours_are_used_only_when_they_are_wanted(everything):
    plain, coloured = render_text(everything), render_text(everything, color=True)

    assert "\x1b[31moverdue" in coloured
    assert plain == re.sub(r"\x1b\[\d+m", "", coloured)


def test_figures_of_a_column_stand_below_each_other():
    table = Table(
        columns=[Column(key="a", label="Item"), Column(key="b", label="Net", align="end")],
        rows=[
            {"a": "one", "b": Money("5", "GBP")},
            {"a": "two", "b": Money("1234.5", "GBP")},
        ],
        total={"b": Money("1239.5", "GBP")},
    )

    lines = render_text(View([table])).splitlines()

    assert len({len(line) for line in lines if "£" in line}) == 1
    assert lines[-1].startswith("  Total")


def test_a_wide_table_shortens_its_texts_and_never_its_figures():
    table = Table(
        columns=[Column(key="a", label="Item"), Column(key="b", label="Net", align="end")],
        rows=[{"a": "x" * 200, "b": Money("123456789.00", "GBP")}],
    )

    text = render_text(View([table]), width=60)

    assert max(len(line) for line in text.splitlines()) <= 60
    assert "…" in text
    assert "£123,456,789.00" in text


def test_a_table_that_cannot_fit_is_written_row_by_row():
    columns = [Column(key="a", label="Order")] + [
        Column(key=str(n), label=f"Figure {n}", align="end") for n in range(9)
    ]
    row = {"a": "SO-1"} | {str(n): Money("1234567.89", "GBP") for n in range(8)}

    text = render_text(View([Table(columns=columns, rows=[row])]), width=80)

    assert max(len(line) for line in text.splitlines()) <= 80
    assert [line.strip() for line in text.splitlines()[:2]] == ["SO-1", "Figure 0  £1,234,567.89"]
    assert "Figure 8" not in text


def test_wide_characters_count_as_two_cells():
    table = Table(
        columns=[Column(key="a", label="名"), Column(key="b", label="n", align="end")],
        rows=[{"a": "東京", "b": 1}, {"a": "abcd", "b": 2}],
    )

    *_, tokyo, latin = render_text(View([table])).splitlines()

    assert "東京  1" in tokyo
    assert "abcd  2" in latin


@pytest.mark.parametrize("width", [40, 80, 200])
def test_bars_are_in_proportion_and_fit_the_terminal(width):
    chart = Chart(
        kind="bar",
        categories=("a", "b", "c"),
        series=[Series(label="s", values=[Decimal(100), Decimal(50), Decimal(-100)])],
        summary="so",
    )

    _, full, half, negative = render_text(View([chart]), width=width).splitlines()

    assert len(full) <= width
    assert full.count("█") // 2 == pytest.approx(half.count("█"), abs=1)
    assert "█" not in negative
    assert full.count("█") == negative.count("▒")


def test_a_gap_in_a_chart_is_a_dash_and_a_chart_of_gaps_says_so():
    gap = Chart(
        kind="bar",
        categories=("a", "b"),
        series=[Series(label="s", values=[Decimal(1), None])],
        summary="so",
    )
    nothing = Chart(
        kind="bar", categories=("a",), series=[Series(label="s", values=[None])], summary="so"
    )

    assert render_text(View([gap])).splitlines()[-1].endswith("-")
    assert "There is no figure to draw." in render_text(View([nothing]))
