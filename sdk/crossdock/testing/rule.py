"""Rules by which a plugin is judged: what each asks for, and what was found of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, TypeAlias, TypeVar

from attrs import frozen

Level: TypeAlias = Literal["bronze", "silver", "gold"]
LEVELS: Final[tuple[Level, ...]] = ("bronze", "silver", "gold")
State: TypeAlias = Literal["passed", "failed", "skipped", "not asked"]


@frozen(kw_only=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        what: what it is, in a sentence.
        do: the way out, in a sentence.
        place: file and line, where there is one.
    """

    what: str
    do: str
    place: str = ""

    def plain(self) -> dict[str, str]:
        """Give it as JSON data."""
        return {"what": self.what, "do": self.do, "place": self.place}


class NotAsked(Exception):  # noqa: N818 - says what happened
    """The rule asks nothing of this plugin, as it has no such extension point."""


class Skipped(Exception):  # noqa: N818 - says what happened
    """The rule could not be tried here; that counts as not certified."""


@frozen(kw_only=True)
class Rule:
    """One rule.

    Attributes:
        name: as people and `--json` call it; also the heading of its page.
        level: the lowest level that needs it.
        needs_mocks: whether it is tried on a running host, or the source is read.
        text: what it asks for and why, from its function's docstring.
        judge: gives what is wrong; raises `NotAsked` or `Skipped`.
    """

    name: str
    level: Level
    needs_mocks: bool
    text: str
    judge: Callable[[Any], Iterable[Finding]]

    @property
    def title(self) -> str:
        """What it asks for, in one line."""
        return self.text.partition("\n")[0].rstrip(".")

    @property
    def page(self) -> str:
        """Where it is explained."""
        return f"docs/certification.md#{self.name}"


@frozen(kw_only=True)
class Outcome:
    """What came of one rule."""

    rule: Rule
    state: State
    findings: tuple[Finding, ...] = ()
    reason: str = ""

    @property
    def stands(self) -> bool:
        """Whether nothing stands against the plugin by this rule; a skipped one does."""
        return self.state in ("passed", "not asked")

    def plain(self) -> dict[str, Any]:
        """Give it as JSON data."""
        return {
            "rule": self.rule.name,
            "level": self.rule.level,
            "state": self.state,
            "reason": self.reason,
            "findings": [each.plain() for each in self.findings],
        }


@frozen(kw_only=True)
class Report:
    """What is to be said of a plugin.

    Attributes:
        id: the plugin's, or the name of its place where the manifest cannot be read.
        version: the plugin's.
        outcomes: of every rule that was tried, in their order.
        upto: the highest level whose rules were tried, all of them; `None` where only some were,
            which certifies nothing.
    """

    id: str
    version: str
    outcomes: tuple[Outcome, ...]
    upto: Level | None = None

    @property
    def good(self) -> bool:
        """Whether no rule that was tried found anything."""
        return not self.against

    @property
    def against(self) -> tuple[Outcome, ...]:
        """The outcomes that stand against it."""
        return tuple(each for each in self.outcomes if not each.stands)

    @property
    def level(self) -> Level | None:
        """The highest level whose rules, and those of the levels below, all stand.

        `None` where not even the lowest does, or where not every rule was tried.
        """
        reached: Level | None = None
        for level in () if self.upto is None else LEVELS[: LEVELS.index(self.upto) + 1]:
            if not all(each.stands for each in self.outcomes if each.rule.level == level):
                break
            reached = level
        return reached

    def reaches(self, level: Level) -> bool:
        """Whether a level, or a higher one, was reached."""
        return self.level is not None and LEVELS.index(self.level) >= LEVELS.index(level)

    def plain(self) -> dict[str, Any]:
        """Give it as JSON data."""
        return {
            "id": self.id,
            "version": self.version,
            "level": self.level,
            "good": self.good,
            "rules": [each.plain() for each in self.outcomes],
        }


_Judge = TypeVar("_Judge", bound=Callable[[Any], Iterable[Finding]])


class Rules:
    """A set of rules, each a function with its reasons in the docstring."""

    def __init__(self, *, needs_mocks: bool) -> None:
        self._needs_mocks = needs_mocks
        self._rules: dict[str, Rule] = {}

    def rule(self, level: Level) -> Callable[[_Judge], _Judge]:
        """Make a rule of a function, under its name."""

        def add(judge: _Judge) -> _Judge:
            name = judge.__name__.replace("_", "-")
            if name in self._rules:
                raise ValueError(f"two rules are called {name}")
            self._rules[name] = Rule(
                name=name,
                level=level,
                needs_mocks=self._needs_mocks,
                text=inspect.cleandoc(judge.__doc__ or ""),
                judge=judge,
            )
            return judge

        return add

    def all(self) -> Sequence[Rule]:
        """Give them in the order of their levels."""
        return sorted(self._rules.values(), key=lambda each: LEVELS.index(each.level))


def try_rule(rule: Rule, subject: Any) -> Outcome:
    """Try one rule on a plugin."""
    try:
        findings = tuple(rule.judge(subject))
    except NotAsked as reason:
        return Outcome(rule=rule, state="not asked", reason=str(reason))
    except Skipped as reason:
        return Outcome(rule=rule, state="skipped", reason=str(reason))
    return Outcome(rule=rule, state="failed" if findings else "passed", findings=findings)


def against(report: Report, level: Level) -> str:
    """Say what keeps somebody from a level, rule by rule, with the way out."""
    lines = [f"{report.id} is {report.level or 'not certified'}, and not {level}:"]
    for outcome in report.outcomes:
        if outcome.stands or LEVELS.index(outcome.rule.level) > LEVELS.index(level):
            continue
        lines.append(f"{outcome.rule.name} ({outcome.rule.level}, {outcome.rule.page})")
        lines += [f"  skipped: {outcome.reason}"] if outcome.state == "skipped" else []
        for finding in outcome.findings:
            place = f"{finding.place}: " if finding.place else ""
            lines += [f"  {place}{finding.what}", f"    -> {finding.do}"]
    return "\n".join(lines)
