"""One import: every row of every source read once, taken, refused by a named rule, or reported."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from crossdock_mocks.datasets.check import problems
from crossdock_mocks.datasets.form import FORM
from crossdock_mocks.datasets.header import Header, Rule
from crossdock_mocks.datasets.importing.draft import Draft
from crossdock_mocks.datasets.importing.errors import MapError, UnreadableRowError
from crossdock_mocks.datasets.importing.expressions import Compiler
from crossdock_mocks.datasets.importing.fills import FILLS
from crossdock_mocks.datasets.importing.mapfile import Map, Source
from crossdock_mocks.datasets.importing.output import put_in_place, refuse_full_folder
from crossdock_mocks.datasets.importing.report import (
    ImportReport,
    RefusalReport,
    SourceReport,
    TargetReport,
)
from crossdock_mocks.datasets.importing.sources import Index, OpenSource, Progress, locate
from crossdock_mocks.datasets.importing.targets import Sink, open_sink

__all__ = ["import_data"]

_SHOWN_DEFECTS = 20


def import_data(
    map_file: Path,
    where: Path,
    out: Path,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Make a data set folder of somebody's CSV files.

    Everything is written beside ``out`` and moved there at the end, so that an import that is
    stopped leaves no half folder. If no data set could be made, ``out`` holds only
    import-report.json and refused.csv.

    Args:
        map_file: the mapping file.
        where: the folder with the source files, or the only one of them.
        out: the folder to make.
        force: replace what is in it.
        progress: called now and then while files are read.

    Raises:
        MapError: the mapping file is malformed.
        SourceError: a source is not there or cannot be read as declared.
        TargetFolderError: ``out`` is not empty.
    """
    plan = Map.load(map_file)
    refuse_full_folder(out, force=force)
    files = locate(plan.sources, where)
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.importing-", dir=out.parent))
    try:
        report = _run(_Import(plan, files, folder, progress))
        _remark_other_files(report, files, where)
        if not report.made:
            for file in folder.iterdir():
                if file.name != "refused.csv":
                    file.unlink()
        report.write(folder)
        put_in_place(folder, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report


def _run(one: _Import) -> ImportReport:
    try:
        return one.run()
    finally:
        one.draft.close()


def _remark_other_files(report: ImportReport, files: dict[str, Path], where: Path) -> None:
    if not where.is_dir():
        return
    named = {file.name for file in files.values()}
    endings = (".csv", ".csv.gz", ".csv.xz", ".csv.bz2", ".tsv", ".txt")
    for file in sorted(where.iterdir()):
        if file.name.endswith(endings) and file.name not in named:
            report.remarks.append(f"{file.name} is not named in the map; it was not read.")


class _Import:
    """The state of one import."""

    def __init__(
        self, plan: Map, files: dict[str, Path], folder: Path, progress: Progress | None
    ) -> None:
        self.plan = plan
        self.folder = folder
        self.report = ImportReport(map=plan.file)
        self.draft = Draft(folder, _header(plan))
        self.sources = {
            name: OpenSource(source, files[name], progress) for name, source in plan.sources.items()
        }
        self.indexes: dict[tuple[str, str], Index] = {}
        self._compilers = {name: self._compiler(name) for name in plan.sources}
        self._refusals = {
            refusal.rule: RefusalReport(
                rule=refusal.rule,
                source=refusal.source,
                text=refusal.text,
                expected=refusal.expected,
            )
            for refusal in plan.refusals
        }

    def run(self) -> ImportReport:
        """Read, take, refuse, fill in, check; gives the account."""
        sinks = {
            name: [
                open_sink(target, self._compilers[name], self.draft)
                for target in self.plan.targets
                if target.source == name
            ]
            for name in self.plan.sources
        }
        self._add_fixed_rows()
        for source in self.plan.sources.values():
            self._index(source)
        with (self.folder / "refused.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(("source", "file", "line", "rule", "reason", "row"))
            for source in self.plan.sources.values():
                self.report.sources.append(self._read(source, sinks[source.name], writer))
        self._finish_targets([sink for group in sinks.values() for sink in group])
        self.report.refusals = list(self._refusals.values())
        self._find_deviations()
        if self.report.made:
            self._fill_in()
            self.draft.finish()
            self._check()
        else:
            self.draft.close()
        return self.report

    def _compiler(self, name: str) -> Compiler:
        own = self.sources[name].columns
        columns = {column: at for at, column in enumerate(own)}
        width = len(own)
        for number, join in enumerate(self.plan.sources[name].joins, 1):
            path = f"sources.{name}.join[{number}]"
            there = self.sources[join.source].columns
            sides = ((join.column, list(columns), name), (join.key, there, join.source))
            for column, known, what in sides:
                if column not in known:
                    raise MapError(
                        self.plan.file, path, f"{what} has no column {column} ({', '.join(known)})."
                    )
            for column in there:
                columns[f"{join.name}.{column}"] = width
                width += 1
        return Compiler(file=self.plan.file, columns=columns, tables=self.plan.tables)

    def _add_fixed_rows(self) -> None:
        for number, (kind_name, values) in enumerate(self.plan.rows, 1):
            kind = FORM[kind_name]
            record = {}
            for name, text in values.items():
                column = kind.column(name)
                try:
                    record[name] = column.read(text)
                except ValueError as error:
                    path = f"rows[{number}].values.{name}"
                    raise MapError(
                        self.plan.file, path, f"{text!r} is not {column.expected}."
                    ) from error
            if kind.head is None:
                self.draft.add(kind_name, record)
            else:
                self.draft.add_line(kind_name, record)

    def _index(self, source: Source) -> None:
        """Read the sources that this one is joined with; rows refused there are not found."""
        for join in source.joins:
            other = self.sources[join.source]
            index = Index(join, other.columns)
            key_at = other.columns.index(join.key)
            refuses = self._own_refusals(join.source)
            for _, cells, _ in other.rows():
                if cells is None:
                    continue
                try:
                    if not any(holds(cells) for holds in refuses):
                        index.add(cells[key_at], cells)
                except UnreadableRowError as error:
                    self.report.defects.append(f"Source {join.source}: {error}.")
                    break
            self.indexes[source.name, join.name] = index

    def _own_refusals(self, name: str) -> list[Any]:
        """The refusals of a source that need none of its joined columns."""
        own = self.sources[name].columns
        compiler = self._compilers[name]
        return [
            compiler.condition(refusal.when, f"refuse {refusal.rule}")
            for refusal in self.plan.refusals
            if refusal.source == name and all(clause["column"] in own for clause in refusal.when)
        ]

    def _read(self, source: Source, sinks: list[Sink], refused: Any) -> SourceReport:
        opened = self.sources[source.name]
        told = SourceReport(name=source.name, file=opened.file.name, why_not_used=source.not_used)
        compiler = self._compilers[source.name]
        refusals = [
            (self._refusals[one.rule], compiler.condition(one.when, f"refuse {one.rule}"))
            for one in self.plan.refusals
            if one.source == source.name
        ]
        joins = [
            (compiler.columns[join.column], self.indexes[source.name, join.name])
            for join in source.joins
        ]
        looked_up = any(
            join.source == source.name for one in self.plan.sources.values() for join in one.joins
        )
        counts: Counter[str] = Counter()
        fates: Counter[str] = Counter()
        for line, cells, raw in opened.rows():
            told.read += 1
            if source.not_used:
                continue
            try:
                fate, rule = self._place(cells, joins, refusals, sinks)
                reason = ""
            except UnreadableRowError as error:
                fate, rule, reason = "unreadable", "(unreadable)", str(error)
                if fates["unreadable"] < _SHOWN_DEFECTS:
                    self.report.defects.append(f"{opened.file.name}, line {line}: {reason}.")
            if fate == "unplaced" and looked_up:
                fate = "looked_up"
            if fate == "unplaced":
                rule, reason = "(unplaced)", "no target takes it and no rule refuses it"
                if fates["unplaced"] < _SHOWN_DEFECTS:
                    self.report.defects.append(f"{opened.file.name}, line {line}: {reason}.")
            fates[fate] += 1
            if fate == "refused":
                counts[rule] += 1
            if rule:
                text = json.dumps(raw, ensure_ascii=False)
                refused.writerow((source.name, opened.file.name, line, rule, reason, text))
        told.kept, told.looked_up = fates["kept"], fates["looked_up"]
        told.unreadable, told.unplaced = fates["unreadable"], fates["unplaced"]
        told.refused = {
            one.rule: counts[one.rule] for one in self.plan.refusals if one.source == source.name
        }
        for rule, count in counts.items():
            self._refusals[rule].found = count
        told.not_used = told.read if source.not_used else 0
        return told

    def _place(
        self,
        cells: list[str] | None,
        joins: list[tuple[int, Index]],
        refusals: list[tuple[RefusalReport, Any]],
        sinks: list[Sink],
    ) -> tuple[str, str]:
        """What becomes of a row: (fate, rule that refused it)."""
        if cells is None:
            msg = "the row has more or fewer fields than the header row"
            raise UnreadableRowError(msg)
        for at, index in joins:
            cells = cells + index.find(cells[at])
        for refusal, holds in refusals:
            if holds(cells):
                return "refused", refusal.rule
        fate = "unplaced"
        for sink in sinks:
            if sink.holds(cells):
                sink.take(cells)
                sink.taken += 1
                fate = "kept"
        return fate, ""

    def _finish_targets(self, sinks: list[Sink]) -> None:
        for sink in sinks:
            told = sink.finish()
            self.report.defects += told[:_SHOWN_DEFECTS]
            target = sink.target
            self.report.targets.append(
                TargetReport(
                    place=target.place,
                    kind=target.kind,
                    source=target.source,
                    rows=sink.taken,
                    records=sink.records,
                )
            )
        for told_source in self.report.sources:
            lookups = [
                index for index in self.indexes.values() if index.join.source == told_source.name
            ]
            if lookups:
                told_source.never_found = min(one.size - len(one.used) for one in lookups)

    def _find_deviations(self) -> None:
        for refusal in self._refusals.values():
            if refusal.expected is not None and refusal.expected != refusal.found:
                self.report.deviations.append(
                    f"Rule {refusal.rule} refused {refusal.found:,} rows;"
                    f" the map expects {refusal.expected:,}."
                )
        for told in self.report.sources:
            expected = self.plan.sources[told.name].expected_rows
            if expected is not None and expected != told.read:
                self.report.deviations.append(
                    f"{told.file} has {told.read:,} rows; the map expects {expected:,}."
                )

    def _fill_in(self) -> None:
        for fill in self.plan.fills:
            _, make = FILLS[fill.method]
            made = make(self.draft, fill.parameters)
            self.report.fills.append((fill.rule, made))

    def _check(self) -> None:
        """What the import made must be a data set that loads."""
        for number, problem in enumerate(problems(self.folder)):
            if number >= _SHOWN_DEFECTS:
                break
            self.report.defects.append(f"The data set would be wrong: {problem}")
        self.report.files = dict(self.draft.counts)


def _header(plan: Map) -> Header:
    given = dict(plan.dataset)
    try:
        given["as_of"] = date.fromisoformat(str(given["as_of"]))
    except ValueError as error:
        raise MapError(
            plan.file, "dataset.as_of", f"{given['as_of']} is not a day of the calendar."
        ) from error
    rules = [Rule(id=rule, applies_to=kind, text=text) for rule, kind, text in plan.assumptions]
    rules += [
        Rule(id=fill.rule, applies_to=FILLS[fill.method][0], text=fill.text) for fill in plan.fills
    ]
    rules += [
        Rule(id=one.rule, applies_to=f"refused rows of {one.source}", text=one.text)
        for one in plan.refusals
    ]
    return Header(**given, rules=tuple(rules))
