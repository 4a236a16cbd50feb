"""`crossdock coverage`: what each mock's operations are worth, operation by operation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.options import json_answer
from crossdock.specifications import specification

if TYPE_CHECKING:
    from crossdock_mocks.coverage import Row


@click.command("coverage")
@click.argument("systems", nargs=-1, metavar="[SYSTEM]...")
@click.option(
    "--proofs",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Proofs of another test run: pytest -p crossdock_mocks.proofs --proofs FILE.",
)
@json_answer
@click.option("--markdown", "as_markdown", is_flag=True, help="Answer as tables in Markdown.")
def command(systems: Sequence[str], proofs: Path | None, as_json: bool, as_markdown: bool) -> None:
    """Show each operation of the mocks, how sure it is, and which tests prove it.

    SYSTEM is one of the installed mocks; all of them without one. Exits with 1 when an operation
    does not say how sure it is, or no test has seen it succeed.

    \b
    Examples:
      crossdock coverage quickbooks
      crossdock coverage --json
    """
    from crossdock_mocks import coverage, installed

    if as_json and as_markdown:
        raise click.UsageError("give --json or --markdown, not both")
    try:
        dialects = {name: installed.dialect(name) for name in systems or installed.names()}
    except installed.UnknownMockError as error:
        raise click.ClickException(str(error)) from error
    try:
        found = coverage.read_proofs(proofs or specification("proofs.json"))
    except ValueError as error:
        raise click.ClickException(f"the proofs cannot be read: {error}") from error
    tables = {name: coverage.matrix(each, found) for name, each in dialects.items()}
    if as_json:
        rows = [row.as_dict() for table in tables.values() for row in table]
        click.echo(json.dumps(rows, indent=2))
    elif as_markdown:
        for name, table in tables.items():
            click.echo(f"## {name}\n\n{coverage.markdown(table)}\n")
    else:
        for name, table in tables.items():
            _show(name, table)
    if not all(row.provenance and row.proven for table in tables.values() for row in table):
        raise SystemExit(1)


def _show(name: str, table: Sequence[Row]) -> None:
    from crossdock_mocks.coverage import summary

    click.echo(f"{name}: {summary(table)}")
    width = max((len(row.operation) for row in table), default=0)
    for row in table:
        missing = f"   not reached: {' '.join(map(str, row.unproven))}" if row.unproven else ""
        reached = " ".join(str(proof.status) for proof in row.proofs) or "no proof"
        sure = row.provenance or "nothing"
        click.echo(f"  {row.operation:<{width}}  {sure:<10}  {reached}{missing}")
