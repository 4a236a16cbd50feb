"""What the filters of a search ask for; each becomes a condition on a record, or is refused.

Text is compared whatever its case, but for IN and NOT_IN, whose values have to be in lower case;
options are compared as they are. A record without a value meets NOT_HAS_PROPERTY only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

import attrs

from crossdock_mocks.dialects.hubspot.associations import links
from crossdock_mocks.dialects.hubspot.errors import Refusal
from crossdock_mocks.dialects.hubspot.kinds import Kind
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.dialects.hubspot.search.text import contains_token
from crossdock_mocks.dialects.hubspot.values import WrongValue, instant, number

GROUPS: Final = 5
IN_GROUP: Final = 6
IN_ALL: Final = 18

Seen: TypeAlias = Mapping[str, str]
"""The properties of a record as the index has them."""

Key: TypeAlias = str | Decimal | datetime


@attrs.frozen
class Candidate:
    """A record that may be what is searched for: its id, and its properties as indexed."""

    id: str
    seen: Seen


Condition: TypeAlias = Callable[[Candidate], bool]

_ORDERED: Final = ("string", "number", "date", "datetime")
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "EQ": lambda one, other: one == other,
    "NEQ": lambda one, other: one != other,
    "LT": lambda one, other: one < other,
    "LTE": lambda one, other: one <= other,
    "GT": lambda one, other: one > other,
    "GTE": lambda one, other: one >= other,
}
_PSEUDO: Final = "associations."


def problem(*messages: str, code: str = "INVALID_FILTER") -> Refusal:
    """A 400 about a search, with HubSpot's one sentence and the reasons beside it."""
    return Refusal(
        400,
        "There was a problem with the request.",
        errors=[{"message": message, "code": code} for message in messages],
    )


def condition(portal: Portal, kind: Kind, body: Mapping[str, Any]) -> Condition:
    """The condition of a search's `filterGroups` (or `filters`, which are one group).

    Raises:
        Refusal: 400, there are too many, or one of them makes no sense.
    """
    groups = [each["filters"] for each in body.get("filterGroups") or ()]
    if body.get("filters"):
        if groups:
            raise problem("filters and filterGroups cannot be used together.")
        groups = [body["filters"]]
    if len(groups) > GROUPS:
        raise problem(f"At most {GROUPS} filterGroups are allowed.", code="TOO_MANY_GROUPS")
    if any(len(each) > IN_GROUP for each in groups):
        raise problem(
            f"At most {IN_GROUP} filters are allowed in a group.", code="TOO_MANY_FILTERS"
        )
    if sum(len(each) for each in groups) > IN_ALL:
        raise problem(f"At most {IN_ALL} filters are allowed in all.", code="TOO_MANY_FILTERS")
    if not all(groups):
        raise problem("A filter group needs at least one filter.")
    made = [[_filter(portal, kind, each) for each in group] for group in groups]
    if not made:
        return lambda _: True
    return lambda candidate: any(all(each(candidate) for each in group) for group in made)


def _filter(portal: Portal, kind: Kind, given: Mapping[str, Any]) -> Condition:
    name, operator = given["propertyName"], given["operator"]
    _check_members(name, operator, given)
    if name.startswith(_PSEUDO):
        return _linked(portal, kind, name.removeprefix(_PSEUDO), operator, given)
    definition = portal.definition(kind, name)
    if definition is None:
        raise problem(f'Property "{name}" does not exist', code="PROPERTY_DOESNT_EXIST")
    if operator == "HAS_PROPERTY":
        return lambda candidate: name in candidate.seen
    if operator == "NOT_HAS_PROPERTY":
        return lambda candidate: name not in candidate.seen
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        return _tokens(definition, operator, _text(given["value"]))
    if operator in ("IN", "NOT_IN"):
        return _in(definition, operator, [_text(each) for each in given["values"]])
    if operator not in ("EQ", "NEQ") and definition["type"] not in _ORDERED:
        raise problem(f"{operator} is not supported for {name}, which is {definition['type']}.")
    low = key(definition, _text(given["value"]))
    if operator == "BETWEEN":
        high = key(definition, _text(given["highValue"]))
        return _held(definition, lambda each: bool(low <= each <= high))  # type: ignore[operator]
    compare = _COMPARE[operator]
    return _held(definition, lambda each: compare(each, low))


def _check_members(name: str, operator: str, given: Mapping[str, Any]) -> None:
    """Each operator has members of its own; HubSpot refuses one too many or too few."""
    wanted = {
        "BETWEEN": {"value", "highValue"}, "IN": {"values"}, "NOT_IN": {"values"},
        "HAS_PROPERTY": set(), "NOT_HAS_PROPERTY": set(),
    }.get(operator, {"value"})  # fmt: skip
    came = {each for each in ("value", "highValue", "values") if given.get(each) is not None}
    if lacking := sorted(wanted - came):
        raise problem(f"{operator} on {name} needs {' and '.join(lacking)}.")
    if extra := sorted(came - wanted):
        raise problem(f"{operator} on {name} takes no {' and no '.join(extra)}.")
    if "values" in came and not given["values"]:
        raise problem(f"{operator} on {name} needs at least one of values.")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def key(definition: Row, text: str) -> Key:
    """A value in the form in which values of its property are compared.

    Raises:
        Refusal: 400, it is not of the property's type.
    """
    kind = definition["type"]
    try:
        if kind == "number":
            return number(text)
        if kind in ("date", "datetime"):
            return instant(text)
    except WrongValue as wrong:
        raise problem(f"{definition['name']}: {wrong}", code=wrong.code) from wrong
    return text if kind == "enumeration" else text.lower()


def _held(definition: Row, meets: Callable[[Key], bool]) -> Condition:
    """A condition on a value; a record that has none does not meet it."""
    name = definition["name"]

    def holds(candidate: Candidate) -> bool:
        value = candidate.seen.get(name)
        return value is not None and meets(key(definition, value))

    return holds


def _in(definition: Row, operator: str, values: Sequence[str]) -> Condition:
    # Of text only lower case is found: what is stored is lowered, what is asked for is not.
    plain = definition["type"] in ("string", "enumeration", "bool")
    wanted = set(values) if plain else {key(definition, each) for each in values}
    within = operator == "IN"
    return _held(definition, lambda each: (each in wanted) is within)


def _tokens(definition: Row, operator: str, wanted: str) -> Condition:
    name = definition["name"]
    if definition["type"] != "string":
        raise problem(f"{operator} is not supported for {name}, which is {definition['type']}.")
    if not wanted.strip():
        raise problem(f"{operator} on {name} needs a value.")
    within = operator == "CONTAINS_TOKEN"

    def holds(candidate: Candidate) -> bool:
        value = candidate.seen.get(name)
        return value is not None and contains_token(value, wanted) is within

    return holds


def _linked(
    portal: Portal, kind: Kind, word: str, operator: str, given: Mapping[str, Any]
) -> Condition:
    """`associations.contact`: records that are linked with one of those that are named."""
    other = portal.kind(word)
    if operator not in ("EQ", "IN"):
        raise problem(f"{operator} is not supported for associations.{word}.")
    wanted = [_text(each) for each in (given["values"] if operator == "IN" else [given["value"]])]
    if not all(each.isascii() and each.isdecimal() for each in wanted):
        raise problem(f"associations.{word} is compared with ids of records.")
    found = {each for wanted_id in wanted for each in links.linked(portal, other, wanted_id, kind)}
    return lambda candidate: candidate.id in found
