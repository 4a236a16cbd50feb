"""What an organization must have before it can be worked with.

Salesforce makes custom fields by its Metadata API, with who may see them in permission sets and
layouts: that is a deployment, which its administrators own. So this names what is missing and makes
nothing; `deployment` writes the project that is deployed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crossdock.connectors.provisioning import Lacking
from crossdock.connectors.reading import Row, each, text, truth
from crossdock.connectors.salesforce import operations as use
from crossdock.connectors.salesforce.fields import Field, wanted
from crossdock.connectors.salesforce.org import Org

_TYPES: Final = {
    "text": ("string", "Text"),
    "number": ("double", "Number(18, 6)"),
    "date": ("date", "Date"),
    "datetime": ("datetime", "Date/Time"),
    "checkbox": ("boolean", "Checkbox"),
    "long": ("textarea", "Long Text Area(131072)"),
}


class Provisioning:
    """Finds the fields that an organization lacks.

    Args:
        org: the organization.
        customer_numbers: the fields of accounts that hold ERPs' customer numbers.
    """

    def __init__(self, org: Org, customer_numbers: Sequence[str]) -> None:
        self._org = org
        self._wanted = wanted(customer_numbers)

    def lacking(self) -> tuple[Lacking, ...]:
        """Name what is missing, unfit, or hidden from the user that the connector works as."""
        found: list[Lacking] = []
        for kind, own in self._wanted.items():
            there = self._there(kind)
            for field in own:
                name = self._org.name(field.name)
                problem = _problem(field, there.get(name))
                if problem:
                    found.append(Lacking(name=f"{kind}.{name}", problem=problem, makeable=False))
        return tuple(found)

    def provision(self) -> tuple[str, ...]:
        """Make nothing: custom fields are deployed by the organization's administrators."""
        return ()

    def _there(self, kind: str) -> dict[str, tuple[str, bool]]:
        def described(row: Row) -> tuple[str, tuple[str, bool]]:
            unique = truth(row, "unique") if "unique" in row else False
            return text(row, "name"), (text(row, "type"), unique)

        answer = self._org.call(use.DESCRIBE, {"object": kind})
        return dict(self._org.remote.read(answer, lambda body: each(body, "fields", described)))


def _problem(wanted: Field, there: tuple[str, bool] | None) -> str:
    expected, words = _TYPES[wanted.kind]
    if wanted.kind == "text":
        words = f"Text({wanted.length})"
    if there is None:
        unique = ", unique, external id" if wanted.unique else ""
        return f"has to be deployed, and be seen by our user: {words}{unique}"
    kind, is_unique = there
    if kind != expected and not (expected == "string" and kind in ("picklist", "email")):
        return f"is of type {kind}, not {words}"
    if wanted.unique and not is_unique:
        return "does not have unique values"
    return ""
