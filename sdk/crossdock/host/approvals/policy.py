"""How long approvals wait, and who may not answer them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from attrs import frozen


@frozen(kw_only=True)
class ApprovalPolicy:
    """How long approvals wait.

    Attributes:
        escalate_after: when another role may answer too; `None` for never.
        escalate_to: that role.
        expire_after: when an unanswered one lapses; `None` for never.
        four_eyes: whether nobody may approve what he asked for himself.
    """

    escalate_after: timedelta | None = None
    escalate_to: str = ""
    expire_after: timedelta | None = timedelta(days=14)
    four_eyes: bool = True

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> ApprovalPolicy:
        """Read the table `[approvals]` of `crossdock.toml`, which fits its schema."""
        default = cls()
        hours = table.get("escalate_after_hours")
        days = table.get("expire_after_days")
        return cls(
            escalate_after=None if hours is None else timedelta(hours=hours),
            escalate_to=table.get("escalate_to", ""),
            expire_after=default.expire_after if days is None else timedelta(days=days),
            four_eyes=table.get("four_eyes", default.four_eyes),
        )
