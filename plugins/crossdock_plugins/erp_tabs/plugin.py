"""The hooks of the plugin: which tabs an account has, and which a contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock import Context, Param, Tab, View, hookimpl
from crossdock.records import Account, Contact

from .aging import aging_view
from .credit import credit_view
from .invoices import invoices_view
from .orders import orders_view
from .overview import overview_view
from .sales import sales_view
from .sources import ALL


@hookimpl
def account_tabs(ctx: Context, account: Account) -> Sequence[Tab]:
    """Name the tabs. Nothing is read for it; each tab reads what it needs when it is opened."""
    which = _trading_account(account)
    return (
        Tab(id="overview", title="Overview", order=10, render=overview_view, params=which),
        Tab(
            id="sales",
            title="Sales history",
            order=20,
            render=sales_view,
            params=(
                Param(
                    name="basis",
                    label="From",
                    kind="choice",
                    default="invoices",
                    choices=("invoices", "orders"),
                ),
                Param(
                    name="years",
                    label="Years",
                    kind="number",
                    default=str(ctx.config.get("years", 3)),
                ),
                *which,
            ),
        ),
        Tab(
            id="aging",
            title="Aging",
            order=30,
            render=aging_view,
            params=(
                Param(name="as_of", label="As of", kind="date"),
                Param(
                    name="basis",
                    label="By",
                    kind="choice",
                    default="due",
                    choices=("due", "posted", "issued"),
                ),
                *which,
            ),
        ),
        Tab(id="credit", title="Credit", order=40, render=credit_view, params=which),
        Tab(
            id="orders",
            title="Orders",
            order=50,
            render=orders_view,
            params=(
                Param(
                    name="show",
                    label="Show",
                    kind="choice",
                    default="open",
                    choices=("open", "all"),
                ),
                *which,
            ),
        ),
        Tab(
            id="invoices",
            title="Invoices",
            order=60,
            render=invoices_view,
            params=(
                Param(
                    name="show",
                    label="Show",
                    kind="choice",
                    default="all",
                    choices=("all", "open", "overdue"),
                ),
                *which,
            ),
        ),
    )


@hookimpl
def contact_tabs() -> Sequence[Tab]:
    """Show the overview of the contact's account beside the contact (A11)."""
    return (Tab(id="overview", title="Account overview", order=10, render=_overview_of_account),)


def _overview_of_account(ctx: Context, contact: Contact, params: Mapping[str, Any]) -> View:
    return overview_view(ctx, ctx.crm.account(contact.account_id), params)


def _trading_account(account: Account) -> tuple[Param, ...]:
    """Offer a choice where the CRM knows of several ERP customers; one needs no choosing."""
    refs = [f"{system}:{customer}" for system, customer in sorted(account.external_ids.items())]
    if len(refs) < 2:
        return ()
    return (
        Param(
            name="trading_account",
            label="Trading account",
            kind="choice",
            default=ALL,
            choices=(ALL, *refs),
        ),
    )
