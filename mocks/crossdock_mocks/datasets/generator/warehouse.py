"""What is on hand and on its way in, so that it fits the open orders."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from random import Random

from crossdock_mocks.datasets.generator.catalogue import Catalogue
from crossdock_mocks.datasets.generator.documents import Order
from crossdock_mocks.datasets.generator.people import Row

__all__ = ["MAIN", "build_stock"]

MAIN = "LINZ"
_SECOND = "GRAZ"


def build_stock(
    rng: Random, catalogue: Catalogue, orders: list[Order], plentiful: set[str]
) -> dict[str, list[Row]]:
    """Stock and receipts.

    Items of orders that are late are short (that is why they are late) and on their way in;
    the others cover what is open. Items named as plentiful are on hand many times over.
    """
    as_of = catalogue.as_of
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    late: dict[str, Decimal] = defaultdict(Decimal)
    sold: dict[str, Decimal] = defaultdict(Decimal)
    for order in orders:
        for line in order.lines:
            if order.ordered_on > as_of - timedelta(days=365):
                sold[line.item.id] += line.quantity
            wanted[line.item.id] += line.open
            if line.open and line.promised_on < as_of:
                late[line.item.id] += line.open
    stock: list[Row] = []
    receipts: list[Row] = []
    for item in catalogue.items.values():
        if item.kind != "goods":
            continue
        monthly = max(sold[item.id] / 12, Decimal(item.usual_quantity))
        share = Decimal(rng.randint(60, 300)) / 100
        on_hand = (monthly * share + wanted[item.id] * Decimal("1.2")).to_integral_value()
        if item.id in plentiful:
            on_hand += item.usual_quantity * 60
        elif late[item.id]:
            on_hand = (late[item.id] * Decimal("0.4")).to_integral_value()
        elif rng.random() < 0.06:
            on_hand = Decimal(0)
        second = (on_hand / 5).to_integral_value() if rng.random() < 0.35 else Decimal(0)
        stock.append({"item_id": item.id, "location": MAIN, "on_hand": on_hand - second})
        if second:
            stock.append({"item_id": item.id, "location": _SECOND, "on_hand": second})
        if late[item.id] or not on_hand or rng.random() < 0.25:
            receipts.append(
                {
                    "item_id": item.id,
                    "due_date": as_of + timedelta(days=rng.randint(2, 24)),
                    "quantity": (max(monthly, late[item.id]) * 2).to_integral_value() + 1,
                }
            )
    return {"stock": stock, "receipts": receipts}
