"""A small CRM behind the in-process door, seeded from a data set in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from crossdock_mocks.datasets import DataSet, Header
from crossdock_mocks.dialects.crm import dialect
from crossdock_mocks.engine.app import App
from crossdock_mocks.engine.transport import MockTransport
from crossdock_mocks.engine.world import World

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PRODUCT = {
    "id": "BRG-1001",
    "name": "Ball bearing 6001",
    "description": None,
    "family": None,
    "unit": "pcs",
    "kind": "goods",
    "list_price": "5.00",
    "currency": "GBP",
    "active": True,
    "version": 1,
    "created_at": "2026-11-21T09:00:00Z",
    "created_by": None,
    "updated_at": "2026-11-21T09:00:00Z",
    "updated_by": None,
}

PRICE_LIST = {
    **{name: PRODUCT[name] for name in ("currency", "active", "version", "created_by")},
    **{name: PRODUCT[name] for name in ("created_at", "updated_at", "updated_by")},
    "id": "PB-1001",
    "name": "Trade",
    "valid_from": None,
    "valid_to": None,
}
PRICE = {
    "id": "PP-1001",
    "price_list_id": "PB-1001",
    "product_id": "BRG-1001",
    "min_quantity": "1",
    "price": "4.80",
    "discount_percent": "0",
    "currency": "GBP",
    "valid_from": None,
    "valid_to": None,
    "active": True,
}


def _at(day: int, hour: int = 8) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


TABLES: dict[str, list[dict[str, Any]]] = {
    "users": [
        {"id": "U-lee", "name": "Lee Moss", "role": "manager", "team": "North"},
        {
            "id": "U-kim",
            "name": "Kim Hale",
            "role": "sales",
            "team": "North",
            "manager_id": "U-lee",
        },
        {"id": "U-old", "name": "Gone Away", "role": "sales", "active": False},
    ],
    "logins": [{"user_id": "U-kim", "at": _at(20)}, {"user_id": "U-lee", "at": _at(19)}],
    "accounts": [
        {
            "id": "A-1001",
            "name": "Acme Bearings",
            "kind": "customer",
            "owner_id": "U-kim",
            "city": "Leeds",
            "country": "GB",
            "currency": "GBP",
            "customer_id": "C-10001",
            "created_at": _at(1),
        },
        {"id": "A-1002", "name": "Birch Mills", "kind": "prospect", "country": "DE"},
    ],
    "contacts": [
        {"id": "P-1001", "account_id": "A-1001", "first_name": "Ann", "last_name": "Ode"},
        {"id": "P-1002", "account_id": "A-1002", "last_name": "Berg"},
    ],
    "campaigns": [{"id": "CA-1001", "name": "Autumn fair", "cost": Decimal(500)}],
    "leads": [
        {"id": "L-1001", "company": "Cedar Ltd", "contact_name": "Cy Dar", "status": "new"},
        {
            "id": "L-1002",
            "company": "Birch Mills",
            "status": "converted",
            "converted_account_id": "A-1002",
        },
    ],
    "campaign_members": [
        {"campaign_id": "CA-1001", "contact_id": "P-1001", "responded_at": _at(5)}
    ],
    "stages": [
        {
            "id": name.lower(),
            "name": name,
            "position": position,
            "kind": kind,
            "probability": Decimal(probability),
            "forecast_category": category,
        }
        for position, (name, kind, probability, category) in enumerate(
            [
                ("Discover", "open", "0.20", "pipeline"),
                ("Prove", "open", "0.50", "best_case"),
                ("Won", "won", "1", "closed"),
                ("Lost", "lost", "0", "omitted"),
            ]
        )
    ],
    "opportunities": [
        {
            "id": "O-1001",
            "account_id": "A-1001",
            "name": "New line",
            "owner_id": "U-kim",
            "stage_id": "prove",
            "amount": Decimal(2000000),
            "currency": "GBP",
            "close_on": date(2026, 12, 15),
            "created_at": _at(2),
        }
    ],
    "stage_history": [
        {"opportunity_id": "O-1001", "stage_id": "prove", "entered_at": _at(9), "user_id": "U-kim"},
        {"opportunity_id": "O-1001", "stage_id": "discover", "entered_at": _at(2)},
    ],
    "play_answers": [
        {
            "opportunity_id": "O-1001",
            "stage_id": "discover",
            "play": "budget",
            "answer": "yes",
            "answered_at": _at(3),
        }
    ],
    "customers": [{"id": "C-10001", "name": "Acme Bearings", "currency": "GBP"}],
    "items": [{"id": "BRG-1001", "name": "Bearing"}],
    "orders": [
        {
            "id": "SO-100001",
            "customer_id": "C-10001",
            "ordered_on": date(2026, 11, 4),
            "status": "open",
            "currency": "GBP",
        }
    ],
    "order_lines": [
        {
            "order_id": "SO-100001",
            "line": 1,
            "item_id": "BRG-1001",
            "quantity": Decimal(10),
            "unit_price": Decimal("5.00"),
            "promised_on": date(2026, 11, 30),
        }
    ],
    "shipments": [
        {
            "id": "SH-1",
            "order_id": "SO-100001",
            "customer_id": "C-10001",
            "shipped_on": date(2026, 11, 10),
        }
    ],
    "shipment_lines": [
        {
            "shipment_id": "SH-1",
            "line": 1,
            "order_line": 1,
            "item_id": "BRG-1001",
            "quantity": Decimal(4),
        }
    ],
    "quotes": [
        {
            "id": "Q-1001",
            "account_id": "A-1001",
            "opportunity_id": "O-1001",
            "contact_id": "P-1001",
            "status": "draft",
            "currency": "GBP",
            "valid_until": date(2026, 12, 31),
            "owner_id": "U-kim",
            "created_at": _at(8),
        },
        {
            "id": "Q-1002",
            "account_id": "A-1001",
            "status": "ordered",
            "currency": "GBP",
            "order_id": "SO-100001",
            "created_at": _at(3),
        },
    ],
    "quote_lines": [
        {
            "quote_id": "Q-1001",
            "line": 1,
            "item_id": "BRG-1001",
            "quantity": Decimal(3),
            "unit_price": Decimal("10.01"),
        },
        {
            "quote_id": "Q-1002",
            "line": 1,
            "item_id": "BRG-1001",
            "quantity": Decimal(10),
            "unit_price": Decimal("5.00"),
        },
    ],
    "activities": [
        {
            "id": "T-1001",
            "account_id": "A-1001",
            "kind": "call",
            "subject": "Ask for the order",
            "owner_id": "U-kim",
            "due_at": _at(25),
            "created_at": _at(10),
        }
    ],
    "cases": [
        {
            "id": "CS-1001",
            "account_id": "A-1001",
            "contact_id": "P-1001",
            "subject": "Two bearings arrived damaged",
            "status": "working",
            "priority": "high",
            "owner_id": "U-kim",
            "created_at": _at(12),
        },
        {
            "id": "CS-1002",
            "account_id": "A-1001",
            "subject": "Certificate of origin needed",
            "status": "closed",
            "created_at": _at(10),
            "closed_at": _at(11),
        },
    ],
    "forecasts": [{"id": "F-1001", "period": "2026-Q4", "frozen_at": _at(15), "currency": "GBP"}],
    "forecast_lines": [
        {
            "forecast_id": "F-1001",
            "opportunity_id": "O-1001",
            "stage_id": "prove",
            "category": "best_case",
            "amount": Decimal(2000000),
            "probability": Decimal("0.50"),
            "expected": Decimal(1000000),
        }
    ],
}


@pytest.fixture(scope="session")
def app() -> App:
    return App(dialect())


@pytest.fixture(scope="session")
def dataset() -> DataSet:
    header = Header(name="tiny", company="Testing Ltd", currency="GBP", as_of=NOW.date())
    return DataSet.of(header, TABLES)


@pytest.fixture
def world(app: App, dataset: DataSet) -> World:
    world = app.open_world(dataset, now=NOW)
    # Products and their prices come from an ERP; a data set's CRM begins without any.
    world.table("crm_products").insert(PRODUCT)
    world.table("crm_price_lists").insert(PRICE_LIST)
    world.table("crm_prices").insert(PRICE)
    for name in ("crm_price_lists", "crm_prices"):
        world.reserve(name, 1001)
    return world


@pytest.fixture
def stranger(app: App, world: World) -> Iterator[httpx.Client]:
    """A client without a token."""
    with httpx.Client(transport=MockTransport(app, world), base_url="http://crm.test") as client:
        yield client


@pytest.fixture
def token(stranger: httpx.Client) -> Callable[..., str]:
    """Gets a token, by default one for everything."""

    def get(client: str = "crossdock", **more: str) -> str:
        answer = stranger.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": client,
                "client_secret": f"{client}-secret",
                **more,
            },
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    return get


@pytest.fixture
def crm(app: App, world: World, token: Callable[..., str]) -> Iterator[httpx.Client]:
    """A client that may do everything, on behalf of Kim."""
    with httpx.Client(
        transport=MockTransport(app, world),
        base_url="http://crm.test",
        headers={"Authorization": f"Bearer {token()}", "X-Acting-User": "U-kim"},
    ) as client:
        yield client


@pytest.fixture
def state(world: World) -> Callable[[], dict[str, Any]]:
    """Everything that the world holds, to be compared before and after."""

    def dump() -> dict[str, Any]:
        return {
            name: [json.loads(text) for text in world.table(name).find_raw()]
            for name in world.tables
        }

    return dump
