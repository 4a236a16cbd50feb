"""What a JSON Schema finds wrong in a file that a person wrote, said to that person.

A validator's own words speak of properties and patterns, and show the value, which may be a
password. These name the place, and what may stand there.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Final

_TYPES = {
    "string": "a text in quotes",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list in [ ]",
    "object": "a table",
}
_WAYS: Final = 'a text in quotes, { env = "NAME" } or { file = "path" }'


def complaints(
    validator: Any,
    document: Any,
    *,
    under: str = "",
    origins: Mapping[tuple[str, ...], str] | None = None,
) -> list[str]:
    """Judge a document and give a sentence for each thing that is wrong with it.

    Args:
        validator: of the `jsonschema` package.
        document: what was read.
        under: the place of the document in its file, dotted, where it is not the whole of it.
        origins: the variable of the environment that a setting comes from, by its place.
    """
    errors = sorted(validator.iter_errors(document), key=lambda error: list(map(str, error.path)))
    return [
        sentence + _origin(error, origins or {})
        for error in errors
        for sentence in _sentences(error, under)
    ]


def _origin(error: Any, origins: Mapping[tuple[str, ...], str]) -> str:
    path = tuple(map(str, error.absolute_path))
    for length in range(len(path), 0, -1):
        if variable := origins.get(path[:length]):
            return f" (it comes from the environment variable {variable})"
    return ""


def _sentences(error: Any, under: str) -> Iterator[str]:
    place = ".".join([*filter(None, [under]), *map(str, error.absolute_path)])
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    secret = schema.get("x-secret") or schema.get("writeOnly")
    match error.validator:
        case "pattern" | "type" if not secret and _is_reference(error.instance):
            yield (
                f"{place}: only a secret can come from a variable or a file; write it here, or "
                "set the variable that stands over this setting (docs/settings.md)"
            )
        case _ if secret and error.validator != "additionalProperties":
            meaning = schema.get("description")
            yield f"{place}: write {_WAYS}" + (f"; {meaning}" if meaning else "")
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
        case "uniqueItems":
            yield f"{place}: an entry stands there twice"
        case _ if isinstance(error.instance, Mapping | list) and error.instance:
            # The validator's words would show all that is in it, secrets included.
            yield f"{place or '(top)'}: it does not fit ({error.validator})"
        case _:
            yield f"{place or '(top)'}: {error.message}"


def _is_reference(value: object) -> bool:
    return isinstance(value, Mapping) and set(value) in ({"env"}, {"file"})


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _among(name: object, known: list[str]) -> str:
    near = difflib.get_close_matches(str(name), known, n=1)
    question = f"did you mean {near[0]}? There are: " if near else "there are: "
    return question + (", ".join(known) or "none")


def _meaning(schema: Mapping[str, Any], name: str) -> str:
    described = schema.get("properties", {}).get(name, {}).get("description")
    return f" ({described.rstrip('.')})" if described else ""
