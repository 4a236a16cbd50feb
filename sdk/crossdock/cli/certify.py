"""`crossdock certify`: what is judged at work, and the level that it reaches."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.check import tell_outcome
from crossdock.cli.options import json_answer

if TYPE_CHECKING:
    from crossdock.testing.rule import Level, Outcome, Report

_COLOURS = {"passed": "green", "failed": "red", "skipped": "yellow"}


@click.command("certify")
@click.argument("plugins", nargs=-1, required=True, metavar="PATH|ID...")
@click.option(
    "--level",
    type=click.Choice(["bronze", "silver", "gold"]),
    default="bronze",
    show_default=True,
    help="The level that each has to reach.",
)
@click.option("--upto", is_flag=True, help="Try no rules above that level.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="A TOML file with the settings that the plugins need, a table for each id.",
)
@json_answer
def command(
    plugins: Sequence[str], level: Level, upto: bool, config: Path | None, as_json: bool
) -> None:
    """Try a plugin on mock systems that are slow, fail and disagree; give its level.

    PATH is a plugin's folder or file, or the folder of a project with a plugin, a connector or a
    mock; ID is an installed plugin. First it is read, as `crossdock check` does; then it works in
    hosts on mock systems, all in this process, and nothing is sent anywhere. Of a connector or a
    mock, its own tests are run, too. A rule that could not be tried counts as not certified. Exits
    with 1 where one does not reach the level.

    \b
    Examples:
      crossdock certify ./late-payers
      crossdock certify . --level silver
      crossdock certify erp-tabs --level gold --json
    """
    from crossdock.testing.certification import certify
    from crossdock.testing.mock import Shelf
    from crossdock.testing.systems.project import systems_of

    settings = _settings(config)
    reports = []
    shelf = Shelf()
    for plugin in plugins:
        if not as_json:
            click.secho(plugin, bold=True)
        told = _say_nothing if as_json else _tell
        highest: Level = level if upto else "gold"
        for system in systems_of(plugin):
            from crossdock.testing.systems.judging import certify_system

            reports.append(certify_system(system, upto=highest, told=told))
            if not as_json:
                _sum_up(reports[-1], level)
        if systems_of(plugin):
            continue
        report = certify(
            Path(plugin) if Path(plugin).exists() else plugin,
            config=settings.get(plugin, {}),
            shelf=shelf,
            upto=highest,
            told=told,
        )
        reports.append(report)
        if not as_json:
            _sum_up(report, level)
    if as_json:
        click.echo(json.dumps([each.plain() for each in reports], indent=2))
    if not all(each.reaches(level) for each in reports):
        raise SystemExit(1)


def _settings(file: Path | None) -> dict[str, dict[str, object]]:
    if file is None:
        return {}
    import tomllib

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise click.ClickException(f"{file} cannot be used: {wrong}") from None


def _say_nothing(_outcome: Outcome) -> None:
    """Keep quiet, where JSON is wanted."""


def _tell(outcome: Outcome) -> None:
    if outcome.stands:
        colour = _COLOURS.get(outcome.state)
        name = outcome.rule.name.ljust(32)
        click.echo(f"  {name}  {click.style(outcome.state, fg=colour, dim=colour is None)}")
    else:
        tell_outcome(outcome)


def _sum_up(report: Report, wanted: Level) -> None:
    if report.level is None:
        click.secho("  not certified", fg="red", bold=True)
    else:
        colour = "green" if report.reaches(wanted) else "red"
        click.secho(f"  {report.level}", fg=colour, bold=True)
    click.echo()
