# /// crossdock
# id = "nameless-objection"
# name = "Nameless objection"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
from crossdock import Veto, hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    return Veto("Not today.") if len(quote.lines) > 99 else None
