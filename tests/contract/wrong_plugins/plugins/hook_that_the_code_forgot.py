# /// crossdock
# id = "hook-that-the-code-forgot"
# name = "Hook that the code forgot"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save", "quote_saved"]
# ///
from crossdock import hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    return None
