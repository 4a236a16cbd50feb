# /// crossdock
# id = "misspelt-scope"
# name = "Misspelt scope"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# scopes = ["crm.account:read"]
# ///
from crossdock import hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    ctx.crm.account(quote.account_id)
