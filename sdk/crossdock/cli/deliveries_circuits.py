"""`crossdock deliveries circuits`: the remote systems that are away, and what waits for them."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crossdock.cli.deliveries_answers import actor, in_words, opened
from crossdock.cli.options import host_config, json_answer


@click.command()
@host_config
@click.option(
    "--try-now",
    metavar="SYSTEM",
    help="Try this one at once, whatever it asked for: one delivery goes ahead as the probe.",
)
@json_answer
def circuits(config: Path, try_now: str | None, as_json: bool) -> None:
    """List the remote systems that are away, and how many deliveries wait for each.

    \b
    Examples:
      crossdock deliveries circuits
      crossdock deliveries circuits --try-now main
    """
    with opened(config) as deliveries:
        if try_now is not None:
            deliveries.circuits.try_now(try_now, actor=actor())
        found = deliveries.circuits.list()
    if as_json:
        document = [
            {
                "system": each.system,
                "state": each.state,
                "cause": each.cause,
                "opened_at": each.opened_at.isoformat(),
                "probe_at": each.probe_at.isoformat(),
                "probes": each.probes,
                "held": each.held,
            }
            for each in found
        ]
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("No system is away.")
    for each in found:
        next_try = (
            "it is tried just now"
            if each.state == "half_open"
            else f"it is tried again at {in_words(each.probe_at)}"
        )
        click.echo(
            f"{each.system} is away since {in_words(each.opened_at)}; {each.held} deliveries wait "
            f"for it, {next_try} ({each.probes} tries so far): {each.cause}"
        )
