"""What customers ask service for, as the CRM keeps it."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from crossdock_mocks.datasets.generator.customers import Party
from crossdock_mocks.datasets.generator.people import Row, instant

__all__ = ["build_cases"]

_SUBJECTS = (
    "Two bearings arrived damaged",
    "Invoice shows the wrong order number",
    "Data sheet for the seals is missing",
    "Gear motor runs hot",
    "Part of the delivery is missing",
    "Certificate of origin needed",
    "Hose leaks after a week",
)
_OPEN = ("new", "working", "working", "waiting", "escalated")
_PRIORITIES = ("low", "normal", "normal", "normal", "high", "urgent")


def build_cases(
    rng: Random, parties: list[Party], people: dict[str, list[Row]], as_of: date
) -> list[Row]:
    """Cases of customers: most are closed, the latest may be open."""
    rows: list[Row] = []
    for party in parties:
        if party.customer is None:
            continue
        for _ in range(rng.randint(0, 4)):
            age = int(rng.expovariate(1 / 60)) + 1
            opened = instant(as_of - timedelta(days=age), rng)
            closed = opened + timedelta(days=rng.randint(1, 20), hours=rng.randint(0, 6))
            done = closed.date() < as_of
            rows.append(
                {
                    "account_id": party.id,
                    "contact_id": rng.choice(people[party.id])["id"],
                    "subject": rng.choice(_SUBJECTS),
                    "status": "closed" if done else rng.choice(_OPEN),
                    "priority": rng.choice(_PRIORITIES),
                    "owner_id": "U-petra",
                    "created_at": opened,
                    "closed_at": closed if done else None,
                }
            )
    rows.sort(key=lambda row: (str(row["created_at"]), str(row["account_id"])))
    return [{"id": f"CS-{1001 + number}", **row} for number, row in enumerate(rows)]
