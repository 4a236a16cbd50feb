# /// crossdock
# id = "forgotten-mark"
# name = "Forgotten mark"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
from crossdock import Veto


def before_quote_save(ctx, quote):
    """Judge a quote."""
    return Veto("No.", code="quote.never")
