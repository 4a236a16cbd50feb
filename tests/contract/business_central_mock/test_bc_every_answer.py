"""Each operation of the document gives each answer that it documents, to whoever asks for it."""

import re

import httpx
import pytest

from crossdock_mocks.dialects.business_central import dialect
from crossdock_mocks.dialects.business_central.model import model
from crossdock_mocks.dialects.business_central.operations import WRITERS
from crossdock_mocks.engine.document import load_plan

HOST = "http://bc.test:7048"
SERVICE = f"{HOST}/v2.0/sandbox/api/v2.0"
PLAN = load_plan(dialect().document)["operations"]
NOWHERE = "00000000-0000-0000-0000-00000000000f"
NAMED = {
    "issueToken",
    "getMetadata",
    "getCompanyMetadata",
    "runBatch",
    "listCompanies",
    "getCompany",
}
SETS = [
    rule for rule in PLAN if rule["id"] not in NAMED and "ubscription" not in rule["id"]
]  # fmt: skip
FORM = re.compile(
    r"/companies\(\{companyId\}\)/(?P<set>\w+)(?P<one>\(\{id\}\))?"
    r"(?:/(?:(?P<nav>\w+)(?P<line>\(\{lineId\}\))?|Microsoft\.NAV\.(?P<action>\w+)|(?P<count>\$count)))?\Z"
)
OWNERS = {
    "salesQuoteLines": "salesQuotes", "salesOrderLines": "salesOrders",
    "salesInvoiceLines": "salesInvoices", "salesCreditMemoLines": "salesCreditMemos",
    "salesShipmentLines": "salesShipments",
}  # fmt: skip


class Company:
    """Makes one of everything, with everything that it may name."""

    def __init__(self, bc):
        self.bc = bc
        self.kept = {}

    def fresh(self, name):
        """A new record of a set."""
        bc = self.bc
        if name in OWNERS:
            owner = self.fresh(OWNERS[name])
            if name == "salesShipmentLines":
                return self.line_of(owner)
            return bc.post(f"/{OWNERS[name]}({owner['id']})/{name}", self.line_body())
        if name == "salesShipments":
            order = bc.document("salesOrders", self.customer(), ("BRG-1001", 1))
            bc.act(f"/salesOrders({order['id']})", "shipAndInvoice")
            return bc.one("/salesShipments", f"orderNumber eq '{order['number']}'")
        if name in ("customerFinancialDetails", "agedAccountsReceivables"):
            return {"id": self.customer()["id"]}
        if name in ("companyInformation", "currencyExchangeRates"):
            return bc.rows(f"/{name}")[0]  # nobody makes one
        return bc.post(f"/{name}", self.body(name))

    def line_of(self, shipment):
        return self.bc.rows(f"/salesShipments({shipment['id']})/salesShipmentLines")[0]

    def setup(self, name):
        if name not in self.kept:
            self.kept[name] = self.bc.post(f"/{name}", {"code": "ANY", "displayName": "Any"})
        return self.kept[name]

    def customer(self):
        return self.bc.post("/customers", self.body("customers"))

    def line_body(self):
        return {"itemId": self.bc.item("BRG-1001")["id"], "quantity": 1,
                "locationId": self.setup("locations")["id"]}  # fmt: skip

    def body(self, name):
        bc, number = self.bc, bc_number(self)
        named = {
            "currencyCode": self.setup("currencies")["code"],
            "paymentTermsId": self.setup("paymentTerms")["id"],
            "shipmentMethodId": self.setup("shipmentMethods")["id"],
        }
        if name == "customers":
            method = self.setup("paymentMethods")["id"]
            return {
                "displayName": "Any",
                "email": "a@b.example",
                "paymentMethodId": method,
                **named,
            }
        if name == "items":
            code = self.setup("itemCategories")["code"]
            return {"displayName": "Any", "itemCategoryCode": code}
        if name in ("contacts", "opportunities"):
            return {"displayName": "Any"} if name == "contacts" else {"description": "Any"}
        if name == "customerPayments":
            journal = bc.rows("/customerPaymentJournals")[0]["id"]
            return {"journalId": journal, "amount": -5, "customerId": self.customer()["id"]}
        if name.startswith("sales"):
            if name.endswith("Lines"):
                return {"documentId": self.fresh(OWNERS[name])["id"], **self.line_body()}
            return {"customerId": self.customer()["id"], **named}
        return {"code": f"N{number}", "displayName": "New"}


def bc_number(company):
    company.number = getattr(company, "number", 0) + 1
    return company.number


