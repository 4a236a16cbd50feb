"""How plugins are kept in their processes: the table `[isolation]` of crossdock.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import Factory, field, frozen

Kernel = Literal["auto", "required", "off"]


@frozen(kw_only=True)
class BreakerSettings:
    """When a plugin that keeps failing is not asked any more.

    Attributes:
        faults: so many faults one after the other open the circuit.
        rate: this share of faults among the calls of the window opens it too,
        minimum_calls: once there were so many calls in it.
        window_seconds: how far back the rate looks.
        cool_off_seconds: how long an open circuit stays open before one call may probe.
        dry_run: only say and count what would have been refused.
    """

    faults: int = 5
    rate: float = 0.35
    minimum_calls: int = 100
    window_seconds: float = 300.0
    cool_off_seconds: float = 30.0
    dry_run: bool = False


@frozen(kw_only=True)
class IsolationSettings:
    """Limits of a plugin's process.

    Attributes:
        memory_mb: how much it may have; what goes beyond raises `MemoryError` in the plugin.
        start_seconds: how long it may take until its code is imported.
        pool: processes of one plugin at most; each serves one call at a time.
        frame_mb: the largest message between host and process.
        output_lines_per_second: of stdout and stderr that are logged; the rest is counted only.
        restart_seconds: how long to wait before a second restart in a row; doubled each time.
        restart_most_seconds: the longest such wait.
        kernel: whether the process is put into namespaces and behind a filter of system calls:
            where the kernel lets us, always (a plugin is set aside where it does not), or never.
        python: the interpreter of the processes; empty is the host's own.
    """

    memory_mb: int = 512
    start_seconds: float = 20.0
    pool: int = 4
    frame_mb: int = 64
    output_lines_per_second: int = 100
    restart_seconds: float = 0.1
    restart_most_seconds: float = 30.0
    kernel: Kernel = "auto"
    python: str = ""
    breaker: BreakerSettings = field(default=Factory(BreakerSettings))

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> IsolationSettings:
        """Read the table, which fits the schema; what it leaves out keeps its default."""
        given = {key: value for key, value in table.items() if key != "breaker"}
        return cls(**given, breaker=BreakerSettings(**table.get("breaker", {})))
