"""`crossdock plugins rehearsed`: what plugins in dry run would have written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossdock.cli.options import host_config

if TYPE_CHECKING:
    from crossdock.host.store.rehearsed import Rehearsed


@click.command("rehearsed")
@click.argument("plugin", required=False)
@host_config
@click.option("--after", type=int, default=0, help="Only what came after this number.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="At most these."
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, with every argument.")
def command(plugin: str | None, config: Path, after: int, limit: int, as_json: bool) -> None:
    """Tell what PLUGIN, or every plugin, would have written in dry runs, oldest first.

    A plugin is in dry run while crossdock.toml names it in [plugins] dry_run; nothing that it
    writes is sent. The last 10,000 such writes are kept.

    \b
    Examples:
      crossdock plugins rehearsed
      crossdock plugins rehearsed straight-through --json
    """
    from crossdock.host.asking.services import wall_clock
    from crossdock.host.settings.config import HostConfig
    from crossdock.host.store import Store

    read = HostConfig.read(config)
    with Store.open(read.store_url, clock=wall_clock(read.clock_offset)) as store:
        found = store.rehearsed.list(plugin_id=plugin, after=after, limit=limit)
    if as_json:
        click.echo(json.dumps([_document(each) for each in found], indent=2, ensure_ascii=False))
    elif not found:
        whose = f"{plugin} has" if plugin else "No plugin has"
        rest = " not rehearsed anything." if plugin else " rehearsed anything."
        click.echo(whose + rest)
    else:
        for each in found:
            _tell(each)


def _tell(write: Rehearsed) -> None:
    whom = f" for {write.user_id}" if write.user_id else ""
    click.secho(
        f"{write.number}  {write.at:%Y-%m-%d %H:%M:%S}  {write.plugin_id}{whom}, "
        f"{write.point}: {write.system}.{write.method}",
        bold=True,
    )
    for name, value in write.arguments.items():
        click.echo(f"    {name} = {_short(value)}")
    if write.answer is not None:
        click.echo(click.style(f"    answered {_short(write.answer)}", dim=True))


def _short(value: Any) -> str:
    record_id = getattr(value, "id", None) or getattr(value, "key", None)
    lines = getattr(value, "lines", None)
    if record_id is not None:
        parts = [f"{type(value).__name__} {record_id}", *_told(value)]
        if lines:
            parts.append(f"{len(lines)} line{'s' if len(lines) > 1 else ''}")
        return ", ".join(parts)
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def _told(record: Any) -> Iterator[str]:
    for name in ("status", "reference", "gross", "title"):
        value = getattr(record, name, None)
        if value:
            yield f"{name} {value}"


def _document(write: Rehearsed) -> dict[str, Any]:
    from crossdock.records.plain import to_plain

    return {
        "number": write.number,
        "at": write.at.isoformat(),
        "plugin": write.plugin_id,
        "point": write.point,
        "user": write.user_id,
        "system": write.system,
        "method": write.method,
        "arguments": to_plain(dict(write.arguments)),
        "answer": to_plain(write.answer),
    }
