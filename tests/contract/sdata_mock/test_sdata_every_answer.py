"""Each operation of each SData contract gives each answer that its document names."""

import json
from importlib import import_module

import pytest

from crossdock_mocks.engine.document import load_plan, parse
from crossdock_mocks.sdata import Field, Reference
from crossdock_mocks.sdata.description import description

PACKAGES = {"sage-crm": "sage_crm", "saleslogix": "saleslogix"}
DIALECTS = {
    name: import_module(f"crossdock_mocks.dialects.{package}") for name, package in PACKAGES.items()
}
OPERATIONS = [
    (name, rule)
    for name, package in DIALECTS.items()
    for rule in load_plan(package.dialect().document)["operations"]
]
# What it takes to make one of a kind, beside what its contract asks for.
MORE = {
    "sage-crm": {
        "quoteitems": {"quit_productid": 1, "quit_quantity": 2},
        "orderitems": {"orit_linetype": "f", "orit_description": "x", "orit_quantity": 1},
        "notes": {"note_foreigntableid": 5, "note_foreignid": 1001},
    },
    "saleslogix": {
        "addresses": {"EntityId": "@accounts"},
        "campaignTargets": {"EntityId": "@contacts"},
        "quoteItems": {"ProductName": "x"},
        "salesOrderItems": {"ProductName": "x"},
        "erpInvoiceItems": {"ProductName": "x"},
        "erpShipmentItems": {"ProductName": "x"},
        "opportunityProducts": {"ProductName": "x"},
    },
}  # fmt: skip
# Services: a request that is answered, one that is refused, and one about what is not there.
SERVICES = {
    "convertQuoteToOrder": [{"entity": {"$key": key}} for key in (1044, "", 1)],
    "completeActivity": [
        {"ActivityId": "@activities"}, {"ActivityId": "@activities", "completeDate": "soon"},
        {"ActivityId": "x"},
    ],
    "canChangeAccountOwner": [{"entity": {"$key": "@accounts"}}, {}, {"entity": {"$key": "x"}}],
    **{
        f"request{word}Pricing": [
            {"options": {"serviceName": name, "entityId": f"@{heads}"}},
            {"options": {"serviceName": "Nothing"}},
            {"options": {"serviceName": name, "entityId": "x"}},
        ]
        for word, name, heads in (
            ("Order", "OrderTotal", "salesOrders"), ("Quote", "QuoteOrderTotal", "quotes"),
        )
    },
    **{
        f"validate{word}Total": [
            {f"{word}Id": f"@{word[0].lower()}{word[1:]}s"}, {}, {f"{word}Id": "x"}
        ]
        for word in ("SalesOrder", "Quote")
    },
    **{
        f"update{word}ItemWarehouse": [
            {"options": {"entityId": f"@{lines}", "SlxLocationID": "@slxLocations"}},
            {"options": {"entityId": f"@{lines}"}},
            {"options": {"entityId": "x", "SlxLocationID": "@slxLocations"}},
        ]
        for word, lines in (("Order", "salesOrderItems"), ("Quote", "quoteItems"))
    },
}  # fmt: skip
NOTHING = "'000000'"


