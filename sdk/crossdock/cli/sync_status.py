"""`crossdock sync status`: how far the last load is, and what it came to."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crossdock.cli.options import host_config, json_answer


@click.command("status")
@click.argument("system", required=False, default="")
@host_config
@json_answer
def command(system: str, config: Path, as_json: bool) -> None:
    """Say how far the last load, of the ERP SYSTEM or of any, is; nothing is asked of the systems.

    Exit code 0 only if it is done and a success.

    \b
    Examples:
      crossdock sync status
      crossdock sync status main --json
    """
    from crossdock.cli.sync_load import load_of, show
    from crossdock.host import Host

    with Host.open(config, role="crossdock sync status") as host:
        report = load_of(host).latest(system)
    if report is None:
        raise click.ClickException("Nothing was ever loaded. Begin with: crossdock sync load")
    show(report, as_json=as_json)
    if not report.succeeded:
        sys.exit(1)
