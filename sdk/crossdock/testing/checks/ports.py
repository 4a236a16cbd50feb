"""What a plugin asks of the ports, as its source says: methods, and the scopes they need."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, Literal

from attrs import frozen

from crossdock import synchronising
from crossdock.context import Context, EventContext
from crossdock.ports import CrmPort, ErpPort, scopes_of
from crossdock.synchronising import SyncPort
from crossdock.testing.checks.source import Function, HookFunction, Module, Source

Port = Literal["crm", "erp", "sync"]
SCOPES: Final[Mapping[str, Mapping[str, str]]] = {
    "crm": scopes_of(CrmPort),
    "erp": scopes_of(ErpPort),
    "sync": scopes_of(SyncPort),
}
_OPEN: Final = frozenset({"system", "systems", "guards", "capabilities", "policy", "using"})
_PORTS: Final[Mapping[str, Port]] = {"crm": "crm", "erp": "erp", "sync": "sync"}
_ANNOTATIONS: Final[Mapping[str, Port]] = {
    "CrmPort": "crm",
    "ErpPort": "erp",
    "ErpRouter": "erp",
    "SyncPort": "sync",
}
_NEEDS: Final = re.compile(r"Needs the scope\s+`([^`]+)`")
_NEEDS_ALL: Final = re.compile(r"Needs the scopes\s+((?:`[^`]+`[,\s]*(?:and\s+)?)+)")


@frozen(kw_only=True, eq=False)
class PortUse:
    """One place in which a plugin asks a port, or the context, for something.

    Attributes:
        said: as it reads: `ctx.erp.credit`.
        scope: what it needs; empty where the port has no such method.
    """

    port: str
    method: str
    said: str
    scope: str
    module: Module
    node: ast.AST


@cache
def context_scopes() -> Mapping[str, str]:
    """Give the scope of each method of `ctx` that needs one, from its docstring."""
    found = {}
    for protocol in (Context, EventContext):
        for name, member in vars(protocol).items():
            needs = _NEEDS.search(inspect.getdoc(member) or "") if callable(member) else None
            if needs is not None:
                found[name] = needs.group(1)
    return found


@cache
def lent_scopes() -> Mapping[str, tuple[str, ...]]:
    """Give the scopes of what the SDK does with ports that a plugin hands it, by its name."""
    found = {}
    for name in synchronising.__all__:
        needs = _NEEDS_ALL.search(inspect.getdoc(getattr(synchronising, name)) or "")
        if needs is not None:
            found[name] = tuple(re.findall(r"`([^`]+)`", needs.group(1)))
    return found


def all_uses(source: Source) -> Sequence[PortUse]:
    """Give every use in a plugin."""
    return [
        use
        for module in source.modules.values()
        for node in module.tree.body
        for use in _uses(module, node, {})
    ]


def uses_of(source: Source, hook: HookFunction) -> Sequence[PortUse]:
    """Give the uses in what a hook may lead to."""
    return [use for module, node in source.reachable(hook) for use in _uses(module, node, {})]


def _uses(module: Module, node: ast.AST, known: Mapping[str, Port]) -> Iterator[PortUse]:
    if isinstance(node, Function | ast.Lambda):
        known = {**known, **_parameters(node), **_assigned(node, known)}
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield from _lent(module, node, node.func.id)
    if isinstance(node, ast.Attribute):
        use = _use(module, node, known)
        if use is not None:
            yield use
    for child in ast.iter_child_nodes(node):
        yield from _uses(module, child, known)


def _use(module: Module, node: ast.Attribute, known: Mapping[str, Port]) -> PortUse | None:
    method = node.attr
    port = _port(node.value, known)
    if port is not None and method not in _OPEN and not method.startswith("_"):
        return PortUse(
            port=port,
            method=method,
            said=f"ctx.{port}.{method}",
            scope=SCOPES[port].get(method, ""),
            module=module,
            node=node,
        )
    if method in context_scopes() and _named(node.value) == "ctx":
        return PortUse(
            port="ctx",
            method=method,
            said=f"ctx.{method}",
            scope=context_scopes()[method],
            module=module,
            node=node,
        )
    return None


def _lent(module: Module, node: ast.Call, name: str) -> Iterator[PortUse]:
    for scope in lent_scopes().get(name, ()):
        said = f"{name}(...)"
        yield PortUse(port="ctx", method=name, said=said, scope=scope, module=module, node=node)


def _port(node: ast.expr, known: Mapping[str, Port]) -> Port | None:
    """Say which port an expression is, as far as its form tells."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _port(node.func.value, known) if node.func.attr == "using" else None
    if isinstance(node, ast.Attribute) and _named(node.value) in ("ctx", "self"):
        name = _named(node)
        return _PORTS.get(name)
    return None


def _named(node: ast.expr) -> str:
    """Give the last part of a name, without the underscores that make it private."""
    if isinstance(node, ast.Name):
        return "ctx" if node.id in ("ctx", "context") else node.id
    return node.attr.strip("_") if isinstance(node, ast.Attribute) else ""


def _parameters(node: Any) -> dict[str, Port]:
    found: dict[str, Port] = {}
    arguments = node.args
    for each in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        said = ast.unparse(each.annotation) if each.annotation is not None else ""
        for name, port in _ANNOTATIONS.items():
            if re.search(rf"\b{name}\b", said):
                found[each.arg] = port
        if not said and each.arg in _PORTS:
            found[each.arg] = _PORTS[each.arg]
    return found


def _assigned(node: ast.AST, known: Mapping[str, Port]) -> dict[str, Port]:
    found: dict[str, Port] = {}
    for each in ast.walk(node):
        for target, value in _pairs(each):
            port = _port(value, {**known, **found})
            if isinstance(target, ast.Name) and port is not None:
                found[target.id] = port
    return found


def _pairs(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Give what an assignment gives to what, the parts of tuples one by one."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            yield from zip(target.elts, value.elts, strict=False)
        else:
            yield target, value
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value
