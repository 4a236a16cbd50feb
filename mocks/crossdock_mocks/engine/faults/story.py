"""The story of a run with faults: what struck which call, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import attrs

from crossdock_mocks.engine.faults.rules import Fault

_SAW = {
    "latency_before": "waited {seconds:g} s, then was served",
    "latency_after_commit": "was served, and the answer came {seconds:g} s late",
    "timeout_before": "was never served, and got no answer",
    "timeout_after_commit": "was served, and got no answer",
    "status": "was answered {status}",
    "status_after_commit": "was served, and answered {status}",
    "quota": "was over its quota of {limit} and answered {status}",
    "drop_before": "was never served: the connection was cut",
    "drop_after_commit": "was served, and the connection was cut",
    "half_body": "was served, and got half of the answer",
    "wrong_content_type": "was served, and answered as {content_type}",
    "malformed_json": "was served, and answered with broken JSON",
    "expired_token": "was told that its token had expired",
    "revoked_token": "was told that its token had been revoked",
    "stale_read": "was answered from {behind} commit(s) ago",
    "shifting_page": "got a page that had shifted by a row",
    "clock_skew": "met a clock that was wrong by {seconds:+g} s",
    "webhook_duplicate": "is sent twice",
    "webhook_late": "is sent {seconds:g} s late",
    "webhook_out_of_order": "is sent after the one that follows it",
}


@attrs.frozen
class Strike:
    """One call that a fault struck.

    Attributes:
        at: The world's time.
        world: Name of the world.
        fault: The rule.
        number: Number of the call in the world's journal; of a webhook, that of its message.
        method: Method; of a webhook `POST`.
        path: Path; of a webhook, where it goes.
        operation: Operation id, or event.
        committed: Whether the work was done and kept.
    """

    at: datetime
    world: str
    fault: Fault
    number: int
    method: str
    path: str
    operation: str
    committed: bool

    def told(self) -> str:
        """The strike as a line of text."""
        rule = self.fault
        if rule.kind == "schema_drift":
            saw = f"was answered with {rule.reason().removeprefix('schema_drift: ')}"
        else:
            saw = _SAW[rule.kind].format_map(attrs.asdict(rule))
        kept = "; its change is kept" if self.committed else ""
        return (
            f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}  {self.world}  #{self.number} "
            f"{self.operation} ({self.method} {self.path}) {saw}{kept}  [{rule.kind}]"
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "at": self.at,
            "world": self.world,
            "kind": self.fault.kind,
            "number": self.number,
            "method": self.method,
            "path": self.path,
            "operation": self.operation,
            "committed": self.committed,
            "told": self.told(),
        }


def tell_story(strikes: Iterable[Strike]) -> str:
    """The whole story as text, a line for each call that was struck."""
    lines = [each.told() for each in strikes]
    if not lines:
        return "No fault struck."
    calls = "1 call was struck" if len(lines) == 1 else f"{len(lines)} calls were struck"
    return "\n".join([f"{calls}:", *(f"  {each}" for each in lines)])
