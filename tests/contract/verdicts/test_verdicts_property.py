"""Random requests and answers, valid and not: the engine and openapi-core give the same verdict.

What differs has to be on the published list (`crossdock_mocks.engine.differences`).
"""

from collections import Counter
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from crossdock_mocks.engine.differences import DIFFERENCES

DOCUMENTS = ("erp", "crm", "hubspot", "forms", "old", "formats", "styles")
LISTED = {
    (where, side): {
        (each.keyword, each.format)
        for each in DIFFERENCES
        if each.refused_by == side and where in ("query", each.where)
    }
    for side in ("crossdock", "openapi-core")
    for where in ("body", "query")
}
"""What concerns bodies may come up in parameters too, but not the other way round."""

FORMATS = {
    "date": ["2026-02-03", "2026-02-30", "2026-2-3", "x"],
    "date-time": ["2026-02-03T04:05:06Z", "2026-02-03T04:05:06.5+02:00", "2026-02-03 04:05:06Z",
                  "2026-02-03T04:05:06", "2016-12-31T23:59:60Z", "2026-02-03t04:05:06z"],
    "time": ["10:00:00Z", "25:00:00Z", "10:00"],
    "duration": ["P1D", "PT1H30M", "P", "x"],
    "uuid": ["01234567-89ab-cdef-0123-456789abcdef", "01234567-89AB-CDEF-0123-456789ABCDEF", "x"],
    "email": ["kim@example.com", "a@b", "a", "a b@c.de"],
    "uri": ["https://example.com/a?b#c", "urn:a:b", "not a uri", "/relative", "http://[x"],
    "hostname": ["example.com", "a_b", "-a", "a"],
    "ipv4": ["127.0.0.1", "1.2.3", "256.1.1.1", "01.2.3.4"],
    "ipv6": ["::1", "fe80::1", "1::2::3", "x"],
    "byte": ["aGk=", "aGk", "!!!", ""],
    "regex": ["^a$", "[", "(?P<a>x)", r"\d"],
    "json-pointer": ["", "/a/~0b", "a", "/~2"],
}  # fmt: skip
TEXTS = ["", "a", "ab", "abc", "x", "1", "true", "null", "1\n", "\u0661", "é", "😀", "e\u0301", " ",
         "\u00a0", "a\nb", "a\rb", "a\u2028b", "d\u00e9j\u00e0"]  # fmt: skip
NUMBERS = [0, 1, -1, 5, 6, 7, 9, 10, 1.0, 1.5, 0.07, 19.99, 4.35, 1.005, 2**31 - 1, 2**31, -(2**31),
           2**63 - 1, 2**63, 2**70, 1e15, 1e300]  # fmt: skip

anything = st.recursive(
    st.none() | st.booleans() | st.sampled_from(NUMBERS) | st.sampled_from(TEXTS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "kind", "name", "x"]), inner, max_size=3)
    ),
    max_leaves=4,
)


