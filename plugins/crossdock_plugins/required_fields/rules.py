"""Rules of fields: which a record must have in its stage, in which form, and what to tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, Final

import attrs

from crossdock import Decision, Inform, Veto, Warn
from crossdock.errors import ConfigError

EVERY: Final = "*"
_LINES: Final = "lines."
_LABELS: Final = {
    "valid_until": "day until which it is valid",
    "contact_id": "contact",
    "opportunity_id": "opportunity",
    "close_on": "closing day",
    "contract_starts_on": "start of the contract",
    "requested_on": "requested day",
    "owner_id": "owner",
    "campaign_id": "campaign",
}


def rules_for(config: Mapping[str, Any], record: str) -> list[Mapping[str, Any]]:
    """Give the rules for one kind of record."""
    return [rule for rule in config["rules"] if rule["record"] == record]


def judge(
    record: Any, stages: Set[str], rules: Sequence[Mapping[str, Any]], *, ahead: bool
) -> list[Decision]:
    """Hold a record against its rules.

    Args:
        record: a quote, order or opportunity.
        stages: every name of the stage that it is in.
        rules: of its kind.
        ahead: whether what only a later stage needs is told of.

    Raises:
        ConfigError: a rule names a field that such a record does not have.
    """
    decisions: list[Decision] = []
    told: set[str] = set()
    for rule in rules:
        counts = EVERY in rule["stages"] or not stages.isdisjoint(rule["stages"])
        if not counts and not ahead:
            continue
        for field, value in _values(record, rule["field"]):
            if counts and (problem := _problem(field, value, rule)):
                kind = Warn if rule.get("level") == "warn" else Veto
                decisions.append(kind(problem, code="field.required", field=field))
            elif not counts and _is_empty(value) and field not in told:
                told.add(field)
                text = f"Needed when it is {_or(rule['stages'])}. {rule['help']}"
                decisions.append(Inform(text, code="field.needed_later", field=field))
    return decisions


def _problem(field: str, value: Any, rule: Mapping[str, Any]) -> str:
    if _is_empty(value):
        return f"The {_label(field)} is missing. {rule['help']}"
    pattern = rule.get("pattern")
    if pattern and not re.fullmatch(pattern, str(value)):
        return f"The {_label(field)} is not in the form that is wanted. {rule['help']}"
    return ""


def _values(record: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Give the value at a path, or that of each line."""
    if path.startswith(_LINES):
        inner = path.removeprefix(_LINES)
        for index, line in enumerate(record.lines):
            yield f"{_LINES}{index}.{inner}", _value(line, inner)
    else:
        yield path, _value(record, path)


def _value(record: Any, path: str) -> Any:
    for name in path.split("."):
        if not attrs.has(type(record)) or name not in attrs.fields_dict(type(record)):
            raise ConfigError(
                f"required-fields: a {type(record).__name__} has no field {name!r} ({path}); "
                "put right rules in [plugins.config.required-fields]"
            )
        record = getattr(record, name)
    return record


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value == ()


def _label(field: str) -> str:
    name = field.rpartition(".")[2]
    return _LABELS.get(name, name.replace("_", " "))


def _or(stages: Sequence[str]) -> str:
    return " or ".join([", ".join(stages[:-1]), stages[-1]] if len(stages) > 1 else stages)
