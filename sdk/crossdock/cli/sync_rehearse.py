"""`crossdock sync rehearse`: what a policy would do, and nothing is written."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from crossdock.cli.options import host_config, json_answer

if TYPE_CHECKING:
    from crossdock.host.sync_rehearsal.live import TryOn
    from crossdock.views import View

_FILE = click.Path(path_type=Path, dir_okay=False)
_WIDTH_OF_A_PIPE = 120

changes_option = click.option(
    "--changes",
    type=_FILE,
    help="Try it on the recorded changes in this file (JSON lines), and ask no system.",
)
csv_option = click.option("--csv", "csv_file", type=_FILE, help="Write every row as CSV.")
html_option = click.option("--html", "html_file", type=_FILE, help="Write a page to look at.")


@click.command("rehearse")
@click.argument("system", required=False, default="")
@click.option(
    "--policy",
    "policy_file",
    type=_FILE,
    help="The ownership policy to try; by default the one in force.",
)
@changes_option
@csv_option
@html_option
@json_answer
@host_config
def command(
    system: str,
    policy_file: Path | None,
    changes: Path | None,
    csv_file: Path | None,
    html_file: Path | None,
    as_json: bool,
    config: Path,
) -> None:
    """Say what a policy would do to all accounts and all customers of the ERP SYSTEM.

    Both systems are read and matched, as by `crossdock sync load`; nothing is written, neither
    there nor in the host's store.

    \b
    Examples:
      crossdock sync rehearse
      crossdock sync rehearse --policy stricter.toml --html rehearsal.html
      crossdock sync rehearse --changes october.jsonl --csv october.csv
    """
    from crossdock.host.sync_rehearsal.showing import rehearsal_view, rows_of

    with trying(config, system, changes, as_json) as (try_on, in_force):
        from crossdock.host.synchronising.policy_file import read_policy

        policy = read_policy(policy_file) if policy_file else in_force()
        happenings = list(try_on(policy))
    if not happenings:
        raise click.ClickException("Neither system gave a single record: nothing was rehearsed.")
    rows = rows_of(happenings)
    view = rehearsal_view(happenings, policy=policy.source)
    if csv_file:
        write_rows(csv_file, rows, compared=False)
    if html_file:
        write_page(html_file, "What the policy would do", view)
    if as_json:
        from crossdock.host.sync_rehearsal.happening import OUTCOMES, counted

        counts = counted(happenings)
        document = {
            "policy": policy.source,
            "looked_at": len(happenings),
            "outcomes": {name: counts[name] for name in OUTCOMES},
            "rows": rows,
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        show(view, csv_file, html_file)


@contextmanager
def trying(
    config: Path, system: str, changes: Path | None, as_json: bool
) -> Iterator[tuple[TryOn, Callable[[], Any]]]:
    """Give what tries a policy on, and what gives the policy in force."""
    from crossdock.cli.sync_load import progress
    from crossdock.host import Host

    with Host.open(config, role="crossdock sync rehearse") as host:

        def in_force() -> Any:
            return host.synchronising.policy

        if changes is not None:
            from crossdock.host.sync_rehearsal.recorded import RecordedChanges

            yield RecordedChanges.read(changes, crm_system=host.crm.system).try_on, in_force
            return
        from crossdock.host.sync_rehearsal.live import live_pair

        with progress(as_json) as tell, live_pair(host, system, tell) as pair:
            yield pair.try_on, in_force


def show(view: View, *files: Path | None) -> None:
    """Print a view, and say what was written where."""
    from crossdock.render.text import render_text

    columns = shutil.get_terminal_size((_WIDTH_OF_A_PIPE, 24)).columns
    click.echo(render_text(view, width=columns, color=sys.stdout.isatty()))
    for file in files:
        if file is not None:
            click.echo(f"written: {file}")


def write_rows(file: Path, rows: Sequence[Mapping[str, str]], *, compared: bool) -> None:
    """Write every row as CSV."""
    from crossdock.host.sync_rehearsal.showing import write_csv

    with _opened(file) as stream:
        write_csv(rows, stream, compared=compared)


def write_page(file: Path, title: str, view: View) -> None:
    """Write a view as a page that needs nothing beside it."""
    from crossdock.render.page import render_page

    with _opened(file) as stream:
        stream.write(render_page(title, view))


@contextmanager
def _opened(file: Path) -> Iterator[IO[str]]:
    try:
        with file.open("w", encoding="utf-8", newline="") as stream:
            yield stream
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error
