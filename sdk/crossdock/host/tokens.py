"""Tokens of connectors in the host's store: all processes of a host share them.

A connector seals what it gives; the store never sees a token. See `crossdock.connectors.rotation`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from crossdock.errors import RemoteUnavailable
from crossdock.host.deliveries.locks import Lock, locks_of

if TYPE_CHECKING:
    from crossdock.host.store import Store

_LOOK_SECONDS: Final = 0.02
# Longer than one call for new tokens may take, which is all that happens behind the lock.
_PATIENCE_SECONDS: Final = 30.0


class StoredTokens:
    """The tokens of one system; fits `crossdock.connectors.rotation.TokenStore`.

    Args:
        store: the host's.
        system: the configured name.
    """

    def __init__(self, store: Store, system: str) -> None:
        self._store: Final = store
        self._system: Final = system

    def read(self) -> str | None:
        """Give what was written last, by whichever process."""
        return self._store.remembered(f"tokens:{self._system}")

    def write(self, text: str) -> None:
        """Keep a text; it is committed when this returns."""
        self._store.remember(f"tokens:{self._system}", text)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one in at a time; the lock of a process that dies is free.

        Raises:
            RemoteUnavailable: another process renews them and does not come to an end.
        """
        until = time.monotonic() + _PATIENCE_SECONDS
        with closing(locks_of(self._store)) as locks:
            lock: Lock | None = None
            while (lock := locks.acquire(f"tokens-{self._system}")) is None:
                if time.monotonic() > until:
                    raise RemoteUnavailable(
                        f"the tokens of {self._system} are being renewed by another process for "
                        f"more than {_PATIENCE_SECONDS:.0f} s",
                        system=self._system,
                        maybe_done=False,
                    )
                time.sleep(_LOOK_SECONDS)
            try:
                yield
            finally:
                lock.release()
