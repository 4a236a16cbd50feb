"""`make mutation ROOM=rules`: change the code on purpose, one place at a time; a test has to fail.

mutmut knows only projects whose packages stand in `src/`, so the three import packages are laid out
so in `build/mutation/<room>/` and mutmut works there. What was tried is kept: a second run goes on
where the first one ended, and tries again what has changed since.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

_ROOT = Path(__file__).parents[2]
_TRYING = Path(__file__).with_name("trying.py")
_ROOMS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("rooms.toml").read_text(encoding="utf-8")
)
_PACKAGES = ("sdk/crossdock", "plugins/crossdock_plugins", "mocks/crossdock_mocks")
_BESIDE = ("specs", "cookbook", "docs", "tests")
_WITHOUT = shutil.ignore_patterns("__pycache__", "node_modules", "artefacts")
_SETTINGS = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = {source}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
also_copy = ["specs", "cookbook", "docs"]
do_not_mutate_patterns = {left_alone}
"""


@click.command()
@click.argument("room", type=click.Choice(sorted(_ROOMS)))
@click.option("--only", "only", multiple=True, metavar="MUTANT", help="Try these, by glob.")
@click.option("--again", is_flag=True, help="Try those again that no test noticed.")
@click.option("--first", type=int, help="Let only so many tests try each, the likeliest first.")
@click.option("--list", "listing", is_flag=True, help="Only say what came of the last run.")
def mutation(room: str, only: Sequence[str], again: bool, first: int | None, listing: bool) -> None:
    """Change ROOM in every way that mutmut knows, and say which changes no test noticed."""
    folder = _ROOT / "build" / "mutation" / room
    if not listing:
        _lay_out(folder, _ROOMS[room])
        ran = subprocess.run(
            [sys.executable, _TRYING, "again" if again else "further", str(first or 0), *only],
            cwd=folder, check=False,
        )  # fmt: skip
        if ran.returncode:
            sys.exit(ran.returncode)
    _tell(folder)


def _lay_out(folder: Path, room: dict[str, Any]) -> None:
    """Bring the copy to what the checkout is now; files that did not change keep their time."""
    for package in _PACKAGES:
        _mirror(_ROOT / package, folder / "src" / Path(package).name)
    for beside in _BESIDE:
        _mirror(_ROOT / beside, folder / beside)
    project = (_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    settings = _SETTINGS.format(
        source=[f"src/{each}" for each in room["source"]],
        tests=room["tests"],
        left_alone=room.get("left_alone", []),
    )
    (folder / "pyproject.toml").write_text(project + settings, encoding="utf-8")


def _mirror(source: Path, target: Path) -> None:
    wanted = set(_files(source))
    for path in set(_files(target)) - wanted:
        (target / path).unlink()
    for path in wanted:
        here, there = source / path, target / path
        if not there.exists() or there.read_bytes() != here.read_bytes():
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(here, there)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - _WITHOUT(place, folders))
        for name in files:
            yield (Path(place) / name).relative_to(folder)


def _tell(folder: Path) -> None:
    """Count what came of the mutants, and name those that no test noticed."""
    told = subprocess.run(
        [sys.executable, "-m", "mutmut", "results", "--all", "true"],
        cwd=folder, text=True, check=True, capture_output=True,
    ).stdout  # fmt: skip
    fates = re.findall(r"^\s+(\S+): (.+)$", told, re.MULTILINE)
    for fate, count in Counter(fate for _, fate in fates).most_common():
        click.echo(f"{count:6} {fate}")
    for mutant, fate in fates:
        if fate not in ("killed", "not checked"):
            click.echo(f"{fate:>12}  {mutant}")


if __name__ == "__main__":
    mutation()
