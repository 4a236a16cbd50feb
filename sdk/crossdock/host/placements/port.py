"""The ERPs as plugins get them: `place_order` makes one order of each CRM order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crossdock.host.systems import Router
from crossdock.records import Acknowledgement, Order, TradingAccount

if TYPE_CHECKING:
    from crossdock.host.placements.placements import Placements
    from crossdock.ports import ErpPort


class PlacingPort:
    """One ERP whose orders are placed exactly once, whether or not it keeps idempotency keys.

    Attributes:
        capabilities: those of the ERP, and `idempotency_key`, as a repeated call is safe here.
    """

    def __init__(self, port: ErpPort, placements: Placements) -> None:
        self._port: Final = port
        self._placements: Final = placements
        self.capabilities: Final = port.capabilities | {"idempotency_key"}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def place_order(
        self, customer: TradingAccount, order: Order, *, idempotency_key: str
    ) -> Acknowledgement:
        """Place a CRM order, or find out what became of it; see `Placements.place`."""
        return self._placements.place(self._port, self._port, customer, order, key=idempotency_key)


def placing_once(erp: Router, placements: Placements) -> Router:
    """Give the same ERPs, with `place_order` made safe."""
    ports: dict[str, Any] = {
        system: PlacingPort(erp.using(system), placements) for system in erp.systems
    }
    return Router(ports)
