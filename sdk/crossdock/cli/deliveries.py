"""`crossdock deliveries`: what became of events, and the exceptions queue."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from crossdock.host.deliveries import Deliveries, Delivery

_config = click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("crossdock.toml"),
    show_default=True,
    help="The host's configuration.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
_STATES = ("queued", "running", "waiting", "behind", "done", "dead", "given_up")


@click.group("deliveries")
def command() -> None:
    """See what became of events; retry what is in the exceptions queue."""


@command.command("list")
@_config
@click.option(
    "--state",
    "states",
    type=click.Choice(_STATES),
    multiple=True,
    help="Only those; may be given again. `dead` is the exceptions queue.",
)
@click.option("--plugin", help="Only deliveries to this plugin.")
@click.option("--subject", help="Only about this record, such as R-1001.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@_json
def list_(
    config: Path,
    states: tuple[Any, ...],
    plugin: str | None,
    subject: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List deliveries, newest first."""
    with _deliveries(config) as deliveries:
        found = deliveries.list(states=states, plugin_id=plugin, subject=subject, limit=limit)
        counts = deliveries.counts()
    if as_json:
        document = {"deliveries": [_plain(each) for each in found], "counts": dict(counts)}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("There are no such deliveries." if any(counts.values()) else "None yet.")
        return
    rows = [("", "state", "event", "of", "plugin", "tries", "cause")]
    rows += [
        (
            each.id,
            each.state,
            each.event_type,
            each.subject,
            each.plugin_id,
            str(each.attempts),
            f"({each.failure}) {each.cause}" if each.failure else "",
        )
        for each in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*cells, row[6]]).rstrip())
    click.echo(", ".join(f"{counts[state]} {state}" for state in _STATES if state in counts))


@command.command()
@click.argument("delivery_id", metavar="DELIVERY")
@_config
@_json
def show(delivery_id: str, config: Path, as_json: bool) -> None:
    """Show one delivery, such as D-17, with its cause and its event."""
    with _deliveries(config) as deliveries:
        found = deliveries.get(delivery_id)
        payload = deliveries.payload(delivery_id)
    if as_json:
        document = {**_plain(found), "payload": json.loads(payload)}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    for name, value in (
        ("delivery", found.id),
        ("event", f"{found.event_type} of {found.subject} ({found.event_id})"),
        ("plugin", f"{found.plugin_id} {found.plugin_version}".strip()),
        ("state", found.state),
        ("tries", str(found.attempts)),
        ("worker", found.worker),
        ("published", _instant(found.created_at)),
        ("begun", _instant(found.started_at)),
        ("due", _instant(found.due_at)),
        ("finished", _instant(found.finished_at)),
        ("failure", found.failure or ""),
        ("cause", found.cause),
    ):
        if value:
            click.echo(f"{name:<10} {value}")
    if found.traceback:
        click.echo("\n" + found.traceback.rstrip())
    if found.state == "dead":
        click.echo(f"\nRetry it with: crossdock deliveries retry {found.id}")


@command.command()
@click.argument("delivery_ids", metavar="DELIVERY...", nargs=-1, required=True)
@_config
@_json
def retry(delivery_ids: tuple[str, ...], config: Path, as_json: bool) -> None:
    """Try dead deliveries again, or waiting ones at once.

    Steps that were done are not done again.
    """
    with _deliveries(config) as deliveries:
        retried = [
            deliveries.retry(delivery_id, actor=f"shell:{getpass.getuser()}")
            for delivery_id in delivery_ids
        ]
    if as_json:
        click.echo(json.dumps([_plain(each) for each in retried], indent=2, ensure_ascii=False))
        return
    for each in retried:
        click.echo(f"{each.id} is {each.state}: {each.event_type} of {each.subject}")


@contextmanager
def _deliveries(config: Path) -> Iterator[Deliveries]:
    # Only the store is opened: the queue must be there to be looked at when a plugin is broken or
    # a system is away.
    from crossdock.host.config import HostConfig
    from crossdock.host.deliveries import Deliveries
    from crossdock.host.services import wall_clock
    from crossdock.host.store import Store

    read = HostConfig.read(config)
    with (
        Store.open(read.store_url, clock=wall_clock(read.clock_offset)) as store,
        Deliveries.open(store) as deliveries,
    ):
        yield deliveries


def _instant(instant: datetime | None) -> str:
    return "" if instant is None else f"{instant:%Y-%m-%d %H:%M:%S} UTC"


def _plain(delivery: Delivery) -> dict[str, Any]:
    def text(instant: datetime | None) -> str | None:
        return None if instant is None else instant.isoformat()

    return {
        "id": delivery.id,
        "state": delivery.state,
        "event": delivery.event_id,
        "event_type": delivery.event_type,
        "subject": delivery.subject,
        "plugin": delivery.plugin_id,
        "plugin_version": delivery.plugin_version,
        "attempts": delivery.attempts,
        "worker": delivery.worker,
        "published_at": text(delivery.created_at),
        "started_at": text(delivery.started_at),
        "due_at": text(delivery.due_at),
        "finished_at": text(delivery.finished_at),
        "failure": delivery.failure,
        "cause": delivery.cause,
        "traceback": delivery.traceback,
    }
