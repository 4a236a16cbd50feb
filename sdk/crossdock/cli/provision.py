"""`crossdock provision`: what the configured systems lack for Crossdock, and making it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossdock.cli.options import host_config, json_answer

if TYPE_CHECKING:
    from crossdock.connectors.provisioning import Lacking, Provisioning
    from crossdock.host.settings.config import HostConfig


@click.command("provision")
@host_config
@click.option("--apply", "apply", is_flag=True, help="Make what is missing; otherwise it is named.")
@json_answer
def command(config: Path, apply: bool, as_json: bool) -> None:
    """Say what CRM and ERPs lack, such as custom properties; make it with --apply.

    Some systems have no place of their own for an ERP's customer number, a price's source or how
    far an order has come, and are given one first. Nothing is ever changed or removed; doing it
    again makes nothing. The exit code is 0 when nothing is lacking.

    \b
    Examples:
      crossdock provision
      crossdock provision --apply
    """
    from contextlib import ExitStack

    from crossdock.host.settings.config import HostConfig

    read = HostConfig.read(config)
    with ExitStack() as opened:
        systems = _systems(read, opened)
        made = {name: each.provision() for name, each in systems.items()} if apply else {}
        lacking = {name: each.lacking() for name, each in systems.items()}
    if as_json:
        click.echo(json.dumps(_document(systems, made, lacking), indent=2, ensure_ascii=False))
    else:
        _tell(systems, made, lacking)
    sys.exit(1 if any(lacking.values()) else 0)


def _systems(config: HostConfig, opened: Any) -> dict[str, Provisioning]:
    """Open the connectors of the systems that have to be given something."""
    from crossdock.connectors.provisioning import Provisioning
    from crossdock.host.store import Store
    from crossdock.host.systems import connect

    def store() -> Store:
        kept: Store = opened.enter_context(Store.open(config.store_url))
        return kept

    found: dict[str, Provisioning] = {}
    for system in (config.crm, *config.erps):
        port = connect(system, store)
        opened.callback(port.close)
        provisioning = getattr(port, "provisioning", None)
        if isinstance(provisioning, Provisioning):
            found[system.name] = provisioning
    return found


def _tell(
    systems: Mapping[str, Provisioning],
    made: Mapping[str, Sequence[str]],
    lacking: Mapping[str, Sequence[Lacking]],
) -> None:
    if not systems:
        click.echo("None of the configured systems has to be given anything.")
    for name in systems:
        for each in made.get(name, ()):
            click.echo(f"{click.style('made   ', fg='green')}  {name}  {each}")
        for lack in lacking[name]:
            word = click.style("wrong  " if lack.problem else "missing", fg="yellow")
            click.echo(f"{word}  {name}  {lack.name}{_because(lack)}")
        if not lacking[name]:
            click.echo(f"{name} has all that it needs.")
        elif any(lack.makeable for lack in lacking[name]):
            click.echo(f"`crossdock provision --apply` makes what is missing in {name}.")


def _because(lack: Lacking) -> str:
    return f" {lack.problem}" if lack.problem else ""


def _document(
    systems: Mapping[str, Provisioning],
    made: Mapping[str, Sequence[str]],
    lacking: Mapping[str, Sequence[Lacking]],
) -> dict[str, Any]:
    return {
        name: {
            "made": list(made.get(name, ())),
            "lacking": [
                {"name": each.name, "problem": each.problem or None, "makeable": each.makeable}
                for each in lacking[name]
            ],
        }
        for name in systems
    }
