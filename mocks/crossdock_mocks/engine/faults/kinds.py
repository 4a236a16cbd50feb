"""The kinds of fault, and what each of them means for the work and for the answer."""

from __future__ import annotations

from typing import Final, Literal, get_args

Kind = Literal[
    "latency_before",
    "latency_after_commit",
    "timeout_before",
    "timeout_after_commit",
    "status",
    "status_after_commit",
    "quota",
    "drop_before",
    "drop_after_commit",
    "half_body",
    "wrong_content_type",
    "malformed_json",
    "expired_token",
    "revoked_token",
    "stale_read",
    "shifting_page",
    "clock_skew",
    "schema_drift",
    "webhook_duplicate",
    "webhook_late",
    "webhook_out_of_order",
]
KINDS: Final[tuple[str, ...]] = get_args(Kind)

UNDONE: Final = frozenset(
    {"status", "quota", "drop_before", "timeout_before", "expired_token", "revoked_token"}
)
"""Nothing happens: the request never reaches the behaviour."""

UNANSWERED: Final = frozenset({"drop_before", "timeout_before"})
"""Of those, the ones that are not answered either; the journal says status 0."""

DROPS: Final = frozenset({"drop_before", "drop_after_commit"})
TIMEOUTS: Final = frozenset({"timeout_before", "timeout_after_commit"})
TOKENS: Final = frozenset({"expired_token", "revoked_token"})
READS: Final = frozenset({"stale_read", "shifting_page"})
WEBHOOKS: Final = frozenset({"webhook_duplicate", "webhook_late", "webhook_out_of_order"})
