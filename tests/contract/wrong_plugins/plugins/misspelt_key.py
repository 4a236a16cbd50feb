# /// crossdock
# id = "misspelt-key"
# name = "Misspelt key"
# summary = "Shows one mistake."
# sdk = ">=0.1"
# hooks = ["before_quote_save"]
# ///
from crossdock import hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    return None
