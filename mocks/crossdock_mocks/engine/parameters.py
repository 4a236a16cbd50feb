"""Parameters: from the text on the wire to values of their types, and back to reasons."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, final
from urllib.parse import unquote, unquote_plus

import orjson
from jsonschema_rs import Validator

from crossdock_mocks.engine.paths import bare
from crossdock_mocks.engine.problem import Violation
from crossdock_mocks.engine.styles import Kind, Malformed, as_list, unpack
from crossdock_mocks.engine.violations import pointer, violations

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
_ANYTHING: Mapping[str, Any] = {"types": ["string"], "format": ""}
MISSING: Any = object()


def split_query(query: str) -> dict[str, list[str]]:
    """Names and their values in a query string or a form, still encoded."""
    found: dict[str, list[str]] = {}
    for pair in query.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            if "%" in name or "+" in name:
                name = unquote_plus(name)
            if name in found:
                found[name].append(value)
            else:
                found[name] = [value]
    return found


def decode_text(text: str, shape: Mapping[str, Any]) -> Any:
    """The value of a text by the types it may have; text that fits none stays text."""
    types = shape["types"]
    if "integer" in types and _INTEGER.match(text):
        return int(text)
    if "number" in types and _NUMBER.match(text):
        return Decimal(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    if "null" in types and text in ("", "null") and "string" not in types:
        return None
    return text


def grow(node: Any, shape: Mapping[str, Any]) -> Any:
    """The value of a tree of texts (see `styles.put`) by its shape.

    Args:
        node: A dictionary of nodes, or the list of texts that came under one name.
        shape: The shape of the value.
    """
    if isinstance(node, dict):
        items = as_list(node) if "array" in shape["types"] else None
        if items is not None:
            inner = shape.get("items", _ANYTHING)
            return [grow(each if isinstance(each, dict) else [each], inner) for each in items]
        return {name: grow(each, member(shape, name)) for name, each in node.items()}
    texts = [text for each in node for text in (each if isinstance(each, list) else [each])]
    if "array" in shape["types"]:
        return [decode_text(each, shape.get("items", _ANYTHING)) for each in texts]
    if len(texts) > 1:
        return texts
    return decode_text(texts[0], shape)


def member(shape: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The shape of a member of an object."""
    known: Mapping[str, Any] | None = shape.get("properties", {}).get(name)
    return known or shape.get("additional") or _ANYTHING


def finish(value: Any, shape: Mapping[str, Any]) -> Any:
    """A checked value as Python has it: dates and instants are no longer text."""
    if isinstance(value, str):
        if shape["format"] == "date":
            return date.fromisoformat(value)
        if shape["format"] == "date-time":
            # A leap second is valid (RFC 3339), but Python's minutes end at 59.
            text = re.sub(r"(T\d\d:\d\d):60", r"\1:59", value.upper())
            return datetime.fromisoformat(text).astimezone(UTC)
        return value
    if isinstance(value, list) and "items" in shape:
        return [finish(each, shape["items"]) for each in value]
    if isinstance(value, dict):
        return {name: finish(each, member(shape, name)) for name, each in value.items()}
    return value


def _plainly(shape: Mapping[str, Any]) -> bool:
    return (
        shape["format"] not in ("date", "date-time")
        and ("items" not in shape or _plainly(shape["items"]))
        and all(_plainly(each) for each in shape.get("properties", {}).values())
        and ("additional" not in shape or _plainly(shape["additional"]))
    )


