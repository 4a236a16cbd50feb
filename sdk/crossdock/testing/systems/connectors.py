"""Rules about a connector as it is written: how it opens, and what it has of its port."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx

from crossdock.connectors.operations import Operation
from crossdock.connectors.partial import PartialErp
from crossdock.errors import ConfigError
from crossdock.ports import CrmPort, ErpPort, scopes_of
from crossdock.testing.rule import Finding, NotAsked, Skipped
from crossdock.testing.systems.project import System
from crossdock.testing.systems.registry import CONNECTOR_CHECKS

NAME: Final = "certified"
"""What the system is called under `[erp.<name>]` while it is judged."""
_UNKNOWN: Final = "no_such_setting"
#: What a capability promises, and the method that keeps it.
_PROMISES: Final[Mapping[str, str]] = {
    "changes": "changes",
    "order_changes": "change_order",
    "orders_by_reference": "orders_by_reference",
    "credit_list": "credit_list",
    "shipments": "shipments",
    "returns": "returns",
    "contracts": "contracts",
    "stock": "stock",
    "payments": "payments",
    "quotes": "quotes",
    "exchange_rates": "exchange_rates",
}
rule: Final = CONNECTOR_CHECKS.rule


def settings_of(system: System) -> dict[str, Any]:
    """Give the settings that a connector is tried with.

    Raises:
        Skipped: the project names none.
    """
    named = system.tried_with.get("settings")
    if not isinstance(named, dict):
        raise Skipped(
            "pyproject.toml does not say what it is opened with: [tool.crossdock.connector] "
            'settings = { url = "http://any.test", ... }'
        )
    return dict(named)


def connect(system: System, settings: Mapping[str, Any], transport: httpx.BaseTransport) -> Any:
    """Open a connector, as a host does."""
    return system.load()(NAME, settings, transport=transport)


@contextmanager
def opened(system: System, answer: Callable[[httpx.Request], httpx.Response]) -> Iterator[Any]:
    """Give an open connector whose system answers by a function; it is closed afterwards.

    Raises:
        Skipped: it cannot be opened; the rule `connector-opens` says why.
    """
    try:
        port = connect(system, settings_of(system), httpx.MockTransport(answer))
    except Exception as wrong:
        raise Skipped("it cannot be opened; the rule connector-opens says why") from wrong
    try:
        yield port
    finally:
        port.close()


def silent(request: httpx.Request) -> httpx.Response:
    """Answer nothing; for what must not call anybody."""
    raise httpx.ConnectError("nobody is to be called here", request=request)


def port_of(port: Any) -> type:
    """Say which port a connector is meant to be: the one of which it has more."""

    def has(kind: type) -> int:
        return sum(hasattr(port, name) for name in scopes_of(kind))

    return max((CrmPort, ErpPort), key=has)


@rule("bronze")
def connector_opens(system: System) -> Iterator[Finding]:
    """Its entry point opens it: `connect(system, settings, *, transport=None)`.

    Nothing is called while it opens: a host comes up while its systems are away. `transport` takes
    the place of the network, so that it can be tried without one.
    """
    try:
        entry = system.load()
    except Exception as wrong:  # noqa: BLE001 - whatever the module raises is the finding
        yield Finding(
            what=f"{system.target} cannot be imported: {type(wrong).__name__}: {wrong}",
            do=f"let the entry point {system.id} name a function `connect` of a module that "
            "imports without doing anything",
            place="pyproject.toml",
        )
        return
    try:
        inspect.signature(entry).bind(NAME, {}, transport=None)
    except TypeError as wrong:
        yield Finding(
            what=f"{system.target} takes other arguments: {wrong}",
            do="write def connect(system, settings, *, transport=None)",
        )
        return
    called: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        called.append(f"{request.method} {request.url.path}")
        return httpx.Response(503)

    try:
        connect(system, settings_of(system), httpx.MockTransport(note)).close()
    except Skipped:
        raise
    except Exception as wrong:  # noqa: BLE001 - as above
        yield Finding(
            what=f"it does not open: {type(wrong).__name__}: {wrong}",
            do="open it without calling anybody; `settings` of [tool.crossdock.connector] has to "
            "have what it needs",
        )
    if called:
        yield Finding(
            what=f"it calls {called[0]} while it opens",
            do="ask for a token, or for anything, when the first call needs it",
        )


@rule("bronze")
def settings_are_judged(system: System) -> Iterator[Finding]:
    """A setting that is missing, misspelt or nonsense is a `ConfigError` that names it.

    `crossdock doctor` shows the sentence to whoever set it up. `crossdock.connectors.settings`
    does it for whoever reads settings by it.
    """
    good = settings_of(system)
    cases = [(f"with a setting {_UNKNOWN!r} besides", _UNKNOWN, {**good, _UNKNOWN: "x"})]
    cases += [(f"without {name!r}", name, _without(good, name)) for name in good]
    cases += [("with a url that is none", "url", {**good, "url": "::"})] if "url" in good else []
    for how, name, settings in cases:
        try:
            connect(system, settings, httpx.MockTransport(silent)).close()
        except ConfigError as told:
            if name not in str(told):
                yield Finding(
                    what=f"opened {how}, it does not name the setting: {told}",
                    do="name key and section in the message",
                )
        except Exception as wrong:  # noqa: BLE001 - anything else is the finding
            yield Finding(
                what=f"opened {how}, it raises {type(wrong).__name__}: {wrong}",
                do="raise ConfigError with the setting's name, or read it by "
                "crossdock.connectors.settings",
            )
        else:
            if name == _UNKNOWN or "none" in how:
                yield Finding(
                    what=f"opened {how}, it says nothing",
                    do="refuse what you do not know: a misspelt setting has no effect for ever",
                )


def _without(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key != name}


@rule("bronze")
def has_its_port(system: System) -> Iterator[Finding]:
    """It has every method and attribute of `CrmPort` or `ErpPort`.

    What the system cannot do raises `NotSupported` with a sentence for a person;
    `crossdock.connectors.partial.PartialErp` has that for a whole ERP, to derive from.
    """
    with opened(system, silent) as port:
        kind = port_of(port)
        methods = set(scopes_of(kind)) | {"close"}
        for name in sorted(methods | set(inspect.get_annotations(kind))):
            if not hasattr(port, name):
                yield Finding(
                    what=f"it has no {name}, which {kind.__name__} has",
                    do=f"write it, or derive from {PartialErp.__name__}: "
                    "what the system cannot do is said in words",
                )
        if getattr(port, "system", NAME) != NAME:
            yield Finding(
                what=f"its system is {port.system!r}, and it was opened as {NAME!r}",
                do="keep the name that connect was given: it stands in every figure's provenance",
            )


@rule("bronze")
def takes_what_the_port_gives(system: System) -> Iterator[Finding]:
    """Its methods take the port's arguments, by the port's names, with the port's defaults.

    Hosts and plugins call `customers(search, after=..., limit=...)` whatever is behind it.
    """
    with opened(system, silent) as port:
        kind = port_of(port)
        for name in sorted(scopes_of(kind)):
            written = getattr(type(port), name, None)
            if not callable(written):
                continue
            for what in _lacking(getattr(kind, name), written):
                yield Finding(
                    what=f"{name}{inspect.signature(written)} {what}",
                    do=f"take {inspect.signature(getattr(kind, name))}, as the port does",
                )


def _lacking(asked: Callable[..., Any], written: Callable[..., Any]) -> Iterator[str]:
    has = inspect.signature(written).parameters
    anything = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in has.values())
    wants = inspect.signature(asked).parameters
    for name, wanted in wants.items():
        given = has.get(name)
        if given is None:
            if not anything:
                yield f"takes no {name}"
        elif wanted.default is not inspect.Parameter.empty and (
            given.default is inspect.Parameter.empty
        ):
            yield f"wants {name}, which callers may leave out"
    for name, given in has.items():
        if (
            name not in wants
            and given.default is inspect.Parameter.empty
            and given.kind
            in (
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                inspect.Parameter.KEYWORD_ONLY,
            )
        ):
            yield f"wants {name}, which nobody gives"


@rule("silver")
def operations_are_in_the_document(system: System) -> Iterator[Finding]:
    """Every operation that it declares stands in the system's document, as it is called.

    So a change of the document leads to the code that it concerns, and to the plugins behind it.
    """
    if system.document is None:
        raise Skipped("pyproject.toml names no document: [tool.crossdock.connector] document = ...")
    if not system.document.is_file():
        yield Finding(
            what=f"there is no {system.document.name}",
            do="name the document's place from the folder of pyproject.toml",
            place="pyproject.toml",
        )
        return
    known = _operations(system.document)
    declared = declared_operations(system)
    if not declared:
        yield Finding(
            what="it declares no operation",
            do="declare each by crossdock.connectors.operations; Remote takes nothing else",
        )
    for each in declared:
        if each.id not in known:
            yield Finding(
                what=f"the document has no operation {each.id!r}",
                do="call it as the document does, or add it there",
            )
        elif known[each.id] != (each.method, _shape(each.path)):
            method, path = known[each.id]
            yield Finding(
                what=f"{each.id} is {each.method} {each.path}, and {method} {path} in the document",
                do="bring the two together",
            )


def declared_operations(system: System) -> list[Operation]:
    """Give the operations that the modules of a connector's package declare.

    Raises:
        Skipped: it cannot be imported; the rule `connector-opens` says why.
    """
    try:
        system.load()
    except Exception as wrong:
        raise Skipped("it cannot be imported; the rule connector-opens says why") from wrong
    package = system.target.partition(":")[0].partition(".")[0]
    found = {
        each.id: each
        for name, module in list(sys.modules.items())
        if name == package or name.startswith(f"{package}.")
        for each in list(vars(module).values())
        if isinstance(each, Operation)
    }
    return [found[name] for name in sorted(found)]


def _operations(document: Any) -> dict[str, tuple[str, str]]:
    import yaml

    read = yaml.safe_load(document.read_text(encoding="utf-8"))
    return {
        operation["operationId"]: (method.upper(), _shape(path))
        for path, item in read.get("paths", {}).items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "operationId" in operation
    }


def _shape(path: str) -> str:
    """Give a path whose names in braces do not count."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


