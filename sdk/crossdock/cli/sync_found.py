"""`crossdock sync found`: a person's word on a new record that was possibly created."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crossdock.cli.options import host_config, json_answer
from crossdock.cli.sync_creations import plain, tell


@click.command("found")
@click.argument("record", metavar="RECORD")
@click.option("--as", "there", help="It is there, with this number; it is read there first.")
@click.option("--none", "missing", is_flag=True, help="It is not there, so that it is made.")
@click.option("--in", "system", default="", help="Where, if it is in question in several systems.")
@click.option("--reason", default="", help="How you know, for the audit trail.")
@click.option("--user", required=True, help="Who says so: id or login name in the CRM.")
@host_config
@json_answer
def command(
    record: str,
    there: str | None,
    missing: bool,
    system: str,
    reason: str,
    user: str,
    config: Path,
    as_json: bool,
) -> None:
    """Say what you found of a new record made of RECORD; a worker goes on with it.

    \b
    Examples:
      crossdock sync found A-1001 --as C-10077 --user kim
      crossdock sync found C-10077 --none --reason "searched by name" --user kim
    """
    from crossdock.host import Host

    if (there is None) == (not missing):
        raise click.UsageError("say what you found: --as with its number, or --none")
    with Host.open(config, role="crossdock sync") as host:
        question = host.synchronising.in_question
        waiting = [
            each
            for each in question.list(limit=10_000)
            if each.from_id == record and system in ("", each.to_system)
        ]
        if not waiting:
            where = f" in {system}" if system else ""
            raise click.ClickException(
                f"Nothing made of {record} is in question{where}. List what is with: "
                "crossdock sync creations"
            )
        if len(waiting) > 1:
            names = ", ".join(sorted(each.to_system for each in waiting))
            raise click.UsageError(f"it is in question in {names}: say which with --in")
        decided = question.decide(waiting[0], host.user(user), there=there or "", reason=reason)
    if as_json:
        click.echo(json.dumps(plain(decided), indent=2, ensure_ascii=False))
    else:
        tell(decided)
