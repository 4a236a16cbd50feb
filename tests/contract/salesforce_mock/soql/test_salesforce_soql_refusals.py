"""SOQL that is wrong: each statement gets the platform's code, and the place where it has one."""

from __future__ import annotations

import pytest

M, F, T, Q = "MALFORMED_QUERY", "INVALID_FIELD", "INVALID_TYPE", "INVALID_QUERY_FILTER_OPERATOR"

# Statement, code, part of the message, line and column (or nothing).
WRONG = [
    ("", M, "unexpected token: '<EOF>'", (1, 1)),
    ("SELECT", M, "unexpected token: '<EOF>'", (1, 7)),
    ("SELECT Id", M, "unexpected token: '<EOF>'", (1, 10)),
    ("SELECT Id FROM", M, "unexpected token: '<EOF>'", (1, 15)),
    ("SELECT FROM Account", M, "unexpected token: 'FROM'", (1, 8)),
    ("SELECT * FROM Account", M, "unexpected token: '*'", (1, 8)),
    ("SELECT Id, FROM Account", M, "unexpected token", None),
    ("SELECT Id FROM Account WHERE", M, "unexpected token: '<EOF>'", (1, 29)),
    ("SELECT Id FROM Account WHERE Name", M, "unexpected token: '<EOF>'", (1, 34)),
    ("SELECT Id FROM Account WHERE Name =", M, "unexpected token: '<EOF>'", (1, 36)),
    ("SELECT Id FROM Account WHERE Name == 'x'", M, "unexpected token: '='", (1, 36)),
    ("SELECT Id FROM Account WHERE Name IS NULL", M, "unexpected token: 'IS'", (1, 35)),
    ("SELECT Id FROM Account WHERE Name = 'x", M, "expecting '''", (1, 37)),
    ("SELECT Id FROM Account WHERE Name = \"x\"", M, "no viable alternative", (1, 37)),
    ("SELECT Id FROM Account WHERE Name = :x", M, "Bind variables only allowed in Apex", (1, 37)),
    ("SELECT Id FROM Account WHERE Name = x", M, "unexpected token: 'x'", (1, 37)),
    ("SELECT Id FROM Account WHERE Name = '\\q'", M, "escape", None),
    ("SELECT Id FROM Account; DROP TABLE x", M, "no viable alternative", (1, 23)),
    ("SELECT Id FROM Account -- all", M, "no viable alternative", None),
    ("DELETE FROM Account", M, "unexpected token: 'DELETE'", (1, 1)),
    ("SELECT Id FROM Account WHERE Name = 'a' AND City = 'b' OR City = 'c'", M,
     "unexpected token: 'OR'", (1, 56)),
    ("SELECT Id FROM Account WHERE Name = 'a' OR City = 'b' AND City = 'c'", M,
     "unexpected token: 'AND'", (1, 55)),
    ("SELECT Id FROM Account WHERE (Name = 'a'", M, "unexpected token: '<EOF>'", None),
    ("SELECT Id FROM Account LIMIT x", M, "unexpected token: 'x'", (1, 30)),
    ("SELECT Id FROM Account LIMIT -1", M, "unexpected token: '-1'", (1, 30)),
    ("SELECT Id FROM Account LIMIT 1.5", M, "unexpected token: '1.5'", (1, 30)),
    ("SELECT Id FROM Account OFFSET 5 LIMIT 5", M, "unexpected token: 'LIMIT'", (1, 33)),
    ("SELECT Id FROM Account ORDER Name", M, "unexpected token: 'Name'", (1, 30)),
    ("SELECT Id\nFROM Account\nWHERE Foo = 1", F, "No such column 'Foo'", (3, 7)),
    ("SELECT Id, Foo FROM Account", F, "No such column 'Foo' on entity 'Account'", (1, 12)),
    ("SELECT Foo__c FROM Account", F, "be sure to append the '__c'", (1, 8)),
    ("SELECT Id FROM Account ORDER BY Foo", F, "No such column 'Foo'", (1, 33)),
    ("SELECT Id FROM Account WHERE Owner.Foo = 'x'", F, "'Foo' on entity 'User'", (1, 30)),
    ("SELECT Boss.Name FROM Account", F, "Didn't understand relationship 'Boss'", (1, 8)),
    ("SELECT Id FROM Account WHERE Contacts.LastName = 'x'", F, "relationship 'Contacts'", None),
    ("SELECT Id, Id FROM Account", F, "duplicate field selected: Id", None),
    ("SELECT Name, name FROM Account", F, "duplicate field selected: Name", None),
    ("SELECT Id, FIELDS(ALL) FROM Account LIMIT 9", F, "duplicate field selected: Id", None),
    ("SELECT Id FROM Foo", T, "sObject type 'Foo' is not supported", (1, 16)),
    ("SELECT Id FROM Accounts", T, "sObject type 'Accounts'", (1, 16)),
    ("SELECT Id, (SELECT Id FROM Contact) FROM Account", T, "relationship 'Contact'", (1, 28)),
    ("SELECT Id, (SELECT Foo FROM Contacts) FROM Account", F, "'Foo' on entity 'Contact'",
     (1, 20)),
    ("SELECT Id, (SELECT COUNT() FROM Contacts) FROM Account", M, "not supported in sub", None),
    ("SELECT Id, (SELECT Id FROM Contacts), (SELECT Id FROM Contacts) FROM Account", M,
     "duplicate", None),
    ("SELECT Id FROM Account WHERE Notes = 'x'", F, "'Notes' can not be filtered", None),
    ("SELECT Id FROM Account ORDER BY Notes", M, "'Notes' can not be sorted", None),
    ("SELECT Notes, COUNT(Id) FROM Account GROUP BY Notes", M, "can not be grouped", None),
    ("SELECT Id FROM Account WHERE Address = 'x'", F, "'Address' can not be filtered", None),
    ("SELECT Id FROM Account WHERE Name = 5", F, "should be enclosed in quotes", None),
    ("SELECT Id FROM Account WHERE Name = true", F, "must be of type string", None),
    ("SELECT Id FROM Account WHERE Employees = '5'", F,
     "'Employees' must be of type int and should not be enclosed in quotes", None),
    ("SELECT Id FROM Account WHERE Employees = true", F, "must be of type int", None),
    ("SELECT Id FROM Account WHERE Revenue > 'x'", F, "must be of type currency", None),
    ("SELECT Id FROM Account WHERE Active__c = 1", F, "must be of type boolean", None),
    ("SELECT Id FROM Account WHERE Active__c = 'true'", F, "must be of type boolean", None),
    ("SELECT Id FROM Account WHERE CreatedDate > '2026-01-01T00:00:00Z'", F,
     "must be of type dateTime and should not be enclosed in quotes", None),
    ("SELECT Id FROM Account WHERE CreatedDate > 2026-01-01", F, "of type dateTime", None),
    ("SELECT Id FROM Opportunity WHERE CloseDate = 2026-01-01T00:00:00Z", F, "of type date", None),
    ("SELECT Id FROM Opportunity WHERE CloseDate = 2026-02-30", M, "invalid date", None),
    ("SELECT Id FROM Opportunity WHERE CloseDate = SOMEDAY", M, "'SOMEDAY'", (1, 46)),
    ("SELECT Id FROM Opportunity WHERE CloseDate = LAST_N_DAYS", M, "'LAST_N_DAYS'", None),
    ("SELECT Id FROM Opportunity WHERE CloseDate = TODAY:5", M, "'TODAY:5'", None),
    ("SELECT Id FROM Opportunity WHERE CloseDate IN (TODAY)", M, "Date literals", None),
    ("SELECT Id FROM Account WHERE Id = 'x'", Q, "invalid ID field: x", None),
    ("SELECT Id FROM Account WHERE OwnerId IN ('nobody')", Q, "invalid ID field: nobody", None),
    ("SELECT Id FROM Account WHERE Id LIKE '001%'", Q, "invalid operator on id field", None),
    ("SELECT Id FROM Account WHERE Employees LIKE '5%'", Q, "invalid operator", None),
    ("SELECT Id FROM Account WHERE CreatedDate LIKE '2026%'", Q, "invalid operator", None),
    ("SELECT Id FROM Account WHERE Active__c > false", Q, "invalid operator", None),
    ("SELECT Id FROM Account WHERE Name INCLUDES ('a')", Q, "invalid operator", None),
    ("SELECT Id FROM Account WHERE Employees > null", Q, "invalid operator", None),
    ("SELECT Id FROM Account WHERE Name LIKE null", Q, "invalid operator", None),
    ("SELECT Id FROM Account WHERE Name IN ()", M, "unexpected token: ')'", (1, 39)),
    ("SELECT Id FROM Account WHERE COUNT(Id) > 5", M, "aggregate", None),
    ("SELECT Name n FROM Account", M, "only aggregate expressions use field aliasing", None),
    ("SELECT Name, COUNT(Id) FROM Account", M, "must be grouped or aggregated: Name", None),
    ("SELECT Name, City FROM Account GROUP BY Name", M, "aggregated: City", None),
    ("SELECT COUNT(), Id FROM Account", M, "COUNT() must be the only element", None),
    ("SELECT COUNT() FROM Account GROUP BY Name", M, "COUNT()", None),
    ("SELECT COUNT() n FROM Account", M, "COUNT()", None),
    ("SELECT COUNT() FROM Account ORDER BY Name", M, "COUNT()", None),
    ("SELECT COUNT(Id), (SELECT Id FROM Contacts) FROM Account", M, "child relationships", None),
    ("SELECT SUM(Name) FROM Account", M, "does not support aggregate operator SUM", None),
    ("SELECT AVG(CreatedDate) FROM Account", M, "aggregate operator AVG", None),
    ("SELECT SUM() FROM Account", M, "takes one field", None),
    ("SELECT MEDIAN(Revenue) FROM Account", M, "unexpected token: 'MEDIAN'", (1, 8)),
    ("SELECT CALENDAR_YEAR(CreatedDate) FROM Account", M, "grouped or aggregated", None),
    ("SELECT CALENDAR_YEAR(Name), COUNT(Id) FROM Account GROUP BY CALENDAR_YEAR(Name)", M,
     "does not support the CALENDAR_YEAR", None),
    ("SELECT City, City, COUNT(Id) FROM Account GROUP BY City", M, "duplicate alias", None),
    ("SELECT Owner.Name, Parent.Name FROM Account GROUP BY Owner.Name, Parent.Name", M,
     "duplicate alias: Name", None),
    ("SELECT City FROM Account GROUP BY City ORDER BY Name", M, "Ordered field", None),
    ("SELECT City FROM Account GROUP BY ROLLUP(City)", M, "unexpected token: 'ROLLUP'", (1, 35)),
    ("SELECT City FROM Account GROUP BY CUBE(City)", M, "unexpected token: 'CUBE'", None),
    ("SELECT Id FROM Account HAVING COUNT(Id) > 1", M, "unexpected token: 'HAVING'", (1, 24)),
    ("SELECT FIELDS(ALL) FROM Account", M, "must have a LIMIT of at most 200", None),
    ("SELECT FIELDS(CUSTOM) FROM Account LIMIT 201", M, "LIMIT of at most 200", None),
    ("SELECT FIELDS(SOME) FROM Account LIMIT 1", M, "FIELDS", None),
    ("SELECT TYPEOF Owner WHEN User THEN Name END FROM Account", M, "TYPEOF", (1, 8)),
    ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE",
     "Maximum SOQL offset allowed is 2000", None),
    ("SELECT Id FROM Account FOR UPDATE", M, "unexpected token: 'FOR'", None),
    ("SELECT Id FROM Account ALL ROWS", M, "ALL ROWS not allowed", None),
    ("SELECT Id FROM Account WITH SECURITY_ENFORCED", M, "unexpected token: 'WITH'", None),
    ("SELECT Id FROM Account USING SCOPE mine_and_yours", M, "scope", None),
    ("SELECT Id FROM User USING SCOPE mine", M, "scope 'mine'", None),
    ("SELECT Id FROM Account WHERE Id IN (SELECT Id FROM Contact)", M, "same object type", None),
    ("SELECT Id FROM Account WHERE Id IN (SELECT LastName FROM Contact)", M, "id or a ref", None),
    ("SELECT Id FROM Account WHERE Name IN (SELECT AccountId FROM Contact)", M, "outer", None),
    ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId, Id FROM Contact)", M, "single", None),
    ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact LIMIT 1)", M, "LIMIT",
     None),
    ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Nobody)", T, "'Nobody'", (1, 59)),
    ("SELECT Id FROM Account WHERE City = 'x' OR Id IN (SELECT AccountId FROM Contact)", M,
     "not allowed with the 'OR' operator", None),
    ("SELECT Id FROM Account WHERE City = 'x' AND (City = 'y' OR Id IN "
     "(SELECT AccountId FROM Contact))", M, "only allowed at the top level", None),
    ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE AccountId IN "
     "(SELECT AccountId FROM Opportunity))", M, "Nesting of semi join", None),
    ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) AND Id IN (SELECT "
     "AccountId FROM Opportunity) AND Id NOT IN (SELECT ParentId FROM Account)", M,
     "more than 2 semi join", None),
    ("SELECT Account.Parent.Parent.Parent.Parent.Parent.Name FROM Contact", M, "5 levels", None),
    ("SELECT Id FROM Account WHERE Employees = 99999999999999999999", M, "input string", None),
    ("SELECT a.Id FROM Account a, a.Owner a", M, "duplicate alias", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("soql", "code", "part", "place"), WRONG, ids=[each[0] or "nothing" for each in WRONG]
)
def test_a_wrong_statement_is_refused_as_the_platform_does(org, soql, code, part, place):
    refused = org.refusal(soql)
    assert (refused.code, part in refused.message) == (code, True), refused.message
    if place is not None:
        assert (refused.place.line, refused.place.column) == place
        assert f"ERROR at Row:{place[0]}:Column:{place[1]}" in refused.shown(soql)


