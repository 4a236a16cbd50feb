"""Trees: records with their children, made all together or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, final

from crossdock_mocks.dialects.salesforce import wire
from crossdock_mocks.dialects.salesforce.collections import told, type_of
from crossdock_mocks.dialects.salesforce.errors import Refused
from crossdock_mocks.dialects.salesforce.model import ObjectType
from crossdock_mocks.dialects.salesforce.records import Records, Row
from crossdock_mocks.engine import Call, Problem, Reply

MOST: Final = 200
DEEPEST: Final = 5


class _Undo(Exception):  # noqa: N818 - it names what it is
    """Carries out of a transaction that is to be undone."""


@final
class _Tree:
    def __init__(self, work: Records) -> None:
        self._work = work
        self.made: list[Row] = []
        self.wrong: list[Row] = []
        self._names: set[str] = set()

    def plant(
        self, kind: ObjectType, record: Mapping[str, Any], link: Mapping[str, Any], depth: int
    ) -> None:
        """Make a record and its children."""
        name = (record.get("attributes") or {}).get("referenceId")
        if not isinstance(name, str) or not name:
            self._refuse("", Refused("INVALID_INPUT", "Include a reference ID with every record "
                                     "in the request."))  # fmt: skip
            return
        try:
            if name in self._names:
                raise Refused("INVALID_INPUT", f"Duplicate ReferenceId provided: {name}.")
            self._names.add(name)
            if depth > DEEPEST:
                raise Refused("INVALID_INPUT", f"A tree is at most {DEEPEST} levels deep.")
            if len(self._names) > MOST:
                raise Refused("INVALID_INPUT", f"A request has at most {MOST} records.")
            if type_of(self._work, record) is not kind:
                raise Refused("INVALID_TYPE", f"The record has to be of type {kind.name}.")
            children = {
                key: value for key, value in record.items()
                if isinstance(value, dict) and "records" in value
            }  # fmt: skip
            values = {key: value for key, value in record.items() if key not in children}
            row = self._work.insert(kind, {**values, **link})
        except Problem as problem:
            self._refuse(name, problem)
            return
        self.made.append({"referenceId": name, "id": row["Id"]})
        for relationship, below in children.items():
            self._children(kind, name, row, relationship, below["records"], depth)

    def _children(
        self, kind: ObjectType, name: str, row: Row, relationship: str, given: Any, depth: int
    ) -> None:
        if not (isinstance(given, list) and all(isinstance(each, dict) for each in given)):
            message = f"The records of '{relationship}' have to be a list of records."
            self._refuse(name, Refused("INVALID_INPUT", message))
            return
        for child, field in self._work.organization.children.get(kind.name, ()):
            if field.children and field.children.lower() == relationship.lower():
                for each in given:
                    self.plant(child, each, {field.name: row["Id"]}, depth + 1)
                return
        message = f"No such relation '{relationship}' on entity '{kind.name}'."
        self._refuse(name, Refused("INVALID_FIELD", message))

    def _refuse(self, name: str, problem: Problem) -> None:
        self.wrong.append({"referenceId": name, "errors": [told(problem)]})


def create_tree(call: Call) -> Reply:
    """Make trees of records."""
    work = wire.records(call)
    kind = wire.entity(work, call.path["object"])
    tree = _Tree(work)
    try:
        with call.world.transaction():
            for record in call.body["records"]:
                tree.plant(kind, record, {}, 1)
            if tree.wrong:
                raise _Undo
    except _Undo:
        return Reply(400, {"hasErrors": True, "results": tree.wrong})
    return Reply(201, {"hasErrors": False, "results": tree.made})
