"""Every style of OpenAPI, decoded as openapi-core does it, or as the standard says.

The rows are the examples of the OpenAPI specification 3.1.1, section 4.8.12.6 ("Style Examples"),
with types, delimiters inside of values and mistakes added.
"""

import json
from decimal import Decimal
from urllib.parse import unquote, unquote_plus

import attrs
import httpx
import pytest
from jsonschema_path import SchemaPath
from openapi_core.casting.schemas import oas31_schema_casters_factory
from openapi_core.casting.schemas.exceptions import CastError
from openapi_core.deserializing.exceptions import DeserializeError
from openapi_core.deserializing.styles import style_deserializers
from openapi_core.deserializing.styles.factories import StyleDeserializersFactory
from werkzeug.datastructures import ImmutableMultiDict

from crossdock_mocks.engine import App, Dialect, MockTransport, Reply

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
TEXTS = {"type": "array", "items": TEXT}
NUMBERS = {"type": "array", "items": NUMBER}
COLOUR = {"type": "object", "properties": {"R": NUMBER, "G": NUMBER, "B": NUMBER}}
NAMES = {"type": "object", "additionalProperties": TEXT}
RGB = {"R": 100, "G": 200, "B": 150}
LIST = ["blue", "black", "brown"]


@attrs.frozen
class Row:
    """One parameter, and what it is on the wire."""

    where: str
    style: str
    explode: bool
    schema: dict
    wire: str
    value: object
    #: Why openapi-core does not say the same; empty where it does.
    apart: str = ""
    reserved: bool = False
    operation: str = attrs.field(default="", kw_only=True)


ENCODED = "openapi-core cuts after decoding, so an encoded delimiter cuts a value in two"
SPELLING = "openapi-core knows one spelling of this delimiter only"
EMPTY_NAME = "openapi-core does not look for a spread object without a name of its own"
NESTED = "openapi-core takes the outer brackets only (the standard leaves nesting open)"

