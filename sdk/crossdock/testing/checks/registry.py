"""The rules that are judged by reading a plugin's source."""

from __future__ import annotations

from typing import Final

from crossdock.host.loading.manifest import Manifest
from crossdock.testing.checks.source import Source
from crossdock.testing.rule import NotAsked, Rules

CHECKS: Final = Rules(needs_mocks=False)
rule: Final = CHECKS.rule


def manifest_of(plugin: Source) -> Manifest:
    """Give a plugin's manifest; a rule that needs one asks nothing of a plugin without it."""
    if plugin.manifest is None:
        raise NotAsked("its manifest cannot be used; the rule `loads` says why")
    return plugin.manifest
