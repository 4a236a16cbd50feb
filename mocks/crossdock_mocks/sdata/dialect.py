"""A dialect of the mock engine, made of a contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from crossdock_mocks.engine import Call, Dialect, TableSpec, World
from crossdock_mocks.sdata.contract import Contract
from crossdock_mocks.sdata.diagnoses import saying_no
from crossdock_mocks.sdata.operations import behaviours


def dialect(
    contract: Contract,
    *,
    document: Path,
    seed: Callable[[World, Any], None],
    authenticate: Callable[[Call], Any],
    tables: Sequence[TableSpec] = (),
) -> Dialect:
    """A contract, ready for the engine.

    Args:
        contract: The contract.
        document: Its OpenAPI document (see `description`).
        seed: Fills a new world from a data set.
        authenticate: Gives the key of the user whose credentials came, or nothing.
        tables: Tables beside those of its resources.
    """
    return Dialect(
        name=contract.name,
        document=document,
        behaviours=behaviours(contract),
        tables=(*contract.tables(), *tables),
        seed=seed,
        authenticate=authenticate,
        refuse_at=saying_no(contract),
    )
