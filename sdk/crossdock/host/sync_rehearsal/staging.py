"""Both lists, read into a store of their own that is thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from crossdock.connectors.calling import calling_as
from crossdock.errors import ConfigError
from crossdock.host.initial_load.pace import Pace
from crossdock.host.initial_load.reading import Tell, read_side
from crossdock.host.initial_load.rows import SIDES, LoadRows, LoadState
from crossdock.host.store import Store

if TYPE_CHECKING:
    from crossdock.host import Host


def named_system(host: Host, system: str) -> str:
    """Give the ERP that is meant; the first one where none is named.

    Raises:
        ConfigError: there is no such ERP.
    """
    if system and system not in host.erp.systems:
        known = ", ".join(host.erp.systems)
        raise ConfigError(f"there is no ERP called {system}; there are: {known}")
    return system or host.erp.systems[0]


@contextmanager
def staged(host: Host, system: str, tell: Tell) -> Iterator[tuple[LoadRows, LoadState]]:
    """Read all accounts of the CRM and all customers of an ERP; nothing is compared yet.

    Raises:
        RemoteError: a system did not answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/rehearsal.db"
        with Store.open(url, clock=host.now) as store, calling_as("crossdock-rehearsal"):
            rows = LoadRows(store)
            load = rows.begin(host.crm.system, system)
            pace = Pace(host.store, host.config.limits, (host.crm.system, system))
            for side in SIDES:
                read_side(rows, rows.get(load.id), side, host.crm, host.erp, pace, tell)
            yield rows, load
