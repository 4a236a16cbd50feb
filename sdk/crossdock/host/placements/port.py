"""The ERPs as plugins get them: each order is placed once, and each change is made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crossdock.host.systems import Router
from crossdock.records import Acknowledgement, Order, OrderChange, TradingAccount

if TYPE_CHECKING:
    from crossdock.host.order_changes.order_changes import OrderChanges
    from crossdock.host.placements.placements import Placements
    from crossdock.ports import ErpPort


class OnceOnlyPort:
    """One ERP that gets each order and each change exactly once, with or without its own help.

    Attributes:
        capabilities: those of the ERP, and `idempotency_key`, as a repeated call is safe here.
    """

    def __init__(self, port: ErpPort, placements: Placements, changes: OrderChanges) -> None:
        self._port: Final = port
        self._placements: Final = placements
        self._changes: Final = changes
        self.capabilities: Final = port.capabilities | {"idempotency_key"}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def place_order(
        self, customer: TradingAccount, order: Order, *, idempotency_key: str
    ) -> Acknowledgement:
        """Place a CRM order, or find out what became of it; see `Placements.place`."""
        return self._placements.place(self._port, self._port, customer, order, key=idempotency_key)

    def change_order(self, order: Order, change: OrderChange) -> Order:
        """Make a change, or find out that it was made; see `OrderChanges.carry_out`."""
        return self._changes.carry_out(self._port, order, change)


def once_only(erp: Router, placements: Placements, changes: OrderChanges) -> Router:
    """Give the same ERPs, with what places and changes orders made safe to repeat."""
    ports: dict[str, Any] = {
        system: OnceOnlyPort(erp.using(system), placements, changes) for system in erp.systems
    }
    return Router(ports)
