"""Ids of SalesLogix: twelve characters, the table's letter first, then the site, then a number."""

from __future__ import annotations

import string
from typing import Final

from crossdock_mocks.engine import World
from crossdock_mocks.sdata import Resource

SITE: Final = "CDOCK"
"""Code of the site that made a record; every id of a mock says the same."""

_DIGITS: Final = string.digits + string.ascii_uppercase


def make_key(world: World, resource: Resource) -> str:
    """The id of the next record of a resource."""
    number, digits = int(world.sequence(f"slx_{resource.name}")), ""
    while number:
        number, last = divmod(number, len(_DIGITS))
        digits = _DIGITS[last] + digits
    return f"{resource.letter}{SITE}{digits:0>6}"
