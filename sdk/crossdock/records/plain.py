"""Records as plain JSON data and back, so that they can be stored and sent.

Plain data (`None`, booleans, numbers, strings, lists, dictionaries with string keys) stays as it
is; everything else is an object with one tag that begins with `$`:

| value | plain |
|---|---|
| a record | `{"$Order": {"id": "SO-100001", ...}}` |
| `Decimal`, `date`, `datetime` | `{"$decimal": "1.10"}`, `{"$date": ...}`, `{"$instant": ...}` |
| a tuple | `{"$tuple": [...]}` |
| a dictionary with a key that begins with `$` | `{"$dict": [[key, value], ...]}` |

Within a record each field is written by its declared type, without tags. Decimals keep every
digit. What a newer version added to a record and an older one did not write takes its default;
what this version does not know is left out.
"""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, Final, TypeAlias, get_args

import attrs
import cattrs
from cattrs.strategies import configure_tagged_union

from crossdock import records

JSON: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None

_RECORDS: Final[dict[str, type]] = {
    name: value
    for name in records.__all__
    if isinstance(value := getattr(records, name), type) and attrs.has(value)
}
_NAMES: Final[dict[type, str]] = {record: name for name, record in _RECORDS.items()}


def to_plain(value: Any) -> JSON:
    """Write a record, or plain data with records in it, as plain JSON data.

    Raises:
        TypeError: there is something in it that is neither a record nor plain data, or a float
            that JSON has no word for.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            if not math.isfinite(value):
                raise TypeError(f"{value!r} cannot be stored: JSON has no word for it")
            return value
        case Decimal():
            return {"$decimal": str(value)}
        case datetime():
            return {"$instant": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case list():
            return [to_plain(each) for each in value]
        case tuple():
            return {"$tuple": [to_plain(each) for each in value]}
        case dict():
            return _dictionary(value)
    name = _NAMES.get(type(value))
    if name is None:
        raise TypeError(
            f"{type(value).__module__}.{type(value).__qualname__} cannot be stored: give a record "
            "of crossdock.records or plain data (strings, numbers, dates, lists, dictionaries)"
        )
    return {f"${name}": _converter().unstructure(value)}


def _dictionary(value: dict[Any, Any]) -> JSON:
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"a dictionary with the key {key!r} cannot be stored: keys are strings")
    if any(key.startswith("$") for key in value):
        return {"$dict": [[key, to_plain(each)] for key, each in value.items()]}
    return {key: to_plain(each) for key, each in value.items()}


def from_plain(data: JSON) -> Any:
    """Read back what `to_plain` wrote.

    Raises:
        ValueError: it was not written by `to_plain`, or by a version with other records.
    """
    match data:
        case list():
            return [from_plain(each) for each in data]
        case dict():
            tag = next(iter(data), "")
            if len(data) == 1 and tag.startswith("$"):
                return _tagged(tag, data[tag])
            return {key: from_plain(each) for key, each in data.items()}
    return data


def _tagged(tag: str, content: Any) -> Any:
    match tag:
        case "$decimal":
            return Decimal(content)
        case "$instant":
            return datetime.fromisoformat(content)
        case "$date":
            return date.fromisoformat(content)
        case "$tuple":
            return tuple(from_plain(each) for each in content)
        case "$dict":
            return {key: from_plain(each) for key, each in content}
    record = _RECORDS.get(tag.removeprefix("$"))
    if record is None:
        raise ValueError(f"there is no record {tag.removeprefix('$')!r} in this version")
    try:
        return _converter().structure(content, record)
    except (cattrs.BaseValidationError, TypeError, ValueError, ArithmeticError) as error:
        reasons = (
            "; ".join(cattrs.transform_error(error))
            if isinstance(error, cattrs.BaseValidationError)
            else str(error)
        )
        raise ValueError(f"a stored {record.__name__} cannot be read: {reasons}") from error


@cache
def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(unstruct_collection_overrides={tuple: list})
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    converter.register_unstructure_hook(bytes, lambda content: b64encode(content).decode("ascii"))
    converter.register_structure_hook(bytes, lambda text, _: b64decode(text, validate=True))
    for union in _unions():
        configure_tagged_union(union, converter, tag_name="$record")
    return converter


def prepare(*names: str) -> None:
    """Make ready for records of these names, which would otherwise cost their first use."""
    converter = _converter()
    for name in names:
        if record := _RECORDS.get(name):
            converter.get_structure_hook(record)
            converter.get_unstructure_hook(record)


def _unions() -> tuple[Any, ...]:
    """Give the unions of records that fields are declared with, such as `Document`."""
    named = (getattr(records, name) for name in records.__all__)
    return tuple(
        union
        for union in named
        if isinstance(union, UnionType) and all(attrs.has(part) for part in get_args(union))
    )
