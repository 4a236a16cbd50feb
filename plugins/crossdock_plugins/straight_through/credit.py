"""Whether a quote fits into the customer's credit (C3)."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock import RequireApproval, Veto, Warn
from crossdock.records import Pricing

_FIELD = "gross"


def judge(
    pricing: Pricing, *, policy: str, role: str = ""
) -> Sequence[Veto | Warn | RequireApproval]:
    """Say whether this document would pass the limit or the customer is on hold.

    The sentence names amounts only where the user may see them: masked amounts arrive as `None`.

    Args:
        pricing: the ERP's answer with its credit outcome.
        policy: `veto`, `approval` or `warn`.
        role: who may approve.
    """
    outcome = pricing.credit
    if outcome is None or outcome.result == "ok":
        return []
    if outcome.result == "on_hold":
        code = "credit.on_hold"
        message = "The customer is on hold"
        message += f": {outcome.reason}." if outcome.reason else "."
    else:
        code = "credit.over_limit"
        if outcome.over_by is not None and outcome.limit is not None:
            message = (
                f"This would pass the customer's credit limit of {outcome.limit} "
                f"by {outcome.over_by}."
            )
        else:
            message = "This would pass the customer's credit limit."
    match policy:
        case "approval":
            return [RequireApproval(role, message, code=code, field=_FIELD)]
        case "warn":
            return [Warn(message, code=code, field=_FIELD)]
        case _:
            advice = " Order less, or ask accounting to release or raise the limit."
            return [Veto(message + advice, code=code, field=_FIELD)]
