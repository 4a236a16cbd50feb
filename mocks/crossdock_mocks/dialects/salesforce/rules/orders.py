"""Orders: drafts first, activated when they have products, and then locked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from crossdock_mocks.dialects.salesforce.errors import Refused
from crossdock_mocks.dialects.salesforce.rules.base import Row, Rules, rounded, total
from crossdock_mocks.dialects.salesforce.rules.lines import book_stays, price

if TYPE_CHECKING:
    from crossdock_mocks.dialects.salesforce.records import Records

DRAFT: Final = "Draft"
ACTIVATED: Final = "Activated"
_LOCKED: Final = frozenset({"AccountId", "Pricebook2Id", "EffectiveDate"})


def _before(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    status, was = row["Status"], None if old is None else old["Status"]
    if old is None and status == ACTIVATED:
        raise Refused(
            "FAILED_ACTIVATION",
            "Choose a valid order status and save your changes. Ask your admin for details.",
            ["Status"],
        )
    if status is not None:
        row["StatusCode"] = status
    if old is None:
        return
    if was == ACTIVATED and status == ACTIVATED:
        changed = sorted(each for each in _LOCKED & set(given) if row[each] != old[each])
        if changed:
            raise Refused(
                "FIELD_INTEGRITY_EXCEPTION",
                f"An activated order cannot be changed in: {', '.join(changed)}",
                changed,
            )
    book_stays(records, "OrderItem", "OrderId", row, old)
    if was != ACTIVATED and status == ACTIVATED:
        if not records.linked("OrderItem", "OrderId", row["Id"]):
            raise Refused("FAILED_ACTIVATION", "An order must have at least one product.", [])
        row.update(ActivatedDate=records.now, ActivatedById=records.user_id)
    if was == ACTIVATED and status == DRAFT:
        row.update(ActivatedDate=None, ActivatedById=None)


def _open(records: Records, key: str | None) -> None:
    head = records.get("Order", key)
    if head is not None and head["Status"] == ACTIVATED:
        raise Refused(
            "FIELD_INTEGRITY_EXCEPTION",
            "You can't add, change or remove products of an activated order.",
            [],
        )


def _line(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    if old is None or {"Quantity", "UnitPrice"} & set(given):
        _open(records, row["OrderId"])
    price(records, "Order", row, old, discounted=False)


def _line_after(records: Records, row: Row, old: Row | None) -> None:
    del old
    head = records.get("Order", row["OrderId"])
    if head is not None:
        lines = records.linked("OrderItem", "OrderId", head["Id"])
        amount = rounded(total(each["TotalPrice"] for each in lines))
        records.rolled_up("Order", head, {"TotalAmount": amount})


def _goes(_records: Records, row: Row) -> None:
    if row["Status"] == ACTIVATED:
        raise Refused(
            "DELETE_FAILED", "Activated orders can't be deleted; deactivate the order first.", []
        )


def _line_goes(records: Records, row: Row) -> None:
    _open(records, row["OrderId"])


ORDER: Final = Rules(before=_before, before_delete=_goes)
LINE: Final = Rules(before=_line, after=_line_after, before_delete=_line_goes)
