"""`make parity`: play the stories everywhere and write docs/parity.md."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from tests.parity.houses import TITLES
from tests.parity.page import differences, page, played

from crossdock.demo.tryton.packages import installed
from crossdock.demo.tryton.preparing import prepared
from crossdock_mocks.datasets import generate

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"


@click.command()
@click.option("--only", type=click.Choice(sorted(TITLES)), multiple=True, help="Show these only.")
def parity(only: tuple[str, ...]) -> None:
    """Play the stories on every system; write the page, or show figures of some."""
    data = generate(seed=20, scale=0.05)
    live = None
    if not only or "tryton" in only:
        environment = installed(click.echo)
        live = environment, prepared(environment, data, click.echo, today=datetime.now(UTC).date())
    figures = played(data, only or tuple(TITLES), live)
    if only:
        for story, rows in figures.items():
            click.secho(story, bold=True)
            for figure, told in rows.items():
                click.echo(f"  {figure}: {told}")
        return
    PAGE.write_text(page(figures), encoding="utf-8")
    click.echo(f"{PAGE}: {len(differences(figures))} differences")


if __name__ == "__main__":
    parity()
