"""Rows kept as JSON text: finding, sorting, paging, changing."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from crossdock_mocks.engine import (
    DuplicateKey,
    NoSuchRow,
    Problem,
    TableSpec,
    World,
    between,
    contains,
    either,
    every,
    ge,
    gt,
    le,
    lt,
    ne,
    one_of,
    prefix,
)
from crossdock_mocks.engine.tables import folded_column

SPEC = TableSpec(
    "orders",
    indexes=("status", ("customer.id", "placed_on")),
    unique=("reference",),
    numeric={"total"},
)


@pytest.fixture
def orders():
    table = World([SPEC]).table("orders")
    table.insert_many(
        {
            "id": f"O-{n}",
            "customer": {"id": f"C-{n % 3}", "name": ("Ärger", "Bolt", "Cog")[n % 3]},
            "status": "open" if n % 2 else "closed",
            "placed_on": date(2026, 1, 1) + timedelta(n) if n % 4 else None,
            "total": Decimal(n * 5),
            "reference": f"PO-{n}" if n % 5 else None,
            "rush": n == 7,
        }
        for n in range(20)
    )
    return table


def ids(rows):
    return [int(row["id"][2:]) for row in rows]


def test_a_row_comes_back_as_json_has_it(orders):
    orders.insert({"id": "X", "at": datetime(2026, 1, 1, tzinfo=UTC), "sum": Decimal("1.50")})
    assert orders.get("X") == {"id": "X", "at": "2026-01-01T00:00:00Z", "sum": "1.50"}
    assert orders.raw("X") == '{"id":"X","at":"2026-01-01T00:00:00Z","sum":"1.50"}'
    assert orders.get("Y") is None
    assert "X" in orders
    assert "Y" not in orders


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (None, list(range(20))),
        ({"status": "open", "customer.id": "C-1"}, [1, 7, 13, 19]),
        ({"placed_on": None}, [0, 4, 8, 12, 16]),
        ({"placed_on": ge(date(2026, 1, 18))}, [17, 18, 19]),
        ({"placed_on": between(date(2026, 1, 2), date(2026, 1, 4))}, [1, 2, 3]),
        ({"total": gt("85")}, [18, 19]),
        ({"total": Decimal("45.00")}, [9]),
        ({"total": lt(10)}, [0, 1]),
        ({"total": le(10)}, [0, 1, 2]),
        ({"rush": True}, [7]),
        ({"id": ["O-3", "O-5", "none"]}, [3, 5]),
        ({"id": one_of([])}, []),
        ({"reference": ["PO-1", None]}, [0, 1, 5, 10, 15]),
        ({"reference": prefix("PO-1")}, [1, 11, 12, 13, 14, 16, 17, 18, 19]),
        ({"reference": prefix("po-1", ignore_case=True), "status": "closed"}, [12, 14, 16, 18]),
        ({"customer.name": contains("ÄRG"), "status": "open"}, [3, 9, 15]),
        ({"customer.name": contains("ärg", ignore_case=False)}, []),
        ({"reference": ne("PO-1"), "total": lt(12)}, [0, 2]),
        (either({"id": "O-1"}, {"rush": True}), [1, 7]),
        (every({"status": "open"}, either({"id": "O-2"}, {"id": "O-3"})), [3]),
        ({"id": "O-1' OR '1'='1"}, []),
    ],
)
def test_rows_are_found_by(orders, where, expected):
    assert ids(orders.find(where)) == expected
    assert orders.count(where) == len(expected)


def test_a_field_that_cannot_be_one_is_an_error_never_sql(orders):
    with pytest.raises(ValueError, match="cannot be a field"):
        orders.find({"id') OR 1=1 --": 1})
    with pytest.raises(ValueError, match="cannot be a field"):
        orders.find(order="x desc; --")


def test_numbers_beyond_64_bits_are_compared_all_the_same(orders):
    assert orders.find({"version": 2**70}) == []
    assert orders.count({"total": lt(2**70)}) == 20


@pytest.mark.parametrize(
    "order",
    ["", "id", "-id", "placed_on", "-placed_on", "total", "-total", ("status", "-placed_on"),
     ("-placed_on", "status"), ("customer.id", "reference"), "rush"],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 3, 7, 20, 50])
def test_pages_give_each_row_once_in_the_order_of_the_whole_nulls_included(orders, order, size):
    order = order or ()
    seen, after = [], None
    while True:
        page = orders.page(order=order, limit=size, after=after)
        seen += page.rows
        after = page.next
        if after is None:
            break
    assert seen == orders.find(order=order)


def test_pages_stay_stable_while_rows_come_and_go_before_them(orders):
    first = orders.page(order="total", limit=5)
    orders.delete("O-0")
    orders.insert({"id": "N", "total": "1"})
    second = orders.page(order="total", limit=5, after=first.next)
    assert ids(second.rows) == [5, 6, 7, 8, 9]


@pytest.mark.parametrize("cursor", ["", "x", "????", "W10", "WzEsMl0"])
def test_a_cursor_that_is_none_is_refused(orders, cursor):
    with pytest.raises(Problem, match="invalid_cursor"):
        orders.page(after=cursor)


def test_a_cursor_of_another_order_is_refused(orders):
    cursor = orders.page(order="id", limit=1).next
    with pytest.raises(Problem, match="invalid_cursor"):
        orders.page(order="-id", after=cursor)


def test_numbered_pages_leave_rows_out(orders):
    assert ids(orders.find(order="-total", limit=3, offset=3)) == [16, 15, 14]


@pytest.mark.parametrize(("column", "index"), [("status", "orders.i0"), ("reference", "orders.u0")])
def test_an_index_answers_a_range(orders, column, index):
    sql = f'EXPLAIN QUERY PLAN SELECT _body FROM orders WHERE "{column}" >= ? AND "{column}" < ?'
    plan = orders._world.connection.execute(sql, ("a", "b")).fetchall()
    assert index in plan[0][3]


def test_a_key_is_given_once(orders):
    with pytest.raises(DuplicateKey):
        orders.insert({"id": "O-1"})
    with pytest.raises(DuplicateKey):
        orders.insert({"id": "new", "reference": "PO-1"})
    with pytest.raises(DuplicateKey):
        orders.insert_many([{"id": "new"}, {"id": "O-1"}])
    assert len(orders) == 20


def test_a_row_is_replaced_in_its_place(orders):
    orders.replace({"id": "O-1", "status": "held"})
    assert ids(orders.find())[:3] == [0, 1, 2]
    assert orders.find({"status": "held"}) == [{"id": "O-1", "status": "held"}]
    assert orders.update("O-1", status="open", memo="x") == {
        "id": "O-1", "status": "open", "memo": "x",
    }  # fmt: skip


def test_what_is_not_there_cannot_be_replaced(orders):
    with pytest.raises(NoSuchRow):
        orders.replace({"id": "none"})
    with pytest.raises(NoSuchRow):
        orders.update("none", status="x")
    assert orders.delete("none") is False


def test_a_key_may_be_made_of_several_fields():
    prices = World([TableSpec("prices", key=("list", "item"))]).table("prices")
    prices.insert({"list": 1, "item": "B", "price": "2.00"})
    assert prices.get((1, "B"))["price"] == "2.00"
    with pytest.raises(DuplicateKey):
        prices.insert({"list": 1, "item": "B"})


@pytest.mark.parametrize("name", ["a b", "x;drop", "_key", ""])
def test_a_table_cannot_have_an_unsafe_name(name):
    with pytest.raises(ValueError, match="cannot be a name"):
        TableSpec(name)
    with pytest.raises(ValueError, match="cannot be a name"):
        TableSpec("t", indexes=(name,))


def test_what_the_tables_cannot_be_asked_is_asked_in_sql(orders):
    sums = orders._world.query(
        'SELECT "customer.id", sum(total) FROM orders WHERE placed_on < ? GROUP BY 1 ORDER BY 1',
        [date(2026, 1, 5)],
    )
    assert sums == [("C-0", 15.0), ("C-1", 5.0), ("C-2", 10.0)]
    with pytest.raises(ValueError, match="only a query"):
        orders._world.query("DELETE FROM orders")


@pytest.mark.parametrize("indexed", [(), ("sequence",)])
def test_a_numeric_key_is_found_whether_it_is_indexed_or_not(indexed):
    feed = World([TableSpec("feed", key="sequence", indexes=indexed)]).table("feed")
    feed.insert_many({"sequence": number} for number in (1, 2, 12))

    assert feed.find({"sequence": 2}) == [{"sequence": 2}]
    assert feed.get(12) == {"sequence": 12}


def test_an_indexed_numeric_key_is_compared_as_a_number():
    feed = World([TableSpec("feed", key="sequence", indexes=("sequence",))]).table("feed")
    feed.insert_many({"sequence": number} for number in (1, 2, 12))

    assert [row["sequence"] for row in feed.find({"sequence": gt(1)}, "sequence")] == [2, 12]


def test_text_can_be_asked_for_without_case_by_an_index_of_its_own():
    world = World([TableSpec("firms", folded=("name",))])
    world.table("firms").insert_many(
        {"id": number, "name": name} for number, name in enumerate(["MÜLLER", "Müller", "Straße"])
    )
    column = folded_column("name")
    sql = f'SELECT _key FROM firms WHERE "{column}" = ? ORDER BY _n'
    assert world.query(sql, ["müller"]) == [("0",), ("1",)]
    plan = world.connection.execute(f"EXPLAIN QUERY PLAN {sql}", ["müller"]).fetchall()
    assert "USING INDEX" in plan[0][3]
    assert world.fork("other").query(sql, ["strasse"]) == [("2",)]
