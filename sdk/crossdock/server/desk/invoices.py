"""An invoice as the customer gets it: downloaded, and sent again after asking once more."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote as percent_encoded

from starlette.exceptions import HTTPException
from starlette.responses import Response

from crossdock.errors import NotSupported, RemoteRefused, RemoteUnavailable
from crossdock.records import Invoice
from crossdock.render.csv import file_name
from crossdock.server.desk.refusals import refusal
from crossdock.server.desk.visit import Visit
from crossdock.server.desk.words import Said

_LONGEST: Final = 200  # letters of an address


def copy(visit: Visit) -> Response:
    """Give the file that the ERP prints."""
    printed = visit.desk.host.invoices.read(_system(visit), visit.path("id"), visit.who)
    name, _, ending = printed.name.rpartition(".")
    return Response(
        printed.content,
        media_type=printed.media_type,
        headers={"content-disposition": f'attachment; filename="{file_name(name, ending=ending)}"'},
    )


def ask(visit: Visit) -> Response:
    """Ask whether it is to be sent, and to whom."""
    system = _system(visit)
    invoice = _invoice(visit, system)
    customer = visit.desk.host.erp.using(system).customer(invoice.customer_id)
    seen = visit.desk.host.as_seen_by(visit.who, customer)
    return _page(visit, invoice, to=seen.email or "")


def send(visit: Visit) -> Response:
    """Let the ERP send it."""
    system, to = _system(visit), visit.sent("to")[:_LONGEST]
    invoice = _invoice(visit, system)
    try:
        visit.desk.host.invoices.send(system, invoice.id, visit.who, to=to)
    except (NotSupported, RemoteRefused) as refused:
        return _page(visit, invoice, to=to, problem=str(refused))
    except RemoteUnavailable as lost:
        problem = refusal(lost).title
        if lost.maybe_done:
            problem = (
                "The ERP did not answer, so nobody knows whether the invoice went out. Ask the "
                "customer or look into the ERP before you send it again."
            )
        return _page(visit, invoice, to=to, problem=problem)
    whom = to or "the customer's own address"
    back = f"/documents/{percent_encoded(system)}/invoice/{percent_encoded(invoice.id)}"
    return visit.go(back, word=Said(True, f"{invoice.id} is on its way to {whom}."))


def _page(visit: Visit, invoice: Invoice, *, to: str, problem: str = "") -> Response:
    return visit.show(
        "invoice_sending.html",
        status=422 if problem else 200,
        invoice=invoice,
        to=to,
        problem=problem,
        why_not=visit.desk.host.invoices.objection(visit.who),
    )


def _invoice(visit: Visit, system: str) -> Invoice:
    """Give the invoice as the user may see it."""
    found = visit.desk.host.documents.read(system, "invoice", visit.path("id"), visit.who)
    assert isinstance(found, Invoice)
    return found


def _system(visit: Visit) -> str:
    system = visit.path("system")
    if system not in visit.desk.host.erp.systems:
        raise HTTPException(404)
    return system
