"""Searches, right and wrong: rows as plain Python finds them in the raw state, or HubSpot's error.

The evaluator below shares no code with the mock. What it says is what the vendor documents: groups
are alternatives of filters that all have to hold; text is compared whatever its case, but IN and
NOT_IN find lower case only; options are compared as they are; a record without a value meets
NOT_HAS_PROPERTY alone.
"""

from __future__ import annotations

import fnmatch
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from crossdock_mocks.dialects.hubspot.apps import PRIVATE_APP
from crossdock_mocks.engine import MockTransport

TYPE_IDS = {
    "contacts": "0-1", "companies": "0-2", "deals": "0-3", "products": "0-7", "line_items": "0-8",
    "quotes": "0-14", "orders": "0-123", "tasks": "0-27", "notes": "0-46", "calls": "0-48",
    "meetings": "0-47",
}  # fmt: skip
SEARCHABLE = {
    "contacts": ["email", "firstname", "lastname", "phone", "company"],
    "companies": ["name", "domain", "website", "phone"],
    "deals": ["dealname", "pipeline", "dealstage", "description", "dealtype"],
    "products": ["name", "hs_sku", "description", "price"],
    "quotes": ["hs_title", "hs_quote_number", "hs_sender_email"],
    "orders": ["hs_order_name", "hs_external_order_id"],
    "tasks": ["hs_task_subject", "hs_task_body"],
}


def where(*filters):
    """One group of filters: (property, operator[, value[, high value]]); a list is `values`."""
    made = []
    for name, operator, *values in filters:
        given = {"propertyName": name, "operator": operator}
        if values and isinstance(values[0], list):
            given["values"] = values[0]
        elif values:
            given["value"] = values[0]
        if len(values) > 1:
            given["highValue"] = values[1]
        made.append(given)
    return {"filters": made}


def having(*filters, **more):
    """A search with one group."""
    return {"filterGroups": [where(*filters)], **more}


def any_of(*groups, **more):
    """A search with several groups."""
    return {"filterGroups": [where(*each) for each in groups], **more}


DAY = 86_400_000
AT = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)

