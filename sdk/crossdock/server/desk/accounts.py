"""The list of accounts, and one account with its tabs."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from crossdock.errors import ConfigError
from crossdock.host.screens.tabs import TabHandle
from crossdock.records import Account
from crossdock.server.desk.screen import view_html
from crossdock.server.desk.visit import Visit

_PAGE: Final = 25
_RECENT: Final = 6
_LONGEST_TRAIL: Final = 100


def listing(visit: Visit) -> Response:
    """List accounts, by search and page by page.

    The CRM's pages have cursors that only lead on; the way back is carried in the address.
    """
    search = visit.query("search")[:200]
    trail = visit.request.query_params.getlist("trail")[:_LONGEST_TRAIL]
    after = trail[-1] if trail else None
    page = visit.desk.host.crm.accounts(search, after=after, limit=_PAGE)

    def address(cursors: list[str]) -> str:
        asked = [("search", search)] if search else []
        return "/accounts?" + urlencode(asked + [("trail", cursor) for cursor in cursors])

    first = len(trail) * _PAGE + 1
    return visit.show(
        "accounts.html",
        search=search,
        accounts=page.items,
        total=page.total,
        first=first,
        last=first + len(page.items) - 1,
        previous=address(trail[:-1]) if trail else None,
        next=address([*trail, page.next]) if page.next else None,
    )


def overview(visit: Visit) -> Response:
    """Show what the CRM itself knows of an account."""
    crm = visit.desk.host.crm
    account_id = visit.path("account")
    account = crm.account(account_id)
    return visit.show(
        "account.html",
        account=account,
        tabs=_tabs(visit, account_id),
        current="",
        recent=_RECENT,
        show_all=visit.query("show"),
        contacts=crm.contacts(account_id),
        opportunities=crm.opportunities(account_id),
        stages={stage.id: stage for stage in crm.stages()},
        quotes=crm.quotes(account_id),
        orders=crm.orders(account_id),
    )


def tab(visit: Visit) -> Response:
    """Show one of the tabs that plugins offer on an account."""
    account_id = visit.path("account")
    address = f"{visit.path('plugin')}/{visit.path('tab')}"
    host = visit.desk.host
    account = host.crm.account(account_id)
    tabs = _tabs(visit, account_id)
    handle = next((each for each in tabs if each.address == address), None)
    if handle is None:
        raise HTTPException(404)
    asked = {
        param.name: visit.query(param.name)
        for param in handle.tab.params
        if visit.query(param.name)
    }
    rendered, problem = None, ""
    try:
        rendered = host.render_tab(address, account_id, user=visit.who, params=asked)
    except ConfigError as unreadable:  # a parameter that somebody typed, not the configuration
        problem = str(unreadable)
    values: dict[str, Any] = {param.name: param.default or "" for param in handle.tab.params}
    if rendered is not None:
        values.update({k: "" if v is None else str(v) for k, v in rendered.params.items()})
    values.update(asked)
    return visit.show(
        "account_tab.html",
        status=422 if problem else 200,
        account=account,
        tabs=tabs,
        current=address,
        handle=handle,
        rendered=rendered,
        content=view_html(
            rendered.view,
            formats=visit.desk.wording.formats,
            system=erp_of(visit, account),
            account_id=account_id,
        )
        if rendered
        else "",
        values=values,
        problem=problem,
    )


def _tabs(visit: Visit, account_id: str) -> tuple[TabHandle, ...]:
    return tuple(visit.desk.host.account_tabs(account_id, user=visit.who))


def erp_of(visit: Visit, account: Account) -> str:
    """Name the ERP whose documents a tab's links mean: the account's own, or the only one."""
    systems = visit.desk.host.erp.systems
    known = [system for system in systems if system in account.external_ids]
    return (known or list(systems))[0]
