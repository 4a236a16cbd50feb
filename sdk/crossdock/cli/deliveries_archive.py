"""`crossdock deliveries archive`: what is over for long, moved away and taken out as a file."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.deliveries_answers import opened
from crossdock.cli.options import host_config, json_answer

if TYPE_CHECKING:
    from crossdock.host.deliveries import Deliveries

_PER_DROP = 500


@click.command()
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
    with opened(config) as deliveries:
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
