"""Lists of accounts by facts of the ERP, and the accounts of one of them."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote as percent_encoded

from starlette.exceptions import HTTPException
from starlette.responses import Response

from crossdock.errors import NotFound
from crossdock.records import Account
from crossdock.server.desk.visit import Visit

_PAGE: Final = 25


def listing(visit: Visit) -> Response:
    """Name the lists; they are counted only when they are opened."""
    found = visit.desk.host.segments(user=visit.who)
    return visit.show("lists.html", segments=found.segments, missing=found.missing)


def show(visit: Visit) -> Response:
    """Show the accounts of a list, page by page."""
    host = visit.desk.host
    address = f"{visit.path('plugin')}/{visit.path('segment')}"
    handles = host.segments(user=visit.who).segments
    handle = next((each for each in handles if each.address == address), None)
    if handle is None:
        raise HTTPException(404)
    opened = host.segment_accounts(address, user=visit.who)
    ids = opened.account_ids
    asked = visit.query("page", "1")
    last_page = max(1, -(-len(ids) // _PAGE))
    number = min(int(asked), last_page) if asked.isdecimal() and len(asked) < 7 else 1
    number = max(number, 1)
    first = (number - 1) * _PAGE
    path = f"/lists/{percent_encoded(address)}"
    return visit.show(
        "list.html",
        handle=handle,
        opened=opened,
        accounts=[_account(visit, each) for each in ids[first : first + _PAGE]],
        first=first + 1,
        last=min(first + _PAGE, len(ids)),
        previous=f"{path}?page={number - 1}" if number > 1 else None,
        next=f"{path}?page={number + 1}" if number < last_page else None,
    )


def _account(visit: Visit, account_id: str) -> Account:
    try:
        return visit.desk.host.crm.account(account_id)
    except NotFound:  # the plugin names one that is gone
        return Account(id=account_id, name=f"{account_id} (not in the CRM any more)", kind="former")
