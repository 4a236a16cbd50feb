"""What the CRM itself knows of a contact."""

from __future__ import annotations

from starlette.responses import Response

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