RIGHT = [
    # everything, and texts
    ("companies", {}),
    ("companies", {"filterGroups": []}),
    ("companies", {"query": "gmbh"}),
    ("companies", {"query": "GmbH co"}),
    ("companies", {"query": "thurn"}),
    ("companies", {"query": "zzz"}),
    ("companies", {"query": "@@"}),
    ("contacts", {"query": "katharina"}),
    ("contacts", {"query": "KATHARINA example"}),
    ("products", {"query": "ball bearing"}),
    ("deals", {"query": "spare", **having(("amount", "GT", "1000"))}),
    # equality of text
    ("companies", having(("erp_customer_number", "EQ", "C-10001"))),
    ("companies", having(("erp_customer_number", "EQ", "c-10001"))),
    ("companies", having(("erp_customer_number", "EQ", "C-1"))),
    ("companies", having(("city", "NEQ", "Linz"))),
    ("companies", having(("country", "EQ", "at"))),
    ("companies", having(("country", "EQ", "AT"), ("crossdock_kind", "EQ", "customer"))),
    ("companies", having(("name", "LT", "M"))),
    ("companies", having(("name", "GTE", "m"))),
    ("companies", having(("name", "BETWEEN", "a", "H"))),
    ("products", having(("hs_sku", "EQ", "BRG-1001"))),
    # options
    ("companies", having(("crossdock_kind", "EQ", "prospect"))),
    ("companies", having(("crossdock_kind", "EQ", "Prospect"))),
    ("companies", having(("crossdock_kind", "NEQ", "customer"))),
    ("companies", having(("lifecyclestage", "IN", ["customer", "lead"]))),
    ("companies", having(("lifecyclestage", "NOT_IN", ["customer"]))),
    ("deals", having(("dealstage", "EQ", "won"))),
    ("deals", having(("dealstage", "IN", ["won", "lost"]))),
    ("deals", having(("dealstage", "NOT_IN", ["won", "lost"]))),
    ("deals", having(("hubspot_owner_id", "EQ", "50002"))),
    ("quotes", having(("hs_status", "EQ", "DRAFT"))),
    ("quotes", having(("crossdock_status", "IN", ["accepted", "declined"]))),
    ("tasks", having(("hs_task_status", "EQ", "NOT_STARTED"))),
    # IN of text finds lower case only
    ("companies", having(("erp_customer_number", "IN", ["C-10001", "C-10002"]))),
    ("companies", having(("erp_customer_number", "IN", ["c-10001", "c-10002"]))),
    ("companies", having(("erp_customer_number", "NOT_IN", ["c-10001", "c-10002"]))),
    ("contacts", having(("lastname", "IN", ["brünnhofer"]))),
    # numbers
    ("deals", having(("amount", "GT", "5000"))),
    ("deals", having(("amount", "GTE", "1915.4"))),
    ("deals", having(("amount", "EQ", "1915.40000"))),
    ("deals", having(("amount", "EQ", 1915.4))),
    ("deals", having(("amount", "LT", 1000))),
    ("deals", having(("amount", "LTE", "776.80"))),
    ("deals", having(("amount", "NEQ", "776.8"))),
    ("deals", having(("amount", "BETWEEN", "500", "1500"))),
    ("deals", having(("amount", "BETWEEN", "1500", "500"))),
    ("deals", having(("amount", "IN", ["1915.4", "776.8"]))),
    ("products", having(("price", "GT", "100"))),
    ("line_items", having(("quantity", "GTE", "50"), ("hs_discount_percentage", "GT", "0"))),
    ("line_items", having(("amount", "GT", "500"))),
    ("quotes", having(("hs_quote_amount", "GT", "2000"))),
    ("orders", having(("hs_total_price", "BETWEEN", "1000", "3000"))),
    ("companies", having(("hs_object_id", "GT", "20001005"))),
    ("companies", having(("hs_object_id", "IN", ["20001001", "20001002"]))),
    # days and instants
    ("deals", having(("closedate", "GT", str(AT)))),
    ("deals", having(("closedate", "LTE", "2025-12-31"))),
    ("deals", having(("closedate", "BETWEEN", str(AT), str(AT + 90 * DAY)))),
    ("deals", having(("createdate", "GTE", "2026-01-01T00:00:00Z"))),
    ("deals", having(("createdate", "LT", "2026-01-01T01:00:00+01:00"))),
    ("quotes", having(("hs_expiration_date", "GTE", "2026-01-01"))),
    ("quotes", having(("hs_expiration_date", "LT", str(AT)))),
    ("quotes", having(("hs_expiration_date", "EQ", "2024-12-18"))),
    ("calls", having(("hs_timestamp", "LT", str(AT)))),
    # truth
    ("deals", having(("hs_is_closed_won", "EQ", "true"))),
    ("deals", having(("hs_is_closed_won", "EQ", False))),
    ("deals", having(("hs_is_closed", "NEQ", "true"))),
    # having a value or not
    ("companies", having(("erp_customer_number", "HAS_PROPERTY"))),
    ("companies", having(("erp_customer_number", "NOT_HAS_PROPERTY"))),
    ("companies", having(("hs_parent_company_id", "HAS_PROPERTY"))),
    ("deals", having(("crossdock_contract_starts_on", "NOT_HAS_PROPERTY"))),
    ("quotes", having(("crossdock_order", "HAS_PROPERTY"), ("hs_status", "NEQ", "DRAFT"))),
    # tokens
    ("companies", having(("name", "CONTAINS_TOKEN", "gmbh"))),
    ("companies", having(("name", "CONTAINS_TOKEN", "GMBH Co"))),
    ("companies", having(("name", "CONTAINS_TOKEN", "gmb"))),
    ("companies", having(("name", "CONTAINS_TOKEN", "gmb*"))),
    ("companies", having(("name", "CONTAINS_TOKEN", "*technik"))),
    ("companies", having(("name", "CONTAINS_TOKEN", "[a-z]*"))),
    ("companies", having(("name", "NOT_CONTAINS_TOKEN", "gmbh"))),
    ("contacts", having(("email", "CONTAINS_TOKEN", "*@thurnboecksaegetechnik.example"))),
    ("contacts", having(("email", "CONTAINS_TOKEN", "katharina"))),
    ("contacts", having(("email", "NOT_CONTAINS_TOKEN", "*.example"))),
    ("notes", having(("hs_note_body", "CONTAINS_TOKEN", "purchasing"))),
    # groups are alternatives
    ("deals", any_of([("dealstage", "EQ", "won"), ("amount", "GT", "5000")],
                     [("dealstage", "EQ", "lost")])),
    ("companies", any_of([("country", "EQ", "AT")], [("country", "EQ", "ES")],
                         [("city", "EQ", "nowhere")])),
    ("companies", any_of(*[[("country", "EQ", each)] for each in ("AT", "ES", "DE", "PL", "FR")])),
    ("deals", any_of([("amount", "GT", "1")] * 6, [("amount", "GT", "1")] * 6,
                     [("amount", "LT", "1")] * 6)),
    ("companies", {"filters": where(("country", "EQ", "AT"))["filters"]}),
    # sorting and paging
    ("deals", having(("amount", "GT", "0"),
                     sorts=[{"propertyName": "amount", "direction": "DESCENDING"}])),
    ("deals", {"sorts": [{"propertyName": "closedate", "direction": "ASCENDING"}]}),
    ("deals", {"sorts": ["-createdate"]}),
    ("companies", {"sorts": ["erp_customer_number"]}),
    ("companies", {"sorts": [{"propertyName": "name"}]}),
    ("contacts", {"limit": 7, "after": "14"}),
    ("contacts", {"limit": 200}),
    ("contacts", {"limit": 10, "after": 40, "sorts": ["lastname"]}),
    ("line_items", {"limit": 50, "after": "9950"}),
    # links
    ("contacts", having(("associations.company", "EQ", "20001001"))),
    ("contacts", having(("associations.companies", "IN", ["20001001", "20001003"]))),
    ("deals", having(("associations.company", "EQ", "20001001"), ("dealstage", "EQ", "won"))),
    ("line_items", having(("associations.quote", "EQ", "140001001"))),
    ("orders", having(("associations.0-2", "EQ", "20001006"))),
    ("contacts", having(("associations.company", "EQ", "999"))),
]  # fmt: skip

