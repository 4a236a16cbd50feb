"""The configured CRM and ERPs: connecting to them, and routing between the ERPs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final, cast

from crossdock.errors import ConfigError
from crossdock.host.settings.config import SystemConfig
from crossdock.host.tokens import StoredTokens
from crossdock.ports import AT_HOME, CrmPort, ErpPort, ErpRouter, Keeps

if TYPE_CHECKING:
    import httpx

    from crossdock.host.store import Store

GROUP: Final = "crossdock.connectors"


def connect(
    system: SystemConfig,
    store: Callable[[], Store],
    transport: httpx.BaseTransport | None = None,
) -> Any:
    """Open the connector of a configured system.

    Args:
        system: which one.
        store: gives the host's store, for a connector whose tokens change with their use; only
            asked for then. Tokens that are not kept there are lost to the next process.
        transport: takes the place of the network, in tests.

    Raises:
        ConfigError: there is no such connector, or it cannot use its settings.
    """
    connectors = {entry.name: entry for entry in entry_points(group=GROUP)}
    entry = connectors.get(system.connector)
    if entry is None:
        known = ", ".join(sorted(connectors)) or "none"
        place = "crm" if system.name == "crm" else f"erp.{system.name}"
        raise ConfigError(
            f"[{place}] system: there is no connector {system.connector!r}; installed are: {known}"
        )
    open_ = entry.load()
    more: dict[str, Any] = {} if transport is None else {"transport": transport}
    if "tokens" in inspect.signature(open_).parameters:
        more["tokens"] = StoredTokens(store(), system.name)
    return open_(system.name, system.settings, **more)


class Router:
    """All ERPs behind one port.

    A call whose first argument is a record that names its ERP (a trading account, a contact, an
    item, a price of a list) goes there; another call goes to the only ERP that there is, and where
    there are several it must choose with `using`.
    """

    def __init__(self, ports: Mapping[str, ErpPort]) -> None:
        self._ports = dict(ports)
        self.systems = tuple(self._ports)
        self.system = self.systems[0] if len(self.systems) == 1 else ""

    @property
    def capabilities(self) -> frozenset[str]:
        """What every configured ERP can do."""
        return frozenset.intersection(*(port.capabilities for port in self._ports.values()))

    @property
    def keeps(self) -> Keeps:
        """What the only ERP keeps; where there are several, each says its own (`using`)."""
        return self._ports[self.system].keeps if self.system else {}

    def using(self, system: str) -> ErpPort:
        """Give the port of one configured ERP."""
        try:
            return self._ports[system]
        except KeyError:
            raise ConfigError(
                f"there is no ERP called {system!r}; configured are: {', '.join(self.systems)}"
            ) from None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(ErpPort, name):
            raise AttributeError(f"an ERP port has no {name!r}")

        def route(*args: Any, **kwargs: Any) -> Any:
            first = args[0] if args else None
            if isinstance(first, AT_HOME) and first.system:
                port = self.using(first.system)
            elif len(self.systems) == 1:
                port = self._ports[self.systems[0]]
            else:
                raise ConfigError(
                    f"{name} needs to know which ERP: write "
                    f"erp.using(...) with one of {', '.join(self.systems)}"
                )
            return getattr(port, name)(*args, **kwargs)

        return route

    def close(self) -> None:
        """Close every connector's connections."""
        for port in self._ports.values():
            cast(Any, port).close()

    def as_port(self) -> ErpRouter:
        """Give this router as the port that it stands in for."""
        return cast(ErpRouter, self)


def connect_erps(systems: Sequence[SystemConfig], store: Callable[[], Store]) -> Router:
    """Open the connectors of all configured ERPs."""
    return Router({system.name: cast(ErpPort, connect(system, store)) for system in systems})


def connect_crm(system: SystemConfig, store: Callable[[], Store]) -> CrmPort:
    """Open the connector of the CRM."""
    return cast(CrmPort, connect(system, store))
