"""Whether a CRM or an ERP answers: the way to it, the credentials, and what its connector asks."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any, Final

from attrs import define, field

from crossdock.connectors.calling import calling_as, deadline_in
from crossdock.connectors.provisioning import Provisioning
from crossdock.errors import (
    ConfigError,
    NotSupported,
    RemoteError,
    RemoteMisbehaved,
    RemoteRefused,
    RemoteUnauthorized,
    RemoteUnavailable,
)
from crossdock.host.diagnosis.findings import Finding, Findings, Steps
from crossdock.host.diagnosis.reach import examine_reach
from crossdock.host.settings.config import HostConfig, SystemConfig
from crossdock.host.systems import connect
from crossdock.ports import CrmPort, ErpPort, scopes_of
from crossdock.secret import Secret

_CALL_SECONDS: Final = 4.0
_SLOW_SECONDS: Final = 2.0
_TOO_MANY: Final = 429
_FORBIDDEN: Final = 403
# What a record read first gives to the methods that need one: parameter -> list, attribute.
_GIVEN_BY: Final[Mapping[str, tuple[str, str]]] = {
    "account_id": ("accounts", "id"),
    "contact_id": ("contacts", "id"),
    "credit_note_id": ("credit_notes", "id"),
    "customer": ("customers", ""),
    "customer_id": ("customers", "id"),
    "invoice_id": ("invoices", "id"),
    "item_id": ("items", "id"),
    "opportunity_id": ("opportunities", "id"),
    "order_id": ("orders", "id"),
    "payment_id": ("payments", "id"),
    "quote_id": ("quotes", "id"),
    "return_id": ("returns", "id"),
    "shipment_id": ("shipments", "id"),
    "user_id": ("users", "id"),
}


def examine_system(config: HostConfig, system: SystemConfig) -> Iterator[Finding]:
    """Look at one configured system, from the wire up."""
    is_crm = system is config.crm
    path = ("crm",) if is_crm else ("erp", system.name)
    find = Findings("crm" if is_crm else f"erp {system.name}")
    url = system.settings.get("url")
    if isinstance(url, str) and "://" in url:
        failed = False
        setting = ".".join((*path, "url"))
        for found in examine_reach(find, url, setting, config.origin(*path, "url")):
            failed = failed or found.status == "fail"
            yield found
        if failed:
            return
    with ExitStack() as opened:
        yield from _examine_port(config, system, find, path, opened)


def _examine_port(
    config: HostConfig,
    system: SystemConfig,
    find: Findings,
    path: tuple[str, ...],
    opened: ExitStack,
) -> Iterator[Finding]:
    """Open the connector and ask it; what it opens is closed with `opened`."""
    from crossdock.host.store import Store

    def store() -> Store:
        return opened.enter_context(Store.open(config.store_url))

    try:
        port = connect(system, store)
    except ConfigError as wrong:
        yield find.fail(str(wrong), "config", f"change [{'.'.join(path)}] in {config.source}")
        return
    except Exception as raised:  # noqa: BLE001 - the boundary to foreign code
        yield find.fail(
            f"the connector {system.connector} cannot start: {type(raised).__name__}: {raised}",
            "code",
            "tell whoever wrote the connector",
        )
        return
    if (close := getattr(port, "close", None)) is not None:
        opened.callback(close)
    with calling_as("doctor"):
        protocol = CrmPort if system is config.crm else ErpPort
        asked = _Asked(find, port, protocol, _keys(system, path))
        yield from asked.all()
        provisioning = getattr(port, "provisioning", None)
        if asked.answered and isinstance(provisioning, Provisioning):
            yield from _examine_provisions(find, provisioning)


def _examine_provisions(find: Findings, provisioning: Provisioning) -> Iterator[Finding]:
    """Look whether the system has what has to be given to it."""
    try:
        lacking = provisioning.lacking()
    except RemoteError as error:
        yield find.warn(f"what it lacks could not be seen: {error}", "remote")
        return
    missing = [each.name for each in lacking if each.makeable]
    if missing:
        shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if missing[3:] else "")
        yield find.fail(
            f"it lacks {shown}", "remote", "run `crossdock provision --apply`, which makes them"
        )
    for each in lacking:
        if not each.makeable:
            yield find.fail(
                f"{each.name} {each.problem}", "remote", "have somebody there change it"
            )
    if not lacking:
        yield find.ok("it has all the places that have to be given to it")


def _keys(system: SystemConfig, path: tuple[str, ...]) -> str:
    """Name the settings that hold credentials."""
    names = [name for name, value in system.settings.items() if isinstance(value, Secret)]
    names = [name for name in ("client_id", "username") if name in system.settings] + names
    return " and ".join(".".join((*path, name)) for name in names) or ".".join(path)


@define
class _Asked:
    """The reading methods of a port, asked one after the other."""

    find: Findings
    port: Any
    protocol: type
    keys: str
    answered: list[str] = field(factory=list)
    untried: list[str] = field(factory=list)
    refused: list[str] = field(factory=list)
    slowest: tuple[float, str] = (0.0, "")
    lists: dict[str, Any] = field(factory=dict)

    def all(self) -> Iterator[Finding]:
        """Ask them all, and sum up."""
        waiting = self._readers()
        while ready := [each for each in waiting if self._arguments(each[1]) is not None]:
            waiting = [each for each in waiting if each not in ready]
            for name, method in ready:
                stop = yield from self._one(name, method, self._arguments(method) or {})
                if stop:
                    return
        self.untried = [name for name, _ in waiting]
        yield from self._summary()

    def _readers(self) -> list[tuple[str, Callable[..., Any]]]:
        """Give the methods that only read."""
        names = [name for name, scope in scopes_of(self.protocol).items() if scope.endswith("read")]
        return [(name, getattr(self.port, name)) for name in names if hasattr(self.port, name)]

    def _arguments(self, method: Callable[..., Any]) -> dict[str, Any] | None:
        arguments: dict[str, Any] = {}
        for name in _required(method):
            if name == "cursor":
                arguments[name] = None
                continue
            lister, attribute = _GIVEN_BY.get(name, ("", ""))
            first = self.lists.get(lister)
            if first is None:
                return None
            arguments[name] = getattr(first, attribute) if attribute else first
        if "limit" in inspect.signature(method).parameters:
            arguments["limit"] = 1
        return arguments

    def _one(self, name: str, method: Callable[..., Any], arguments: Mapping[str, Any]) -> Steps:
        """Ask one; gives whether there is no sense in asking on."""
        began = time.monotonic()
        try:
            with deadline_in(_CALL_SECONDS):
                answer = method(**arguments)
        except NotSupported:
            return False
        except RemoteUnauthorized as no:
            if no.status == _FORBIDDEN:
                self.refused.append(name)
                return False
            yield self.find.fail(
                f"the credentials are refused: {no}",
                "config",
                f"see whether {self.keys} are of this system, and have not expired",
            )
            return True
        except RemoteUnavailable as away:
            if away.status == _TOO_MANY:
                wait = f" for {away.retry_after:g} s" if away.retry_after else ""
                yield self.find.warn(
                    f"it limits the rate of calls, and asks to wait{wait}: {away}",
                    "remote",
                    "wait, and see who else uses the same account",
                )
            else:
                yield self.find.fail(str(away), "remote", "see what the system says in its own log")
            return True
        except RemoteMisbehaved as strange:
            yield self.find.fail(
                str(strange), "remote", "see whether the address is right and which version it is"
            )
            return not self.answered
        except RemoteRefused as no:
            # It knows who asks and understood; the record that was asked for may be gone by now.
            yield self.find.warn(f"{name} was refused: {no}", "remote")
            return False
        except RemoteError as error:
            yield self.find.fail(str(error), "remote")
            return False
        except Exception as raised:  # noqa: BLE001 - the boundary to a foreign connector
            yield self.find.fail(
                f"{name} of the connector raised {type(raised).__name__}: {raised}",
                "code",
                "tell whoever wrote the connector",
            )
            return False
        self.answered.append(name)
        self.slowest = max(self.slowest, (time.monotonic() - began, name))
        first = _first(answer)
        if first is not None:
            self.lists.setdefault(name, first)
        return False

    def _summary(self) -> Iterator[Finding]:
        if self.refused:
            yield self.find.fail(
                f"the credentials are right, and lack the right to {', '.join(self.refused)}",
                "config",
                f"give the account of {self.keys} these rights in the system",
            )
        if self.answered:
            yield self.find.ok(
                f"it answers as its connector expects: {len(self.answered)} kinds of calls"
                + _document(self.port)
            )
        if self.untried:
            yield self.find.ok(
                f"not tried, as there is nothing to try them on: {', '.join(self.untried)}"
            )
        seconds, name = self.slowest
        if seconds > _SLOW_SECONDS:
            yield self.find.warn(
                f"it is slow: {name} took {seconds:.1f} s", "remote", "tabs will feel slow, too"
            )


def _document(port: Any) -> str:
    document = getattr(port, "document", "")
    return f" (of {document})" if document else ""


def _required(method: Callable[..., Any]) -> list[str]:
    """Name the arguments that a call cannot do without."""
    return [
        name
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    ]


def _first(answer: Any) -> Any:
    items = getattr(answer, "items", answer)
    return items[0] if isinstance(items, list | tuple) and items else None
