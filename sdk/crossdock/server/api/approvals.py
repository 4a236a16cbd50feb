"""Approvals: what waits for the user's answer, and the answer."""

from __future__ import annotations

from typing import Any, Final

from crossdock.host.approvals.approval import Approval
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.problems import not_found
from crossdock.server.api.wire import document_of

_TOLD: Final = (
    "id", "quote_id", "account_id", "plugin_id", "code", "field", "role", "escalated_to", "reason",
    "state", "requested_by", "requested_at", "escalate_at", "expires_at", "decided_by",
    "decided_at", "comment", "outcome",
)  # fmt: skip


def list_approvals(call: Call) -> Answer:
    """List what the user may answer, or has asked for."""
    query, user = call.read.query, call.user
    limit, before = query["limit"], query.get("before")
    asked = query["whose"] == "asked"
    if not asked and not user.roles:
        return Answer(body={"data": [], "next": None})
    found = call.api.host.approvals.list(
        states=tuple(query.get("state", ())),
        quote_id=query.get("quote_id"),
        roles=() if asked else user.roles,
        requested_by=user.id if asked else None,
        before=int(before.removeprefix("AP-")) if before else None,
        limit=limit + 1,
    )
    page = found[:limit]
    more = len(found) > limit
    return Answer(
        body={
            "data": [approval_document(call, each) for each in page],
            "next": page[-1].id if more else None,
        }
    )


def get_approval(call: Call) -> Answer:
    """Read an approval that the user may answer or has asked for."""
    return Answer(body=approval_document(call, _mine(call)))


def decide_approval(call: Call) -> Answer:
    """Approve or decline."""
    approval = _mine(call)
    decided = call.api.host.approvals.decide(
        approval.id,
        approve=call.body["decision"] == "approve",
        user=call.user,
        comment=call.body.get("comment", ""),
    )
    return Answer(body=approval_document(call, decided))


def approval_document(call: Call, approval: Approval) -> dict[str, Any]:
    """Write an approval as the user may see it; its reason was judged with another's rights."""
    seen = call.api.host.as_seen_by(call.user, approval)
    return {name: document_of(getattr(seen, name)) for name in _TOLD}


def _mine(call: Call) -> Approval:
    # Its reason may tell figures, so it is for those whom it concerns.
    user, approval_id = call.user, call.path("approval_id")
    approval = call.api.host.approvals.get(approval_id)
    if approval.requested_by != user.id and not approval.may_be_decided_by(user):
        raise not_found(f"there is no approval {approval_id} for {user.id}")
    return approval
