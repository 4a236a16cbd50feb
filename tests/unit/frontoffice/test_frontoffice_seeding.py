"""A world begins as its data set says, and goes on from there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crossdock_mocks.datasets import DataSet, Header
from crossdock_mocks.engine import World
from crossdock_mocks.frontoffice import Office, opportunities, parties, seed
from crossdock_mocks.frontoffice.resources import ACCOUNT, FORECAST, OPPORTUNITY, ORDER, QUOTE


def at(day: int) -> datetime:
    return datetime(2026, 11, day, 8, tzinfo=UTC)


def order(number: int, status: str = "open") -> dict[str, Any]:
    return {
        "id": f"SO-{number}",
        "customer_id": "C-1",
        "ordered_on": date(2026, 11, 4),
        "status": status,
        "currency": "EUR",
    }


def order_line(number: int, quantity: int, cancelled: int = 0) -> dict[str, Any]:
    return {
        "order_id": f"SO-{number}",
        "line": 1,
        "item_id": "X",
        "quantity": Decimal(quantity),
        "unit_price": Decimal(5),
        "cancelled_quantity": Decimal(cancelled),
        "tax_code": "S",
    }


def quote(number: int) -> dict[str, Any]:
    return {
        "id": f"Q-{number}",
        "account_id": "A-2000",
        "opportunity_id": "O-1",
        "status": "ordered",
        "currency": "EUR",
        "order_id": f"SO-{number}",
        "created_at": at(3),
    }


def moved(kind: str, number: int, quantity: int) -> tuple[dict[str, Any], dict[str, Any]]:
    key = f"{kind[:2]}-{number}-{quantity}"
    line = {f"{kind}_id": key, "line": 1, "order_line": 1, "item_id": "X"}
    return {"id": key, "order_id": f"SO-{number}"}, {**line, "quantity": Decimal(quantity)}


MOVES = {
    "shipment": [moved("shipment", n, q) for n, q in [(2, 4), (3, 6), (3, 4), (4, 10), (5, 10)]],
    "invoice": [moved("invoice", n, q) for n, q in [(4, 4), (5, 10)]],
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "tax_codes": [{"id": "S", "name": "Standard", "rate": Decimal("0.2")}],
    "users": [{"id": "U-kim", "name": "Kim", "role": "sales", "active": True}],
    "accounts": [
        {"id": "A-2000", "name": "Acme", "kind": "customer", "customer_id": "C-1"},
        {"id": "A-2001", "name": "Birch", "kind": "prospect", "currency": "USD"},
    ],
    "stages": [
        {
            "id": "prove",
            "name": "Prove",
            "position": 1,
            "kind": "open",
            "probability": Decimal("0.5"),
            "forecast_category": "best_case",
        }
    ],
    "opportunities": [
        {
            "id": "O-1",
            "account_id": "A-2000",
            "name": "Deal",
            "stage_id": "prove",
            "amount": Decimal(100),
            "currency": "EUR",
            "created_at": at(1),
        }
    ],
    "quotes": [quote(number) for number in range(1, 8)],
    "quote_lines": [
        {
            "quote_id": f"Q-{number}",
            "line": 1,
            "item_id": "X",
            "quantity": Decimal(10),
            "unit_price": Decimal(5),
            "discount_percent": Decimal(0),
        }
        for number in range(1, 8)
    ],
    "orders": [*(order(number) for number in range(1, 6)), order(6, "hold"), order(7, "cancelled")],
    "order_lines": [*(order_line(number, 10) for number in range(1, 7)), order_line(7, 10, 10)],
    **{f"{kind}s": [head for head, _ in moves] for kind, moves in MOVES.items()},
    **{f"{kind}_lines": [line for _, line in moves] for kind, moves in MOVES.items()},
    "forecasts": [{"id": "F-7", "period": "2026-Q4", "frozen_at": at(5), "currency": "EUR"}],
    "forecast_lines": [
        {
            "forecast_id": "F-7",
            "opportunity_id": "O-1",
            "stage_id": "prove",
            "category": "commit",
            "amount": Decimal(90),
            "probability": Decimal("0.9"),
            "expected": Decimal(81),
        }
    ],
}


@pytest.fixture
def seeded(world: World) -> Office:
    header = Header(name="x", company="Testing Ltd", currency="EUR", as_of=date(2026, 11, 21))
    seed(world, DataSet.of(header, ROWS))
    return Office(world, "U-kim")


def test_an_account_is_linked_to_its_customer_and_has_a_currency(seeded: Office):
    acme, birch = seeded.table(ACCOUNT).find(order="id")
    assert (acme["external_ids"], acme["currency"]) == ({"main": "C-1"}, "EUR")
    assert (birch["external_ids"], birch["currency"]) == ({}, "USD")


def test_numbers_go_on_above_those_of_the_data_set(seeded: Office):
    assert parties.create_account(seeded, {"name": "Next"})["id"] == "A-2002"


def test_what_was_there_before_is_no_change(seeded: Office):
    assert seeded.world.table("crm_changes").count() == 0


@pytest.mark.parametrize(
    ("number", "status", "line_status", "shipped", "invoiced"),
    [
        (1, "confirmed", "open", "0", "0"),
        (2, "partly_shipped", "partly_shipped", "4", "0"),
        (3, "shipped", "shipped", "10", "0"),
        (4, "partly_invoiced", "partly_invoiced", "10", "4"),
        (5, "invoiced", "invoiced", "10", "10"),
        (6, "on_hold", "open", "0", "0"),
        (7, "cancelled", "cancelled", "0", "0"),
    ],
)
def test_an_ordered_quote_has_its_order_as_far_as_the_erp_has_come(
    seeded: Office, number: int, status: str, line_status: str, shipped: str, invoiced: str
):
    made = seeded.table(ORDER).first({"quote_id": f"Q-{number}"})
    assert made is not None
    assert (made["erp_system"], made["erp_order_id"]) == ("main", f"SO-{number}")
    assert made["status"] == status
    line = made["lines"][0]
    assert (line["status"], line["shipped_quantity"], line["invoiced_quantity"]) == (
        line_status,
        shipped,
        invoiced,
    )
    assert (line["opportunity_id"], line["quote_line"]) == ("O-1", 1)
    assert seeded.read(QUOTE, f"Q-{number}")["order_id"] == made["id"]


def test_an_order_that_the_erp_has_shows_the_erps_price_and_tax(seeded: Office):
    made = seeded.table(ORDER).first({"quote_id": "Q-1"})
    assert made is not None
    assert (made["net_total"], made["tax_total"], made["gross_total"]) == (
        "50.00",
        "10.00",
        "60.00",
    )
    assert (made["pricing_status"], made["price_source"]) == ("priced", "main")
    quote_of_it = seeded.read(QUOTE, "Q-1")
    assert (quote_of_it["pricing_status"], quote_of_it["gross_total"]) == ("unpriced", None)


def test_an_opportunity_sums_its_quotes_and_live_orders(seeded: Office):
    deal = seeded.read(OPPORTUNITY, "O-1")
    assert (deal["quoted_net"], deal["ordered_net"]) == ("350.00", "300.00")
    again = opportunities.sum_up(seeded, "O-1")
    assert again == deal


def test_a_frozen_forecast_keeps_its_own_figures(seeded: Office):
    forecast = seeded.read(FORECAST, "F-7")
    assert (forecast["amount_total"], forecast["expected_total"]) == ("90.00", "81.00")
    assert forecast["lines"][0]["category"] == "commit"


def test_the_first_version_of_what_was_there_is_kept(seeded: Office):
    versions = seeded.world.table("crm_versions").find({"record_id": "Q-1"})
    assert [each["version"] for each in versions] == [1]


def test_an_empty_data_set_gives_an_empty_crm(world: World):
    class Empty:
        company = "Nobody"
        currency = "USD"
        rounding = "line"

        def rows(self, kind: str, /) -> Iterator[dict[str, Any]]:
            return iter(())

    seed(world, Empty())
    office = Office(world)
    assert office.table(ACCOUNT).count() == 0
    assert parties.create_account(office, {"name": "First"})["currency"] == "USD"
