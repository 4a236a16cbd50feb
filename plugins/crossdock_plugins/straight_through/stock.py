"""Whether the stock can serve a quote, line by line (C2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from crossdock import Veto, Warn
from crossdock.records import Pricing


def judge(pricing: Pricing, *, on_short: str, today: date) -> Sequence[Veto | Warn]:
    """Name each line that cannot be there today, with what is there and when the rest comes.

    Args:
        pricing: the ERP's answer, with the availability of each line.
        on_short: `veto` or `warn`.
        today: the day that counts as "at once".
    """
    kind = Veto if on_short == "veto" else Warn
    findings: list[Veto | Warn] = []
    for index, line in enumerate(pricing.lines):
        stock = line.availability
        if stock is None or stock.available >= line.quantity:
            continue
        promise = stock.promised_on
        if promise is not None and promise <= today:
            continue
        when = f"all of it by {promise:%d %b %Y}" if promise else "no date is known for the rest"
        findings.append(
            kind(
                f"{stock.available:f} of {line.quantity:f} are free to promise; {when}.",
                code="stock.short",
                field=f"lines.{index}.quantity",
            )
        )
    return findings
