import time

from crossdock import Warn, hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    for line in quote.lines:
        item = ctx.erp.item(line.item_id)
        if line.quantity % ctx.config["lot"]:
            time.sleep(0.1)
            return Warn(f"{item.name} is packed by {ctx.config['lot']}.")
    return None
