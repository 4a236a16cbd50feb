from crossdock import RequireApproval, hookimpl


@hookimpl
def before_order_promote(ctx, quote):
    """Ask once for the whole quote, about its largest discount."""
    number, line = max(
        enumerate(quote.lines), key=lambda each: each[1].discount_percent, default=(0, None)
    )
    if line is None or line.discount_percent <= ctx.config["percent"]:
        return None
    return RequireApproval(
        "manager",
        f"{line.item_id} is sold at {line.discount_percent} % off.",
        code="discount.large",
        field=f"lines.{number}.discount_percent",
    )
