"""The query language against a plain-Python evaluation of the same condition on the raw rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import hypothesis
import pytest
from hypothesis import strategies as st

from crossdock_mocks.dialects.quickbooks.entities import ENTITIES, OPERATORS


def _amount(row, name):
    return Decimal(str(row[name]))


def _at(row, name="LastUpdatedTime"):
    return datetime.fromisoformat(row["MetaData"][name])


def _instant(text):
    return datetime.fromisoformat(text)


def _always(_):
    return True


def _by_id(row):
    return int(row["Id"])


def _like(text, pattern):
    """Whether a text is like a pattern, by pieces: no regular expression, no SQL."""
    text, pieces = text.casefold(), pattern.casefold().split("%")
    if len(pieces) == 1:
        return text == pieces[0]
    if not (text.startswith(pieces[0]) and text.endswith(pieces[-1])):
        return False
    at, end = len(pieces[0]), len(text) - len(pieces[-1])
    for piece in pieces[1:-1]:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return at <= end


def _sorted(rows, *keys):
    """Rows sorted by several keys, each with whether it descends; ids decide in the end."""
    rows = sorted(rows, key=_by_id)
    for key, descends in reversed(keys):
        rows = sorted(rows, key=key, reverse=descends)
    return rows


# Query, entity, condition, and optionally how it is sorted and which part is wanted.
RIGHT = [
    ("SELECT * FROM Customer", "Customer", _always),
    ("select * from customer", "Customer", _always),
    ("SELECT * FROM Customer WHERE Active = true", "Customer", lambda r: r["Active"]),
    ("SELECT * FROM Customer WHERE Active = 'false'", "Customer", lambda r: not r["Active"]),
    ("SELECT * FROM Customer WHERE Active IN (true, false)", "Customer", _always),
    ("SELECT * FROM Customer WHERE Active IN (false) AND Balance = 0", "Customer",
     lambda r: not r["Active"] and r["Balance"] == 0),
    ("SELECT * FROM Customer WHERE DisplayName = 'O\\'Brien & Sons'", "Customer",
     lambda r: r["DisplayName"] == "O'Brien & Sons"),
    (r"SELECT * FROM Customer WHERE DisplayName = 'Back\\slash'", "Customer",
     lambda r: r["DisplayName"] == "Back\\slash"),
    ("SELECT * FROM Customer WHERE DisplayName = 'o\\'brien & sons'", "Customer",
     lambda r: r["DisplayName"] == "o'brien & sons"),
    ("SELECT * FROM Customer WHERE DisplayName LIKE 'C-1000%'", "Customer",
     lambda r: _like(r["DisplayName"], "C-1000%")),
    ("SELECT * FROM Customer WHERE DisplayName LIKE '%GMBH%'", "Customer",
     lambda r: _like(r["DisplayName"], "%GMBH%")),
    ("SELECT * FROM Customer WHERE DisplayName LIKE '%a%e%'", "Customer",
     lambda r: _like(r["DisplayName"], "%a%e%")),
    ("SELECT * FROM Customer WHERE DisplayName LIKE '100_ sure%'", "Customer",
     lambda r: _like(r["DisplayName"], "100_ sure%")),
    ("SELECT * FROM Customer WHERE DisplayName LIKE '%SÄGE%'", "Customer",
     lambda r: _like(r["DisplayName"], "%SÄGE%")),
    ("SELECT * FROM Customer WHERE DisplayName LIKE 'nobody'", "Customer",
     lambda r: _like(r["DisplayName"], "nobody")),
    ("SELECT * FROM Customer WHERE DisplayName > 'M'", "Customer",
     lambda r: r["DisplayName"] > "M"),
    ("SELECT * FROM Customer WHERE DisplayName <= 'C-10005 ZZZ'", "Customer",
     lambda r: r["DisplayName"] <= "C-10005 ZZZ"),
    ("SELECT * FROM Customer WHERE Balance > '0'", "Customer", lambda r: _amount(r, "Balance") > 0),
    ("SELECT * FROM Customer WHERE Balance >= 1000.50", "Customer",
     lambda r: _amount(r, "Balance") >= Decimal("1000.50")),
    ("SELECT * FROM Customer WHERE Balance < -1", "Customer",
     lambda r: _amount(r, "Balance") < -1),
    ("SELECT * FROM Customer WHERE Balance IN ('0', '12.5')", "Customer",
     lambda r: _amount(r, "Balance") in (0, Decimal("12.5"))),
    ("SELECT * FROM Customer WHERE GivenName = 'Ada'", "Customer",
     lambda r: r.get("GivenName") == "Ada"),
    ("SELECT * FROM Customer WHERE FamilyName LIKE '%'", "Customer", lambda r: "FamilyName" in r),
    ("SELECT * FROM Customer WHERE PrimaryEmailAddr LIKE 'accounts@%'", "Customer",
     lambda r: _like(r.get("PrimaryEmailAddr", {}).get("Address", ""), "accounts@%")),
    ("SELECT * FROM Customer WHERE CompanyName >= 'T' AND Balance > '0'", "Customer",
     lambda r: r.get("CompanyName", "") >= "T" and _amount(r, "Balance") > 0),
    ("SELECT * FROM Customer WHERE Id IN ('1', '2', '3')", "Customer",
     lambda r: r["Id"] in ("1", "2", "3")),
    ("SELECT * FROM Customer WHERE Id > '9' AND Id <= 12", "Customer",
     lambda r: 9 < int(r["Id"]) <= 12),
    ("SELECT * FROM Customer WHERE Job = true", "Customer", lambda r: r["Job"]),
    ("SELECT * FROM Customer ORDERBY DisplayName", "Customer", _always,
     lambda rows: _sorted(rows, (lambda r: r["DisplayName"].casefold(), False))),
    ("SELECT * FROM Customer ORDER BY Balance DESC, DisplayName ASC", "Customer", _always,
     lambda rows: _sorted(rows, (lambda r: _amount(r, "Balance"), True),
                          (lambda r: r["DisplayName"].casefold(), False))),
    ("SELECT * FROM Customer STARTPOSITION 3 MAXRESULTS 4", "Customer", _always, None,
     slice(2, 6)),
    ("select * from Customer startposition 17", "Customer", _always, None, slice(16, 116)),
    ("SELECT * FROM Customer ORDERBY Id DESC STARTPOSITION 1 MAXRESULTS 2", "Customer", _always,
     lambda rows: sorted(rows, key=_by_id, reverse=True), slice(0, 2)),
    ("SELECT * FROM Customer STARTPOSITION 5000", "Customer", _always, None, slice(4999, None)),
    ("SELECT *, Sku FROM Item WHERE Sku = 'BRG-1001'", "Item", lambda r: r["Sku"] == "BRG-1001"),
    ("SELECT Id, Name FROM Item WHERE Type = 'Service'", "Item",
     lambda r: r["Type"] == "Service"),
    ("SELECT * FROM Item WHERE Type IN ('Inventory', 'NonInventory') AND UnitPrice < '20'", "Item",
     lambda r: r["Type"] in ("Inventory", "NonInventory") and _amount(r, "UnitPrice") < 20),
    ("SELECT * FROM Item WHERE QtyOnHand > 100", "Item",
     lambda r: "QtyOnHand" in r and _amount(r, "QtyOnHand") > 100),
    ("SELECT * FROM Item WHERE Name LIKE '%ring%' ORDERBY UnitPrice DESC", "Item",
     lambda r: _like(r["Name"], "%ring%"),
     lambda rows: _sorted(rows, (lambda r: _amount(r, "UnitPrice"), True))),
    ("SELECT * FROM Invoice WHERE Balance > '0'", "Invoice", lambda r: _amount(r, "Balance") > 0),
    ("SELECT * FROM Invoice WHERE TotalAmt >= '1000.0' AND TotalAmt < '2000'", "Invoice",
     lambda r: 1000 <= _amount(r, "TotalAmt") < 2000),
    ("SELECT * FROM Invoice WHERE CustomerRef = '4' AND TxnDate >= '2026-01-01'", "Invoice",
     lambda r: r["CustomerRef"]["value"] == "4" and r["TxnDate"] >= "2026-01-01"),
    ("SELECT * FROM Invoice WHERE CustomerRef IN ('1','2')", "Invoice",
     lambda r: r["CustomerRef"]["value"] in ("1", "2")),
    ("SELECT * FROM Invoice WHERE DocNumber = 'IN-100007'", "Invoice",
     lambda r: r["DocNumber"] == "IN-100007"),
    ("SELECT * FROM Invoice WHERE DocNumber LIKE 'in-1000%' ORDERBY DocNumber DESC MAXRESULTS 5",
     "Invoice", lambda r: _like(r["DocNumber"], "in-1000%"),
     lambda rows: _sorted(rows, (lambda r: r["DocNumber"].casefold(), True)), slice(0, 5)),
    ("SELECT * FROM Invoice WHERE DueDate < '2026-11-20' AND Balance > '0' ORDERBY DueDate",
     "Invoice", lambda r: r["DueDate"] < "2026-11-20" and _amount(r, "Balance") > 0,
     lambda rows: _sorted(rows, (lambda r: r["DueDate"], False))),
    ("SELECT * FROM Invoice WHERE TxnDate IN ('2026-01-12', '2026-02-03')", "Invoice",
     lambda r: r["TxnDate"] in ("2026-01-12", "2026-02-03")),
    ("SELECT * FROM Invoice WHERE MetaData.LastUpdatedTime > '2026-10-01'", "Invoice",
     lambda r: _at(r) > _instant("2026-10-01T00:00:00-08:00")),
    ("SELECT * FROM Invoice WHERE Metadata.LastUpdatedTime >= '2026-09-01T17:00:00Z'", "Invoice",
     lambda r: _at(r) >= _instant("2026-09-01T17:00:00+00:00")),
    ("SELECT * FROM Invoice WHERE MetaData.CreateTime < '2024-03-01T09:00:00+0200'", "Invoice",
     lambda r: _at(r, "CreateTime") < _instant("2024-03-01T09:00:00+02:00")),
    ("SELECT * FROM Invoice ORDERBY TxnDate DESC, TotalAmt STARTPOSITION 11 MAXRESULTS 10",
     "Invoice", _always,
     lambda rows: _sorted(rows, (lambda r: r["TxnDate"], True),
                          (lambda r: _amount(r, "TotalAmt"), False)), slice(10, 20)),
    ("SELECT * FROM Invoice MAXRESULTS 1000", "Invoice", _always, None, slice(0, 1000)),
    ("SELECT * FROM Payment WHERE TxnDate >= '2026-10-01' AND CustomerRef = '3'", "Payment",
     lambda r: r["TxnDate"] >= "2026-10-01" and r["CustomerRef"]["value"] == "3"),
    ("SELECT * FROM Payment WHERE PaymentRefNum = 'PY-100001'", "Payment",
     lambda r: r.get("PaymentRefNum") == "PY-100001"),
    ("SELECT * FROM CreditMemo WHERE Balance = 0", "CreditMemo",
     lambda r: _amount(r, "Balance") == 0),
    ("SELECT * FROM Term WHERE Name LIKE 'Net%'", "Term", lambda r: r["Name"].startswith("Net")),
    ("SELECT * FROM TaxCode WHERE Name IN ('STD', 'ZERO')", "TaxCode",
     lambda r: r["Name"] in ("STD", "ZERO")),
    ("SELECT * FROM Account WHERE AccountType = 'Income'", "Account",
     lambda r: r["AccountType"] == "Income"),
    ("SELECT * FROM Account WHERE Classification > 'E' ORDERBY Name", "Account",
     lambda r: r["Classification"] > "E",
     lambda rows: _sorted(rows, (lambda r: r["Name"].casefold(), False))),
    ("SELECT * FROM Estimate", "Estimate", _always),
    ("SELECT * FROM CompanyInfo", "CompanyInfo", _always),
    ("\n\tselect\n*\nfrom Class", "Class", _always),
]  # fmt: skip

_LONG = "x" * 21_000

WRONG = [
    ("", "4000"),
    ("   ", "4000"),
    ("SELECT", "4000"),
    ("SELECT * FROM", "4000"),
    ("UPDATE Customer SET Active = false", "4000"),
    ("DELETE FROM Customer", "4000"),
    ("SELECT * FROM Customer; DROP TABLE qbo_customer", "4000"),
    ("SELECT * FROM Customer WHERE", "4000"),
    ("SELECT * FROM Customer WHERE Balance > '0' OR Active = true", "4000"),
    ("SELECT * FROM Customer WHERE NOT Active = true", "4000"),
    ("SELECT * FROM Customer WHERE (Active = true)", "4000"),
    ("SELECT * FROM Customer WHERE DisplayName != 'A'", "4000"),
    ("SELECT * FROM Customer WHERE DisplayName <> 'A'", "4000"),
    ("SELECT * FROM Customer WHERE DisplayName IS NULL", "4000"),
    ("SELECT * FROM Customer WHERE Balance BETWEEN 1 AND 2", "4000"),
    ("SELECT * FROM Customer WHERE DisplayName NOT IN ('A')", "4000"),
    ("SELECT * FROM Customer WHERE DisplayName = O'Brien", "4000"),
    ("SELECT * FROM Customer WHERE DisplayName = 'O'Brien'", "4000"),
    ("SELECT * FROM Customer WHERE DisplayName = 'O''Brien'", "4000"),
    ("SELECT * FROM Customer WHERE DisplayName = 'open", "4000"),
    ('SELECT * FROM Customer WHERE DisplayName = "A"', "4000"),
    ("SELECT * FROM Customer WHERE DisplayName = Bob", "4000"),
    ("SELECT * FROM Customer WHERE 'A' = DisplayName", "4000"),
    ("SELECT * FROM Customer WHERE DisplayName = 'A' AND", "4000"),
    ("SELECT * FROM Customer WHERE DisplayName IN ()", "4000"),
    ("SELECT * FROM Customer WHERE DisplayName IN 'A'", "4000"),
    ("SELECT * FROM Customer c WHERE c.Active = true", "4000"),
    ("SELECT * FROM Customer, Invoice", "4000"),
    ("SELECT * FROM Customer JOIN Invoice", "4000"),
    ("SELECT * FROM Customer GROUP BY Active", "4000"),
    ("SELECT * FROM Customer LIMIT 5", "4000"),
    ("SELECT * FROM Customer MAXRESULTS 5 STARTPOSITION 1", "4000"),
    ("SELECT * FROM Customer MAXRESULTS -1", "4000"),
    ("SELECT * FROM Customer STARTPOSITION 1.5", "4000"),
    ("SELECT * FROM Customer STARTPOSITION", "4000"),
    ("SELECT * FROM Customer ORDERBY", "4000"),
    ("SELECT DISTINCT DisplayName FROM Customer", "4000"),
    ("SELECT sum(Balance) FROM Customer", "4000"),
    ("SELECT COUNT(Id) FROM Customer", "4000"),
    ("SELECT * FROM Customer WHERE DisplayName LIKE '%a%' ESCAPE '!'", "4000"),
    (f"SELECT * FROM Customer WHERE DisplayName = '{_LONG}'", "4000"),
    ("SELECT * FROM SalesOrder", "4001"),
    ("SELECT * FROM Shipment", "4001"),
    ("SELECT * FROM qbo_customer", "4001"),
    ("SELECT * FROM sqlite_master", "4001"),
    ("SELECT * FROM Customer MAXRESULTS 1001", "4001"),
    ("SELECT * FROM Customer MAXRESULTS 0", "4001"),
    ("SELECT * FROM Customer WHERE Nope = '1'", "4001"),
    ("SELECT Nope FROM Customer", "4001"),
    ("SELECT * FROM Customer ORDERBY Nope", "4001"),
    ("SELECT * FROM Customer WHERE Notes = 'x'", "4001"),
    ("SELECT * FROM Customer WHERE ResaleNum = 'x'", "4001"),
    ("SELECT * FROM Customer WHERE BillAddr.City = 'Linz'", "4001"),
    ("SELECT * FROM Customer WHERE MetaData = '2026-01-01'", "4001"),
    ("SELECT * FROM Customer WHERE Active LIKE 't%'", "4001"),
    ("SELECT * FROM Customer WHERE Active > false", "4001"),
    ("SELECT * FROM Customer WHERE Active = 'yes'", "4001"),
    ("SELECT * FROM Customer WHERE Balance LIKE '1%'", "4001"),
    ("SELECT * FROM Customer WHERE Balance = 'much'", "4001"),
    ("SELECT * FROM Customer WHERE Id = 'abc'", "4001"),
    ("SELECT * FROM Invoice WHERE CustomerRef > '1'", "4001"),
    ("SELECT * FROM Invoice WHERE Line = 'x'", "4001"),
    ("SELECT * FROM Invoice WHERE DepartmentRef = '1'", "4001"),
    ("SELECT * FROM Invoice WHERE TxnDate = '2026-13-01'", "4001"),
    ("SELECT * FROM Invoice WHERE TxnDate = '20260101'", "4001"),
    ("SELECT * FROM Invoice WHERE TxnDate LIKE '2026%'", "4001"),
    ("SELECT * FROM Invoice WHERE MetaData.LastUpdatedTime > 'yesterday'", "4001"),
    ("SELECT * FROM Invoice ORDERBY CustomerRef", "4001"),
    ("SELECT * FROM Estimate WHERE TxnStatus = 'Pending'", "4001"),
    ("SELECT * FROM Payment WHERE UnappliedAmt > '0'", "4001"),
    ("SELECT * FROM Item WHERE Description = 'x'", "4001"),
]  # fmt: skip


@pytest.fixture(scope="module")
def awkward(shared_books):
    """The company with some more customers: quotes, wild cards, persons, inactive ones."""
    books = shared_books
    for name in ("O'Brien & Sons", "Back\\slash", "100_ sure", "100x sure", "50% off"):
        books.customer(name)
    books.write("Customer", GivenName="Ada", FamilyName="Lovelace")
    parent = books.customer("Parent")
    books.customer("Child", ParentRef={"value": parent["Id"]}, Job=True)
    for name in ("Gone", "Gone too"):
        gone = books.customer(name)
        books.write("Customer", Id=gone["Id"], SyncToken="0", sparse=True, Active=False)
    books.pay(parent, 12.5)
    return books


def _expected(world, query, entity, condition, order=None, part=slice(0, 100)):
    """Inactive names are found only by a query that says something of `Active`."""
    wanted = [
        row
        for row in world.table(ENTITIES[entity].table).find()
        if condition(row) and ("Active" in query or row.get("Active", True))
    ]
    return (order or (lambda found: sorted(found, key=_by_id)))(wanted)[part]


@pytest.mark.parametrize(("query", "entity", "condition", "order", "part"), [
    (*each, None, slice(0, 100))[:5] if len(each) == 3
    else (*each, slice(0, 100)) if len(each) == 4
    else each
    for each in RIGHT
], ids=[each[0][:70].strip() for each in RIGHT])  # fmt: skip
def test_a_query_gives_the_rows_that_meet_its_condition(
    awkward, query, entity, condition, order, part
):
    found = awkward.ask(query)

    expected = _expected(awkward.world, query, entity, condition, order, part)
    assert [row["Id"] for row in found.get(entity, [])] == [row["Id"] for row in expected]
    assert found.get(entity, []) == expected
    if expected:
        assert found["maxResults"] == len(expected)
        assert found["startPosition"] == part.start + 1
    else:
        assert found == {}


@pytest.mark.parametrize(("query", "code"), WRONG, ids=[each[0][:70] for each in WRONG])
def test_a_query_that_is_not_offered_is_refused_and_gives_no_rows(
    shared_books, query, code, refused
):
    with pytest.raises(refused) as refusal:
        shared_books.ask(query)

    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert refusal.value.kind == "ValidationFault"
    assert set(refusal.value.body) == {"Fault", "time"}


def test_the_corpus_is_large_enough():
    assert len(RIGHT) >= 60
    assert len(WRONG) >= 60


@pytest.mark.parametrize(
    ("query", "entity", "condition"),
    [
        ("SELECT COUNT(*) FROM Invoice", "Invoice", _always),
        ("select count(*) from Invoice where Balance > '0'", "Invoice",
         lambda r: _amount(r, "Balance") > 0),
        ("SELECT COUNT( * ) FROM Customer WHERE Active IN (true, false)", "Customer", _always),
        ("SELECT COUNT(*) FROM Customer WHERE DisplayName = 'nobody'", "Customer", lambda _: False),
    ],
)  # fmt: skip
def test_a_count_gives_only_a_number(awkward, query, entity, condition):
    expected = _expected(awkward.world, query, entity, condition, part=slice(None))

    assert awkward.ask(query) == {"totalCount": len(expected)}


def test_a_query_may_stand_in_the_body(books):
    asked = "SELECT * FROM Customer WHERE Id = '1'"
    for media in ("application/text", "text/plain"):
        answer = books.client.post("/query", content=asked, headers={"content-type": media})
        assert books.take(answer)["QueryResponse"] == books.ask(asked)


def test_paging_goes_through_all_rows_once(books):
    seen = []
    while True:
        page = books.rows(
            f"SELECT * FROM Invoice ORDERBY TxnDate STARTPOSITION {len(seen) + 1} MAXRESULTS 97"
        )
        seen += [row["Id"] for row in page]
        if len(page) < 97:
            break

    everything = books.world.table("qbo_invoice").find()
    assert sorted(seen) == sorted(row["Id"] for row in everything)


# Conditions at random


def _values(entity, found, world):
    """Values to compare a property with: those that rows have, and some that none has."""
    rows = world.table(ENTITIES[entity].table).find(limit=200)
    held = [value for value in (_held(row, found) for row in rows) if value is not None]
    if found.kind in ("text", "enum", "reference"):
        texts = [str(value) for value in held]
        return [*texts, *(text[:3] + "%" for text in texts[:20]), "%", "", "none", "'\\%_"]
    if found.kind == "flag":
        return ["true", "false"]
    if found.kind == "number":
        return [*(str(value) for value in held), "0", "-3.25", "1000"]
    if found.kind == "instant":
        later = [datetime.fromisoformat(each) + timedelta(seconds=1) for each in held[:20]]
        return [*held, *(each.isoformat() for each in later), "2025-06-30"]
    return [str(value) for value in held] or ["1"]


def _held(row, found):
    value = row
    for name in found.field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


_COMPARE = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def _as(kind, value):
    if kind == "number":
        return Decimal(str(value))
    if kind == "id":
        return int(value)
    if kind == "flag":
        return str(value).lower() == "true"
    if kind == "instant":
        text = f"{value}T00:00:00-08:00" if len(value) == 10 else value
        return datetime.fromisoformat(text)
    return value


def _meets(row, found, operator, values):
    held = _held(row, found)
    if held is None:
        return False
    if operator == "like":
        return _like(str(held), values[0])
    wanted = [_as(found.kind, value) for value in values]
    held = _as(found.kind, held)
    if operator == "in":
        return held in wanted
    return _COMPARE[operator](held, wanted[0])


def _written(found, operator, values):
    quoted = ["'" + each.replace("\\", "\\\\").replace("'", "\\'") + "'" for each in values]
    listed = f"({', '.join(quoted)})" if operator == "in" else quoted[0]
    return f"{found.name} {operator.upper()} {listed}"


def _drive(books, examples):
    names = ["Customer", "Item", "Invoice", "Payment", "CreditMemo", "Account", "Term"]
    rows_of = {name: books.world.table(ENTITIES[name].table).find() for name in names}
    properties = [(name, each) for name in names for each in ENTITIES[name].properties.values()]
    pools = {(name, each.name): _values(name, each, books.world) for name, each in properties}

    @hypothesis.settings(
        max_examples=examples, deadline=None, database=None, derandomize=examples < 200,
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(data=st.data())
    def ask(data):
        books.world.journal.clear()
        name = data.draw(st.sampled_from(names))
        listed = list(ENTITIES[name].properties.values())
        terms = []
        for found in data.draw(st.lists(st.sampled_from(listed), min_size=1, max_size=3)):
            operator = data.draw(st.sampled_from(sorted(OPERATORS[found.kind])))
            pool = st.sampled_from(pools[name, found.name])
            most = 3 if operator == "in" else 1
            values = data.draw(st.lists(pool, min_size=1, max_size=most))
            terms.append((found, operator, values))
        query = f"SELECT * FROM {name} WHERE " + " AND ".join(_written(*each) for each in terms)
        hypothesis.note(query)

        rows = books.rows(f"{query} MAXRESULTS 1000")

        active = any(found.name == "Active" for found, _, _ in terms)
        expected = [
            row
            for row in rows_of[name]
            if all(_meets(row, *each) for each in terms) and (active or row.get("Active", True))
        ]
        assert [row["Id"] for row in rows] == [row["Id"] for row in sorted(expected, key=_by_id)]

    ask()


def test_conditions_at_random_give_the_rows_that_meet_them(awkward):
    _drive(awkward, 60)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_very_many_conditions_at_random_give_the_rows_that_meet_them(awkward):
    _drive(awkward, 1_000)
