# /// crossdock
# id = "starts-threads"
# name = "Starts threads"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["quote_saved"]
# ///
from threading import Thread

from crossdock import hookimpl


@hookimpl
def quote_saved(ctx, quote):
    """Tell in the background."""
    Thread(target=print, args=(quote.id,)).start()
