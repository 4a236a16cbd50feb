"""SalesLogix, sold today as Infor CRM: `specs/saleslogix.openapi.yaml`.

What could not be checked and is a guess: text is compared with its case, as nothing can be relied
on (Infor's own client writes `upper(...)` around it); a discount is a fraction; totals are the sum
of lines with tax and freight, and hold what the back office said until a line changes; contacts go
with their account, while whatever else needs it keeps it from being removed; unknown properties in
a payload are refused, and a text that is too long is, too; picklists hold words, not codes. Not
played: the contracts beside `dynamic` (of `system` activities alone; `mashups`, `proxy`), picklists
and groups, security by owner, attachments, named queries, and Atom in requests.
"""

from __future__ import annotations

from typing import Any

from crossdock.specifications import specification
from crossdock_mocks import sdata
from crossdock_mocks.dialects.saleslogix.back_office import connect_back_office
from crossdock_mocks.dialects.saleslogix.contract import CONTRACT
from crossdock_mocks.dialects.saleslogix.login import (
    PASSWORD,
    READER,
    READER_PASSWORD,
    USER,
    authenticate,
)
from crossdock_mocks.dialects.saleslogix.seeding import seed
from crossdock_mocks.dialects.saleslogix.settings import SETTINGS
from crossdock_mocks.engine import Dialect, World

__all__ = [
    "CONTRACT",
    "PASSWORD",
    "READER",
    "READER_PASSWORD",
    "USER",
    "connect_back_office",
    "dialect",
]


def dialect() -> Dialect:
    """SalesLogix, ready for the engine."""
    return sdata.dialect(
        CONTRACT,
        document=specification("saleslogix.openapi.yaml"),
        seed=_seed,
        authenticate=authenticate,
        tables=(SETTINGS,),
    )


def _seed(world: World, dataset: Any) -> None:
    seed(world, dataset, CONTRACT)
