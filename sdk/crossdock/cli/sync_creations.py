"""`crossdock sync creations`: new records on their way into the other system."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossdock.cli.options import host_config, json_answer

if TYPE_CHECKING:
    from crossdock.host.store.sync_creations import Creation

_STATES = ("intended", "sent", "made", "refused", "possibly_created")


@click.command("creations")
@host_config
@click.option(
    "--state", "states", type=click.Choice(_STATES), multiple=True,
    help="Only those; may be given again. Default: possibly_created, which waits for a person.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_answer
def command(config: Path, states: tuple[Any, ...], limit: int, as_json: bool) -> None:
    """List new records of which nobody knows whether they were made.

    \b
    Examples:
      crossdock sync creations
      crossdock sync creations --state sent --state refused --json
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock sync") as host:
        wanted = states or ("possibly_created",)
        found = host.store.sync_creations.list(states=wanted, limit=limit)
    if as_json:
        click.echo(json.dumps([plain(each) for each in found], indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("There are no such records.")
    for each in found:
        tell(each)


def tell(creation: Creation) -> None:
    """Print one with its evidence."""
    what = click.style(creation.from_id, bold=True)
    there = f" as {creation.made_id}" if creation.made_id else ""
    click.echo(
        f"{what}  {creation.state}  {creation.entity} of {creation.from_system}, "
        f"in {creation.to_system}{there}"
    )
    for at, text in creation.evidence:
        click.echo(f"  {at:%Y-%m-%d %H:%M:%S} UTC  {text}")


def plain(creation: Creation) -> dict[str, Any]:
    """Give one as JSON data."""
    return {
        "entity": creation.entity,
        "from_system": creation.from_system,
        "from_id": creation.from_id,
        "to_system": creation.to_system,
        "state": creation.state,
        "made_id": creation.made_id,
        "evidence": [{"at": at.isoformat(), "text": text} for at, text in creation.evidence],
        "sent_at": creation.sent_at.isoformat(),
        "changed_at": creation.changed_at.isoformat(),
    }
