"""The trials of one plugin: docks that it is put into, one after the other."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from crossdock.host.gateway.rights import FIELD
from crossdock.host.loading.manifest import Manifest
from crossdock.points import POINTS
from crossdock.testing.dock import Dock
from crossdock.testing.mock import Shelf
from crossdock.testing.rule import NotAsked, Rules
from crossdock.testing.setting import Setting

TRIALS: Final = Rules(needs_mocks=True)
rule: Final = TRIALS.rule

ALL: Final = "clerk"
"""A role whose users may do and see everything."""
BLIND: Final = "blind"
"""A role whose users may do everything, and see no sensitive field."""


def without(scope: str) -> str:
    """Name the role whose users may do everything but for one scope."""
    return f"without {scope}"


@frozen(kw_only=True, slots=False)
class Trial:
    """What a rule needs to put a plugin to work.

    Attributes:
        plugin: its id, where it is installed, or its place.
        manifest: what it says of itself.
        config: settings that it needs besides its defaults.
        shelf: where mocks come from.
    """

    plugin: str | Path
    manifest: Manifest
    shelf: Shelf
    config: dict[str, Any]

    @contextmanager
    def dock(self, **options: Any) -> Iterator[Dock]:
        """Put it into a host on mock systems of its own."""
        options = {"config": {self.manifest.id: self.config}, "roles": self.roles, **options}
        with tempfile.TemporaryDirectory(prefix="crossdock-certify-") as folder:
            setting = Setting.of(self.plugin, **options)
            with Dock(setting, self.shelf, Path(folder)) as dock:
                yield dock

    @cached_property
    def roles(self) -> dict[str, dict[str, list[str]]]:
        """The roles on whose behalf it is asked."""
        scopes = sorted(each for each in self.manifest.scopes if not each.startswith(FIELD))
        return {
            ALL: {"scopes": ["*"], "fields": ["*"]},
            BLIND: {"scopes": ["*"], "fields": []},
            **{
                without(scope): {
                    "scopes": [each for each in scopes if each != scope],
                    "fields": ["*"],
                }
                for scope in scopes
            },
        }

    @property
    def scopes(self) -> list[str]:
        """The scopes of its manifest, those for fields left out."""
        return sorted(each for each in self.manifest.scopes if not each.startswith(FIELD))

    def needs(self, *kinds: str) -> list[str]:
        """Name its extension points of some kinds.

        Raises:
            NotAsked: it has none.
        """
        found = [each for each in self.manifest.points if POINTS[each].kind in kinds]
        if not found:
            raise NotAsked(f"it has no {' and no '.join(kinds)}")
        return found
