"""A view without what its reader may not see: each kind of component by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock import (
    Action,
    Chart,
    Column,
    Fields,
    Metric,
    Metrics,
    Notice,
    Percent,
    Provenance,
    Series,
    Table,
    Timeline,
    TimelineEntry,
    Unknown,
    View,
)
from crossdock.host.gateway.dating import dated
from crossdock.host.gateway.views import visible
from crossdock.records import Money, User

KIM = User(id="U-kim", name="Kim", roles=("sales",))
COST = frozenset({"cost"})
HIDDEN = Unknown("not visible for your role")
SENTENCE = "Not visible for your role."
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def eur(amount: str) -> Money:
    return Money(amount, "EUR")


def seen(component, hidden=COST):
    (only,) = visible(View([component]), KIM, hidden).components
    return only


MARGIN = Metric(label="Cost", value=eur("7.10"), tone="bad", help="low", sensitive="cost")
SALES = Metric(label="Sales", value=eur("9.00"), tone="good", help="high")
SUMMARY = "Cost rose to 7.10 EUR."
CHART = Chart(
    kind="bar",
    categories=["a", "b"],
    series=[
        Series(label="Sales", values=[Decimal(1), Decimal(2)]),
        Series(label="Cost", values=[Decimal(3), None], sensitive="cost"),
    ],
    summary=SUMMARY,
)
GAPS = (None, None)


@pytest.mark.parametrize(
    ("component", "left"),
    [
        (
            Metrics(metrics=[SALES, MARGIN]),
            Metrics(metrics=[SALES, evolve(MARGIN, value=HIDDEN, tone="neutral", help="")]),
        ),
        (
            Fields(items=[("Cost", eur("7.10")), ("Name", "x")], sensitive={"Cost": "cost"}),
            Fields(items=[("Cost", HIDDEN), ("Name", "x")], sensitive={"Cost": "cost"}),
        ),
        (
            Timeline(
                entries=[
                    TimelineEntry(at=NOON, title="a", text="7.10", tone="bad", sensitive="cost"),
                    TimelineEntry(at=NOON, title="b", text="9.00", tone="bad"),
                ]
            ),
            Timeline(
                entries=[
                    TimelineEntry(at=NOON, title="a", text=SENTENCE, sensitive="cost"),
                    TimelineEntry(at=NOON, title="b", text="9.00", tone="bad"),
                ]
            ),
        ),
        (
            Notice(text="7.10", tone="bad", title="Cost", sensitive="cost"),
            Notice(text=SENTENCE, tone="neutral", title="Cost", sensitive="cost"),
        ),
        (
            CHART,
            evolve(
                CHART,
                series=[CHART.series[0], evolve(CHART.series[1], values=GAPS)],
                summary=f"Part of this chart is hidden. {SENTENCE}",
            ),
        ),
        (
            evolve(CHART, sensitive="cost"),
            evolve(
                CHART,
                series=[evolve(each, values=GAPS) for each in CHART.series],
                summary=SENTENCE,
                sensitive="cost",
            ),
        ),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_is_labelled_is_covered_and_the_rest_stays(component, left):
    assert seen(component) == left
    assert seen(component, frozenset({"credit"})) is component


def test_a_view_with_nothing_to_hide_is_the_very_same():
    view = View([Metrics(metrics=[SALES]), Action(label="Go", target="/go", roles=["sales"])])

    assert visible(view, KIM, COST) is view


def test_an_action_for_other_roles_is_left_out_and_those_of_rows_too():
    go, stay = (
        Action(label="Go", target="/go", roles=["boss"]),
        Action(label="Stay", target="/stay"),
    )
    table = Table(
        columns=[Column(key="do", label="Do"), Column(key="name", label="Name")],
        rows=[{"do": go, "name": "x"}, {"do": stay, "name": "y"}],
    )

    view = visible(View([go, stay, table]), KIM, frozenset())

    assert view.components == (
        stay,
        evolve(table, rows=[{"do": None, "name": "x"}, {"do": stay, "name": "y"}]),
    )
    assert visible(View([table]), evolve(KIM, roles=("boss",)), frozenset()).components == (table,)


def table(*costs, name=None, total=None, key="cost"):
    return Table(
        columns=[
            Column(key="name", label="Name"),
            Column(key=key, label="Cost", sensitive="cost"),
        ],
        rows=[{"name": (name or "dcba")[i], key: cost} for i, cost in enumerate(costs)],
        total=total,
    )


def names(component):
    return "".join(row["name"] for row in seen(component).rows)


def test_a_column_is_covered_with_its_total():
    covered = seen(table(eur("2"), eur("1"), eur("3"), total={"name": "All", "cost": eur("6")}))

    assert [dict(row) for row in covered.rows] == [{"name": name, "cost": HIDDEN} for name in "dcb"]
    assert covered.total == {"name": "All", "cost": HIDDEN}
    assert seen(table(eur("2"))).total is None
    alone = Table(columns=[Column(key="cost", label="Cost", sensitive="cost")], rows=[{"cost": 7}])
    assert [dict(row) for row in seen(alone).rows] == [{"cost": HIDDEN}]


@pytest.mark.parametrize(
    ("costs", "order"),
    [
        # The order of rows would tell which is dearer: the rows are put into another one.
        ((eur("1"), eur("2"), eur("2"), eur("3")), "abcd"),
        ((eur("3"), eur("2"), eur("1")), "bcd"),
        ((1, 2), "cd"),
        ((Decimal("1.5"), None, 7), "bcd"),
        ((Percent("0.1"), Percent("0.2")), "cd"),
        ((date(2026, 1, 1), date(2026, 1, 2)), "cd"),
        # In no order, all alike, alone, or no figures at all: nothing is told.
        ((eur("2"), eur("1"), eur("3")), "dcb"),
        ((eur("2"), eur("2"), eur("2")), "dcb"),
        ((eur("2"),), "d"),
        ((eur("2"), None, "x"), "dcb"),
        ((False, True), "dc"),
        (("1", "2"), "dc"),
        ((), ""),
    ],
)
def test_the_order_of_rows_tells_nothing_of_a_covered_column(costs, order):
    assert names(table(*costs)) == order


def test_rows_are_ordered_by_what_is_seen_of_them_and_open_columns_keep_their_order():
    ordered = Table(
        columns=[
            Column(key="place", label="Place"),
            Column(key="name", label="Name"),
            Column(key="cost", label="Cost", sensitive="cost"),
            Column(key="margin", label="Margin", sensitive="margin"),
        ],
        rows=[
            {"place": 2, "name": "b", "cost": 1, "margin": 1},
            {"place": 2, "name": "a", "cost": 2, "margin": 5},
            {"name": "c", "cost": 3, "margin": 4},
            {"place": 1, "name": "d", "cost": 4, "margin": 3},
        ],
    )

    assert names(ordered) == "dabc"
    assert seen(ordered, frozenset({"margin"})).rows[0]["cost"] == 1
    assert [row["name"] for row in seen(ordered, frozenset({"margin"})).rows] == list("bacd")
    assert [row["margin"] for row in seen(ordered).rows] == [3, 5, 1, 4]


READ = datetime(2026, 11, 22, 11, 59, 30, tzinfo=UTC)


def figures(source="main", as_of=NOON, note=""):
    return Metrics(
        metrics=[SALES], provenance=Provenance(source=source, as_of=as_of, note=note)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("component", "told"),
    [
        (figures(), (READ, "")),
        (figures("crm, main"), (READ, "")),
        (figures("other"), (NOON, "")),
        (figures(as_of=READ.replace(hour=3)), (READ.replace(hour=3), "")),
        # What counts as of a day says beside it when it was read.
        (figures(as_of=date(2026, 11, 1)), (date(2026, 11, 1), "read at 11:59:30 UTC")),
        (
            figures(as_of=date(2026, 11, 1), note="Draft"),
            (date(2026, 11, 1), "Draft; read at 11:59:30 UTC"),
        ),
    ],
)
def test_a_figure_says_when_the_oldest_of_what_it_is_made_of_was_read(component, told):
    read_when = {"main": READ, "crm": NOON.replace(hour=14), "unused": READ.replace(hour=1)}

    (found,) = dated(View([component]), read_when).components

    assert (found.provenance.as_of, found.provenance.note) == told
    assert found.metrics == component.metrics


def test_what_was_read_just_now_and_what_names_no_system_stay_as_they_are():
    view = View([figures(), Notice(text="x"), Metrics(metrics=[SALES])])

    assert dated(view, {}) is view
    assert dated(view, {"main": READ}).components[1:] == view.components[1:]
