"""What was sent and answered, as somebody may see it.

The exchange behind a failure holds whatever the remote system chose to write, and no label says
which of it is a cost or a limit. So it is shown whole to those from whom nothing is hidden; others
learn what was asked where, how it ended and how long it took, and the words without figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import evolve

from crossdock.host.deliveries.delivery import Attempt
from crossdock.host.gateway import mask
from crossdock.host.gateway.redaction import redact

_OPEN: Final = ("system", "operation", "seconds")


def disclosed(attempts: Iterable[Attempt], hidden: frozenset[str]) -> tuple[Attempt, ...]:
    """Give attempts at a delivery as somebody may see them from whom `hidden` is hidden."""
    return tuple(
        evolve(mask(each, hidden), evidence=_evidence(each.evidence, hidden)) for each in attempts
    )


def _evidence(evidence: Mapping[str, Any] | None, hidden: frozenset[str]) -> Any:
    if evidence is None or not hidden:
        return evidence
    shown: dict[str, Any] = {
        "told": [redact(str(each), hidden) for each in evidence.get("told", ())]
    }
    if exchange := evidence.get("exchange"):
        answer = exchange.get("answer")
        shown["exchange"] = {
            **{name: exchange[name] for name in _OPEN},
            "request": None,
            "answer": {"status": answer["status"]} if answer else None,
        }
    return shown
