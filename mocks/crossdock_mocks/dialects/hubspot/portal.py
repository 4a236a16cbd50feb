"""One call's view of a portal: its kinds of record, its property definitions, its clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias, final

from crossdock_mocks.dialects.hubspot.errors import invalid
from crossdock_mocks.dialects.hubspot.instants import stamp
from crossdock_mocks.dialects.hubspot.kinds import Kind, find_kind
from crossdock_mocks.engine import Call, Table, World

Row: TypeAlias = dict[str, Any]


@final
class Portal:
    """The portal, for as long as one call takes: what was looked up is not looked up again.

    Args:
        world: The world that it is in.
        source: Who changes it, as the history of properties tells: `INTEGRATION` or `CRM_UI`.
        source_id: Which app, or what else.
    """

    def __init__(self, world: World, source: str = "INTEGRATION", source_id: str = "") -> None:
        self.world = world
        self.source = source
        self.source_id = source_id
        self.dirty: dict[tuple[str, str], None] = {}
        """Records whose computed properties have to be looked at again, by type and id."""
        self._kinds: dict[str, Kind] = {}
        self._definitions: dict[tuple[str, str], Row | None] = {}
        self._all: dict[str, dict[str, Row]] = {}

    @classmethod
    def of(cls, call: Call) -> Portal:
        """The portal that a call is made to, by the app that makes it."""
        return cls(call.world, source_id=str(call.principal.app if call.principal else ""))

    def archived(self, call: Call) -> bool:
        """Whether a call asks for archived things; clients write truth values in any case."""
        return str(call.query["archived"]).lower() == "true"

    @property
    def now(self) -> datetime:
        """The instant by the world's clock."""
        return self.world.now

    @property
    def stamp(self) -> str:
        """The same as HubSpot writes it."""
        return stamp(self.world.now)

    def table(self, name: str) -> Table:
        """A table of this dialect, such as `records`."""
        return self.world.table(f"hubspot_{name}")

    def kind(self, text: str) -> Kind:
        """The kind of record that a path or body names.

        Raises:
            Refusal: 400, there is no such kind.
        """
        found = self._kinds.get(text) or find_kind(self.world, text)
        if found is None:
            raise invalid(f"Unable to infer object type from: {text}")
        self._kinds[text] = found
        return found

    def definition(self, kind: Kind, name: str) -> Row | None:
        """The definition of a property that is not archived, if there is one."""
        known = self._all.get(kind.type_id)
        if known is not None:
            return known.get(name)
        key = (kind.type_id, name)
        if key not in self._definitions:
            row = self.table("properties").get(key)
            self._definitions[key] = None if row is None or row["archived"] else row
        return self._definitions[key]

    def definitions(self, kind: Kind) -> dict[str, Row]:
        """The definitions of a kind's properties by name, without archived ones."""
        if kind.type_id not in self._all:
            rows = self.table("properties").find({"objectType": kind.type_id, "archived": False})
            self._all[kind.type_id] = {row["name"]: row for row in rows}
        return self._all[kind.type_id]

    def forget(self) -> None:
        """Look definitions up anew: they were changed."""
        self._definitions.clear()
        self._all.clear()
        self._kinds.clear()
