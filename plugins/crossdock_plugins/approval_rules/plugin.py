"""The hooks: a quote that breaks a rule is warned of when saved, and needs agreement to be ordered.

The same rules speak at both points, so that a salesperson knows beforehand whom he will need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from attrs import frozen

from crossdock import Context, GuardAnswer, RequireApproval, Warn, hookimpl
from crossdock.records import Account, Money, Quote, QuoteLine
from crossdock_plugins.approval_rules import figures


@frozen(kw_only=True)
class Broken:
    """One rule that a quote breaks."""

    role: str
    text: str
    code: str
    field: str


@hookimpl
def before_quote_save(ctx: Context, quote: Quote) -> GuardAnswer:
    """Say whose agreement this quote will need."""
    return [
        Warn(
            f"{each.text} It needs the agreement of {each.role}.", code=each.code, field=each.field
        )
        for each in _broken(ctx, quote)
    ]


@hookimpl
def before_order_promote(ctx: Context, quote: Quote) -> GuardAnswer:
    """Ask each role for its agreement."""
    return [
        RequireApproval(each.role, each.text, code=each.code, field=each.field)
        for each in _broken(ctx, quote)
    ]


def _broken(ctx: Context, quote: Quote) -> Sequence[Broken]:
    rules: Sequence[Mapping[str, Any]] = ctx.config["rules"]
    mine = [rule for rule in rules if _is_for(ctx, rule, quote)]
    if any("kinds" in rule for rule in mine):
        account: Account = ctx.crm.account(quote.account_id)
        mine = [rule for rule in mine if account.kind in rule.get("kinds", (account.kind,))]
    # Of two limits for one role the one that is passed by most says it all.
    strictest: dict[tuple[str, str], Broken] = {}
    for rule in sorted(mine, key=_threshold):
        for broken in _judge(ctx, rule, quote):
            strictest[(rule["limit"], rule["role"])] = broken
    return list(strictest.values())


def _is_for(ctx: Context, rule: Mapping[str, Any], quote: Quote) -> bool:
    if rule.get("currency", quote.currency) != quote.currency:
        return False
    roles = rule.get("for_roles")
    return roles is None or (ctx.user is not None and bool(set(roles) & set(ctx.user.roles)))


def _threshold(rule: Mapping[str, Any]) -> Decimal:
    return Decimal(rule["over"]) if "over" in rule else -Decimal(rule["under"])


def _judge(ctx: Context, rule: Mapping[str, Any], quote: Quote) -> Iterator[Broken]:
    role = rule["role"]
    match rule["limit"]:
        case "discount":
            index, discount = figures.largest_discount(quote)
            if discount > Decimal(rule["over"]):
                text = f"A discount of {_percent(discount)} is more than {rule['over']} %."
                field = f"lines.{index}.discount_percent"
                yield Broken(role=role, text=text, code="approval.discount", field=field)
        case "amount":
            net = figures.net_amount(quote)
            if net is not None and net > Decimal(rule["over"]):
                over = Money(rule["over"], quote.currency)
                text = f"A net amount of {quote.net} is more than {over}."
                yield Broken(role=role, text=text, code="approval.amount", field="net")
        case "margin" if rule.get("when_hidden") == "ask" and "cost" in ctx.hidden:
            text = "Costs are not visible to you, so whether the margin does is not judged here."
            yield Broken(role=role, text=text, code="margin.unseen", field="net")
        case "margin":
            margin = figures.margin(quote, _costs(ctx))
            if margin is not None and margin < Decimal(rule["under"]):
                # Who may see it saw the cost that it was computed from.
                text = f"A margin of {_percent(margin)} is less than {rule['under']} %."
                yield Broken(role=role, text=text, code="margin.low", field="net")


def _costs(ctx: Context) -> Callable[[QuoteLine], Money | None]:
    """Give what finds a line's unit cost: the quote's own, else the item's; hidden is `None`."""

    def cost_of(line: QuoteLine) -> Money | None:
        if "cost" in ctx.hidden:
            return None
        return line.unit_cost or ctx.erp.item(line.item_id).cost

    return cost_of


def _percent(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.1')).normalize():f} %"