@final
class Parameter:
    """One declared parameter, compiled.

    Args:
        rule: The parameter's part of the plan.
        validator: Its compiled schema.
    """

    def __init__(self, rule: Mapping[str, Any], validator: Validator) -> None:
        self.name: str = rule["name"]
        self.where: str = rule["in"]
        self.key = self.name.lower() if self.where == "header" else self.name
        self.required: bool = rule["required"]
        self.deep: bool = rule["style"] == "deepObject"
        self.spread: bool = (
            rule["explode"] and rule["style"] == "form" and "object" in rule["shape"]["types"]
            and not rule["json"]
        )  # fmt: skip
        self.open: bool = self.spread and rule["open"]
        self._shape = rule["shape"]
        self._plain = _plainly(self._shape)
        self._array = "array" in self._shape["types"]
        self._object = "object" in self._shape["types"]
        self._explode: bool = rule["explode"]
        self._style: str = rule["style"]
        self._kind: Kind = (
            "array" if self._array else "object" if self._object else "primitive"
        )  # fmt: skip
        # What has to be cut before it is percent-decoded, or has marks of its own.
        self.raw: bool = self.where == "path" and (
            self._style != "simple" or self._kind != "primitive"
        )
        self._json: bool = rule["json"]
        # Any text is a string: what needs no check is not checked.
        self._free = rule["schema"] == {"type": "string"}
        self._valid = validator.is_valid
        self._validator = validator
        # A plain text in the path or a header is its own value.
        self._literal = (
            self.where in ("path", "header")
            and rule["shape"] == {"types": ["string"], "format": ""}
            and not self._json
            and self._style == "simple"
            and not rule["quoted"]
        )
        self._quoted: bool = rule["quoted"]
        self._unquote: Callable[[str], str] = unquote_plus if self.where == "query" else unquote
        self._default = rule["default"]

    def default(self) -> Any:
        """The value when none was given, or `MISSING`."""
        if self._default is None:
            return MISSING
        return self._default if self._plain else finish(self._default, self._shape)

    def read(self, texts: list[str], problems: list[Violation]) -> Any:
        """Decode and check the values that came under this name.

        Args:
            texts: The values in their order, still percent-encoded in a query.
            problems: Grows by what was wrong; then `MISSING` is returned.
        """
        if self._literal:
            return texts[0] if self._free else self._checked(texts[0], problems)
        if len(texts) > 1 and not (self._array and self._explode):
            problems.append(
                Violation(
                    pointer([self.name]), "is given more than once", "one value",
                    f"{len(texts)} values", self.where, "explode",
                )
            )  # fmt: skip
            return MISSING
        try:
            value = self._decode(texts)
        except Malformed as error:
            form = f"style {self._style}, {'' if self._explode else 'not '}exploded"
            problems.append(
                Violation(
                    pointer([self.name]), f"is not of its form: it {error}", form, texts[0],
                    self.where, "style",
                )
            )  # fmt: skip
            return MISSING
        return self._checked(value, problems)

    def disagree(self, error: Malformed) -> Violation:
        """What is wrong when members contradict each other."""
        return Violation(
            pointer([self.name]), str(error), "a value or members", None, self.where, "style"
        )

    def read_members(self, tree: Mapping[str, Any], problems: list[Violation]) -> Any:
        """Decode and check an object whose members came one by one (deepObject, spread form).

        Args:
            tree: Texts by name, percent-decoded, as `styles.put` makes it.
            problems: Grows by what was wrong; then `MISSING` is returned.
        """
        return self._checked(grow(tree, self._shape), problems)

    def member_names(self) -> frozenset[str]:
        """Names that a spread object may use in the query."""
        return frozenset(self._shape.get("properties", ()))

    def missing(self) -> Violation:
        """What is wrong when a required parameter did not come."""
        return Violation(
            pointer([self.name]), "is required", "a value", None, self.where, "required"
        )

    def _decode(self, texts: list[str]) -> Any:
        text = bare(texts[0]) if self._quoted else texts[0]
        if self._json:
            try:
                return orjson.loads(self._plain_text(text))
            except ValueError:
                return self._plain_text(text)
        if self._array and self._explode and self.where in ("query", "cookie"):
            items = self._shape.get("items", _ANYTHING)
            return [decode_text(self._plain_text(each), items) for each in texts]
        if self._kind == "primitive" and self._style not in ("label", "matrix"):
            return decode_text(self._plain_text(text), self._shape)
        value = unpack(
            text, style=self._style, explode=self._explode, kind=self._kind, name=self.name,
            decode=self._plain_text,
        )  # fmt: skip
        if isinstance(value, list):
            items = self._shape.get("items", _ANYTHING)
            return [decode_text(each, items) for each in value]
        if isinstance(value, dict):
            return {
                name: decode_text(each, member(self._shape, name)) for name, each in value.items()
            }
        return decode_text(value, self._shape)

    def _plain_text(self, text: str) -> str:
        if self.where == "header" or not ("%" in text or "+" in text):
            return text
        # A path's simple texts were decoded when its operation was found.
        return self._unquote(text) if self.where != "path" or self.raw else text

    def _checked(self, value: Any, problems: list[Violation]) -> Any:
        if not (self._free or self._valid(value)):
            problems.extend(violations(self._validator, value, self.where, pointer([self.name])))
            return MISSING
        if self._plain:
            return value
        try:
            return finish(value, self._shape)
        except (ValueError, OverflowError):
            # Valid by RFC 3339, such as the year 0, but not a day of Python's calendar.
            problems.append(
                Violation(
                    pointer([self.name]), "is out of the calendar", "a day from year 1 to 9999",
                    value, self.where, "format",
                )
            )  # fmt: skip
            return MISSING
