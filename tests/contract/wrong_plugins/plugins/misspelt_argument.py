# /// crossdock
# id = "misspelt-argument"
# name = "Misspelt argument"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
from crossdock import hookimpl


@hookimpl
def before_quote_save(ctx, qoute):
    """Judge a quote."""
    return None
