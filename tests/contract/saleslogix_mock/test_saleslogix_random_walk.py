"""Whatever is written to a document, its sums are its lines' own; refusals change nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
import pytest

from crossdock_mocks.engine import World

_KINDS = {
    "quotes": ("quoteItems", "QuoteItems", "Quote", "Total"),
    "salesOrders": ("salesOrderItems", "SalesOrderItems", "SalesOrder", "OrderTotal"),
}


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def amount(value: float | None) -> Decimal:
    return Decimal(str(value or 0))


def _line(dice: random.Random, products: list[dict[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if dice.random() < 0.8:
        values["Product"] = {"$key": dice.choice(products)["$key"]}
    if dice.random() < 0.5:
        values["ProductName"] = dice.choice(["Advice", "Freight", ""])
    if dice.random() < 0.6:
        values["Quantity"] = dice.choice([0, 1, 2.5, 7, 1000, -1, "3"])
    if dice.random() < 0.5:
        values["Price"] = dice.choice([0, 0.005, 12.345, 99.99, 1e7, None])
    if dice.random() < 0.5:
        values["Discount"] = dice.choice([0, 0.1, 1 / 3, 1, 1.5, -0.1])
    return values


def _change(
    dice: random.Random, client: httpx.Client, products: list[dict[str, Any]], kind: str, url: str
) -> httpx.Response:
    """Do one thing to a document, which may be none that can be done."""
    lines, collection, link, _ = _KINDS[kind]
    known = client.get(f"{url}/{collection}").json()["$resources"]
    key = url.split("'")[1]
    pick = dice.random()
    if pick < 0.35 or not known:
        return client.post(f"/{lines}", json={**_line(dice, products), link: {"$key": key}})
    line = dice.choice(known)["$key"]
    if pick < 0.65:
        return client.put(f"/{lines}('{line}')", json=_line(dice, products))
    if pick < 0.75:
        return client.delete(f"/{lines}('{line}')")
    if pick < 0.9:
        both = {"$resources": [{"$key": line, **_line(dice, products)}, _line(dice, products)]}
        return client.put(url, json={collection: both, "Tax": dice.choice([0, 7.77, None])})
    return client.put(url, json={"Freight": dice.choice([0, 5, "much"]), "GrandTotal": 1})


@pytest.mark.parametrize("kind", _KINDS)
def test_sums_hold_and_refusals_change_nothing(
    client: httpx.Client, world: World, first: Callable[..., dict[str, Any]], kind: str
) -> None:
    lines, _, link, total = _KINDS[kind]
    dice = random.Random(f"{kind} 1")  # the same walk in each run
    products = client.get("/products", params={"count": 8}).json()["$resources"]
    made = client.post(f"/{kind}", json={"Account": {"$key": first("accounts")["$key"]}})
    url = f"/{kind}('{made.json()['$key']}')"
    verdicts = {True: 0, False: 0}
    tables = (f"sdata_{kind}", f"sdata_{lines}")
    for _ in range(60):
        before = {name: world.table(name).find_raw() for name in tables}
        answer = _change(dice, client, products, kind, url)
        assert answer.status_code in (200, 201, 400), answer.text
        verdicts[answer.is_success] += 1
        if not answer.is_success:
            now = {name: world.table(name).find_raw() for name in before}
            assert now == before, answer.text
        head = client.get(url).json()
        rows = world.table(f"sdata_{lines}").find({link: head["$key"]})
        for row in rows:
            if row["Price"] is not None:
                calculated = cents(amount(row["Price"]) * (1 - amount(row["Discount"])))
                assert amount(row["CalculatedPrice"]) == calculated
                assert amount(row["ExtendedPrice"]) == cents(amount(row["Quantity"]) * calculated)
        net = sum((amount(row["ExtendedPrice"]) for row in rows), Decimal(0))
        assert amount(head[total]) == net
        assert amount(head["GrandTotal"]) == net + amount(head["Tax"]) + amount(head["Freight"])
    assert min(verdicts.values()) > 5, verdicts