def test_the_message_shows_the_line_with_a_caret_below_the_word(org):
    soql = "SELECT Id, Foo FROM Account"
    shown = org.refusal(soql).shown(soql)
    assert shown.startswith(
        "\nSELECT Id, Foo FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column"
    )


def test_of_a_long_line_only_the_surroundings_are_shown(org):
    soql = f"SELECT {', '.join(f'Id{n}' for n in range(200))} FROM Account"
    line, caret = org.refusal(soql).shown(soql).split("\n")[1:3]
    assert len(line) < 100
    assert line[caret.index("^") :].startswith("Id0")


def test_limits_of_the_platform_are_kept(org):
    assert org.refusal("SELECT Id FROM Account WHERE Name = '" + "x" * 100_000 + "'").code == M
    names = ", ".join(f"(SELECT Id FROM Contacts{n})" for n in range(21))
    assert "sub-queries" in org.refusal(f"SELECT Id, {names} FROM Account").message
    deep = "(" * 3000 + "Name = 'x'" + ")" * 3000
    assert org.ids(f"SELECT Id FROM Account WHERE {deep}") == []
    nested = "(NOT " * 1500 + "Name = 'x'" + ")" * 1500
    assert "too deeply" in org.refusal(f"SELECT Id FROM Account WHERE {nested}").message


