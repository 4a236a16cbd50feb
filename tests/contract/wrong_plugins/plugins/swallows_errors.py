# /// crossdock
# id = "swallows-errors"
# name = "Swallows errors"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# scopes = ["crm.accounts:read"]
# ///
from crossdock import hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    try:
        ctx.crm.account(quote.account_id)
    except Exception:
        return None
