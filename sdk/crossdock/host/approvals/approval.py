"""One approval, and what it is about."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Literal, TypeAlias

from attrs import frozen

from crossdock.records import Quote, User
from crossdock.records._fields import told
from crossdock.records.plain import to_plain

ApprovalState: TypeAlias = Literal["pending", "approved", "declined", "expired", "superseded"]


@frozen(kw_only=True)
class Approval:
    """What a guard wanted somebody to agree to before a quote is ordered.

    Attributes:
        fingerprint: what was judged; see `fingerprint_of`.
        plugin_id: whose guard wanted it.
        role: who may answer.
        escalated_to: who may answer besides, once it has waited too long.
        state: `superseded` where the quote was changed before an answer came.
        reason: the guard's sentence. It judged with the rights of who asked, so whoever reads it
            reads it by his own (`Host.as_seen_by`), as the messages of checks are.
        outcome: what became of the promotion that went on after the answer, in words.
    """

    number: int
    quote_id: str
    account_id: str
    fingerprint: str
    plugin_id: str
    code: str
    field: str
    role: str
    reason: str = told("cost", "credit", "margin", subject="code")
    state: ApprovalState
    requested_by: str
    requested_at: datetime
    escalate_at: datetime | None
    escalated_to: str
    expires_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    comment: str
    outcome: str = told("cost", "credit", "margin")

    @property
    def id(self) -> str:
        """What people call it: `AP-7`."""
        return f"AP-{self.number}"

    def may_be_decided_by(self, user: User) -> bool:
        """Whether the user has a role that may answer."""
        return bool({self.role, self.escalated_to} & set(user.roles))


def fingerprint_of(quote: Quote) -> str:
    """Give what stands for everything of a quote that an approval is about.

    Who buys, which items, how many, at which price and discount, in which currency. A new contact
    or a later validity needs no new answer.
    """
    judged = [
        quote.account_id,
        quote.trading_account,
        quote.currency,
        [
            [
                line.item_id,
                line.quantity.normalize(),
                line.discount_percent.normalize(),
                to_plain(line.unit_price),
            ]
            for line in quote.lines
        ],
    ]
    text = json.dumps(judged, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
