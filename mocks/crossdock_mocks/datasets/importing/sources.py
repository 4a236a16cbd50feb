"""Source files as rows with their line numbers; other sources looked up by a key."""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import lzma
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from crossdock_mocks.datasets.importing.errors import SourceError, UnreadableRowError
from crossdock_mocks.datasets.importing.mapfile import Join, Source

__all__ = ["Index", "OpenSource", "Progress", "locate"]

Progress = Callable[[str, int, int], None]
"""Called now and then with a file's name, the bytes read of it, and its size."""

_REPORT_EVERY = 20_000


def locate(sources: dict[str, Source], where: Path) -> dict[str, Path]:
    """The file of each source: in a folder, or the one file that was named.

    Raises:
        SourceError: the folder, or a file that the map names, is not there.
    """
    if where.is_file():
        if len(sources) == 1:
            return dict.fromkeys(sources, where)
        where = where.parent
    if not where.is_dir():
        raise SourceError(
            f"There is no file or folder {where}.", advice="Give the folder with the source files."
        )
    files = {name: where / source.file for name, source in sources.items()}
    missing = [file.name for file in files.values() if not file.is_file()]
    if missing:
        raise SourceError(
            f"{where} has no {', '.join(missing)}, which the map names.",
            advice="Give the folder that has them, or correct `file` in the map.",
        )
    return files


class OpenSource:
    """A source's file: its columns, and its rows as often as they are wanted."""

    def __init__(self, source: Source, file: Path, progress: Progress | None = None) -> None:
        self.source = source
        self.file = file
        self._progress = progress
        self._size = file.stat().st_size
        try:
            codecs.lookup(source.encoding)
        except LookupError as error:
            raise self._error(f"there is no encoding {source.encoding}.") from error
        self.columns = self._header()

    def rows(self) -> Iterator[tuple[int, list[str] | None, list[str]]]:
        """Line number, cells as they are used, and cells as read; blank lines are no rows.

        The cells are ``None`` where the row has more or fewer than the header row.

        Raises:
            SourceError: the file cannot be read as declared.
        """
        width = len(self.columns)
        keep = self.source.keep_spaces
        try:
            with _opened(self.file, self.source.encoding) as (raw, text):
                reader = csv.reader(text, delimiter=self.source.delimiter)
                next(reader)
                for number, row in enumerate(reader):
                    if self._progress and number % _REPORT_EVERY == 0:
                        self._progress(self.file.name, raw.tell(), self._size)
                    if row:
                        cells = row if keep else list(map(str.strip, row))
                        yield reader.line_num, cells if len(row) == width else None, row
        except (UnicodeDecodeError, csv.Error, lzma.LZMAError, EOFError, OSError) as error:
            raise self._error(f"it cannot be read as declared in the map: {error}.") from error
        if self._progress:
            self._progress(self.file.name, self._size, self._size)

    def _header(self) -> list[str]:
        try:
            with _opened(self.file, self.source.encoding) as (_, text):
                header = next(csv.reader(text, delimiter=self.source.delimiter), [])
        except (UnicodeDecodeError, csv.Error, lzma.LZMAError, EOFError, OSError) as error:
            raise self._error(f"it cannot be read as declared in the map: {error}.") from error
        columns = [name.strip() for name in header]
        if not columns:
            raise self._error("it is empty: there is no header row.")
        twice = sorted(name for name, count in Counter(columns).items() if count > 1)
        if twice:
            raise self._error(f"the header row has {', '.join(twice)} twice.")
        return columns

    def _error(self, problem: str) -> SourceError:
        return SourceError(
            f"Source {self.source.name}: {problem}",
            advice="Check file, encoding and delimiter of the source in the map.",
            file=self.file.name,
        )


@contextmanager
def _opened(file: Path, encoding: str) -> Iterator[tuple[IO[bytes], io.TextIOWrapper]]:
    """The raw file, which tells how far it was read, and its unpacked text."""
    name = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    with ExitStack() as stack:
        raw = stack.enter_context(file.open("rb"))
        unpack = _UNPACK.get(file.suffix)
        unpacked = raw if unpack is None else stack.enter_context(unpack(raw))
        text = io.TextIOWrapper(unpacked, encoding=name, newline="")
        yield raw, stack.enter_context(text)


_UNPACK: dict[str, Callable[[IO[bytes]], Any]] = {
    ".xz": lzma.open,
    ".gz": gzip.open,
    ".bz2": bz2.open,
}


class Index:
    """A source looked up by a key; held in memory, so meant for the smaller side of a join."""

    def __init__(self, join: Join, columns: list[str]) -> None:
        self.join = join
        self.columns = columns
        self.used: set[str] = set()
        self._blank = [""] * len(columns)
        self._rows: dict[str, list[str]] = {}
        self._counts: dict[str, list[Counter[str]]] = {}

    @property
    def size(self) -> int:
        """The number of different keys."""
        return len(self._rows)

    def add(self, key: str, cells: list[str]) -> None:
        """One more row.

        Raises:
            UnreadableRowError: the key stands there twice, and the map does not say which counts.
        """
        if not key:
            return
        if self.join.pick == "most_frequent":
            counts = self._counts.setdefault(key, [Counter() for _ in cells])
            for count, cell in zip(counts, cells, strict=True):
                count[cell] += 1 if cell else 0
            self._rows[key] = [_most(count) for count in counts]
        elif key not in self._rows or self.join.pick == "last":
            self._rows[key] = cells
        elif self.join.pick == "only":
            msg = f"{self.join.key} {key!r} stands there twice: say `pick` in the join"
            raise UnreadableRowError(msg)

    def find(self, key: str) -> list[str]:
        """The cells of the key's row; blank ones if there is none."""
        found = self._rows.get(key)
        if found is None:
            return self._blank
        self.used.add(key)
        return found


def _most(counts: Counter[str]) -> str:
    return max(counts, key=counts.__getitem__) if counts else ""
