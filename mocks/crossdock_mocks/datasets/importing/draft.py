"""The data set while it is being made: lines on disk as they come, other records in memory."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, cast

from crossdock_mocks.datasets.amounts import line_net, to_penny
from crossdock_mocks.datasets.columns import Value, write
from crossdock_mocks.datasets.form import FORM, RecordKind
from crossdock_mocks.datasets.header import Header
from crossdock_mocks.datasets.tables import FolderTables, write_table

__all__ = ["Draft", "Record"]

Record = dict[str, Value]


class Draft:
    """What an import has made so far.

    Documents' lines may be many, so they are written to their files at once and read back as a
    stream; heads, items, customers and the like are kept for the rules that fill in what is
    missing.
    """

    def __init__(self, folder: Path, header: Header) -> None:
        self.folder = folder
        self.header = header
        self.counts: dict[str, int] = {}
        self._records: dict[str, list[Record]] = defaultdict(list)
        self._streams: dict[str, IO[str]] = {}
        self._numbers: dict[str, dict[str, int]] = defaultdict(dict)
        self._amounts: dict[str, dict[str, Decimal]] = {}

    def add(self, kind: str, record: Record) -> None:
        """One more record of a kind that has no head."""
        self._records[kind].append(record)

    def records(self, kind: str) -> list[Record]:
        """The records of a kind that has no head; they may be changed."""
        return self._records[kind]

    def line_numbers(self, kind: str) -> dict[str, int]:
        """The last line number given out, by document."""
        return self._numbers[kind]

    def line_writer(self, kind: RecordKind, names: list[str]) -> Callable[[list[str]], None]:
        """A function that writes a line, given the texts of the named columns."""
        stream = self._streams.get(kind.name)
        if stream is None:
            stream = (self.folder / kind.file).open("w", encoding="utf-8", newline="")
            self._streams[kind.name] = stream
            self.counts[kind.file] = 0
            csv.writer(stream, lineterminator="\n").writerow(kind.column_names)
        writer = csv.writer(stream, lineterminator="\n")
        places = [names.index(name) if name in names else -1 for name in kind.column_names]
        file = kind.file
        counts = self.counts

        def write_line(texts: list[str]) -> None:
            texts.append("")
            writer.writerow([texts[at] for at in places])
            counts[file] += 1

        return write_line

    def add_line(self, kind: str, record: Record) -> None:
        """One more line of a document."""
        names = list(record)
        self.line_writer(FORM[kind], names)([write(record[name]) for name in names])

    def lines(self, kind: str, *columns: str) -> Iterator[Any]:
        """Tuples of some columns of all lines of a kind, streamed from what was written so far."""
        if kind in self._streams:
            self._streams[kind].flush()
        return FolderTables(self.folder, {}).columns(FORM[kind], columns)

    def totals(self, head: str) -> dict[str, Decimal]:
        """Gross amount of each invoice or credit note, rounded as the header says."""
        if head not in self._amounts:
            self._amounts[head] = self._totals(head)
        return self._amounts[head]

    def _totals(self, head: str) -> dict[str, Decimal]:
        rates = {row["id"]: cast("Decimal", row["rate"]) for row in self.records("tax_codes")}
        by_line = self.header.rounding == "line"
        total: dict[str, Decimal] = defaultdict(Decimal)
        bases: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
        columns = (f"{head}_id", "quantity", "unit_price", "discount_percent", "tax_code")
        for document, quantity, price, discount, code in self.lines(f"{head}_lines", *columns):
            net = line_net(quantity, price, discount)
            total[document] += net
            rate = rates.get(code)
            if rate and by_line:
                total[document] += to_penny(net * rate)
            elif rate:
                bases[document, rate] += net
        for (document, rate), base in bases.items():
            total[document] += to_penny(base * rate)
        return total

    @property
    def as_of(self) -> date:
        """The day on which the data stand."""
        return self.header.as_of

    def finish(self) -> None:
        """Write all records and the header."""
        self.close()
        for kind in FORM.values():
            records = self._records.get(kind.name, [])
            if kind.head is None and (records or kind.required):
                rows = ([record.get(name) for name in kind.column_names] for record in records)
                self.counts[kind.file] = write_table(self.folder, kind, rows)
        in_order = {
            kind.file: self.counts[kind.file]
            for kind in FORM.values()
            if self.counts.get(kind.file) or kind.required
        }
        for kind in FORM.values():
            if kind.head is not None and self.counts.get(kind.file) == 0:
                (self.folder / kind.file).unlink()
        self.header.write(self.folder, in_order)

    def close(self) -> None:
        """Close the files of lines."""
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()