class Values:
    """Draws values that mostly fit a schema."""

    def __init__(self, document, draw):
        self.document = document
        self.draw = draw

    def value(self, schema, depth=0):
        """A value that fits, but for its edges: limits, formats and patterns are tried out."""
        if not isinstance(schema, dict):
            return self.draw(anything)
        if "$ref" in schema:
            found = self.document
            for part in schema["$ref"][2:].split("/"):
                found = found[part]
            return self.value(found, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.draw(st.sampled_from(schema["enum"]))
        if (schema.get("nullable") or "null" in schema.get("type", ())) and self.coin(5):
            return None
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                return self._branch(schema, keyword, depth)
        if "allOf" in schema:
            parts = [self.value(part, depth) for part in schema["allOf"]]
            if "properties" in schema:
                parts.append(self._object(schema, depth))
            if not all(isinstance(part, dict) for part in parts):
                return parts[0]
            return {name: each for part in parts for name, each in part.items()}
        types = schema.get("type") or ("object" if "properties" in schema else "any")
        kind = types if isinstance(types, str) else self.draw(st.sampled_from(types))
        made = getattr(self, f"_{kind}", None)
        return self.draw(anything) if made is None else made(schema, depth)

    def coin(self, sides=2):
        return self.draw(st.integers(1, sides)) == 1

    def _branch(self, schema, keyword, depth):
        chosen = self.draw(st.sampled_from(schema[keyword]))
        value = self.value(chosen, depth)
        if isinstance(value, dict) and "properties" in schema:
            value = {**self._object(schema, depth), **value}
        rule = schema.get("discriminator")
        if rule and isinstance(value, dict):
            names = [*rule.get("mapping", ()), *(e["$ref"].split("/")[-1] for e in schema[keyword])]
            value = {**value, rule["propertyName"]: self.draw(st.sampled_from(names))}
        return value

    def _object(self, schema, depth):
        required = schema.get("required", ())
        odds = 2 + depth if len(schema.get("properties", ())) < 8 else 6
        value = {
            name: self.value(each, depth + 1)
            for name, each in schema.get("properties", {}).items()
            if name in required or (depth < 4 and self.coin(odds))
        }
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict) and depth < 4 and self.coin():
            value[self.draw(st.sampled_from(["a", "n_1", "zz"]))] = self.value(extra, depth + 1)
        return value

    def _array(self, schema, depth):
        low = schema.get("minItems", 0)
        size = self.draw(st.integers(low, max(low, min(schema.get("maxItems", 3), 3))))
        first = [self.value(each, depth + 1) for each in schema.get("prefixItems", ())]
        if depth > 3 and not low:
            return first
        return first or [self.value(schema.get("items", {}), depth + 1) for _ in range(size)]

    def _string(self, schema, depth):
        if schema.get("format") in FORMATS:
            pool = FORMATS[schema["format"]]
            return pool[0] if self.coin() else self.draw(st.sampled_from(pool))
        if "pattern" in schema and self.coin():
            return self.draw(st.from_regex(schema["pattern"]))
        if self.coin(4):
            return self.draw(st.sampled_from(TEXTS))
        low, high = schema.get("minLength", 0), schema.get("maxLength", 12)
        # An edge of the length too.
        return "x" * self.draw(st.sampled_from([low, high, low + 1, min(high, 400)]))

    def _integer(self, schema, depth):
        edges = [schema[k] for k in ("minimum", "maximum") if k in schema]
        near = [edge + step for edge in edges for step in (-1, 0, 1)]
        return self.draw(st.sampled_from([*near, *(n for n in NUMBERS if n == int(n))]))

    def _number(self, schema, depth):
        return self.draw(st.sampled_from(NUMBERS) | st.decimals(0, 99, places=2).map(float))

    def _boolean(self, schema, depth):
        return self.draw(st.booleans())

    def _null(self, schema, depth):
        return None

    def changed(self, value):
        """The value with one thing wrong somewhere, or at least different."""
        if isinstance(value, dict) and value:
            how = self.draw(st.sampled_from(["drop", "add", "within", "within", "replace"]))
            name = self.draw(st.sampled_from(sorted(value)))
            if how == "drop":
                return {key: each for key, each in value.items() if key != name}
            if how == "add":
                return {**value, self.draw(st.sampled_from(["a", "kind", "zz"])): self.any()}
            if how == "within":
                return {**value, name: self.changed(value[name])}
        elif isinstance(value, list) and value and self.coin():
            at = self.draw(st.integers(0, len(value) - 1))
            return [*value[:at], self.changed(value[at]), *value[at + 1 :]]
        return self.any()

    def any(self):
        return self.draw(anything)


def explained(reason, side):
    """Whether a reason, or all reasons of one branch of it, are on the list."""
    keyword, detail = reason
    if isinstance(detail, tuple):
        return any(all(explained(each, side) for each in branch) for branch in detail) or (
            (keyword, "") in LISTED[side]
        )
    return (keyword, detail) in LISTED[side]


def judge(tally, ours, theirs, where="body"):
    tally[bool(ours)] += 1
    note(f"crossdock: {ours}\nopenapi-core: {theirs}")
    if bool(ours) == bool(theirs):
        return
    side, reasons = ("crossdock", ours) if ours else ("openapi-core", theirs)
    assert all(explained(reason, (where, side)) for reason in reasons), (
        f"only {side} refuses it, which no published difference explains: {reasons}"
    )


def resolved(document, given):
    while "$ref" in given:
        found = document
        for part in given["$ref"][2:].split("/"):
            found = found[part]
        given = found
    return given


def operations(document):
    for path, item in document["paths"].items():
        for method in ("get", "put", "post", "delete", "patch"):
            if method in item:
                yield (
                    path,
                    item[method],
                    [*item.get("parameters", ()), *item[method].get("parameters", ())],
                )


def bodies(document):
    """(operation id, schema, media type) of all JSON request bodies."""
    for _, operation, _ in operations(document):
        content = resolved(document, operation.get("requestBody", {})).get("content", {})
        for media, rule in content.items():
            if "json" in media and len(content) == 1:
                yield operation["operationId"], rule["schema"], media


def answers(document):
    """(operation id, path, status, schema, media type) of all JSON answers."""
    for path, operation, _ in operations(document):
        for status, rule in operation["responses"].items():
            answer = resolved(document, rule)
            content = answer.get("content", {})
            needs = any(
                resolved(document, h).get("required") for h in answer.get("headers", {}).values()
            )
            for media, body in content.items():
                if "json" in media and len(content) == 1 and status.isdigit() and not needs:
                    yield operation["operationId"], path, status, body["schema"], media


