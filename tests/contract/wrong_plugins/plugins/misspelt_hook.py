# /// crossdock
# id = "misspelt-hook"
# name = "Misspelt hook"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
from crossdock import hookimpl


@hookimpl
def before_qoute_save(ctx, quote):
    """Judge a quote."""
    return None
