"""What becomes of rows: lines written as they come, records kept, groups gathered."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from crossdock_mocks.datasets.columns import Column, Value
from crossdock_mocks.datasets.form import FORM, RecordKind
from crossdock_mocks.datasets.importing.draft import Draft
from crossdock_mocks.datasets.importing.errors import MapError, UnreadableRowError
from crossdock_mocks.datasets.importing.expressions import Compiler, Condition, Expression, number
from crossdock_mocks.datasets.importing.mapfile import Target

__all__ = ["Sink", "open_sink"]


class Sink(Protocol):
    """Takes rows for one target of the map."""

    target: Target
    holds: Condition
    taken: int
    records: int

    def take(self, row: list[str]) -> None:
        """Make of a row what the target wants of it.

        Raises:
            UnreadableRowError: it cannot.
        """

    def finish(self) -> list[str]:
        """Hand over what was gathered; gives a sentence per record that could not be made."""


def open_sink(target: Target, compiler: Compiler, draft: Draft) -> Sink:
    """The sink of a target, compiled.

    Raises:
        MapError: an expression names a column that the source has not.
    """
    holds = compiler.condition(target.when, f"{target.place}.when")
    if target.group_by:
        return _Gathered(target, holds, compiler, draft)
    return _EachRow(target, holds, compiler, draft)


class _Checked(dict[str, str]):
    """Texts that a column may hold; each different one is judged once."""

    def __init__(self, kind: str, column: Column) -> None:
        super().__init__()
        self._kind = kind
        self._column = column

    def __missing__(self, text: str) -> str:
        _read(self._kind, self._column, text)
        if len(self) >= 65_536:
            self.clear()
        self[text] = text
        return text


def _read(kind: str, column: Column, text: str) -> Value:
    try:
        return column.read(text)
    except ValueError as error:
        found = repr(text) if text else "a blank"
        msg = f"{kind}.{column.name}: {found} is not {column.expected}"
        raise UnreadableRowError(msg) from error


class _EachRow:
    """One record per row. Lines go to their file at once; other records are kept for the rules."""

    def __init__(self, target: Target, holds: Condition, compiler: Compiler, draft: Draft) -> None:
        self.target = target
        self.holds = holds
        self.taken = 0
        self.records = 0
        kind = FORM[target.kind]
        self._kind = kind
        self._columns = [kind.column(name) for name in target.columns]
        self._head_at: int | None = None
        self._number_at: list[int] = []
        expressions: list[Expression] = []
        for at, (name, declared) in enumerate(target.columns.items()):
            path = f"{target.place}.columns.{name}"
            if isinstance(declared, dict) and "number" in declared:
                if kind.head is None or name not in ("line", "order_line"):
                    told = "only `line` and `order_line` can be numbered."
                    raise MapError(compiler.file, path, told)
                self._number_at.append(at)
                expressions.append(_nothing)
            else:
                if kind.head is not None and name == kind.key[0]:
                    self._head_at = at
                expressions.append(compiler.expression(declared, path))
        self._expressions = expressions
        self._numbers = draft.line_numbers(target.kind)
        self._checks = [_Checked(kind.name, column) for column in self._columns]
        self._deliver = self._delivery(kind, draft)

    def _delivery(self, kind: RecordKind, draft: Draft) -> Callable[[list[str]], None]:
        names = list(self.target.columns)
        if kind.head is not None:
            return draft.line_writer(kind, names)
        columns = self._columns

        def keep(texts: list[str]) -> None:
            values = [column.read(text) for column, text in zip(columns, texts, strict=True)]
            draft.add(kind.name, dict(zip(names, values, strict=True)))

        return keep

    def take(self, row: list[str]) -> None:
        """One record of the row."""
        texts = [express(row) for express in self._expressions]
        if self._number_at and self._head_at is not None:
            head = texts[self._head_at]
            following = self._numbers.get(head, 0) + 1
            for at in self._number_at:
                texts[at] = str(following)
            texts = [check[text] for check, text in zip(self._checks, texts, strict=True)]
            self._numbers[head] = following
        else:
            texts = [check[text] for check, text in zip(self._checks, texts, strict=True)]
        self._deliver(texts)
        self.records += 1

    def finish(self) -> list[str]:
        """Nothing is left to hand over."""
        return []


def _nothing(_row: list[str]) -> str:
    return ""


class _Gathered:
    """One record per different value of the grouping columns."""

    def __init__(self, target: Target, holds: Condition, compiler: Compiler, draft: Draft) -> None:
        self.target = target
        self.holds = holds
        self.taken = 0
        self.records = 0
        self._draft = draft
        self._kind = FORM[target.kind]
        self._key = [compiler.place(name, f"{target.place}.group_by") for name in target.group_by]
        self._single = self._key[0] if len(self._key) == 1 else None
        self._first: list[tuple[int, Expression]] = []
        self._every: list[tuple[int, str, Expression]] = []
        self._names = list(target.columns)
        self._otherwise: list[tuple[int, Expression]] = []
        for at, (name, declared) in enumerate(target.columns.items()):
            path = f"{target.place}.columns.{name}"
            pick = "first"
            if isinstance(declared, dict):
                pick = declared.get("pick", "first")
                if "otherwise" in declared and "cases" not in declared:
                    otherwise = compiler.expression(declared["otherwise"], f"{path}.otherwise")
                    self._otherwise.append((at, otherwise))
                    declared = {k: v for k, v in declared.items() if k != "otherwise"}
            express = compiler.expression(declared, path)
            if pick == "first":
                self._first.append((at, express))
            else:
                self._every.append((at, pick, express))
        self._groups: dict[str | tuple[str, ...], _Group] = {}

    def take(self, row: list[str]) -> None:
        """The row's part in its group."""
        key: str | tuple[str, ...]
        key = row[self._single] if self._single is not None else tuple(row[at] for at in self._key)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(len(self._names), [at for at, _ in self._first])
            group.otherwise = [express(row) for _, express in self._otherwise]
        if group.blanks:
            self._fill_blanks(group, row)
        for at, pick, express in self._every:
            text = express(row)
            if text:
                self._pick(group, at, pick, text)

    def _fill_blanks(self, group: _Group, row: list[str]) -> None:
        for at, express in self._first:
            if at in group.blanks:
                text = express(row)
                if text:
                    group.texts[at] = text
                    group.blanks.remove(at)

    def _pick(self, group: _Group, at: int, pick: str, text: str) -> None:
        if pick == "most_frequent":
            counts = group.counts.setdefault(at, {})
            counts[text] = counts.get(text, 0) + 1
            return
        before = group.texts[at]
        if text == before and pick != "sum":
            return
        if pick == "last" or not before:
            group.texts[at] = text
        elif pick == "only":
            msg = f"{self._kind.name}.{self._names[at]}: {before!r} and {text!r} in one group"
            raise UnreadableRowError(msg)
        elif pick == "sum":
            group.texts[at] = f"{number(before) + number(text):f}"
        elif (_ordered(text) < _ordered(before)) == (pick == "min"):
            group.texts[at] = text

    def finish(self) -> list[str]:
        """Hand over one record per group."""
        told = []
        columns = [self._kind.column(name) for name in self._names]
        for key, group in self._groups.items():
            for at, counts in group.counts.items():
                group.texts[at] = max(counts, key=counts.__getitem__)
            for (at, _), text in zip(self._otherwise, group.otherwise, strict=True):
                group.texts[at] = group.texts[at] or text
            try:
                row = {
                    column.name: _read(self._kind.name, column, text)
                    for column, text in zip(columns, group.texts, strict=True)
                }
            except UnreadableRowError as error:
                shown = key if isinstance(key, str) else " ".join(key)
                told.append(f"{self.target.place} {shown}: {error}.")
                continue
            self._draft.add(self._kind.name, row)
            self.records += 1
        self._groups.clear()
        return told


class _Group:
    __slots__ = ("blanks", "counts", "otherwise", "texts")

    def __init__(self, width: int, first: list[int]) -> None:
        self.texts = [""] * width
        self.blanks = first
        self.counts: dict[int, dict[str, int]] = {}
        self.otherwise: list[str] = []


@lru_cache(maxsize=4096)
def _ordered(text: str) -> tuple[int, Decimal, str]:
    """Numbers before texts, by value; dates in ISO form by time."""
    try:
        return 0, number(text), ""
    except UnreadableRowError:
        return 1, Decimal(0), text
