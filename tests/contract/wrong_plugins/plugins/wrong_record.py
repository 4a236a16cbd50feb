# /// crossdock
# id = "wrong-record"
# name = "Wrong record"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
from crossdock import Context, Warn, hookimpl
from crossdock.records import Order


@hookimpl
def before_quote_save(ctx: Context, quote: Order) -> Warn | None:
    """Judge a quote."""
    return None
