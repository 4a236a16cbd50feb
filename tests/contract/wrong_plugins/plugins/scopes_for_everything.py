# /// crossdock
# id = "scopes-for-everything"
# name = "Scopes for everything"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# scopes = ["crm.accounts:read", "crm.accounts:write", "erp.orders:write"]
# ///
from crossdock import hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    ctx.crm.account(quote.account_id)
