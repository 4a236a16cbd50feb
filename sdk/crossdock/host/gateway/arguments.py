"""What goes into a plugin: the arguments of guards, views and events, without what is hidden.

Many guards of one call mostly have the same rights, and mostly nothing is amended in between, so
each record is masked once for each set of hidden sensitivities, and again only when it changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.host.gateway.masking import mask


class Arguments:
    """The arguments of one call of a point on behalf of one user, for one plugin after another.

    Args:
        whole: by name, not masked, without `ctx`.

    Attributes:
        whole: the arguments with everything in them, amendments included.
        seen: as plugins see them, by the scopes of the plugin; filled by `see`.
    """

    __slots__ = ("_by_hidden", "seen", "whole")

    def __init__(self, whole: Mapping[str, Any]) -> None:
        self.whole = whole
        self.seen: dict[frozenset[str], dict[str, Any]] = {}
        self._by_hidden: dict[frozenset[str], dict[str, Any]] = {}

    def see(self, scopes: frozenset[str], hidden: frozenset[str]) -> dict[str, Any]:
        """Give the arguments as a plugin may see them; the same dictionary until one is replaced.

        Args:
            scopes: of the plugin; on behalf of one user the same ones hide the same.
            hidden: what is hidden from such a plugin.
        """
        seen = self._by_hidden.get(hidden)
        if seen is None:
            seen = self._by_hidden[hidden] = {}
            for name, value in self.whole.items():
                seen[name] = mask(value, hidden)
        self.seen[scopes] = seen
        return seen

    def replace(self, name: str, whole: Any) -> None:
        """Put another record, such as an amended one, in the place of an argument."""
        self.whole = {**self.whole, name: whole}
        self.seen = {}
        self._by_hidden = {}
