"""`crossdock deliveries`: what became of events, and the exceptions queue."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from crossdock.cli import Commands
from crossdock.cli.deliveries_answers import in_words, opened, plain, plain_attempt
from crossdock.cli.deliveries_archive import archive
from crossdock.cli.deliveries_circuits import circuits
from crossdock.cli.deliveries_interventions import assign, edit, give_up, note, retry
from crossdock.cli.options import host_config, json_answer

_STATES = ("queued", "running", "waiting", "behind", "done", "rehearsed", "dead", "given_up")
_FAILURES = ("transient", "business", "data", "authorization", "bug", "possibly_created")


@click.group("deliveries", cls=Commands)
def command() -> None:
    """See what became of events; put right what is in the exceptions queue."""


for _each in (retry, edit, assign, note, give_up, circuits, archive):
    command.add_command(_each)


@command.command("list")
@host_config
@click.option(
    "--state",
    "states",
    type=click.Choice(_STATES),
    multiple=True,
    help="Only those; may be given again. `dead` is the exceptions queue, `rehearsed` what a "
    "plugin in dry run took.",
)
@click.option("--plugin", help="Only deliveries to this plugin.")
@click.option("--subject", help="Only about this record, such as R-1001.")
@click.option(
    "--failure",
    "failures",
    type=click.Choice(_FAILURES),
    multiple=True,
    help="Only what failed for this reason; may be given again.",
)
@click.option("--system", help="Only what failed at this remote system, or waits for it.")
@click.option(
    "--assignee", help="Only what user:U-kim or role:accounting has; `nobody` for the rest."
)
@click.option(
    "--older-than",
    type=click.FloatRange(min=0),
    metavar="HOURS",
    help="Only what was published longer ago.",
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_answer
def list_(
    config: Path,
    states: tuple[Any, ...],
    plugin: str | None,
    subject: str | None,
    failures: tuple[Any, ...],
    system: str | None,
    assignee: str | None,
    older_than: float | None,
    limit: int,
    as_json: bool,
) -> None:
    """List deliveries, newest first.

    \b
    Examples:
      crossdock deliveries list --state dead
      crossdock deliveries list --plugin straight-through --json
    """
    with opened(config) as deliveries:
        found = deliveries.list(
            states=states,
            plugin_id=plugin,
            subject=subject,
            failures=failures,
            system=system,
            assignee="" if assignee == "nobody" else assignee,
            published_before=(
                deliveries.store.clock() - timedelta(hours=older_than) if older_than else None
            ),
            limit=limit,
        )
        counts = deliveries.counts()
    if as_json:
        document = {"deliveries": [plain(each) for each in found], "counts": dict(counts)}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("There are no such deliveries." if any(counts.values()) else "None yet.")
        return
    rows = [("", "state", "event", "of", "plugin", "tries", "who", "cause")]
    rows += [
        (
            each.id,
            each.state,
            each.event_type,
            each.subject,
            each.plugin_id,
            str(each.attempts),
            each.assignee.partition(":")[2],
            f"({each.failure}) {each.cause}" if each.failure else each.cause,
        )
        for each in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(7)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*cells, row[7]]).rstrip())
    click.echo(", ".join(f"{counts[state]} {state}" for state in _STATES if state in counts))


@command.command()
@click.argument("delivery_id", metavar="DELIVERY")
@host_config
@json_answer
def show(delivery_id: str, config: Path, as_json: bool) -> None:
    """Show one delivery, such as D-17: its cause, its attempts and what people did with it.

    The exchange with the remote system that it failed at is in --json, and in the desk.

    \b
    Examples:
      crossdock deliveries show D-17
    """
    with opened(config) as deliveries:
        found = deliveries.get(delivery_id)
        payload = deliveries.payload(delivery_id)
        attempts = deliveries.attempts(delivery_id)
        history = deliveries.history(delivery_id)
    if as_json:
        document = {
            **plain(found),
            "payload": json.loads(payload),
            "attempts": [plain_attempt(each) for each in attempts],
            "history": [
                {
                    "at": each.at.isoformat(),
                    "actor": each.actor,
                    "action": each.action,
                    "detail": dict(each.detail),
                }
                for each in history
            ],
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    for name, value in (
        ("delivery", found.id),
        ("event", f"{found.event_type} of {found.subject} ({found.event_id})"),
        ("plugin", f"{found.plugin_id} {found.plugin_version}".strip()),
        ("state", found.state),
        ("tries", str(found.attempts)),
        ("assigned", found.assignee),
        ("revision", str(found.revision or "")),
        ("worker", found.worker),
        ("published", in_words(found.created_at)),
        ("begun", in_words(found.started_at)),
        ("due", in_words(found.due_at)),
        ("finished", in_words(found.finished_at)),
        ("failure", found.failure or ""),
        ("system", found.system),
        ("cause", found.cause),
    ):
        if value:
            click.echo(f"{name:<10} {value}")
    if attempts or history:
        click.echo("\nWhat happened")
        told: list[tuple[datetime | None, str, str, str]] = [
            (each.ended_at or each.began_at, each.worker, each.outcome, each.cause)
            for each in attempts
        ]
        told += [
            (
                each.at,
                each.actor,
                each.action,
                str(each.detail.get("reason") or each.detail.get("note") or ""),
            )
            for each in history
        ]
        for at, who, what, why in sorted(told, key=lambda each: in_words(each[0])):
            click.echo(f"  {in_words(at)}  {who}  {what}  {why}".rstrip())
    if found.traceback:
        click.echo("\n" + found.traceback.rstrip())
    if found.state == "dead":
        click.echo(f"\nRetry it with: crossdock deliveries retry {found.id}")
        if found.event_type == "order_promoted" and found.failure != "possibly_created":
            click.echo(f"or change it with: crossdock deliveries edit {found.id} --help")
