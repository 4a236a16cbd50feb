"""`crossdock new`: the beginning of a project that tests, checks and lints clean from the start."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from crossdock.scaffold.kinds import KINDS

if TYPE_CHECKING:
    from crossdock.scaffold.writing import Written

_TOLD: Final = {
    "written": "new",
    "updated": "brought up to date",
    "unchanged": "as it was",
    "kept": "yours, left alone",
    "beside": "yours, and there is news: compare it with",
    "left out": "you removed it, left out",
}


@click.command("new")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=True))
@click.option("--kind", type=click.Choice(list(KINDS)), help="What the project is about.")
@click.option("--id", "id_", metavar="ID", help="Its id; the folder's name unless given.")
@click.option("--name", default="", help="What people see; made of the id unless given.")
@click.option("--summary", default="", help="One sentence on what it does.")
@click.option("--update", is_flag=True, help="Bring a project's files up to date; keep changes.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, and ask nothing.")
def command(
    folder: Path,
    kind: str | None,
    id_: str | None,
    name: str,
    summary: str,
    update: bool,
    as_json: bool,
) -> None:
    """Begin a plugin, a connector or a mock in a new FOLDER, with its tests.

    In a terminal it asks for what is not given; elsewhere --kind must be. What it writes passes its
    own tests, `crossdock check`, mypy --strict and ruff as it stands, and asks for the narrowest
    rights that it needs.

    \b
    Examples:
      crossdock new late-payers --kind guard
      crossdock new ./plugins/to-ship --kind tab --name "Still to ship"
      crossdock new late-payers --update
    """
    from crossdock.scaffold import writing
    from crossdock.scaffold.project import Answers

    if update:
        if kind or id_ or name or summary:
            raise click.UsageError(
                "--update keeps the answers of the beginning: leave out --kind, --id, --name "
                "and --summary"
            )
        written = writing.update(folder)
    else:
        asks = not as_json and sys.stdin.isatty() and sys.stdout.isatty()
        if kind is None and not asks:
            raise click.UsageError(f"say what it is about: --kind {'|'.join(KINDS)}")
        id_ = id_ or folder.resolve().name
        answers = Answers.given(kind=kind or _ask_for_kind(), id=id_, name=name, summary=summary)
        if asks:
            answers = Answers.given(
                kind=answers.kind,
                id=answers.id,
                name=name or click.prompt("What do people see", default=answers.name),
                summary=summary or click.prompt("What does it do", default=answers.summary),
            )
        written = writing.write(folder, answers)
    if as_json:
        click.echo(json.dumps(_document(written), indent=2, ensure_ascii=False))
    else:
        _tell(written, began=not update)


def _ask_for_kind() -> str:
    click.echo("What is it about?")
    width = max(map(len, KINDS))
    for number, kind in enumerate(KINDS.values(), 1):
        click.echo(f"  {number}  {kind.name:<{width}}  {kind.summary}")
    chosen: int = click.prompt(
        "Number", type=click.IntRange(1, len(KINDS)), default=1, show_choices=False
    )
    return list(KINDS)[chosen - 1]


def _document(written: Written) -> dict[str, object]:
    return {
        "folder": str(written.folder),
        **written.answers.plain(),
        "package": written.answers.package,
        "files": dict(written.files),
    }


def _tell(written: Written, *, began: bool) -> None:
    answers = written.answers
    if began:
        click.echo(f"{written.folder}: {answers.name}, a {answers.kind}\n")
        for place in written.files:
            click.echo(f"  {place}")
        click.echo("\nNow:")
        click.echo(f"  cd {written.folder}")
        click.echo("  python -m venv .venv && . .venv/bin/activate")
        click.echo("  pip install --editable . --group dev")
        for each in answers.of_kind.next:
            click.echo("  " + each.format(id=answers.id))
        return
    width = max(map(len, written.files))
    for place, fate in written.files.items():
        beside = f" {place}.new" if fate == "beside" else ""
        click.echo(f"  {place:<{width}}  {_TOLD[fate]}{beside}")
    changed = sum(fate in {"written", "updated"} for fate in written.files.values())
    to_merge = sum(fate == "beside" for fate in written.files.values())
    click.echo(f"\n{changed} brought up to date, {to_merge} to be merged by you.")