WRONG = [
    (having(("nothing", "EQ", "1")), "PROPERTY_DOESNT_EXIST"),
    (having(("nothing", "HAS_PROPERTY")), "PROPERTY_DOESNT_EXIST"),
    ({"sorts": ["nothing"]}, "PROPERTY_DOESNT_EXIST"),
    ({"sorts": ["name", "city"]}, "TOO_MANY_SORTS"),
    (having(("name", "EQ")), "INVALID_FILTER"),
    (having(("name", "EQ", None)), "INVALID_FILTER"),
    (having(("name", "EQ", ["a"])), "INVALID_FILTER"),
    (having(("name", "IN", "a")), "INVALID_FILTER"),
    (having(("name", "IN", [])), "INVALID_FILTER"),
    (having(("name", "BETWEEN", "a")), "INVALID_FILTER"),
    (having(("name", "GT", "a", "b")), "INVALID_FILTER"),
    (having(("name", "HAS_PROPERTY", "x")), "INVALID_FILTER"),
    (having(("name", "NOT_HAS_PROPERTY", "x")), "INVALID_FILTER"),
    (having(("annualrevenue", "GT", "much")), "INVALID_DOUBLE"),
    (having(("annualrevenue", "EQ", "NaN")), "INVALID_DOUBLE"),
    (having(("annualrevenue", "IN", ["1", "x"])), "INVALID_DOUBLE"),
    (having(("annualrevenue", "BETWEEN", "1", "x")), "INVALID_DOUBLE"),
    (having(("createdate", "GT", "yesterday")), "INVALID_DATE"),
    (having(("createdate", "GT", "2026-13-01")), "INVALID_DATE"),
    (having(("createdate", "LT", "2026-11-22 09:00")), "INVALID_DATE"),
    (having(("lifecyclestage", "GT", "lead")), "INVALID_FILTER"),
    (having(("lifecyclestage", "BETWEEN", "a", "b")), "INVALID_FILTER"),
    (having(("lifecyclestage", "CONTAINS_TOKEN", "lead")), "INVALID_FILTER"),
    (having(("annualrevenue", "CONTAINS_TOKEN", "1")), "INVALID_FILTER"),
    (having(("name", "CONTAINS_TOKEN", " ")), "INVALID_FILTER"),
    (having(("associations.contact", "GT", "1")), "INVALID_FILTER"),
    (having(("associations.contact", "EQ", "x")), "INVALID_FILTER"),
    (having(("associations.contact", "HAS_PROPERTY")), "INVALID_FILTER"),
    (having(("associations.nothing", "EQ", "1")), None),
    ({"filterGroups": [{"filters": []}]}, "INVALID_FILTER"),
    ({"filterGroups": [where(("name", "EQ", "a")), {"filters": []}]}, "INVALID_FILTER"),
    (any_of(*[[("name", "EQ", "a")]] * 6), "TOO_MANY_GROUPS"),
    (having(*[("name", "EQ", "a")] * 7), "TOO_MANY_FILTERS"),
    (any_of(*[[("name", "EQ", "a")] * 5] * 4), "TOO_MANY_FILTERS"),
    ({**having(("name", "EQ", "a")), **where(("name", "EQ", "a"))}, "INVALID_FILTER"),
    ({"limit": 0}, "INVALID_LIMIT"),
    ({"limit": 201}, "INVALID_LIMIT"),
    ({"limit": -1}, "INVALID_LIMIT"),
    ({"after": "x"}, "INVALID_AFTER"),
    ({"after": "-1"}, "INVALID_AFTER"),
    ({"after": "9991", "limit": 10}, "PAGING_LIMIT_EXCEEDED"),
    ({"after": "10000"}, "PAGING_LIMIT_EXCEEDED"),
    ({"query": "x" * 3001}, "QUERY_TOO_LONG"),
    # what the document itself refuses
    (having(("name", "LIKE", "a")), None),
    (having(("name", "eq", "a")), None),
    ({"filterGroups": [{"filter": []}]}, None),
    ({"filterGroups": {"filters": []}}, None),
    ({"filterGroups": [{"filters": [{"operator": "EQ", "value": "1"}]}]}, None),
    ({"where": "name = 'a'"}, None),
    ({"limit": "many"}, None),
    ({"sorts": "name"}, None),
    ({"sorts": [{"propertyName": "name", "direction": "UP"}]}, None),
    ([], None),
    ("name = 'a'", None),
]


