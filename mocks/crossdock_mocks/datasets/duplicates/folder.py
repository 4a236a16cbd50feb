"""Planted lists as a data set, so that mocks can be filled with them, and the truth beside."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from crossdock_mocks.datasets.columns import Value
from crossdock_mocks.datasets.dataset import DataSet
from crossdock_mocks.datasets.duplicates.corruptions import Entry
from crossdock_mocks.datasets.duplicates.planted import Planted
from crossdock_mocks.datasets.header import Header, Rule

__all__ = ["as_data_set", "write_truth"]

_AS_OF: Final = date(2026, 11, 20)
_CURRENCIES: Final = {"GB": "GBP", "DK": "DKK", "PL": "PLN"}


def as_data_set(planted: Planted, *, seed: int) -> DataSet:
    """Give both lists as a data set in which no account names its customer."""
    made = datetime(_AS_OF.year - 1, 1, 7, 9, tzinfo=UTC)
    tables: dict[str, list[dict[str, Value]]] = {
        "tax_codes": [{"id": "STD", "name": "Standard rate", "rate": Decimal("0.20")}],
        "items": [
            {
                "id": "BRG-1001", "name": "Ball bearing", "description": "", "unit": "pcs",
                "product_line": "Bearings", "list_price": Decimal("10.00"), "cost": Decimal("6.00"),
                "tax_code": "STD", "kind": "goods", "lead_time_days": 5, "active": True,
            }
        ],
        "users": [
            {
                "id": "U-kim", "name": "Kim Aalto", "email": "kim@havelbrueck.example",
                "role": "sales", "team": "North", "manager_id": None, "active": True,
            }
        ],
        "customers": [
            {
                "id": f"C-{10001 + at}",
                **_common(entry),
                "region": "",
                "currency": _CURRENCIES.get(entry.country, "EUR"),
                "terms_days": 30,
                "on_hold": False,
            }
            for at, entry in enumerate(planted.customers)
        ],
        "accounts": [
            {
                "id": f"A-{1001 + at}",
                **_common(entry),
                "region": "",
                "website": entry.website,
                "kind": "customer",
                "industry": "",
                "owner_id": "U-kim",
                "currency": _CURRENCIES.get(entry.country, "EUR"),
                "parent_id": None,
                "customer_id": None,
                "created_at": made,
            }
            for at, entry in enumerate(planted.accounts)
        ],
    }  # fmt: skip
    header = Header(
        name=f"Planted duplicates, seed {seed}, {len(planted.accounts)} accounts",
        company="Havelbrück Industriebedarf GmbH",
        currency="EUR",
        country="AT",
        as_of=_AS_OF,
        source="crossdock data duplicates: invented; any likeness to a real company is chance",
        rules=(
            Rule(
                id="planted",
                applies_to="customers",
                text="Some customers are accounts, or other customers, entered once more;"
                " truth.csv says which, and by what corruptions.",
            ),
        ),
        story={},
    )
    return DataSet.of(header, tables)


def write_truth(planted: Planted, file: Path) -> None:
    """Write which customer is which account or other customer, and what was done to it."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["customer_id", "is_account_id", "is_customer_id", "corruptions"])
        for place, (side, other) in sorted(planted.duplicates.items()):
            account = f"A-{1001 + other}" if side == "account" else ""
            customer = f"C-{10001 + other}" if side == "customer" else ""
            told = "; ".join(planted.customers[place].corruptions)
            table.writerow([f"C-{10001 + place}", account, customer, told])


def _common(entry: Entry) -> dict[str, Value]:
    return {
        "name": entry.name,
        "tax_number": entry.tax_number,
        "email": entry.email,
        "phone": entry.phone,
        "street": entry.street,
        "city": entry.city,
        "postcode": entry.postcode,
        "country": entry.country,
    }
