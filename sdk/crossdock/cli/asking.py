"""`crossdock plugins ask`: one call of a guard point, told plugin by plugin; nothing is written."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from crossdock.cli.options import host_config, json_answer

if TYPE_CHECKING:
    from crossdock.host import Host
    from crossdock.host.asking.explanation import Explanation, Step
    from crossdock.host.asking.verdict import Verdict

_COLOURS: Final = {
    "agreed": "green",
    "amended": "cyan",
    "warned": "yellow",
    "wants approval": "yellow",
    "vetoed": "red",
    "failed": "red",
    "was not asked": "red",
}


@click.command("ask")
@click.argument("point")
@click.argument("record")
@click.option("--user", required=True, help="On whose behalf: id or login name.")
@host_config
@json_answer
def command(point: str, record: str, user: str, config: Path, as_json: bool) -> None:
    """Ask the guards of POINT about RECORD of the CRM, and tell who did what, why, and how long.

    The record is judged as it stands. It is a dry run: what plugins write is not sent.

    \b
    Example:
      crossdock plugins ask before_order_promote Q-1001 --user kim
    """
    from crossdock.host import Host
    from crossdock.host.asking.explanation import explain
    from crossdock.host.gateway.rehearsal import rehearsal

    with Host.open(config, role="crossdock plugins ask") as host, rehearsal():
        verdict = _asked(host, point, record, user)
    explanation = explain(verdict)
    if as_json:
        click.echo(json.dumps(_document(explanation), indent=2, ensure_ascii=False))
    else:
        _tell(record, user, explanation)


def _asked(host: Host, point: str, record_id: str, user: str) -> Verdict:
    from crossdock.host.saving.saving import SUBJECTS

    subject = SUBJECTS.get(point)
    record = None if subject is None else getattr(host.crm, subject)(record_id)
    return host.ask(point, record, user=user, before=record)


def _document(explanation: Explanation) -> dict[str, Any]:
    return {
        "point": explanation.point,
        "allowed": explanation.allowed,
        "seconds": explanation.seconds,
        "steps": [
            {
                "plugin": step.plugin_id,
                "seconds": step.seconds,
                "outcome": step.outcome,
                "amendments": [
                    {
                        "reason": amendment.reason,
                        "changes": [
                            {"field": c.field, "from": _plain(c.old), "to": _plain(c.new)}
                            for c in amendment.changes
                        ],
                    }
                    for amendment in step.amendments
                ],
                "findings": [
                    {
                        "message": finding.message,
                        "code": finding.code,
                        "field": finding.field,
                        "role": finding.role,
                    }
                    for finding in step.findings
                ],
                "fault": step.fault.message if step.fault else None,
            }
            for step in explanation.steps
        ],
    }


def _tell(record: str, user: str, explanation: Explanation) -> None:
    click.echo(f"{click.style(explanation.point, bold=True)} of {record} for {user}")
    if not explanation.steps:
        click.echo("No plugin is asked.")
    width = max((len(step.plugin_id) for step in explanation.steps), default=0)
    for number, step in enumerate(explanation.steps, start=1):
        _tell_step(number, step, width)
    click.echo()
    total = f"{explanation.seconds * 1000:,.1f} ms in all"
    if explanation.allowed:
        click.secho(f"Nothing stands against it; {total}.", fg="green")
    else:
        click.secho(f"It is stopped; {total}.", fg="red")


def _tell_step(number: int, step: Step, width: int) -> None:
    took = "" if step.seconds is None else f"{step.seconds * 1000:>9,.1f} ms"
    outcome = click.style(step.outcome, fg=_COLOURS[step.outcome])
    name = click.style(step.plugin_id.ljust(width), bold=True)
    click.echo(f"{number:>3}. {name}  {took:>12}  {outcome}")
    for amendment in step.amendments:
        click.echo(f"       because: {amendment.reason or 'no reason was given'}")
        fields = max(len(change.field) for change in amendment.changes)
        for change in amendment.changes:
            click.echo(
                f"       {change.field.ljust(fields)}  {_shown(change.old)} -> {_shown(change.new)}"
            )
    for finding in step.findings:
        where = f" ({finding.field})" if finding.field else ""
        who = f", to be agreed to by {finding.role}" if finding.role else ""
        click.echo(f"       {finding.message}{who}{where}")
    if step.fault is not None:
        click.echo(f"       {step.fault.message}")


def _plain(value: Any) -> str | None:
    return None if value is None else _shown(value)


def _shown(value: Any) -> str:
    """Show a field's value in a line; of a record or a list only what it is."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, str | int | bool | Decimal | date):
        return str(value)
    if isinstance(value, tuple | list):
        return f"{len(value)} {'entry' if len(value) == 1 else 'entries'}"
    text = str(value)
    return text if len(text) <= 60 else f"{type(value).__name__} {getattr(value, 'id', '')}".strip()