# The evaluation in plain Python


def typed(kind, text):
    if kind == "number":
        return Decimal(str(text))
    if kind in ("date", "datetime"):
        text = str(text)
        if re.fullmatch(r"-?\d+", text):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text))
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    if kind == "bool":
        return str(text).lower()
    return str(text) if kind == "enumeration" else str(text).lower()


def has_tokens(text, wanted):
    text = text.lower()
    known = re.findall(r"[^\W_]+", text)
    for term in wanted.lower().split():
        if "*" in term:
            pattern = term.replace("[", "[[]").replace("?", "[?]")
            if not any(fnmatch.fnmatchcase(each, pattern) for each in [*known, *text.split()]):
                return False
        elif not (parts := re.findall(r"[^\W_]+", term)) or not set(parts) <= set(known):
            return False
    return True


def meets(row, given, types, linked):
    name, operator = given["propertyName"], given["operator"]
    if name.startswith("associations."):
        wanted = given.get("values") or [given["value"]]
        return bool(linked(row["id"], name.removeprefix("associations.")) & set(wanted))
    value = row["properties"].get(name)
    if operator == "NOT_HAS_PROPERTY":
        return value is None
    if value is None:
        return False
    kind = types[name]
    match operator:
        case "HAS_PROPERTY":
            return True
        case "CONTAINS_TOKEN":
            return has_tokens(value, given["value"])
        case "NOT_CONTAINS_TOKEN":
            return not has_tokens(value, given["value"])
        case "IN" | "NOT_IN":
            plain = kind in ("string", "enumeration")
            wanted = [each if plain else typed(kind, each) for each in given["values"]]
            return (typed(kind, value) in wanted) == (operator == "IN")
    one, other = typed(kind, value), typed(kind, given["value"])
    match operator:
        case "EQ":
            return one == other
        case "NEQ":
            return one != other
        case "LT":
            return one < other
        case "LTE":
            return one <= other
        case "GT":
            return one > other
        case "GTE":
            return one >= other
        case "BETWEEN":
            return other <= one <= typed(kind, given["highValue"])
    raise AssertionError(operator)


