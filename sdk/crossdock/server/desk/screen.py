"""Views of plugins on the desk's screen: rendered as HTML, with links to the desk's own pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import quote as percent_encoded
from urllib.parse import urlencode

from markupsafe import Markup

from crossdock.host.erp_documents import KINDS as DOCUMENTS
from crossdock.render.formats import Formats
from crossdock.render.html import render_html
from crossdock.render.tables import CSV
from crossdock.server.desk.visit import Visit
from crossdock.views import View

_INVOICES: Final = {"invoice_copy": "copy", "invoice_sending": "send"}


def view_html(
    view: View,
    *,
    formats: Formats,
    system: str,
    account_id: str = "",
    heading: int = 2,
    closed: Collection[str] = (),
    own: Mapping[str, str] | None = None,
) -> Markup:
    """Render a view.

    Args:
        view: what to show; everything in it is escaped.
        formats: how figures and days are written.
        system: the ERP whose documents its links mean where they do not name it.
        account_id: whose tabs its actions mean.
        heading: the level of its headings.
        closed: kinds of targets that the reader may not open; they lead nowhere.
        own: where tabs are that are not the account's, by plugin and tab: a contact's own.
    """

    def href(target: str, params: Mapping[str, str]) -> str | None:
        kind, _, rest = target.partition("/")
        if kind in closed:
            return None
        if own and rest in own and kind in ("tab", CSV):
            path = own[rest] if kind == "tab" else f"{own[rest]}.csv"
            return f"{path}?{urlencode(params)}" if params else path
        return address_of(target, params, system=system, account_id=account_id)

    return render_html(view, href=href, formats=formats, heading=heading, forms=True)


def closed_to(visit: Visit) -> frozenset[str]:
    """Name the kinds of targets that a user's roles do not open."""
    invoices, documents, user = visit.desk.host.invoices, visit.desk.host.documents, visit.who
    may = {
        **{kind: documents.may_read(kind, user) for kind in DOCUMENTS},
        "invoice_copy": invoices.may_read(user),
        "invoice_sending": not invoices.objection(user),
    }
    return frozenset(kind for kind, open_ in may.items() if not open_)


def address_of(
    target: str, params: Mapping[str, str], *, system: str, account_id: str
) -> str | None:
    """Give the desk's page for a view's target, or `None` where the desk has none.

    Args:
        target: `tab/<plugin>/<tab>`, or `<kind>/<id>` such as `invoice/IN-1001`.
        params: go into the address; `system` names the ERP that a document is in.
        system: the ERP whose documents are meant where the parameters do not say.
        account_id: whose tab is meant.
    """
    kind, _, rest = target.partition("/")
    safe = percent_encoded(rest)
    match kind:
        case "tab" if account_id:
            path = f"/accounts/{percent_encoded(account_id)}/tabs/{safe}"
        case _ if kind == CSV and account_id:
            path = f"/accounts/{percent_encoded(account_id)}/tabs/{safe}.csv"
        case "account" | "contact" | "quote":
            path = f"/{kind}s/{safe}"
        case "opportunity":
            path = f"/opportunities/{safe}"
        case "segment":
            path = f"/lists/{safe}"
        case _ if kind in _INVOICES and (system := params.get("system", system)):
            path = f"/documents/{percent_encoded(system)}/invoice/{safe}/{_INVOICES[kind]}"
            params = {name: value for name, value in params.items() if name != "system"}
        case _ if kind in DOCUMENTS and (system := params.get("system", system)):
            path = f"/documents/{percent_encoded(system)}/{kind}/{safe}"
            params = {name: value for name, value in params.items() if name != "system"}
        case _:
            return None
    return f"{path}?{urlencode(params)}" if params else path
