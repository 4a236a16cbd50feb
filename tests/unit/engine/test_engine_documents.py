"""Documents: read, checked, planned, remembered; schemas as JSON Schema; paths."""

import json
import subprocess
import sys

import pytest

from crossdock_mocks.engine import DocumentError
from crossdock_mocks.engine.document import check, load_plan, parse
from crossdock_mocks.engine.operations import Compiler
from crossdock_mocks.engine.paths import Paths
from crossdock_mocks.engine.plan import make_plan
from crossdock_mocks.engine.violations import violations


def document(version="3.1.0", schemas=None, **operation):
    operation = {"operationId": "op", "responses": {"200": {"description": "ok"}}, **operation}
    return {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {"/x": {"post": operation}},
        "components": {"schemas": schemas or {}},
    }


def verdicts(version, schema, bodies, schemas=None, side="request"):
    """Whether each body is valid by the compiled schema."""
    body = {"content": {"application/json": {"schema": schema}}}
    if side == "request":
        given = document(version, schemas, requestBody=body)
    else:
        given = document(version, schemas, responses={"200": {"description": "ok", **body}})
    check(given, "t")
    plan = make_plan(given, "t")
    rule = plan["operations"][0]
    compiled = (
        rule["body"]["content"]["application/json"]["schema"]
        if side == "request"
        else rule["responses"]["200"]["content"]["application/json"]
    )
    validator = Compiler(plan).validator(compiled)
    return [validator.is_valid(each) for each in bodies]


def test_yaml_12_words_and_dates_stay_text():
    parsed = parse(b"openapi: 3.1.0\na: no\nb: on\nc: 2026-01-02\nd: true\n200: x\n", "t")
    assert parsed == {
        "openapi": "3.1.0",
        "a": "no",
        "b": "on",
        "c": "2026-01-02",
        "d": True,
        "200": "x",
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"openapi: [", "neither JSON nor YAML"),
        (b'{"openapi": ', "neither JSON nor YAML"),
        (b"swagger: '2.0'", "does not say `openapi: 3.1.x`"),
        (b"- a list", "does not say `openapi: 3.1.x`"),
        (b"openapi: 3.1.0\ninfo: {title: t}\npaths: {}", "info: .version. is a required property"),
    ],
)
def test_a_document_that_is_none_is_refused_with_the_reason(tmp_path, content, reason):
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=reason) as caught:
        load_plan(path)
    assert str(caught.value).startswith("bad.yaml cannot be used:")


def test_a_document_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DocumentError, match="cannot be read"):
        load_plan(tmp_path / "none.yaml")


def test_operations_need_ids_of_their_own():
    given = document()
    given["paths"]["/y"] = {"get": {"operationId": "op", "responses": {}}, "put": {"responses": {}}}
    with pytest.raises(DocumentError) as caught:
        make_plan(given, "t")
    assert caught.value.problems == (
        "GET /y: operationId is also that of POST /x",
        "PUT /y: needs an operationId to be given behaviour",
    )


def test_references_are_followed_and_circles_and_other_files_refused():
    given = document(parameters=[{"$ref": "#/components/parameters/P"}])
    given["components"]["parameters"] = {
        "P": {"name": "p", "in": "query", "schema": {"type": "integer"}}
    }
    assert make_plan(given, "t")["operations"][0]["parameters"][0]["shape"]["types"] == ["integer"]
    given["components"]["parameters"] = {"P": {"$ref": "#/components/parameters/P"}}
    with pytest.raises(DocumentError, match="runs in a circle"):
        make_plan(given, "t")
    given["components"]["parameters"] = {"P": {"$ref": "other.yaml#/P"}}
    with pytest.raises(DocumentError, match="other files"):
        make_plan(given, "t")


START = """
import json, sys
from pathlib import Path
from crossdock_mocks.engine.document import load_plan
plan = load_plan(Path(sys.argv[1]))
print(json.dumps({"cold": "openapi_core" in sys.modules, "yaml": "yaml" in sys.modules,
                  "operations": len(plan["operations"])}))
"""