@rule("silver")
def capabilities_are_true(system: System) -> Iterator[Finding]:
    """What it says it can do, it has a method for.

    Hosts and plugins go by `capabilities`: who is told that an order is found again by its
    reference sends it a second time.
    """
    with opened(system, silent) as port:
        if port_of(port) is not ErpPort:
            raise NotAsked("a CRM has none")
        known = {word for word in (ErpPort.__doc__ or "").split("`") if word.isidentifier()}
        for name in sorted(port.capabilities):
            method = _PROMISES.get(name)
            if name not in known:
                yield Finding(
                    what=f"nobody knows a capability {name!r}",
                    do="docs/ports.md lists those that there are",
                )
            elif method and getattr(type(port), method, None) is getattr(PartialErp, method, 0):
                yield Finding(
                    what=f"it says that it can {name}, and has no {method}",
                    do=f"write {method}, or take {name!r} out of capabilities",
                )


@rule("silver")
def keeps_secrets(system: System) -> Iterator[Finding]:
    """Shown in a log or a traceback, it gives no secret away.

    What `Settings.secret` gives goes to whoever sends it, and nowhere else.
    """
    settings = settings_of(system)
    secrets = [
        str(value)
        for name, value in settings.items()
        if any(word in name for word in ("token", "key", "secret", "password"))
    ]
    if not secrets:
        raise NotAsked("it has no setting that is called a token, key, secret or password")
    with opened(system, silent) as port:
        shown = f"{port!r} {port} {vars(port) if hasattr(port, '__dict__') else ''}"
        for secret in secrets:
            if secret in shown:
                yield Finding(
                    what="its representation shows a secret setting",
                    do="hand the secret to the credentials, and keep it nowhere else",
                )
