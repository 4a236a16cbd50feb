# /// crossdock
# id = "async-hook"
# name = "Async hook"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
from crossdock import hookimpl


@hookimpl
async def before_quote_save(ctx, quote):
    """Judge a quote."""
    return None
