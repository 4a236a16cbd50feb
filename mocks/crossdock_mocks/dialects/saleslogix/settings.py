"""What holds for a whole installation: the currency of its company."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.engine import TableSpec, World

SETTINGS: Final = TableSpec("slx_settings")
_BASE: Final = "base currency"


def keep_base_currency(world: World, currency: str) -> None:
    """Note the currency of the company's books."""
    world.table(SETTINGS.name).insert({"id": _BASE, "value": currency})


def base_currency(world: World) -> str:
    """The currency of the company's books."""
    row = world.table(SETTINGS.name).get(_BASE)
    return "USD" if row is None else str(row["value"])
