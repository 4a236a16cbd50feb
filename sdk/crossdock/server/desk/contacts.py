"""One contact with the tabs that plugins offer on it."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from crossdock.errors import ConfigError
from crossdock.server.desk.accounts import erp_of
from crossdock.server.desk.screen import view_html
from crossdock.server.desk.visit import Visit


def overview(visit: Visit) -> Response:
    """Show what the CRM itself knows of a contact."""
    host = visit.desk.host
    contact = host.crm.contact(visit.path("contact"))
    return visit.show(
        "contact.html",
        contact=contact,
        account=host.crm.account(contact.account_id),
        tabs=host.contact_tabs(contact.id, user=visit.who),
        current="",
        content=None,
        problem="",
    )


def tab(visit: Visit) -> Response:
    """Show one of the tabs that plugins offer on a contact."""
    host = visit.desk.host
    contact = host.crm.contact(visit.path("contact"))
    account = host.crm.account(contact.account_id)
    address = f"{visit.path('plugin')}/{visit.path('tab')}"
    tabs = host.contact_tabs(contact.id, user=visit.who)
    handle = next((each for each in tabs if each.address == address), None)
    if handle is None:
        raise HTTPException(404)
    asked = {
        param.name: visit.query(param.name)
        for param in handle.tab.params
        if visit.query(param.name)
    }
    content, problem = None, ""
    try:
        rendered = host.render_contact_tab(address, contact.id, user=visit.who, params=asked)
    except ConfigError as unreadable:  # a parameter that somebody typed, not the configuration
        problem = str(unreadable)
    else:
        # What a view calls a tab is one of the account: that is where its figures are at home.
        content = view_html(
            rendered.view,
            formats=visit.desk.wording.formats,
            system=erp_of(visit, account),
            account_id=account.id,
        )
    return visit.show(
        "contact.html",
        status=422 if problem else 200,
        contact=contact,
        account=account,
        tabs=tabs,
        current=address,
        content=content,
        problem=problem,
    )
