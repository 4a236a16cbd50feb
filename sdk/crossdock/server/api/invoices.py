"""Invoices as customers get them: downloaded, and sent again by who may."""

from __future__ import annotations

from crossdock.render.csv import file_name
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.once import once
from crossdock.server.api.problems import not_found


def get_invoice_copy(call: Call) -> Answer:
    """Give the file that the ERP prints."""
    printed = call.api.host.invoices.read(_system(call), call.path("invoice_id"), call.user)
    name, _, ending = printed.name.rpartition(".")
    named = file_name(name, ending=ending)
    return Answer(
        body=printed.content,
        media_type=printed.media_type,
        headers={"content-disposition": f'attachment; filename="{named}"'},
    )


def send_invoice(call: Call) -> Answer:
    """Let the ERP send it; once for each key."""
    _ = call.user
    return once(call, _sent)


def _sent(call: Call) -> Answer:
    system, invoice_id, to = _system(call), call.path("invoice_id"), call.body.get("to")
    call.api.host.invoices.send(system, invoice_id, call.user, to=to or "")
    return Answer(status=202, body={"system": system, "invoice_id": invoice_id, "to": to})


def _system(call: Call) -> str:
    system = call.path("system")
    if system not in call.api.host.erp.systems:
        raise not_found(f"There is no ERP called {system}.")
    return system
