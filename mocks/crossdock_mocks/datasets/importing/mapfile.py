"""A mapping file, read and judged before anything is imported."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from crossdock_mocks.datasets.form import FORM
from crossdock_mocks.datasets.importing.errors import MapError
from crossdock_mocks.datasets.schemas import complaints

__all__ = ["Fill", "Join", "Map", "Refusal", "Source", "Target"]


@frozen(kw_only=True)
class Join:
    """Rows of another source, found by a key; their columns are named ``name.Column``."""

    source: str
    name: str
    column: str
    key: str
    pick: str = "only"


@frozen(kw_only=True)
class Source:
    """A file that is read."""

    name: str
    file: str
    delimiter: str = ","
    encoding: str = "utf-8"
    keep_spaces: bool = False
    not_used: str = ""
    expected_rows: int | None = None
    joins: tuple[Join, ...] = ()


@frozen(kw_only=True)
class Refusal:
    """A named rule by which rows are not imported."""

    rule: str
    source: str
    when: list[dict[str, Any]]
    text: str
    expected: int | None = None


@frozen(kw_only=True)
class Target:
    """Records of one kind that are made of a source's rows."""

    place: str
    kind: str
    source: str
    when: list[dict[str, Any]]
    group_by: tuple[str, ...]
    columns: dict[str, Any]


@frozen(kw_only=True)
class Fill:
    """A rule that makes what the source does not have."""

    method: str
    rule: str
    text: str
    parameters: dict[str, Any]


