"""Cards of a dashboard, and named lists of accounts."""

from __future__ import annotations

from crossdock.server.api.call import Answer, Call
from crossdock.server.api.problems import not_found
from crossdock.server.api.tabs import SHORT_CARD
from crossdock.server.api.wire import document_of


def list_cards(call: Call) -> Answer:
    """Name the cards that the user may see, in the order in which they stand."""
    return Answer(
        body={
            "data": [
                {
                    "address": each.address,
                    "plugin_id": each.plugin_id,
                    "plugin_name": each.plugin_name,
                    "card_id": each.card.id,
                    "title": each.card.title,
                    "fault": each.fault,
                }
                for each in call.api.host.dashboard_cards(user=call.user)
            ]
        }
    )


def render_card(call: Call) -> Answer:
    """Open a card."""
    from crossdock.render.json import view_document

    host, user = call.api.host, call.user
    address = f"{call.path('plugin_id')}/{call.path('card_id')}"
    if address not in [each.address for each in host.dashboard_cards(user=user)]:
        raise not_found(f"The user has no card {address}.")
    rendered = host.render_card(address, user=user)
    if call.read.query.get("as") == "short":
        from crossdock.render.card import card_document

        return Answer(
            body=card_document(rendered.view, title=rendered.card.title), media_type=SHORT_CARD
        )
    return Answer(
        body={
            "address": address,
            "title": rendered.card.title,
            "view": view_document(rendered.view),
            "fault": rendered.fault,
            "seconds": round(rendered.seconds, 6),
        }
    )


def list_segments(call: Call) -> Answer:
    """Name the lists of accounts that the user may open, and the plugins that could not tell."""
    found = call.api.host.segments(user=call.user)
    return Answer(
        body={
            "data": [
                {
                    "address": each.address,
                    "plugin_id": each.plugin_id,
                    "plugin_name": each.plugin_name,
                    "segment_id": each.segment.id,
                    "title": each.segment.title,
                    "description": each.segment.description,
                }
                for each in found.segments
            ],
            "missing": [document_of(each) for each in found.missing],
        }
    )


def open_segment(call: Call) -> Answer:
    """Open a list of accounts."""
    host, user = call.api.host, call.user
    address = f"{call.path('plugin_id')}/{call.path('segment_id')}"
    if address not in [each.address for each in host.segments(user=user).segments]:
        raise not_found(f"The user has no list {address}.")
    opened = host.segment_accounts(address, user=user)
    return Answer(
        body={
            "address": address,
            "title": opened.segment.title,
            "account_ids": list(opened.account_ids),
            "fault": opened.fault,
            "seconds": round(opened.seconds, 6),
        }
    )