def queried(row, kind, query):
    words = [
        word
        for name in SEARCHABLE[kind]
        for word in re.findall(r"[^\W_]+", row["properties"].get(name, "").lower())
    ]
    wanted = re.findall(r"[^\W_]+", query.lower())
    return bool(wanted) and all(any(w.startswith(each) for w in words) for each in wanted)


def raw(world):
    """The raw state: records, links, and the definitions of properties."""
    return [
        [json.loads(text) for text in world.table(f"hubspot_{name}").find_raw()]
        for name in ("records", "associations", "properties")
    ]


@pytest.fixture(scope="module")
def begun(seeded):
    return raw(seeded)


@pytest.fixture
def search(app, seeded):
    """Searches the world that all tests begin with, which no search changes."""
    headers = {"Authorization": f"Bearer {PRIVATE_APP.token}"}
    transport = MockTransport(app, seeded)
    with httpx.Client(transport=transport, base_url="http://m", headers=headers) as client:
        yield lambda kind, body: client.post(f"/crm/v3/objects/{kind}/search", json=body)


def expected(state, kind, body):
    """All ids that a search finds, in order, from the raw state."""
    records, links, definitions = state
    types = {row["name"]: row["type"] for row in definitions if row["objectType"] == TYPE_IDS[kind]}
    singular = {"company": "0-2", "companies": "0-2", "quote": "0-14", "0-2": "0-2"}

    def linked(key, word):
        return {
            link["to"]
            for link in links
            if link["from"] == key and link["to_type"] == singular[word]
        }

    groups = [each["filters"] for each in body.get("filterGroups", [])]
    groups = groups or ([body["filters"]] if "filters" in body else [])
    found = [
        row
        for row in records
        if row["type"] == TYPE_IDS[kind]
        and not row["archived"]
        and (not body.get("query") or queried(row, kind, body["query"]))
        and (
            not groups
            or any(all(meets(row, each, types, linked) for each in group) for group in groups)
        )
    ]
    found.sort(key=lambda row: int(row["id"]))
    for given in body.get("sorts", []):
        if isinstance(given, str):
            name, down = given.lstrip("-"), given[0] == "-"
        else:
            name, down = given["propertyName"], given.get("direction") == "DESCENDING"
        having_it = [row for row in found if name in row["properties"]]
        having_it.sort(key=lambda row: typed(types[name], row["properties"][name]), reverse=down)
        found = having_it + [row for row in found if name not in row["properties"]]
    return [row["id"] for row in found]


