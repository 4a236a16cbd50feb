"""The tabs that plugins offer on an account or a contact: as a page, and its tables as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from crossdock.errors import ConfigError
from crossdock.host.screens.tabs import RenderedTab, TabHandle, understands
from crossdock.records import Account, Contact
from crossdock.render.csv import MEDIA_TYPE, file_name, table_csv
from crossdock.render.tables import tables_kept
from crossdock.server.desk.screen import closed_to, view_html
from crossdock.server.desk.visit import Visit

_LONGEST: Final = 200


def of_account(visit: Visit) -> Response:
    """Show one of the tabs of an account."""
    account = visit.desk.host.crm.account(visit.path("account"))
    tabs = visit.desk.host.account_tabs(account.id, user=visit.who)
    return _page(visit, account, tabs, {"account": account}, "account_tab.html")


def of_contact(visit: Visit) -> Response:
    """Show one of the tabs of a contact."""
    host = visit.desk.host
    contact = host.crm.contact(visit.path("contact"))
    account = host.crm.account(contact.account_id)
    tabs = host.contact_tabs(contact.id, user=visit.who)
    more = {"contact": contact, "account": account}
    return _page(visit, contact, tabs, more, "contact.html")


def table_of_account(visit: Visit) -> Response:
    """Give a table of a tab of an account as a file."""
    account = visit.desk.host.crm.account(visit.path("account"))
    return _file(visit, account, visit.desk.host.account_tabs(account.id, user=visit.who))


def table_of_contact(visit: Visit) -> Response:
    """Give a table of a tab of a contact as a file."""
    contact = visit.desk.host.crm.contact(visit.path("contact"))
    return _file(visit, contact, visit.desk.host.contact_tabs(contact.id, user=visit.who))


def erp_of(visit: Visit, account: Account) -> str:
    """Name the ERP that a document is in whose link does not say it: the account's, or the only."""
    systems = visit.desk.host.erp.systems
    known = [system for system in systems if system in account.external_ids]
    return (known or list(systems))[0]


def _page(
    visit: Visit,
    record: Account | Contact,
    tabs: Sequence[TabHandle],
    more: Mapping[str, Any],
    template: str,
) -> Response:
    handle = _handle(visit, tabs)
    asked = _asked(visit, handle)
    rendered, problem = None, ""
    try:
        rendered = _render(visit, handle, record, asked)
    except ConfigError as unreadable:  # a parameter that somebody typed, not the configuration
        problem = str(unreadable)
    values: dict[str, Any] = {param.name: param.default or "" for param in handle.tab.params}
    if rendered is not None:
        values.update({k: "" if v is None else str(v) for k, v in rendered.params.items()})
    values.update(asked)
    account: Account = more["account"]
    return visit.show(
        template,
        status=422 if problem else 200,
        tabs=tabs,
        current=handle.address,
        handle=handle,
        rendered=rendered,
        content=None
        if rendered is None
        else view_html(
            rendered.view,
            formats=visit.desk.wording.formats,
            system=erp_of(visit, account),
            account_id=account.id,
            closed=closed_to(visit),
            own={handle.address: visit.request.url.path},
        ),
        values=values,
        kept=tables_kept(asked),
        problem=problem,
        **more,
    )


def _file(visit: Visit, record: Account | Contact, tabs: Sequence[TabHandle]) -> Response:
    handle = _handle(visit, tabs)
    try:
        rendered = _render(visit, handle, record, _asked(visit, handle))
    except ConfigError:
        raise HTTPException(404) from None
    table = rendered.table(visit.query("table"))
    if table is None:
        raise HTTPException(404)
    name = file_name(record.name, table.title or handle.tab.title)
    return Response(
        # Spreadsheets take a file for UTF-8 by the mark at its beginning.
        table_csv(table).encode("utf-8-sig"),
        media_type=f"{MEDIA_TYPE}; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _handle(visit: Visit, tabs: Sequence[TabHandle]) -> TabHandle:
    address = f"{visit.path('plugin')}/{visit.path('tab')}"
    handle = next((each for each in tabs if each.address == address), None)
    if handle is None:
        raise HTTPException(404)
    return handle


def _asked(visit: Visit, handle: TabHandle) -> dict[str, str]:
    return {
        name: value.strip()[:_LONGEST]
        for name, value in visit.request.query_params.items()
        if value.strip() and understands(handle.tab, name)
    }


def _render(
    visit: Visit, handle: TabHandle, record: Account | Contact, asked: Mapping[str, str]
) -> RenderedTab:
    host = visit.desk.host
    render = host.render_tab if isinstance(record, Account) else host.render_contact_tab
    # Who presses "reload" wants what is true now (RFC 9111, section 5.2.1).
    wish = visit.request.headers.get("cache-control", "")
    fresh = "no-cache" in wish or "max-age=0" in wish
    return render(handle.address, record.id, user=visit.who, params=asked, fresh=fresh)
