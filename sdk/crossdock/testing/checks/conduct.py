"""Rules about what code does where: guards only read, time is the host's, errors are told."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from crossdock.points import POINTS
from crossdock.testing.checks.ports import uses_of
from crossdock.testing.checks.registry import manifest_of, rule
from crossdock.testing.checks.source import Source
from crossdock.testing.rule import Finding

_READ_ONLY: Final = {
    "guard": "a guard judges, and may be asked again, or for a save that never comes",
    "view": "a view is opened by whoever looks, as often as they look",
    "provider": "a score is asked for whenever a deal is shown",
}
_CLOCKS: Final = {
    "datetime.datetime.now": "ctx.now",
    "datetime.datetime.utcnow": "ctx.now",
    "datetime.datetime.today": "ctx.now",
    "datetime.date.today": "ctx.now.date()",
    "time.time": "ctx.now.timestamp()",
    "time.localtime": "ctx.now",
    "time.gmtime": "ctx.now",
}
_BROAD: Final = ("Exception", "BaseException")


@rule("bronze")
def guards_only_read(plugin: Source) -> Iterator[Finding]:
    """Guards, views and scores write nothing into any system.

    A guard that saves is asked about its own save. What is to follow from a save belongs into an
    event (`quote_saved`, `record_changed`), which comes after it and only once.
    """
    for hook in plugin.hooks:
        point = POINTS.get(hook.point)
        if point is None or point.kind not in _READ_ONLY or not hook.marked:
            continue
        told: set[str] = set()
        for use in uses_of(plugin, hook):
            if use.scope.endswith(":write") and use.said not in told:
                told.add(use.said)
                yield Finding(
                    what=f"{hook.point} leads to {use.said}, which writes, and "
                    f"{_READ_ONLY[point.kind]}",
                    do="answer Amend(record) to change what is saved, or write in an event such as "
                    "quote_saved"
                    if point.kind == "guard"
                    else "write in an event or a job",
                    place=plugin.place(use.module, use.node),
                )


@rule("bronze")
def settings_are_declared(plugin: Source) -> Iterator[Finding]:
    """Every setting that the code reads is in the schema of its manifest.

    `ctx.config` holds what the schema names, defaults filled in; anything else is a `KeyError` in
    front of a user, and `get` hides a misspelt name for ever.
    """
    manifest = manifest_of(plugin)
    known = set(manifest.config_schema.get("properties", {}))
    if manifest.config_schema.get("additionalProperties") not in (None, False):
        return
    for module, node in plugin.nodes():
        name = _setting(node)
        if name and name not in known:
            yield Finding(
                what=f"the setting {name!r} is read, and the manifest does not know it",
                do=f"add [config.properties.{name}] with type, description and default; there are: "
                + (", ".join(sorted(known)) or "none"),
                place=plugin.place(module, node),
            )


@rule("silver")
def time_is_the_hosts(plugin: Source) -> Iterator[Finding]:
    """The code takes the time from `ctx.now`, and never from the machine.

    Tests and rehearsals run on another day than the machine's, replays on the day of what is
    replayed; and every instant of one call is the same.
    """
    for module, node in plugin.nodes():
        if isinstance(node, ast.Call) and (target := module.origin(node.func)) in _CLOCKS:
            yield Finding(
                what=f"it reads the machine's clock by {target.removeprefix('datetime.')}",
                do=f"write {_CLOCKS[target]}",
                place=plugin.place(module, node),
            )


@rule("silver")
def errors_are_not_swallowed(plugin: Source) -> Iterator[Finding]:
    """No error of just any kind is caught and kept quiet.

    `except Exception` takes `RemoteUnavailable` away from the host, which would have kept the draft
    or tried the event again, and a bug away from whoever could mend it. Catch the errors of
    `crossdock.errors` that the plugin has an answer to.
    """
    for module, node in plugin.nodes():
        if not isinstance(node, ast.ExceptHandler):
            continue
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        broad = [
            ast.unparse(each) if each is not None else "everything"
            for each in kinds
            if each is None or (isinstance(each, ast.Name) and each.id in _BROAD)
        ]
        if broad and not any(isinstance(each, ast.Raise) for each in ast.walk(node)):
            yield Finding(
                what=f"it catches {broad[0]} and does not raise it again",
                do="catch the errors of crossdock.errors that are expected here (NotFound, "
                "RemoteError, NotSupported, ...), and let all others through",
                place=plugin.place(module, node),
            )


@rule("silver")
def news_goes_to_the_log(plugin: Source) -> Iterator[Finding]:
    """The code says what it has to say by `ctx.log`, not by `print`.

    The log carries the plugin's id, the call and its span; what is printed belongs to nobody.
    """
    for module, node in plugin.nodes():
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "print"
            and "print" not in module.origins
        ):
            yield Finding(
                what="it prints, and a plugin has no terminal that anybody reads",
                do="write ctx.log.info(...); people are told by Warn, Veto and Notice",
                place=plugin.place(module, node),
            )


def _setting(node: ast.AST) -> str:
    """Give the name of the setting that an expression reads; empty where it reads none."""
    key: ast.expr | None = None
    if isinstance(node, ast.Subscript) and _is_config(node.value):
        key = node.slice
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and _is_config(node.func.value)
        and node.args
    ):
        key = node.args[0]
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""


def _is_config(node: ast.expr) -> bool:
    if not isinstance(node, ast.Attribute) or node.attr != "config":
        return False
    base = node.value
    name = base.id if isinstance(base, ast.Name) else getattr(base, "attr", "")
    return name.strip("_") == "ctx"
