"""Tables sorted, searched and paged by the host, and taken away whole."""

from datetime import date
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from crossdock import Badge, Column, Drill, Link, Money, Notice, Percent, Table, Unknown, View
from crossdock.views.arranging import (
    arranged,
    on_page,
    sorted_by,
    speaks_of_a_table,
    whole,
    without_search,
)

TARGET = "tab/erp-tabs/orders"
COLUMNS = (
    Column(key="order", label="Order"),
    Column(key="net", label="Net", align="end"),
    Column(key="promised", label="Promised"),
    Column(key="note", label="Note", sortable=False),
)


def table(*rows, **more):
    return Table(id="lines", title="Lines", columns=COLUMNS, rows=rows, **more)


def row(order, net=None, promised=None, note=""):
    return {"order": Link(order, f"order/{order}"), "net": net, "promised": promised, "note": note}


def shown(of, **params):
    asked = {name.replace("_", ".", 1): value for name, value in params.items()}
    (component,) = arranged(View([of]), asked, target=TARGET).components
    return component


def orders(of):
    return [each["order"].text for each in of.rows]


def test_a_table_keeps_the_order_of_its_plugin_until_somebody_sorts_it():
    given = table(row("SO-10"), row("SO-9"), row("SO-100"))

    assert orders(shown(given)) == ["SO-10", "SO-9", "SO-100"]
    assert orders(shown(given, lines_sort="order")) == ["SO-9", "SO-10", "SO-100"]
    assert orders(shown(given, lines_sort="-order")) == ["SO-100", "SO-10", "SO-9"]


def test_what_nobody_knows_comes_last_whichever_way_it_is_sorted():
    given = table(
        row("a", Unknown("the ERP cannot tell")),
        row("b", Money("9.5", "EUR")),
        row("c"),
        row("d", Drill(Money("10", "EUR"), "tab/x/y")),
    )

    assert orders(shown(given, lines_sort="net")) == ["b", "d", "a", "c"]
    assert orders(shown(given, lines_sort="-net")) == ["d", "b", "a", "c"]


def test_amounts_of_two_currencies_are_not_compared():
    given = table(row("a", Money("5", "GBP")), row("b", Money("9", "EUR")))

    assert orders(shown(given, lines_sort="net")) == ["b", "a"]


def test_a_column_that_cannot_be_sorted_by_is_refused_with_those_that_can():
    for key in ("note", "nothing"):
        with pytest.raises(ValueError, match=r"lines\.sort: .* there are: order, net, promised"):
            shown(table(row("a")), lines_sort=key)


def test_every_word_has_to_stand_somewhere_in_a_row():
    given = table(
        row("SO-1", Money("12.50", "EUR"), date(2026, 11, 2), "Ball bearing"),
        row("SO-2", note="Belt"),
        total={"net": Money("12.50", "EUR")},
    )

    found = shown(given, lines_find="2026-11 BEARING eur")

    assert orders(found) == ["SO-1"]
    assert (found.arranged.rows, found.arranged.of) == (1, 2)
    assert found.total is None, "the total of all rows would be read as theirs"
    assert shown(given).total == {"net": Money("12.50", "EUR")}


def test_pages_are_cut_after_sorting_and_one_too_far_is_the_last():
    given = table(*(row(f"SO-{n}") for n in range(5)), rows_per_page=2, total={"net": 5})

    second = shown(given, lines_sort="-order", lines_page="2")
    assert orders(second) == ["SO-2", "SO-1"]
    assert (second.arranged.first, second.arranged.pages) == (3, 3)
    assert second.total == {"net": 5}
    assert orders(shown(given, lines_page="99")) == ["SO-4"]
    assert len(shown(given, lines_page="all").rows) == 5
    for page in ("0", "-1", "two", "٢"):
        with pytest.raises(ValueError, match=r"lines\.page"):
            shown(given, lines_page=page)


def test_links_keep_what_else_was_asked_for_and_begin_at_the_first_page():
    given = table(*(row(f"SO-{n}") for n in range(5)), rows_per_page=2)
    now = shown(given, show="all", lines_sort="net", lines_page="2", lines_find="so")

    kept = {"show": "all", "lines.find": "so"}
    assert sorted_by(now, "net") == kept | {"lines.sort": "-net"}
    assert sorted_by(now, "order") == kept | {"lines.sort": "order"}
    assert on_page(now, 1) == kept | {"lines.sort": "net"}
    assert on_page(now, 3) == kept | {"lines.sort": "net", "lines.page": "3"}
    assert without_search(now) == {"show": "all", "lines.sort": "net"}


def test_a_table_without_an_id_and_a_parameter_without_a_table_are_passed_over():
    given = evolve(table(row("a"), row("b")), id="")
    view = View([Notice(text="hello"), given])

    assert arranged(view, {"other.sort": "order"}, target=TARGET) == view


def test_two_tables_of_a_view_cannot_have_one_name():
    with pytest.raises(ValueError, match="two tables of a view are called 'lines'"):
        View([table(), table()])


def test_a_table_is_taken_away_with_the_rows_of_all_pages():
    given = View([table(*(row(f"SO-{n}") for n in range(5)), rows_per_page=2)])

    taken = whole(given, {"lines.page": "2", "lines.find": "so", "lines.sort": "-order"})

    assert orders(taken) == ["SO-4", "SO-3", "SO-2", "SO-1", "SO-0"]
    assert whole(given, {}, "nothing") is None


def test_parameters_of_tables_are_told_from_those_of_tabs():
    assert speaks_of_a_table("lines-main-C-10001.sort")
    for name in ("sort", "lines.order", ".sort", "lines.sort.x", "li nes.sort"):
        assert not speaks_of_a_table(name)


values = st.one_of(
    st.none(),
    st.text(max_size=5),
    st.booleans(),
    st.integers(-9, 9),
    st.decimals(-9, 9, places=2),
    st.dates(),
    st.builds(Money, st.integers(-9, 9).map(Decimal), st.sampled_from(["EUR", "GBP"])),
    st.builds(Percent, st.decimals(0, 1, places=2)),
    st.builds(Badge, st.text(max_size=3)),
    st.builds(Unknown, st.text(max_size=3)),
)


@given(st.lists(values, max_size=12), st.sampled_from(["net", "-net"]), st.integers(0, 4))
def test_no_row_is_lost_or_doubled_whatever_stands_in_it(column, sort, size):
    rows = [row(f"SO-{n}", value) for n, value in enumerate(column)]
    given = table(*rows, rows_per_page=size)
    pages = shown(given).arranged.pages

    seen = [
        name
        for page in range(1, pages + 1)
        for name in orders(shown(given, lines_sort=sort, lines_page=str(page)))
    ]

    assert sorted(seen) == sorted(each["order"].text for each in rows)
