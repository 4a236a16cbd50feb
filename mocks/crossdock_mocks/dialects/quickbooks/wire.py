"""How values stand on the wire: amounts as JSON numbers, instants in Pacific time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from crossdock_mocks.engine import World

Row = dict[str, Any]

PACIFIC: Final = timezone(timedelta(hours=-8))
"""The zone that instants are written in. It knows no summer here, so texts sort as instants do."""

ZERO: Final = Decimal(0)
MOST: Final = Decimal("99999999999.99")
"""The largest amount that is taken (assumed)."""


def stamp(instant: datetime) -> str:
    """An instant as `MetaData` has it: to the second, in Pacific time."""
    return instant.astimezone(PACIFIC).isoformat(timespec="seconds")


def answered_at(world: World) -> str:
    """The instant of an answer: to the millisecond, in Pacific time."""
    return world.now.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def number(value: Decimal) -> int | float:
    """A decimal as a JSON number; its shortest form says exactly the same."""
    return int(value) if value == value.to_integral_value() else float(value)


def decimal(value: Any) -> Decimal:
    """A number of the wire as a decimal; nothing is 0."""
    return ZERO if value is None else Decimal(str(value))


def cents(value: Decimal) -> Decimal:
    """An amount to two places, half away from zero."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def present(row: Mapping[str, Any]) -> Row:
    """A row without what it has nothing for: only properties with a value are told."""
    return {name: value for name, value in row.items() if value is not None}
