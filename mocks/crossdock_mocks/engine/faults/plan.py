"""A plan of faults: a TOML or JSON file, or plain data, checked and put into words when wrong."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import attrs

from crossdock.specifications import specification
from crossdock_mocks.engine.errors import EngineError
from crossdock_mocks.engine.faults.kinds import KINDS
from crossdock_mocks.engine.faults.rules import Fault

if TYPE_CHECKING:
    from crossdock_mocks.engine.world import World

_FIELDS = [each.name for each in attrs.fields(Fault)]


class PlanError(EngineError):
    """A plan of faults cannot be used; the message names each place and what may stand there."""

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n  ".join([f"{source} is not a plan of faults:", *problems]))


@final
@attrs.frozen
class FaultPlan:
    """Rules that belong together, and the seed of what is left to chance.

    `specs/fault-plan.schema.json` describes the file.

    Attributes:
        faults: The rules, in order.
        seed: What probabilities are drawn from, with the name of the world.
        name: What the plan is called in its story.
    """

    faults: tuple[Fault, ...]
    seed: int = 0
    name: str = ""

    @classmethod
    def load(cls, path: Path | str) -> FaultPlan:
        """Read a plan from a `.toml` or `.json` file.

        Raises:
            PlanError: It cannot be read, or is not a plan.
        """
        path = Path(path)
        try:
            text = path.read_text("utf-8")
            data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        except OSError as error:
            raise PlanError(str(path), [f"it cannot be read: {error.strerror}"]) from error
        except ValueError as error:
            raise PlanError(str(path), [str(error)]) from error
        return cls.of(data, str(path))

    @classmethod
    def of(
        cls, data: Mapping[str, Any] | Iterable[Mapping[str, Any]], source: str = "this"
    ) -> FaultPlan:
        """Make a plan of plain data: an object with `faults`, or the list of rules itself.

        Raises:
            PlanError: It is not a plan.
        """
        plain = _plain(data)
        if isinstance(plain, list):
            plain = {"faults": plain}
        problems = _problems(plain)
        faults = []
        for number, rule in enumerate(plain["faults"] if not problems else ()):
            try:
                faults.append(Fault(**rule))
            except ValueError as error:
                problems.append(f"faults[{number}]: {error}")
        if problems:
            raise PlanError(source, problems)
        return cls(tuple(faults), plain.get("seed", 0), plain.get("name", ""))

    def check(self, operations: Iterable[str], source: str = "this") -> None:
        """Check that each operation that a rule names is there.

        Raises:
            PlanError: Some are not.
        """
        known = list(operations)
        problems = [
            f"faults[{number}].operation: there is no operation {rule.operation}"
            + _perhaps(rule.operation, known)
            for number, rule in enumerate(self.faults)
            if rule.operation is not None
            and not any(fnmatchcase(each, rule.operation) for each in known)
        ]
        if problems:
            raise PlanError(source, problems)

    def arm(self, *worlds: World) -> None:
        """Add the rules to worlds; they begin to count now."""
        for world in worlds:
            world.faults.arm(self.faults, self.seed)


@cache
def _validator() -> Any:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(
        json.loads(specification("fault-plan.schema.json").read_text("utf-8"))
    )


def _plain(data: Any) -> Any:
    """Data as JSON has it: TOML knows instants of its own."""
    if isinstance(data, Mapping):
        return {str(name): _plain(value) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(each) for each in data]
    return data.isoformat() if isinstance(data, datetime) else data


def _problems(plan: Any) -> list[str]:
    from crossdock_mocks.engine.violations import violations

    problems = []
    for each in violations(_validator(), plan, "body"):
        place = _place(each.pointer)
        text = f"{place or 'the whole'}: {each.message}"
        if each.received is not None and each.keyword != "additionalProperties":
            text += f", not {each.received!r}"
        last = each.pointer.rpartition("/")[2]
        if each.keyword == "additionalProperties":
            known = _FIELDS if place.startswith("faults[") else ["name", "seed", "faults"]
            text += _perhaps(last, known)
        elif last == "kind":
            text += _perhaps(each.received, KINDS)
        problems.append(text)
    return problems


def _place(pointer: str) -> str:
    place = ""
    for part in pointer.split("/")[1:]:
        if part.isdecimal():
            place += f"[{part}]"
        else:
            place += f".{part}" if place else part
    return place


def _perhaps(word: Any, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(word), list(known), 1, 0.5)
    return f"; did you mean {near[0]}?" if near else ""
