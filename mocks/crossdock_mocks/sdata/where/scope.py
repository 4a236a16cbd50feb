"""Names in queries: properties of a resource, and of those that its references lead to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, final

from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.model import UPDATED, Collection, Field, Reference, Resource
from crossdock_mocks.sdata.where.syntax import WhereError
from crossdock_mocks.sdata.where.terms import Term, Type

_TYPES: Final[dict[str, Type]] = {
    "string": "string",
    "integer": "number",
    "decimal": "number",
    "boolean": "boolean",
    "datetime": "datetime",
}
_DEEPEST: Final = 8


@final
class Scope:
    """The names that a query of one resource may use.

    Args:
        contract: The contract.
        resource: What is asked for; its table goes by the name `t`.
    """

    def __init__(self, contract: Contract, resource: Resource) -> None:
        self._contract = contract
        self._resource = resource
        self._count = 0

    def term(self, names: Sequence[str]) -> Term:
        """The SQL of a property.

        Args:
            names: References that lead to it, and its own name.

        Raises:
            WhereError: There is no such property, or it has no single value.
        """
        if len(names) > _DEEPEST:
            raise WhereError(f"{'.'.join(names)} leads over more than {_DEEPEST} references")
        sql, type_ = self._value(self._resource, "t", list(names))
        return Term(sql, (), type_)

    def _value(self, resource: Resource, alias: str, names: list[str]) -> tuple[str, Type]:
        first, rest = names[0], names[1:]
        if not rest:
            found = self._own(resource, alias, first)
            if found is not None:
                return found
        property_ = resource.member(first)
        if property_ is None:
            raise WhereError(f"could not resolve property: {first} of: {resource.kind}")
        if isinstance(property_, Collection):
            raise WhereError(f"{resource.kind}.{first} is a collection and has no single value")
        column = self._column(resource, alias, property_.column)
        if isinstance(property_, Field):
            if rest:
                raise WhereError(f"{resource.kind}.{first} has no properties of its own")
            return column, _TYPES[property_.kind]
        target = self._contract.resource(property_.to)
        if not rest:
            return column, "number" if target.key_kind == "integer" else "string"
        self._count += 1
        inner = f"r{self._count}"
        value, type_ = self._value(target, inner, rest)
        # Names come from the contract, never from the query.
        sql = (
            f'(SELECT {value} FROM "{target.table}" {inner} '  # noqa: S608
            f"WHERE {inner}._key = CAST({column} AS TEXT))"
        )
        return sql, type_

    def _own(self, resource: Resource, alias: str, name: str) -> tuple[str, Type] | None:
        """The key, and the variables that every resource has."""
        if name == "$updated":
            return f'{alias}."{UPDATED}"', "datetime"
        if name == "$key" or name.lower() == resource.key_name.lower():
            if resource.key_kind == "integer":
                return f"CAST({alias}._key AS INTEGER)", "number"
            return f"{alias}._key", "string"
        return None

    @staticmethod
    def _column(resource: Resource, alias: str, name: str) -> str:
        if name in resource.indexed():
            return f'{alias}."{name}"'
        return f"json_extract({alias}._body, '$.\"{name}\"')"


def reference_of(resource: Resource, name: str) -> Reference | Collection | None:
    """The property of a name, where it leads somewhere."""
    found = resource.member(name)
    return found if isinstance(found, (Reference, Collection)) else None
