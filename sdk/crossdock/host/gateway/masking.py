"""Records without what a reader may not see.

Which fields of a class can hide something is found out once per class and set of hidden
sensitivities, so that masking a record that holds nothing of the kind costs next to nothing and
gives the very same object back.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final, TypeVar, get_args, get_type_hints

import attrs

from crossdock.host.gateway.redaction import redact
from crossdock.records import sensitivity
from crossdock.records._fields import Told, masked_value, what_is_told


@attrs.frozen
class Shape:
    """What of a record class has to be looked at.

    Attributes:
        sensitive: fields to hide: name, sensitivity, what stands there instead.
        told: texts to take figures out of: name, what they may give away.
        nested: fields that may hold records that hide something.
    """

    sensitive: tuple[tuple[str, str, Any], ...]
    told: tuple[tuple[str, Told], ...]
    nested: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.sensitive or self.told or self.nested)


def shape_of(record: type[Any], hidden: frozenset[str]) -> Shape:
    """Say what of a record class has to be looked at when `hidden` is hidden."""
    return _shape(record, hidden)  # type: ignore[arg-type]  # classes are hashable


@lru_cache(maxsize=1024)
def _shape(record: Any, hidden: frozenset[str]) -> Shape:
    hints = get_type_hints(record)
    fields = attrs.fields(record)
    return Shape(
        sensitive=tuple(
            (a.name, kind, masked_value(a))
            for a in fields
            if (kind := sensitivity(a)) is not None and kind in hidden
        ),
        told=tuple(
            (a.name, words)
            for a in fields
            if (words := what_is_told(a)) is not None and not hidden.isdisjoint(words.kinds)
        ),
        nested=tuple(
            a.name
            for a in fields
            if sensitivity(a) is None and _may_hide(hints[a.name], hidden, frozenset())
        ),
    )


_OPEN: Final = Shape((), (), ())
# By class and what is hidden; both are few. A guard's record is looked up here on each call.
_SHAPES: Final[dict[tuple[type, frozenset[str]], Shape]] = {}


def _may_hide(hint: Any, hidden: frozenset[str], seen: frozenset[type]) -> bool:
    """Whether a value of this type can hold something hidden, however deep."""
    if hint is Any or isinstance(hint, TypeVar):
        return True
    if inner := get_args(hint):
        return any(_may_hide(part, hidden, seen) for part in inner)
    if not attrs.has(hint) or hint in seen:
        return False
    hints = get_type_hints(hint)
    return any(
        (sensitivity(a) in hidden)
        or ((words := what_is_told(a)) is not None and not hidden.isdisjoint(words.kinds))
        or _may_hide(hints[a.name], hidden, seen | {hint})
        for a in attrs.fields(hint)
    )


def mask(value: Any, hidden: frozenset[str]) -> Any:
    """Give `value` without anything hidden in any record in it.

    Records are walked through tuples, lists, dicts and other records; what holds nothing to hide
    is handed on as it is.
    """
    if value is None or not hidden:
        return value
    kind = type(value)
    if kind is tuple or kind is list:
        return _masked_each(value, hidden)
    shape = _SHAPES.get((kind, hidden))
    if shape is None:
        if isinstance(value, dict):
            return {key: mask(item, hidden) for key, item in value.items()}
        if isinstance(value, (tuple, list)):  # a class of its own, which is none of ours
            return _masked_each(tuple(value), hidden)
        shape = _SHAPES[kind, hidden] = shape_of(kind, hidden) if attrs.has(kind) else _OPEN
    changes: dict[str, Any] | None = None
    for name, _, blank in shape.sensitive:
        current = getattr(value, name)
        if current is not blank and current != blank:
            changes = _with(changes, name, blank)
    for name, words in shape.told:
        text = getattr(value, name)
        if text and (left := redact(text, hidden_words(value, words, hidden))) != text:
            changes = _with(changes, name, left)
    for name in shape.nested:
        current = getattr(value, name)
        if current and (inner := mask(current, hidden)) is not current:
            changes = _with(changes, name, inner)
    return value if changes is None else attrs.evolve(value, **changes)


def _masked_each(values: Any, hidden: frozenset[str]) -> Any:
    for value in values:
        if mask(value, hidden) is not value:
            return type(values)([mask(each, hidden) for each in values])
    return values


def _with(changes: dict[str, Any] | None, name: str, value: Any) -> dict[str, Any]:
    if changes is None:
        return {name: value}
    changes[name] = value
    return changes


def hidden_words(record: Any, words: Told, hidden: Collection[str]) -> frozenset[str]:
    """Name the hidden sensitivities whose figures a record's text may hold."""
    kinds = frozenset(words.kinds)
    if words.subject:
        about = getattr(record, words.subject).partition(".")[0]
        if about:
            kinds &= {about}
    return kinds & frozenset(hidden)
