# /// crossdock
# id = "for-another-version"
# name = "For another version"
# summary = "Shows one mistake."
# sdk = ">=9"
# points = ["before_quote_save"]
# ///
from crossdock import hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    return None
