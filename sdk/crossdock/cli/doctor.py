"""`crossdock doctor`: what is wrong, whose fault it is, and what to do about it."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from crossdock.cli.options import host_config, json_answer

if TYPE_CHECKING:
    from crossdock.host.diagnosis import Finding

_COLORS: Final = {"ok": "green", "warn": "yellow", "fail": "red"}
_PATIENCE_SECONDS: Final = 1.0
_WIDEST: Final = 110


@click.command("doctor")
@host_config
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True, max=600),
    default=20.0,
    show_default=True,
    help="How long each area may take; plugins get three times as long.",
)
@json_answer
def command(config: Path, seconds: float, as_json: bool) -> None:
    """Say what is wrong with a set-up, whose fault it is, and what to do about it.

    Examines configuration, secrets, this host, isolation, plugins, store, deliveries and each
    remote system side by side, and changes nothing. Exits with 1 when anything fails; a warning is
    no failure.

    \b
    Examples:
      crossdock doctor
      crossdock doctor --config /etc/crossdock.toml --json
    """
    from crossdock.host.diagnosis import diagnose

    with _Waiting(quiet=as_json) as waiting:
        found = diagnose(config, seconds=seconds, progress=waiting)
    if as_json:
        click.echo(json.dumps(_document(found), ensure_ascii=False, indent=2))
    else:
        _table(found)
    sys.stdout.flush()
    raise SystemExit(1 if any(each.status == "fail" for each in found) else 0)


def _document(found: Sequence[Finding]) -> dict[str, Any]:
    counts = {status: sum(each.status == status for each in found) for status in _COLORS}
    return {
        "well": not counts["fail"],
        "counts": counts,
        "findings": [each.document() for each in found],
    }


def _table(found: Sequence[Finding]) -> None:
    from crossdock.host.diagnosis import WHOSE

    columns = min(_WIDEST, shutil.get_terminal_size((100, 24)).columns)
    width = max(len(each.area) for each in found)
    indent = " " * (width + 8)
    before = ""
    for each in found:
        finding = each.document()
        area = "" if each.area == before else each.area
        before = each.area
        status = click.style(f"{each.status:<4}", fg=_COLORS[each.status], bold=True)
        click.echo(f"{status}  {area:<{width}}  ", nl=False)
        click.echo(_wrapped(finding["text"], indent, columns))
        if each.status != "ok" and (each.fault or each.advice):
            whose = f"Whose: {WHOSE[each.fault]}. " if each.fault else ""
            advice = finding["advice"] or ""
            told = whose + (advice[:1].upper() + advice[1:] + "." if advice else "")
            click.secho(indent + _wrapped(told.strip(), indent, columns), dim=True)
    counts = {status: sum(each.status == status for each in found) for status in _COLORS}
    click.echo(
        "\n"
        + click.style(
            f"{counts['ok']} well, {counts['warn']} to look at, {counts['fail']} wrong",
            fg="red" if counts["fail"] else "yellow" if counts["warn"] else "green",
            bold=True,
        )
    )


def _wrapped(text: str, indent: str, columns: int) -> str:
    lines = []
    for line in text.splitlines():
        lines += textwrap.wrap(
            line.rstrip(), max(40, columns - len(indent)), break_long_words=False
        ) or [""]
    return f"\n{indent}".join(lines)


class _Waiting:
    """Says what is still examined, to a person who has been waiting for a second."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet or not sys.stderr.isatty()
        self._began = time.monotonic()
        self._status: Any = None

    def __enter__(self) -> _Waiting:
        return self

    def __call__(self, areas: Sequence[str]) -> None:
        if self._quiet or time.monotonic() - self._began < _PATIENCE_SECONDS:
            return
        text = f"examining {', '.join(areas)}"
        if self._status is None:
            from rich.console import Console

            self._status = Console(stderr=True).status(text)
            self._status.start()
        else:
            self._status.update(text)

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()
