"""Rows of one kind, kept as JSON text in SQLite, with indexed fields as generated columns."""

from __future__ import annotations

import base64
import binascii
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar, final

import attrs
import orjson

from crossdock_mocks.engine.conditions import FIELD, Where, bind, clause
from crossdock_mocks.engine.messages import encode
from crossdock_mocks.engine.problem import Problem

if TYPE_CHECKING:
    from crossdock_mocks.engine.world import World

Row = dict[str, Any]
Text = TypeVar("Text")


class DuplicateKey(KeyError):  # noqa: N818 - says what happened, as KeyError itself does
    """A row with this key (or with this unique value) is already there."""


class NoSuchRow(KeyError):  # noqa: N818 - says what happened, as KeyError itself does
    """There is no row with this key."""


@attrs.frozen
class TableSpec:
    """What one table is made of.

    Attributes:
        name: Name of the table.
        key: Field that identifies a row, or the fields that do so together.
        indexes: Fields to find and sort by quickly; a tuple of fields makes one index over them
            together, in that order. Nested fields are written with dots (`customer.id`).
        unique: The same, where no two rows may agree. Null agrees with nothing.
        numeric: Fields that hold decimal strings and are to be compared as numbers.
        folded: Fields whose text stands without case, too, in an indexed column of its own (see
            `folded_column`), for systems whose queries do not tell capitals from small letters.
    """

    name: str
    key: str | tuple[str, ...] = "id"
    indexes: tuple[str | tuple[str, ...], ...] = ()
    unique: tuple[str | tuple[str, ...], ...] = ()
    numeric: frozenset[str] = attrs.field(default=frozenset(), converter=frozenset)
    folded: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        for field in (self.name, *self.columns(), *self.folded, *self.key_fields()):
            if not FIELD.match(field) or field.startswith("_"):
                raise ValueError(f"table {self.name!r}: {field!r} cannot be a name")

    def key_fields(self) -> tuple[str, ...]:
        """The fields that identify a row."""
        return (self.key,) if isinstance(self.key, str) else self.key

    def columns(self) -> tuple[str, ...]:
        """The fields that get a column of their own, each once."""
        listed = [
            field
            for each in (*self.indexes, *self.unique)
            for field in ((each,) if isinstance(each, str) else each)
        ]
        return tuple(dict.fromkeys([*listed, *sorted(self.numeric)]))


@attrs.frozen
class Page(Generic[Text]):
    """A part of an answer.

    Attributes:
        rows: The rows, decoded or as JSON text.
        next: Opaque cursor of the next page, or `None` on the last.
    """

    rows: list[Text]
    next: str | None


def _path(field: str) -> str:
    return "$" + "".join(f'."{part}"' for part in field.split("."))


def folded_column(field: str) -> str:
    """Name of the column with a field's text without case; no field can have this name."""
    return f"{field}~"


def declaration(spec: TableSpec) -> list[str]:
    """The SQL statements that make a table."""
    columns = [
        f"\"{folded_column(field)}\" AS (casefold(json_extract(_body, '{_path(field)}'))) STORED, "
        for field in spec.folded
    ]
    for field in spec.columns():
        value = f"json_extract(_body, '{_path(field)}')"
        if field in spec.numeric:
            value = f"CAST({value} AS REAL)"
        columns.append(f'"{field}" AS ({value}) STORED, ')
    statements = [
        f'CREATE TABLE "{spec.name}" (_n INTEGER PRIMARY KEY, _key TEXT NOT NULL UNIQUE, '
        f"{''.join(columns)}_body TEXT NOT NULL)"
    ]
    for kind, group in (("INDEX", spec.indexes), ("UNIQUE INDEX", spec.unique)):
        for number, each in enumerate(group):
            fields = (each,) if isinstance(each, str) else each
            listed = ", ".join(f'"{field}"' for field in fields)
            name = f"{spec.name}.{kind[0].lower()}{number}"
            statements.append(f'CREATE {kind} "{name}" ON "{spec.name}" ({listed})')
    for number, field in enumerate(spec.folded):
        name, column = f"{spec.name}.f{number}", folded_column(field)
        statements.append(f'CREATE INDEX "{name}" ON "{spec.name}" ("{column}")')
    return statements


