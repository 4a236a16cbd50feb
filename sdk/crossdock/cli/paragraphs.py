"""Paragraphs and tables for a terminal, wrapped to its width."""

from __future__ import annotations

import difflib
import shutil
import textwrap
from collections.abc import Iterable, Mapping

import click


def say(text: str, *, indent: int = 4, fg: str | None = None) -> None:
    """Print text under a heading, wrapped to the terminal; its own line ends stay."""
    for line in text.splitlines():
        inner = len(line) - len(line.lstrip())
        for each in _wrapped(line, indent, indent + inner + (2 if inner else 0)):
            click.secho(each, fg=fg)


def table(rows: Mapping[str, str]) -> None:
    """Print labels and values side by side."""
    width = max(map(len, rows))
    for label, value in rows.items():
        first, *others = _wrapped(value, 4 + width + 2, 4 + width + 2)
        click.echo(click.style(f"    {label.ljust(width)}  ", dim=True) + first.lstrip())
        for line in others:
            click.echo(line)


def _wrapped(line: str, first: int, others: int) -> list[str]:
    width = max(shutil.get_terminal_size((100, 24)).columns, 40)
    return textwrap.wrap(
        line,
        width,
        initial_indent=" " * first,
        subsequent_indent=" " * others,
        break_on_hyphens=False,
        break_long_words=False,
        drop_whitespace=True,
        replace_whitespace=False,
    ) or [""]


def among(name: str, known: Iterable[str]) -> str:
    """Name what may stand in the place of a name that is none of it, the nearest first."""
    near = difflib.get_close_matches(name, list(known), n=1)
    question = f"did you mean {near[0]}? There are: " if near else "there are: "
    return question + ", ".join(known)
