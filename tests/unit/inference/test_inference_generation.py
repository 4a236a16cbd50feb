"""Generation: valid by the schema, the same for the same seed, references that exist."""

import re
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from crossdock_mocks.inference.generation import Generator, Making, rng
from crossdock_mocks.inference.patterns import matching
from crossdock_mocks.inference.schemas import Schemas

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FORMATS = ("date", "date-time", "email", "uuid", "uri", "ipv4", "ipv6", "hostname")
NAMES = st.sampled_from(["id", "name", "email", "amount", "created_at", "due_on", "status", "sku"])


def bounds(low, high):
    return st.tuples(st.integers(low, high), st.integers(0, 40)).map(lambda p: (p[0], p[0] + p[1]))


strings = st.one_of(
    st.sampled_from(FORMATS).map(lambda form: {"type": "string", "format": form}),
    bounds(0, 30).map(lambda b: {"type": "string", "minLength": b[0], "maxLength": b[1] + 1}),
    st.sampled_from([r"^[A-Z]{2}\d{4}$", r"^(red|blue)-[a-f0-9]+$", r"^\d+\.\d{2}$", r"^[^x]{3}$"])
    .map(lambda pattern: {"type": "string", "pattern": pattern}),
    st.lists(st.text(max_size=5), min_size=1, unique=True).map(lambda v: {"enum": v}),
)  # fmt: skip
numbers = st.one_of(
    bounds(-500, 500).map(lambda b: {"type": "integer", "minimum": b[0], "maximum": b[1]}),
    bounds(-500, 500).map(lambda b: {"type": "number", "minimum": b[0], "maximum": b[1] + 0.5}),
    st.sampled_from([0.5, 5, 7, 0.25]).map(lambda s: {"type": "number", "multipleOf": s}),
    st.integers(-9, 9).map(lambda n: {"type": "integer", "exclusiveMinimum": n}),
)
leaves = st.one_of(strings, numbers, st.just({"type": "boolean"}), st.just({"type": "null"}))


def larger(inner):
    objects = st.dictionaries(NAMES, inner, max_size=4).flatmap(
        lambda members: st.lists(st.sampled_from(sorted(members) or ["x"]), unique=True).map(
            lambda required: {
                "type": "object",
                "properties": members,
                "required": [each for each in required if each in members],
                "additionalProperties": False,
            }
        )
    )
    arrays = st.tuples(inner, st.integers(0, 3)).map(
        lambda p: {"type": "array", "items": p[0], "minItems": p[1], "maxItems": p[1] + 2}
    )
    return st.one_of(objects, arrays)


@given(st.recursive(leaves, larger, max_leaves=8), st.integers(0, 9))
@settings(max_examples=150, deadline=None)
def test_what_is_made_is_valid_and_the_same_again(schema, seed):
    generator = Generator(Schemas({}))
    made = generator.value(schema, "thing", Making(rng(seed), NOW))
    again = generator.value(schema, "thing", Making(rng(seed), NOW))
    assert made == again
    assert Draft202012Validator(schema, validate_formats=True).is_valid(made), made


@given(st.from_regex(r"\A\[[a-z]-z\](\{[1-4]\}|\+|\?)?(ab|\\d)?\Z"), st.integers())
@settings(max_examples=60, deadline=None)
def test_texts_match_the_pattern_that_they_are_made_for(pattern, seed):
    made = matching(f"^{pattern}$", rng(seed))
    assert made is not None
    assert re.search(f"^{pattern}$", made)


def test_a_pattern_that_is_not_understood_gives_no_text():
    assert matching(r"(?<=a)b", rng(1)) is None
    assert matching(r"[unclosed", rng(1)) is None


def test_what_was_created_lies_before_now_and_what_is_due_after():
    generator = Generator(Schemas({}))
    for seed in range(50):
        making = Making(rng(seed), NOW)
        instant = {"type": "string", "format": "date-time"}
        assert generator.value(instant, "created_at", making) < "2026-03-01"
        assert generator.value(instant, "due_at", making) > "2026-03-01"


def test_a_schema_that_holds_itself_comes_to_an_end():
    document = {"components": {"schemas": {"Node": {"type": "object", "properties": {
        "name": {"type": "string"},
        "parent": {"$ref": "#/components/schemas/Node"},
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
    }}}}}  # fmt: skip
    made = Generator(Schemas(document)).value(
        {"$ref": "#/components/schemas/Node"}, "", Making(rng(1), NOW)
    )
    assert {"name", "parent", "children"} <= set(made)