def test_no_more_groups_than_a_page_has_are_given(org):
    answer = org.ask("SELECT Id, COUNT(Name) FROM Account GROUP BY Id LIMIT 2000")
    assert answer.total == 60


def test_numbers_out_of_range_and_halves_of_letters_are_refused(org):
    assert "out of range" in org.refusal("SELECT COUNT() FROM Account LIMIT 2147483648").message
    assert org.refusal("SELECT Id FROM Account WHERE Name = '\\ud912'").code == M
    assert org.refusal("SELECT Id FROM Account LIMIT ٣").code == M


def test_thousands_of_conditions_and_values_are_taken(org):
    many = " OR ".join(f"Employees = {n}" for n in range(5000))
    found = org.ids(f"SELECT Id FROM Account WHERE {many}")
    assert sorted(found) == sorted(org.ids("SELECT Id FROM Account WHERE Employees != null"))
    listed = ",".join(str(n) for n in range(15_000))
    assert sorted(org.ids(f"SELECT Id FROM Account WHERE Employees IN ({listed})")) == sorted(found)
    names = ",".join(f"'{n}'" for n in range(9000))
    assert org.ids(f"SELECT Id FROM Account WHERE Name IN ('ACME',{names})") == org.ids(
        "SELECT Id FROM Account WHERE Name = 'Acme'"
    )