def start(path, cache):
    done = subprocess.run(
        [sys.executable, "-c", START, str(path)],
        env={"XDG_CACHE_HOME": str(cache), "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_a_second_start_does_not_import_openapi_core(dialect, tmp_path):
    path = tmp_path / "copy.yaml"
    path.write_text(dialect.document.read_text())
    cache = tmp_path / "cache"
    cold = {"cold": True, "yaml": True, "operations": 9}
    warm = {"cold": False, "yaml": False, "operations": 9}
    assert start(path, cache) == cold
    assert start(path, cache) == warm
    path.write_text(path.read_text() + "\n# changed\n")
    assert start(path, cache) == cold
    for kept in cache.rglob("*.json"):
        kept.write_text("{torn")
    assert start(path, cache) == cold
    assert start(path, cache) == warm


def test_a_cache_that_cannot_be_written_only_costs_time(dialect, tmp_path):
    (tmp_path / "cache").write_text("a file where a folder is wanted")
    assert start(dialect.document, tmp_path / "cache")["cold"]


@pytest.mark.parametrize(
    ("version", "schema", "bodies", "expected"),
    [
        ("3.0.3", {"type": "string", "nullable": True}, [None, "x", 1], [True, True, False]),
        ("3.1.0", {"type": "string", "nullable": True}, [None, "x"], [False, True]),
        ("3.1.0", {"type": ["string", "null"]}, [None, "x", 1], [True, True, False]),
        (
            "3.0.3",
            {"type": "number", "minimum": 5, "exclusiveMinimum": True},
            [5, 6],
            [False, True],
        ),
        (
            "3.0.3",
            {"type": "number", "maximum": 5, "exclusiveMaximum": False},
            [5, 6],
            [True, False],
        ),
        ("3.1.0", {"type": "number", "exclusiveMinimum": 5}, [5, 6], [False, True]),
        ("3.1.0", {"type": "integer", "format": "int32"}, [2**31 - 1, 2**31], [True, False]),
        ("3.1.0", {"type": "integer", "format": "int64"}, [2**63 - 1, 2**63], [True, False]),
        ("3.1.0", {"type": "integer"}, [1, 1.0, True, 1.5], [True, True, False, False]),
        ("3.0.3", {"type": "integer"}, [1, 1.0, True, 1.5], [True, False, False, False]),
        ("3.0.3", {"type": "integer", "nullable": True}, [1, 1.0, None], [True, False, True]),
        ("3.1.0", {"type": "number", "multipleOf": 0.01}, [19.99, 1.005], [True, False]),
        (
            "3.1.0",
            {"type": "string", "format": "uuid"},
            ["x", "01234567-89ab-cdef-0123-456789abcdef"],
            [False, True],
        ),
        (
            "3.1.0",
            {"type": "string", "format": "byte"},
            ["aGk=", "!!!", "aGk"],
            [True, False, False],
        ),
        (
            "3.1.0",
            {"type": "string", "format": "date"},
            ["2026-02-03", "2026-02-30"],
            [True, False],
        ),
        (
            "3.1.0",
            {"type": "string", "format": "date-time"},
            ["2026-02-03T04:05:06Z", "2026-02-03T04:05:06"],
            [True, False],
        ),
        ("3.1.0", {"type": "string", "format": "password"}, ["anything"], [True]),
        (
            "3.0.3",
            {"$ref": "#/components/schemas/S", "description": "ignored", "maxLength": 1},
            ["ab", 1],
            [True, False],
        ),
        ("3.1.0", {"$ref": "#/components/schemas/S", "maxLength": 1}, ["a", "ab"], [True, False]),
    ],
)
def test_schemas_mean_what_their_version_says(version, schema, bodies, expected):
    assert verdicts(version, schema, bodies, {"S": {"type": "string"}}) == expected


SECRET = {
    "type": "object",
    "required": ["id", "name", "password"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "name": {"type": "string"},
        "password": {"type": "string", "writeOnly": True},
    },
}


def test_in_30_read_only_members_are_not_sent_and_write_only_ones_not_answered():
    bodies = [{"name": "a", "password": "p"}, {"id": "1", "name": "a"}, {"name": "a"}]
    reference = {"$ref": "#/components/schemas/Secret"}
    schemas = {"Secret": SECRET}
    assert verdicts("3.0.3", reference, bodies, schemas) == [True, False, False]
    assert verdicts("3.0.3", reference, bodies, schemas, "response") == [False, True, False]


def pet(**own):
    properties = {"kind": {"type": "string"}, **own}
    return {"type": "object", "required": ["kind"], "properties": properties}


PETS = {"Cat": pet(lives={"type": "integer"}), "Dog": pet(tail={"type": "boolean"})}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_discriminator_chooses_the_form_to_hold(version):
    schema = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": {"hound": "#/components/schemas/Dog"}},
    }
    bodies = [
        {"kind": "Cat", "lives": 9}, {"kind": "Cat", "lives": "x"}, {"kind": "hound", "tail": True},
        {"kind": "Emu"}, {}, {"kind": "Cat", "tail": "x"}, {"kind": "Dog", "tail": 1},
        {"kind": "Dog", "tail": False},
    ]  # fmt: skip
    expected = [True, False, True, False, False, True, False, True]
    assert verdicts(version, schema, bodies, PETS) == expected


def test_recursive_schemas_are_compiled():
    schemas = {
        "Node": {
            "type": "object",
            "properties": {"next": {"$ref": "#/components/schemas/Node"}},
            "additionalProperties": False,
        }
    }
    bodies = [{"next": {"next": {}}}, {"next": {"next": {"x": 1}}}]
    assert verdicts("3.1.0", {"$ref": "#/components/schemas/Node"}, bodies, schemas) == [
        True,
        False,
    ]


def reasons(schema, value):
    plan = make_plan(document(schemas=PETS), "t")
    validator = Compiler(plan).validator(schema)
    return {
        (v.pointer, v.expected, v.received, v.keyword) for v in violations(validator, value, "body")
    }


def test_of_several_forms_the_nearest_gives_the_reasons():
    cat = {"$ref": "urn:crossdock:request#/components/schemas/Cat"}
    schema = {"properties": {"pet": {"anyOf": [cat, {"type": "null"}]}}}
    assert reasons(schema, {"pet": {"lives": "x"}}) == {
        ("/pet/kind", "a value", None, "required"),
        ("/pet/lives", "integer", "x", "type"),
    }
    assert reasons({"anyOf": [{"type": "integer"}, {"const": "all"}]}, "some") == {
        ("", "one of: integer; exactly all", "some", "anyOf"),
    }


def test_pointers_are_escaped_and_long_values_cut():
    schema = {"properties": {"a/b~c": {"type": "string", "maxLength": 3}}}
    ((at, expected, received, _),) = reasons(schema, {"a/b~c": "x" * 1000})
    assert (at, expected, len(received)) == ("/a~1b~0c", "at most 3 characters", 203)


@pytest.fixture
def paths():
    found = Paths()
    for template in (
        "/orders/{id}", "/orders/{id}/lines/{line}", "/orders/open", "/accounts('{id}')",
        "/files/{name}.json", "/files/{name}", "/{kind}/{id}/notes", "/",
    ):  # fmt: skip
        found.add(template, "GET", template)
    found.add("/orders/{number}", "PUT", "put")
    return found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/orders/7", ("/orders/{id}", {"id": "7"})),
        ("/orders/open", ("/orders/open", {})),
        ("/orders/a%2Fb/lines/2", ("/orders/{id}/lines/{line}", {"id": "a/b", "line": "2"})),
        ("/accounts('A-1')", ("/accounts('{id}')", {"id": "A-1"})),
        ("/files/a.b.json", ("/files/{name}.json", {"name": "a.b"})),
        ("/files/a.xml", ("/files/{name}", {"name": "a.xml"})),
        ("/orders/7/notes", ("/{kind}/{id}/notes", {"kind": "orders", "id": "7"})),
        ("/", ("/", {})),
        ("/orders", frozenset()),
        ("/orders/", frozenset()),
        ("/orders/7/lines", frozenset()),
        ("", frozenset()),
    ],
)
def test_paths_find_their_operation_fixed_segments_first(paths, path, expected):
    assert paths.find(path, "GET") == expected


def test_a_path_knows_its_methods_across_templates(paths):
    assert paths.find("/orders/open", "PUT") == ("put", {"number": "open"})
    assert paths.find("/orders/7", "DELETE") == frozenset({"GET", "PUT"})
    with pytest.raises(ValueError, match="two operations"):
        paths.add("/orders/{other}", "GET", "again")
