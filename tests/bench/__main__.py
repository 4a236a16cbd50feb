"""`make bench`: the table of what DESIGN promises, each row with what was measured here and now."""

from __future__ import annotations

import importlib
import json
import sys
import traceback

import attrs
import click
from tests.bench.measure import Row, not_measured

SECTIONS = (
    "guards",
    "start_up",
    "validation",
    "transport",
    "mock_servers",
    "promotions",
    "steps",
    "history",
    "soql",
    "sync",
)


@click.command()
@click.argument("sections", nargs=-1, type=click.Choice(SECTIONS))
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def bench(sections: tuple[str, ...], as_json: bool) -> None:
    """Measure SECTIONS, or all of them."""
    rows: list[Row] = []
    broken = False
    for section in sections or SECTIONS:
        click.echo(f"measuring {section} ...", err=True)
        try:
            rows += importlib.import_module(f"tests.bench.{section}").measure()
        except Exception as error:  # noqa: BLE001 - one section must not cost the other rows
            click.echo(traceback.format_exc(), err=True)
            reason = str(error).partition("\n")[0]
            rows.append(not_measured(section, "", f"{type(error).__name__}: {reason}"))
            broken = True
    if as_json:
        click.echo(json.dumps([attrs.asdict(row) for row in rows], indent=2))
        sys.exit(broken)
    widths = [max(len(getattr(row, name)) for row in rows) for name in ("what", "goal", "measured")]
    for row in rows:
        mark = {True: "ok  ", False: "MISS", None: " -  "}[row.met]
        click.echo(
            f"{mark} {row.what:<{widths[0]}}  {row.goal:<{widths[1]}}  "
            f"{row.measured:>{widths[2]}}   {row.detail}"
        )
    sys.exit(broken)


if __name__ == "__main__":
    bench()
