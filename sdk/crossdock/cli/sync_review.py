"""`crossdock sync review`: what may be there already and waits for a person's word."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crossdock.cli.options import host_config, json_answer


@click.command("review")
@host_config
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@json_answer
def command(config: Path, limit: int, as_json: bool) -> None:
    """List what may be there already, the surest first, with every reason and its points.

    `crossdock links confirm` and `reject` take your word, as the desk does; the next
    `crossdock sync load` goes by it.

    \b
    Examples:
      crossdock sync review
      crossdock sync review --json --limit 1000
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock sync review") as host:
        found = host.store.proposals.list(host.crm.system, limit=limit)
        waiting = host.store.proposals.count(host.crm.system)
    if as_json:
        document = {
            "waiting": waiting,
            "pairs": [
                {
                    "account_id": each.account_id,
                    "account_name": each.account_name,
                    "customer": each.ref,
                    "customer_name": each.customer_name,
                    "belongs_to": each.instead_of_account or None,
                    "score": each.score,
                    "reasons": [{"text": text, "points": points} for text, points in each.reasons],
                }
                for each in found
            ],
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("Nothing waits for a person's word.")
        return
    for each in found:
        click.secho(f"{each.score:>3}  {each.account_name}  =  {each.customer_name} ?", bold=True)
        click.echo(f"     account {each.account_id}, customer {each.ref}")
        for text, points in each.reasons:
            click.echo(f"     {points:>+5}  {text}")
        if each.instead_of_account:
            click.echo(f"     it belongs to account {each.instead_of_account} now")
    click.echo(f"{waiting:,} wait. Say which: crossdock links confirm|reject ACCOUNT CUSTOMER")
