"""The document that External Services import: within their limits, and true of the side-car.

What the limits are, and where they are said, stands in `external_service`; they are written down
here a second time, so that neither can be wrong alone. No organization took part.
"""

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest
import yaml
from click.testing import CliRunner
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from crossdock.cli import main
from crossdock.connectors.salesforce.external_service import OPERATIONS, document
from crossdock.errors import ConfigError
from crossdock.records import Quote, QuoteLine
from crossdock.server.api import ApiSettings, create_api
from crossdock.specifications import specification

KEY = "key-of-the-organization-0001-that-nobody-guesses"


@pytest.fixture(scope="module")
def written():
    return document("https://crossdock.example")


def parts(node, path=()):
    """Every object of a document, with where it stands."""
    if isinstance(node, dict):
        yield path, node
        for name, value in node.items():
            yield from parts(value, (*path, name))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from parts(value, (*path, number))


def schemas(document):
    """Every schema of a document, with where it stands."""
    for path, node in parts(document):
        inside = path[:2] == ("components", "schemas") or "schema" in path
        if inside and path[-1] != "properties" and {"type", "$ref"} & node.keys():
            yield path, node


def test_the_document_is_one_of_openapi_3_0(written):
    OpenAPIV30SpecValidator(written).validate()
    assert written["openapi"].startswith("3.0.")


def test_schemas_are_plain(written):
    seen = list(schemas(written))
    assert len(seen) > 200
    for path, schema in seen:
        assert not {"allOf", "anyOf", "oneOf", "not", "discriminator"} & schema.keys(), path
        assert not {"const", "if", "prefixItems", "patternProperties", "$defs"} & schema.keys()
        if "$ref" in schema:
            assert set(schema) == {"$ref"}, path
            continue
        assert schema["type"] in {"string", "integer", "number", "boolean", "object", "array"}
        if schema["type"] == "object" and "properties" in schema:
            assert len(path) == 3, f"{path} is an object without a name"
        elif schema["type"] == "object":
            assert schema["additionalProperties"]["type"] in {"string", "integer", "number"}
        elif schema["type"] == "array":
            assert schema["items"].get("type") != "array", f"{path} is a list of lists"


def test_names_descriptions_and_sizes_are_within_the_limits(written):
    identifier = re.compile(r"(?!.*__)[A-Za-z][A-Za-z0-9_]*(?<!_)")
    names = [*written["components"]["schemas"]]
    for _, schema in schemas(written):
        names += schema.get("properties", {})
    for item in written["paths"].values():
        names += [operation["operationId"] for operation in item.values()]
    for name in names:
        assert identifier.fullmatch(name), name
        assert len(name) <= 80
    told = [node["description"] for _, node in parts(written) if "description" in node]
    assert max(len(text) for text in told if isinstance(text, str)) <= 1_333
    assert len(json.dumps(written)) < 10_000_000
    assert len(yaml.safe_dump(written)) < 3_000_000


def test_operations_say_json_and_nothing_else(written):
    for path, item in written["paths"].items():
        for method, operation in item.items():
            assert method in {"get", "post", "put", "patch", "delete"}
            assert not (method == "get" and "requestBody" in operation), path
            assert {each["in"] for each in operation["parameters"]} <= {"path", "query", "header"}
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            media = {kind for body in bodies for kind in body.get("content", {})}
            assert media <= {"application/json"}, path
            assert all("headers" not in answer for answer in operation["responses"].values())


def test_every_object_that_is_referred_to_is_there_and_no_other(written):
    known = {f"#/components/schemas/{name}" for name in written["components"]["schemas"]}
    assert {node["$ref"] for _, node in parts(written) if "$ref" in node} == known


def test_each_operation_of_the_side_car_is_written_or_refused_with_its_reason():
    content = yaml.safe_load(specification("host.openapi.yaml").read_text(encoding="utf-8"))
    ids = {
        operation["operationId"]
        for item in content["paths"].values()
        for name, operation in item.items()
        if name in {"get", "post", "put"}
    }
    refused = {}
    for name in sorted(ids):
        try:
            document("https://c.example", [name], source=content)
        except ConfigError as reason:
            refused[name] = str(reason)
    assert set(OPERATIONS) <= ids - refused.keys()
    everything = document("https://c.example", ids - refused.keys(), source=content)
    OpenAPIV30SpecValidator(everything).validate()
    known = ("no object", "one of several", "no name", "take no parameter", "take as a body")
    assert all(any(word in reason for word in known) for reason in refused.values()), refused
    assert len(refused) < 8, refused
    with pytest.raises(ConfigError, match="has no operation 'askNobody'"):
        document("https://c.example", ["askNobody"])


# The side-car, driven by nothing but the document.