class Asked:
    """Asks one operation for its answers, one after the other."""

    def __init__(self, served, rule):
        self.served, self.rule = served, rule
        self.method, self.path = rule["method"], rule["path"]
        self.contract = served.contract
        self.made = 0
        named = self.path.strip("/").partition("(")[0].partition("/")[0]
        self.kind = self.contract.find(named) or self.contract.resource(served.words["kind"])

    def ask(self, status):
        """Ask so that an answer has this status."""
        path, sent = self.path, {"headers": {"accept": "application/json"}}
        if "{resource}" in path:
            path = path.replace("{resource}", self.named(status))
            path = path.replace("{collection}", self.served.words["many"])
        if "{key}" in path:
            path = path.replace("{key}", self.place(status))
        if self.rule["body"]:
            sent["json"] = self.body(status)
        if status == 400 and self.method == "GET":
            sent["params"] = {"where": "nothing eq 1"}
        if status == 415:
            del sent["json"]
            sent["headers"]["content-type"] = "text/plain"
            sent["content"] = b"x"
        if status == 304:
            answer = self.client().request("GET", path[1:])
            sent["headers"]["if-none-match"] = answer.headers["etag"]
        if status == 412:
            sent["headers"]["if-match"] = '"x"'
        with self.served.client() as client:
            client.auth = None if status == 401 else client.auth
            return client.request(self.method, path[1:], **sent)

    def place(self, status):
        """What stands between the parentheses."""
        if status == 400 and not self.rule["body"]:
            return "nothing eq 1"
        return NOTHING if status == 404 else self.key()

    def client(self):
        made = self.served.client()
        made.headers["accept"] = "application/json"
        return made

    def named(self, status):
        if status != 404:
            return self.kind.name
        return "spaceships"

    def key(self):
        """The key of what is there, or was made to be removed."""
        if self.method != "DELETE":
            rows = self.served.world.table(self.kind.table).find()
            if rows:
                return f"'{rows[-1]['key']}'"
        with self.client() as client:
            answer = client.post(self.kind.name, json=self.new(self.kind))
            assert answer.status_code == 201, answer.text
            return f"'{answer.json()['$key']}'"

    def body(self, status):
        services = SERVICES.get(self.rule["id"])
        if services:
            return {"request": self.filled(services[{400: 1, 404: 2}.get(status, 0)])}
        if self.path.endswith("$batch"):
            return {} if status == 400 else {"$resources": [{"$httpMethod": "GET", "$key": "x"}]}
        if status == 400:
            return {"nothing_of_this_kind": 1}
        return self.new(self.kind) if self.method == "POST" else {}

    def filled(self, given):
        """A request with the keys of what is there; options are JSON in a text."""
        if isinstance(given, str) and given.startswith("@"):
            return self.other(given[1:])
        if isinstance(given, dict):
            made = {name: self.filled(value) for name, value in given.items()}
            if "options" in made:
                made["options"] = json.dumps(made["options"])
            return made
        return given

    def new(self, kind):
        """The least that one of a kind is made of."""
        made = {}
        links = {each.by: each for each in kind.references if each.by}
        for each in kind.properties:
            if not getattr(each, "required", False):
                continue
            if isinstance(each, Reference):
                made[each.name] = {"$key": self.other(each.to)}
            elif isinstance(each, Field):
                made[each.name] = self.value(each, links.get(each.name))
        for name, value in MORE[self.served.name].get(kind.name, {}).items():
            made[name] = self.other(value[1:]) if str(value).startswith("@") else value
        return made

    def value(self, field, link):
        if link is not None:
            return self.other(link.to)
        if field.values:
            return field.values[0]
        self.made += 1
        plain = {"string": f"x{self.made}", "boolean": True, "datetime": "2026-11-22"}
        return plain.get(field.kind, 1)

    def other(self, name):
        kind = self.contract.resource(name)
        rows = self.served.world.table(kind.table).find()
        if rows:
            return rows[-1]["key"]
        with self.client() as client:
            return client.post(name, json=self.new(kind)).json()["$key"]


@pytest.fixture
def asked(served, rule):
    if served.name == "saleslogix":
        DIALECTS[served.name].connect_back_office(served.world, lambda *_: {"Children": []})
    return Asked(served, rule)


@pytest.mark.parametrize(
    ("served", "rule"),
    OPERATIONS,
    ids=[f"{n}-{r['id']}" for n, r in OPERATIONS],
    indirect=["served"],
)
def test_an_operation_gives_each_answer_that_it_documents(asked, rule):
    for status in sorted(int(each) for each in rule["responses"] if each != "default"):
        answer = asked.ask(status)
        assert answer.status_code == status, answer.text
        if status == 401:
            assert answer.headers["www-authenticate"].startswith("Basic")
        elif status >= 400 and status != 412:
            assert answer.json()[0]["message"]
            assert answer.json()[0]["severity"] == "Error"


@pytest.mark.parametrize("name", DIALECTS)
def test_the_document_is_what_the_contract_says(name):
    path = DIALECTS[name].dialect().document
    said = json.loads(json.dumps(description(DIALECTS[name].CONTRACT)))
    assert parse(path.read_bytes(), name) == said, "run `python -m crossdock_mocks.sdata`"
