"""Judge a connector or a mock by every rule there is for its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from crossdock.testing.rule import LEVELS, Level, Outcome, Report, Rule, Rules, against, try_rule
from crossdock.testing.systems import (
    connectors,
    connectors_at_work,
    mocks,
    mocks_at_work,
    papers,
)
from crossdock.testing.systems.project import Kind, System, systems_of
from crossdock.testing.systems.registry import (
    BOTH_CHECKS,
    BOTH_TRIALS,
    CONNECTOR_CHECKS,
    CONNECTOR_TRIALS,
    MOCK_CHECKS,
    MOCK_TRIALS,
)

#: Importing these makes their rules.
ROOMS = (connectors, connectors_at_work, mocks, mocks_at_work, papers)

_SETS: dict[Kind, tuple[Rules, ...]] = {
    "connector": (CONNECTOR_CHECKS, BOTH_CHECKS, CONNECTOR_TRIALS, BOTH_TRIALS),
    "mock": (MOCK_CHECKS, BOTH_CHECKS, MOCK_TRIALS, BOTH_TRIALS),
}


def system_rules(kind: Kind) -> Sequence[Rule]:
    """Give the rules for connectors or for mocks, in the order of their levels."""
    rules = [each for some in _SETS[kind] for each in some.all()]
    return sorted(rules, key=lambda each: LEVELS.index(each.level))


def check_systems(place: str | Path, *, upto: Level = "gold") -> tuple[Report, ...]:
    """Judge a project's connectors and mocks by the rules that put nothing to work.

    Args:
        place: the folder with its pyproject.toml, or that of its package.
        upto: only by the rules of this level and those below.

    Returns:
        A report for each; none where the project has neither.

    Raises:
        ConfigError: its pyproject.toml cannot be read.
    """
    return tuple(check_system(each, upto=upto) for each in systems_of(place))


def certify_systems(
    place: str | Path,
    *,
    level: Level | None = None,
    upto: Level = "gold",
    told: Callable[[Outcome], None] = lambda _outcome: None,
) -> tuple[Report, ...]:
    """Judge a project's connectors and mocks by every rule.

        def test_it_is_certified():
            certify_systems(".", level="silver")

    Args:
        place: the folder with its pyproject.toml, or that of its package.
        level: what each has to reach.
        upto: only the rules of this level and those below; higher ones count as not reached.
        told: takes each outcome as it comes.

    Raises:
        AssertionError: one does not reach `level`; the message says what stands against it.
        ConfigError: its pyproject.toml cannot be read.
    """
    reports = tuple(certify_system(each, upto=upto, told=told) for each in systems_of(place))
    for report in reports:
        if level is not None and not report.reaches(level):
            raise AssertionError(against(report, level))
    return reports


def check_system(system: System, *, upto: Level = "gold") -> Report:
    """Judge a connector or mock by the rules that put nothing to work.

    Its code is imported into this process, as a host does it.
    """
    outcomes = [_tried(each, system) for each in _wanted(system, upto) if not each.needs_mocks]
    return Report(id=_named(system), version="", outcomes=tuple(outcomes))


def certify_system(
    system: System,
    *,
    upto: Level = "gold",
    told: Callable[[Outcome], None] = lambda _outcome: None,
) -> Report:
    """Judge a connector or mock by every rule."""
    papers.forget_tests(system.root)
    outcomes = []
    for each in _wanted(system, upto):
        outcomes.append(_tried(each, system))
        told(outcomes[-1])
    return Report(id=_named(system), version="", outcomes=tuple(outcomes), upto=upto)


def _wanted(system: System, upto: Level) -> Iterator[Rule]:
    levels = LEVELS[: LEVELS.index(upto) + 1]
    yield from (each for each in system_rules(system.kind) if each.level in levels)


def _named(system: System) -> str:
    return f"{system.id} ({system.kind})"


def _tried(rule: Rule, system: System) -> Outcome:
    try:
        return try_rule(rule, system)
    except Exception as error:  # noqa: BLE001 - a rule that falls over certifies nothing
        reason = f"it could not be tried: {type(error).__name__}: {error}"
        return Outcome(rule=rule, state="skipped", reason=reason)