class Client:
    """A client as a program makes one of the document: operations, bodies and answers are its."""

    def __init__(self, document, request, headers):
        resource = Resource(contents=document, specification=DRAFT202012)
        self._registry = Registry().with_resource("urn:document", resource)
        self._request, self._headers = request, headers
        self._operations = {
            operation["operationId"]: (method, path, operation)
            for path, item in document["paths"].items()
            for method, operation in item.items()
        }

    def _check(self, schema, value):
        whole = {"$ref": f"urn:document{schema['$ref']}"}
        OAS30Validator(whole, registry=self._registry).validate(value)

    def __getattr__(self, name):
        method, path, operation = self._operations[name]

        def call(body=None, status=200, **given):
            headers = dict(self._headers)
            query, address = {}, path
            for parameter in operation["parameters"]:
                value = given.pop(parameter["name"].lower().replace("-", "_"), None)
                if parameter["in"] == "path":
                    address = address.replace(f"{{{parameter['name']}}}", value)
                elif value is not None:
                    (headers if parameter["in"] == "header" else query)[parameter["name"]] = value
            assert not given, f"{name} has no parameter {set(given)}"
            if body is not None:
                self._check(operation["requestBody"]["content"]["application/json"]["schema"], body)
            answer = self._request(method, address, json=body, headers=headers, params=query)
            assert answer.status_code == status, answer.text
            assert str(status) in operation["responses"]
            content = operation["responses"][str(status)].get("content")
            if content:
                self._check(content["application/json"]["schema"], answer.json())
            return answer.json()

        return call


@pytest.fixture
def dock(open_dock):
    return open_dock("straight-through", crm="salesforce")


@pytest.fixture
def client(dock, written, tmp_path):
    keys = {"org": {"secret": KEY, "scopes": ["*"], "users": ["*"], "burst": 1000}}
    api = create_api(dock.host, ApiSettings.of({"keys": keys}, base=tmp_path))
    http = httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://127.0.0.1")
    with asyncio.Runner() as runner:
        yield Client(
            written,
            lambda method, path, **how: runner.run(http.request(method, path, **how)),
            {"X-Api-Key": KEY},
        )
        runner.run(http.aclose())
    api.state.api.close()


def test_a_quote_is_asked_about_and_promoted_as_a_flow_does(dock, client):
    seller = dock.user("sales")
    account = next(a for a in dock.host.crm.accounts().items if a.external_ids.get("main"))
    lines = (QuoteLine(number=1, item_id="BRG-1001", description="Bearing", quantity=2),)
    draft = Quote(
        id="", account_id=account.id, currency="EUR", owner_id=seller.id, lines=lines,
    )  # fmt: skip
    wanted = ("account_id", "currency", "owner_id")
    record = {name: getattr(draft, name) for name in wanted} | {
        "lines": [{"number": 1, "item_id": "BRG-1001", "quantity": "2", "description": "Bearing"}]
    }
    verdict = client.askBeforeQuoteSave({"record": record}, x_crossdock_user=seller.id)
    assert verdict["allowed"]
    (line,) = verdict["record"]["lines"]
    assert float(line["net"]["amount"]) > 0
    assert line["price_rule"]
    unknown = {**record, "lines": [{**record["lines"][0], "item_id": "NO-SUCH"}]}
    refused = client.askBeforeQuoteSave({"record": unknown}, x_crossdock_user=seller.id)
    assert not refused["allowed"]
    assert refused["vetoes"][0]["message"]
    assert refused["vetoes"][0]["field"] == "lines.0.item_id"

    saved = dock.save(draft, by=seller).quote
    said = {**verdict["record"], "id": saved.id, "version": saved.version}
    assert client.askBeforeOrderPromote({"record": said}, x_crossdock_user=seller.id)["allowed"]
    promoted = client.promoteQuote(quote_id=saved.id, x_crossdock_user=seller.id)
    assert promoted["order"]["quote_id"] == saved.id
    assert client.promoteQuote(quote_id=saved.id, x_crossdock_user=seller.id)["repeated"]


def test_the_command_writes_it_as_json_or_yaml(tmp_path):
    run, address = CliRunner().invoke, "https://crossdock.acme.example"
    told = run(main, ["salesforce", "external-service", "--url", address])
    assert json.loads(told.output) == document(address)
    file = tmp_path / "crossdock.yaml"
    some = ["--operation", "askBeforeQuoteSave", "--output", str(file)]
    told = run(main, ["salesforce", "external-service", "--url", address, *some])
    assert told.exit_code == 0, told.output
    assert yaml.safe_load(file.read_text()) == document(address, ["askBeforeQuoteSave"])
    assert run(main, ["salesforce", "external-service", "--url", "http://x"]).exit_code == 2


def test_the_recipe_names_what_the_document_has(written):
    recipe = Path(__file__).parents[4] / "cookbook/salesforce-external-services/README.md"
    rows = [
        line.split("|")
        for line in recipe.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith(("| element", "|---"))
    ]
    operations = {
        operation["operationId"]: operation
        for item in written["paths"].values()
        for operation in item.values()
    }
    objects = written["components"]["schemas"]
    fields = {field for each in objects.values() for field in each["properties"]}
    fields |= {
        each["name"] for operation in operations.values() for each in operation["parameters"]
    }
    named = 0
    for _, _, does, of, _ in rows:
        for name in re.findall(r"`(\w+)`", of):
            assert name in objects or name in operations
        for word in re.findall(r"`([a-z_]+|X-[A-Za-z-]+)`", does):
            assert word in fields
            named += 1
    assert named > 12
