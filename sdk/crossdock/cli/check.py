"""`crossdock check`: a plugin, connector or mock judged by reading it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from crossdock.cli.options import json_answer
from crossdock.cli.paragraphs import among, say

if TYPE_CHECKING:
    from crossdock.testing.rule import Level, Outcome, Report


_NO_VERSION: Final = "0"  # what a plugin has whose manifest names none


def _explain(name: str) -> None:
    """Say what one rule asks for."""
    from crossdock.testing.certification.certifying import all_rules
    from crossdock.testing.systems.judging import system_rules

    rules = [*all_rules(), *system_rules("connector"), *system_rules("mock")]
    known = {each.name: each for each in rules}
    if name not in known:
        raise click.UsageError(f"there is no rule {name!r}; {among(name, known)}")
    rule = known[name]
    judged = "certify" if rule.needs_mocks else "check and certify"
    click.echo(f"{click.style(rule.name, bold=True)}  {rule.level}; judged by {judged}\n")
    for paragraph in rule.text.split("\n\n"):
        say(" ".join(paragraph.split()), indent=2)
        click.echo()


@click.command("check")
@click.argument("plugins", nargs=-1, metavar="PATH|ID...")
@click.option(
    "--level",
    type=click.Choice(["bronze", "silver", "gold"]),
    default="gold",
    show_default=True,
    help="Judge by the rules of this level and those below.",
)
@click.option("--explain", metavar="RULE", help="Say what a rule asks for and why.")
@json_answer
def command(plugins: Sequence[str], level: Level, explain: str | None, as_json: bool) -> None:
    """Read a plugin and say what is wrong with it, rule by rule, and the way out.

    PATH is a plugin's folder or file, or the folder of a project with a plugin, a connector or a
    mock; ID is an installed plugin. Nothing of a plugin runs, but that its code is imported in a
    process that is thrown away; a connector is opened and calls nobody, a mock is compiled. Exits
    with 1 where a rule found something. `crossdock certify` goes on from here, with all of it at
    work.

    \b
    Examples:
      crossdock check ./late-payers
      crossdock check .
      crossdock check --explain scopes-are-narrow
      crossdock check erp-tabs straight-through --json
    """
    if explain is not None:
        _explain(explain)
        return
    if not plugins:
        raise click.UsageError("name a plugin's folder or file, its project's folder, or its id")
    from crossdock.testing.checks import check_plugin
    from crossdock.testing.systems.project import systems_of

    def check(plugin: str) -> Sequence[Report]:
        if systems_of(plugin):
            from crossdock.testing.systems.judging import check_systems

            return check_systems(plugin, upto=level)
        return [check_plugin(Path(plugin) if Path(plugin).exists() else plugin, upto=level)]

    with ThreadPoolExecutor(4) as threads:  # each waits for a process of its own
        reports = [each for some in threads.map(check, plugins) for each in some]
    if as_json:
        click.echo(json.dumps([each.plain() for each in reports], indent=2))
    else:
        for report in reports:
            tell(report)
        if found := next((each for report in reports for each in report.against), None):
            click.secho(f"Why, rule by rule: crossdock check --explain {found.rule.name}", dim=True)
    if not all(each.good for each in reports):
        raise SystemExit(1)


def tell(report: Report) -> None:
    """Tell what was found, and of what stands only how much."""
    version = "" if report.version == _NO_VERSION else report.version
    click.echo(click.style(f"{report.id} {version}".rstrip(), bold=True))
    for outcome in report.outcomes:
        if outcome.findings or outcome.state == "skipped":
            tell_outcome(outcome)
    passed = sum(each.state == "passed" for each in report.outcomes)
    found = sum(len(each.findings) for each in report.outcomes)
    skipped = sum(each.state == "skipped" for each in report.outcomes)
    told = [f"{passed} rules passed"]
    told += [f"{found} thing{'s'[: found > 1]} to mend"] if found else []
    told += [f"{skipped} rules skipped"] if skipped else []
    click.secho("  " + ", ".join(told), fg="green" if report.good else "red")
    click.echo()


def tell_outcome(outcome: Outcome) -> None:
    """Tell what one rule found."""
    rule = outcome.rule
    click.echo(f"  {click.style(rule.name, fg='red')}  {rule.level}, {rule.page}")
    if outcome.state == "skipped":
        say(f"skipped: {outcome.reason}", indent=4)
    for finding in outcome.findings:
        place = f"{finding.place}: " if finding.place else ""
        say(f"{place}{finding.what}", indent=4)
        say(f"-> {finding.do}", indent=6, fg="green")
