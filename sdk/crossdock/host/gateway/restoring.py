"""What a plugin hands back, made whole again: nothing hidden is blanked, and nothing is changed.

A plugin works on a masked record and hands back a masked record, with `None` where it saw nothing.
Whoever stores that must not store the `None`. Where a hidden field comes back as anything else, its
author tries to set what it may not even see; that is refused, even where the value happens to be
the true one, as a guess that is let through would tell that it was right.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import attrs

from crossdock.host.gateway.masking import hidden_words, mask, shape_of
from crossdock.host.gateway.redaction import redact


class HiddenFieldSet(Exception):  # noqa: N818 - named for what happened, as in crossdock.errors
    """A hidden field came back with a value.

    Attributes:
        field: its place, dotted.
        kind: its sensitivity.
    """

    def __init__(self, field: str, kind: str) -> None:
        super().__init__(field, kind)
        self.field = field
        self.kind = kind


def restored(true: Any, given: Any, hidden: frozenset[str], path: str = "") -> Any:
    """Put back into `given` what was hidden from its author.

    Lines of a document are found again by their number and item, other parts by their id, and what
    has neither by being as it was; so lines may be added, removed and put into another order.

    Args:
        true: the whole record; `None` where there was none, so that nothing can be put back.
        given: the record as its author would have it.
        hidden: the sensitivities that were hidden from the author.
        path: where in a larger record this one stands.

    Raises:
        HiddenFieldSet: a hidden field has a value of the author's own.
    """
    if not hidden or given is true:
        return given
    if isinstance(given, tuple | list):
        whole = _parts(true if isinstance(true, tuple | list) else (), given, hidden, path)
        if all(new is old for new, old in zip(whole, given, strict=True)):
            return given
        return whole if isinstance(given, list) else tuple(whole)
    if not attrs.has(type(given)):
        return given
    counterpart = true if type(true) is type(given) else None
    shape = shape_of(type(given), hidden)
    changes: dict[str, Any] = {}
    for name, kind, blank in shape.sensitive:
        current = getattr(given, name)
        if current is not blank and current != blank:
            raise HiddenFieldSet(_join(path, name), kind)
        if counterpart is not None and (was := getattr(counterpart, name)) != blank:
            changes[name] = was
    if counterpart is not None:
        for name, words in shape.told:
            was = getattr(counterpart, name)
            if was and getattr(given, name) == redact(
                was, hidden_words(counterpart, words, hidden)
            ):
                changes[name] = was
    for name in shape.nested:
        current = getattr(given, name)
        was = None if counterpart is None else getattr(counterpart, name)
        inner = restored(was, current, hidden, _join(path, name))
        if inner is not current:
            changes[name] = inner
    return attrs.evolve(given, **changes) if changes else given


def _parts(
    true: Sequence[Any], given: Sequence[Any], hidden: frozenset[str], path: str
) -> list[Any]:
    by_identity = {identity: part for part in true if (identity := _identity(part)) is not None}
    unnamed = [(part, mask(part, hidden)) for part in true if _identity(part) is None]
    whole = []
    for index, part in enumerate(given):
        identity = _identity(part)
        if identity is not None:
            was = by_identity.get(identity)
        else:
            place = next((i for i, (_, seen) in enumerate(unnamed) if seen == part), None)
            was = None if place is None else unnamed.pop(place)[0]
        whole.append(restored(was, part, hidden, _join(path, str(index))))
    return whole


def _identity(part: Any) -> Hashable:
    """Say what makes a part of a record the same part when it comes back; `None` if nothing."""
    if not attrs.has(type(part)):
        return None
    number = getattr(part, "number", None)
    if number is not None:
        # A line that holds another item is another line: the old one's cost is not its own.
        return (type(part), number, getattr(part, "item_id", ""))
    own_id = getattr(part, "id", None)
    return None if own_id is None else (type(part), own_id)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
