"""A plugin whose answers show that nothing of its neighbour reaches it."""

from crossdock import Warn, hookimpl


@hookimpl
def before_quote_save(ctx, quote, before):
    return Warn(f"{quote.id} in {quote.currency}, {quote.lines[0].item_id}")


@hookimpl
def before_order_promote(ctx, quote):
    return Warn(f"{quote.id}: {ctx.erp.item('I-1').name} for {ctx.user.name}")
