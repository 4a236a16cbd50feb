from crossdock import Warn, hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Tell the salesperson before the customer hears a price."""
    account = ctx.crm.account(quote.account_id)
    for customer in ctx.trading_accounts(account):
        credit = ctx.erp.credit(customer)
        if credit.past_due:
            return Warn(f"{account.name} owes {credit.past_due}, past due.", field="account_id")
    return None
