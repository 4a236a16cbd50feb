"""An office without any wire: the front office over an empty world."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from crossdock_mocks.engine import Problem, World
from crossdock_mocks.frontoffice import TABLES, Office, opportunities, parties, people


@pytest.fixture
def world() -> World:
    return World(TABLES, now=datetime(2026, 11, 21, 9, tzinfo=UTC))


@pytest.fixture
def office(world: World) -> Office:
    """A company with a manager, a salesperson, two accounts and four stages."""
    clerk = Office(world)
    people.create_user(clerk, {"login": "lee", "name": "Lee", "role": "manager"})
    people.create_user(
        clerk, {"login": "kim", "name": "Kim", "role": "sales", "manager_id": "U-lee"}
    )
    for position, (name, kind, probability, category) in enumerate(
        [
            ("discover", "open", "0.20", "pipeline"),
            ("prove", "open", "0.50", "best_case"),
            ("won", "won", "1", "closed"),
            ("lost", "lost", "0", "omitted"),
        ]
    ):
        opportunities.create_stage(
            clerk,
            {
                "id": name,
                "name": name.title(),
                "position": position,
                "kind": kind,
                "probability": probability,
                "forecast_category": category,
            },
        )
    parties.create_account(clerk, {"name": "Acme", "currency": "GBP"})
    parties.create_account(clerk, {"name": "Birch"})
    return Office(world, "U-kim")


@pytest.fixture
def refusal() -> Callable[..., Problem]:
    """Calls something that has to be refused, and gives the problem."""

    def call(status: int, code: str, action: Callable[..., Any], *args: Any) -> Problem:
        with pytest.raises(Problem) as caught:
            action(*args)
        assert (caught.value.status, caught.value.code) == (status, code)
        return caught.value

    return call


@pytest.fixture
def deal(office: Office) -> dict[str, Any]:
    """An opportunity of Acme in its first stage."""
    return opportunities.create_opportunity(
        office,
        {"account_id": "A-1001", "name": "Deal", "close_on": "2026-12-01", "amount": "2000000"},
    )
