"""A dry run: reads go through, writes are recorded and answered, and nothing is sent.

What a write answers is what the system would most likely have said, and marked: a new record's id
is `dry-run-1`, `dry-run-2`, ..., and the version of a changed one as well. What was written can be
read again in the same call, by its id or its reference.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Final, get_type_hints

import attrs

from crossdock.errors import NotFound, NotSupported
from crossdock.ports import AT_HOME
from crossdock.records import (
    Account,
    Acknowledgement,
    Contact,
    Order,
    OrderEvent,
    Quote,
    TradingAccount,
)
from crossdock.records.ordering import order_of

DRY: Final = "dry-run-"
# What is found by the caller's own key: the kind of record that each method gives.
_FINDS: Final[Mapping[str, type]] = {
    "customers_by_reference": TradingAccount,
    "accounts_by_external_id": Account,
    "contacts_by_external_id": Contact,
}
_rehearsing: ContextVar[bool] = ContextVar("crossdock_rehearsing", default=False)


@contextmanager
def rehearsal(on: bool = True) -> Iterator[None]:
    """Let every call of a plugin inside be a dry run."""
    before = _rehearsing.set(on or _rehearsing.get())
    try:
        yield
    finally:
        _rehearsing.reset(before)


rehearsing: Final[Callable[[], bool]] = _rehearsing.get
"""Says whether calls that are made now are dry runs."""


@attrs.frozen(kw_only=True)
class Write:
    """What a plugin would have written.

    Attributes:
        system: the configured name of the CRM or ERP.
        method: of the port.
        arguments: by name, whole: as they would have been sent.
        answer: what the plugin was told.
    """

    system: str
    method: str
    arguments: Mapping[str, Any]
    answer: Any


class Rehearsal:
    """The writes of one call, recorded instead of sent.

    Args:
        record: keeps one, for a person to read.
    """

    def __init__(self, record: Callable[[Write], None]) -> None:
        self._record = record
        self._kept: dict[tuple[str, type, str], Any] = {}
        self._by_key: dict[str, Acknowledgement] = {}
        self._events: dict[str, list[OrderEvent]] = {}
        self._count = 0

    def write(self, port: Any, protocol: type, method: str, arguments: Mapping[str, Any]) -> Any:
        """Record a write and answer it.

        Args:
            port: the raw port, of which only reads are called.
            protocol: what the port is, for what the method promises to answer.
            method: which one.
            arguments: by name.

        Raises:
            NotSupported: it is not known what such a write answers.
        """
        system = _system(port, arguments)
        answer = self._answer(port, system, protocol, method, arguments)
        self._record(Write(system=system, method=method, arguments=arguments, answer=answer))
        return answer

    def read(self, port: Any, protocol: type, method: str, arguments: Mapping[str, Any]) -> Any:
        """Give what was written in this call, or `None` where the system must be asked.

        Raises:
            NotFound: the id is of a dry run of another call.
        """
        if method == "order_events":
            return self._timeline(port, arguments["order_id"])
        system = _system(port, arguments)
        if method == "orders_by_reference":
            placed = tuple(
                each
                for (where, _, _), each in self._kept.items()
                if isinstance(each, Order)
                and where == system
                and each.reference == arguments["reference"]
            )
            return placed or None
        if method in _FINDS:
            found_here = self._found(system, method, arguments)
            return found_here or None
        wanted = answer_type(protocol, method)
        first = next(iter(arguments.values()), None)
        if not isinstance(first, str):
            return None
        found = self._kept.get((system, wanted, first))
        if found is None and first.startswith(DRY):
            raise NotFound(f"{system} has no {first}: it was only rehearsed", system=system)
        return found

    def _found(
        self, system: str, method: str, arguments: Mapping[str, Any]
    ) -> tuple[TradingAccount | Account | Contact, ...]:
        """Give what was written in this call and carries the caller's own key."""
        kind = _FINDS[method]
        return tuple(
            each
            for (where, what, _), each in self._kept.items()
            if where == system
            and what is kind
            and (
                each.reference == arguments["reference"]
                if "reference" in arguments
                else each.external_ids.get(arguments["system"]) == arguments["external_id"]
            )
        )

    def _timeline(self, port: Any, order_id: str) -> Any:
        mine = self._events.get(order_id)
        if order_id.startswith(DRY):
            return tuple(mine or ())
        return None if mine is None else (*port.order_events(order_id), *mine)

    def _answer(
        self, port: Any, system: str, protocol: type, method: str, arguments: Mapping[str, Any]
    ) -> Any:
        match method:
            case "place_order":
                return self._placed(system, **arguments)
            case "order_from_quote":
                return self._ordered(port, system, arguments["quote_id"])
            case "add_order_event":
                self._add(arguments["order_id"], arguments["event"])
                return None
        wanted = answer_type(protocol, method)
        if wanted is type(None):
            return None
        written = next((each for each in arguments.values() if type(each) is wanted), None)
        if written is None:
            raise NotSupported(
                f"{method} of {system} cannot be rehearsed: what it would answer is not known"
            )
        mark = self._next()
        changes = {
            name: mark
            for name in ("id", "version")
            if hasattr(written, name) and not (name == "id" and written.id)
        }
        return self._keep(system, attrs.evolve(written, **changes))

    def _placed(
        self, system: str, customer: TradingAccount, order: Order, idempotency_key: str = ""
    ) -> Acknowledgement:
        known = self._by_key.get(idempotency_key)
        if known is not None:
            return attrs.evolve(known, replayed=True)
        placed = self._keep(
            system,
            attrs.evolve(
                order,
                id=self._next(),
                system=system,
                customer_id=customer.id,
                trading_account=customer.ref,
                status="confirmed",
                external_ids={order.system: order.id} if order.system and order.id else {},
                account_id="",
                erp_system="",
                erp_order_id="",
                version="1",
            ),
        )
        acknowledgement = Acknowledgement(order=placed, reference=placed.reference)
        if idempotency_key:
            self._by_key[idempotency_key] = acknowledgement
        return acknowledgement

    def _ordered(self, port: Any, system: str, quote_id: str) -> Order:
        quote: Quote = self._kept.get((system, Quote, quote_id)) or port.quote(quote_id)
        if quote.order_id:
            kept: Order | None = self._kept.get((system, Order, quote.order_id))
            ordered: Order = kept or port.order(quote.order_id)
            return ordered
        order_id = self._next()
        order: Order = attrs.evolve(
            order_of(quote, system), id=order_id, reference=order_id, version="1"
        )
        self._keep(system, attrs.evolve(quote, status="ordered", order_id=order_id))
        self._keep(system, order)
        return order

    def _add(self, order_id: str, event: OrderEvent) -> None:
        mine = self._events.setdefault(order_id, [])
        if event.key not in (each.key for each in mine):
            mine.append(event)

    def _keep(self, system: str, record: Any) -> Any:
        self._kept[system, type(record), getattr(record, "id", "")] = record
        return record

    def _next(self) -> str:
        self._count += 1
        return f"{DRY}{self._count}"


def _system(port: Any, arguments: Mapping[str, Any]) -> str:
    first = next(iter(arguments.values()), None)
    known = isinstance(first, AT_HOME) and first.system
    return str(known or port.system)


@cache
def signature(protocol: type, method: str) -> inspect.Signature:
    """Give the signature of a port's method, as its protocol declares it."""
    return inspect.signature(getattr(protocol, method))


def named(protocol: type, method: str, args: Any, kwargs: Any) -> dict[str, Any]:
    """Give the arguments of a call by name, without `self`; raises `TypeError` as a call would."""
    bound = signature(protocol, method).bind(None, *args, **kwargs)
    return dict(list(bound.arguments.items())[1:])


@cache
def answer_type(protocol: type, method: str) -> Any:
    """Give the type that a port's method answers with."""
    return get_type_hints(getattr(protocol, method))["return"]
