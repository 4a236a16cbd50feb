"""`crossdock placements`: orders on their way into an ERP, and a person's word on one in doubt."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossdock.cli import Commands
from crossdock.cli.options import host_config, json_answer

if TYPE_CHECKING:
    from crossdock.host import Host
    from crossdock.host.placements.placement import Placement

_user = click.option(
    "--user", help="Who says so, a user of the CRM; whoever is at the shell by default."
)
_order = click.argument("order_id", metavar="ORDER")
_STATES = ("intended", "sent", "acknowledged", "refused", "possibly_created")


@click.group("placements", cls=Commands)
def command() -> None:
    """See orders on their way into an ERP; say what became of one in doubt."""


@command.command("list")
@host_config
@click.option(
    "--state", "states", type=click.Choice(_STATES), multiple=True,
    help="Only those; may be given again. `possibly_created` waits for a person.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_answer
def list_(config: Path, states: tuple[Any, ...], limit: int, as_json: bool) -> None:
    """List them with their evidence, the latest change first.

    \b
    Examples:
      crossdock placements list --state possibly_created
      crossdock placements list --json
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock placements") as host:
        found = host.placements.list(states=states, limit=limit)
    if as_json:
        click.echo(json.dumps([_plain(each) for each in found], indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("There are no such orders.")
    for each in found:
        _tell(each, as_json=False)


@command.command()
@_order
@click.option("--as", "erp_order", required=True, help="The ERP's order, such as SO-100001.")
@_user
@host_config
@json_answer
def confirm(order_id: str, erp_order: str, user: str | None, config: Path, as_json: bool) -> None:
    """Say that the ERP has the order; it is read there first, and its delivery goes on.

    \b
    Examples:
      crossdock placements confirm R-1001 --as SO-100001 --user kim
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock placements") as host:
        _tell(host.confirm_placement(order_id, erp_order, actor=_actor(host, user)), as_json)


@command.command()
@_order
@click.option("--reason", required=True, help="How you know.")
@_user
@host_config
@json_answer
def deny(order_id: str, reason: str, user: str | None, config: Path, as_json: bool) -> None:
    """Say that the ERP does not have the order, so that it is sent.

    \b
    Examples:
      crossdock placements deny R-1001 --reason "accounting looked" --user kim
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock placements") as host:
        _tell(host.deny_placement(order_id, actor=_actor(host, user), reason=reason), as_json)


def _actor(host: Host, user: str | None) -> str:
    return f"user:{host.user(user).id}" if user else f"shell:{getpass.getuser()}"


def _tell(placement: Placement, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_plain(placement), indent=2, ensure_ascii=False))
        return
    there = f" as {placement.erp_order_id}" if placement.erp_order_id else ""
    click.echo(
        f"{click.style(placement.reference, bold=True)}  {placement.state}  in "
        f"{placement.erp_system} for {placement.customer_id}{there}"
    )
    for each in placement.evidence:
        click.echo(f"  {each.at:%Y-%m-%d %H:%M:%S} UTC  {each.text}")


def _plain(placement: Placement) -> dict[str, Any]:
    return {
        "order_id": placement.reference,
        "erp_system": placement.erp_system,
        "customer_id": placement.customer_id,
        "state": placement.state,
        "erp_order_id": placement.erp_order_id,
        "evidence": [{"at": e.at.isoformat(), "text": e.text} for e in placement.evidence],
        "changed_at": placement.changed_at.isoformat(),
    }
