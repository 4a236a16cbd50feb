# /// crossdock
# id = "yields"
# name = "Yields"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
from crossdock import Warn, hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    for line in quote.lines:
        yield Warn(f"{line.item_id} is scarce.", code="stock.scarce")
