from crossdock import Warn, hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Warn at each line whose quantity is no whole number of lots."""
    lot = ctx.config["lot"]
    return [
        Warn(
            f"{line.item_id} is packed by {lot}; {line.quantity} leaves an open box.",
            code="lots.open",
            field=f"lines.{number}.quantity",
        )
        for number, line in enumerate(quote.lines)
        if line.quantity % lot
    ]
