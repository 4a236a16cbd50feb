"""When somebody last spoke with an account about a deal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from crossdock.records import Activity, Opportunity

_SPOKEN: Final = ("call", "email", "meeting")


def last_contact(
    activities: Sequence[Activity], opportunity: Opportunity, now: datetime
) -> datetime | None:
    """Give the last call, e-mail or meeting that was held and not about another deal."""
    held = [
        activity.completed_at
        for activity in activities
        if activity.kind in _SPOKEN
        and activity.completed_at is not None
        and activity.completed_at <= now
        and activity.opportunity_id in (None, opportunity.id)
    ]
    return max(held, default=None)
