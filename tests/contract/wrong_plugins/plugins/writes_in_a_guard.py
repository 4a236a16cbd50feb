# /// crossdock
# id = "writes-in-a-guard"
# name = "Writes in a guard"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# scopes = ["crm.accounts:read", "crm.accounts:write"]
# ///
from attrs import evolve

from crossdock import hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    _note(ctx, quote)


def _note(ctx, quote):
    account = ctx.crm.account(quote.account_id)
    ctx.crm.save_account(evolve(account, industry="buys"))
