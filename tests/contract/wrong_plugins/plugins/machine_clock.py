# /// crossdock
# id = "machine-clock"
# name = "Machine clock"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
from datetime import date

from crossdock import Veto, hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    late = quote.valid_until and quote.valid_until < date.today()
    return Veto("It is out of date.", code="quote.late", field="valid_until") if late else None
