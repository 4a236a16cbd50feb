"""Properties that nobody sets: amounts of lines and quotes, states of deals, primary companies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from crossdock_mocks.dialects.hubspot.associations import links
from crossdock_mocks.dialects.hubspot.kinds import (
    COMPANY,
    CONTACT,
    DEAL,
    INVOICE,
    LINE_ITEM,
    PAYMENT,
    QUOTE,
    TASK,
    TICKET,
    Kind,
)
from crossdock_mocks.dialects.hubspot.portal import Portal, Row
from crossdock_mocks.dialects.hubspot.values import check_stage

_CENT: Final = Decimal("0.01")
_PRIMARY_OF_CONTACT: Final = 1
_PRIMARY_OF_DEAL: Final = 5
_PRIMARY_OF_TICKET: Final = 26
_PARENT: Final = 14
_CHILDREN: Final = 13


def complete(portal: Portal, kind: Kind, row: Row) -> None:
    """Set the computed properties of a record, in place."""
    rule = _RULES.get(kind.type_id)
    if rule is not None:
        for name, value in rule(portal, kind, row).items():
            if value is None:
                row["properties"].pop(name, None)
            else:
                row["properties"][name] = value


def touch(portal: Portal, kind: Kind, row: Row) -> None:
    """Note the records whose computed properties may follow from this one."""
    if kind is LINE_ITEM:
        for to in (QUOTE, INVOICE):
            for key in links.linked(portal, kind, row["id"], to):
                portal.dirty[to.type_id, key] = None


def _money(value: Decimal) -> str:
    return format(value.quantize(_CENT, ROUND_HALF_UP), "f")


def _amount(properties: Mapping[str, str], name: str) -> Decimal:
    return Decimal(properties.get(name, "0"))


def _line_item(portal: Portal, kind: Kind, row: Row) -> dict[str, str | None]:
    del portal, kind
    properties = row["properties"]
    if "price" not in properties:
        return dict.fromkeys(("amount", "hs_pre_discount_amount", "hs_total_discount"))
    quantity, price = _amount(properties, "quantity"), _amount(properties, "price")
    full = quantity * price
    if "hs_discount_percentage" in properties:
        discount = full * _amount(properties, "hs_discount_percentage") / 100
    else:
        discount = quantity * _amount(properties, "discount")
    return {
        "hs_pre_discount_amount": _money(full),
        "hs_total_discount": _money(discount),
        "amount": _money(full - discount),
    }


def _deal(portal: Portal, kind: Kind, row: Row) -> dict[str, str | None]:
    properties = row["properties"]
    stage = check_stage(portal, kind, properties) or {"metadata": {}}
    chance = Decimal(stage["metadata"].get("probability", "0"))
    closed = stage["metadata"].get("isClosed") == "true"
    projected = _money(_amount(properties, "amount") * chance) if "amount" in properties else None
    return {
        "hs_is_closed": str(closed).lower(),
        "hs_is_closed_won": str(closed and chance == 1).lower(),
        "hs_deal_stage_probability": format(chance, "f"),
        "hs_projected_amount": projected,
        "hs_primary_associated_company": links.first(portal, kind, row["id"], _PRIMARY_OF_DEAL),
        "closedate": properties.get("closedate") or (row["updatedAt"] if closed else None),
    }


def _ticket(portal: Portal, kind: Kind, row: Row) -> dict[str, str | None]:
    """A ticket that comes to a closed stage is closed then; one that is opened again is not."""
    properties = row["properties"]
    stage = check_stage(portal, kind, properties) or {"metadata": {}}
    closed = stage["metadata"].get("ticketState") == "CLOSED"
    return {
        "hs_ticket_id": row["id"],
        "hs_primary_company": links.first(portal, kind, row["id"], _PRIMARY_OF_TICKET),
        "closed_date": (properties.get("closed_date") or row["updatedAt"]) if closed else None,
    }


def _quote(portal: Portal, kind: Kind, row: Row) -> dict[str, str | None]:
    published = row["properties"].get("hs_status") in ("APPROVAL_NOT_NEEDED", "APPROVED")
    token = f"{row['number']:x}"
    day = row["createdAt"]
    return {
        "hs_quote_amount": _money(_lines(portal, kind, row)),
        "hs_locked": str(published).lower(),
        "hs_quote_number": row["properties"].get("hs_quote_number")
        or f"{day[:10].replace('-', '')}-{row['number'] % 1_000_000_000:09d}",
        "hs_public_url_key": token if published else None,
        "hs_quote_link": f"https://crossdock.hubspot.test/{token}" if published else None,
    }


def _lines(portal: Portal, kind: Kind, row: Row) -> Decimal:
    table = portal.table("records")
    items = (
        table.get((LINE_ITEM.type_id, key))
        for key in links.linked(portal, kind, row["id"], LINE_ITEM)
    )
    return sum((_amount(each["properties"], "amount") for each in items if each), Decimal(0))


def _invoice(portal: Portal, kind: Kind, row: Row) -> dict[str, str | None]:
    billed = _lines(portal, kind, row) + _amount(row["properties"], "hs_tax")
    paid = _amount(row["properties"], "hs_amount_paid")
    return {"hs_amount_billed": _money(billed), "hs_balance_due": _money(billed - paid)}


def _payment(portal: Portal, kind: Kind, row: Row) -> dict[str, str | None]:
    del portal, kind
    properties = row["properties"]
    net = _amount(properties, "hs_initial_amount") - _amount(properties, "hs_fees_amount")
    return {"hs_net_amount": _money(net)}


def _contact(portal: Portal, kind: Kind, row: Row) -> dict[str, str | None]:
    email = row["properties"].get("email")
    return {
        "associatedcompanyid": links.first(portal, kind, row["id"], _PRIMARY_OF_CONTACT),
        "hs_email_domain": email.rpartition("@")[2] if email else None,
    }


def _company(portal: Portal, kind: Kind, row: Row) -> dict[str, str | None]:
    children = links.of_type(portal, kind, row["id"], _CHILDREN)
    return {
        "hs_parent_company_id": links.first(portal, kind, row["id"], _PARENT),
        "hs_num_child_companies": str(len(children)),
    }


def _task(portal: Portal, kind: Kind, row: Row) -> dict[str, str | None]:
    del portal, kind
    properties = row["properties"]
    done = properties.get("hs_task_status") == "COMPLETED"
    at = properties.get("hs_task_completion_date") or row["updatedAt"]
    return {"hs_task_is_completed": str(int(done)), "hs_task_completion_date": at if done else None}


_RULES: Final[Mapping[str, Callable[[Portal, Kind, Row], dict[str, str | None]]]] = {
    CONTACT.type_id: _contact,
    COMPANY.type_id: _company,
    DEAL.type_id: _deal,
    LINE_ITEM.type_id: _line_item,
    QUOTE.type_id: _quote,
    INVOICE.type_id: _invoice,
    PAYMENT.type_id: _payment,
    TASK.type_id: _task,
    TICKET.type_id: _ticket,
}
