# /// crossdock
# id = "unexplained-setting"
# name = "Unexplained setting"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# [config.properties.most_lines]
# type = "integer"
# ///
from crossdock import Veto, hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    return Veto("Too many lines.", code="quote.lines") if len(quote.lines) > ctx.config["most_lines"] else None
