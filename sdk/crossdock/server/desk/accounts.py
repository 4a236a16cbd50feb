"""The list of accounts, and what the CRM itself knows of one."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from crossdock.host.screens.tabs import TabHandle
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
        to_link=visit.desk.host.store.proposals.count(visit.desk.host.crm.system),
    )


def overview(visit: Visit) -> Response:
    """Show what the CRM itself knows of an account."""
    crm = visit.desk.host.crm
    account_id = visit.path("account")
    account = crm.account(account_id)
    return visit.show(
        "account.html",
        account=account,
        tabs=tabs_of(visit, account_id),
        current="",
        recent=_RECENT,
        show_all=visit.query("show"),
        contacts=crm.contacts(account_id),
        opportunities=crm.opportunities(account_id),
        stages={stage.id: stage for stage in crm.stages()},
        quotes=crm.quotes(account_id),
        orders=crm.orders(account_id),
        links=visit.desk.host.linking.linked.told(account),
    )


def tabs_of(visit: Visit, account_id: str) -> tuple[TabHandle, ...]:
    """Name the tabs that plugins offer on an account."""
    return tuple(visit.desk.host.account_tabs(account_id, user=visit.who))
