"""Everything that can be wrong with a data set folder, found in one pass over its files.

Columns are looked at as a whole, each distinct text once, so that half a million lines take
seconds. Only when something is wrong is the file read again, to say on which line.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Protocol

from crossdock_mocks.datasets.columns import Column
from crossdock_mocks.datasets.errors import (
    BadValueError,
    DanglingReferenceError,
    DataSetError,
    DuplicateKeyError,
    MissingFileError,
    MissingLinesError,
    RowCountError,
    RowShapeError,
    UnknownFileError,
)
from crossdock_mocks.datasets.form import FORM, RecordKind
from crossdock_mocks.datasets.header import HEADER_FILE, Header
from crossdock_mocks.datasets.tables import CHUNK, read_header_row

__all__ = ["problems"]

_SEEN_LIMIT = 200_000


def problems(folder: Path) -> Iterator[DataSetError]:
    """What is wrong with a folder, file by file; nothing if it can be used.

    Of a value that is wrong in the same way on many lines, the first line is named.
    """
    try:
        _, counts = Header.read(folder)
    except DataSetError as error:
        yield error
        return
    yield from _file_problems(folder, counts)
    examined: dict[str, _Examined] = {}
    for kind in FORM.values():
        if (folder / kind.file).is_file():
            one = _Examined(folder, kind)
            yield from one.problems(counts.get(kind.file))
            examined[kind.name] = one
    for one in examined.values():
        yield from _reference_problems(one, examined)


def _file_problems(folder: Path, counts: dict[str, int]) -> Iterator[DataSetError]:
    known = {kind.file for kind in FORM.values()}
    for file in counts:
        if file not in known:
            yield UnknownFileError(
                f"[files] names {file}, which is no record kind.",
                advice="Run `crossdock data describe` for the list of files.",
                file=HEADER_FILE,
            )
        elif not (folder / file).is_file():
            yield MissingFileError(
                f"The file is not there, though {HEADER_FILE} says it has {counts[file]} rows.",
                advice="Put it back, or make the data set again.",
                file=file,
            )
    for found in sorted(folder.glob("*.csv")):
        if found.name not in known and found.name != "refused.csv":
            yield UnknownFileError(
                "No record kind has this name.",
                advice="Remove the file, or run `crossdock data describe` for the names.",
                file=found.name,
            )
    for kind in FORM.values():
        there = (folder / kind.file).is_file()
        if kind.required and not there and kind.file not in counts:
            yield MissingFileError(
                "A required file is not there.", advice="Add it.", file=kind.file
            )
        if kind.head and there and not (folder / FORM[kind.head].file).is_file():
            yield MissingFileError(
                f"{kind.file} is there, but not the documents that its lines belong to.",
                advice="Add it.",
                file=FORM[kind.head].file,
            )


class _Examined:
    """One file: its own problems, and what is needed to judge references to and from it."""

    def __init__(self, folder: Path, kind: RecordKind) -> None:
        self.folder = folder
        self.kind = kind
        self.header: list[str] = []
        self.ids: set[str] = set()
        self.line_keys: set[int] = set()
        self.referred: dict[str, set[str]] = {}
        self.heads: dict[str, dict[str, str]] = {}
        self.line_referred: dict[str, set[tuple[str, str]]] = {}
        self._seen: dict[str, set[str]] = {}
        self._rows = 0
        self._through = {
            column.line_reference.through
            for other in FORM.values()
            if other.head == kind.name
            for column in other.columns
            if column.line_reference
        }

    def problems(self, expected_rows: int | None) -> Iterator[DataSetError]:
        """Problems of this file alone."""
        try:
            with _opened(self.folder / self.kind.file) as reader:
                self.header = read_header_row(self.kind, reader)
                while chunk := list(islice(reader, CHUNK)):
                    yield from self._chunk_problems(chunk)
                    self._rows += len(chunk)
        except DataSetError as error:
            yield error
            return
        except (UnicodeDecodeError, csv.Error) as error:
            yield BadValueError(
                f"The file cannot be read as CSV in UTF-8: {error}.",
                advice="Save it as CSV, UTF-8, comma separated.",
                file=self.kind.file,
            )
            return
        if expected_rows is not None and self._rows != expected_rows:
            yield RowCountError(
                f"There are {self._rows} rows, {HEADER_FILE} says {expected_rows}.",
                advice="The file was cut off or edited: restore it, or correct [files].",
                file=self.kind.file,
            )
        elif expected_rows and not _ends_its_last_line(self.folder / self.kind.file):
            # Cut off within its last field, a row still has as many fields as it should.
            yield RowCountError(
                "The last line has no end.",
                advice="The file was cut off: restore it; if it is whole, end it with a line end.",
                file=self.kind.file,
            )

    def _chunk_problems(self, chunk: list[list[str]]) -> Iterator[DataSetError]:
        width = len(self.header)
        if any(len(row) != width for row in chunk):
            index = next(at for at, row in enumerate(chunk) if len(row) != width)
            raise RowShapeError(
                f"The row has {len(chunk[index])} fields, the header row {width}.",
                advice="Quote fields that contain commas; give blank fields too.",
                file=self.kind.file,
                line=self._line_of_row(self._rows + index),
            )
        columns = dict(zip(self.header, zip(*chunk, strict=True), strict=True))
        for column in self.kind.columns:
            if column.name in columns:
                yield from self._value_problems(column, columns[column.name])
        yield from self._key_problems(columns, len(chunk))
        yield from self._choice_problems(columns, len(chunk))

    def _value_problems(self, column: Column, texts: Sequence[str]) -> Iterator[DataSetError]:
        seen = self._seen.setdefault(column.name, set())
        fresh = set(texts) - seen
        if column.references:
            self.referred.setdefault(column.name, set()).update(fresh)
        for text in sorted(fresh):
            try:
                column.read(text)
            except ValueError:
                what = "The value is blank" if text == "" else f"{text!r} is not valid"
                yield BadValueError(
                    f"{what}; expected {column.expected}.",
                    advice="Correct the value.",
                    file=self.kind.file,
                    line=self._line_of_row(self._rows + texts.index(text)),
                    column=column.name,
                    value=text,
                    expected=column.expected,
                )
        if len(seen) < _SEEN_LIMIT:
            seen |= fresh

    def _key_problems(
        self, columns: dict[str, tuple[str, ...]], rows: int
    ) -> Iterator[DataSetError]:
        key = self.kind.key
        if key == ("id",):
            ids = columns["id"]
            before = len(self.ids)
            self.ids.update(ids)
            if len(self.ids) != before + rows:
                yield from self._duplicates()
            self._remember_heads(columns)
        elif key:
            before = len(self.line_keys)
            self.line_keys.update(map(hash, zip(*(columns[name] for name in key), strict=True)))
            if len(self.line_keys) != before + rows:
                yield from self._duplicates()
        for column in self.kind.columns:
            if column.line_reference and column.name in columns:
                head = self.kind.key[0]
                pairs = zip(columns[head], columns[column.name], strict=True)
                self.line_referred.setdefault(column.name, set()).update(
                    pair for pair in pairs if pair[1]
                )

    def _remember_heads(self, columns: dict[str, tuple[str, ...]]) -> None:
        """Which order a document belongs to: lines of it name lines of that order."""
        for name in self._through:
            if name in columns:
                self.heads.setdefault(name, {}).update(
                    zip(columns["id"], columns[name], strict=True)
                )

    def _duplicates(self) -> Iterator[DataSetError]:
        """The first key that really stands there twice (equal hashes alone prove nothing)."""
        seen: set[tuple[str, ...]] = set()
        for line, row in self.numbered_rows():
            values = dict(zip(self.header, row, strict=False))
            key = tuple(values.get(name, "") for name in self.kind.key)
            if key in seen:
                yield DuplicateKeyError(
                    f"{' '.join(self.kind.key)} = {' '.join(key)} stands there twice.",
                    advice="Keys are unique: remove one of the rows or number it anew.",
                    file=self.kind.file,
                    line=line,
                    column=self.kind.key[-1],
                    value=key[-1],
                )
                return
            seen.add(key)

    def _choice_problems(
        self, columns: dict[str, tuple[str, ...]], rows: int
    ) -> Iterator[DataSetError]:
        for names, exactly in (
            (self.kind.exactly_one_of, True),
            (self.kind.at_least_one_of, False),
        ):
            if not names:
                continue
            given = [columns.get(name, ("",) * rows) for name in names]
            for index, texts in enumerate(zip(*given, strict=True)):
                filled = sum(1 for text in texts if text not in ("", "false"))
                if filled != 1 and (exactly or filled == 0):
                    wanted = "exactly one" if exactly else "at least one"
                    yield BadValueError(
                        f"{filled} of {', '.join(names)} are given; expected {wanted}.",
                        advice="Correct the row.",
                        file=self.kind.file,
                        line=self._line_of_row(self._rows + index),
                        column=names[0],
                        expected=wanted,
                    )
                    return

    def numbered_rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows with the lines on which they end; for telling where something is."""
        with _opened(self.folder / self.kind.file) as reader:
            next(reader, None)
            for row in reader:
                yield reader.line_num, row

    def _line_of_row(self, index: int) -> int:
        return next(islice(self.numbered_rows(), index, None))[0]

    def line_of(self, column: str, text: str, head: str | None = None) -> int:
        """The first line on which a column has that text (under that head)."""
        at = self.header.index(column)
        head_at = self.header.index(self.kind.key[0]) if head is not None else None
        for line, row in self.numbered_rows():
            if row[at] == text and (head_at is None or row[head_at] == head):
                return line
        msg = f"{self.kind.file} has no {column} {text}"
        raise LookupError(msg)


