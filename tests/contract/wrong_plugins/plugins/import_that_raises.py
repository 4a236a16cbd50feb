# /// crossdock
# id = "import-that-raises"
# name = "Import that raises"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
from pathlib import Path

from crossdock import hookimpl

RATES = Path("rates.csv").read_text()


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    return None
