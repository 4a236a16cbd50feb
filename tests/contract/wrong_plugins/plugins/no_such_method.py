# /// crossdock
# id = "no-such-method"
# name = "No such method"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# scopes = ["crm.accounts:read", "erp.customers:read"]
# ///
from crossdock import hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    account = ctx.crm.account(quote.account_id)
    for customer in ctx.trading_accounts(account):
        ctx.erp.invoice_list(customer)
