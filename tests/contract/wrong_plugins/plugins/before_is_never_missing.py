# /// crossdock
# id = "before-is-never-missing"
# name = "Before is never missing"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
from crossdock import Context, Warn, hookimpl
from crossdock.records import Quote


@hookimpl
def before_quote_save(ctx: Context, quote: Quote, before: Quote) -> Warn | None:
    """Judge a quote."""
    return Warn("It is the same.", code="quote.same") if quote.lines == before.lines else None
