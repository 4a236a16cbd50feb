"""`crossdock sync load`: the initial load, streaming and resumable."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossdock.cli.options import host_config, json_answer

if TYPE_CHECKING:
    from crossdock.host import Host
    from crossdock.host.initial_load.load import InitialLoad
    from crossdock.host.initial_load.progress import Step
    from crossdock.host.initial_load.report import LoadReport


@click.command("load")
@click.argument("system", required=False, default="")
@host_config
@click.option("--anew", is_flag=True, help="Begin from the beginning, whatever was done before.")
@json_answer
def command(system: str, config: Path, anew: bool, as_json: bool) -> None:
    """Bring all accounts and all customers of the ERP SYSTEM together.

    Reads both lists, matches them, brings each pair in line by the ownership policy, makes what is
    missing once, and reads both again to compare. Every record that was read is accounted for.
    What may be the same and is not beyond doubt waits for a person and is not made.

    A load that was stopped, by Ctrl-C, a crash or a quota that is used up, goes on where it was.

    \b
    Examples:
      crossdock sync load
      crossdock sync load main --json
      crossdock sync load --anew

    Exit code 0 only if everything that was read is accounted for; 1 if nothing could be read, if
    all failed, or if it stopped.
    """
    from crossdock.host import Host

    with Host.open(config, role="crossdock sync load") as host, progress(as_json) as tell:
        report = load_of(host).run(system, anew=anew, tell=tell)
    show(report, as_json=as_json)
    if not report.succeeded:
        sys.exit(1)


def load_of(host: Host) -> InitialLoad:
    """Make the load of a host."""
    from crossdock.host.initial_load.load import InitialLoad

    return InitialLoad(
        host.store,
        host.crm,
        host.erp,
        host.synchronising.port,
        lambda: host.synchronising.policy,
        limits=host.config.limits,
    )


def show(report: LoadReport, *, as_json: bool) -> None:
    """Print what a load came to."""
    if as_json:
        click.echo(json.dumps(report.document(), indent=2, ensure_ascii=False))
        return
    for side in report.sides:
        click.echo(side.sentence)
    for system, outcome, reason, count in report.reasons:
        click.echo(f"  {count:>7,}  {system}, {outcome}: {reason}")
    for system, (written, again) in report.checksums.items():
        same = "as it was written" if written == again else f"but {written} was written"
        click.echo(f"{system} read again: checksum {again}, {same}")
    if report.differing:
        click.echo(f"changed since it was written: {', '.join(report.differing)}")
    if report.calls:
        calls = ", ".join(f"{count:,} of {name}" for name, count in report.calls.items())
        click.echo(f"calls: {calls}; {report.seconds:,.1f} s")
    if any(each.outcomes.get("review") for each in report.sides):
        click.echo("What may be there already waits for a person: crossdock sync review")
    failed = report.state in ("failed", "stopped")
    click.secho(report.sentence, fg="red" if failed else "green", err=failed)
    if report.state == "stopped":
        click.echo("What was done is kept. Go on with: crossdock sync load", err=True)


@contextmanager
def progress(as_json: bool) -> Iterator[Callable[[Step], Any]]:
    """Show how far a load is: one line in a terminal, a line for each tenth elsewhere."""
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal and not as_json:
        with console.status("reading") as status:
            yield lambda step: status.update(step.text)
        return
    told: dict[str, int] = {}

    def tell(step: Step) -> None:
        tenth = 10 * step.done // step.total if step.total else step.done // 10_000
        if told.get(step.phase) != tenth:
            told[step.phase] = tenth
            click.echo(step.text, err=True)

    yield tell
