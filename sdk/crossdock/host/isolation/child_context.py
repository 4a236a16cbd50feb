"""`ctx`, as a plugin meets it in a process of its own: questions go to the host's own `ctx`."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from crossdock.answers import Answer
from crossdock.errors import NotSupported
from crossdock.host.isolation.failures import rebuild
from crossdock.host.isolation.link import Line
from crossdock.host.isolation.wire import decode, encode
from crossdock.ports import CrmPort, ErpPort, scopes_of
from crossdock.synchronising.port import SyncPort

if TYPE_CHECKING:
    from crossdock.host.isolation.link import Link

_T = TypeVar("_T")
_SCOPES: Final = {
    "crm": scopes_of(CrmPort),
    "erp": scopes_of(ErpPort),
    "sync": scopes_of(SyncPort),
}


class RemotePort:
    """A port of the host; a method that is called here is called there, behind the gateway."""

    def __init__(self, link: Line, port: str, system: str | None = None) -> None:
        self.__link = link
        self.__port = port
        self.__system = system

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        link, address = self.__link, [self.__port, self.__system, name]
        scope = _SCOPES[self.__port].get(name)
        if scope is None:
            return link.ask({"look": address})

        return RemoteMethod(link, address, scope)

    def using(self, system: str) -> Any:
        """Give the port of one configured ERP."""
        if self.__port != "erp":
            return self.__getattr__("using")
        self.__link.ask({"look": [self.__port, system, "system"]})  # says so if there is none
        return RemotePort(self.__link, self.__port, system)

    def __dir__(self) -> Sequence[str]:
        return sorted(_SCOPES[self.__port])


class RemoteMethod:
    """A method of a port of the host."""

    def __init__(self, link: Line, address: list[str | None], scope: str) -> None:
        self.__link = link
        self.__address = address
        self.__scope = scope
        self.__name__ = address[-1] or ""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it through the host."""
        return self.__link.ask({"ask": self._asking(args, kwargs)}, self.__scope)

    def _asking(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
        return [*self.__address, encode(list(args)), encode(dict(kwargs))]


def _asking(ask: Any) -> list[Any]:
    """Give a port's method and its arguments as the host takes them."""
    method, args, kwargs = (
        (ask.func, ask.args, ask.keywords) if isinstance(ask, partial) else (ask, (), {})
    )
    if not isinstance(method, RemoteMethod):
        raise TypeError(
            "together takes methods of ctx.erp and ctx.crm with their arguments, such as "
            f"partial(ctx.erp.invoices, customer), not {type(ask).__name__}"
        )
    return method._asking(args, kwargs)


class ChildContext:
    """The context of a view or a guard; see `crossdock.Context`."""

    def __init__(
        self, link: Link, config: Mapping[str, Any], log: logging.Logger, given: Any
    ) -> None:
        self._link = line = Line(link)
        self._given = given
        self._ends = time.monotonic() + given["seconds"]
        self.config = config
        self.log = log
        self.crm = RemotePort(line, "crm")
        self.erp = RemotePort(line, "erp")
        self.sync = RemotePort(line, "sync")

    @property
    def user(self) -> Any:
        """On whose behalf."""
        user = decode(self._given["user"])
        self.__dict__["user"] = user
        return user

    @property
    def now(self) -> datetime:
        """The instant that the call counts as."""
        return datetime.fromisoformat(self._given["now"])

    @property
    def hidden(self) -> frozenset[str]:
        """The sensitivities that are masked in this call."""
        return frozenset(self._given["hidden"])

    @property
    def deadline(self) -> float:
        """Seconds that are left."""
        left: float = self._ends - time.monotonic()
        return max(0.0, left)

    def trading_accounts(self, account: Any) -> Any:
        """Give the ERP customers behind a CRM account, the default first."""
        return self._link.ask({"accounts": encode(account)}, "erp.customers:read")

    def trading_account(self, account: Any, ref: str = "") -> Any:
        """Give one ERP customer behind a CRM account."""
        return self._link.ask({"account": [encode(account), ref]}, "erp.customers:read")

    def links(self, account: Any) -> Any:
        """Name the ERP customers behind a CRM account; no ERP is asked."""
        return self._link.ask({"links": encode(account)}, "erp.customers:read")

    def exchange_rates(self, to: str, *, on: date | None = None) -> Any:
        """Give the rates into a currency that hold on a day."""
        return self._link.ask({"rates": [to, encode(on)]}, "erp.rates:read")

    def together(self, *asks: Callable[[], Any]) -> Any:
        """Ask several things of the ports side by side."""
        asking = [_asking(ask) for ask in asks]
        try:
            said = self._link.ask({"together": asking})
        except NotSupported:  # too much for one message, perhaps not for one each
            return tuple(Answer.of(ask) for ask in asks)
        return tuple(
            Answer(error=rebuild(each["error"])) if "error" in each else Answer(each["reply"])
            for each in said
        )

    def read_anew(self) -> None:
        """Ask the ERPs from now on, whatever was read a moment ago."""
        self._link.ask({"anew": True})

    def account_ids(self, customers: Any) -> Any:
        """Give the CRM accounts behind ERP customers, by `system:customer`."""
        return self._link.ask({"customers": list(customers)}, "crm.accounts:read")


class ChildEventContext(ChildContext):
    """The context of an event handler; see `crossdock.EventContext`."""

    def __init__(
        self, link: Link, config: Mapping[str, Any], log: logging.Logger, given: Any
    ) -> None:
        super().__init__(link, config, log, given)
        self.idempotency_key: str = given["key"]

    def step(self, name: str, fn: Callable[..., _T], *args: Any) -> _T:
        """Do something once and remember the result."""
        result: _T = self._link.step(name, fn, args)
        return result
