"""Keys: which property a path's parameter is, and how new ones are made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crossdock_mocks.inference.naming import parts, plain, singular, stem
from crossdock_mocks.inference.schemas import Schema, Schemas, kind

_USUAL = ("id", "uuid", "guid", "key", "code", "number", "sid", "slug", "sku", "login", "username",
          "name", "handle", "email", "symbol", "ref", "sha", "token", "title")  # fmt: skip
_SCALARS = ("string", "integer", "number", "")
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789abcdefghkmnp"
_DIGITS = re.compile(r"(.*?)(\d+)\Z", re.DOTALL)


def key_property(
    schemas: Schemas, record: Any, param: str, words: tuple[str, ...], wanted: Any
) -> str:
    """The property that a path's last parameter stands for; dotted where it lies deeper.

    In this order: the property of the parameter's name; what is left of the name without the
    resource's (`issue_number` of issues is `number`, `customerId` of customers is `id`); the usual
    names of keys, of which one with the parameter's type comes first.

    Returns:
        The name, or nothing when the record does not show its key.
    """
    properties: dict[str, Any] = schemas.flat(record)["properties"]
    scalar = {
        name: each
        for name, each in ((name, schemas.flat(each)) for name, each in properties.items())
        if kind(each) in _SCALARS
    }
    by_plain = {plain(name): name for name in reversed(list(scalar))}
    collection = singular(words[-1]) if words else ""
    own = plain(param)
    if own in by_plain:
        return by_plain[own]
    head, tail = stem(param)
    if tail and (singular(head) == collection or head in collection or collection in head):
        for guess in (tail, f"{collection}_{tail}"):
            if guess in by_plain:
                return by_plain[guess]
    if tail and tail in by_plain:
        return by_plain[tail]
    last = parts(param)[-1] if parts(param) else ""
    for guess in (last, f"{own}_name", f"{own}_id", f"{own}_code", f"{collection}_id",
                  f"{collection}_name", f"{collection}_code", f"{collection}_number"):  # fmt: skip
        if guess in by_plain:
            return by_plain[guess]
    type_wanted = kind(schemas.flat(wanted)) if wanted else ""
    candidates = [by_plain[each] for each in _USUAL if each in by_plain]
    if own.endswith("name"):
        candidates.sort(key=lambda each: each not in ("login", "username", "name", "slug"))
    for name in candidates:
        if type_wanted and kind(scalar[name]) == type_wanted:
            return name
    for name in candidates:
        if type_wanted in ("", "string") or kind(scalar[name]) in ("", type_wanted):
            return name
    return ""


def new_key(flat: Schema, count: int, prefix: str, seed: str, *, at_seeding: bool) -> Any:
    """Make the key of a new record.

    An integer counts on; a uuid comes from the seed; other text takes the form of the example
    (`cus_9s6XKzkNRiz8i3`, `C0001`) or else a short prefix of the resource's name and a number.

    Args:
        flat: Flat schema of the key.
        count: The record's number, from 1.
        prefix: Singular name of the resource.
        seed: Text that makes it differ from other resources and seeds.
        at_seeding: Whether it belongs to the data at the beginning.
    """
    import random
    import uuid

    from crossdock_mocks.inference.patterns import matching

    if kind(flat) in ("integer", "number"):
        low = flat.get("minimum", flat.get("exclusiveMinimum", 0) + 1)
        return max(int(low), 1) + count - 1
    rng = random.Random(f"{seed}|{count}|{at_seeding}")  # noqa: S311 - data, not secrets
    if flat.get("format") in ("uuid", "guid"):
        return str(uuid.UUID(int=rng.getrandbits(128), version=4))
    if "enum" in flat:
        return flat["enum"][(count - 1) % len(flat["enum"])]
    pattern, example = flat.get("pattern"), example_of(flat)
    text = _like(example, count, rng) if isinstance(example, str) and example else ""
    if not text:
        text = f"{''.join(each[:4] for each in prefix.split('_')[-1:])}_{count:06d}"
    if pattern and not re.search(pattern, text):
        text = matching(pattern, rng) or text
    most = flat.get("maxLength")
    if most is not None and len(text) > most:
        text = text[-most:]
    return text.ljust(flat.get("minLength", 0), "0")


def _like(example: str, count: int, rng: Any) -> str:
    """A key in the form of an example: the same prefix, then as many digits or letters."""
    found = _DIGITS.match(example)
    if found and len(found[2]) < 12 and "-" not in found[2]:
        head, digits = found[1], found[2]
        if not re.search(r"\d", head):
            return f"{head}{count:0{len(digits)}d}"
    head, joint, tail = example.rpartition("_")
    if joint and re.fullmatch(r"[A-Za-z0-9]{6,}", tail):
        return f"{head}_{''.join(rng.choice(_LETTERS) for _ in tail)}"
    if re.fullmatch(r"[0-9a-f]{20,}", example):
        return "".join(rng.choice("0123456789abcdef") for _ in example)
    return ""


def example_of(flat: Mapping[str, Any]) -> Any:
    """The example that a schema gives, if it gives one."""
    if "example" in flat:
        return flat["example"]
    examples = flat.get("examples")
    return examples[0] if isinstance(examples, list) and examples else None