ROWS = [
    # path: simple
    Row("path", "simple", False, TEXT, "blue", "blue"),
    Row("path", "simple", False, TEXT, "a%2Cb", "a,b"),
    Row("path", "simple", False, NUMBER, "-7", -7),
    Row("path", "simple", False, TEXTS, "blue,black,brown", LIST),
    Row("path", "simple", True, TEXTS, "blue,black,brown", LIST),
    Row("path", "simple", False, NUMBERS, "3,4,5", [3, 4, 5]),
    Row("path", "simple", False, TEXTS, "a%2Cb,c", ["a,b", "c"], ENCODED),
    Row("path", "simple", False, TEXTS, "a+b,c%20d", ["a+b", "c d"]),
    Row("path", "simple", False, COLOUR, "R,100,G,200,B,150", RGB),
    Row("path", "simple", True, COLOUR, "R=100,G=200,B=150", RGB),
    # path: label
    Row("path", "label", False, TEXT, ".blue", "blue"),
    Row("path", "label", True, NUMBER, ".7", 7),
    Row("path", "label", False, TEXTS, ".blue,black,brown", LIST),
    Row("path", "label", True, TEXTS, ".blue.black.brown", LIST),
    Row("path", "label", True, TEXTS, ".a%2Eb.c", ["a.b", "c"], ENCODED),
    Row("path", "label", False, COLOUR, ".R,100,G,200,B,150", RGB),
    Row("path", "label", True, COLOUR, ".R=100.G=200.B=150", RGB),
    # path: matrix
    Row("path", "matrix", False, TEXT, ";p=blue", "blue"),
    Row("path", "matrix", True, NUMBER, ";p=7", 7),
    Row("path", "matrix", False, TEXT, ";p", "", "RFC 6570: an empty value has no equals sign"),
    Row("path", "matrix", False, TEXTS, ";p=blue,black,brown", LIST),
    Row("path", "matrix", True, TEXTS, ";p=blue;p=black;p=brown", LIST),
    Row("path", "matrix", False, COLOUR, ";p=R,100,G,200,B,150", RGB),
    Row("path", "matrix", True, COLOUR, ";R=100;G=200;B=150", RGB),
    # query: form
    Row("query", "form", True, TEXT, "p=blue", "blue"),
    Row("query", "form", True, TEXT, "p=", ""),
    Row("query", "form", True, {"type": "number"}, "p=1.50", Decimal("1.50")),
    Row("query", "form", True, {"type": "boolean"}, "p=true", True),
    Row("query", "form", False, TEXTS, "p=blue,black,brown", LIST),
    Row("query", "form", False, TEXTS, "p=a%2Cb,c+d", ["a,b", "c d"], ENCODED),
    Row("query", "form", True, TEXTS, "p=blue&p=black&p=brown", LIST),
    Row("query", "form", True, NUMBERS, "p=3&p=4", [3, 4]),
    Row("query", "form", False, COLOUR, "p=R,100,G,200,B,150", RGB),
    Row("query", "form", True, COLOUR, "R=100&G=200&B=150", RGB, EMPTY_NAME),
    Row("query", "form", True, NAMES, "x=1&y=a%26b", {"x": "1", "y": "a&b"}, EMPTY_NAME),
    # query: delimited
    Row("query", "spaceDelimited", False, TEXTS, "p=blue%20black%20brown", LIST, SPELLING),
    Row("query", "spaceDelimited", False, TEXTS, "p=blue+black+brown", LIST, SPELLING),
    Row("query", "spaceDelimited", False, COLOUR, "p=R%20100%20G%20200%20B%20150", RGB, SPELLING),
    Row("query", "pipeDelimited", False, TEXTS, "p=blue|black|brown", LIST),
    Row("query", "pipeDelimited", False, TEXTS, "p=blue%7Cblack%7cbrown", LIST),
    Row("query", "pipeDelimited", False, COLOUR, "p=R|100|G|200|B|150", RGB),
    # query: deepObject
    Row("query", "deepObject", True, COLOUR, "p[R]=100&p[G]=200&p[B]=150", RGB),
    Row("query", "deepObject", True, COLOUR, "p%5BR%5D=100&p%5BG%5D=200&p%5BB%5D=150", RGB),
    Row(
        "query",
        "deepObject",
        True,
        {"type": "object", "properties": {"range": COLOUR, "tags": TEXTS}},
        "p[range][R]=1&p[tags][]=a&p[tags][]=b",
        {"range": {"R": 1}, "tags": ["a", "b"]},
        NESTED,
    ),
    Row(
        "query",
        "deepObject",
        True,
        {"type": "object", "properties": {"tags": TEXTS}},
        "p[tags]=a&p[tags]=b",
        {"tags": ["a", "b"]},
        NESTED,
    ),
    # query: reserved characters as they are
    Row("query", "form", True, TEXT, "p=/a/b?c:d@e,f", "/a/b?c:d@e,f", reserved=True),
    Row("query", "form", True, TEXT, "p=%2Fa%2Fb", "/a/b", reserved=True),
    Row("query", "form", False, TEXTS, "p=/a,/b", ["/a", "/b"], reserved=True),
    # header
    Row("header", "simple", False, TEXT, "blue", "blue"),
    Row("header", "simple", False, NUMBER, "7", 7),
    Row("header", "simple", False, TEXTS, "blue,black,brown", LIST),
    Row("header", "simple", True, NUMBERS, "3, 4, 5", [3, 4, 5]),
    Row("header", "simple", False, COLOUR, "R,100,G,200,B,150", RGB),
    Row("header", "simple", True, COLOUR, "R=100,G=200,B=150", RGB),
    # cookie
    Row("cookie", "form", True, TEXT, "p=blue", "blue"),
    Row("cookie", "form", False, NUMBERS, "p=3,4,5", [3, 4, 5]),
    Row("cookie", "form", True, TEXTS, "p=blue; p=black", ["blue", "black"]),
    Row("cookie", "form", False, COLOUR, "p=R,100,G,200,B,150", RGB),
]
ROWS = [attrs.evolve(row, operation=f"r{number}") for number, row in enumerate(ROWS)]


def path(row):
    return f"/{row.operation}/{{p}}" if row.where == "path" else f"/{row.operation}"


def parameter(row):
    made = {"name": "p", "in": row.where, "style": row.style, "explode": row.explode,
            "required": row.where == "path", "schema": row.schema}  # fmt: skip
    if row.reserved:
        made["allowReserved"] = True
    return made


def operation(name, *parameters):
    return {"operationId": name, "parameters": list(parameters),
            "responses": {"204": {"description": "taken"}}}  # fmt: skip


FILTER = {"type": "object", "required": ["limit"], "properties": {"limit": NUMBER}}


