"""How far the lines of an order have come, which its head keeps as a whole: written in one call."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from crossdock.connectors.reading import unfit
from crossdock.connectors.sdata import values
from crossdock.connectors.sdata.values import plain
from crossdock.connectors.vendor_crm.documents import QUANTITIES
from crossdock.connectors.writing import number as plain_number
from crossdock.records import OrderLine

_ZERO: Final = Decimal(0)


def progress_written(lines: Sequence[OrderLine]) -> dict[str, dict[str, str]]:
    """Write how far lines have come, by their numbers: what is nothing is left out."""
    return {
        str(line.number): {
            **{
                name: plain_number(plain(Decimal(quantity)))
                for name in QUANTITIES
                if (quantity := getattr(line, name))
            },
            **({"promised_on": line.promised_on.isoformat()} if line.promised_on else {}),
        }
        for line in lines
    }


def progress_read(told: Any) -> dict[str, Any]:
    """Read how far one line has come."""
    if not isinstance(told, dict):
        raise unfit("progress", "an object", told)
    return {
        **{name: values.number_of_text(told, name) or _ZERO for name in QUANTITIES},
        "promised_on": values.day(told, "promised_on"),
    }
