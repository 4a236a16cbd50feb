"""One order of the CRM: how far it has come, what happened, and the back office to play."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from crossdock.errors import NotFound, PlacementConflict
from crossdock.records import Order, OrderEvent
from crossdock.server.desk import changing, findings, placing
from crossdock.server.desk.back_office import PLAYS
from crossdock.server.desk.deliveries import of_subjects, sentence
from crossdock.server.desk.findings import Messages
from crossdock.server.desk.progress import steps
from crossdock.server.desk.screen import address_of
from crossdock.server.desk.visit import Visit
from crossdock.server.desk.words import Said

_UNDER_WAY: Final = ("submitted", "accepted")

_OVER: Final = ("paid", "cancelled", "rejected", "returned")
_DOCUMENTS: Final = {
    "shipped": "shipment",
    "invoiced": "invoice",
    "credited": "credit_note",
    "paid": "payment",
}


def show(visit: Visit) -> Response:
    """Show an order with its lines, its timeline and its deliveries."""
    return _page(visit, visit.desk.host.crm.order(visit.path("order")))


def play(visit: Visit) -> Response:
    """Play the warehouse or the bookkeeper: the ERP is told, and the CRM hears of it by itself."""
    desk = visit.desk
    if desk.back_office is None:
        raise HTTPException(404)
    order = desk.host.crm.order(visit.path("order"))
    act = visit.sent("act")
    if act not in PLAYS or not order.erp_order_id:
        return _page(visit, order, played=Said(False, "The ERP does not have this order yet."))
    played = desk.back_office.play(
        act, order.erp_system, order.erp_order_id, key=visit.sent("key"), actor=visit.who.name
    )
    if not played.done:
        return _page(visit, order, played=played)
    desk.watches.start(order.id)
    return visit.go(f"/orders/{order.id}", word=played)


def say_created(visit: Visit) -> Response:
    """Take a person's word: it is there, or it is not and is to be sent."""
    host = visit.desk.host
    order = host.crm.order(visit.path("order"))
    there = visit.sent("action") == "confirm"
    problems: dict[str, str] = {}
    try:
        if there and not visit.sent("erp_order"):
            problems["erp_order"] = "Say as which order you found it, such as SO-100001."
        elif there:
            host.exceptions.confirm(order.id, visit.sent("erp_order"), visit.actor)
            text = "Thank you. The order is linked, and what waited for it goes on."
        elif not visit.sent("reason"):
            problems["reason"] = "Say how you know, so that everybody can see why it was sent."
        else:
            reason = visit.sent("reason")[:2000]
            host.exceptions.deny(order.id, visit.actor, reason=reason)
            text = "Thank you. The order is sent to the ERP now."
    except NotFound:
        problems["erp_order"] = "The ERP has no such order."
    except PlacementConflict as refused:
        problems["erp_order" if there else "reason"] = sentence(str(refused))
    if problems:
        typed = {"erp_order": visit.sent("erp_order"), "reason": visit.sent("reason")}
        return _page(visit, order, said=Messages(findings.of_form(problems)), typed=typed)
    visit.desk.watches.start(order.id)
    return visit.go(f"/orders/{order.id}", word=Said(True, text))


def _page(
    visit: Visit,
    order: Order,
    *,
    played: Said | None = None,
    said: Messages | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    desk = visit.desk
    order = desk.host.as_seen_by(visit.who, order)
    placement = placing.in_question(visit, order.id)
    crm = desk.host.crm
    paused = visit.query("pause") == "1"
    deliveries = of_subjects(visit, (order.id, order.erp_order_id))
    stuck = any(delivery.stuck for delivery in deliveries)
    waiting = any(not delivery.over and not delivery.stuck for delivery in deliveries)
    watched = desk.watches.on(order.id) and order.status not in _OVER
    changes = changing.of_order(visit, order)
    asked = any(each.under_way for each in changes)
    moving = asked or waiting or watched or order.status in _UNDER_WAY
    under_way = moving and not stuck and placement is None
    events = desk.host.as_seen_by(visit.who, tuple(crm.order_events(order.id)))
    return visit.show(
        "order.html",
        order=order,
        account=crm.account(order.account_id),
        events=events,
        documents={each.document_id: _address(visit, order, each) for each in events},
        steps=steps(order, desk.wording, stuck=stuck),
        deliveries=deliveries,
        under_way=under_way,
        refresh=desk.settings.refresh_seconds if under_way and not paused else 0,
        paused=paused,
        plays=desk.back_office.available(order) if desk.back_office is not None else (),
        placement=placement,
        changes=changes,
        changeable=changing.changeable(order),
        said=said or Messages(),
        typed=typed or {},
        key=secrets.token_urlsafe(12),
        word=played or visit.word,
    )


def _address(visit: Visit, order: Order, event: OrderEvent) -> str | None:
    """Give the page of the ERP document behind an entry, where there is one that he may open."""
    kind = "order" if event.document_id == order.erp_order_id else _DOCUMENTS.get(event.kind)
    if not (kind and event.document_id and order.erp_system):
        return None
    if not visit.desk.host.documents.may_read(kind, visit.who):
        return None
    return address_of(f"{kind}/{event.document_id}", {}, system=order.erp_system, account_id="")