@final
class Table:
    """Rows of one kind in one world.

    A row is a JSON object. `get`, `find` and `page` decode; their `_raw` forms give the JSON text
    as it is stored, which a behaviour can send on without decoding it. Writing inside an exchange
    belongs to the exchange's transaction; outside it is committed at once (see
    `World.transaction` to group).

    Without an order, rows come in the order of their insertion. `order` names fields, `-field`
    for descending; nulls sort first when ascending.
    """

    def __init__(self, world: World, spec: TableSpec) -> None:
        self.spec = spec
        self._world = world
        self._lock = world.lock
        self._execute = world.connection.execute
        self._columns = {field: f'"{field}"' for field in spec.columns()}
        self._single_key = spec.key if isinstance(spec.key, str) else None
        if self._single_key is not None:
            self._columns.setdefault(self._single_key, "_key")
        name = f'"{spec.name}"'
        self._name = name
        self._get = f"SELECT _body FROM {name} WHERE _key = ?"  # noqa: S608 - the name is checked
        self._insert = f"INSERT INTO {name} (_key, _body) VALUES (?, ?)"  # noqa: S608 - the name is checked
        self._replace = f"UPDATE {name} SET _body = ? WHERE _key = ?"  # noqa: S608 - the name is checked
        self._delete = f"DELETE FROM {name} WHERE _key = ?"  # noqa: S608 - the name is checked

    # Reading

    def raw(self, key: str | int | Sequence[str | int]) -> str | None:
        """The JSON text of one row, or `None`."""
        with self._lock:
            found = self._execute(self._get, (_key_text(key),)).fetchone()
        return None if found is None else found[0]

    def get(self, key: str | int | Sequence[str | int]) -> Row | None:
        """One row, or `None`."""
        text = self.raw(key)
        return None if text is None else orjson.loads(text)

    def first(self, where: Where | None = None, order: str | Sequence[str] = ()) -> Row | None:
        """The first row that meets the condition, or `None`."""
        found = self.find_raw(where, order, limit=1)
        return orjson.loads(found[0]) if found else None

    def find(
        self,
        where: Where | None = None,
        order: str | Sequence[str] = (),
        limit: int | None = None,
        offset: int = 0,
        after: str | None = None,
    ) -> list[Row]:
        """The rows that meet a condition.

        Args:
            where: Condition (see `conditions`); `None` for all rows.
            order: Field or fields to sort by.
            limit: At most so many rows.
            offset: Leave out so many rows first (page numbers).
            after: Cursor of a `page`, to go on behind it.
        """
        return [orjson.loads(text) for text in self.find_raw(where, order, limit, offset, after)]

    def find_raw(
        self,
        where: Where | None = None,
        order: str | Sequence[str] = (),
        limit: int | None = None,
        offset: int = 0,
        after: str | None = None,
    ) -> list[str]:
        """As `find`, each row as JSON text."""
        return [
            row[0] for row in self._select("_body", where, _fields(order), limit, offset, after)
        ]

    def page(
        self,
        where: Where | None = None,
        order: str | Sequence[str] = (),
        limit: int = 50,
        after: str | None = None,
    ) -> Page[Row]:
        """One page by keyset: stable while rows are added or removed before it.

        Raises:
            Problem: 400 `invalid_cursor`, the cursor is not one of this order's.
        """
        page = self.page_raw(where, order, limit, after)
        return Page([orjson.loads(text) for text in page.rows], page.next)

    def page_raw(
        self,
        where: Where | None = None,
        order: str | Sequence[str] = (),
        limit: int = 50,
        after: str | None = None,
    ) -> Page[str]:
        """As `page`, each row as JSON text."""
        fields = _fields(order)
        wanted = ", ".join(["_body", *(self.column(f.lstrip("-")) for f in fields), "_n"])
        found = self._select(wanted, where, fields, limit + 1, 0, after)
        cursor = _cursor(fields, found[limit - 1][1:]) if len(found) > limit else None
        return Page([row[0] for row in found[:limit]], cursor)

    def count(self, where: Where | None = None) -> int:
        """How many rows meet the condition."""
        parameters: list[Any] = []
        condition = clause(where, self.column, self._bound, parameters)
        sql = f"SELECT count(*) FROM {self._name} WHERE {condition}"  # noqa: S608 - names are checked
        with self._lock:
            return int(self._execute(sql, parameters).fetchone()[0])

    def __contains__(self, key: object) -> bool:
        return isinstance(key, (str, int, tuple)) and self.raw(key) is not None

    def __len__(self) -> int:
        return self.count()

    # Writing

    def key_of(self, row: Mapping[str, Any]) -> str:
        """The key of a row, as text.

        Raises:
            KeyError: The row has no key.
        """
        if self._single_key is not None:
            return _key_text(row[self._single_key])
        return _key_text([row[field] for field in self.spec.key_fields()])

    def insert(self, row: Mapping[str, Any]) -> None:
        """Add a row.

        Raises:
            DuplicateKey: Its key, or a unique value of it, is taken.
        """
        self._write(self._insert, (self.key_of(row), encode(row)))

    def insert_many(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """Add rows one after the other in one transaction, for seeding; returns how many.

        The rows may come from a generator; they are not gathered.

        Raises:
            DuplicateKey: A key is taken; then none of the rows is added.
        """
        with self._world.transaction():
            self._world.will_write()
            try:
                return self._world.connection.executemany(
                    self._insert, ((self.key_of(row), encode(row)) for row in rows)
                ).rowcount
            except sqlite3.IntegrityError as error:
                raise DuplicateKey(f"{self.spec.name}: {error}") from error

    def replace(self, row: Mapping[str, Any]) -> None:
        """Put a new version in the place of the row with the same key.

        Raises:
            NoSuchRow: There is no such row.
            DuplicateKey: A unique value of it is taken.
        """
        key = self.key_of(row)
        if not self._write(self._replace, (encode(row), key)):
            raise NoSuchRow(f"{self.spec.name}: {key}")

    def update(self, key: str | int | Sequence[str | int], **changes: Any) -> Row:
        """Change fields of one row and return its new version.

        Raises:
            NoSuchRow: There is no such row.
        """
        with self._lock:
            row = self.get(key)
            if row is None:
                raise NoSuchRow(f"{self.spec.name}: {_key_text(key)}")
            row.update(changes)
            self.replace(row)
            return row

    def delete(self, key: str | int | Sequence[str | int]) -> bool:
        """Remove a row; tells whether there was one."""
        return bool(self._write(self._delete, (_key_text(key),)))

    def clear(self) -> None:
        """Remove all rows."""
        self._write(f"DELETE FROM {self._name}", ())  # noqa: S608 - the name is checked

    def _write(self, sql: str, parameters: tuple[Any, ...]) -> int:
        with self._lock:
            self._world.will_write()
            try:
                return self._execute(sql, parameters).rowcount
            except sqlite3.IntegrityError as error:
                raise DuplicateKey(f"{self.spec.name}: {error}") from error

    # SQL

    def column(self, field: str) -> str:
        """The SQL expression of a field.

        Raises:
            ValueError: This cannot be a field's name.
        """
        known = self._columns.get(field)
        if known is None:
            if not FIELD.match(field):
                raise ValueError(f"table {self.spec.name!r}: {field!r} cannot be a field")
            known = self._columns[field] = f"json_extract(_body, '{_path(field)}')"
        return known

    def _bound(self, field: str, value: Any) -> Any:
        if field in self.spec.numeric and isinstance(value, (str, int, Decimal)):
            return float(value)
        # A key without a column of its own is looked for where keys stand, as text.
        if self._columns.get(field) == "_key" and isinstance(value, int):
            return str(value)
        return bind(value)

    def _select(
        self,
        wanted: str,
        where: Where | None,
        order: tuple[str, ...],
        limit: int | None,
        offset: int,
        after: str | None,
    ) -> list[tuple[Any, ...]]:
        parameters: list[Any] = []
        condition = clause(where, self.column, self._bound, parameters) if where else "1"
        if after is not None:
            condition += f" AND {self._behind(order, after, parameters)}"
        descending = bool(order) and order[-1].startswith("-")
        sorting = [
            f"{self.column(f.lstrip('-'))}{' DESC' if f.startswith('-') else ''}" for f in order
        ]
        # The names are checked and the values are bound.
        sql = (
            f"SELECT {wanted} FROM {self._name} WHERE {condition} "  # noqa: S608
            f"ORDER BY {', '.join([*sorting, '_n DESC' if descending else '_n'])}"
        )
        if limit is not None or offset:
            sql += " LIMIT ? OFFSET ?"
            parameters.extend((-1 if limit is None else limit, offset))
        with self._lock:
            return self._execute(sql, parameters).fetchall()

    def _behind(self, order: tuple[str, ...], after: str, parameters: list[Any]) -> str:
        """The condition for rows behind a cursor, nulls included (they sort below all values)."""
        values = _cursor_values(order, after)
        last = order[-1] if order else ""
        keys = [
            *((self.column(f.lstrip("-")), f.startswith("-")) for f in order),
            ("_n", last.startswith("-")),
        ]
        cases: list[str] = []
        bound: list[Any] = []
        for position, (column, descending) in enumerate(keys):
            value = values[position]
            if value is None and descending:
                continue  # nothing sorts behind null when descending
            same = [f"{keys[i][0]} IS ?" for i in range(position)]
            bound.extend(values[:position])
            if value is None:
                beyond = f"{column} IS NOT NULL"
            else:
                beyond = f"({column} < ? OR {column} IS NULL)" if descending else f"{column} > ?"
                bound.append(value)
            cases.append(" AND ".join([*same, beyond]))
        condition = f"({' OR '.join(cases)})"
        if order and values[0] is not None and not keys[0][1]:
            # Says nothing new, but lets an index on the first field skip what lies before.
            condition = f"({keys[0][0]} >= ? AND {condition})"
            bound.insert(0, values[0])
        parameters.extend(bound)
        return condition


def _key_text(key: str | int | Sequence[str | int]) -> str:
    if type(key) is str:
        return key
    if isinstance(key, (str, int)):
        return str(key)
    return "\x1f".join(str(part) for part in key)


def _fields(order: str | Sequence[str]) -> tuple[str, ...]:
    return (order,) if isinstance(order, str) else tuple(order)


def _cursor(order: tuple[str, ...], values: Sequence[Any]) -> str:
    text = orjson.dumps([",".join(order), *values])
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _cursor_values(order: tuple[str, ...], cursor: str) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = orjson.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (binascii.Error, ValueError):
        values = None
    if (
        not isinstance(values, list)
        or len(values) != len(order) + 2
        or values[0] != ",".join(order)
        or not isinstance(values[-1], int)
        or any(isinstance(value, int) and abs(value) >= 2**63 for value in values)
        or any(isinstance(value, (list, dict)) for value in values)
    ):
        raise Problem(
            400,
            "invalid_cursor",
            "The cursor is not valid",
            "Use the cursor of the page before as it came, with the same sorting.",
        )
    return values[1:]
