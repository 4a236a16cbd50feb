"""Whether the plugins load, where they run, and whether anybody may use what they ask for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from attrs import asdict, evolve, frozen

from crossdock.host.diagnosis.findings import Fault, Finding, Findings
from crossdock.host.loading.plugin import Plugin, Quarantined
from crossdock.host.loading.registry import Registry
from crossdock.host.loading.roster import find_roster
from crossdock.host.settings.config import HostConfig, RoleConfig

_FIELD: Final = "field:"
# Points that are asked on behalf of a user; elsewhere the plugin's scopes alone decide.
_WITHOUT_USER: Final = frozenset(
    {"record_changed", "quote_saved", "order_promoted", "document_changed", "scheduled_jobs"}
)
_CODE_WORDS: Final = ("its code", "while it was imported", "hooks does not fit", "its process")
_CONFIG_WORDS: Final = (
    "it is enabled but not",
    "settings do not fit",
    "plugins.config",
    "[isolation]",
)

_PROGRAM: Final = (
    "import sys; from crossdock.host.diagnosis.plugins import examine_here; "
    "examine_here(*sys.argv[1:])"
)

_find = Findings("plugins")


def examine_plugins(config: HostConfig, *, seconds: float) -> Iterator[Finding]:
    """Load the plugins as a host does, in a process that is thrown away.

    What a trusted plugin does while it is imported may end or hang its process; then it is named,
    and the others are loaded without it.

    Args:
        config: the configuration, read from a file.
        seconds: how long loading may take.
    """
    left_out: list[str] = []
    while True:
        # Most of the time goes to the first try: a process of a plugin may take a while to start,
        # and whoever was imported last would be blamed for it.
        tried = _load(config.source, seconds * (0.2 if left_out else 0.6), left_out)
        if not tried.end:
            yield from tried.found
            return
        if not tried.importing or tried.importing in left_out:
            yield _find.fail(f"loading the plugins {tried.end}", "code")
            return
        yield _find.fail(
            f"{tried.importing} is not loaded: importing its code {tried.end}",
            "code",
            "its author has to mend it; if it were not named in [plugins] inline, it could at "
            "least not do that to the host",
        )
        left_out.append(tried.importing)


@frozen
class _Tried:
    """What became of loading: what was found, or how it ended while which plugin was imported."""

    found: tuple[Finding, ...] = ()
    end: str = ""
    importing: str = ""


def _load(source: Path | None, seconds: float, left_out: Sequence[str]) -> _Tried:
    """Load all plugins but some, in a process of their own."""
    program = [sys.executable, "-c", _PROGRAM, str(source), *left_out]
    try:
        ran = subprocess.run(  # noqa: S603 - our own program
            program, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as late:
        _, importing = _answers(late.stdout or b"")
        return _Tried(end=f"did not end within {seconds:.0f} s", importing=importing)
    found, importing = _answers(ran.stdout)
    if found is not None:
        return _Tried(found=tuple(found))
    if ran.returncode < 0:
        end = f"was ended by {signal.Signals(-ran.returncode).name}"
    else:
        last = ran.stderr.decode(errors="replace").strip().splitlines()[-1:]
        end = f"ended the process, with code {ran.returncode}"
        end += f", saying: {last[0]}" if last else ""
    return _Tried(end=end, importing=importing)


def _answers(written: bytes) -> tuple[list[Finding] | None, str]:
    """Read what the process wrote: the plugin that it imported last, and perhaps what it found."""
    importing = ""
    for line in written.splitlines():
        said = json.loads(line)
        if isinstance(said, list):
            return [Finding(**each) for each in said], importing
        importing = said
    return None, importing


def examine_here(source: str, *left_out: str) -> None:
    """Examine in this process, and write what was found to standard output; ends the process."""
    answer = os.dup(1)
    os.dup2(2, 1)  # what a plugin prints is not the answer

    def say(what: object) -> None:
        os.write(answer, json.dumps(what).encode() + b"\n")

    config = HostConfig.read(source)
    found = find_roster(config).found
    # Code of a plugin that is run is code from its place.
    places = {str(candidate.manifest.path): name for name, candidate in found.items()}

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "exec" and (code := getattr(arguments[0], "co_filename", "")):
            for place, name in places.items():
                if code == place or code.startswith(place + os.sep):
                    say(name)

    sys.addaudithook(hear)
    if left_out:
        names = config.enabled if config.enabled is not None else sorted(found)
        config = evolve(config, enabled=tuple(name for name in names if name not in left_out))
    say([asdict(each) for each in _examine(config)])
    os._exit(0)  # threads that a plugin began do not hold it up


def _examine(config: HostConfig) -> Iterator[Finding]:
    with closing(Registry(config)) as registry:
        snapshot = registry.snapshot
        if not snapshot.plugins and not snapshot.quarantined:
            yield _find.warn(
                "none is installed or enabled",
                "config",
                "install some, or name their [plugins] paths",
            )
            return
        if snapshot.plugins:
            yield _find.ok(
                "loaded: "
                + ", ".join(f"{each.id} {each.manifest.version}" for each in snapshot.plugins)
            )
        for aside in snapshot.quarantined:
            yield _set_aside(aside)
        yield from _places(snapshot.plugins)
        for plugin in snapshot.plugins:
            for note in plugin.notes:
                yield _find.warn(f"{plugin.id}: {note}", "code")
            yield from _rights(plugin, config.roles)
        if rehearsing := [each.id for each in snapshot.plugins if each.dry_run]:
            yield _find.warn(
                f"rehearse only, so what they write is not sent: {', '.join(rehearsing)}",
                "config",
                "take them out of [plugins] dry_run when they are to work",
            )


def _set_aside(aside: Quarantined) -> Finding:
    fault: Fault = "manifest"
    if aside.detail or any(words in aside.reason for words in _CODE_WORDS):
        fault = "code"
    elif any(words in aside.reason for words in _CONFIG_WORDS):
        fault = "config"
    advice = {
        "code": f"its author has to mend it; see: crossdock plugins check {aside.id}",
        "config": "change [plugins] in crossdock.toml",
        "manifest": "its author has to mend its plugin.toml",
    }[fault]
    return _find.fail(f"{aside.id} is not loaded: {aside.reason}", fault, advice)


def _places(plugins: tuple[Plugin, ...]) -> Iterator[Finding]:
    inline = [each.id for each in plugins if each.isolation == "inline"]
    apart = [each.id for each in plugins if each.isolation == "process"]
    if inline:
        yield _find.ok(
            f"trusted, in the host's own process, without any protection: {', '.join(inline)}"
        )
    if apart:
        yield _find.ok(f"in processes of their own: {', '.join(apart)}")


def _rights(plugin: Plugin, roles: Mapping[str, RoleConfig]) -> Iterator[Finding]:
    """Say which of a plugin's scopes no role allows, as then nobody ever gets what it is for."""
    if set(plugin.manifest.points) <= _WITHOUT_USER:
        return
    if not roles:
        yield _find.warn(
            f"no role is configured, so {plugin.id} may do nothing for any user",
            "config",
            "write [roles.NAME] for each role that the CRM's users have",
        )
        return
    unmet = sorted(
        scope
        for scope in plugin.manifest.scopes
        if not any(_allows(r, scope) for r in roles.values())
    )
    if unmet:
        yield _find.warn(
            f"no role lets anybody use {', '.join(unmet)}, which {plugin.id} asks for",
            "config",
            "add them to the scopes or fields of a role under [roles], if somebody should",
        )


def _allows(role: RoleConfig, scope: str) -> bool:
    if scope.startswith(_FIELD):
        return "*" in role.fields or scope.removeprefix(_FIELD) in role.fields
    return any(fnmatchcase(scope, pattern) for pattern in role.scopes)
