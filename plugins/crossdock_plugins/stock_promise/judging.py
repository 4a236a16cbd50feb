"""What a line meets that is short today, or late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from crossdock import Decision, RequireApproval, Veto, Warn
from crossdock_plugins.stock_promise.looking import Look


def judge(found: Sequence[Look], config: Mapping[str, Any], *, today: date) -> Iterator[Decision]:
    """Name each line that is short or late.

    Args:
        found: the lines with their stock.
        config: `short`, `late`, `late_days` and `role` of the plugin.
        today: the day that counts as at once.
    """
    for each in found:
        promise = each.promised_on
        field = f"lines.{each.index}.quantity"
        if each.short and (promise is None or promise > today):
            yield from _weighed(config["short"], _short(each), "stock.short", field, config)
        if each.stock is None:
            continue
        days = None if promise is None else (promise - today).days
        if (days is None and each.short) or (days is not None and days > config["late_days"]):
            text = (
                "No day is known for all of it."
                if days is None
                else f"All of it is there in {days} days, later than {config['late_days']}."
            )
            yield from _weighed(config["late"], text, "stock.late", field, config)


def _short(each: Look) -> str:
    promise = each.promised_on
    when = f"all of it by {promise:%d %b %Y}" if promise else "no date is known for the rest"
    return f"{each.free:f} of {each.quantity:f} are free to promise; {when}."


def _weighed(
    weight: str, text: str, code: str, field: str, config: Mapping[str, Any]
) -> Iterator[Decision]:
    match weight:
        case "stop":
            yield Veto(text, code=code, field=field)
        case "approve":
            yield RequireApproval(config["role"], text, code=code, field=field)
        case "warn":
            yield Warn(text, code=code, field=field)
