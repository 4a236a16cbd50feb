# /// crossdock
# id = "calls-the-network"
# name = "Calls the network"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
import requests

from crossdock import Veto, hookimpl


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    rating = requests.get("https://rating.example", timeout=5).json()
    return None if rating["good"] else Veto("The rating is bad.", code="account.rating")
