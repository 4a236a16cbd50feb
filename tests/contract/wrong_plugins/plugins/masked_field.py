# /// crossdock
# id = "masked-field"
# name = "Masked field"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# scopes = ["field:cost"]
# ///
from crossdock import Warn, hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    dear = [line for line in quote.lines if line.unit_cost]
    return [Warn(f"{line.item_id} costs {line.unit_cost}.", code="line.cost") for line in dear]
