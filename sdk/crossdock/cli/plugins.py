"""`crossdock plugins`: what is loaded, and who is asked where."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crossdock.errors import ConfigError


@click.group("plugins")
def command() -> None:
    """List plugins, and explain who is asked at an extension point."""


_config = click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("crossdock.toml"),
    show_default=True,
    help="The host's configuration.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@command.command("list")
@_config
@_json
def list_(config: Path, as_json: bool) -> None:
    """List the plugins that load, and those that do not with the reason.

    Exits with 1 when a plugin could not be loaded.
    """
    from crossdock.host.config import HostConfig
    from crossdock.host.loading import load_plugins

    loaded, quarantined = load_plugins(HostConfig.read(config))
    if as_json:
        document = {
            "loaded": [
                {
                    "id": plugin.id,
                    "name": plugin.manifest.name,
                    "version": plugin.manifest.version,
                    "points": list(plugin.manifest.points),
                    "scopes": sorted(plugin.manifest.scopes),
                }
                for plugin in loaded
            ],
            "quarantined": [{"id": aside.id, "reason": aside.reason} for aside in quarantined],
        }
        click.echo(json.dumps(document, indent=2))
    else:
        for plugin in loaded:
            click.echo(f"{plugin.id} {plugin.manifest.version}  {plugin.manifest.summary}")
            click.echo(f"    points: {', '.join(plugin.manifest.points)}")
        if not loaded and not quarantined:
            click.echo("No plugins are installed.")
        for aside in quarantined:
            click.secho(f"{aside.id}  not loaded", fg="red")
            click.echo("    " + aside.reason.replace("\n", "\n    "))
    if quarantined:
        raise SystemExit(1)


@command.command()
@click.argument("point")
@_config
@_json
def explain(point: str, config: Path, as_json: bool) -> None:
    """Name the plugins that POINT calls, in the order in which they are asked."""
    from crossdock import hookspecs
    from crossdock.host.config import HostConfig
    from crossdock.host.loading import load_plugins
    from crossdock.host.plan import make_plan

    points = [name for name, spec in vars(hookspecs).items() if hasattr(spec, "crossdock_spec")]
    if point not in points:
        raise ConfigError(f"there is no extension point {point!r}; there are: {', '.join(points)}")
    loaded, _ = load_plugins(HostConfig.read(config))
    called = [impl.plugin for impl in make_plan(loaded).of(point)]
    if as_json:
        click.echo(json.dumps({"point": point, "plugins": [plugin.id for plugin in called]}))
        return
    click.echo(f"{point} asks {len(called)} of {len(loaded)} plugins")
    for number, plugin in enumerate(called, start=1):
        click.echo(f"  {number}. {plugin.id} {plugin.manifest.version}")
