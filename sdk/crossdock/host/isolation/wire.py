"""Everything that goes between host and plugin as JSON data, and back.

Records go as `crossdock.records.plain` writes them. Beside them travel what guards answer, what
tabs are made of, pages of lists, and a function inside a `Tab`, `Card`, `Segment` or `Job`: of it
only its address goes, and the host gets a function that asks the plugin's process for it.

What comes out of a plugin's process is foreign: reading it builds only the classes that are named
here, with values of the kinds that their fields are declared with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import MappingProxyType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from crossdock import decisions, ports, views
from crossdock.records.plain import JSON, from_plain, to_plain

Keep = Callable[[Any, str], JSON]
"""Takes a record with a function in it and the field's name, and gives the function's address."""
Restore = Callable[[str, str, JSON], Callable[..., Any]]
"""Takes the record's id, the field's name and an address, and gives what asks for the function."""

_CLASSES: Final[dict[str, type]] = {
    name: found
    for module in (views, decisions, ports)
    for name, found in vars(module).items()
    if isinstance(found, type)
    and attrs.has(found)
    and f"{found.__module__}.".startswith(f"{module.__name__}.")
}
_NAMES: Final = {found: f"${name}" for name, found in _CLASSES.items()}
_FUNCTIONS: Final = {
    views.Tab: "render",
    views.Card: "render",
    views.Segment: "account_ids",
    views.Job: "run",
}
_AS_IT_IS: Final = frozenset({str, bool, float, type(None)})
_LARGEST: Final = 2**63 - 1  # what JSON readers agree on; a larger number goes as text


def encode(value: Any, keep: Keep | None = None) -> JSON:
    """Give a value as JSON data.

    Args:
        value: a record, a decision, a view, plain data, or what holds them.
        keep: remembers a function; without it none can be sent.

    Raises:
        TypeError: there is something in it that cannot be sent.
    """
    kind = type(value)
    if kind in _AS_IT_IS:
        return to_plain(value) if kind is float else value
    if kind is int:
        return value if -_LARGEST <= value <= _LARGEST else {"$int": str(value)}
    if kind is tuple:
        return {"$tuple": [encode(each, keep) for each in value]}
    if kind is list:
        return [encode(each, keep) for each in value]
    if kind is dict or kind is MappingProxyType:
        if any(type(key) is not str or key.startswith("$") for key in value):
            return {"$pairs": [[encode(key), encode(each, keep)] for key, each in value.items()]}
        return {key: encode(each, keep) for key, each in value.items()}
    if kind is frozenset or kind is set:
        return {f"${kind.__name__}": [encode(each, keep) for each in value]}
    name = _NAMES.get(kind)
    if name is None:
        return to_plain(value)
    function = _FUNCTIONS.get(kind)
    written = {}
    for field in _fields(_CLASSES[name[1:]]):
        inner = getattr(value, field)
        if field == function:
            if keep is None:
                raise TypeError(
                    f"a {kind.__name__} can only come from a plugin, as it has a function"
                )
            written[field] = keep(value, field)
        else:
            written[field] = encode(inner, keep)
    return {name: written}


def decode(data: JSON, restore: Restore | None = None) -> Any:
    """Read what `encode` wrote.

    Args:
        data: what came.
        restore: gives the function for an address; without it none may come.

    Raises:
        ValueError: it was not written by `encode`.
    """
    if type(data) is list:
        return [decode(each, restore) for each in data]
    if type(data) is not dict:
        return data
    if len(data) == 1:
        (tag,) = data
        if tag[:1] == "$":
            return _tagged(tag, data[tag], restore)
    return {key: decode(each, restore) for key, each in data.items()}


def _tagged(tag: str, content: Any, restore: Restore | None) -> Any:
    found = _CLASSES.get(tag[1:])
    if found is not None:
        return _built(found, content, restore)
    try:
        match tag:
            case "$tuple":
                return tuple(decode(each, restore) for each in content)
            case "$pairs":
                return {decode(key): decode(each, restore) for key, each in content}
            case "$frozenset":
                return frozenset(decode(each, restore) for each in content)
            case "$set":
                return {decode(each, restore) for each in content}
            case "$int":
                return int(content)
            case _:
                return from_plain({tag: content})
    except (TypeError, ArithmeticError) as wrong:
        raise ValueError(f"{tag} does not hold what it should: {wrong}") from None


def _built(found: type, content: Any, restore: Restore | None) -> Any:
    if not isinstance(content, dict):
        raise ValueError(f"a {found.__name__} must come with its fields")
    function = _FUNCTIONS.get(found)
    fields: dict[str, Any] = {}
    for field, kind in _fields(found).items():
        if field not in content:
            continue
        if field == function:
            if restore is None or not isinstance(content.get("id"), str):
                raise ValueError(f"a {found.__name__} cannot come from here")
            fields[field] = restore(content["id"], field, content[field])
            continue
        value = fields[field] = decode(content[field], restore)
        if not kind(value):
            raise ValueError(
                f"{found.__name__}.{field} cannot be {_short(value)}: "
                f"it is declared as {_hints(found)[field]}"
            )
    try:
        return found(**fields)
    except TypeError as wrong:
        raise ValueError(f"a {found.__name__} cannot be built: {wrong}") from None


def _short(value: object) -> str:
    try:
        return repr(value)[:100]
    except Exception as raised:  # noqa: BLE001 - the value is foreign, and this is its error's text
        return f"a {type(value).__name__} whose repr raises {type(raised).__name__}"


@cache
def _hints(found: type) -> Mapping[str, Any]:
    return get_type_hints(found)


@cache
def _fields(found: type) -> Mapping[str, Callable[[Any], bool]]:
    """Give the fields of a class, each with a test for its values."""
    hints = _hints(found)
    names = (field.name for field in attrs.fields(found))
    return {name: _test(hints[name]) for name in names}


def _anything(_value: object) -> bool:
    return True


@cache
def _test(hint: Any) -> Callable[[Any], bool]:
    """Give what tells whether a value may stand where `hint` is declared.

    As lenient as Python is inline: a list for a tuple, a whole number for a decimal.
    """
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return lambda value: isinstance(value, str) and value in inner
    if origin in (Union, UnionType):
        tests = [_test(each) for each in inner]
        return lambda value: any(test(value) for test in tests)
    if origin is tuple:
        if inner[-1] is Ellipsis:
            every = _test(inner[0])
            return lambda value: isinstance(value, tuple | list) and all(map(every, value))
        places = [_test(each) for each in inner]
        return lambda value: (
            isinstance(value, tuple | list)
            and len(value) == len(places)
            and all(test(each) for test, each in zip(places, value, strict=True))
        )
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, each = (_test(part) for part in inner)
        return lambda value: (
            isinstance(value, dict)
            and all(key(name) and each(item) for name, item in value.items())
        )
    if hint is Decimal:
        return lambda value: isinstance(value, Decimal | int | float)
    if hint in (str, int, bool, date, datetime, type(None)) or attrs.has(hint):
        return lambda value: isinstance(value, hint)
    return _anything
