"""The JSON Schemas of the files that people write by hand, and readable reports against them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from crossdock.specifications import specification

__all__ = ["complaints", "schema"]


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema ``specs/<name>.schema.json``, from the wheel or from the checkout.

    Raises:
        FileNotFoundError: neither has it: the installation is incomplete.
    """
    text = specification(f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def complaints(document: dict[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """Each way in which a TOML document breaks the schema: (path in the document, sentence)."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(schema(name))
    found = validator.iter_errors(_plain(document))
    for error in sorted(found, key=lambda one: [str(part) for part in one.absolute_path]):
        yield from _told(error)


def _told(error: Any) -> Iterator[tuple[str, str]]:
    path = _path(error.absolute_path)
    rule, found = error.validator, error.instance
    if rule == "anyOf" or rule == "oneOf":
        wanted = error.schema.get("description")
        if wanted:
            yield path, f"{_shown(found)} is not {wanted}."
            return
        deepest = max(error.context, key=lambda one: len(one.absolute_path), default=None)
        if deepest is not None:
            yield from _told(deepest)
            return
    if rule == "required":
        missing = [key for key in error.validator_value if key not in found]
        yield path, f"{' and '.join(missing)} must be given."
    elif rule == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        for key in sorted(set(found) - set(known)):
            yield _path([*error.absolute_path, key]), f"unknown key; known are {', '.join(known)}."
    elif rule == "type":
        wanted = error.validator_value
        words = wanted if isinstance(wanted, str) else " or ".join(wanted)
        yield path, f"{_shown(found)} is not of type {words}."
    elif rule == "enum":
        choices = ", ".join(str(one) for one in error.validator_value)
        yield path, f"{_shown(found)} is not one of {choices}."
    elif rule == "pattern":
        wanted = error.schema.get("description", f"of the form {error.validator_value}")
        yield path, f"{_shown(found)} is not {wanted}."
    else:
        yield path, f"{error.message}."


def _shown(found: Any) -> str:
    text = json.dumps(found, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."


def _path(parts: Any) -> str:
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else str(part)
    return text or "the file"


def _plain(value: Any) -> Any:
    """TOML dates as ISO texts, so that JSON Schema can judge them."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return value
