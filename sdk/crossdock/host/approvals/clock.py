"""The clock of approvals, as a worker keeps it: what waits too long is escalated or lapses."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from crossdock.host.approvals.approvals import Approvals


class ApprovalClock:
    """Looks at what waits for an answer, each time that a worker reads its feeds.

    Attributes:
        system: what its lease is called; no system can have that name, as it holds a space.
        least_seconds: it is looked at no more often, however often feeds are read.
    """

    least_seconds: Final = 1.0

    def __init__(self, approvals: Approvals) -> None:
        self.system: Final = "approvals clock"
        self._approvals: Final = approvals

    def read(self, _stop: threading.Event) -> float | None:
        """Escalate and expire what is due."""
        self._approvals.tick()
        return None