@pytest.fixture
def company(bc):
    return Company(bc)


def place(form, company, row, line=None):
    """The path of an operation, for a record."""
    path = f"/{form['set']}"
    if form["one"]:
        path += f"({row['id']})"
    if form["nav"]:
        path += f"/{form['nav']}"
        path += f"({line['id']})" if form["line"] else ""
    if form["action"]:
        path += f"/Microsoft.NAV.{form['action']}"
    return path + ("/$count" if form["count"] else "")


def target_of(form):
    type_ = model().sets[form["set"]]
    if form["nav"]:
        return model().types[type_.navigations[form["nav"]].target]
    return type_


def ready_for(form, company):
    """A record that an action can be done with."""
    bc, name, action = company.bc, form["set"], form["action"]
    if name == "journals":
        bc.post("/customerPayments", company.body("customerPayments"))
        return bc.rows("/customerPaymentJournals")[0]
    document = bc.document(name, company.customer(), ("BRG-1001", 1))
    if action in ("cancel", "cancelAndSend", "makeCorrectiveCreditMemo"):
        if name == "salesCreditMemos":
            draft = bc.document("salesInvoices", company.customer(), ("BRG-1001", 1))
            bc.act(f"/salesInvoices({draft['id']})", "post")
            bc.act(f"/salesInvoices({draft['id']})", "cancel")
            return bc.one("/salesCreditMemos", "status eq 'Corrective'")
        bc.act(f"/{name}({document['id']})", "post")
    return document


def ids(rules):
    return [rule["id"] for rule in rules]


def _tokenless(method, url, body):
    return {"method": method, "url": url, "json": body}


def _wrong(bc, rule, path, statuses, owned):
    """Ask for each refusal that an operation documents, but those of its own."""
    method, base = rule["method"], f"{SERVICE}{path}" if path.startswith("/sub") else path
    body = {} if rule["body"] else None
    seen = set()

    def ask(where=base, **headers):
        content = headers.pop("content", None)
        url = where if where.startswith("http") else f"{bc.company}{where}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if content is not None:
            answer = bc.http.request(method, url, content=content, headers=named)
        else:
            answer = bc.http.request(method, url, json=body, headers=named)
        seen.add(answer.status_code)
        assert answer.status_code < 500 or answer.status_code == 501, answer.text

    if 401 in statuses:
        ask(authorization="Bearer nothing")
    if 404 in statuses:
        ask(f"{bc.company}{path}".replace(bc.company_id, NOWHERE))
    if 400 in statuses:
        ask(f"{bc.company}{path}".replace(bc.company_id, "nonsense"))
    one = f"?$filter=id eq {NOWHERE}" if owned else ""
    if 501 in statuses:
        ask(f"{base}{one or '?$filter='}{' and ' if one else ''}not contains(id,'x')")
    if 413 in statuses and method == "GET":
        ask(f"{base}{one}", prefer="odata.maxpagesize=20001")
    elif 413 in statuses:
        ask(content=b" " * 2_000_001, content_type="application/json")
    if 415 in statuses:
        ask(content=b"{}", content_type="text/plain")
    if 429 in statuses:
        from crossdock_mocks.dialects.business_central import allow

        allow(bc.world, 0)
        ask()
        allow(bc.world, 6000)
    return seen


@pytest.mark.parametrize("rule", SETS, ids=ids(SETS))
def test_an_operation_refuses_in_each_way_that_it_documents(bc, company, rule):
    form = FORM.match(rule["path"])
    documented = {int(status) for status in rule["responses"]}
    assert form is not None
    some = {"id": NOWHERE}
    if form["nav"] and 501 in documented:
        some = company.fresh(form["set"])
    path = place(form, company, some, some)
    seen = _wrong(bc, rule, path, documented, _owned(form) and not form["one"])
    if 409 in documented:
        if form["line"]:
            owner_set = form["set"]
            owner = company.fresh(owner_set)
            line = _inside(company, form, owner)
            path = place(form, company, owner, line)
        else:
            row = ready_for(form, company) if form["action"] else company.fresh(form["set"])
            path = place(form, company, row)
        body = {} if rule["body"] else None
        stale = bc.call(rule["method"], path, body, if_match='W/"MTk7c3RhbGU7MTAxOw=="')
        seen.add(stale.status_code)
    assert {status for status in documented if status >= 400} <= seen


