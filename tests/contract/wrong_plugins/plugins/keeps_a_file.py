# /// crossdock
# id = "keeps-a-file"
# name = "Keeps a file"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["quote_saved"]
# ///
from pathlib import Path

from crossdock import hookimpl


@hookimpl
def quote_saved(ctx, quote):
    """Take note."""
    with Path("quotes.txt").open("a") as file:
        file.write(quote.id)
