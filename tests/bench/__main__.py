"""`make bench`: the table of what DESIGN promises, each row with what was measured here and now."""

from __future__ import annotations

import importlib
import json

import attrs
import click

SECTIONS = (
    "guards",
    "start_up",
    "validation",
    "transport",
    "mock_servers",
    "promotions",
    "history",
)


@click.command()
@click.argument("sections", nargs=-1, type=click.Choice(SECTIONS))
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def bench(sections: tuple[str, ...], as_json: bool) -> None:
    """Measure SECTIONS, or all of them."""
    rows = []
    for section in sections or SECTIONS:
        click.echo(f"measuring {section} ...", err=True)
        rows += importlib.import_module(f"tests.bench.{section}").measure()
    if as_json:
        click.echo(json.dumps([attrs.asdict(row) for row in rows], indent=2))
        return
    widths = [max(len(getattr(row, name)) for row in rows) for name in ("what", "goal", "measured")]
    for row in rows:
        mark = {True: "ok  ", False: "MISS", None: " -  "}[row.met]
        click.echo(
            f"{mark} {row.what:<{widths[0]}}  {row.goal:<{widths[1]}}  "
            f"{row.measured:>{widths[2]}}   {row.detail}"
        )


if __name__ == "__main__":
    bench()
