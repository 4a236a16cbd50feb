"""What goes into a plugin: the arguments of guards, views and events, without what is hidden.

Many guards of one call mostly have the same rights, and mostly nothing is amended in between, so
each record is masked once for each set of hidden sensitivities, and again only when it changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.host.gateway.masking import mask


class Arguments:
    """The arguments of one call of a point, for one plugin after another.

    Args:
        whole: by name, not masked, without `ctx`.
    """

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self._whole = dict(whole)
        self._seen: dict[frozenset[str], dict[str, Any]] = {}

    @property
    def whole(self) -> Mapping[str, Any]:
        """The arguments with everything in them, amendments included."""
        return self._whole

    def seen_without(self, hidden: frozenset[str]) -> dict[str, Any]:
        """Give the arguments without what is hidden; the same dictionary until one is replaced.

        The caller puts `ctx` into it.
        """
        seen = self._seen.get(hidden)
        if seen is None:
            seen = self._seen[hidden] = {
                name: mask(value, hidden) for name, value in self._whole.items()
            }
        return seen

    def replace(self, name: str, whole: Any) -> None:
        """Put another record, such as an amended one, in the place of an argument."""
        self._whole[name] = whole
        self._seen.clear()
