"""How a record names the sensitivity of a field, and how a field is masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import attrs

Sensitivity = Literal["cost", "margin", "credit", "bank", "personal"]
SENSITIVITIES: Final[tuple[Sensitivity, ...]] = ("bank", "cost", "credit", "margin", "personal")
_KEY: Final = "crossdock.sensitivity"


def sensitive(kind: Sensitivity, **options: Any) -> Any:
    """Declare an attrs field whose value only some roles may see.

    The field's type must admit `None`, which is what a reader without the right gets; `None` is
    also the default, so a plugin can build the record without it.

    Args:
        kind: the sensitivity that a role or a plugin's scope `field:<kind>` must allow.
        **options: passed on to `attrs.field`.
    """
    metadata: Mapping[Any, Any] = {**options.pop("metadata", {}), _KEY: kind}
    options.setdefault("default", None)
    return attrs.field(metadata=metadata, **options)


def sensitivity(attribute: attrs.Attribute[Any]) -> Sensitivity | None:
    """Give the sensitivity that a field was declared with, or `None` for an open field."""
    kind: Sensitivity | None = attribute.metadata.get(_KEY)
    return kind
