"""Try every rule on a plugin, those that need a running host last."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.testing.checks.checking import rules as checks
from crossdock.testing.rule import LEVELS, Rule


def all_rules() -> Sequence[Rule]:
    """Give every rule, in the order of their levels."""
    return sorted(checks(), key=lambda each: LEVELS.index(each.level))
