"""`crossdock sync decide`: a person's word on what CRM and ERP say differently."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from crossdock.cli.options import host_config, json_answer
from crossdock.cli.sync_conflicts import plain, tell


@click.command("decide")
@click.argument("number", type=click.IntRange(1))
@click.option(
    "--take", type=click.Choice(("crm", "erp")),
    help="Whose value is right; of a record that one side lost, the side that is right about it.",
)  # fmt: skip
@click.option("--value", help="The value that is right, where neither is.")
@click.option("--user", required=True, help="Who decides: id or login name in the CRM.")
@click.option("--comment", default="", help="Why, for the audit trail.")
@host_config
@json_answer
def command(
    number: int,
    take: Any,
    value: str | None,
    user: str,
    comment: str,
    config: Path,
    as_json: bool,
) -> None:
    """Decide conflict NUMBER; a worker carries it out.

    \b
    Examples:
      crossdock sync decide 7 --take erp --user kim
      crossdock sync decide 7 --value "Acme Works" --user kim
    """
    from crossdock.host import Host

    if (take is None) == (value is None):
        raise click.UsageError("say which value is right: --take crm, --take erp, or --value")
    with Host.open(config, role="crossdock sync") as host:
        decided = host.synchronising.decide(
            number,
            take or "value",
            host.user(user),
            value=value or "",
            comment=comment,
        )
    if as_json:
        click.echo(json.dumps(plain(decided), indent=2, ensure_ascii=False))
    else:
        tell(decided)
