"""`crossdock sync record`: what people change, written down to try policies on."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import click

from crossdock.cli.options import host_config, json_answer


@click.command("record")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--system", default="", help="The ERP; the first one by default.")
@json_answer
@host_config
def command(file: Path, system: str, as_json: bool, config: Path) -> None:
    """Add to FILE what changed in both systems, to try policies on it.

    Nothing is written to either. The first time the file is begun with what all linked accounts
    and customers have. Run it as often as changes shall be told apart: of a record that was changed
    twice in between, both changes are recorded as one. `crossdock sync rehearse --changes FILE`
    tries a policy on it.

    \b
    Examples:
      crossdock sync record october.jsonl
      crossdock sync record october.jsonl --system uk --json
    """
    from crossdock.cli.sync_load import progress
    from crossdock.host import Host
    from crossdock.host.sync_rehearsal.recording import Recording

    with Host.open(config, role="crossdock sync record") as host, progress(as_json) as tell:
        recorded = Recording(host, file, system).run(tell)
    if as_json:
        click.echo(json.dumps(attrs.asdict(recorded), indent=2))
        return
    if recorded.begun:
        click.echo(f"{file} begins with {recorded.pairs:,} pairs; run it again to add changes.")
        return
    click.echo(
        f"{recorded.changes:,} changes were added to {file}, and {recorded.own:,} that this host "
        "made itself, which are not played"
    )
    if recorded.gone:
        click.echo(f"{recorded.gone:,} records are not there any more; they are left out.")
    for name in recorded.silent:
        click.echo(f"{name} does not tell who wrote: what this host wrote there is played as well.")
