# /// crossdock
# id = "answers-a-text"
# name = "Answers a text"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
from crossdock import Context, hookimpl
from crossdock.records import Quote


@hookimpl
def before_quote_save(ctx: Context, quote: Quote) -> str:
    """Judge a quote."""
    return f"{quote.id} is too dear"
