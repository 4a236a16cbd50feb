"""Play the warehouse and the bookkeeper, by the ERP's own documented operations.

The desk tells the ERP what a person there would have entered, and nobody else: that the CRM hears
of it is the work of the worker and its plugins. Each kind of ERP has an office of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Final, Protocol

import httpx
from attrs import frozen

from crossdock.host.settings.config import SystemConfig
from crossdock.records import Order
from crossdock.server.desk.words import Said


@frozen(kw_only=True)
class Play:
    """One thing that the back office does; `role` is who does it."""

    act: str
    label: str
    role: str


PLAYS: Final[dict[str, Play]] = {
    play.act: play
    for play in (
        Play(act="approve", label="Approve order", role="Credit control"),
        Play(act="receive", label="Receive missing goods", role="Warehouse"),
        Play(act="ship", label="Ship all", role="Warehouse"),
        Play(act="ship_part", label="Ship part", role="Warehouse"),
        Play(act="invoice", label="Invoice", role="Bookkeeping"),
        Play(act="pay", label="Record payment", role="Bookkeeping"),
    )
}


class Office(Protocol):
    """The people behind one ERP."""

    @property
    def acts(self) -> frozenset[str]:
        """What they do, of `PLAYS`; an ERP without a warehouse has nobody who ships."""

    def play(self, act: str, order_id: str, *, key: str, actor: str) -> Said:
        """Do it on one of the ERP's orders; see `BackOffice.play`."""

    def close(self) -> None:
        """Close the connections."""


_OFFICES: Final[Mapping[str, str]] = {
    "business-central": "business_central:BusinessCentralOffice",
    "erp": "reference:ReferenceOffice",
    "quickbooks": "quickbooks:QuickBooksOffice",
    "tryton": "tryton:TrytonOffice",
}


def _office(connector: str) -> Callable[[SystemConfig, httpx.BaseTransport | None], Office]:
    module, _, name = _OFFICES[connector].partition(":")
    office: Callable[[SystemConfig, httpx.BaseTransport | None], Office] = getattr(
        import_module(f"crossdock.server.desk.offices.{module}"), name
    )
    return office


def available(order: Order, *, ships: bool = True) -> tuple[Play, ...]:
    """Give the plays that make sense, as far as the CRM knows the order.

    Args:
        order: the CRM's order.
        ships: whether the ERP has a warehouse; without one, what was ordered is invoiced.
    """
    if not order.erp_order_id or order.status in ("cancelled", "rejected", "paid"):
        return ()
    held = order.status in ("on_hold", "awaiting_approval")
    missing = any(line.back_ordered for line in order.lines)
    still_open = any(line.quantity > line.cancelled + line.shipped for line in order.lines)
    to_invoice = any(
        (line.shipped - line.returned if ships else line.quantity - line.cancelled) > line.invoiced
        for line in order.lines
    )
    acts = {
        "approve": held,
        "receive": missing and not held,
        "ship": still_open and not held,
        "ship_part": still_open and not held,
        "invoice": to_invoice,
        "pay": any(line.invoiced for line in order.lines),
    }
    return tuple(PLAYS[act] for act, sensible in acts.items() if sensible)


class BackOffice:
    """The people behind all configured ERPs, as far as they can be played.

    Args:
        systems: the configured ERPs.
        transport: how they are reached, where it is not by a socket.
    """

    def __init__(
        self, systems: Iterable[SystemConfig], transport: httpx.BaseTransport | None = None
    ) -> None:
        self._offices = {
            system.name: _office(system.connector)(system, transport)
            for system in systems
            if system.connector in _OFFICES
        }

    def close(self) -> None:
        """Close the connections."""
        for office in self._offices.values():
            office.close()

    def available(self, order: Order) -> tuple[Play, ...]:
        """Give the plays that make sense on an order, and that its ERP has people for."""
        office = self._offices.get(order.erp_system)
        if office is None:
            return ()
        plays = available(order, ships="ship" in office.acts)
        return tuple(play for play in plays if play.act in office.acts)

    def play(self, act: str, system: str, order_id: str, *, key: str, actor: str) -> Said:
        """Do one of `PLAYS` on an ERP order.

        Args:
            act: which.
            system: the configured ERP.
            order_id: the ERP's own order.
            key: the same for the same press of a button, so that a double click does it once.
            actor: who plays.
        """
        office = self._offices.get(system)
        if office is None:
            return Said(False, f"The back office of {system!r} cannot be played from here.")
        try:
            return office.play(act, order_id, key=key, actor=actor)
        except httpx.TransportError:
            return Said(False, "The ERP does not answer. Nothing was done; try again.")
