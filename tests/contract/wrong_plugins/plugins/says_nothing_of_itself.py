# /// crossdock
# id = "says-nothing-of-itself"
# name = "Says nothing of itself"
# sdk = ">=0.1,<1"
# points = ["quote_saved"]
# ///
from crossdock import hookimpl


@hookimpl
def quote_saved(ctx, quote):
    ctx.log.info("saved %s", quote.id)