def _inside(company, form, owner):
    """A record behind a navigation property of an owner."""
    path = f"/{form['set']}({owner['id']})/{form['nav']}"
    if form["set"] == "salesShipments":
        return company.line_of(owner)
    body = {"amount": -5} if form["nav"] == "customerPayments" else company.line_body()
    return company.bc.post(path, body)


@pytest.mark.parametrize("rule", SETS, ids=ids(SETS))
def test_an_operation_succeeds_in_each_way_that_it_documents(bc, company, rule):
    form = FORM.match(rule["path"])
    documented = {int(status) for status in rule["responses"] if int(status) < 400}
    method, seen = rule["method"], set()
    if form["action"]:
        row = ready_for(form, company)
        seen.add(bc.call("POST", place(form, company, row)).status_code)
    elif method == "GET" and not form["one"]:
        if form["count"] or form["set"] in OWNERS or form["set"] == "customerPayments":
            owner = "journalId" if form["set"] == "customerPayments" else "documentId"
            query = f"?$filter={owner} eq {NOWHERE}" if owner and _owned(form) else ""
            seen.add(bc.call("GET", place(form, company, None) + query).status_code)
        else:
            seen.add(bc.call("GET", place(form, company, None)).status_code)
    elif form["nav"] and not form["line"]:
        seen |= _behind(bc, company, rule, form, documented)
    elif form["line"]:
        owner = company.fresh(form["set"])
        path = place(form, company, owner, _inside(company, form, owner))
        seen |= _each_way(bc, method, path, {}, documented)
    elif method == "POST":
        for prefer in ("", "return-no-content"):
            answer = bc.call(
                "POST", place(form, company, None), company.body(form["set"]), prefer=prefer
            )
            seen.add(answer.status_code)
    else:
        row = company.fresh(form["set"])
        seen |= _each_way(bc, method, place(form, company, row), {}, documented)
    assert seen == documented


def _owned(form):
    return form["set"] in OWNERS or form["set"] == "customerPayments"


def _each_way(bc, method, path, body, documented):
    seen = set()
    if method == "PATCH":
        for prefer in ("", "return-no-content"):
            seen.add(bc.call("PATCH", path, body, if_match="*", prefer=prefer).status_code)
    else:
        seen.add(bc.call(method, path).status_code)
    return seen


def _behind(bc, company, rule, form, documented):
    """What lies behind a navigation property: several records, one, or none."""
    owner = company.fresh(form["set"])
    path = place(form, company, owner)
    if rule["method"] == "POST":
        seen = set()
        for prefer in ("", "return-no-content"):
            body = {"amount": -5} if form["nav"] == "customerPayments" else company.line_body()
            seen.add(bc.call("POST", path, body, prefer=prefer).status_code)
        return seen
    seen = {bc.call("GET", path).status_code}
    if 204 in documented:
        seen.add(bc.call("GET", place(form, company, _bare(bc, form))).status_code)
    return seen


def _bare(bc, form):
    """A record that names nothing."""
    name = form["set"]
    if name in OWNERS:
        owner = bc.post(f"/{OWNERS[name]}", {"customerId": bc.customer()["id"]})
        return bc.post(f"/{OWNERS[name]}({owner['id']})/{name}", {"description": "A note"})
    if name == "customerPayments":
        journal = bc.rows("/customerPaymentJournals")[0]["id"]
        return bc.post("/customerPayments", {"journalId": journal})
    if name == "items":
        item = bc.post("/items", {"displayName": "Bare"})
        return bc.patch(
            f"/items({item['id']})", {"baseUnitOfMeasureId": "0" * 8 + NOWHERE[8:-1] + "0"}
        )
    if name.startswith("sales"):
        return bc.post(f"/{name}", {"customerId": bc.customer()["id"]})
    return bc.customer()


# Those with a form of their own


