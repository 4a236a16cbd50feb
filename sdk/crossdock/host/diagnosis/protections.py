"""Which protections plugins in processes of their own get on this host."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from crossdock.host.diagnosis.findings import Finding, Findings
from crossdock.host.settings.config import HostConfig

_SECONDS: Final = 15.0
# In a process of its own, as what is taken away there is never given back.
_PROGRAM: Final = """
import json, os, sys
from crossdock.host.isolation.protection import protect
got = protect(memory_mb=int(sys.argv[1]), host_pid=os.getppid(), kernel=sys.argv[2] != "off")
os.write(1, json.dumps({"names": got.names, "missing": got.missing}).encode())
"""
_MEANING: Final = {
    "limits": "a plugin could use up this host's memory",
    "network_namespace": "a plugin could reach the network past the gateway",
    "dies_with_host": "a plugin's process could outlive its host",
    "system_call_filter": "a plugin could start programs and look into other processes",
}

_find = Findings("isolation")


def examine_protections(config: HostConfig) -> Iterator[Finding]:
    """Try every protection in a process that is thrown away."""
    isolation = config.isolation
    python = isolation.python or sys.executable
    try:
        ran = subprocess.run(  # noqa: S603 - our own program
            [python, "-c", _PROGRAM, str(isolation.memory_mb), isolation.kernel],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
        tried = json.loads(ran.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as failed:
        said = getattr(failed, "stderr", b"") or b""
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        yield _find.fail(
            f"a process for a plugin cannot be started with {python}: {last or failed}",
            "host" if not isolation.python else "config",
            "see whether [isolation] python names an interpreter with crossdock installed",
        )
        return
    yield _find.ok(f"in force for plugins in processes of their own: {', '.join(tried['names'])}")
    for name, reason in tried["missing"].items():
        text = f"{name} is not in force ({reason}): {_MEANING.get(name, '')}".rstrip(": ")
        if isolation.kernel == "required":
            yield _find.fail(text, "host", "[isolation] kernel demands it; let the kernel allow it")
        elif isolation.kernel == "off":
            yield _find.warn(text, "config", 'write [isolation] kernel = "auto"')
        else:
            yield _find.warn(
                text, "host", "let the kernel allow it (in a container: its security profile)"
            )
