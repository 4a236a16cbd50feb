"""openapi-core as the reference beside the engine's own decoders and validators."""

import json
import warnings
from pathlib import Path
from urllib.parse import parse_qsl

import orjson
import pytest
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from werkzeug.datastructures import ImmutableMultiDict

from crossdock_mocks.engine import Problem, Request
from crossdock_mocks.engine.document import parse
from crossdock_mocks.engine.operations import Compiler, Operation
from crossdock_mocks.engine.plan import make_plan

NO_BODY = object()
HERE = Path(__file__).parent
SPECS = HERE.parents[2] / "specs"


class Comparison:
    """One document, in the engine and in openapi-core."""

    def __init__(self, document):
        self.document = document
        document.pop("servers", None)
        for item in document["paths"].values():
            for operation in item.values():
                if isinstance(operation, dict):
                    operation["security"] = []  # who calls is not the question here
        self.plan = make_plan(document, "compared")
        compiler = Compiler(self.plan)
        self.compiler = compiler
        self.rules = {rule["id"]: rule for rule in self.plan["operations"]}
        self.operations = {name: Operation(rule, compiler) for name, rule in self.rules.items()}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # openapi-core knows application/json only, and takes other JSON for text.
            known = {"application/problem+json": json.loads}
            config = Config(extra_media_type_deserializers=known)
            self.core = OpenAPI.from_dict(document, config=config)

    def ours_of_body(self, name, value):
        """Reasons of the engine against a JSON body; none when it is valid."""
        (rule,) = self.rules[name]["body"]["content"].values()
        return [*self._reasons(rule["schema"], value)]

    def ours_of_answer(self, name, status, value):
        """The same for an answer."""
        (schema,) = self.rules[name]["responses"][status]["content"].values()
        return [*self._reasons(schema, value)]

    def _reasons(self, schema, value):
        validator = self.compiler.validator(schema)
        # As it travels: what JSON cannot tell apart is not told apart.
        value = orjson.loads(json.dumps(value))
        for error in validator.iter_errors(value):
            yield from leaves_of_ours(error)

    def ours_of_parameters(self, name, path, query, headers):
        """Violations of the engine against a request's parameters."""
        operation = self.operations[name]
        problems = []
        request = Request(operation.method, "", query, headers)
        try:
            operation.parameters(request, path, problems)
        except Problem as problem:
            problems.extend(problem.errors)
        return [(each.keyword, "") for each in problems]

    def theirs(self, name, *, path="", query="", headers=None, body=NO_BODY, media=None):
        """Reasons of openapi-core against a request."""
        request = self._request(name, path, query, headers or {}, body, media)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return reasons_of_theirs(self.core.iter_request_errors(request))

    def theirs_of_answer(self, name, status, path, value, media):
        """Reasons of openapi-core against an answer's JSON body."""
        request = self._request(name, path, "", {}, NO_BODY, None)
        response = MockResponse(json.dumps(value).encode(), int(status), content_type=media)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return reasons_of_theirs(self.core.iter_response_errors(request, response))

    def _request(self, name, path, query, headers, body, media):
        rule = self.rules[name]
        cookies = headers.get("cookie", "")
        request = MockRequest(
            "http://localhost",
            rule["method"],
            path or rule["path"],
            headers={key: value for key, value in headers.items() if key != "cookie"},
            data=b"" if body is NO_BODY else json.dumps(body).encode(),
            content_type=media or "application/json",
        )
        pairs = parse_qsl(query, keep_blank_values=True)
        request.parameters.query = ImmutableMultiDict(pairs)
        request.parameters.cookie = ImmutableMultiDict(parse_qsl(cookies.replace("; ", "&")))
        return request


BOUNDS = {2**31 - 1: "int32", -(2**31): "int32", 2**63 - 1: "int64", -(2**63): "int64"}
"""The engine states these two formats as limits."""


def leaves_of_ours(error):
    """A reason of jsonschema-rs as (keyword, format), or all reasons of each of its branches."""
    kind = error.kind
    branches = getattr(kind, "context", None)
    if branches:
        yield (
            kind.name,
            tuple(
                tuple(leaf for each in branch for leaf in leaves_of_ours(each))
                for branch in branches
            ),
        )
    else:
        name = BOUNDS.get(getattr(kind, "limit", None))
        yield ("format", name) if name else (kind.name, getattr(kind, "format", ""))


def reasons_of_theirs(errors):
    """Reasons of openapi-core; that it breaks over a value is a refusal too, and its own reason."""
    try:
        return [*leaves_of_theirs(errors)]
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        return [("breaks", type(error).__name__)]


def leaves_of_theirs(errors):
    """openapi-core's exceptions in the same form."""
    for error in errors:
        cause = error
        while cause is not None and not hasattr(cause, "schema_errors"):
            if type(cause).__name__ in ("CastError", "DeserializeError"):
                break
            cause = cause.__cause__ or cause.__context__
        if cause is None:
            yield (type(error).__name__, "")
        elif not hasattr(cause, "schema_errors"):
            yield (type(cause).__name__, "")
        else:
            for each in cause.schema_errors:
                yield leaf_of_theirs(each)


def leaf_of_theirs(error):
    if error.context:
        branches = {}
        for each in error.context:
            branches.setdefault(each.schema_path[0], []).append(leaf_of_theirs(each))
        return (error.validator, tuple(tuple(branch) for branch in branches.values()))
    if "could not be resolved" in error.message:
        return ("discriminator", "")
    value = error.validator_value if error.validator == "format" else ""
    return (error.validator, value)


@pytest.fixture(autouse=True)
def _without_the_users_cache(own_cache):
    with own_cache():
        yield


@pytest.fixture(scope="session")
def compared():
    """Compares a document: one of ours, a hostile one (by name), or one given as it is."""
    made = {}

    def compare(document):
        if not isinstance(document, str):
            return Comparison(document)
        if document not in made:
            folder = SPECS if document in ("erp", "crm", "hubspot") else HERE / "documents"
            file = folder / f"{document}.openapi.yaml"
            made[document] = Comparison(parse(file.read_bytes(), file.name))
        return made[document]

    return compare