PROPERTY = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "styles"])
def test_bodies_of_requests_get_the_same_verdict(compared, chaos, name):
    it = compared(name)
    points = list(bodies(it.document))
    needy = {
        each["operationId"]
        for _, each, parameters in operations(it.document)
        if any(resolved(it.document, p).get("required") for p in parameters)
    }

    tally = Counter()

    @settings(PROPERTY, max_examples=1000 if chaos else 60)
    @given(st.data())
    def holds(data):
        operation, schema, media = data.draw(st.sampled_from(points))
        values = Values(it.document, data.draw)
        value = values.value(schema)
        if values.coin():
            value = values.changed(value)
        note(f"{operation}: {value!r}")
        theirs = it.theirs(operation, body=value, media=media)
        if operation in needy:
            theirs = [
                each for each in theirs if not each[0].endswith(("Parameter", "ParameterError"))
            ]
        judge(tally, it.ours_of_body(operation, value), theirs)

    holds()
    assert min(tally[True], tally[False]) >= 3, "the proof needs valid and invalid ones"


INTEGERS = ["1", "7", "50", "51", "0", "-1", "1.0", "x", "", "+1", "1_0", " 1", "\u0661", "1e2"]
TYPED = {
    "integer": INTEGERS,
    "number": [*INTEGERS, "0.5", ".5", "1.", "nan", "inf", "1E+2"],
    "boolean": ["true", "false", "TRUE", "yes", "1", "0", "", "x"],
    "string": ["up", "1", "abc", "", "2026-02-03", "2026-02-30", "é", "a,b", "x y"],
}
WRITERS = {"query": quote_plus, "cookie": quote, "header": lambda text: text.strip()}


def test_parameters_get_the_same_verdict(compared, chaos):
    it = compared("styles")
    parameters = it.document["paths"]["/query"]["get"]["parameters"]

    tally = Counter()

    @settings(PROPERTY, max_examples=1000 if chaos else 60)
    @given(st.data())
    def holds(data):
        def text(schema):
            kind = schema["type"]
            pool = TYPED[kind]
            return pool[0] if data.draw(st.booleans()) else data.draw(st.sampled_from(pool))

        pairs, headers = [], {}
        for each in data.draw(st.lists(st.sampled_from(parameters), unique_by=id)):
            schema, where, name = each["schema"], each["in"], each["name"]
            write = WRITERS[where]
            if schema["type"] == "array":
                items = [write(text(schema["items"])) for _ in range(data.draw(st.integers(1, 4)))]
                joint = "|" if each.get("style") == "pipeDelimited" else ","
                spread = where == "query" and each.get("explode", True)
                texts = items if spread else [joint.join(items)]
            elif each.get("style") == "deepObject":
                members = data.draw(st.lists(st.sampled_from(["min", "max", "zz"]), unique=True))
                pairs += [(f"deep[{m}]", write(text({"type": "integer"}))) for m in members]
                continue
            elif schema["type"] == "object":
                texts = [f"min,{write(text({'type': 'integer'}))}"]
            else:
                texts = [write(text(schema))]
            if where == "query":
                pairs += [(name, each) for each in texts]
            elif where == "cookie":
                headers["cookie"] = f"{name}={texts[0]}"
            else:
                headers[name] = texts[0]
        query = "&".join(f"{name}={value}" for name, value in pairs)
        note(f"{query} {headers}")
        lower = {name.lower(): value for name, value in headers.items()}
        judge(
            tally,
            it.ours_of_parameters("query", {}, query, lower),
            it.theirs("query", query=query, headers=headers),
            "query",
        )

    holds()
    assert min(tally[True], tally[False]) >= 3, "the proof needs valid and invalid ones"


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "styles"])
def test_bodies_of_answers_get_the_same_verdict(compared, chaos, name):
    it = compared(name)
    points = list(answers(it.document))

    tally = Counter()

    @settings(PROPERTY, max_examples=1000 if chaos else 60)
    @given(st.data())
    def holds(data):
        operation, path, status, schema, media = data.draw(st.sampled_from(points))
        values = Values(it.document, data.draw)
        value = values.value(schema)
        if values.coin():
            value = values.changed(value)
        note(f"{operation} {status}: {value!r}")
        judge(
            tally,
            it.ours_of_answer(operation, status, value),
            it.theirs_of_answer(operation, status, path, value, media),
        )

    holds()
    assert min(tally[True], tally[False]) >= 3, "the proof needs valid and invalid ones"
