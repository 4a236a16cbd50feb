"""`crossdock plugins`: what is loaded, who is asked where and why, and whether a plugin is good."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from crossdock.cli import Commands, asking, rehearsed
from crossdock.cli.options import host_config, json_answer
from crossdock.cli.paragraphs import among, say, table
from crossdock.errors import ConfigError

if TYPE_CHECKING:
    from crossdock.host.loading.manifest import Manifest
    from crossdock.host.loading.plugin import Plugin
    from crossdock.host.loading.registry import Registry
    from crossdock.host.settings.config import HostConfig
    from crossdock.points import Point

_FIELD: Final = "field:"
_PLACES: Final = {"inline": "in the host's own process", "process": "in a process of its own"}


@click.group("plugins", cls=Commands)
def command() -> None:
    """List plugins, explain who is asked at an extension point, and check one."""


command.add_command(asking.command)
command.add_command(rehearsed.command)


@command.command("list")
@host_config
@json_answer
def list_(config: Path, as_json: bool) -> None:
    """List the plugins that load, and those that do not with the reason.

    Exits with 1 when a plugin could not be loaded.

    \b
    Examples:
      crossdock plugins list
      crossdock plugins list --json
    """
    from crossdock.host.loading.registry import Registry
    from crossdock.host.settings.config import HostConfig

    with closing(Registry(HostConfig.read(config))) as registry:
        snapshot = registry.snapshot
        if as_json:
            click.echo(json.dumps(_listed(registry), indent=2))
        else:
            _tell_list(registry)
    if snapshot.quarantined:
        raise SystemExit(1)


def _listed(registry: Registry) -> dict[str, Any]:
    snapshot = registry.snapshot
    return {
        "loaded": [
            {
                "id": plugin.id,
                "name": plugin.manifest.name,
                "version": plugin.manifest.version,
                "summary": plugin.manifest.summary,
                "path": str(plugin.manifest.path),
                "isolation": plugin.isolation,
                "dry_run": plugin.dry_run,
                "points": list(plugin.manifest.points),
                "scopes": sorted(plugin.manifest.scopes),
                "needs": _needs(plugin.manifest),
                "notes": list(plugin.notes),
            }
            for plugin in snapshot.plugins
        ],
        "quarantined": [
            {
                "id": aside.id,
                "version": aside.manifest.version if aside.manifest else None,
                "reason": aside.reason,
            }
            for aside in snapshot.quarantined
        ],
        "disabled": list(snapshot.disabled),
    }


def _tell_list(registry: Registry) -> None:
    snapshot = registry.snapshot
    if not snapshot.plugins and not snapshot.quarantined and not snapshot.disabled:
        click.echo("No plugins are installed, and [plugins] paths names none.")
        return
    ids = [plugin.id for plugin in snapshot.plugins]
    width = max(map(len, [*ids, *(each.id for each in snapshot.quarantined), *snapshot.disabled]))
    versions = max((len(each.manifest.version) for each in snapshot.plugins), default=0)
    for plugin in snapshot.plugins:
        _tell_plugin(plugin, width, versions)
    for aside in snapshot.quarantined:
        click.echo(click.style(aside.id.ljust(width), bold=True) + "  ", nl=False)
        click.secho("not loaded", fg="red")
        say(aside.reason)
        click.echo()
    for name in snapshot.disabled:
        click.echo(f"{click.style(name.ljust(width), bold=True)}  disabled")
    if snapshot.disabled:
        click.echo()
    counts = {
        "loaded": len(snapshot.plugins),
        "not loaded": len(snapshot.quarantined),
        "disabled": len(snapshot.disabled),
    }
    click.echo(", ".join(f"{count} {what}" for what, count in counts.items() if count))


def _tell_plugin(plugin: Plugin, width: int, versions: int) -> None:
    manifest = plugin.manifest
    marks = [plugin.isolation, *(["dry run: its writes are not sent"] if plugin.dry_run else [])]
    click.echo(
        f"{click.style(plugin.id.ljust(width), bold=True)}  {manifest.version.ljust(versions)}  "
        + click.style(", ".join(marks), fg="yellow" if plugin.dry_run else "green")
    )
    if manifest.summary:
        say(manifest.summary)
    calls = sorted(scope for scope in manifest.scopes if not scope.startswith(_FIELD))
    sees = sorted(scope.removeprefix(_FIELD) for scope in manifest.scopes - set(calls))
    needs = _needs(manifest)
    table(
        {
            "points": ", ".join(manifest.points),
            "may call": ", ".join(calls) or "nothing",
            "may see": ", ".join(sees) or "no sensitive field",
            **({"needs": ", ".join(needs)} if needs else {}),
            "is in": str(manifest.path),
        }
    )
    for note in plugin.notes:
        say(f"note: {note}", fg="yellow")
    click.echo()


def _needs(manifest: Manifest) -> list[str]:
    return [str(each) for each in (*manifest.requires_plugins, *manifest.requires_packages)]


@command.command()
@click.argument("point")
@host_config
@json_answer
def explain(point: str, config: Path, as_json: bool) -> None:
    """Print who is asked at POINT: in which order and why, where each runs, and for how long.

    \b
    Examples:
      crossdock plugins explain before_quote_save
    """
    from crossdock import hookspecs
    from crossdock.host.loading.registry import Registry
    from crossdock.host.settings.config import HostConfig
    from crossdock.points import POINTS

    del hookspecs  # importing it declares the points
    if point not in POINTS:
        raise ConfigError(f"there is no extension point {point!r}; {among(point, POINTS)}")
    read = HostConfig.read(config)
    with closing(Registry(read)) as registry:
        document = _explained(POINTS[point], registry, read)
    if as_json:
        click.echo(json.dumps(document, indent=2))
    else:
        _tell_explanation(POINTS[point], document)


def _explained(point: Point, registry: Registry, config: HostConfig) -> dict[str, Any]:
    from crossdock.host.loading.plan import reasons_of_place

    snapshot = registry.snapshot
    asked = [impl.plugin for impl in snapshot.plan.of(point.name)]
    return {
        "point": point.name,
        "kind": point.kind,
        "status": point.status,
        "deadline_seconds": getattr(config.deadlines, point.deadline),
        "fails": config.policy.get(point.name, point.fails) if point.kind == "guard" else None,
        "plugins": [plugin.id for plugin in asked],
        "asked": [
            {
                "id": plugin.id,
                "version": plugin.manifest.version,
                "isolation": plugin.isolation,
                "dry_run": plugin.dry_run,
                "reasons": list(reasons_of_place(point.name, plugin, snapshot.plugins)),
            }
            for plugin in asked
        ],
        "not_asked": [
            {"id": aside.id, "reason": aside.reason}
            for aside in snapshot.quarantined
            if aside.manifest is not None and point.name in aside.manifest.points
        ],
        "not_known": [aside.id for aside in snapshot.quarantined if aside.manifest is None],
        "order": "plugins.enabled" if config.enabled is not None else "by id",
    }


def _tell_explanation(point: Point, document: Mapping[str, Any]) -> None:
    click.echo(f"{click.style(point.name, bold=True)}  {point.kind}, {point.status}")
    table(dict(_rules(point, document)))
    click.echo()
    asked = document["asked"]
    if not asked:
        click.echo("No plugin is asked.")
    width = max((len(each["id"]) for each in asked), default=0)
    versions = max((len(each["version"]) for each in asked), default=0)
    as_enabled = (
        "as it stands in [plugins] enabled"
        if document["order"] == "plugins.enabled"
        else "by its id, as [plugins] enabled is left out"
    )
    for number, each in enumerate(asked, start=1):
        dry = ", dry run: its writes are not sent" if each["dry_run"] else ""
        name = click.style(each["id"].ljust(width), bold=True)
        where = _PLACES[each["isolation"]]
        click.echo(f"{number:>3}. {name}  {each['version'].ljust(versions)}  {where}{dry}")
        say("stands here: " + ("; ".join(each["reasons"]) or as_enabled), indent=5)
    for each in document["not_asked"]:
        click.echo()
        click.secho(f"{each['id']} is not asked, as it is not loaded", fg="red")
        say(each["reason"])
    if document["not_known"]:
        click.echo()
        say(
            f"Nobody knows whether {', '.join(document['not_known'])} should be asked, as no "
            "manifest can be read there; `crossdock plugins list` says why.",
            indent=0,
            fg="yellow",
        )


def _rules(point: Point, document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    seconds = f"{document['deadline_seconds']:g} s"
    setting = f"[deadlines] {point.deadline}_seconds"
    match point.kind:
        case "guard":
            yield "order", "one after the other; each sees the record as those before it amended it"
            yield "deadline", f"{seconds} for all of them together ({setting})"
            fails = document["fails"]
            other = "closed" if fails == "open" else "open"
            effect = "goes through with a warning" if fails == "open" else "is refused"
            yield (
                "a failure",
                f"of a plugin leaves it {fails}: the save {effect} "
                f'([policy] {point.name} = "{other}" changes that)',
            )
            if point.away == "draft":
                yield "ERP away", "a draft is kept as unchecked; what is no draft is refused"
            elif point.away == "closed":
                yield "ERP away", "it is refused, whatever the policy"
        case "event":
            yield "order", "each on its own, by a worker; what fails is tried again"
            yield "deadline", f"{seconds} for each attempt ({setting})"
        case "provider":
            yield "order", "one after the other, until one has an answer"
            yield "deadline", f"{seconds} for all of them together ({setting})"
        case "job":
            yield "order", "each by its own schedule"
            yield "deadline", f"{seconds} for each run ({setting})"
        case _:
            yield "order", "each on its own; one that fails leaves the others untouched"
            yield "deadline", f"{seconds} ({setting})"


@command.command()
@click.argument("path", type=click.Path(path_type=Path))
@json_answer
def check(path: Path, as_json: bool) -> None:
    """Judge the plugin in PATH, a folder or one file: its manifest, then its code.

    Its code is imported in a process that is thrown away, with the limits of [isolation]. Exits
    with 1 when it could not be loaded.

    \b
    Example:
      crossdock plugins check ./late-payers
    """
    from crossdock.host.loading.judgement import judge
    from crossdock.host.loading.projects import plugin_in

    judged = judge(plugin_in(path))
    if as_json:
        click.echo(json.dumps(judged.plain(), indent=2))
    else:
        title = f"{judged.id} {judged.version}".rstrip()
        click.echo(click.style(title or str(path), bold=True))
        for step in judged.steps:
            mark = "good" if step.good else "wrong"
            click.echo(f"  {step.name.ljust(10)}", nl=False)
            click.secho(mark, fg="green" if step.good else "red")
            say(step.told, indent=4)
        for note in judged.notes:
            say(f"note: {note}", fg="yellow", indent=2)
        click.echo()
        if judged.good:
            click.secho("It can be loaded.", fg="green")
        else:
            click.secho("It cannot be loaded.", fg="red")
    if not judged.good:
        raise SystemExit(1)
