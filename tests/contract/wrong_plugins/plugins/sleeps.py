# /// crossdock
# id = "sleeps"
# name = "Sleeps"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["quote_saved"]
# ///
import time

from crossdock import hookimpl


@hookimpl
def quote_saved(ctx, quote):
    """Wait until the ERP has caught up."""
    time.sleep(30)
