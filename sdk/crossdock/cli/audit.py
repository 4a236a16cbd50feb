"""`crossdock audit`: who did what, and whether the trail is what it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from crossdock.cli import Commands
from crossdock.cli.options import host_config, json_answer

if TYPE_CHECKING:
    from crossdock.host.store import AuditEntry, Store

_AGE: Final = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class _Since(click.ParamType[datetime | timedelta]):
    """An instant, a day, or an age such as `2h`."""

    name = "when"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime | timedelta:
        if isinstance(value, datetime | timedelta):
            return value
        if age := _AGE.fullmatch(value):
            return timedelta(**{_UNITS[age[2]]: int(age[1])})
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is neither a day (2026-11-21), an instant (2026-11-21T09:00Z) nor an "
                "age (30m, 2h, 7d)",
                param,
                ctx,
            )
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


@click.group("audit", cls=Commands)
def command() -> None:
    """Read the audit trail, and check that nobody changed it."""


@command.command("list")
@host_config
@click.option("--subject", help="Only about this, such as D-17, R-1001 or main:C-10001.")
@click.option("--actor", help="Only what this one did, such as user:U-kim.")
@click.option("--action", help="Only this action; `delivery.` stands for all that begin so.")
@click.option(
    "--since", type=_Since(), help="Only since a day, an instant (UTC), or an age such as 2h or 7d."
)
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=100,
    show_default=True,
    help="How many at most; the latest ones.",
)
@json_answer
def list_(
    config: Path,
    subject: str | None,
    actor: str | None,
    action: str | None,
    since: datetime | timedelta | None,
    limit: int,
    as_json: bool,
) -> None:
    """List who did what, the latest at the end.

    \b
    Examples:
      crossdock audit list --subject main:C-10001
      crossdock audit list --action delivery. --since 2d --json
    """
    with _store(config) as store:
        entries = store.audit.entries(
            subject=subject,
            actor=actor,
            action=action,
            since=store.clock() - since if isinstance(since, timedelta) else since,
            newest=True,
            limit=limit,
        )
    if as_json:
        document = [_plain(each) for each in entries]
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    if not entries:
        click.echo("There are no such lines.")
        return
    rows = [
        (
            str(each.sequence),
            f"{each.at:%Y-%m-%d %H:%M:%S}",
            each.actor,
            each.action,
            each.subject,
            ", ".join(f"{name}: {_short(value)}" for name, value in each.detail.items()),
        )
        for each in entries
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*cells, row[5]]).rstrip())


@command.command()
@host_config
@click.option(
    "--head",
    metavar="HASH",
    help="A head that you kept elsewhere; the trail must still hold that line.",
)
@json_answer
@click.pass_context
def verify(ctx: click.Context, config: Path, head: str | None, as_json: bool) -> None:
    """Check that no line was changed, deleted, put in, moved or cut off.

    Exits with 0 where the trail is whole and with 1 where it is not, naming the first line that is
    wrong. Who can write to the database can write the whole trail anew, head included: keep the
    head that this prints where they cannot reach it, and give it back with --head.

    \b
    Examples:
      crossdock audit verify
      crossdock audit verify --head 5f2c09... --json
    """
    with _store(config) as store:
        found = store.audit.verify(kept=head)
    broken = found.broken
    if as_json:
        document = {
            "whole": broken is None,
            "lines": found.lines,
            "unchained": found.unchained,
            "head": {"line": found.head.sequence, "hash": found.head.hash},
            "broken": broken and {"kind": broken.kind, "line": broken.line, "text": broken.text},
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif broken is not None:
        click.secho(f"The audit trail is broken: {broken.text}.", fg="red", err=True)
        click.echo(f"The lines before it are good ({found.lines}).", err=True)
    else:
        click.echo(f"The audit trail is whole: {found.lines} lines.")
        if found.unchained:
            click.echo(
                f"The first {found.unchained} were written before there was a chain; they are as "
                "they were when it began."
            )
        click.echo(f"Head: {found.head.hash} (line {found.head.sequence})")
    if broken is not None:
        ctx.exit(1)


@contextmanager
def _store(config: Path) -> Iterator[Store]:
    # Only the store is opened: the trail must be there to be read when a system is away.
    from crossdock.host.asking.services import wall_clock
    from crossdock.host.settings.config import HostConfig
    from crossdock.host.store import Store

    read = HostConfig.read(config)
    with Store.open(read.store_url, clock=wall_clock(read.clock_offset)) as store:
        yield store


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= 120 else f"{text[:117]}..."


def _plain(entry: AuditEntry) -> dict[str, Any]:
    return {
        "line": entry.sequence,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": dict(entry.detail),
        "hash": entry.hash,
    }
