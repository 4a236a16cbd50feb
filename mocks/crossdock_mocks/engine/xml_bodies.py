"""XML bodies, read by the schema's `xml` hints (OpenAPI 3.1.1, section 4.8.26).

Document types are refused altogether, and with them every entity but the five of XML itself:
neither entities that expand without end nor files of the host can be asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from xml.parsers import expat

import attrs

from crossdock_mocks.engine.parameters import decode_text, member

_DEEPEST: Final = 100
_ANYTHING: Mapping[str, Any] = {"types": ["string"], "format": ""}


class MalformedXml(ValueError):  # noqa: N818 - it names what it is
    """The text is not XML that is taken; the message says where and why."""


@attrs.define
class Element:
    """One element; names are without prefix, as namespaces only tell systems apart."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = attrs.field(factory=list)
    text: str = ""


def parse(body: bytes) -> Element:
    """Parse a document.

    Raises:
        MalformedXml: Not well-formed, with a document type, or nested too deeply.
    """
    root: list[Element] = []
    stack: list[Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        plain = {_local(key): value for key, value in attributes.items()}
        element = Element(_local(name), plain)
        if len(stack) == _DEEPEST:
            raise MalformedXml(f"{_place(parser)}: nested more than {_DEEPEST} deep")
        (stack[-1].children if stack else root).append(element)
        stack.append(element)

    def end(name: str) -> None:
        del name  # the parser has seen that it fits
        stack.pop()

    def data(text: str) -> None:
        stack[-1].text += text

    def refuse(*_: Any) -> None:
        raise MalformedXml(f"{_place(parser)}: a document type is not taken")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise MalformedXml(f"line {error.lineno}, column {error.offset + 1}: {reason}") from error
    return root[0]


def value(element: Element, shape: Mapping[str, Any]) -> Any:
    """The value of an element by the shape of its schema.

    An attribute is a property with `xml: {attribute: true}`; items stand side by side under their
    own name, or, wrapped, within an element of the property's. What the schema does not know is
    kept under its name, so that it can be refused.
    """
    if "array" in shape["types"]:
        items = shape.get("items", _ANYTHING)
        return [value(each, items) for each in element.children]
    if not ("object" in shape["types"] or "properties" in shape or element.children):
        text = element.text if "string" in shape["types"] else element.text.strip()
        return decode_text(text, shape)
    made: dict[str, Any] = {}
    used: set[str] = set()
    for name, inner in shape.get("properties", {}).items():
        hint = inner.get("xml", {})
        wire = hint.get("name", name)
        if hint.get("attribute"):
            if wire in element.attributes:
                made[name] = decode_text(element.attributes[wire], inner)
            used.add(f"@{wire}")
            continue
        is_list = "array" in inner["types"]
        if is_list and not hint.get("wrapped"):
            # Side by side, the name is that of the items.
            wire = inner.get("items", {}).get("xml", {}).get("name", wire)
        found = [each for each in element.children if each.name == wire]
        used.add(wire)
        if not found:
            continue
        if is_list and not hint.get("wrapped"):
            made[name] = [value(each, inner.get("items", _ANYTHING)) for each in found]
        elif len(found) > 1:
            made[name] = [value(each, inner) for each in found]
        else:
            made[name] = value(found[0], inner)
    for key, text in element.attributes.items():
        if f"@{key}" not in used:
            made.setdefault(key, text)
    for child in element.children:
        if child.name not in used:
            made.setdefault(child.name, value(child, member(shape, child.name)))
    return made


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _place(parser: expat.XMLParserType) -> str:
    return f"line {parser.CurrentLineNumber}, column {parser.CurrentColumnNumber + 1}"
