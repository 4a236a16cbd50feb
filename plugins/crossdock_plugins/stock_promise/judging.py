"""What a line meets that is short today, or late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from crossdock import Decision, RequireApproval, Veto, Warn
from crossdock_plugins.stock_promise.looking import Look


def judge(
    found: Sequence[Look], config: Mapping[str, Any], *, today: date, ordering: bool
) -> Iterator[Decision]:
    """Name each line that is short or late.

    What is only saved is told what its order would meet, so that a quote can be written for
    anything.

    Args:
        found: the lines with their stock.
        config: `short`, `late`, `late_days` and `role` of the plugin.
        today: the day that counts as at once.
        ordering: whether it becomes an order, or is only saved.
    """
    for each in found:
        promise = each.promised_on
        field = f"lines.{each.index}.quantity"
        if each.short and (promise is None or promise > today):
            yield from _weighed(config, "short", _short(each), field, ordering)
        if each.stock is None:
            continue
        days = None if promise is None else (promise - today).days
        if (days is None and each.short) or (days is not None and days > config["late_days"]):
            text = (
                "No day is known for all of it."
                if days is None
                else f"All of it is there in {days} days, later than {config['late_days']}."
            )
            yield from _weighed(config, "late", text, field, ordering)


def _short(each: Look) -> str:
    promise = each.promised_on
    when = f"all of it by {promise:%d %b %Y}" if promise else "no date is known for the rest"
    return f"{each.free:f} of {each.quantity:f} are free to promise; {when}."


def _weighed(
    config: Mapping[str, Any], about: str, text: str, field: str, ordering: bool
) -> Iterator[Decision]:
    weight, code = config[about], f"stock.{about}"
    if not ordering and weight in ("stop", "approve"):
        needs = (
            "It cannot be ordered like this."
            if weight == "stop"
            else f"Ordering it needs the agreement of {config['role']}."
        )
        yield Warn(f"{text} {needs}", code=code, field=field)
        return
    match weight:
        case "stop":
            yield Veto(text, code=code, field=field)
        case "approve":
            yield RequireApproval(config["role"], text, code=code, field=field)
        case "warn":
            yield Warn(text, code=code, field=field)
