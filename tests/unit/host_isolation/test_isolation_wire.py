"""What goes between host and plugin arrives as it was, and nothing else is built of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import orjson
import pytest

from crossdock import (
    Action,
    Amend,
    Badge,
    Chart,
    Column,
    Fields,
    Job,
    Link,
    Metric,
    Metrics,
    Money,
    Notice,
    Param,
    Percent,
    Proceed,
    Provenance,
    RequireApproval,
    Score,
    Segment,
    Series,
    Tab,
    Table,
    Timeline,
    TimelineEntry,
    Unknown,
    Veto,
    View,
    Warn,
)
from crossdock.host.isolation.wire import decode, encode
from crossdock.ports import Changes, Guards, Page
from crossdock.records import Account, Quote, QuoteLine

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
FROM = Provenance(source="main", as_of=NOW, trading_account="C-1", note="cached")
VIEW = View(
    [
        Metrics(metrics=[Metric(label="Due", value=Money("10.50", "EUR"), tone="bad")]),
        Table(
            columns=[Column(key="a", label="A"), Column(key="b", label="B", align="end")],
            rows=[
                {"a": "x", "b": Decimal("1.10")},
                {"a": Link("IN-1", "invoice/IN-1"), "b": Unknown("the ERP is away")},
                {"a": Badge("late", "bad"), "b": Percent(Decimal("0.2"))},
                {"a": date(2026, 11, 20), "b": None, "$c": True},
            ],
            total={"b": 7},
            provenance=FROM,
        ),
        Chart(
            kind="bar",
            categories=["Q1", "Q2"],
            series=[Series(label="s", values=[Decimal(1), None])],
            summary="up",
            currency="EUR",
        ),
        Timeline(entries=[TimelineEntry(at=NOW, title="Shipped")]),
        Fields(items=[("Terms", 30), ("On hold", False)]),
        Notice(text="Careful", tone="warning"),
        Action(label="Open", target="tab/x/y", params={"as_of": "2026-11-20"}),
    ]
)
QUOTE = Quote(
    id="Q-1",
    account_id="A-1",
    currency="EUR",
    lines=(QuoteLine(number=1, item_id="I-1", quantity=Decimal("2.50")),),
)
VALUES = [
    None,
    "text \u00e9 \U0001f600",
    3,
    2**80,
    1.5,
    Decimal("1.10"),
    NOW,
    date(2026, 11, 20),
    (1, ("a",), []),
    {"$tuple": 1, "b": (2,)},
    {1: "by number", (2, 3): "by pair"},
    frozenset({"a", "b"}),
    Money("1.00", "EUR"),
    QUOTE,
    [Proceed(), Veto("no", code="c", field="lines.0.quantity"), Warn("w")],
    RequireApproval("manager", "too much"),
    Amend(QUOTE, reason="because"),
    Score(probability=Decimal("0.4"), evidence=("a", "b")),
    VIEW,
    Page(items=(Account(id="A-1", name="A"),), next="c", total=9),
    Changes(changes=(), cursor="7", more=True),
    Guards(quote="after"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_what_is_sent_arrives_as_it_was(value):
    arrived = decode(orjson.loads(orjson.dumps(encode(value))))

    assert arrived == value
    assert type(arrived) is type(value)


def test_of_a_function_only_its_address_goes():
    kept = []
    tab = Tab(
        id="t",
        title="T",
        render=lambda *_: VIEW,
        params=(Param(name="p", label="P"),),
        roles=("x",),
    )
    segment = Segment(id="s", title="S", account_ids=lambda _: ("A-1",))
    job = Job(id="j", cron="0 3 * * *", run=lambda _: None)

    data = orjson.loads(
        orjson.dumps(
            encode([tab, segment, job], lambda record, field: kept.append(field) or len(kept))
        )
    )
    arrived = decode(data, lambda record_id, field, address: (record_id, field, address))

    assert [arrived[0].render, arrived[1].account_ids, arrived[2].run] == [
        ("t", "render", 1),
        ("s", "account_ids", 2),
        ("j", "run", 3),
    ]
    assert (arrived[0].params, arrived[0].roles) == (tab.params, tab.roles)


@pytest.mark.parametrize(
    "value",
    [lambda: None, object(), float("nan"), b"bytes", Tab(id="t", title="T", render=print)],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_sent_is_refused_where_it_is(value):
    with pytest.raises(TypeError):
        encode([value])


def test_a_cycle_is_refused():
    cycle: list = []
    cycle.append(cycle)
    with pytest.raises(RecursionError):
        encode(cycle)


@pytest.mark.parametrize(
    "data",
    [
        {"$Host": {}},
        {"$Quote": 17},
        {"$Quote": {"id": "Q-1"}},
        {"$Tab": {"id": "t", "title": "T", "render": "x"}},
        {"$Veto": {"message": 5}},
        {"$Veto": {}},
        {"$Notice": {"text": "t", "tone": "loud"}},
        {"$View": {"components": [{"$Veto": {"message": "m"}}]}},
        {"$View": {"components": "rubbish"}},
        {"$Table": {"columns": [], "rows": [[1]]}},
        {"$Score": {"probability": "0.5"}},
        {"$tuple": 5},
        {"$pairs": [1]},
        {"$int": "x"},
        {"$int": []},
        {"$decimal": "x"},
    ],
    ids=str,
)
def test_rubbish_is_a_value_error_and_never_a_record(data):
    with pytest.raises((ValueError, ArithmeticError, TypeError)):
        decode(data)
