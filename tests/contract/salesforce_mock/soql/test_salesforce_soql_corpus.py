"""SOQL statements beside the same question put to plain Python objects, which must agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

import pytest

DAY = date(2026, 11, 21)


def low(text):
    return None if text is None else text.casefold()


def when(text):
    return None if text is None else datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").date()


def day(text):
    return date.fromisoformat(text)


def starts(text, beginning):
    return text is not None and text.casefold().startswith(beginning)


def has(text, part):
    return text is not None and part in text.casefold()


def chosen(value, *members):
    return value is not None and set(members) <= set(value.split(";"))


def between(value, first, last):
    return value is not None and first <= value <= last


def ago(days):
    return DAY - timedelta(days=days)


# Object, condition in SOQL, condition in Python.
CONDITIONS = [
    ("Account", "Name = 'Acme'", lambda a: low(a.Name) == "acme"),
    ("Account", "name = 'ACME'", lambda a: low(a.Name) == "acme"),
    ("account", "NAME='acme tools'", lambda a: low(a.Name) == "acme tools"),
    ("Account", "Name = 'müller gmbh'", lambda a: low(a.Name) == "müller gmbh"),
    ("Account", "Name = 'O\\'Brien'", lambda a: a.Name == "O'Brien"),
    ("Account", "Name = 'Say \\\"Hi\\\"'", lambda a: a.Name == 'Say "Hi"'),
    ("Account", "Name = 'back\\\\slash'", lambda a: a.Name == "back\\slash"),
    ("Account", "Name = '\\u65e5本電気'", lambda a: a.Name == "日本電気"),
    ("Account", "Name = 'trailing '", lambda a: a.Name == "trailing "),
    ("Account", "Name != 'Acme'", lambda a: low(a.Name) != "acme"),
    ("Account", "Name <> 'Acme'", lambda a: low(a.Name) != "acme"),
    ("Account", "Name > 'm'", lambda a: low(a.Name) > "m"),
    ("Account", "Name >= 'ACME'", lambda a: low(a.Name) >= "acme"),
    ("Account", "Name < 'b'", lambda a: low(a.Name) < "b"),
    ("Account", "Name <= 'acme'", lambda a: low(a.Name) <= "acme"),
    ("Account", "Name LIKE 'Ac%'", lambda a: starts(a.Name, "ac")),
    ("Account", "Name LIKE 'ac%'", lambda a: starts(a.Name, "ac")),
    ("Account", "Name LIKE 'a_'", lambda a: len(a.Name) == 2 and starts(a.Name, "a")),
    ("Account", "Name LIKE 'A'", lambda a: low(a.Name) == "a"),
    ("Account", "Name LIKE '%'", lambda a: a.Name is not None),
    ("Account", "City LIKE '%'", lambda a: a.City is not None),
    ("Account", "Name LIKE '%mills'", lambda a: low(a.Name).endswith("mills")),
    ("Account", "Name LIKE '%MILL%'", lambda a: has(a.Name, "mill")),
    ("Account", "Name LIKE 'm%kg'", lambda a: starts(a.Name, "m") and low(a.Name).endswith("kg")),
    ("Account", "Name LIKE '50\\%%'", lambda a: starts(a.Name, "50%")),
    ("Account", "Name LIKE 'under\\_%'", lambda a: starts(a.Name, "under_")),
    (
        "Account",
        "Name LIKE 'under_score%'",
        lambda a: starts(a.Name, "under") and low(a.Name)[6:].startswith("score"),
    ),
    ("Account", "Name LIKE 'back\\\\%'", lambda a: starts(a.Name, "back\\")),
    ("Account", "Name LIKE '日%'", lambda a: a.Name.startswith("日")),
    ("Account", "Name LIKE 'É%'", lambda a: starts(a.Name, "é")),
    ("Account", "(NOT Name LIKE 'a%')", lambda a: not starts(a.Name, "a")),
    ("Account", "NOT City LIKE 'l%'", lambda a: not starts(a.City, "l")),
    ("Account", "City = null", lambda a: a.City is None),
    ("Account", "City = ''", lambda a: a.City is None),
    ("Account", "City != null", lambda a: a.City is not None),
    ("Account", "City != 'Leeds'", lambda a: a.City != "Leeds"),
    ("Account", "(NOT City = 'Leeds')", lambda a: a.City != "Leeds"),
    ("Account", "City IN ('leeds', 'Rome')", lambda a: a.City == "Leeds"),
    ("Account", "City NOT IN ('Leeds')", lambda a: a.City != "Leeds"),
    ("Account", "City IN ('Leeds', null)", lambda a: a.City in ("Leeds", None)),
    ("Account", "City NOT IN ('Leeds', null)", lambda a: a.City not in ("Leeds", None)),
    ("Account", "Industry IN ('Energy','Retail')", lambda a: a.Industry in ("Energy", "Retail")),
    ("Account", "Industry > 'c'", lambda a: a.Industry is not None and low(a.Industry) > "c"),
    ("Account", "Employees = 13", lambda a: a.Employees == 13),
    ("Account", "Employees > 40", lambda a: a.Employees is not None and a.Employees > 40),
    ("Account", "Employees < 40", lambda a: a.Employees is not None and a.Employees < 40),
    ("Account", "Employees >= 39.0", lambda a: a.Employees is not None and a.Employees >= 39),
    ("Account", "Employees != 13", lambda a: a.Employees != 13),
    ("Account", "NOT Employees > 40", lambda a: not (a.Employees or 0) > 40),
    ("Account", "Employees IN (13, 26, 39)", lambda a: a.Employees in (13, 26, 39)),
    ("Account", "Employees NOT IN (13, 26)", lambda a: a.Employees not in (13, 26)),
    ("Account", "Employees = -5", lambda a: False),
    ("Account", "Revenue > 1234.56", lambda a: a.Revenue is not None and a.Revenue > 1234.56),
    ("Account", "Revenue = 1234.56", lambda a: a.Revenue == 1234.56),
    ("Account", "Revenue <= +2e4", lambda a: a.Revenue is not None and a.Revenue <= 20000),
    ("Account", "Active__c = true", lambda a: a.Active__c),
    ("Account", "ACTIVE__C = False", lambda a: not a.Active__c),
    ("Account", "Active__c != TRUE", lambda a: not a.Active__c),
    ("Account", "Interests = 'red;blue'", lambda a: a.Interests == "Red;Blue"),
    ("Account", "Interests INCLUDES ('Red')", lambda a: chosen(a.Interests, "Red")),
    (
        "Account",
        "Interests INCLUDES ('Red;Blue','Green')",
        lambda a: chosen(a.Interests, "Red", "Blue") or chosen(a.Interests, "Green"),
    ),
    ("Account", "Interests EXCLUDES ('Red')", lambda a: not chosen(a.Interests, "Red")),
    ("Account", "Id = '001000000000000003'", lambda a: a.Id.endswith("0003")),
    (
        "Account",
        "Id IN ('001000000000000003','001000000000000004')",
        lambda a: a.Id[-4:] in ("0003", "0004"),
    ),
    ("Account", "Id > '001000000000000050'", lambda a: a.Id > "001000000000000050"),
    ("Account", "ParentId = null", lambda a: a.ParentId is None),
    ("Account", "ParentId != null", lambda a: a.ParentId is not None),
    ("Account", "Parent.Name = 'Acme'", lambda a: low(a.Parent.Name) == "acme"),
    ("Account", "Parent.Name != 'Acme'", lambda a: low(a.Parent.Name) != "acme"),
    ("Account", "Parent.Name = null", lambda a: a.Parent.Name is None),
    ("Account", "Parent.Owner.Name LIKE 'k%'", lambda a: starts(a.Parent.Owner.Name, "k")),
    (
        "Account",
        "Owner.Name = 'kim hale' AND Industry = 'Energy'",
        lambda a: a.Owner.Name == "Kim Hale" and a.Industry == "Energy",
    ),
    ("Account", "Owner.IsActive = false", lambda a: a.Owner.IsActive is False),
    ("Account", "Account.Name LIKE 'b%'", lambda a: starts(a.Name, "b")),
    (
        "Account",
        "Industry = 'Energy' OR City = 'York'",
        lambda a: a.Industry == "Energy" or a.City == "York",
    ),
    (
        "Account",
        "Industry = 'Energy' AND (City = 'York' OR City = null) AND Employees > 5",
        lambda a: a.Industry == "Energy" and a.City in ("York", None) and (a.Employees or 0) > 5,
    ),
    (
        "Account",
        "(NOT (Industry = 'Energy' AND City = 'York'))",
        lambda a: not (a.Industry == "Energy" and a.City == "York"),
    ),
    (
        "Account",
        "(NOT (Industry = 'Energy' OR City != 'York'))",
        lambda a: not (a.Industry == "Energy" or a.City != "York"),
    ),
    ("Account", "((((Name = 'Zeta'))))", lambda a: a.Name == "Zeta"),
    (
        "Account",
        "CreatedDate > 2026-10-01T00:00:00Z",
        lambda a: when(a.CreatedDate) >= date(2026, 10, 1),
    ),
    (
        "Account",
        "CreatedDate >= 2026-10-01T02:00:00+02:00 AND CreatedDate < 2026-11-01T00:00:00.000+0000",
        lambda a: between(when(a.CreatedDate), date(2026, 10, 1), date(2026, 10, 31)),
    ),
    ("Account", "CreatedDate = TODAY", lambda a: when(a.CreatedDate) == DAY),
    ("Account", "CreatedDate = today", lambda a: when(a.CreatedDate) == DAY),
    ("Account", "CreatedDate < TODAY", lambda a: when(a.CreatedDate) < DAY),
    ("Account", "CreatedDate != TODAY", lambda a: when(a.CreatedDate) != DAY),
    ("Account", "CreatedDate > LAST_YEAR", lambda a: when(a.CreatedDate).year > 2025),
    ("Account", "CreatedDate = LAST_YEAR", lambda a: when(a.CreatedDate).year == 2025),
    ("Account", "CreatedDate <= LAST_MONTH", lambda a: when(a.CreatedDate) < date(2026, 11, 1)),
    ("Account", "CreatedDate = THIS_WEEK", lambda a: between(when(a.CreatedDate), ago(6), DAY)),
    (
        "Account",
        "CreatedDate = LAST_N_DAYS:30",
        lambda a: between(when(a.CreatedDate), ago(30), DAY),
    ),
    ("Account", "CreatedDate = N_DAYS_AGO:11", lambda a: when(a.CreatedDate) == ago(11)),
    ("Account", "DAY_ONLY(CreatedDate) = 2026-11-09", lambda a: when(a.CreatedDate) == ago(12)),
    ("Account", "CALENDAR_YEAR(CreatedDate) = 2025", lambda a: when(a.CreatedDate).year == 2025),
    (
        "Account",
        "HOUR_IN_DAY(CreatedDate) < 3",
        lambda a: int(a.CreatedDate[11:13]) < 3,
    ),
    (
        "Account",
        "Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Ode')",
        lambda a: a.contacts("Ode"),
    ),
    (
        "Account",
        "Id NOT IN (SELECT AccountId FROM Contact WHERE LastName = 'Ode')",
        lambda a: not a.contacts("Ode"),
    ),
    ("Account", "Id IN (SELECT AccountId FROM Contact)", lambda a: a.contacts()),
    ("Account", "Id NOT IN (SELECT AccountId FROM Contact)", lambda a: not a.contacts()),
    (
        "Account",
        "Id IN (SELECT AccountId FROM Contact WHERE Email != null)"
        " AND Id NOT IN (SELECT AccountId FROM Opportunity WHERE StageName = 'Closed Won')",
        lambda a: a.mailed() and not a.won(),
    ),
    (
        "Account",
        "Id IN (SELECT ParentId FROM Account WHERE Owner.Name = 'Kim Hale')",
        lambda a: a.children("Kim Hale"),
    ),
    ("Contact", "Account.Name = 'Acme'", lambda c: low(c.Account.Name) == "acme"),
    ("Contact", "Account.Name LIKE 'Ac%'", lambda c: starts(c.Account.Name, "ac")),
    ("Contact", "account.parent.name != null", lambda c: c.Account.Parent.Name is not None),
    ("Contact", "Account.Owner.Name = 'Lee Moss'", lambda c: c.Account.Owner.Name == "Lee Moss"),
    (
        "Contact",
        "AccountId = null OR Account.Industry = 'Banking'",
        lambda c: c.AccountId is None or c.Account.Industry == "Banking",
    ),
    ("Contact", "(NOT Account.Name LIKE 'a%')", lambda c: not starts(c.Account.Name, "a")),
    ("Contact", "Contact.Account.City IN ('York')", lambda c: c.Account.City == "York"),
    ("Contact", "LastName = 'BERG' AND Email = null", lambda c: (
        low(c.LastName) == "berg" and c.Email is None
    )),
    (
        "Contact",
        "AccountId IN (SELECT AccountId FROM Opportunity WHERE Amount > 5000)",
        lambda c: c.Account.rich(),
    ),
    ("Contact", "Email LIKE 'p1_@example.com'", lambda c: (
        c.Email is not None and c.Email.startswith("p1") and len(c.Email) == len("p10@example.com")
    )),
    ("Opportunity", "CloseDate = 2026-11-21", lambda o: day(o.CloseDate) == DAY),
    ("Opportunity", "CloseDate > 2026-11-21", lambda o: day(o.CloseDate) > DAY),
    ("Opportunity", "CloseDate = TOMORROW", lambda o: day(o.CloseDate) == ago(-1)),
    ("Opportunity", "CloseDate = YESTERDAY", lambda o: day(o.CloseDate) == ago(1)),
    ("Opportunity", "CloseDate = LAST_WEEK", lambda o: between(day(o.CloseDate), ago(13), ago(7))),
    (
        "Opportunity",
        "CloseDate = NEXT_WEEK",
        lambda o: between(day(o.CloseDate), ago(-1), ago(-7)),
    ),
    (
        "Opportunity",
        "CloseDate = THIS_MONTH",
        lambda o: (day(o.CloseDate).year, day(o.CloseDate).month) == (2026, 11),
    ),
    (
        "Opportunity",
        "CloseDate = NEXT_MONTH",
        lambda o: (day(o.CloseDate).year, day(o.CloseDate).month) == (2026, 12),
    ),
    (
        "Opportunity",
        "CloseDate = THIS_QUARTER",
        lambda o: between(day(o.CloseDate), date(2026, 10, 1), date(2026, 12, 31)),
    ),
    (
        "Opportunity",
        "CloseDate = LAST_FISCAL_QUARTER",
        lambda o: between(day(o.CloseDate), date(2026, 7, 1), date(2026, 9, 30)),
    ),
    (
        "Opportunity",
        "CloseDate = NEXT_N_QUARTERS:1",
        lambda o: between(day(o.CloseDate), date(2027, 1, 1), date(2027, 3, 31)),
    ),
    (
        "Opportunity",
        "CloseDate = LAST_N_MONTHS:2",
        lambda o: between(day(o.CloseDate), date(2026, 9, 1), date(2026, 10, 31)),
    ),
    (
        "Opportunity",
        "CloseDate = N_MONTHS_AGO:2",
        lambda o: between(day(o.CloseDate), date(2026, 9, 1), date(2026, 9, 30)),
    ),
    (
        "Opportunity",
        "CloseDate = LAST_N_WEEKS:2",
        lambda o: between(day(o.CloseDate), ago(20), ago(7)),
    ),
    (
        "Opportunity",
        "CloseDate = NEXT_90_DAYS",
        lambda o: between(day(o.CloseDate), ago(-1), ago(-90)),
    ),
    ("Opportunity", "CloseDate = LAST_90_DAYS", lambda o: between(day(o.CloseDate), ago(90), DAY)),
    (
        "Opportunity",
        "CloseDate = NEXT_N_DAYS:8",
        lambda o: between(day(o.CloseDate), ago(-1), ago(-8)),
    ),
    ("Opportunity", "CloseDate = THIS_FISCAL_YEAR", lambda o: day(o.CloseDate).year == 2026),
    ("Opportunity", "CloseDate >= NEXT_YEAR", lambda o: day(o.CloseDate).year >= 2027),
    ("Opportunity", "CloseDate > THIS_MONTH", lambda o: day(o.CloseDate) >= date(2026, 12, 1)),
    ("Opportunity", "CloseDate < THIS_MONTH", lambda o: day(o.CloseDate) < date(2026, 11, 1)),
    ("Opportunity", "CALENDAR_QUARTER(CloseDate) = 2", lambda o: 4 <= day(o.CloseDate).month <= 6),
    ("Opportunity", "CALENDAR_MONTH(CloseDate) IN (1, 2)", lambda o: day(o.CloseDate).month < 3),
    ("Opportunity", "DAY_IN_WEEK(CloseDate) = 1", lambda o: day(o.CloseDate).weekday() == 6),
    ("Opportunity", "DAY_IN_MONTH(CloseDate) < 4", lambda o: day(o.CloseDate).day < 4),
    (
        "Opportunity",
        "Amount > 100 AND Amount < 5000.5 AND StageName != 'Closed Lost'",
        lambda o: between(o.Amount, 100.01, 5000.49) and o.StageName != "Closed Lost",
    ),
    (
        "Opportunity",
        "Account.Name LIKE 'Ac%' AND CloseDate = THIS_YEAR AND Amount != null",
        lambda o: (
            starts(o.Account.Name, "ac")
            and day(o.CloseDate).year == 2026
            and o.Amount is not None
        ),
    ),
    (
        "OpportunityLineItem",
        "Opportunity.Account.Owner.Name = 'Lee Moss'",
        lambda x: x.Opportunity.Account.Owner.Name == "Lee Moss",
    ),
    (
        "OpportunityLineItem",
        "Code = 'brg-1003' AND Quantity >= 2",
        lambda x: x.Code == "BRG-1003" and x.Quantity >= 2,
    ),
    (
        "OpportunityLineItem",
        "OpportunityId IN (SELECT Id FROM Opportunity WHERE StageName LIKE 'Closed%')",
        lambda x: starts(x.Opportunity.StageName, "closed"),
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def objects(org):
    """The plain objects, with what semi-joins ask for worked out by walking over them."""
    made = org.objects
    for account in made.Account:
        mine = [c for c in made.Contact if c.AccountId == account.Id]
        deals = [o for o in made.Opportunity if o.AccountId == account.Id]
        below = [a for a in made.Account if a.ParentId == account.Id]
        account.contacts = lambda name=None, mine=mine: [
            c for c in mine if name in (None, c.LastName)
        ]
        account.mailed = lambda mine=mine: [c for c in mine if c.Email]
        account.won = lambda deals=deals: [o for o in deals if o.StageName == "Closed Won"]
        account.rich = lambda deals=deals: [o for o in deals if (o.Amount or 0) > 5000]
        account.children = lambda owner, below=below: [a for a in below if a.Owner.Name == owner]
    for contact in made.Contact:
        if contact.AccountId is None:
            contact.Account = type(
                "Nobody",
                (),
                {
                    "__getattr__": lambda self, name: self if name in ("Parent", "Owner") else None,
                    "rich": lambda self: [],
                },
            )()
    return made


@pytest.mark.parametrize(
    ("entity", "soql", "holds"), CONDITIONS, ids=[f"{each[0]}: {each[1]}" for each in CONDITIONS]
)
def test_a_condition_finds_what_plain_python_finds(org, objects, entity, soql, holds):
    name = next(each for each in org.rows if each.lower() == entity.lower())
    expected = [each.Id for each in getattr(objects, name) if holds(each)]
    assert sorted(org.ids(f"SELECT Id FROM {entity} WHERE {soql}")) == sorted(expected)
    assert org.ask(f"SELECT COUNT() FROM {entity} WHERE {soql}").total == len(expected)


def test_most_conditions_find_some_records_and_not_all_of_them(org, objects):
    tally = Counter()
    for entity, _, holds in CONDITIONS:
        rows = getattr(objects, entity[0].upper() + entity[1:])
        found = sum(bool(holds(each)) for each in rows)
        tally["some" if 0 < found < len(rows) else "none or all"] += 1
    assert tally["none or all"] < 15


def nulls_first(value):
    return (value is not None, value or 0)


def test_names_are_sorted_without_case_and_nulls_come_first(org, objects):
    found = org.records("SELECT City, Name FROM Account ORDER BY City, Name")
    expected = sorted(
        objects.Account, key=lambda a: (a.City is not None, low(a.City or ""), low(a.Name))
    )
    assert [(r["City"], r["Name"]) for r in found] == [(a.City, a.Name) for a in expected]


@pytest.mark.parametrize("words", ["DESC", "DESC NULLS FIRST", "desc nulls last", "NULLS LAST"])
def test_nulls_come_where_they_are_asked_for(org, objects, words):
    found = org.records(f"SELECT Employees FROM Account ORDER BY Employees {words}")
    values = [a.Employees for a in objects.Account]
    empty = [v for v in values if v is None]
    rest = sorted((v for v in values if v is not None), reverse="desc" in words.lower())
    expected = rest + empty if "last" in words.lower() else empty + rest
    assert [r["Employees"] for r in found] == expected


def test_one_sorts_by_a_field_of_a_parent(org, objects):
    found = org.ids("SELECT Id FROM Contact WHERE AccountId != null ORDER BY Account.Name DESC, Id")
    expected = sorted((c for c in objects.Contact if c.AccountId), key=lambda c: c.Id)
    expected.sort(key=lambda c: low(c.Account.Name), reverse=True)
    assert found == [c.Id for c in expected]


def test_limit_and_offset_cut_what_is_sorted(org, objects):
    found = org.ids("SELECT Id FROM Account ORDER BY Name DESC LIMIT 7 OFFSET 5")
    expected = sorted(objects.Account, key=lambda a: low(a.Name), reverse=True)[5:12]
    assert found == [a.Id for a in expected]
    assert org.ids("SELECT Id FROM Account LIMIT 0") == []
    assert len(org.ids("SELECT Id FROM Account OFFSET 50")) == 10
    assert org.ask("SELECT COUNT() FROM Account LIMIT 7").total == 7


def test_a_record_nests_its_parents_and_says_where_it_lives(org, objects):
    (found,) = org.records(
        "SELECT Name, Parent.Name, Owner.Id, Parent.Owner.Name, Address FROM Account "
        "WHERE ParentId != null ORDER BY Id LIMIT 1"
    )
    account = min((a for a in objects.Account if a.ParentId), key=lambda a: a.Id)
    assert found == {
        "attributes": {"type": "Account", "url": account.Id},
        "Name": account.Name,
        "Address": {"city": account.City, "street": account.Street},
        "Owner": {"attributes": {"type": "User", "url": account.OwnerId}, "Id": account.OwnerId},
        "Parent": {
            "attributes": {"type": "Account", "url": account.ParentId},
            "Name": account.Parent.Name,
            "Owner": {
                "attributes": {"type": "User", "url": account.Parent.OwnerId},
                "Name": account.Parent.Owner.Name,
            },
        },
    }


def test_a_parent_that_there_is_not_is_null(org):
    (found, *_) = org.records("SELECT Id, Account.Owner.Name FROM Contact WHERE AccountId = null")
    assert found["Account"] is None


def test_children_come_within_their_parent_with_their_own_condition_order_and_limit(org, objects):
    found = org.records(
        "SELECT Id, (SELECT Id, StageName FROM Opportunities WHERE Amount > 1000 "
        "ORDER BY Amount DESC LIMIT 2), (SELECT LastName FROM Contacts) FROM Account"
    )
    assert len(found) == 60
    for record in found:
        deals = sorted(
            (o for o in objects.Opportunity
             if o.AccountId == record["Id"] and (o.Amount or 0) > 1000),
            key=lambda o: -o.Amount,
        )[:2]  # fmt: skip
        people = [c.LastName for c in objects.Contact if c.AccountId == record["Id"]]
        listed = record["Opportunities"]
        assert [r["Id"] for r in (listed or {"records": []})["records"]] == [o.Id for o in deals]
        assert (listed is None) == (not deals)
        if people:
            assert record["Contacts"]["totalSize"] == len(people)
            assert sorted(r["LastName"] for r in record["Contacts"]["records"]) == sorted(people)


def test_children_of_children_and_parents_of_children_are_found(org, objects):
    found = org.records(
        "SELECT Id, (SELECT Id, Account.Name, (SELECT Code FROM OpportunityLineItems ORDER BY Code)"
        " FROM Opportunities ORDER BY Id) FROM Account WHERE Name = 'Acme Tools'"
    )
    (deals,) = [r["Opportunities"]["records"] for r in found]
    for deal in deals:
        codes = sorted(x.Code for x in objects.OpportunityLineItem if x.OpportunityId == deal["Id"])
        assert [r["Code"] for r in deal["OpportunityLineItems"]["records"]] == codes
        assert deal["Account"]["Name"] == "ACME Tools"


def test_children_limit_with_offset(org, objects):
    found = org.records(
        "SELECT Id, (SELECT Id FROM Opportunities ORDER BY Id LIMIT 1 OFFSET 1) FROM Account"
    )
    for record in found:
        deals = sorted(o.Id for o in objects.Opportunity if o.AccountId == record["Id"])[1:2]
        listed = record["Opportunities"] or {"records": []}
        assert [r["Id"] for r in listed["records"]] == deals


def group(rows, key):
    made = defaultdict(list)
    for each in rows:
        made[key(each)].append(each)
    return made


def test_groups_have_their_sums_counts_and_extremes(org, objects):
    found = org.records(
        "SELECT StageName, COUNT(Id) n, COUNT(Amount), SUM(Amount) total, MIN(CloseDate), "
        "MAX(Name) FROM Opportunity GROUP BY StageName ORDER BY StageName"
    )
    expected = []
    for stage, deals in sorted(group(objects.Opportunity, lambda o: o.StageName).items()):
        amounts = [o.Amount for o in deals if o.Amount is not None]
        expected.append(
            {
                "attributes": {"type": "AggregateResult"},
                "StageName": stage,
                "n": len(deals),
                "expr0": len(amounts),
                "total": round(sum(amounts), 2),
                "expr1": min(o.CloseDate for o in deals),
                "expr2": max(o.Name for o in deals),
            }
        )
    assert found == expected


def test_groups_are_kept_by_having_and_sorted_by_their_sums(org, objects):
    found = org.records(
        "SELECT AccountId FROM Opportunity GROUP BY AccountId "
        "HAVING COUNT(Id) > 2 AND SUM(Amount) > 100 ORDER BY SUM(Amount) DESC LIMIT 4"
    )
    sums = {
        key: sum(o.Amount or 0 for o in deals)
        for key, deals in group(objects.Opportunity, lambda o: o.AccountId).items()
        if len(deals) > 2
    }
    expected = sorted((k for k, v in sums.items() if v > 100), key=lambda k: -sums[k])[:4]
    assert [r["AccountId"] for r in found] == expected


def test_one_groups_by_a_field_of_a_parent_and_by_parts_of_dates(org, objects):
    found = org.records(
        "SELECT Account.Industry, CALENDAR_YEAR(CloseDate) y, AVG(Amount) a FROM Opportunity "
        "GROUP BY Account.Industry, CALENDAR_YEAR(CloseDate)"
    )
    expected = {
        key: [o.Amount for o in deals if o.Amount is not None]
        for key, deals in group(
            objects.Opportunity, lambda o: (o.Account.Industry, day(o.CloseDate).year)
        ).items()
    }
    assert {(r["Industry"], r["y"]) for r in found} == set(expected)
    for record in found:
        amounts = expected[record["Industry"], record["y"]]
        assert record["a"] == pytest.approx(sum(amounts) / len(amounts))


def test_an_aggregate_without_groups_is_one_record(org, objects):
    (found,) = org.records("SELECT COUNT(Id), COUNT_DISTINCT(LastName), MAX(Email) FROM Contact")
    people = objects.Contact
    assert (found["expr0"], found["expr1"]) == (80, len({c.LastName for c in people}))
    assert found["expr2"] == max(c.Email for c in people if c.Email)
    (empty,) = org.records("SELECT SUM(Amount), COUNT(Id) FROM Opportunity WHERE Id = null")
    assert (empty["expr0"], empty["expr1"]) == (None, 0)


def test_fields_stands_for_all_of_them(org, objects):
    (found,) = org.records("SELECT FIELDS(ALL) FROM Account WHERE Name = 'Zeta' LIMIT 200")
    assert {"Id", "Name", "Active__c", "Notes", "Address"} < set(found)
    (found,) = org.records("SELECT fields(custom) FROM Account WHERE Name = 'Zeta' LIMIT 1")
    assert set(found) == {"attributes", "Active__c"}
    (found,) = org.records("SELECT FIELDS(STANDARD) FROM Account WHERE Name = 'Zeta'")
    assert "Active__c" not in found


def test_aliases_of_objects_are_names_in_paths(org, objects):
    asked = "SELECT c.Id, a.Name FROM Contact c, c.Account a WHERE a.Industry = 'Energy'"
    expected = {c.Id: c.Account.Name for c in objects.Contact if c.Account.Industry == "Energy"}
    assert {r["Id"]: r["Account"]["Name"] for r in org.records(asked)} == expected


def test_scope_mine_finds_what_the_user_owns(org, objects):
    found = org.ids("SELECT Id FROM Account USING SCOPE mine WHERE Industry = 'Energy'")
    kim = objects.User[0].Id
    expected = [a.Id for a in objects.Account if a.OwnerId == kim and a.Industry == "Energy"]
    assert sorted(found) == sorted(expected)


def test_more_than_a_page_gives_all_ids_and_the_first_records(org, objects):
    answer = org.ask("SELECT Id FROM Contact ORDER BY LastName, Id", size=30)
    assert (len(answer.records), answer.total) == (30, 80)
    expected = sorted(objects.Contact, key=lambda c: (low(c.LastName), c.Id))
    assert answer.keys == [c.Id for c in expected]


def test_hostile_text_is_only_text(org, hostile_texts):
    for text in hostile_texts.values():
        kept = "".join(each for each in text if each.isprintable())
        quoted = kept.replace("\\", "\\\\").replace("'", "\\'")
        assert org.ids(f"SELECT Id FROM Account WHERE Name = 'q{quoted}'") == []
        assert org.ids(f"SELECT Id FROM Account WHERE Name LIKE 'q{quoted}%'") == []
