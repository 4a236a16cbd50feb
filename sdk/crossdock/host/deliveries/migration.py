"""The durable engine's tables, made and updated by whoever opens the deliveries first."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from crossdock.errors import SetupError
from crossdock.host.deliveries.locks import locks_of

if TYPE_CHECKING:
    from crossdock.host.store import Store

_FACT: Final = "dbos"
_PATIENCE_SECONDS: Final = 60.0


def migrate(store: Store) -> None:
    """Make or update the tables; the engine is loaded only where there is something to do.

    Raises:
        SetupError: the tables cannot be made, or another process does not get done with it.
    """
    wanted = version("dbos")
    if store.remembered(_FACT) == wanted:
        return
    locks = locks_of(store)
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while (lock := locks.acquire("migration")) is None:
            if time.monotonic() > deadline:
                raise SetupError(
                    f"another process has been preparing {store.url.render_as_string()} for "
                    f"{_PATIENCE_SECONDS:.0f} s; look whether it hangs, end it, and try again"
                )
            time.sleep(0.05)
        try:
            if store.remembered(_FACT) != wanted:
                from crossdock.host.deliveries.durable import make_tables

                make_tables(store.url)
                store.remember(_FACT, wanted)
        finally:
            lock.release()
    finally:
        locks.close()
