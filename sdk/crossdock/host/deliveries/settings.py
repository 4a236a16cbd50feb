"""What `crossdock.toml` says of deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from crossdock.host.deliveries.limits import Limit


@frozen(kw_only=True)
class DeliverySettings:
    """What is configured of deliveries.

    Attributes:
        after_dead: whether later deliveries of an account `pass` a dead one or are held behind it.
        backlog: how many unfinished deliveries are more than usual; people are told then.
        limits: the quotas of remote systems, by name.
        keep_days: how long what is over stays before it goes into the archive; `None` for ever.
    """

    after_dead: Literal["pass", "hold"] = "pass"
    backlog: int = 1000
    limits: Mapping[str, Limit] = field(factory=dict)
    keep_days: int | None = None

    @classmethod
    def of(
        cls,
        configured: Mapping[str, Any],
        limits: Mapping[str, Mapping[str, Any]],
        keep_days: int | None,
    ) -> DeliverySettings:
        """Build them from the tables `[deliveries]` and `[limits.NAME]` and `[store] keep_days`."""
        return cls(
            limits={name: Limit(**table) for name, table in limits.items()},
            keep_days=keep_days,
            **configured,
        )