def _reference_problems(one: _Examined, others: dict[str, _Examined]) -> Iterator[DataSetError]:
    for column in one.kind.columns:
        if column.references:
            there = others[column.references].ids if column.references in others else set()
            for text in sorted(one.referred.get(column.name, set()) - there - {""}):
                yield DanglingReferenceError(
                    f"There is no {text} in {column.references}.csv.",
                    advice=f"Add it to {column.references}.csv, or correct the value.",
                    file=one.kind.file,
                    line=one.line_of(column.name, text),
                    column=column.name,
                    value=text,
                    expected=f"an id of {column.references}.csv",
                )
        if column.line_reference:
            yield from _line_reference_problems(one, column, others)
    if one.kind.lines_required:
        yield from _missing_lines(one, others)


def _line_reference_problems(
    one: _Examined, column: Column, others: dict[str, _Examined]
) -> Iterator[DataSetError]:
    reference = column.line_reference
    if reference is None or one.kind.head is None or one.kind.head not in others:
        return
    documents = others[one.kind.head].heads.get(reference.through, {})
    lines = others[reference.lines].line_keys if reference.lines in others else set()
    for head, line in sorted(one.line_referred.get(column.name, ())):
        if head in documents and hash((documents[head], line)) not in lines:
            order = documents[head] or "(no order)"
            yield DanglingReferenceError(
                f"{head} belongs to order {order}, which has no line {line}.",
                advice=f"Name a line of the order as it stands in {reference.lines}.csv.",
                file=one.kind.file,
                line=one.line_of(column.name, line, head),
                column=column.name,
                value=line,
                expected=f"a line of order {order}",
            )


def _missing_lines(one: _Examined, others: dict[str, _Examined]) -> Iterator[DataSetError]:
    kind = next(kind for kind in FORM.values() if kind.head == one.kind.name)
    there = others[kind.name].referred.get(kind.key[0], set()) if kind.name in others else set()
    for missing in sorted(one.ids - there):
        yield MissingLinesError(
            f"{missing} has no line in {kind.file}.",
            advice="Add its lines, or remove the document.",
            file=one.kind.file,
            line=one.line_of("id", missing),
            column="id",
            value=missing,
        )


class _NumberedRows(Protocol):
    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


@contextmanager
def _opened(file: Path) -> Iterator[_NumberedRows]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        yield csv.reader(stream)


def _ends_its_last_line(file: Path) -> bool:
    with file.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) in b"\r\n"
