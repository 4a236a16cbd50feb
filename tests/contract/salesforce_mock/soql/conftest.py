"""A small organization that SOQL is asked of, and the same records as plain Python objects.

The objects know nothing of SOQL: what a statement should find is worked out on them in the tests.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from crossdock_mocks.dialects.salesforce.soql import (
    Child,
    Context,
    Entity,
    Field,
    Schema,
    SoqlError,
    compile_statement,
)
from crossdock_mocks.engine import TableSpec, World

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)  # a Saturday

NAMES = [
    "Acme", "ACME Tools", "acorn", "Accent & Co", "Birch Mills", "50% Off Ltd", "under_score",
    "under-score", "Müller GmbH", "MÜLLER KG", "Straße 7", "O'Brien", 'Say "Hi"', "back\\slash",
    "Zeta", "élan", "Ac", "A", "日本電気", "trailing ",
]  # fmt: skip
INDUSTRIES = ["Energy", "Retail", None, "Banking"]
STAGES = ["Prospecting", "Proposal", "Closed Won", "Closed Lost"]
INTERESTS = [None, "Red", "Red;Blue", "Blue;Green", "Green", "Redwood"]


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _rows() -> dict[str, list[dict[str, Any]]]:
    pick = random.Random(7)  # the same data in each run
    users = [
        {"Id": f"005{n:015d}", "Name": name, "IsActive": n != 2}
        for n, name in enumerate(["Kim Hale", "Lee Moss", "Gone Away"])
    ]
    accounts = [
        {
            "Id": f"001{n:015d}",
            "Name": NAMES[n % len(NAMES)] + ("" if n < len(NAMES) else f" {n}"),
            "Industry": INDUSTRIES[n % 4],
            "Employees": None if n % 7 == 0 else n * 13 % 90,
            "Revenue": None if n % 5 == 0 else round(n * 1234.56, 2),
            "Interests": INTERESTS[n % 6],
            "Notes": "long" * 3,
            "OwnerId": users[n % 3]["Id"],
            "ParentId": f"001{n - 20:015d}" if n >= 20 and n % 3 == 0 else None,
            "CreatedDate": _instant(NOW - timedelta(days=n * 11, hours=n)),
            "Active__c": n % 4 != 1,
            "City": ["Leeds", "York", None][n % 3],
            "Street": None if n % 3 == 2 else f"{n} High St",
        }
        for n in range(60)
    ]
    contacts = [
        {
            "Id": f"003{n:015d}",
            "LastName": ["Ode", "Berg", "Hart", "berg"][n % 4],
            "Email": None if n % 3 == 0 else f"p{n}@example.com",
            "AccountId": None if n % 10 == 9 else accounts[n * 7 % 45]["Id"],
        }
        for n in range(80)
    ]
    deals = [
        {
            "Id": f"006{n:015d}",
            "Name": f"Deal {n}",
            "StageName": STAGES[n % 4],
            "Amount": None if n % 9 == 0 else pick.randrange(1, 900_000) / 100,
            "CloseDate": (NOW.date() + timedelta(days=(n - 60) * 4)).isoformat(),
            "AccountId": accounts[n % 50]["Id"],
            "OwnerId": users[n % 2]["Id"],
            "CreatedDate": _instant(NOW - timedelta(hours=7 * n)),
        }
        for n in range(120)
    ]
    lines = [
        {
            "Id": f"00k{n:015d}",
            "OpportunityId": deals[n * 3 % 110]["Id"],
            "Quantity": n % 5 + 1,
            "UnitPrice": (n % 11) * 1.1,
            "Code": f"BRG-{1000 + n % 7}",
        }
        for n in range(200)
    ]
    return {
        "User": users, "Account": accounts, "Contact": contacts, "Opportunity": deals,
        "OpportunityLineItem": lines,
    }  # fmt: skip


_ID = Field(name="Id", kind="id")
_CREATED = Field(name="CreatedDate", kind="datetime", indexed=True)


def _lookup(name: str, to: str) -> Field:
    relationship = name.removesuffix("Id")
    return Field(
        name=name, kind="reference", references=(to,), relationship=relationship, indexed=True
    )


FIELDS = {
    "User": (_ID, Field(name="Name", folded=True), Field(name="IsActive", kind="boolean")),
    "Account": (
        _ID,
        Field(name="Name", folded=True),
        Field(name="Industry", kind="picklist"),
        Field(name="Employees", kind="int"),
        Field(name="Revenue", kind="currency", scale=2),
        Field(name="Interests", kind="multipicklist"),
        Field(name="Notes", kind="longtextarea"),
        _lookup("OwnerId", "User"),
        _lookup("ParentId", "Account"),
        _CREATED,
        Field(name="Active__c", kind="boolean", custom=True),
        Field(name="City"),
        Field(name="Street"),
        Field(name="Address", kind="address", parts=(("city", "City"), ("street", "Street"))),
    ),
    "Contact": (
        _ID,
        Field(name="LastName", folded=True),
        Field(name="Email", kind="email"),
        _lookup("AccountId", "Account"),
    ),
    "Opportunity": (
        _ID,
        Field(name="Name"),
        Field(name="StageName", kind="picklist"),
        Field(name="Amount", kind="currency", scale=2, indexed=True),
        Field(name="CloseDate", kind="date", indexed=True),
        _lookup("AccountId", "Account"),
        _lookup("OwnerId", "User"),
        _CREATED,
    ),
    "OpportunityLineItem": (
        _ID,
        _lookup("OpportunityId", "Opportunity"),
        Field(name="Quantity", kind="double"),
        Field(name="UnitPrice", kind="currency", scale=2),
        Field(name="Code"),
    ),
}
CHILDREN = {
    "Account": (
        Child(relationship="Contacts", object="Contact", field="AccountId"),
        Child(relationship="Opportunities", object="Opportunity", field="AccountId"),
        Child(relationship="ChildAccounts", object="Account", field="ParentId"),
    ),
    "Opportunity": (
        Child(
            relationship="OpportunityLineItems",
            object="OpportunityLineItem",
            field="OpportunityId",
        ),
    ),
}


class _Nothing:
    """A parent that there is not: each of its fields is empty."""

    def __getattr__(self, name: str) -> Any:
        return self if name in ("Account", "Owner", "Parent", "Opportunity") else None


class Organization:
    """The records, as rows of a world and as plain objects, and the way to ask for them."""

    def __init__(self) -> None:
        self.rows = _rows()
        self.schema = Schema(
            {
                name.lower(): Entity(
                    name=name,
                    fields=fields,
                    source=f'"sf_{name}"',
                    everything=f'"sf_{name}"',
                    children=CHILDREN.get(name, ()),
                )
                for name, fields in FIELDS.items()
            }
        )
        self.world = World(
            TableSpec(
                f"sf_{name}",
                key="Id",
                indexes=tuple(each.name for each in fields if each.indexed),
                folded=tuple(each.name for each in fields if each.folded),
            )
            for name, fields in FIELDS.items()
        )
        for name, rows in self.rows.items():
            self.world.table(f"sf_{name}").insert_many(rows)
        self.objects = self._objects()

    def _objects(self) -> SimpleNamespace:
        made = {name: [SimpleNamespace(**row) for row in rows] for name, rows in self.rows.items()}
        by_id = {each.Id: each for objects in made.values() for each in objects}
        for objects in made.values():
            for each in objects:
                for name, value in list(vars(each).items()):
                    if name.endswith("Id") and name != "Id":
                        setattr(each, name[:-2], by_id.get(value, _Nothing()))
        return SimpleNamespace(**made)

    def context(self) -> Context:
        return Context(
            NOW,
            user_id=self.rows["User"][0]["Id"],
            read_id=lambda text: text if len(text) == 18 else None,
        )

    def ask(self, text: str, size: int = 2000) -> Any:
        statement = compile_statement(text, self.schema, self.context())
        return statement.run(self.world.query, size, lambda kind, key: {"type": kind, "url": key})

    def records(self, text: str) -> list[dict[str, Any]]:
        return self.ask(text).records

    def ids(self, text: str) -> list[str]:
        return [each["Id"] for each in self.records(text)]

    def refusal(self, text: str) -> SoqlError:
        with pytest.raises(SoqlError) as refused:
            self.ask(text)
        return refused.value


@pytest.fixture(scope="session")
def org() -> Organization:
    return Organization()
