"""The hooks of the plugin: which tabs an account has, and which a contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from crossdock import Context, Param, Tab, View, hookimpl
from crossdock.records import Account, AccountLink, Contact

from .aging import aging_view
from .contracts import contracts_view
from .converted import currency_param
from .credit import credit_view
from .invoices import invoices_view
from .orders import orders_view
from .overview import overview_view
from .periods import PERIOD
from .prices import prices_view
from .products import products_view
from .purchases import purchases_view
from .quotes import quotes_view
from .returns import returns_view
from .sales import sales_view
from .shipments import shipments_view
from .sources import ALL

_SEARCH: Final = (
    Param(name="search", label="Search"),
    Param(name="after", label="After", shown=False),
)
_AS_OF: Final = Param(name="as_of", label="As of", kind="date")


def _choice(name: str, label: str, *choices: str) -> Param:
    """Offer a choice of which the first is taken where nobody chooses."""
    return Param(name=name, label=label, kind="choice", default=choices[0], choices=choices)


@hookimpl
def account_tabs(ctx: Context, account: Account) -> Sequence[Tab]:
    """Name the tabs. No ERP is asked for it; each tab reads what it needs when it is opened."""
    links = [link for link in ctx.links(account) if not link.lost]
    which, currency = _trading_account(links), currency_param(links)
    years = Param(
        name="years", label="Years", kind="number", default=str(ctx.config.get("years", 3))
    )
    item = Param(name="item", label="Item code")
    shown = {
        "sales": (_choice("basis", "From", "invoices", "orders"), years),
        "products": (_choice("compare", "Beside similar customers", "no", "yes"),),
        "purchases": (item,),
        "aging": (_AS_OF, _choice("basis", "By", "due", "posted", "issued"), *currency),
        "orders": (_choice("show", "Show", "open", "all"), *PERIOD),
        "invoices": (_choice("show", "Show", "all", "open", "overdue"), *PERIOD),
        "contracts": (_AS_OF,),
        "quotes": (_choice("show", "Show", "open", "all"),),
        "prices": _SEARCH,
        "overview": currency,
    }
    tabs = (
        ("overview", "Overview", overview_view),
        ("sales", "Sales history", sales_view),
        ("products", "Product lines", products_view),
        ("purchases", "Purchases", purchases_view),
        ("aging", "Aging", aging_view),
        ("credit", "Credit", credit_view),
        ("orders", "Orders", orders_view),
        ("shipments", "Shipments", shipments_view),
        ("invoices", "Invoices", invoices_view),
        ("returns", "Returns and credits", returns_view),
        ("contracts", "Contracts", contracts_view),
        ("quotes", "Quotes", quotes_view),
        ("prices", "Prices and stock", prices_view),
    )
    return tuple(
        Tab(
            id=tab_id,
            title=title,
            order=10 * place,
            render=render,
            params=(*shown.get(tab_id, ()), *which),
        )
        for place, (tab_id, title, render) in enumerate(tabs, start=1)
    )


@hookimpl
def contact_tabs() -> Sequence[Tab]:
    """Show the overview of the contact's account beside the contact (A11)."""
    return (Tab(id="overview", title="Account overview", order=10, render=_overview_of_account),)


def _overview_of_account(ctx: Context, contact: Contact, params: Mapping[str, Any]) -> View:
    return overview_view(ctx, ctx.crm.account(contact.account_id), params)


def _trading_account(links: Sequence[AccountLink]) -> tuple[Param, ...]:
    """Let one ERP customer be chosen; where an account has only one, nobody is asked to."""
    choices = (ALL, *(link.ref for link in links))
    several = len(links) > 1
    return (
        Param(
            name="trading_account",
            label="Trading account",
            kind="choice",
            default=ALL,
            choices=choices,
            shown=several,
        ),
    )
