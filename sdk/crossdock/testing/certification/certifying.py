"""Try every rule on a plugin, those that need a running host last."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crossdock.testing.certification import reliable, robust, unshaken
from crossdock.testing.certification.trial import TRIALS, Trial
from crossdock.testing.checks.checking import find_plugin, version_of
from crossdock.testing.checks.checking import rules as checks
from crossdock.testing.checks.source import read_source
from crossdock.testing.mock import Shelf
from crossdock.testing.rule import LEVELS, Level, Outcome, Report, Rule, Skipped, against, try_rule
from crossdock.testing.setting import is_place

#: Importing these makes their rules.
ROOMS = (reliable, robust, unshaken)


def all_rules() -> Sequence[Rule]:
    """Give every rule, in the order of their levels."""
    return sorted([*checks(), *TRIALS.all()], key=lambda each: LEVELS.index(each.level))


def certify(
    plugin: str | Path,
    *,
    level: Level | None = None,
    config: Mapping[str, Any] | None = None,
    shelf: Shelf | None = None,
    upto: Level = "gold",
    told: Callable[[Outcome], None] = lambda _outcome: None,
) -> Report:
    """Judge a plugin by every rule: read first, then at work in hosts on mock systems.

        def test_it_is_certified():
            certify("late-payers", level="silver")

    Args:
        plugin: its folder or file, or the id of an installed one.
        level: what it has to reach.
        config: the settings that it needs besides its defaults.
        shelf: where mocks come from; its own unless given.
        upto: only the rules of this level and those below; higher ones count as not reached.
        told: takes each outcome as it comes.

    Raises:
        AssertionError: it does not reach `level`; the message says what stands against it.
        ConfigError: there is no such plugin.
    """
    place = find_plugin(plugin)
    source = read_source(place)
    wanted = LEVELS[: LEVELS.index(upto) + 1]
    rules = [each for each in all_rules() if each.level in wanted]
    outcomes: list[Outcome] = []

    def note(outcome: Outcome) -> None:
        outcomes.append(outcome)
        told(outcome)

    for each in rules:
        if not each.needs_mocks:
            note(try_rule(each, source))
    own = shelf or Shelf()
    try:
        loaded = all(each.stands for each in outcomes if each.rule.name == "loads")
        for each in rules:
            if not each.needs_mocks:
                continue
            if source.manifest is None or not loaded:
                note(Outcome(rule=each, state="skipped", reason="it cannot be loaded"))
                continue
            named = place if is_place(plugin) or Path(plugin).exists() else str(plugin)
            trial = Trial(
                plugin=named, manifest=source.manifest, shelf=own, config=dict(config or {})
            )
            note(_tried(each, trial))
    finally:
        if shelf is None:
            own.close()
    order = {each.name: number for number, each in enumerate(rules)}
    report = Report(
        id=source.id,
        version=version_of(source),
        outcomes=tuple(sorted(outcomes, key=lambda each: order[each.rule.name])),
        upto=upto,
    )
    if level is not None and not report.reaches(level):
        raise AssertionError(against(report, level))
    return report


def _tried(rule: Rule, trial: Trial) -> Outcome:
    try:
        with _quiet():
            return try_rule(rule, trial)
    except Exception as error:  # noqa: BLE001 - a rule that falls over certifies nothing
        reason = f"it could not be tried: {type(error).__name__}: {error}"
        return Outcome(rule=rule, state="skipped", reason=reason)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the host's log to itself: that something fails here is meant."""
    log = logging.getLogger("crossdock")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)


__all__ = ["Skipped", "all_rules", "certify"]
