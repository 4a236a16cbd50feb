"""`crossdock sync compare`: what two policies would do differently, and why."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import click

from crossdock.cli.options import host_config, json_answer
from crossdock.cli.sync_rehearse import (
    changes_option,
    csv_option,
    html_option,
    show,
    trying,
    write_page,
    write_rows,
)

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("compare")
@click.argument("first", type=_FILE)
@click.argument("second", type=_FILE)
@click.option("--system", default="", help="The ERP; the first one by default.")
@changes_option
@csv_option
@html_option
@json_answer
@host_config
def command(
    first: Path,
    second: Path,
    system: str,
    changes: Path | None,
    csv_file: Path | None,
    html_file: Path | None,
    as_json: bool,
    config: Path,
) -> None:
    """Say where the policies FIRST and SECOND would not do the same, field by field.

    Both are tried on the same records, or on the same recorded changes. Nothing is written.

    \b
    Examples:
      crossdock sync compare ownership.toml stricter.toml
      crossdock sync compare a.toml b.toml --changes october.jsonl --html compared.html
    """
    from crossdock.host.sync_rehearsal.happening import OUTCOMES, counted, differences
    from crossdock.host.sync_rehearsal.showing import comparison_view, difference_rows
    from crossdock.host.synchronising.policy_file import read_policy

    policies = read_policy(first), read_policy(second)
    with trying(config, system, changes, as_json) as (try_on, _in_force):
        mine, theirs = (list(try_on(each)) for each in policies)
    if not mine:
        raise click.ClickException("Neither system gave a single record: nothing was compared.")
    found = list(differences(mine, theirs))
    view = comparison_view(mine, theirs, found, names=(str(first), str(second)))
    if csv_file:
        write_rows(csv_file, difference_rows(found), compared=True)
    if html_file:
        write_page(html_file, "What two policies would do", view)
    if as_json:
        sides = {
            str(file): {name: counted(each)[name] for name in OUTCOMES}
            for file, each in ((first, mine), (second, theirs))
        }
        document = {
            "looked_at": len(mine),
            "outcomes": sides,
            "differences": [attrs.asdict(each) for each in found],
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        show(view, csv_file, html_file)
