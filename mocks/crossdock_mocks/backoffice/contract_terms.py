"""Where a service contract stands on a day; pure computation."""

from __future__ import annotations

from datetime import date, timedelta


def contract_status(starts: date, ends: date | None, today: date, notice_days: int) -> str:
    """Upcoming, current, expiring (ends within the notice) or lapsed.

    Args:
        starts: First day.
        ends: Last day on which it holds; None runs on.
        today: Today.
        notice_days: From so many days before the end on it counts as expiring.
    """
    if ends is not None and ends < today:
        return "lapsed"
    if starts > today:
        return "upcoming"
    if ends is not None and ends <= today + timedelta(days=notice_days):
        return "expiring"
    return "current"
