# /// crossdock
# id = "reaches-into-the-host"
# name = "Reaches into the host"
# summary = "Shows one mistake."
# sdk = ">=0.1,<1"
# points = ["before_quote_save"]
# ///
from crossdock import hookimpl
from crossdock.host import Host


@hookimpl
def before_quote_save(ctx, quote):
    """Judge a quote."""
    Host.open("crossdock.toml").deliveries.list()
