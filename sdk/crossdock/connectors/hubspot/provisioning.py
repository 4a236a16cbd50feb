"""What a portal must have before it can be worked with, and making it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve

from crossdock.connectors.hubspot import operations as use
from crossdock.connectors.hubspot.objects import Portal
from crossdock.connectors.hubspot.properties import GROUP, OWN, Property
from crossdock.connectors.provisioning import Lacking
from crossdock.connectors.reading import Row, each, text, truth


class Provisioning:
    """Finds and makes the properties that a portal lacks.

    Nothing is ever changed or removed: a property of the same name that is of another type, or not
    unique where it must be, is told and left to a person.

    Args:
        portal: the portal.
        customer_numbers: the properties of companies that hold ERPs' customer numbers.
    """

    def __init__(self, portal: Portal, customer_numbers: Sequence[str]) -> None:
        self._portal = portal
        numbers = [
            Property(name=name, label="Customer number in the ERP") for name in customer_numbers
        ]
        wanted: Mapping[str, Sequence[Property]] = {
            **OWN,
            "companies": (*numbers, *OWN["companies"]),
        }
        self._wanted = {
            kind: [evolve(each_one, name=portal.theirs(each_one.name)) for each_one in properties]
            for kind, properties in wanted.items()
        }

    def lacking(self) -> tuple[Lacking, ...]:
        """Name what is missing or unfit."""
        found: list[Lacking] = []
        for kind, wanted in self._wanted.items():
            there = self._there(kind)
            for each_wanted in wanted:
                problem = _problem(each_wanted, there.get(each_wanted.name))
                if problem is not None:
                    name = f"{kind}.{each_wanted.name}"
                    found.append(Lacking(name=name, problem=problem, makeable=not problem))
        return tuple(found)

    def provision(self) -> tuple[str, ...]:
        """Make what is missing; gives the names of what was made."""
        made: list[str] = []
        for kind, wanted in self._wanted.items():
            there = self._there(kind)
            missing = [each_wanted for each_wanted in wanted if each_wanted.name not in there]
            if missing:
                self._make_group(kind)
                body = {"inputs": [each_missing.body() for each_missing in missing]}
                names = {"objectType": kind}
                self._portal.call(use.CREATE_PROPERTIES, names, body=body)
            made += [f"{kind}.{each_missing.name}" for each_missing in missing]
        return tuple(made)

    def _there(self, kind: str) -> dict[str, tuple[str, bool]]:
        def described(row: Row) -> tuple[str, tuple[str, bool]]:
            unique = truth(row, "hasUniqueValue") if "hasUniqueValue" in row else False
            return text(row, "name"), (text(row, "type"), unique)

        answer = self._portal.call(use.LIST_PROPERTIES, {"objectType": kind})
        return dict(self._portal.remote.read(answer, lambda b: each(b, "results", described)))

    def _make_group(self, kind: str) -> None:
        names = {"objectType": kind}
        answer = self._portal.call(use.LIST_PROPERTY_GROUPS, names)
        there = self._portal.remote.read(
            answer, lambda body: each(body, "results", lambda row: text(row, "name"))
        )
        if GROUP not in there:
            body = {"name": GROUP, "label": "Crossdock", "displayOrder": -1}
            self._portal.call(use.CREATE_PROPERTY_GROUP, names, body=body)


def _problem(wanted: Property, there: tuple[str, bool] | None) -> str | None:
    """Say what is wrong with a property; nothing to say (an empty text) where it is missing."""
    if there is None:
        return ""
    kind, unique = there
    expected = wanted.body()["type"]
    if kind != expected:
        return f"is of type {kind}, not {expected}"
    if wanted.unique and not unique:
        return "does not have unique values, and cannot get them: archive it and provision again"
    return None
