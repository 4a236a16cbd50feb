"""What is wrong with a set-up, whose fault it is, and what to do: `crossdock doctor`.

Nothing is changed by it: no table is made, no record written, no event published.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from crossdock.errors import ConfigError
from crossdock.host.diagnosis.configuration import examine_configuration, examine_secrets
from crossdock.host.diagnosis.examination import Progress, examine
from crossdock.host.diagnosis.findings import WHOSE, Area, Fault, Finding, Status
from crossdock.host.diagnosis.machine import examine_machine
from crossdock.host.diagnosis.plugins import examine_plugins
from crossdock.host.diagnosis.protections import examine_protections
from crossdock.host.diagnosis.storing import examine_store
from crossdock.host.diagnosis.systems import examine_system
from crossdock.host.settings.config import HostConfig

__all__ = ["WHOSE", "Fault", "Finding", "Status", "diagnose"]

_SECONDS: Final = 20.0


def diagnose(
    path: str | Path,
    *,
    environ: Mapping[str, str] | None = None,
    seconds: float = _SECONDS,
    progress: Progress | None = None,
) -> tuple[Finding, ...]:
    """Examine everything that a host on a configuration needs.

    Args:
        path: the crossdock.toml.
        environ: the environment; the process's own by default.
        seconds: how long each area may take; plugins get three times as long.
        progress: told the areas that are still being examined, now and then.
    """
    machine = Area("this host", examine_machine, seconds)
    try:
        config = HostConfig.read(path, environ=environ)
    except ConfigError as wrong:
        unread = Finding(
            "configuration",
            "fail",
            str(wrong),
            "config",
            "without a configuration nothing else can be examined; docs/settings.md lists settings",
        )
        return (unread, *examine([machine], progress=progress))
    areas = [
        Area("configuration", partial(examine_configuration, config), seconds),
        Area("secrets", partial(examine_secrets, config), seconds),
        machine,
        Area("isolation", partial(examine_protections, config), seconds),
        Area("plugins", partial(examine_plugins, config, seconds=3 * seconds), 3 * seconds),
        Area("store", partial(examine_store, config), seconds),
        *(
            Area(
                "crm" if system is config.crm else f"erp {system.name}",
                partial(examine_system, config, system),
                seconds,
            )
            for system in (config.crm, *config.erps)
        ),
    ]
    return examine(areas, progress=progress)