@frozen(kw_only=True)
class Map:
    """A mapping file.

    Attributes:
        file: its name, for messages.
        dataset: the head of the data set.
        sources: the files that are read, by name.
        tables: translations, by name.
        refusals: the closed list of reasons why a row is not imported.
        rows: fixed rows, by record kind.
        targets: what is made of rows.
        assumptions: rules behind constants in the map: (id, applies to, sentence).
        fills: rules that make what is missing, in order.
    """

    file: str
    dataset: dict[str, Any]
    sources: dict[str, Source]
    tables: Mapping[str, Mapping[str, str]]
    refusals: tuple[Refusal, ...]
    rows: tuple[tuple[str, dict[str, str]], ...]
    targets: tuple[Target, ...]
    assumptions: tuple[tuple[str, str, str], ...]
    fills: tuple[Fill, ...]

    @classmethod
    def load(cls, file: Path) -> Map:
        """The mapping file, judged.

        Raises:
            MapError: there is no such file, it is not TOML, it breaks
                ``specs/data-map.schema.json``, or it names something that it does not declare.
        """
        try:
            document = tomllib.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise MapError(str(file), "", "There is no such file.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, IsADirectoryError) as error:
            raise MapError(str(file), "", f"This is not TOML: {error}.") from error
        for path, sentence in complaints(document, "data-map"):
            raise MapError(str(file), path, sentence)
        loaded = cls._from(str(file), document)
        for path, sentence in loaded._undeclared():
            raise MapError(str(file), path, sentence)
        return loaded

    @classmethod
    def _from(cls, file: str, document: dict[str, Any]) -> Map:
        return cls(
            file=file,
            dataset=document["dataset"],
            sources={name: _source(name, one) for name, one in document["sources"].items()},
            tables=document.get("tables", {}),
            refusals=tuple(Refusal(**one) for one in document.get("refuse", ())),
            rows=tuple((one["kind"], one["values"]) for one in document.get("rows", ())),
            targets=tuple(
                Target(
                    place=f"target[{number}]",
                    kind=one["kind"],
                    source=one["from"],
                    when=one.get("when", []),
                    group_by=tuple(one.get("group_by", ())),
                    columns=one["columns"],
                )
                for number, one in enumerate(document["target"], 1)
            ),
            assumptions=tuple(
                (one["rule"], one["applies_to"], one["text"]) for one in document.get("assume", ())
            ),
            fills=tuple(_fill(one) for one in document.get("fill", ())),
        )

    def _undeclared(self) -> Iterator[tuple[str, str]]:
        """What the map names but does not declare: (path, sentence)."""
        known = ", ".join(self.sources)
        for source in self.sources.values():
            for number, join in enumerate(source.joins, 1):
                if join.source not in self.sources:
                    path = f"sources.{source.name}.join[{number}].source"
                    yield path, f"there is no source {join.source}; declared are {known}."
        rules = set()
        for number, refusal in enumerate(self.refusals, 1):
            if refusal.source not in self.sources:
                yield f"refuse[{number}].source", f"there is no source {refusal.source} ({known})."
            if refusal.rule in rules:
                yield f"refuse[{number}].rule", f"{refusal.rule} is declared twice."
            rules.add(refusal.rule)
        for target in self.targets:
            yield from self._wrong_target(target, known)
        for number, (kind, values) in enumerate(self.rows, 1):
            if kind not in FORM:
                yield f"rows[{number}].kind", f"there is no record kind {kind}."
            else:
                yield from _wrong_columns(f"rows[{number}].values", kind, values)

    def _wrong_target(self, target: Target, known: str) -> Iterator[tuple[str, str]]:
        if target.source not in self.sources:
            yield f"{target.place}.from", f"there is no source {target.source} ({known})."
            return
        if self.sources[target.source].not_used:
            yield f"{target.place}.from", f"{target.source} is declared as not used."
        if target.kind not in FORM:
            kinds = ", ".join(FORM)
            yield f"{target.place}.kind", f"there is no record kind {target.kind} ({kinds})."
            return
        yield from _wrong_columns(f"{target.place}.columns", target.kind, target.columns)
        for name, expression in target.columns.items():
            path = f"{target.place}.columns.{name}"
            if isinstance(expression, dict):
                yield from self._wrong_expression(path, expression, grouped=bool(target.group_by))

    def _wrong_expression(
        self, path: str, expression: dict[str, Any], *, grouped: bool
    ) -> Iterator[tuple[str, str]]:
        origins = [key for key in _ORIGINS if key in expression]
        if len(origins) != 1:
            yield path, f"exactly one of {', '.join(_ORIGINS)} must be given."
        table = expression.get("table")
        if table is not None and table not in self.tables:
            yield f"{path}.table", f"there is no table {table}."
        if "pick" in expression and not grouped:
            yield f"{path}.pick", "it needs group_by."
        for key in ("date", "instant"):
            if key in expression and "%" not in expression[key]:
                yield f"{path}.{key}", f"{expression[key]} is no format such as %d.%m.%Y."
        nested = [(f"{path}.otherwise", expression.get("otherwise"))]
        for number, case in enumerate(expression.get("cases", ()), 1):
            nested.append((f"{path}.cases[{number}].use", case["use"]))
        for where, inner in nested:
            if isinstance(inner, dict):
                yield from self._wrong_expression(where, inner, grouped=False)


_ORIGINS = ("column", "value", "template", "number", "cases")


def _wrong_columns(path: str, kind: str, columns: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    names = FORM[kind].column_names
    for name in columns:
        if name not in names:
            yield f"{path}.{name}", f"{kind} has no such column; it has {', '.join(names)}."
    for column in FORM[kind].columns:
        if column.required and column.name not in columns:
            yield path, f"{kind} requires {column.name} ({column.expected})."


def _source(name: str, declared: dict[str, Any]) -> Source:
    joins = tuple(
        Join(
            source=one["source"],
            name=one.get("as", one["source"]),
            column=one["column"],
            key=one["key"],
            pick=one.get("pick", "only"),
        )
        for one in declared.get("join", ())
    )
    rest = {key: value for key, value in declared.items() if key != "join"}
    return Source(name=name, joins=joins, **rest)


def _fill(declared: dict[str, Any]) -> Fill:
    named = ("method", "rule", "text")
    parameters = {key: value for key, value in declared.items() if key not in named}
    return Fill(**{key: declared[key] for key in named}, parameters=parameters)
