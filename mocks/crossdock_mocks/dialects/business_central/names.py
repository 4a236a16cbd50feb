"""How Business Central writes names and blank values on the wire."""

from __future__ import annotations

import re
from typing import Final

NO_GUID: Final = "00000000-0000-0000-0000-000000000000"
"""Stands for nothing where a GUID is expected."""

NO_DATE: Final = "0001-01-01"
"""Stands for nothing where a date is expected."""

NO_INSTANT: Final = "0001-01-01T00:00:00.000Z"
"""Stands for nothing where an instant is expected."""

_ENCODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLAIN = re.compile(r"[^A-Za-z0-9]")


def encoded(value: str) -> str:
    """A value of an enumeration as it is written: `Non-Inventory` is `Non_x002D_Inventory`."""
    return _PLAIN.sub(lambda found: f"_x{ord(found[0]):04X}_", decoded(value))


def decoded(value: str) -> str:
    """A value of an enumeration in plain words: `_x0020_` is a blank."""
    return _ENCODED.sub(lambda found: chr(int(found[1], 16)), value)


def words(name: str) -> str:
    """A property in the words of the screen: `unitPrice` is Unit Price."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name[:1].upper() + name[1:])
