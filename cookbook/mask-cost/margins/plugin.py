from crossdock import Column, Percent, Tab, Table, Unknown, View, hookimpl

COLUMNS = (
    Column(key="item", label="Item"),
    Column(key="net", label="Net", align="end"),
    Column(key="cost", label="Cost", align="end", sensitive="cost"),
    Column(key="margin", label="Margin", align="end", sensitive="margin"),
)


@hookimpl
def account_tabs():
    """Name the tab; who may open it is not its matter, and what he sees neither."""
    return [Tab(id="margins", title="Margins", order=110, render=margins)]


def margins(ctx, account, _params):
    """Show the newest quote, line by line."""
    quote = next(iter(ctx.crm.quotes(account.id)), None)
    lines = quote.lines if quote else ()
    return View([Table(columns=COLUMNS, rows=[row(ctx, each) for each in lines])])


def row(ctx, line):
    cost = ctx.erp.item(line.item_id).cost  # None for who may not see it
    spent = cost and cost * line.quantity
    known = bool(spent and line.net)
    return {
        "item": line.item_id,
        "net": line.net or Unknown("not priced yet"),
        "cost": spent or Unknown("not known"),
        "margin": Percent(1 - spent.amount / line.net.amount) if known else Unknown("not known"),
    }
