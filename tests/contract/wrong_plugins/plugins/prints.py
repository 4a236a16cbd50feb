# /// crossdock
# id = "prints"
# name = "Prints"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["quote_saved"]
# ///
from crossdock import hookimpl


@hookimpl
def quote_saved(ctx, quote):
    """Take note."""
    print(quote.id)
