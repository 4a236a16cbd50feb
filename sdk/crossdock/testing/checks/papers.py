"""Rules about a plugin's papers: its manifest, whether it loads, and what it tells people."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from crossdock.host.loading.judgement import Step
from crossdock.testing.checks.lines import place_in_manifest
from crossdock.testing.checks.misfits import misfits, of_manifest
from crossdock.testing.checks.registry import manifest_of, rule
from crossdock.testing.checks.source import Source
from crossdock.testing.rule import Finding

_POINTS = "docs/extension-points.md lists the extension points with their arguments"
_FRAME = re.compile(r'^\s+File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)


@rule("bronze")
def loads(plugin: Source) -> Iterator[Finding]:
    """The host can load it: its manifest, what it needs, its code and its hooks.

    Judged by the host itself, as `crossdock plugins check` does; the code is imported in a process
    that is thrown away.
    """
    if plugin.unread:
        place, _, what = plugin.unread.partition(": ")
        yield Finding(
            what=f"it is not Python: {what}",
            do="mend the line; nothing else can be said of its code before",
            place=place,
        )
        return
    for step in plugin.judged.steps:
        if not step.good:
            yield from _not_loaded(plugin, step)


def _not_loaded(plugin: Source, step: Step) -> Iterator[Finding]:
    told, _, trace = step.told.partition("\nTraceback ")
    told = told.replace(f"{plugin.path.absolute().parent}/", "")
    if step.name == "manifest":
        marked = tuple(hook.point for hook in plugin.hooks if hook.marked)
        yield from of_manifest(plugin.path, told, marked)
    elif step.name == "packages":
        yield Finding(
            what=told,
            do="install what requires.packages names, or leave it out",
            place=place_in_manifest(plugin.path, "requires.packages"),
        )
    elif trace:
        yield Finding(
            what=told,
            do="let a module only define what its hooks need, and do the rest in a hook; a file "
            "beside the code is Path(__file__).with_name(...)",
            place=_last_frame(plugin, trace),
        )
    else:
        found = list(misfits(plugin))
        yield from found or [
            Finding(what=told, do=_POINTS, place=place_in_manifest(plugin.path, "points"))
        ]


def _last_frame(plugin: Source, trace: str) -> str:
    """Give the last place of a traceback that is in the plugin's own files."""
    own = {str(each.path): each for each in plugin.modules.values()}
    frames = [found for found in _FRAME.finditer(trace) if found["file"] in own]
    return f"{own[frames[-1]['file']].path.name}:{frames[-1]['line']}" if frames else ""


@rule("silver")
def nothing_is_deprecated(plugin: Source) -> Iterator[Finding]:
    """It implements no extension point, and takes no argument, that will be gone.

    What is deprecated works until the version that it names, and the page of the point says what
    takes its place.
    """
    for note in plugin.judged.notes:
        if "deprecated" in note:
            yield Finding(what=note, do="docs/extension-points.md says what to use instead")


@rule("silver")
def says_what_it_is(plugin: Source) -> Iterator[Finding]:
    """It tells people what it does: a summary, a README, and a docstring on each hook.

    The summary stands in lists of plugins; the README says what it is for and how it is set up; a
    hook's docstring says what it decides.
    """
    manifest = manifest_of(plugin)
    if not manifest.summary:
        yield Finding(
            what="the manifest has no summary",
            do='write summary = "..." in one sentence',
            place=place_in_manifest(plugin.path, "summary"),
        )
    if not manifest.in_one_file and not _has_readme(plugin.path):
        yield Finding(
            what="there is no README.md", do="write one beside plugin.toml: what it is for, and how"
        )
    for hook in plugin.hooks:
        if hook.marked and not ast.get_docstring(hook.node):
            yield Finding(
                what=f"{hook.point} has no docstring",
                do="say in one line what it decides or shows",
                place=plugin.place(hook.module, hook.node),
            )


def _has_readme(folder: Path) -> bool:
    # Beside the manifest, or beside the pyproject.toml of a project with this one package.
    project = folder.absolute().parent
    places = [folder, *([project] if (project / "pyproject.toml").is_file() else [])]
    return any((place / "README.md").is_file() for place in places)


@rule("silver")
def settings_are_explained(plugin: Source) -> Iterator[Finding]:
    """Every setting has a description, and a default or a place among those that are required.

    `crossdock doctor` and the documentation show it to whoever sets the plugin up. A setting
    without either may be missing, and the code would have to know that.
    """
    schema = manifest_of(plugin).config_schema
    for name, part in schema.get("properties", {}).items():
        if not part.get("description"):
            yield Finding(
                what=f"the setting {name} has no description",
                do=f"write description in [config.properties.{name}]",
                place=place_in_manifest(plugin.path, f"config.properties.{name}"),
            )
        if "default" not in part and name not in schema.get("required", ()):
            yield Finding(
                what=f"the setting {name} has no default and is not required",
                do=f"write default in [config.properties.{name}], or name it in config.required",
                place=place_in_manifest(plugin.path, f"config.properties.{name}"),
            )
