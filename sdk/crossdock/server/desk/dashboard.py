"""The dashboard: a card for each that plugins offer, one that fails beside the others."""

from __future__ import annotations

from attrs import frozen
from markupsafe import Markup
from starlette.responses import Response

from crossdock.server.desk.screen import view_html
from crossdock.server.desk.visit import Visit


@frozen(kw_only=True)
class Shown:
    """A card as the page shows it."""

    address: str
    title: str
    content: Markup


def start(visit: Visit) -> Response:
    """Show the cards."""
    host = visit.desk.host
    cards = []
    for handle in host.dashboard_cards(user=visit.who):
        rendered = host.render_card(handle.address, user=visit.who)
        content = view_html(
            rendered.view,
            formats=visit.desk.wording.formats,
            system=host.erp.systems[0],
            heading=3,
        )
        cards.append(Shown(address=handle.address, title=handle.card.title, content=content))
    return visit.show("dashboard.html", cards=cards)