@pytest.fixture(scope="module")
def door(tmp_path_factory, own_cache):
    """A client, and the calls that came through."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "styles", "version": "1"},
        "paths": {path(row): {"get": operation(row.operation, parameter(row))} for row in ROWS},
    }
    as_json = {"name": "p", "in": "query", "content": {"application/json": {"schema": FILTER}}}
    document["paths"]["/content"] = {"get": operation("content", as_json)}
    document["paths"]["/mixed/{p}/of/{q}"] = {
        "get": operation(
            "mixed",
            {"name": "p", "in": "path", "required": True, "schema": NUMBERS},
            {"name": "q", "in": "path", "required": True, "schema": TEXT},
        )
    }
    file = tmp_path_factory.mktemp("styles") / "styles.json"
    file.write_text(json.dumps(document))
    calls = []

    def take(call):
        calls.append(call)
        return Reply(204)

    names = [item["get"]["operationId"] for item in document["paths"].values()]
    with own_cache():
        app = App(Dialect("styles", file, dict.fromkeys(names, take)))
    with httpx.Client(
        transport=MockTransport(app, app.open_world()), base_url="http://s"
    ) as client:
        yield client, calls


def sent(client, row, wire=None):
    wire = row.wire if wire is None else wire
    if row.where == "path":
        return client.get(f"/{row.operation}/{wire}")
    if row.where == "query":
        return client.get(httpx.URL(f"http://s/{row.operation}", query=wire.encode()))
    name = "cookie" if row.where == "cookie" else "p"
    return client.get(f"/{row.operation}", headers={name: wire})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.where}-{row.style}-{row.wire}")
def test_a_parameter_is_decoded_by_its_style(door, row):
    client, calls = door
    response = sent(client, row)
    assert response.status_code == 204, response.text
    call = calls[-1]
    decoded = {"path": call.path, "query": call.query}.get(row.where, call.headers)
    assert decoded["p"] == row.value
    assert type(decoded["p"]) is type(row.value)


def reference(row):
    """What openapi-core makes of it, given the parts of the request as frameworks give them."""
    factory = StyleDeserializersFactory(oas31_schema_casters_factory, style_deserializers)
    spec = SchemaPath.from_dict({"schema": row.schema})
    deserializer = factory.create(spec, spec / "schema", row.style, row.explode, "p")
    if row.where == "path":
        mark = {"label": ".", "matrix": ";"}.get(row.style, "")
        star = "*" if mark and row.explode else ""
        location = {f"{mark}p{star}": unquote(row.wire)}
    elif row.where == "header":
        location = {"p": row.wire}
    else:
        pairs = [pair.partition("=") for pair in row.wire.replace("; ", "&").split("&")]
        location = ImmutableMultiDict([(unquote_plus(k), unquote_plus(v)) for k, _, v in pairs])
    return deserializer.deserialize(location)


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if not row.apart],
    ids=lambda row: f"{row.where}-{row.style}-{row.wire}",
)
def test_openapi_core_decodes_it_the_same(row):
    value = float(row.value) if isinstance(row.value, Decimal) else row.value
    assert reference(row) == value


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row.apart],
    ids=lambda row: f"{row.where}-{row.style}-{row.wire}",
)
def test_openapi_core_still_decodes_it_otherwise(row):
    """When this fails, openapi-core has learnt it, and `apart` can go."""
    try:
        value = reference(row)
    except (KeyError, DeserializeError, CastError):
        value = "refused"
    assert value != row.value


@pytest.mark.parametrize(
    ("where", "style", "explode", "schema", "wire", "reason"),
    [
        ("path", "label", False, TEXT, "blue", "starts with a full stop"),
        ("path", "matrix", False, TEXT, "blue", "starts with a semicolon"),
        ("path", "matrix", False, TEXT, ";q=blue", "names its value, like ;p=blue"),
        ("path", "matrix", False, TEXT, ";p=a;p=b", "is given once"),
        ("path", "simple", False, COLOUR, "R,100,G", "an even number"),
        ("path", "simple", True, COLOUR, "R=1,G", "is made of name=value"),
        ("path", "simple", True, COLOUR, "R=1,R=2", "has one value for R"),
        ("query", "form", False, COLOUR, "p=R,100,G", "an even number"),
        ("query", "pipeDelimited", False, COLOUR, "p=R", "an even number"),
        ("query", "deepObject", True, COLOUR, "p[R]=1&p[R][x]=2", "a value and members"),
    ],
)  # fmt: skip
def test_text_without_the_form_of_its_style_is_refused_with_the_form(
    door, where, style, explode, schema, wire, reason
):
    client, _ = door
    row = next(
        row
        for row in ROWS
        if (row.where, row.style, row.explode, row.schema) == (where, style, explode, schema)
    )
    response = sent(client, row, wire)
    assert response.status_code == (404 if where == "path" else 400)
    (error,) = response.json()["errors"]
    assert error["pointer"] == "/p"
    assert reason in error["message"]


def test_a_wrong_item_is_told_by_its_place(door):
    client, _ = door
    row = next(row for row in ROWS if row.wire == "p[R]=100&p[G]=200&p[B]=150")
    errors = sent(client, row, "p[R]=x&p[G]=1").json()["errors"]
    assert [(e["pointer"], e["expected"], e["received"]) for e in errors] == [
        ("/p/R", "integer", "x")
    ]


def test_a_parameter_with_content_is_json(door):
    client, calls = door
    assert client.get("/content", params={"p": '{"limit": 3}'}).status_code == 204
    assert calls[-1].query == {"p": {"limit": 3}}
    (error,) = client.get("/content", params={"p": '{"limit": "3"}'}).json()["errors"]
    assert (error["pointer"], error["expected"]) == ("/p/limit", "integer")
    (error,) = client.get("/content", params={"p": "limit=3"}).json()["errors"]
    assert (error["pointer"], error["expected"]) == ("/p", "object")


def test_each_of_several_path_parameters_is_cut_by_its_own_style(door):
    client, calls = door
    assert client.get("/mixed/1,2/of/a%2Cb%2Fc").status_code == 204
    assert calls[-1].path == {"p": [1, 2], "q": "a,b/c"}
