"""`crossdock deliveries`: what became of events, and the exceptions queue."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossdock.cli.options import host_config, json_answer

if TYPE_CHECKING:
    from crossdock.host.deliveries import Attempt, Deliveries, Delivery

_STATES = ("queued", "running", "waiting", "behind", "done", "rehearsed", "dead", "given_up")
_PER_DROP = 500
_FAILURES = ("transient", "business", "data", "authorization", "bug", "possibly_created")


@click.group("deliveries")
def command() -> None:
    """See what became of events; put right what is in the exceptions queue."""


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
    with _deliveries(config) as deliveries:
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
        document = {"deliveries": [_plain(each) for each in found], "counts": dict(counts)}
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
    with _deliveries(config) as deliveries:
        found = deliveries.get(delivery_id)
        payload = deliveries.payload(delivery_id)
        attempts = deliveries.attempts(delivery_id)
        history = deliveries.history(delivery_id)
    if as_json:
        document = {
            **_plain(found),
            "payload": json.loads(payload),
            "attempts": [_plain_attempt(each) for each in attempts],
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
        ("published", _instant(found.created_at)),
        ("begun", _instant(found.started_at)),
        ("due", _instant(found.due_at)),
        ("finished", _instant(found.finished_at)),
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
        for at, who, what, why in sorted(told, key=lambda each: _instant(each[0])):
            click.echo(f"  {_instant(at)}  {who}  {what}  {why}".rstrip())
    if found.traceback:
        click.echo("\n" + found.traceback.rstrip())
    if found.state == "dead":
        click.echo(f"\nRetry it with: crossdock deliveries retry {found.id}")
        if found.event_type == "order_promoted" and found.failure != "possibly_created":
            click.echo(f"or change it with: crossdock deliveries edit {found.id} --help")


@command.command()
@click.argument("delivery_ids", metavar="DELIVERY...", nargs=-1, required=True)
@host_config
@json_answer
def retry(delivery_ids: tuple[str, ...], config: Path, as_json: bool) -> None:
    """Try dead deliveries again, waiting ones at once, or rehearsed ones for good.

    Steps that were done are not done again.

    \b
    Examples:
      crossdock deliveries retry D-17 D-18
    """
    with _deliveries(config) as deliveries:
        retried = [deliveries.retry(delivery_id, actor=_actor()) for delivery_id in delivery_ids]
    if as_json:
        click.echo(json.dumps([_plain(each) for each in retried], indent=2, ensure_ascii=False))
        return
    for each in retried:
        click.echo(f"{each.id} is {each.state}: {each.event_type} of {each.subject}")


@command.command()
@click.argument("delivery_id", metavar="DELIVERY")
@host_config
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="FIELD=TEXT",
    help="Such as lines.0.quantity=3, lines.0.item_id=BRG-1002, trading_account=main:C-10001 or "
    "ship_to.city=Lyon; lines.2.remove=yes takes a line out. May be given again.",
)
@click.option("--because", "reason", help="Why; it is kept.")
@json_answer
def edit(
    delivery_id: str, config: Path, sets: tuple[str, ...], reason: str | None, as_json: bool
) -> None:
    """Change the order that a stuck delivery carries, and try it again.

    Without --set it shows the fields that can be changed. What the delivery carried before is
    kept. An order that is, or may be, in the ERP already is not changed here.

    \b
    Examples:
      crossdock deliveries edit D-17
      crossdock deliveries edit D-17 --set lines.0.quantity=3 --because "mistyped"
    """
    changes = {}
    for each in sets:
        name, equals, text = each.partition("=")
        if not equals:
            raise click.UsageError(f"--set {each!r} names no text; write FIELD=TEXT")
        changes[name.strip()] = text
    with _deliveries(config) as deliveries:
        if not changes:
            fields = deliveries.editable(delivery_id)
            if as_json:
                click.echo(json.dumps(dict(fields), indent=2, ensure_ascii=False))
                return
            for name, text in fields.items():
                click.echo(f"{name}={text}")
            return
        if not reason:
            raise click.UsageError("say why with --because; it is kept beside the change")
        found = deliveries.edit(delivery_id, changes, actor=_actor(), reason=reason)
    _answer(found, as_json, f"{found.id} is {found.state} as revision {found.revision}")


@command.command()
@click.argument("delivery_id", metavar="DELIVERY")
@click.argument("assignee")
@host_config
@json_answer
def assign(delivery_id: str, assignee: str, config: Path, as_json: bool) -> None:
    """Say who is to look after a delivery: user:U-kim, role:accounting, or nobody.

    \b
    Examples:
      crossdock deliveries assign D-17 user:U-kim
    """
    with _deliveries(config) as deliveries:
        whom = "" if assignee == "nobody" else assignee
        found = deliveries.assign(delivery_id, whom, actor=_actor())
    _answer(found, as_json, f"{found.id} is for {found.assignee or 'nobody'}")


@command.command()
@click.argument("delivery_id", metavar="DELIVERY")
@click.argument("text")
@host_config
@json_answer
def note(delivery_id: str, text: str, config: Path, as_json: bool) -> None:
    """Add a note for whoever looks at a delivery next.

    \b
    Examples:
      crossdock deliveries note D-17 "asked the customer"
    """
    with _deliveries(config) as deliveries:
        found = deliveries.note(delivery_id, text, actor=_actor())
    _answer(found, as_json, f"{found.id}: noted")


@command.command("give-up")
@click.argument("delivery_id", metavar="DELIVERY")
@host_config
@click.option("--because", "reason", required=True, help="Why; it is kept.")
@json_answer
def give_up(delivery_id: str, config: Path, reason: str, as_json: bool) -> None:
    """Decide that a delivery is not to be done; what waited behind it goes on.

    \b
    Examples:
      crossdock deliveries give-up D-17 --because "ordered by telephone"
    """
    with _deliveries(config) as deliveries:
        found = deliveries.give_up(delivery_id, actor=_actor(), reason=reason)
    _answer(found, as_json, f"{found.id} is given up")


@command.command()
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
    with _deliveries(config) as deliveries:
        if try_now is not None:
            deliveries.circuits.try_now(try_now, actor=_actor())
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
            else f"it is tried again at {_instant(each.probe_at)}"
        )
        click.echo(
            f"{each.system} is away since {_instant(each.opened_at)}; {each.held} deliveries wait "
            f"for it, {next_try} ({each.probes} tries so far): {each.cause}"
        )


@command.command()
@host_config
@click.option(
    "--older-than",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="What was over longer ago; over [store] keep_days.",
)
@click.option(
    "--export",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take what is in the archive out of it, into a new file of JSON lines.",
)
@json_answer
def archive(config: Path, older_than: int | None, export: Path | None, as_json: bool) -> None:
    """Move what is over for long into the store's archive, and take it out as a file.

    Workers do the first by themselves where [store] keep_days is set.

    \b
    Examples:
      crossdock deliveries archive --older-than 90
    """
    moved = exported = 0
    with _deliveries(config) as deliveries:
        days = deliveries.settings.keep_days if older_than is None else older_than
        if days is None and export is None:
            raise click.UsageError("name --older-than DAYS, or set keep_days under [store]")
        while days is not None and (batch := deliveries.archive.move(timedelta(days=days))):
            moved += batch
        if export is not None:
            exported = _export(deliveries, export)
        left = deliveries.archive.count()
    if as_json:
        click.echo(json.dumps({"moved": moved, "exported": exported, "archived": left}))
        return
    click.echo(f"{moved} deliveries were moved into the archive; it holds {left}.")
    if export is not None:
        click.echo(f"{exported} were written to {export}.")


def _export(deliveries: Deliveries, file: Path) -> int:
    """Write the archive to a new file, and drop from it what is safely there."""
    numbers = []
    try:
        with file.open("x", encoding="utf-8") as lines:
            for document in deliveries.archive.documents():
                lines.write(json.dumps(document, ensure_ascii=False) + "\n")
                numbers.append(int(document["id"].removeprefix("D-")))
            lines.flush()
            os.fsync(lines.fileno())
    except FileExistsError:
        raise click.UsageError(f"{file} is there already; name a new file") from None
    for first in range(0, len(numbers), _PER_DROP):
        deliveries.archive.drop(numbers[first : first + _PER_DROP])
    return len(numbers)


def _actor() -> str:
    return f"shell:{getpass.getuser()}"


def _answer(delivery: Delivery, as_json: bool, text: str) -> None:
    if as_json:
        click.echo(json.dumps(_plain(delivery), indent=2, ensure_ascii=False))
    else:
        click.echo(text)


@contextmanager
def _deliveries(config: Path) -> Iterator[Deliveries]:
    # Only the store is opened: the queue must be there to be looked at when a plugin is broken or
    # a system is away.
    from crossdock.host.asking.services import wall_clock
    from crossdock.host.deliveries import Deliveries, DeliverySettings
    from crossdock.host.settings.config import HostConfig
    from crossdock.host.store import Store

    read = HostConfig.read(config)
    with (
        Store.open(read.store_url, clock=wall_clock(read.clock_offset)) as store,
        Deliveries.open(
            store, settings=DeliverySettings.of(read.deliveries, read.limits, read.keep_days)
        ) as deliveries,
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
        "system": delivery.system,
        "held_by": delivery.held_by,
        "assignee": delivery.assignee,
        "revision": delivery.revision,
    }


def _plain_attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "outcome": attempt.outcome,
        "worker": attempt.worker,
        "began_at": attempt.began_at and attempt.began_at.isoformat(),
        "ended_at": attempt.ended_at and attempt.ended_at.isoformat(),
        "seconds": attempt.seconds,
        "revision": attempt.revision,
        "failure": attempt.failure,
        "system": attempt.system,
        "cause": attempt.cause,
        "evidence": attempt.evidence,
    }
