"""What a JSON Schema finds wrong in a file that a person wrote, said to that person.

A validator's own words speak of properties and patterns, and show the value, which may be a
password. These name the place, and what may stand there.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES = {
    "string": "a text in quotes",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list in [ ]",
    "object": "a table",
}


def complaints(validator: Any, document: Any, *, under: str = "") -> list[str]:
    """Judge a document and give a sentence for each thing that is wrong with it.

    Args:
        validator: of the `jsonschema` package.
        document: what was read.
        under: the place of the document in its file, dotted, where it is not the whole of it.
    """
    errors = sorted(validator.iter_errors(document), key=lambda error: list(map(str, error.path)))
    return [sentence for error in errors for sentence in _sentences(error, under)]


def _sentences(error: Any, under: str) -> Iterator[str]:
    place = ".".join([*filter(None, [under]), *map(str, error.absolute_path)])
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    match error.validator:
        case "additionalProperties" if isinstance(error.instance, Mapping):
            known = sorted(schema.get("properties", {}))
            for name in sorted(set(error.instance) - set(known)):
                yield f"{_join(place, name)}: there is no such key; {_among(name, known)}"
        case "required" if isinstance(error.instance, Mapping):
            # The validator reports each missing name by itself, and tells it in its message only.
            name = next(each for each in error.validator_value if repr(each) in error.message)
            yield f"{_join(place, name)}: it is missing{_meaning(schema, name)}"
        case "enum":
            known = [str(each) for each in error.validator_value]
            yield f"{place}: {error.instance!r} cannot stand here; {_among(error.instance, known)}"
        case "type":
            wanted = error.validator_value
            names = [wanted] if isinstance(wanted, str) else wanted
            yield f"{place}: write {' or '.join(_TYPES.get(each, each) for each in names)}"
        case "pattern":
            meaning = schema.get("description")
            yield f"{place}: " + (
                f"it is not of the right form: {meaning}"
                if meaning
                else f"it does not match {error.validator_value}"
            )
        case _:
            yield f"{place or '(top)'}: {error.message}"


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _among(name: object, known: list[str]) -> str:
    near = difflib.get_close_matches(str(name), known, n=1)
    question = f"did you mean {near[0]}? There are: " if near else "there are: "
    return question + (", ".join(known) or "none")


def _meaning(schema: Mapping[str, Any], name: str) -> str:
    described = schema.get("properties", {}).get(name, {}).get("description")
    return f" ({described.rstrip('.')})" if described else ""