@pytest.mark.parametrize(
    ("kind", "body"), RIGHT, ids=[f"{n}-{kind}" for n, (kind, _) in enumerate(RIGHT)]
)
def test_a_search_finds_what_plain_python_finds(search, begun, kind, body):
    limit = body.get("limit", 100)
    answer = search(kind, {"limit": limit, **body})
    assert answer.status_code == 200, answer.text
    told, wanted = answer.json(), expected(begun, kind, body)
    offset = int(body.get("after", 0))
    assert told["total"] == len(wanted)
    assert [row["id"] for row in told["results"]] == wanted[offset : offset + limit]
    following = str(offset + limit) if len(wanted) > offset + limit else None
    assert told.get("paging", {}).get("next", {}).get("after") == following


@pytest.mark.parametrize(("body", "code"), WRONG, ids=[str(n) for n in range(len(WRONG))])
def test_a_wrong_search_is_refused_and_never_finds_everything(search, body, code):
    answer = search("companies", body)
    assert answer.status_code == 400, answer.text
    told = answer.json()
    assert (told["status"], told["category"]) == ("error", "VALIDATION_ERROR")
    if code is not None:
        assert told["message"] == "There was a problem with the request."
        assert [each["code"] for each in told["errors"]] == [code]


def test_the_corpus_is_large_and_says_something(begun):
    """Most right searches find some records and not all of them; otherwise they prove nothing."""
    assert len(RIGHT) >= 60
    assert len(WRONG) >= 30
    sizes = [
        (len(expected(begun, kind, body)), len(expected(begun, kind, {}))) for kind, body in RIGHT
    ]
    telling = sum(0 < found < of_all for found, of_all in sizes)
    assert telling >= 60, sizes


def test_pages_of_a_search_come_to_all_that_there_is_each_once(search, begun):
    body = {"limit": 7, "sorts": ["-amount"]}
    seen, after = [], None
    while True:
        page = {**body, "after": after} if after else body
        told = search("deals", page).json()
        seen += [row["id"] for row in told["results"]]
        after = told.get("paging", {}).get("next", {}).get("after")
        if after is None:
            break
    assert seen == expected(begun, "deals", body)
    assert len(seen) == len(set(seen)) == told["total"]


def test_a_change_is_found_once_the_index_has_caught_up(hubspot, world, create):
    def found(**filters):
        body = having(*[(name, "EQ", value) for name, value in filters.items()])
        told = hubspot.post("/crm/v3/objects/companies/search", json=body).json()
        return [row["id"] for row in told["results"]]

    key = create("companies", name="Late & Sons")["id"]
    assert hubspot.get(f"/crm/v3/objects/companies/{key}").status_code == 200
    assert found(name="late & sons") == []
    world.clock.advance(timedelta(seconds=2))
    assert found(name="late & sons") == []
    hubspot.patch(f"/crm/v3/objects/companies/{key}", json={"properties": {"name": "Later"}})
    world.clock.advance(timedelta(seconds=1))
    # By now the index has the company, but not what it is called since.
    assert found(name="late & sons") == [key]
    assert found(name="later") == []
    world.clock.advance(timedelta(seconds=2))
    assert (found(name="late & sons"), found(name="later")) == ([], [key])
    hubspot.delete(f"/crm/v3/objects/companies/{key}")
    assert found(name="later") == [key]
    world.clock.advance(timedelta(seconds=3))
    assert found(name="later") == []


def test_a_search_shows_the_properties_as_they_are_indexed(hubspot, world):
    hubspot.patch("/crm/v3/objects/companies/20001001", json={"properties": {"city": "Graz"}})
    body = having(("hs_object_id", "EQ", "20001001"), properties=["city"])

    def city():
        told = hubspot.post("/crm/v3/objects/companies/search", json=body).json()
        return told["results"][0]["properties"]["city"]

    assert city() == "Linz"
    world.clock.advance(timedelta(seconds=3))
    assert city() == "Graz"
