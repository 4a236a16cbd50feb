"""Tryton's changes as one feed, of what was made or changed since an instant.

Tryton tells nobody of changes. A record has the instant of its last change, or of its making where
it was never changed; each list is read from there, behind a safe watermark. What was deleted is not
told: Tryton deletes no document that was in the books.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import evolve, frozen

from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, unfit
from crossdock.connectors.since import Clockwork, Listed, Modified, Since, Source
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton import sales, wire
from crossdock.connectors.tryton.books import IN_THE_BOOKS, SOLD
from crossdock.connectors.tryton.database import Database
from crossdock.ports import Changes
from crossdock.records import Change

#: A transaction's instants are those of its beginning, and a report may run for long.
CLOCK: Final = Clockwork(lag=timedelta(minutes=5), precision=timedelta(microseconds=1))
#: Between a party and the one that it was merged into.
_GOES_ON: Final = " -> "
_LONG_AGO: Final = datetime(1970, 1, 2, tzinfo=UTC)
_FAR: Final = datetime(2999, 1, 1, tzinfo=UTC)


@frozen(kw_only=True)
class _List:
    """One of Tryton's lists.

    Attributes:
        named: gives the records that each row tells of, as `entity:id`.
        owned: whether its records are a company's.
    """

    name: str
    operation: Operation
    fields: Sequence[str]
    named: Callable[[Sequence[Row]], Sequence[Sequence[str]]]
    domain: Sequence[Any] = ()
    owned: bool = True


class Feed:
    """The change feed of one company.

    A feed that was never read begins at the moment at which it is first asked, as a record keeps
    only its last change.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lists: Final = (
            _List(
                name="sales", operation=use.SEARCH_SALES, named=_each(_of_sale),
                fields=("number", "reference", "state"),
            ),
            # Goods that are assigned or picked change a sale's moves and not the sale.
            _List(
                name="moves", operation=use.SEARCH_MOVES, named=self._of_moves,
                fields=("origin",), domain=(("shipment", "like", "stock.shipment.out,%"),),
            ),
            _List(
                name="shipments", operation=use.SEARCH_SHIPMENTS,
                named=_each(lambda row: [f"shipment:{_name(row)}"]),
                fields=("number",), domain=(("state", "=", "done"),),
            ),
            _List(
                name="returns", operation=use.SEARCH_RETURNS,
                named=_each(lambda row: [f"return:{_name(row)}"]),
                fields=("number",), domain=(("state", "=", "done"),),
            ),
            _List(
                name="invoices", operation=use.SEARCH_INVOICES, named=_each(_of_bill),
                fields=("number", "total_amount"), domain=(SOLD, IN_THE_BOOKS),
            ),
            _List(
                name="payments", operation=use.SEARCH_MOVE_LINES, named=_each(_of_payment),
                fields=("move", "move.number", "credit"), owned=False,
                domain=(
                    ("move.state", "=", "posted"), ("move.journal.type", "=", "cash"),
                    ("account.type.receivable", "=", True),
                ),
            ),
            _List(
                name="parties", operation=use.SEARCH_PARTIES, owned=False,
                fields=("code", "replaced_by.code"), named=_each(_of_party),
            ),
            _List(
                name="products", operation=use.SEARCH_PRODUCTS, owned=False, fields=("code",),
                named=_each(lambda row: [f"item:{wire.label(row, 'code') or _name(row)}"]),
            ),
        )  # fmt: skip

    def changes(self, cursor: str | None, *, limit: int) -> Changes:
        """Read on from a cursor, one list after the other."""
        beginning = _LONG_AGO if cursor else self._now() - CLOCK.lag
        sources = tuple(
            Source(entity="", name=each.name, list_since=self._reader(each)) for each in self._lists
        )
        since = Since(self._database.system, sources, CLOCK, beginning=beginning)
        found = since.changes(cursor, limit=limit)
        return evolve(found, changes=_told(found.changes, cursor or ""))

    def _now(self) -> datetime:
        """Ask what time it is there, by a list of nothing."""
        return self._reader(self._lists[0])(_FAR, 0, 1).server_time

    def _reader(self, of: _List) -> Callable[[datetime, int, int], Listed]:
        def read(since: datetime, skip: int, limit: int) -> Listed:
            company = self._database.company.id
            mine = ("company" if of.owned else "move.company", "=", company)
            domain = [*of.domain, mine] if of.owned or of.domain else []
            rows, now = self._database.since(
                of.operation, domain, of.fields, since, offset=skip, limit=limit
            )
            modified = self._database.remote.understood(
                of.operation, lambda: tuple(_modified(rows, of.named(rows)))
            )
            return Listed(rows=modified, server_time=now)

        return read

    def _of_moves(self, rows: Sequence[Row]) -> Sequence[Sequence[str]]:
        """Name the orders whose goods moved after the order itself was changed last."""
        outgoing = self._outgoing([_origin(row, "stock.move") for row in rows])
        lines = [
            _origin(row, "sale.line") or outgoing.get(_origin(row, "stock.move"), 0) for row in rows
        ]
        orders = self._orders(lines)
        told: list[list[str]] = []
        for row, line in zip(rows, lines, strict=True):
            name, changed_at = orders.get(line, ("", _FAR))
            at = wire.instant_or_none(row, "last_modified_at")
            told.append([f"order:{name}"] if name and at is not None and at > changed_at else [])
        return told

    def _outgoing(self, moves: Sequence[int]) -> Mapping[int, int]:
        """Give the sale's line behind each move that leaves the house."""
        found = self._database.search(
            use.SEARCH_MOVES, [("id", "in", sorted(set(moves) - {0}))], ("origin",),
            lambda row: (wire.key(row), _origin(row, "sale.line")),
        )  # fmt: skip
        return dict(found)

    def _orders(self, lines: Sequence[int]) -> Mapping[int, tuple[str, datetime]]:
        def of(row: Row) -> tuple[int, tuple[str, datetime]]:
            sale = wire.inside(row, "sale")
            at = wire.instant_or_none(sale, "last_modified_at")
            return wire.key(row), (_name(sale), at or _FAR)

        found = self._database.search(
            use.SEARCH_SALE_LINES, [("id", "in", sorted(set(lines) - {0}))],
            ("sale.number", "sale.last_modified_at"), of,
        )  # fmt: skip
        return dict(found)


