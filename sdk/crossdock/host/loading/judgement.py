"""Whether a plugin could be loaded, judged without a host and without harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import frozen

from crossdock.errors import ManifestError, PluginNotLoaded
from crossdock.host.isolation.settings import IsolationSettings
from crossdock.host.loading.dependencies import packages_missing
from crossdock.host.loading.manifest import Manifest
from crossdock.host.loading.plugin import Started
from crossdock.host.loading.sources import claimed_id, read_candidate


@frozen(kw_only=True)
class Step:
    """One thing that was judged.

    Attributes:
        name: what it was.
        good: the verdict.
        told: what was found, for a person.
    """

    name: str
    good: bool
    told: str


@frozen(kw_only=True)
class Judgement:
    """What is to be said of a plugin.

    Attributes:
        id: as its manifest has it; empty where that cannot be read.
        version: the same.
        steps: what was judged, up to the first that is not good.
        notes: what its author should know all the same.
    """

    id: str
    version: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether it can be loaded."""
        return all(step.good for step in self.steps)

    def plain(self) -> dict[str, Any]:
        """Give it as JSON data."""
        return {
            "id": self.id,
            "version": self.version,
            "good": self.good,
            "steps": [{"name": s.name, "good": s.good, "told": s.told} for s in self.steps],
            "notes": list(self.notes),
        }


def judge(path: Path, settings: IsolationSettings | None = None) -> Judgement:
    """Judge the plugin in a folder or a file; its code runs in a process that is thrown away.

    Args:
        path: where it is.
        settings: the limits of that process.
    """
    from crossdock.host.isolation.remote import start_in_process

    place = path.absolute()
    try:
        candidate = read_candidate(place)
    except (ManifestError, PluginNotLoaded) as wrong:
        name = "manifest" if isinstance(wrong, ManifestError) else "code"
        step = Step(name=name, good=False, told=str(wrong))
        return Judgement(id=claimed_id(place), version="", steps=(step,))
    manifest = candidate.manifest
    steps = [Step(name="manifest", good=True, told=_described(manifest))]
    notes = []
    if missing := packages_missing(manifest):
        steps.append(Step(name="packages", good=False, told=missing))
    elif manifest.requires_packages:
        told = ", ".join(map(str, manifest.requires_packages))
        steps.append(Step(name="packages", good=True, told=told))
    if manifest.requires_plugins:
        needed = ", ".join(map(str, manifest.requires_plugins))
        notes.append(f"it needs {needed}; whether that is there depends on the host")
    if not missing:
        try:
            started = start_in_process(
                manifest.id,
                candidate.code,
                manifest.points,
                manifest.defaults,
                settings or IsolationSettings(),
            )
        except PluginNotLoaded as wrong:
            detail = f"\n{wrong.detail.rstrip()}" if wrong.detail else ""
            steps.append(Step(name="code", good=False, told=f"{wrong}{detail}"))
        else:
            started.close()
            steps.append(Step(name="code", good=True, told=_signatures(started)))
            notes += started.notes
    return Judgement(
        id=manifest.id, version=manifest.version, steps=tuple(steps), notes=tuple(notes)
    )


def _described(manifest: Manifest) -> str:
    calls = [scope for scope in sorted(manifest.scopes) if not scope.startswith("field:")]
    sees = [scope for scope in sorted(manifest.scopes) if scope.startswith("field:")]
    return (
        f"{manifest.name}; for crossdock {manifest.sdk}\n"
        f"may call {', '.join(calls) or 'nothing'}; "
        f"may see {', '.join(s.removeprefix('field:') for s in sees) or 'no sensitive field'}"
    )


def _signatures(started: Started) -> str:
    return "\n".join(
        f"{point}({', '.join(hook.argument_names)})" for point, hook in started.hooks.items()
    )
