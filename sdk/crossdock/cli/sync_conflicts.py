"""`crossdock sync conflicts`: what CRM and ERP say differently and a person has to decide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossdock.cli.options import host_config, json_answer

if TYPE_CHECKING:
    from crossdock.records import SyncConflict

_STATES = ("open", "decided", "carried_out", "over")


@click.command("conflicts")
@host_config
@click.option(
    "--state", "states", type=click.Choice(_STATES), multiple=True,
    help="Only those; may be given again. Default: open.",
)  # fmt: skip
@click.option("--account", help="Only of this account of the CRM, such as A-1001.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_answer
def command(
    config: Path, states: tuple[Any, ...], account: str | None, limit: int, as_json: bool
) -> None:
    """List what CRM and ERP say differently and the policy leaves to a person.

    \b
    Examples:
      crossdock sync conflicts
      crossdock sync conflicts --account A-1001 --json
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock sync") as host:
        found = host.store.sync_conflicts.list(
            states=states or ("open",), account_id=account, limit=limit
        )
    if as_json:
        click.echo(json.dumps([plain(each) for each in found], indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("There are no such conflicts.")
    for each in found:
        tell(each)


def tell(conflict: SyncConflict) -> None:
    """Print one conflict with both values and their evidence."""
    number = click.style(str(conflict.number), bold=True)
    click.echo(f"{number}  {conflict.state}  {conflict.field} of {conflict.name}")
    rows = {
        "crm": _side(conflict.crm_id, conflict.crm_value, conflict.crm_by, conflict.crm_at),
        conflict.erp_system: _side(
            conflict.erp_id, conflict.erp_value, conflict.erp_by, conflict.erp_at
        ),
        "agreed": conflict.agreed_crm or conflict.agreed_erp or "",
        "why": conflict.reason,
        "decided": _decision(conflict),
        "comment": conflict.comment,
    }
    for name, text in rows.items():
        if text:
            click.echo(f"  {name:<10} {text}")


def plain(conflict: SyncConflict) -> dict[str, Any]:
    """Give a conflict as JSON data."""
    import attrs

    values = attrs.asdict(conflict, recurse=False)
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }


def _side(record_id: str, value: str | None, by: str, at: Any) -> str:
    if value is None:
        return "there is none any more"
    told = f"{record_id}: {value or '(empty)'}"
    told += f", changed {at:%Y-%m-%d %H:%M} UTC" if at else ""
    return told + (f" by {by}" if by else "")


def _decision(conflict: SyncConflict) -> str:
    if not conflict.take:
        return ""
    taken = conflict.value if conflict.take == "value" else f"the value of the {conflict.take}"
    return f"{taken}, by {conflict.decided_by.removeprefix('user:')}"
