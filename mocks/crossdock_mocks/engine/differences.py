"""Where our verdict on a message is not openapi-core's: each difference, its reason, who is right.

The standard is the judge. What stands here is all there is: property tests compare both on random
messages and accept no other difference, and each entry's example is a test. `docs/validation.md`
is made of this list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

Side = Literal["crossdock", "openapi-core"]


@attrs.frozen
class Difference:
    """One difference.

    Attributes:
        keyword: The rule over which they differ, as the one that refuses names it.
        format: The format, when the rule is `format`.
        refused_by: Who says no; the other one says yes.
        example: A value over which they differ, or the query of a request.
        schema: The schema that it is held against (of a parameter `p` when it is a query).
        reason: Why, with the standard that decides.
        right: Who keeps to the standard; `either` where it leaves the matter open.
        where: `body`, or `query` for what only concerns parameters.
        version: OpenAPI version of the example.
    """

    keyword: str
    format: str
    refused_by: Side
    example: Any
    schema: Mapping[str, Any]
    reason: str
    right: Side | Literal["either"] = "crossdock"
    where: Literal["body", "query"] = "body"
    version: str = "3.1.0"


def _format(name: str, refused_by: Side, example: Any, reason: str, **more: Any) -> Difference:
    kind = "integer" if name.startswith("int") else "string"
    schema = {"type": kind, "format": name}
    return Difference("format", name, refused_by, example, schema, reason, **more)


_UNCHECKED = "openapi-core does not check this format"
_CASTS = "openapi-core reads text as Python does (`int`, `float`, `bool`); JSON's form is meant"

DIFFERENCES: tuple[Difference, ...] = (
    # Formats
    _format(
        "date", "openapi-core", "0000-01-01",
        "RFC 3339 has a year 0000, which Python's calendar does not. As a parameter, which "
        "becomes a Python date, it is refused by both",
    ),
    _format(
        "date-time", "openapi-core", "2016-12-31T23:59:60Z",
        "RFC 3339, section 5.7 has leap seconds, of which Python has none",
    ),
    _format("time", "crossdock", "10:00:00", "RFC 3339: a full-time has an offset"),
    _format("time", "openapi-core", "10:00:00Z", "RFC 3339: a full-time has an offset"),
    _format("duration", "crossdock", "1 day", f"{_UNCHECKED} (RFC 3339, appendix A)"),
    _format(
        "email", "crossdock", "a b@example.com",
        "openapi-core looks for an @ only; RFC 5321 has more to say",
    ),
    _format("uri", "crossdock", "not a uri", f"{_UNCHECKED} (RFC 3986)"),
    _format("uri-reference", "crossdock", "a b", f"{_UNCHECKED} (RFC 3986)"),
    _format("uri-template", "crossdock", "{", f"{_UNCHECKED} (RFC 6570)"),
    _format("iri", "crossdock", "a b", f"{_UNCHECKED} (RFC 3987)"),
    _format("hostname", "crossdock", "a_b", f"{_UNCHECKED} (RFC 1123, section 2.1)"),
    _format("json-pointer", "crossdock", "a", f"{_UNCHECKED} (RFC 6901)"),
    _format("relative-json-pointer", "crossdock", "a", f"{_UNCHECKED} (JSON Schema 2020-12)"),
    _format(
        "regex", "crossdock", "(?P<name>a)",
        "openapi-core takes Python's expressions; ECMA-262 is meant",
    ),
    _format(
        "regex", "openapi-core", "(?<name>a)",
        "openapi-core takes Python's expressions; ECMA-262 is meant",
    ),
    _format(
        "int32", "crossdock", 2147483648.0,
        "2147483648.0 is an integer (JSON Schema 2020-12, section 6.1.1) beyond 32 bits; "
        "openapi-core looks at it only when it is written without a fraction",
    ),
    _format(
        "int64", "crossdock", 1e300,
        "1e300 is an integer (JSON Schema 2020-12, section 6.1.1) beyond 64 bits; "
        "openapi-core looks at it only when it is written without a fraction",
    ),
    # Patterns
    Difference(
        "pattern", "", "crossdock", "1\n", {"type": "string", "pattern": "^[0-9]+$"},
        "In ECMA-262 `$` is the end of the text; openapi-core follows Python, where a line feed "
        "may come after it",
    ),
    Difference(
        "pattern", "", "crossdock", "\u0663", {"type": "string", "pattern": r"^\d$"},
        r"In ECMA-262 `\d`, `\w` and `\b` know ASCII only; openapi-core follows Python, where they "
        "know all of Unicode",
    ),
    Difference(
        "pattern", "", "openapi-core", "\ufeff", {"type": "string", "pattern": r"^\s$"},
        r"In ECMA-262 `\s` knows the byte order mark; openapi-core follows Python",
    ),
    # Numbers
    Difference(
        "multipleOf", "", "openapi-core", 19.99, {"type": "number", "multipleOf": 0.01},
        "19.99 is a multiple of 0.01; openapi-core divides binary fractions",
    ),
    Difference(
        "type", "", "openapi-core", 1e300, {"type": "integer"},
        "3.0 stands on a draft in which a number with an exponent is no integer. We see that up to "
        "64 bits; beyond, our parser does not keep how a number was written",
        right="openapi-core", version="3.0.3",
    ),
    # Discriminators
    Difference(
        "discriminator", "", "openapi-core", {"kind": "tom"},
        {
            "oneOf": [{"$ref": "#/components/schemas/Cat"}],
            "discriminator": {"propertyName": "kind", "mapping": {"tom": "Cat"}},
        },
        "A mapping may give the bare name of a schema (OpenAPI 3.1.1, section 4.8.25); "
        "openapi-core takes references only",
    ),
    # Parameters
    Difference(
        "additionalProperties", "", "crossdock", "p=1&q=2", {"type": "integer"},
        "OpenAPI does not say what an unknown parameter is. A mock that swallows it hides a "
        "mistake; `x-unknown-parameters: ignore` in a document lets it pass",
        right="either", where="query",
    ),
    Difference("type", "", "crossdock", "p=%2B1_0", {"type": "integer"}, _CASTS, where="query"),
    Difference("type", "", "crossdock", "p=nan", {"type": "number"}, _CASTS, where="query"),
    Difference("type", "", "crossdock", "p=YES", {"type": "boolean"}, _CASTS, where="query"),
    Difference(
        "explode", "", "crossdock", "p=1&p=2", {"type": "integer"},
        "One value is asked for and two came; openapi-core takes the first in silence",
        right="either", where="query",
    ),
)  # fmt: skip
"""All that is known to differ."""


def table() -> str:
    """The list as a Markdown table, for `docs/validation.md`."""
    rows = [
        "| rule | example | Crossdock | openapi-core | who is right, and why |",
        "|---|---|---|---|---|",
    ]
    for each in DIFFERENCES:
        rule = f"`format: {each.format}`" if each.keyword == "format" else f"`{each.keyword}`"
        if each.where == "query":
            rule = f"{_PARAMETERS.get(each.keyword, each.keyword)} (parameters)"
        ours, theirs = ("no", "yes") if each.refused_by == "crossdock" else ("yes", "no")
        example = ascii(each.example).replace("|", "\\|")
        right = "open" if each.right == "either" else each.right
        rows.append(f"| {rule} | `{example}` | {ours} | {theirs} | {right}: {each.reason} |")
    return "\n".join(rows) + "\n"


_PARAMETERS = {
    "additionalProperties": "unknown name",
    "type": "text that is no JSON value",
    "explode": "given more than once",
}
