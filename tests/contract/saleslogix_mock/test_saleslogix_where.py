"""The query language: what a condition finds is what plain Python finds in the same records.

The expectations know nothing of SData: they are functions on the rows as Python has them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import httpx
import pytest

from crossdock_mocks.engine import World

_COUNT = 1000


@attrs.define
class Record:
    """A row with those that it refers to: `r.Account.AccountName`, nothing where there is none."""

    row: dict[str, Any]
    others: dict[str, dict[str, dict[str, Any]]]

    def __getattr__(self, name: str) -> Any:
        value = self.row[name]
        kind = {
            "Account": "accounts", "Address": "addresses", "AccountManager": "users",
            "UserInfo": "userInfo", "Opportunity": "opportunities", "Product": "products",
            "SalesOrder": "salesOrders", "Quote": "quotes", "Manager": "users",
        }.get(name)  # fmt: skip
        if kind is None:
            return value
        found = self.others[kind].get(value)
        return Nothing() if found is None else Record(found, self.others)

    @property
    def Id(self) -> str:  # noqa: N802 - as the wire has it
        key: str = self.row["key"]
        return key


class Nothing:
    """What a reference leads to that leads nowhere: all of it is empty."""

    def __getattr__(self, name: str) -> Any:
        return Nothing() if name in ("UserInfo", "Manager", "Account") else None


def has(value: Any, test: Callable[[Any], bool]) -> bool:
    """A comparison: nothing compares with what is empty."""
    return value is not None and test(value)


def at(text: str | None) -> Any:
    """An instant, or nothing."""
    return None if text is None else datetime.fromisoformat(text)


DAY = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)

RIGHT: list[tuple[str, str, Callable[[Any], bool]]] = [
    # comparisons of text
    ("accounts", "AccountName eq 'Thurnböck Sägetechnik GmbH & Co KG'",
     lambda r: r.AccountName == "Thurnböck Sägetechnik GmbH & Co KG"),
    ("accounts", 'Type eq "Customer"', lambda r: r.Type == "Customer"),
    ("accounts", "Type ne 'Customer'", lambda r: r.Type != "Customer"),
    ("accounts", "Industry ne 'Steel'", lambda r: has(r.Industry, lambda v: v != "Steel")),
    ("accounts", "AccountName lt 'M'", lambda r: r.AccountName < "M"),
    ("accounts", "AccountName ge 'M'", lambda r: r.AccountName >= "M"),
    ("accounts", "AccountName between 'A' and 'P'", lambda r: "A" <= r.AccountName <= "P"),
    ("accounts", "Type in ('Prospect', \"Partner\")", lambda r: r.Type in ("Prospect", "Partner")),
    ("accounts", "type eq 'Customer'", lambda r: r.Type == "Customer"),
    ("accounts", "AccountName eq 'thurnböck sägetechnik gmbh & co kg'", lambda r: False),
    ("accounts", "AccountName eq 'it''s' or AccountName eq \"Maxim's\"", lambda r: False),
    # like
    ("accounts", "AccountName like 'S%'", lambda r: r.AccountName.startswith("S")),
    ("accounts", "AccountName like '%GmbH%'", lambda r: "GmbH" in r.AccountName),
    ("accounts", "AccountName like '%gmbh%'", lambda r: "gmbh" in r.AccountName),
    ("accounts", "upper(AccountName) like '%GMBH%'", lambda r: "GMBH" in r.AccountName.upper()),
    ("contacts", "Email like '%@%.example'",
     lambda r: has(r.Email, lambda v: re.fullmatch(r".*@.*\.example", v) is not None)),
    ("contacts", "FirstName like '_a%'",
     lambda r: has(r.FirstName, lambda v: len(v) > 1 and v[1] == "a")),
    ("accounts", "AccountName like '%[a-z]%'", lambda r: "[a-z]" in r.AccountName),
    ("accounts", "AccountName like '*'", lambda r: r.AccountName == "*"),
    # numbers
    ("products", "Price gt 100", lambda r: has(r.Price, lambda v: v > 100)),
    ("products", "Price le 5.26", lambda r: has(r.Price, lambda v: v <= 5.26)),
    ("products", "Price eq 5.26", lambda r: r.Price == 5.26),
    ("products", "Price between 10 and 50.5", lambda r: has(r.Price, lambda v: 10 <= v <= 50.5)),
    ("products", "Price eq '5.26'", lambda r: r.Price == 5.26),
    ("products", "Price - 1 gt 2 mul 50", lambda r: has(r.Price, lambda v: v - 1 > 100)),
    ("products", "2 mul 5 + 3 mul 2 eq 16", lambda r: True),
    ("products", "2 mul (5 + 3) mul 2 eq 32", lambda r: True),
    ("products", "1 eq 1 or 1 eq 2 and 1 eq 3", lambda r: True),
    ("products", "(1 eq 1 or 1 eq 2) and 1 eq 3", lambda r: False),
    ("products", "Price div 2 lt 5", lambda r: has(r.Price, lambda v: v / 2 < 5)),
    ("products", "-Price gt -10", lambda r: has(r.Price, lambda v: -v > -10)),
    ("salesOrderItems", "Quantity mul Price gt 500",
     lambda r: has(r.Price, lambda v: r.Quantity * v > 500)),
    ("salesOrderItems", "LineNumber mod 2 eq 1", lambda r: r.LineNumber % 2 == 1),
    ("salesOrderItems", "ErpOpenQuantity gt 0", lambda r: has(r.ErpOpenQuantity, lambda v: v > 0)),
    ("quoteItems", "Discount ge 0.05", lambda r: r.Discount >= 0.05),
    ("products", "5 div 0 eq 1", lambda r: False),
    ("opportunities", "CloseProbability in (100, 0)", lambda r: r.CloseProbability in (0, 100)),
    ("opportunities", "Weighted ne SalesPotential",
     lambda r: has(r.SalesPotential, lambda v: r.Weighted != v)),
    # dates
    ("accounts", "ModifyDate gt @2026-01-01@", lambda r: at(r.ModifyDate) > DAY),
    ("accounts", "CreateDate lt @2025-06-01T12:00:00@", lambda r: at(r.CreateDate) < SECOND),
    ("accounts", "CreateDate ge @2025-06-01T14:00:00+02:00@", lambda r: at(r.CreateDate) >= SECOND),
    ("accounts", "CreateDate lt @2025-06-01T12:00:00Z@", lambda r: at(r.CreateDate) < SECOND),
    ("accounts", "CreateDate le '2025-06-01'",
     lambda r: at(r.CreateDate) <= datetime(2025, 6, 1, tzinfo=UTC)),
    ("opportunities", "EstimatedClose between @2026-01-01@ and @2026-12-31@",
     lambda r: has(at(r.EstimatedClose), lambda v: DAY <= v <= datetime(2026, 12, 31, tzinfo=UTC))),
    ("opportunities", "year(EstimatedClose) eq 2026",
     lambda r: has(at(r.EstimatedClose), lambda v: v.year == 2026)),
    ("opportunities", "month(EstimatedClose) in (1, 2, 12)",
     lambda r: has(at(r.EstimatedClose), lambda v: v.month in (1, 2, 12))),
    ("history", "day(StartDate) eq 3 or hour(StartDate) ge 15",
     lambda r: at(r.StartDate).day == 3 or at(r.StartDate).hour >= 15),
    ("history", "CompletedDate gt dateAdd(StartDate, 1)",
     lambda r: has(at(r.CompletedDate), lambda v: (v - at(r.StartDate)).total_seconds() > 86400)),
    ("opportunities", "EstimatedClose lt currentDate()",
     lambda r: has(at(r.EstimatedClose), lambda v: v < datetime(2026, 11, 20, tzinfo=UTC))),
    ("opportunities", "EstimatedClose ge timestampSub(currentTimestamp(), 3600000)",
     lambda r: has(at(r.EstimatedClose), lambda v: v >= datetime(2026, 11, 20, 8, 30, tzinfo=UTC))),
    # empty
    ("opportunities", "ActualClose eq null", lambda r: r.ActualClose is None),
    ("opportunities", "ActualClose ne null", lambda r: r.ActualClose is not None),
    ("accounts", "ErpExtId eq null or Type eq 'Partner'",
     lambda r: r.ErpExtId is None or r.Type == "Partner"),
    ("accounts", "AccountManager eq null", lambda r: r.row["AccountManager"] is None),
    # and, or, not
    ("accounts", "Type eq 'Customer' and Address.Country eq 'DE'",
     lambda r: r.Type == "Customer" and r.Address.Country == "DE"),
    ("accounts", "not (Type eq 'Customer')", lambda r: r.Type != "Customer"),
    ("accounts", "not (ErpExtId eq 'C-10001')",
     lambda r: has(r.ErpExtId, lambda v: v != "C-10001")),
    ("accounts", "not (Type eq 'Customer' or ErpExtId ne null)",
     lambda r: not (r.Type == "Customer" or r.ErpExtId is not None)),
    ("users", "Enabled eq true", lambda r: r.Enabled is True),
    ("users", "Enabled", lambda r: r.Enabled is True),
    ("users", "not Enabled or UserName eq 'reader'",
     lambda r: not r.Enabled or r.UserName == "reader"),
    ("salesOrders", "IsQuote eq false", lambda r: r.IsQuote is False),
    # over references
    ("contacts", "Account.AccountName like 'S%'", lambda r: r.Account.AccountName[0] == "S"),
    ("contacts", "Account.Id eq 'ACDOCK000002'", lambda r: r.Account.Id == "ACDOCK000002"),
    ("contacts", 'Account.id eq "ACDOCK000002"', lambda r: r.Account.Id == "ACDOCK000002"),
    ("contacts", "Account eq 'ACDOCK000002'", lambda r: r.Account.Id == "ACDOCK000002"),
    ("accounts", "AccountManager.UserInfo.UserName like '%a%'",
     lambda r: has(r.AccountManager.UserInfo.UserName, lambda v: "a" in v)),
    ("salesOrderItems", "SalesOrder.Account.Type eq 'Customer' and Product.Price gt 20",
     lambda r: r.SalesOrder.Account.Type == "Customer" and has(
         r.Product.Price, lambda v: v > 20)),
    ("accounts", "$key eq 'ACDOCK000003'", lambda r: r.Id == "ACDOCK000003"),
    ("accounts", "Id in ('ACDOCK000003', 'ACDOCK000004')",
     lambda r: r.Id in ("ACDOCK000003", "ACDOCK000004")),
    # functions
    ("accounts", "left(AccountName, 1) between 'A' and 'N'",
     lambda r: "A" <= r.AccountName[:1] <= "N"),
    ("accounts", "right(AccountName, 2) eq 'KG'", lambda r: r.AccountName[-2:] == "KG"),
    ("accounts", "substring(ErpExtId, 3, 3) eq '100'",
     lambda r: has(r.ErpExtId, lambda v: v[2:5] == "100")),
    ("accounts", "lower(AccountName) like '%ö%'", lambda r: "ö" in r.AccountName.lower()),
    ("accounts", "length(AccountName) gt 25", lambda r: len(r.AccountName) > 25),
    ("accounts", "locate('G', AccountName) gt 5", lambda r: r.AccountName.find("G") + 1 > 5),
    ("accounts", "replace(ErpExtId, '-', '') eq 'C10002'",
     lambda r: has(r.ErpExtId, lambda v: v.replace("-", "") == "C10002")),
    ("accounts", "trim(concat('  ', ErpExtId, ' ')) eq 'C-10002'",
     lambda r: r.ErpExtId == "C-10002"),
    ("contacts", "concat(FirstName, ' ', LastName) eq FullName",
     lambda r: has(r.FirstName, lambda v: f"{v} {r.LastName}" == r.FullName)),
    ("accounts", "lpad(ErpExtId, 9, '*') eq '**C-10002' or rpad(ErpExtId, 8) eq 'C-10003 '",
     lambda r: r.ErpExtId in ("C-10002", "C-10003")),
    ("accounts", "ascii(AccountName) eq 83 and char(65) eq 'A'",
     lambda r: ord(r.AccountName[0]) == 83),
    ("products", "abs(-Price) eq Price and sign(-Price) eq -1",
     lambda r: has(r.Price, lambda v: v > 0)),
    ("products", "floor(Price) eq 20 or ceil(Price) eq 6",
     lambda r: has(r.Price, lambda v: math.floor(v) == 20 or math.ceil(v) == 6)),
    ("products", "trunc(Price) eq 5 or round(Price) gt 100",
     lambda r: has(r.Price, lambda v: math.trunc(v) == 5 or math.floor(v + 0.5) > 100)),
    ("products", "trunc(Price, 1) eq 5.2", lambda r: has(r.Price, lambda v: 5.2 <= v < 5.3)),
    ("products", "pow(Price, 2) gt 400", lambda r: has(r.Price, lambda v: v**2 > 400)),
]  # fmt: skip

WRONG: list[tuple[str, str]] = [
    ("AccountName", "a condition is expected, not text"),
    ("AccountName eq", "it ends where more is expected"),
    ("AccountName eq 'abc", "' at position 16 is not closed"),
    ("AccountName == 'a'", "unexpected character '=' at position 13"),
    ("eq 'a'", "unexpected ''a'' at position 4"),
    ("(AccountName eq 'a'", "it ends where more is expected"),
    ("AccountName eq 'a')", "unexpected ')' at position 19"),
    ("AccountName eq 'a' and", "it ends where more is expected"),
    ("AccountNam eq 'a'", "could not resolve property: AccountNam of: Account"),
    ("Address.Town eq 'a'", "could not resolve property: Town of: Address"),
    ("AccountName.Length eq 1", "Account.AccountName has no properties of its own"),
    ("Contacts.LastName eq 'a'", "Account.Contacts is a collection and has no single value"),
    ("Contacts eq 'a'", "Account.Contacts is a collection and has no single value"),
    ("foo(AccountName) eq 'a'", "function 'foo' does not exist"),
    ("left(AccountName) eq 'a'", "left takes 2 arguments, not 1"),
    ("left(Revenue, 1) eq 'a'", "left takes text as argument 1, not a number"),
    ("concat('a') eq 'a'", "concat takes 2 or more arguments, not 1"),
    ("lpad(AccountName, 999999999) eq 'a'", "the length to pad to is a whole number of 0 to 4000"),
    ("Revenue eq 'many'", "'eq' does not compare a number with text"),
    ("AccountName gt 5", "'gt' does not compare text with a number"),
    ("CreateDate gt 5", "'gt' does not compare a date with a number"),
    ("CreateDate gt 'yesterday'", "'gt' does not compare a date with text"),
    ("CreateDate gt @2026-02-30@", "@2026-02-30@ is no date"),
    ("CreateDate gt @2026-02-03", "@ at position 15 is not closed"),
    ("Revenue like '1%'", "'like' takes text, not a number"),
    ("AccountName like 5", "'like' takes text, not a number"),
    ("AccountName like Industry", "'like' takes a text in quotes behind it"),
    ("AccountName + 'x' eq 'y'", "'+' takes numbers, not text"),
    ("-AccountName eq 'y'", "'-' takes numbers, not text"),
    ("not AccountName eq 'y'", "not takes a condition, not text"),
    ("AccountName gt null", "'gt' does not compare with null"),
    ("Type in ('a', null)", "'in' does not take null"),
    ("Type in ()", "unexpected ')' at position 10"),
    ("Type between 'a' or 'b'", "unexpected 'or' at position 18"),
    ("Revenue between 1 and 'x'", "'between' does not compare a number with text"),
    ("(1 eq 1) eq (1 eq 1)", "'eq' takes values, not a condition"),
    ("Revenue eq 9999999999999999", "the number 9999999999999999 is too large"),
    ("trunc(Revenue, 99) eq 1", "trunc takes 0 to 9 decimals"),
    ("not " * 70 + "(1 eq 1)", "it is nested too deeply"),
    ("Type eq '" + "x" * 9000 + "'", "a condition may have 8000 characters"),
]


@pytest.fixture(scope="module")
def records(seeded: World) -> dict[str, list[Record]]:
    tables = {name.removeprefix("sdata_"): name for name in seeded.tables if "sdata_" in name}
    rows = {kind: seeded.table(name).find() for kind, name in tables.items()}
    others = {kind: {row["key"]: row for row in listed} for kind, listed in rows.items()}
    return {kind: [Record(row, others) for row in listed] for kind, listed in rows.items()}


def test_there_are_enough_conditions() -> None:
    assert len({where for _, where, _ in RIGHT}) + len({where for where, _ in WRONG}) >= 120
    assert len(RIGHT) >= 60


@pytest.mark.parametrize(("kind", "where", "holds"), RIGHT, ids=[each[1] for each in RIGHT])
def test_a_condition_finds_what_plain_python_finds(
    reader: httpx.Client,
    records: dict[str, list[Record]],
    kind: str,
    where: str,
    holds: Callable[[Any], bool],
) -> None:
    answer = reader.get(f"/{kind}", params={"where": where, "count": _COUNT, "select": "Id"})
    assert answer.status_code == 200, answer.text
    expected = [each.Id for each in records[kind] if holds(each)]
    assert [each["$key"] for each in answer.json()["$resources"]] == expected
    assert answer.json()["$totalResults"] == len(expected)
    counted = reader.get(f"/{kind}/$count", params={"where": where})
    assert counted.json() == {"$totalResults": len(expected)}


def test_most_conditions_tell_records_apart(records: dict[str, list[Record]]) -> None:
    """A condition that holds for all or none says little of the language."""
    telling = 0
    for kind, _, holds in RIGHT:
        found = sum(holds(each) for each in records[kind])
        telling += 0 < found < len(records[kind])
    assert telling >= 60


@pytest.mark.parametrize(("where", "message"), WRONG, ids=[each[0][:40] for each in WRONG])
def test_a_condition_that_is_wrong_is_refused_with_a_diagnosis(
    reader: httpx.Client, where: str, message: str
) -> None:
    answer = reader.get("/accounts", params={"where": where})
    assert answer.status_code == 400, answer.text
    (diagnosis,) = answer.json()
    assert diagnosis["severity"] == "Error"
    assert diagnosis["sdataCode"] == "BadWhereSyntax"
    assert message in diagnosis["message"]
