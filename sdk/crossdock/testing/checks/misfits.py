"""What keeps a plugin from being loaded: each thing with its line, and the way out.

The host says all that it has against a plugin in one message. Here the same is found in the text of
manifest and code, where it has a place.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from crossdock import __version__, hookspecs
from crossdock.points import POINTS
from crossdock.testing.checks.lines import place_in_manifest, place_of_bad_toml
from crossdock.testing.checks.source import HookFunction, Source
from crossdock.testing.rule import Finding

_POINTS: Final = "docs/extension-points.md lists the extension points with their arguments"
_KEYS: Final = "docs/settings.md#plugintoml lists what a manifest may say"
_MEANT: Final = re.compile(r"[;,]? ?did you mean ([^\s?]+)\?")
_NAMED: Final = re.compile(r"asks for ([^\s,]+), so")
_DEFAULT: Final = "the default of "
_WRITE: Final = "write "


def misfits(plugin: Source) -> Iterator[Finding]:
    """Say where hooks do not fit their points, and where manifest and code differ."""
    marked = [hook for hook in plugin.hooks if hook.marked]
    for hook in marked:
        yield from _of_hook(plugin, hook)
    if plugin.manifest is None:
        return
    named = plugin.manifest.points
    for hook in marked:
        if hook.point in POINTS and hook.point not in named:
            yield Finding(
                what=f"the code implements {hook.point}, which its manifest does not name",
                do=f'add "{hook.point}" to points in the manifest, or take the function out',
                place=plugin.place(hook.module, hook.node),
            )
    for point in named:
        if point in {hook.point for hook in marked}:
            continue
        unmarked = any(hook.point == point for hook in plugin.hooks)
        near = difflib.get_close_matches(point, [hook.point for hook in marked], n=1, cutoff=0.8)
        if near and near[0] not in POINTS:
            continue  # told already, where the function is
        yield Finding(
            what=f"its manifest names {point}, but the code has no such @hookimpl",
            do=f"write @hookimpl above {point}"
            if unmarked
            else f"write {point} with @hookimpl above it, or take it out of points",
            place=place_in_manifest(plugin.path, "points", point),
        )


def of_manifest(path: Path, told: str, points: tuple[str, ...] = ()) -> Iterator[Finding]:
    """Take what the host has against a manifest apart, thing by thing.

    Args:
        path: the plugin's folder or file.
        told: what the host says.
        points: the extension points that the code implements.
    """
    _, _, rest = told.partition("\n")
    if not rest:
        place = place_of_bad_toml(path, told)
        yield Finding(what=told, do="mend the line" if place else _KEYS, place=place)
        return
    for line in rest.splitlines():
        sentence = line.strip()
        key, _, what = sentence.partition(": ")
        named = _NAMED.search(what)
        yield Finding(
            what=f"{key} is of another type than may stand there"
            if what.startswith(_WRITE)
            else _MEANT.sub("", sentence).rstrip().rstrip(";"),
            do=_way_out(key, what, points),
            place=place_in_manifest(path, _whole(key), named[1] if named else ""),
        )


def _whole(key: str) -> str:
    return f"{key.removeprefix(_DEFAULT)}.default" if key.startswith(_DEFAULT) else key


def _way_out(key: str, what: str, points: tuple[str, ...]) -> str:
    if meant := _MEANT.search(what):
        return f"write {meant[1]} in its place; {_KEYS}"
    if what.startswith(_WRITE):
        return f"{what}; {_KEYS}"
    if "there is no such key" in what:
        return f"take it out, or write the key that was meant; {_KEYS}"
    if key == "sdk" and "this is crossdock" in what:
        series = __version__.rpartition(".")[0]
        return (
            f'use the version of crossdock that it asks for; or write sdk = ">={series},<1" '
            "when its tests pass on this one"
        )
    if key == "points" and "missing" in what:
        quoted = ", ".join(f'"{each}"' for each in points) or '"account_tabs"'
        return f"write points = [{quoted}]"
    return _KEYS


def _of_hook(plugin: Source, hook: HookFunction) -> Iterator[Finding]:
    if hook.point not in POINTS:
        near = difflib.get_close_matches(hook.point, POINTS, n=1)
        yield Finding(
            what=f"the code implements {hook.point}, and there is no such point",
            do=f"call it {near[0]}; {_POINTS}" if near else _POINTS,
            place=plugin.place(hook.module, hook.node),
        )
        return
    if isinstance(hook.node, ast.AsyncFunctionDef):
        yield Finding(
            what=f"{hook.point} is async, and the host calls plain functions",
            do="write def in place of async def, and call what it awaits without await; the host "
            "does the concurrency",
            place=plugin.place(hook.module, hook.node),
        )
    given = _arguments()[hook.point]
    taken = hook.node.args
    positional = [*taken.posonlyargs, *taken.args]
    for each in positional[: len(positional) - len(taken.defaults)]:
        if each.arg in given:
            continue
        near = difflib.get_close_matches(each.arg, given, n=1)
        yield Finding(
            what=f"{hook.point} takes {each.arg}, and this point gives {', '.join(given)}",
            do=f"call it {near[0]}, as arguments are given by their names"
            if near
            else f"leave it out; {_POINTS}",
            place=plugin.place(hook.module, each),
        )
    for each, default in zip(taken.kwonlyargs, taken.kw_defaults, strict=True):
        if default is None:
            yield Finding(
                what=f"{hook.point} takes {each.arg} by keyword only, and the host passes by "
                "position",
                do="take the * out of its arguments",
                place=plugin.place(hook.module, each),
            )


@cache
def _arguments() -> Mapping[str, tuple[str, ...]]:
    """Give the names of the arguments that each point gives."""
    return {
        point: tuple(inspect.signature(getattr(hookspecs, point)).parameters) for point in POINTS
    }
