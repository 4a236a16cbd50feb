"""The line of a manifest in which something stands, for whoever has to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from crossdock.host.loading.manifest_text import manifest_file

_BLOCK: Final = re.compile(r"^# /// crossdock\n(?:^#(?: .*)?\n)*?^# ///$", re.MULTILINE)
_TABLE: Final = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]")
_KEY: Final = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[\w"'-]+)*)\s*=""")
_SAID: Final = re.compile(r"\(at (?:line (\d+)|end of document)")


def place_in_manifest(path: Path, dotted: str, value: str = "") -> str:
    """Say where a key of a manifest stands: `plugin.toml:6`.

    Args:
        path: the plugin's folder or file.
        dotted: the key's whole name; where there is none of that name, the nearest table above it
            is told, and at last the manifest's first line.
        value: a text among its values, which may stand some lines below the key.
    """
    file = manifest_file(path)
    try:
        first, lines = _lines(file)
    except (OSError, UnicodeDecodeError):
        return file.name
    wanted = [part for part in dotted.split(".") if part and not part.isdigit()]
    best, found = 0, 0
    for index, name in _names(lines):
        shared = len(name) if wanted[: len(name)] == name else 0
        if shared > best:
            best, found = shared, index
    if value and best:
        quoted = re.compile(rf"""["']{re.escape(value)}["']""")
        found = next((n for n in range(found, len(lines)) if quoted.search(lines[n])), found)
    return f"{file.name}:{first + found}"


def place_of_bad_toml(path: Path, message: str) -> str:
    """Say where a manifest stops being TOML, by what its parser says of it; empty if it does not.

    Args:
        path: the plugin's folder or file.
        message: the parser's.
    """
    said = _SAID.search(message)
    if said is None:
        return ""
    file = manifest_file(path)
    try:
        first, lines = _lines(file)
    except (OSError, UnicodeDecodeError):
        return ""
    return f"{file.name}:{first - 1 + (int(said[1]) if said[1] else max(len(lines), 1))}"


def _lines(file: Path) -> tuple[int, Sequence[str]]:
    """Give the number of the first line of a manifest, and its lines."""
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix != ".py":
        return 1, text.splitlines()
    block = _BLOCK.search(text)
    if block is None:
        return 1, []
    lines = [line[2:] for line in block[0].splitlines()[1:-1]]
    return text.count("\n", 0, block.start()) + 2, lines


def _names(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Give each table and key by its whole name, with the number of its line from 0."""
    table: list[str] = []
    for index, line in enumerate(lines):
        if head := _TABLE.match(line):
            table = _parts(head[1])
            yield index, table
        elif key := _KEY.match(line):
            yield index, [*table, *_parts(key[1])]


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]
