"""How a record names the sensitivity of a field, and what stands there for who may not see it.

Two kinds of field need care. A *sensitive* one holds a figure that only some roles may see, and is
hidden as a whole. One in which a system *told* something in words is for everybody, but the words
may name such a figure; only the figures are taken out of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import attrs

Sensitivity = Literal["cost", "margin", "credit", "bank", "personal"]
SENSITIVITIES: Final[tuple[Sensitivity, ...]] = ("bank", "cost", "credit", "margin", "personal")
_KIND: Final = "crossdock.sensitivity"
_MASKED: Final = "crossdock.masked"
_TOLD: Final = "crossdock.told"


@attrs.frozen(kw_only=True)
class Told:
    """What the words of a field may give away.

    Attributes:
        kinds: the sensitivities whose figures may stand in the text.
        subject: the name of a field beside it whose first dotted word says what the text is about
            (`credit.over_limit`): a sensitivity narrows `kinds` to itself, another word says that
            the text names no such figure, and an empty one leaves all of `kinds`.
    """

    kinds: tuple[Sensitivity, ...]
    subject: str = ""


def sensitive(kind: Sensitivity, *, masked: Any = None, **options: Any) -> Any:
    """Declare an attrs field whose value only some roles may see.

    Args:
        kind: the sensitivity that a role or a plugin's scope `field:<kind>` must allow.
        masked: what a reader without the right gets; the field's type must admit it. It is also
            the default, so that a plugin can build the record without it.
        **options: passed on to `attrs.field`.
    """
    metadata: Mapping[Any, Any] = {**options.pop("metadata", {}), _KIND: kind, _MASKED: masked}
    options.setdefault("default", masked)
    return attrs.field(metadata=metadata, **options)


def told(*kinds: Sensitivity, subject: str = "", **options: Any) -> Any:
    """Declare a text in which a system or a plugin may have named sensitive figures.

    Args:
        *kinds: whose figures may stand in it.
        subject: see `Told.subject`.
        **options: passed on to `attrs.field`.
    """
    metadata = {**options.pop("metadata", {}), _TOLD: Told(kinds=kinds, subject=subject)}
    return attrs.field(metadata=metadata, **options)


def sensitivity(attribute: attrs.Attribute[Any]) -> Sensitivity | None:
    """Give the sensitivity that a field was declared with, or `None` for an open field."""
    kind: Sensitivity | None = attribute.metadata.get(_KIND)
    return kind


def masked_value(attribute: attrs.Attribute[Any]) -> Any:
    """Give what stands in a sensitive field for a reader without the right."""
    return attribute.metadata.get(_MASKED)


def what_is_told(attribute: attrs.Attribute[Any]) -> Told | None:
    """Say what the words of a field may give away, or `None` where they give away nothing."""
    words: Told | None = attribute.metadata.get(_TOLD)
    return words
