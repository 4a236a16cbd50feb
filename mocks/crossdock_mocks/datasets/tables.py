"""The rows of a data set, in memory or streamed from a folder's files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

from crossdock_mocks.datasets.columns import Column, Value, write
from crossdock_mocks.datasets.errors import BadValueError, MissingColumnError, UnknownColumnError
from crossdock_mocks.datasets.form import FORM, RecordKind

__all__ = ["FolderTables", "MemoryTables", "Tables", "read_header_row", "write_table"]

CHUNK = 8192
"""Rows converted at a time: columns are converted as a whole, each distinct text once."""

_REMEMBERED = 65_536


class Tables(Protocol):
    """Where a data set's rows come from."""

    def count(self, kind: RecordKind) -> int:
        """The number of rows of a kind."""

    def rows(self, kind: RecordKind) -> Iterator[tuple[Value, ...]]:
        """The rows of a kind, each with all of the form's columns in order."""


class MemoryTables:
    """Rows held in memory, as the generator makes them."""

    def __init__(self, tables: Mapping[str, Sequence[Mapping[str, Value]]]) -> None:
        self._tables = {name: _completed(FORM[name], rows) for name, rows in tables.items()}

    def count(self, kind: RecordKind) -> int:
        """The number of rows of a kind."""
        return len(self._tables.get(kind.name, ()))

    def rows(self, kind: RecordKind) -> Iterator[tuple[Value, ...]]:
        """The rows of a kind, each with all of the form's columns in order."""
        return iter(self._tables.get(kind.name, ()))


class FolderTables:
    """Rows streamed from the CSV files of a folder: nothing is kept, each call reads anew."""

    def __init__(self, folder: Path, counts: Mapping[str, int]) -> None:
        self._folder = folder
        self._counts = dict(counts)

    def count(self, kind: RecordKind) -> int:
        """The number of rows of a kind."""
        if kind.file not in self._counts:
            self._counts[kind.file] = sum(1 for _ in self.rows(kind))
        return self._counts[kind.file]

    def rows(self, kind: RecordKind) -> Iterator[tuple[Value, ...]]:
        """The rows of a kind, each with all of the form's columns in order.

        Raises:
            DataSetError: the file changed since it was checked, or was not checked.
        """
        return self.columns(kind, kind.column_names)

    def columns(self, kind: RecordKind, names: Sequence[str]) -> Iterator[tuple[Value, ...]]:
        """Some columns of a kind, row by row; the others are not looked at.

        Raises:
            DataSetError: the file changed since it was checked, or was not checked.
        """
        file = self._folder / kind.file
        if not file.is_file():
            return
        readers = [_Reader(kind, kind.column(name)) for name in names]
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            header = read_header_row(kind, reader)
            places = [header.index(name) if name in header else None for name in names]
            while chunk := list(islice(reader, CHUNK)):
                texts = list(zip(*chunk, strict=True))
                yield from zip(
                    *(
                        [read.column.default] * len(chunk)
                        if place is None
                        else read.all(texts[place])
                        for read, place in zip(readers, places, strict=True)
                    ),
                    strict=True,
                )


class _Reader(dict[str, Value]):
    """Text to value, remembering what was read: the same texts come again and again."""

    def __init__(self, kind: RecordKind, column: Column) -> None:
        super().__init__()
        self.kind = kind
        self.column = column
        self._plain = column.type == "text" and not column.choices

    def all(self, texts: Sequence[str]) -> Sequence[Value]:
        """The values of many texts; plain texts are their own values."""
        if self._plain and "" not in texts:
            return texts
        return list(map(self.__getitem__, texts))

    def __missing__(self, text: str) -> Value:
        try:
            value = self.column.read(text)
        except ValueError as error:
            raise BadValueError(
                f"{text!r} is not {self.column.expected}.",
                advice="Run `crossdock data check` on the folder.",
                file=self.kind.file,
                column=self.column.name,
                value=text,
                expected=self.column.expected,
            ) from error
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = value
        return value


def read_header_row(kind: RecordKind, reader: Iterator[list[str]]) -> list[str]:
    """The column names of a file.

    Raises:
        UnknownColumnError: one that the form does not know, or one twice.
        MissingColumnError: a required one is not there.
    """
    header = next(reader, [])
    known = kind.column_names
    for name in header:
        if name not in known or header.count(name) > 1:
            twice = name in known
            raise UnknownColumnError(
                "The column stands there twice." if twice else "The form has no such column.",
                advice=f"Columns of {kind.file}: {', '.join(known)}.",
                file=kind.file,
                line=1,
                column=name,
            )
    for column in kind.columns:
        if column.required and column.name not in header:
            raise MissingColumnError(
                "A required column is not there.",
                advice=f"Add it; it holds {column.expected}.",
                file=kind.file,
                line=1,
                column=column.name,
                expected=column.expected,
            )
    return header


def write_table(folder: Path, kind: RecordKind, rows: Iterable[Sequence[Value]]) -> int:
    """Write a record kind's file, with all of the form's columns; gives the number of rows."""
    count = 0
    with (folder / kind.file).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(kind.column_names)
        for row in rows:
            writer.writerow([write(value) for value in row])
            count += 1
    return count


def _completed(kind: RecordKind, rows: Sequence[Mapping[str, Value]]) -> list[tuple[Value, ...]]:
    known = set(kind.column_names)
    complete = []
    for row in rows:
        if unknown := row.keys() - known:
            msg = f"{kind.name} has no column {', '.join(sorted(unknown))}"
            raise ValueError(msg)
        complete.append(tuple(_given(row, column) for column in kind.columns))
    return complete


def _given(row: Mapping[str, Value], column: Column) -> Value:
    value = row.get(column.name)
    return column.default if value is None else value
