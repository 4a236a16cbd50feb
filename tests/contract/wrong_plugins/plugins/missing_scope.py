# /// crossdock
# id = "missing-scope"
# name = "Missing scope"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
from crossdock import Veto, hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    account = ctx.crm.account(quote.account_id)
    return Veto("Not for partners.", code="account.partner") if account.kind == "partner" else None
