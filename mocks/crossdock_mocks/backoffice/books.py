"""The books: documents of one world as one piece of work reads and changes them.

Documents that are changed are written once, when the work is done: what follows from their lines
and applications is derived then, their version counts up by one, and the change feed gets one
entry each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final, TypeAlias, final

from attrs import define, field

from crossdock_mocks.backoffice.decimals import minor_units
from crossdock_mocks.backoffice.kinds import CHANGES, COMPANY, KINDS, ORDER, ORDER_EVENTS, Kind
from crossdock_mocks.backoffice.refusals import Invalid, Missing, Stale
from crossdock_mocks.backoffice.settings import Settings
from crossdock_mocks.engine import Table, Where, World, instant

Row: TypeAlias = dict[str, Any]
Event: TypeAlias = dict[str, Any]

Derivation: TypeAlias = "Callable[[Books, Document], None]"


@define(eq=False)
class Document:
    """One document while it is worked on.

    Attributes:
        kind: Its kind.
        header: Its header, as it is kept.
        created: Whether this piece of work created it.
        events: History entries that it gets when it is written (orders only).
    """

    kind: Kind
    header: Row
    created: bool = False
    events: list[Event] = field(factory=list)
    _lines: list[Row] | None = None
    _load: Callable[[], list[Row]] = list

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.header[self.kind.key])

    @property
    def version(self) -> int:
        """Its version."""
        return int(self.header["version"])

    @property
    def lines(self) -> list[Row]:
        """Its lines, read when they are first asked for."""
        if self._lines is None:
            self._lines = self._load()
        return self._lines

    @property
    def lines_seen(self) -> bool:
        """Whether its lines were read or given, so that they may have changed."""
        return self._lines is not None

    def line(self, number: int, pointer: str = "") -> Row:
        """The line with this number.

        Raises:
            Invalid: It has no such line.
        """
        for each in self.lines:
            if each["line"] == number:
                return each
        raise Invalid("unknown_line", f"{self.id} has no line {number}.", pointer, received=number)


_DERIVATIONS: Final[dict[str, Derivation]] = {}


def derives(kind: Kind) -> Callable[[Derivation], Derivation]:
    """Declare what is derived of a kind of document whenever it is written."""

    def declare(derivation: Derivation) -> Derivation:
        _DERIVATIONS[kind.name] = derivation
        return derivation

    return declare


@final
class Books:
    """The documents of one world, worked on by one actor.

    Args:
        world: Where they are.
        actor: Who works on them.
    """

    def __init__(self, world: World, actor: str = "system") -> None:
        self.world = world
        self.actor = actor
        self.today: date = world.today
        self.now: str = instant(world.now)
        self._known: dict[tuple[str, str], Document] = {}
        self._changed: dict[tuple[str, str], Document] = {}
        self._settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """The company's settings."""
        if self._settings is None:
            self._settings = Settings.of(self.get(COMPANY, "company").header)
        return self._settings

    def places(self, currency: str) -> int:
        """Decimal places of a currency."""
        return minor_units(currency)

    def table(self, name: str) -> Table:
        """A table, for what is not a document."""
        return self.world.table(name)

    # Reading

    def find_one(self, kind: Kind, key: str) -> Document | None:
        """A document, or None."""
        known = self._known.get((kind.name, key))
        if known is not None:
            return known
        header = self.world.table(kind.table).get(key)
        return None if header is None else self._keep(kind, header)

    def get(self, kind: Kind, key: str) -> Document:
        """A document.

        Raises:
            Missing: There is none.
        """
        found = self.find_one(kind, key)
        if found is None:
            name = kind.name.replace("_", " ")
            raise Missing("not_found", f"There is no {name} {key}.", received=key)
        return found

    def referred(self, kind: Kind, key: str, pointer: str) -> Document:
        """The document that a field of a request names.

        Raises:
            Invalid: There is none.
        """
        found = self.find_one(kind, key)
        if found is None:
            name = kind.name.replace("_", " ")
            raise Invalid(
                f"unknown_{kind.name}", f"There is no {name} {key}.", pointer, received=key
            )
        return found

    def find(self, kind: Kind, where: Where, order: str = "") -> list[Document]:
        """The documents that meet a condition, as they were when this piece of work began."""
        rows = self.world.table(kind.table).find(where, order or ())
        return [
            self._known.get((kind.name, str(row[kind.key]))) or self._keep(kind, row)
            for row in rows
        ]

    def events(self, order_id: str) -> list[Event]:
        """The history of an order, as it is written."""
        rows = self.world.table(ORDER_EVENTS).find({"orderId": order_id}, "sequence")
        for row in rows:
            del row["orderId"]
        return rows

    def _keep(self, kind: Kind, header: Row) -> Document:
        key = str(header[kind.key])

        def load() -> list[Row]:
            row = header
            if kind.lines_table is not None:
                row = self.world.table(kind.lines_table).get(key) or {}
            lines: list[Row] = row.get("lines", [])
            return lines

        document = Document(kind, header, load=load)
        self._known[kind.name, key] = document
        return document

    # Writing

    def expect(self, document: Document, version: int | None) -> None:
        """Check that a change is based on the present version.

        Raises:
            Stale: It is not.
        """
        if version is not None and version != document.version:
            raise Stale(
                "stale",
                f"{document.id} is at version {document.version}, not {version}: read it again.",
                expected=document.version,
                received=version,
            )

    def number(self, kind: Kind) -> str:
        """The next id of a kind."""
        while True:
            key = self.world.sequence(kind.table, kind.prefix, kind.first)
            if key not in self.world.table(kind.table):
                return key

    def add(self, kind: Kind, header: Row, lines: list[Row] | None = None) -> Document:
        """A new document; it is numbered unless it has an id."""
        if kind.key not in header:
            header = {kind.key: self.number(kind), **header}
        header["version"] = 0
        document = Document(kind, header, created=True, lines=lines)
        self._known[kind.name, document.id] = document
        self.touch(document)
        return document

    def remove(self, document: Document, successor: str = "") -> None:
        """Take a document away, now; the feed says so, and what goes on in its place.

        Args:
            document: What nothing refers to any more.
            successor: Id of the document that it was merged into.
        """
        self.world.table(document.kind.table).delete(document.id)
        self._known.pop((document.kind.name, document.id), None)
        self._changed.pop((document.kind.name, document.id), None)
        self._enter_change(document, "deleted", successor)

    def touch(self, document: Document) -> None:
        """Say that a document was changed."""
        self._changed[document.kind.name, document.id] = document

    def record(
        self,
        order: Document,
        event: str,
        *,
        document_id: str | None = None,
        note: str | None = None,
        changes: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        """Write an event into the history of an order; its status is the one after this work."""
        order.events.append(
            {
                "at": self.now,
                "actor": self.actor,
                "event": event,
                "documentId": document_id,
                "note": note,
                "changes": list(changes),
            }
        )
        self.touch(order)

    def flush(self) -> None:
        """Write what was changed: derived, versioned and entered in the change feed.

        Orders come last, because where they stand follows from their invoices.
        """
        self._settings = None
        while self._changed:
            changed, self._changed = self._changed, {}
            for kind in _WRITING_ORDER:
                for document in [each for each in changed.values() if each.kind is kind]:
                    self._write(document)

    def _write(self, document: Document) -> None:
        kind = document.kind
        derivation = _DERIVATIONS.get(kind.name)
        if derivation is not None:
            derivation(self, document)
        header = document.header
        header["version"] = document.version + 1
        if "updatedAt" in header:
            header["updatedAt"] = self.now
        if "updatedBy" in header:
            header["updatedBy"] = self.actor
        table = self.world.table(kind.table)
        lines_table = None if kind.lines_table is None else self.world.table(kind.lines_table)
        if lines_table is None and document.lines_seen:
            header["lines"] = document.lines
        if document.created:
            table.insert(header)
        else:
            table.replace(header)
        if lines_table is not None and document.lines_seen:
            row = {"id": document.id, "lines": document.lines}
            if document.created:
                lines_table.insert(row)
            else:
                lines_table.replace(row)
        self._write_events(document)
        self._enter_change(document, "created" if document.created else "updated")
        document.created = False

    def _write_events(self, document: Document) -> None:
        if not document.events:
            return
        table = self.world.table(ORDER_EVENTS)
        sequence = table.count({"orderId": document.id})
        for event in document.events:
            sequence += 1
            table.insert(
                {
                    "orderId": document.id,
                    "sequence": sequence,
                    **event,
                    "status": document.header["status"],
                }
            )
        document.events.clear()

    def _enter_change(self, document: Document, action: str, successor: str = "") -> None:
        sequence = int(self.world.sequence(CHANGES))
        self.world.table(CHANGES).insert(
            {
                "sequence": sequence,
                "entity": document.kind.name,
                "id": document.id,
                "action": action,
                "at": self.now,
                "version": document.version,
                "by": self.actor,
                "successor": successor or None,
            }
        )


_WRITING_ORDER: Final = (*(kind for kind in KINDS if kind is not ORDER), ORDER)