def _each(
    name: Callable[[Row], Sequence[str]],
) -> Callable[[Sequence[Row]], Sequence[Sequence[str]]]:
    return lambda rows: [name(row) for row in rows]


def _modified(rows: Sequence[Row], named: Sequence[Sequence[str]]) -> Iterator[Modified]:
    for row, names in zip(rows, named, strict=True):
        at = wire.instant_or_none(row, "last_modified_at")
        if at is None:
            raise unfit("last_modified_at", "an instant", None)
        new = wire.instant_or_none(row, "create_date") == at
        # A row stays one row, whatever it tells of, as the next page counts on it.
        yield Modified(
            id="|".join([str(wire.key(row)), *names]),
            at=at,
            version=at.isoformat(),
            action="created" if new else "updated",
        )


def _of_sale(row: Row) -> list[str]:
    # One that is half made is told by whoever makes it.
    found = sales.sale(row)
    return [f"order:{found.name}"] if found.state not in sales.AN_OFFER else []


def _of_party(row: Row) -> list[str]:
    """Name a party, and the one that it was merged into."""
    code = wire.label(row, "code")
    successor = wire.label(wire.inside(row, "replaced_by"), "code")
    merged = f"{_GOES_ON}{successor}" if successor else ""
    return [f"trading_account:{code}{merged}"]


def _of_bill(row: Row) -> list[str]:
    credit = wire.amount(row, "total_amount") < 0
    return [f"{'credit_note' if credit else 'invoice'}:{_name(row)}"]


def _of_payment(row: Row) -> list[str]:
    move = wire.inside(row, "move")
    return [f"payment:{_name(move)}"] if wire.amount(row, "credit") > 0 else []


def _origin(row: Row, model: str) -> int:
    found, _, record = wire.label(row, "origin").partition(",")
    return int(record) if found == model else 0


def _name(row: Row) -> str:
    return wire.label(row, "number") or f"#{wire.key(row)}"


def _told(changes: Sequence[Change], asked: str) -> tuple[Change, ...]:
    """Give each record that a row told of as a change; the same one is told once in a page."""
    told: dict[tuple[str, str], Change] = {}
    for change in changes:
        for name in change.id.split("|")[1:]:
            entity, _, record = name.partition(":")
            record, merged, successor = record.partition(_GOES_ON)
            told[entity, record] = evolve(
                change,
                entity=entity,
                id=record,
                cursor=asked,
                action="deleted" if merged else change.action,
                successor=successor,
            )
    found = list(told.values())
    if found and changes:
        found[-1] = evolve(found[-1], cursor=changes[-1].cursor)
    return tuple(found)
