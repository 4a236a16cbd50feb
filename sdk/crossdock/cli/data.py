"""`crossdock data`: generate, import, check and describe data set folders."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

from crossdock.cli import Commands, data_duplicates

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from crossdock_mocks.datasets import DataSet
    from crossdock_mocks.datasets.importing import ImportReport

__all__ = ["command"]

_FOLDER = click.Path(path_type=Path)
_SHOWN_PROBLEMS = 50


@click.group("data", cls=Commands)
def command() -> None:
    """Generate, import, check and describe data set folders.

    A data set folder holds dataset.toml and one CSV file per record kind; mock systems are filled
    from it.
    """


command.add_command(data_duplicates.command)


@command.command()
@click.argument("out", type=_FOLDER)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same folder.")
@click.option(
    "--scale",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 200, min_open=True),
    help="1 is about 60 accounts, 120 items and a few thousand invoice lines.",
)
@click.option("--years", default=3, show_default=True, type=click.IntRange(1, 20), help="History.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which the data stand.  [default: 2026-11-20]",
)
@click.option("--force", is_flag=True, help="Replace the data set that is in OUT.")
def generate(
    out: Path, seed: int, scale: float, years: int, as_of: datetime | None, force: bool
) -> None:
    """Make the data set folder OUT of an invented trading company.

    \b
    Examples:
      crossdock data generate our-company --seed 1 --scale 0.1
    """
    from crossdock_mocks.datasets import generate as make
    from crossdock_mocks.datasets.generator import DEFAULT_AS_OF

    with told_os_errors():
        clear(out, force=force)
        day = as_of.date() if as_of else DEFAULT_AS_OF
        dataset = make(seed=seed, scale=scale, years=years, as_of=day)
        dataset.save(out)
    _print_summary(dataset, out)


@command.command(name="import")
@click.option("--map", "map_file", required=True, type=_FOLDER, help="The mapping file (TOML).")
@click.argument("source", type=_FOLDER)
@click.argument("out", type=_FOLDER)
@click.option("--force", is_flag=True, help="Replace the data set that is in OUT.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_(map_file: Path, source: Path, out: Path, force: bool, as_json: bool) -> None:
    """Make the data set folder OUT of the CSV files in SOURCE.

    Every row read is kept, looked up, refused by a rule that the map names, or told. OUT gets
    import-report.json and refused.csv beside the data. Exit code 0 only if every row is accounted
    for and all counts are as the map expects them.

    \b
    Examples:
      crossdock data import --map map.toml export our-company
    """
    from crossdock_mocks.datasets.importing import import_data

    started = time.monotonic()
    with told_os_errors(), _FileProgress() as progress:
        report = import_data(map_file, source, out, force=force, progress=progress.show)
    if as_json:
        click.echo((out / "import-report.json").read_text(encoding="utf-8"))
    else:
        _print_report(report, out, time.monotonic() - started)
    for remark in report.remarks:
        click.echo(f"Note: {remark}", err=True)
    for deviation in report.deviations:
        click.echo(f"Not as expected: {deviation}", err=True)
    for defect in report.defects[:_SHOWN_PROBLEMS]:
        click.echo(f"Error: {defect}", err=True)
    if not report.made:
        raise click.ClickException(
            f"No data set was made. {out} holds import-report.json and refused.csv: correct the"
            " map or the source, then import again."
        )
    if not report.ok:
        raise click.ClickException(
            f"The data set in {out} can be used, but counts are not as the map expects them:"
            " look at refused.csv, then correct `expected` in the map."
        )


@command.command()
@click.argument("folder", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def check(folder: Path, as_json: bool) -> None:
    """Look for everything that is wrong with the data set in FOLDER.

    \b
    Examples:
      crossdock data check our-company
    """
    from itertools import islice

    from crossdock_mocks.datasets import DataSet
    from crossdock_mocks.datasets.check import problems

    with told_os_errors():
        found = list(islice(problems(folder), _SHOWN_PROBLEMS))
    if as_json:
        told = [
            {
                "kind": type(one).__name__,
                "file": one.file,
                "line": one.line,
                "column": one.column,
                "value": one.value,
                "expected": one.expected,
                "problem": one.problem,
                "advice": one.advice,
            }
            for one in found
        ]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for one in found:
            click.echo(str(one))
    if found:
        more = " or more" if len(found) == _SHOWN_PROBLEMS else ""
        problem = "problem" if len(found) == 1 else "problems"
        raise click.ClickException(f"{len(found)}{more} {problem} in {folder}.")
    if not as_json:
        _print_summary(DataSet.load(folder, check=False), folder)


@command.command()
@click.argument("what", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def describe(what: str | None, as_json: bool) -> None:
    """Describe the form of data set folders, one record kind of it, or the data set in a folder.

    WHAT is a record kind such as `orders`, or a folder; without it all record kinds are listed.

    \b
    Examples:
      crossdock data describe
      crossdock data describe invoices
      crossdock data describe our-company --json
    """
    from crossdock_mocks.datasets import FORM, DataSet

    if what is None:
        _print_form(as_json=as_json)
    elif what in FORM:
        _print_kind(what, as_json=as_json)
    elif Path(what).is_dir():
        dataset = DataSet.load(what, check=False)
        if as_json:
            click.echo(json.dumps(_described(dataset), indent=2, ensure_ascii=False))
        else:
            _print_summary(dataset, Path(what))
            for rule in dataset.rules:
                click.echo(f"\n{rule.id} ({rule.applies_to})\n  {rule.text}")
    else:
        raise click.ClickException(
            f"{what} is neither a record kind nor a folder. Record kinds: {', '.join(FORM)}."
        )


def _print_form(*, as_json: bool) -> None:
    from crossdock_mocks.datasets import FORM

    if as_json:
        kinds = {kind.name: _columns(kind.name) for kind in FORM.values()}
        click.echo(json.dumps(kinds, indent=2, ensure_ascii=False))
        return
    rows = [
        (kind.file, kind.side, "required" if kind.required else "", kind.note)
        for kind in FORM.values()
    ]
    _print_table(("file", "side", "", "one row is"), rows)
    click.echo("\n`crossdock data describe orders` describes the columns of orders.csv.")


def _print_kind(name: str, *, as_json: bool) -> None:
    from crossdock_mocks.datasets import FORM

    columns = _columns(name)
    if as_json:
        click.echo(json.dumps(columns, indent=2, ensure_ascii=False))
        return
    click.echo(f"{FORM[name].file}: {FORM[name].note}")
    if FORM[name].key:
        click.echo(f"Key: {', '.join(FORM[name].key)}")
    click.echo()
    rows = [
        (
            column["name"],
            "required" if column["required"] else "",
            column["expected"],
            f"-> {column['references']}" if column["references"] else "",
            column["note"],
        )
        for column in columns
    ]
    _print_table(("column", "", "holds", "names", "note"), rows)


def _columns(kind: str) -> list[dict[str, Any]]:
    from crossdock_mocks.datasets import FORM

    return [
        {
            "name": column.name,
            "type": column.type,
            "required": column.required,
            "expected": column.expected,
            "references": column.references,
            "note": column.note,
        }
        for column in FORM[kind].columns
    ]


def _described(dataset: DataSet) -> dict[str, Any]:
    from crossdock_mocks.datasets import FORM

    return {
        "name": dataset.name,
        "company": dataset.company,
        "currency": dataset.currency,
        "as_of": dataset.as_of.isoformat(),
        "rounding": dataset.rounding,
        "rules": [
            {"id": one.id, "applies_to": one.applies_to, "text": one.text} for one in dataset.rules
        ],
        "story": dict(dataset.story),
        "rows": {name: dataset.count(name) for name in FORM if dataset.count(name)},
    }


def _print_summary(dataset: DataSet, folder: Path) -> None:
    from crossdock_mocks.datasets import FORM

    click.echo(f"{folder}: {dataset.name}, {dataset.company}, {dataset.currency}")
    click.echo(f"as of {dataset.as_of}, {len(dataset.rules)} rules of what was filled in\n")
    rows = [(name, f"{dataset.count(name):,}") for name in FORM if dataset.count(name)]
    _print_table(("record kind", "rows"), rows, right=(1,))


def _print_report(report: ImportReport, out: Path, seconds: float) -> None:
    columns = ("read", "kept", "looked_up", "refused", "not_used", "unreadable", "unplaced")
    rows = []
    for one in report.sources:
        refused = sum(one.refused.values())
        values = {name: refused if name == "refused" else getattr(one, name) for name in columns}
        rows.append((one.file, *(f"{values[name]:,}" if values[name] else "-" for name in columns)))
    titles = ("source", *(name.replace("_", " ") for name in columns))
    _print_table(titles, rows, right=range(1, len(columns) + 1))
    if report.refusals:
        click.echo()
        _print_table(
            ("refused by rule", "rows", "expected", "because"),
            [
                (
                    one.rule,
                    f"{one.found:,}",
                    "" if one.expected is None else f"{one.expected:,}",
                    one.text,
                )
                for one in report.refusals
            ],
            right=(1, 2),
        )
    click.echo()
    made = [(one.kind, one.source, f"{one.rows:,}", f"{one.records:,}") for one in report.targets]
    _print_table(("made", "of source", "rows", "records"), made, right=(2, 3))
    if report.fills:
        click.echo()
        _print_table(("filled in by rule", "made"), report.fills)
    unused = [one for one in report.sources if one.why_not_used]
    for one in unused:
        click.echo(f"\n{one.file} is not used: {one.why_not_used}")
    if report.ok:
        click.echo(f"\nEvery row is accounted for; {out} was made in {seconds:.0f} s.")


def _print_table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] | range = ()
) -> None:
    """Print columns one under the other; the last one runs as far as it likes."""
    table = [titles, *rows]
    widths = [max(len(row[at]) for row in table) for at in range(len(titles))]
    for row in table:
        cells = [
            text.rjust(width) if at in right else text.ljust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())


def clear(out: Path, *, force: bool) -> None:
    """Make room for a data set, and remove nothing but an old one."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not out.is_dir():
        raise click.ClickException(f"{out} is a file. Give a folder to make.")
    if not force:
        raise click.ClickException(
            f"The folder {out} is not empty. Give another one, or --force to replace it."
        )
    if not (out / "dataset.toml").is_file():
        raise click.ClickException(f"{out} holds files, but no data set: nothing was removed.")
    shutil.rmtree(out)


@contextmanager
def told_os_errors() -> Iterator[None]:
    """A full disk or a folder that may not be written is a sentence, not a traceback."""
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise click.ClickException(f"{where}{error.strerror or error}") from error


class _FileProgress:
    """A progress bar of the files that are read: in a terminal only, after a second."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _FileProgress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, file: str, done: int, total: int) -> None:
        """Take note of how much of a file was read."""
        if self._bar is None:
            if not sys.stderr.isatty() or time.monotonic() - self._started < 1:
                return
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
        if file not in self._tasks:
            self._tasks[file] = self._bar.add_task(file, total=total)
        self._bar.update(self._tasks[file], completed=done)