def test_companies_and_the_model(bc):
    for path in ("/companies", f"/companies({bc.company_id})", "/$metadata",
                 f"/companies({bc.company_id})/$metadata"):  # fmt: skip
        answer = bc.http.get(f"{SERVICE}{path}")
        assert answer.status_code == 200
    assert bc.get(f"{SERVICE}/companies")["value"][0]["id"] == bc.company_id


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("listCompanies", "/companies"),
        ("getCompany", "/companies({})"),
        ("getMetadata", "/$metadata"),
        ("getCompanyMetadata", "/companies({})/$metadata"),
    ],
)
def test_companies_and_the_model_refuse(bc, name, path):
    from crossdock_mocks.dialects.business_central import allow

    (rule,) = [each for each in PLAN if each["id"] == name]
    documented = {int(status) for status in rule["responses"] if int(status) >= 400}
    url = f"{SERVICE}{path}"
    seen = {
        bc.http.get(url.format(bc.company_id), headers={"authorization": "Bearer x"}).status_code
    }
    if "{}" in path:
        seen.add(bc.http.get(url.format(NOWHERE)).status_code)
        seen.add(bc.http.get(url.format("nonsense")).status_code)
    seen.add(bc.http.get(f"{url.format(bc.company_id)}?$top=x").status_code)
    seen.add(bc.http.get(f"{url}?$filter=not contains(id,'x')").status_code)
    headers = {"prefer": "odata.maxpagesize=20001"}
    seen.add(bc.http.get(url, headers=headers).status_code)
    allow(bc.world, 0)
    seen.add(bc.http.get(url.format(bc.company_id)).status_code)
    allow(bc.world, 6000)
    assert documented <= seen


def test_a_batch_refuses(bc):
    from crossdock_mocks.dialects.business_central import allow

    url = f"{SERVICE}/$batch"
    json = {"content-type": "application/json"}
    asked = [
        ({"content": b'{"requests":[]}', "headers": json}, 200),
        ({"content": b"{}", "headers": json}, 400),
        ({"content": b"{}", "headers": {"content-type": "text/plain"}}, 415),
        ({"content": b" " * 2_000_001, "headers": json}, 413),
        ({"content": b"{}", "headers": {**json, "authorization": "Bearer x"}}, 401),
    ]
    for given, status in asked:
        assert bc.http.post(url, **given).status_code == status
    allow(bc.world, 0)
    assert bc.http.post(url, content=b"{}", headers=json).status_code == 429
    allow(bc.world, 6000)


SUBSCRIPTIONS = [rule for rule in PLAN if "ubscription" in rule["id"]]


@pytest.mark.parametrize("rule", SUBSCRIPTIONS, ids=ids(SUBSCRIPTIONS))
def test_subscriptions_answer_in_each_way(bc, rule):
    from urllib.parse import parse_qs, urlsplit

    from crossdock_mocks.dialects.business_central import allow

    hooks = bc.world.webhooks
    hooks.ask = lambda url: (200, parse_qs(urlsplit(url).query)["validationToken"][0])
    number = 0

    def body():
        nonlocal number
        number += 1
        return {"notificationUrl": f"https://here.test/{number}",
                "resource": f"companies({bc.company_id})/customers"}  # fmt: skip

    def made():
        return bc.call("POST", f"{SERVICE}/subscriptions", body()).json()

    method, documented = rule["method"], {int(status) for status in rule["responses"]}
    one = "{" in rule["path"]

    def url(row):
        return f"{SERVICE}/subscriptions" + (f"('{row['subscriptionId']}')" if one else "")

    seen, row = set(), made()
    given = None if rule["body"] is None else ({} if one else None)

    def ask(where, **more):
        headers = {"if-match": "*", **more.pop("headers", {})}
        if rule["body"] is not None and not {"content", "json"} & set(more):
            more["json"] = body() if given is None else given
        seen.add(bc.http.request(method, where, headers=headers, **more).status_code)

    ask(url(row), headers={"if-match": "rubbish"})
    ask(url(row), headers={"if-match": 'W/"MTk7c3RhbGU7MTAxOw=="'})
    ask(url(row), headers={"authorization": "Bearer x"})
    ask(f"{url(row)}?$top=x")
    ask(f"{url(row)}?$filter=not contains(resource,'x')")
    ask(url(row), headers={"prefer": "odata.maxpagesize=20001"})
    ask(url({"subscriptionId": "nobody"}))
    if rule["body"] is not None:
        ask(url(row), content=b" " * 2_000_001, headers={"content-type": "application/json"})
        ask(url(row), content=b"{}", headers={"content-type": "text/plain"})
        ask(url(row), json={"resource": "x"})
        ask(url(row), json={**body(), "resource": f"companies({NOWHERE})/customers"})
        ask(url(row), headers={"prefer": "return-no-content"})
    allow(bc.world, 0)
    ask(url(row))
    allow(bc.world, 6000)
    ask(url(row))
    hooks.clear()
    assert documented <= seen


def test_no_operation_is_left_out():
    assert {rule["id"] for rule in SETS} | NAMED | {rule["id"] for rule in SUBSCRIPTIONS} == {
        rule["id"] for rule in PLAN
    }
    assert set(WRITERS) <= set(model().sets)
    assert httpx
