"""Rules about what a plugin may import: its walls are those of its process, and more."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from crossdock.testing.checks.registry import rule
from crossdock.testing.checks.source import Module, Source
from crossdock.testing.rule import Finding

_FACE: Final = (
    "crossdock",
    "crossdock.context",
    "crossdock.decisions",
    "crossdock.errors",
    "crossdock.hookspecs",
    "crossdock.points",
    "crossdock.ports",
    "crossdock.records",
    "crossdock.rules",
    "crossdock.views",
)
_NETWORK: Final = (
    "a plugin has no network: ask ctx.crm and ctx.erp, or put the system behind a connector "
    "(cookbook/add-a-system)"
)
_DATABASE: Final = (
    "a plugin keeps nothing of its own: what it must remember is a record of the CRM, or the "
    "result of a ctx.step"
)
_PROCESS: Final = (
    "write plain code without it: the host asks plugins side by side, and lets none start "
    "processes or threads"
)
_WEB: Final = "a plugin shows views (crossdock.Tab, Card), which the host renders everywhere"
_FORBIDDEN: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("requests", "httpx", "urllib.request", "urllib3", "aiohttp", "http.client", "socket",
         "ssl", "smtplib", "ftplib", "imaplib", "poplib", "telnetlib", "xmlrpc", "websockets",
         "paramiko", "grpc", "boto3", "simple_salesforce", "hubspot", "quickbooks"),
        _NETWORK,
    ),
    **dict.fromkeys(
        ("sqlite3", "sqlalchemy", "psycopg", "psycopg2", "pymongo", "redis", "shelve", "dbm",
         "pickle", "dbos"),
        _DATABASE,
    ),
    **dict.fromkeys(
        ("subprocess", "multiprocessing", "threading", "_thread", "concurrent.futures", "asyncio",
         "anyio", "trio", "signal", "ctypes"),
        _PROCESS,
    ),
    **dict.fromkeys(
        ("starlette", "fastapi", "flask", "django", "jinja2", "uvicorn"),
        _WEB,
    ),
}  # fmt: skip
_ROOMS: Final[Mapping[str, str]] = {
    "crossdock.host": "what a plugin may ask of the host is ctx (crossdock.Context)",
    "crossdock.connectors": "ask ctx.crm and ctx.erp, whatever system is behind them",
    "crossdock.testing": "the test kit is for tests; import it there",
    "crossdock.render": _WEB,
    "crossdock.server": _WEB,
    "crossdock_mocks": "mocks are for tests; a plugin asks ctx.crm and ctx.erp",
}
_WAITS: Final[Mapping[str, str]] = {
    "time.sleep": "leave it out, and let errors through: an event that failed is delivered again "
    "later, and a guard that is late is stopped",
    "asyncio.sleep": "plugin code is plain def, and waits for nothing",
    "select.select": _NETWORK,
    "os.system": _PROCESS,
    "os.popen": _PROCESS,
    "os.fork": _PROCESS,
    "input": "nobody sits at the host; put it into the plugin's settings ([config] in plugin.toml)",
    "breakpoint": "nobody sits at the host; debug in a test, where plugins run inline",
}


@rule("bronze")
def imports_stay_within_the_walls(plugin: Source) -> Iterator[Finding]:
    """The code imports the public face of Crossdock, and nothing that reaches the outside world.

    A plugin sees records, rules, decisions, views and ports, and asks everything else of `ctx`. In
    its own process a network, a fork or a database of its own is refused by the system; here it is
    told before.
    """
    for module, node in plugin.nodes():
        for target in _imported(module, node):
            reason = _why_not(target)
            if reason:
                yield Finding(
                    what=f"it imports {target}",
                    do=reason,
                    place=plugin.place(module, node),
                )
                break


@rule("bronze")
def nothing_waits(plugin: Source) -> Iterator[Finding]:
    """The code never sleeps, and never waits for a person or a program.

    Saving waits for guards, and a page for its tabs. What cannot be had now is an error, which the
    host treats by its kind: a draft is kept unchecked, an event is delivered again.
    """
    for module, node in plugin.nodes():
        if not isinstance(node, ast.Call):
            continue
        target = module.origin(node.func)
        if not target and isinstance(node.func, ast.Name):
            target = node.func.id if node.func.id in ("input", "breakpoint") else ""
        if target in _WAITS:
            yield Finding(
                what=f"{target} holds up everybody who waits for the plugin",
                do=_WAITS[target],
                place=plugin.place(module, node),
            )


@rule("silver")
def no_files_are_written(plugin: Source) -> Iterator[Finding]:
    """The code writes no files.

    A host has many workers on several machines, and a plugin's process may write nowhere. What is
    read beside the code (a table, a template) is no trouble.
    """
    for module, node in plugin.nodes():
        if isinstance(node, ast.Call) and _writes_a_file(module, node):
            yield Finding(what="it writes a file", do=_DATABASE, place=plugin.place(module, node))


def _imported(module: Module, node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level and node.module:
        if node.module == "crossdock":
            return [f"crossdock.{each.name}" for each in node.names if each.name in _INSIDE]
        return [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
    if (
        isinstance(node, ast.Call)
        and (module.origin(node.func) == "importlib.import_module" or _is_import(node.func))
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ):
        return [str(node.args[0].value)]
    return []


_WRITING: Final = re.compile("[rbt]*[wxa+][bt+]*")
_INSIDE: Final = frozenset(
    {"host", "connectors", "testing", "render", "server", "cli", "demo", "secret", "tracing"}
)


def _is_import(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id == "__import__"


def _why_not(target: str) -> str:
    """Say why something must not be imported; empty where it may."""
    for room, reason in {**_ROOMS, **_FORBIDDEN}.items():
        if target == room or target.startswith(f"{room}."):
            return reason
    if target.partition(".")[0] == "crossdock" and not any(
        target == face or target.startswith(f"{face}.") for face in _FACE[1:]
    ):
        inside = target.split(".")[1:2]
        if inside and inside[0] in _INSIDE:
            return "it is no part of the public face; docs/testing.md and README.md show what is"
    return ""


def _writes_a_file(module: Module, node: ast.Call) -> bool:
    function, modes = node.func, node.args
    if isinstance(function, ast.Attribute) and function.attr in ("write_text", "write_bytes"):
        return True
    if isinstance(function, ast.Name) and function.id == "open" and "open" not in module.origins:
        modes = node.args[1:2]
    elif not (isinstance(function, ast.Attribute) and function.attr == "open"):
        return False
    modes = [*modes, *(each.value for each in node.keywords if each.arg == "mode")]
    return any(isinstance(each, ast.Constant) and _writes(each.value) for each in modes)


def _writes(mode: Any) -> bool:
    """Whether a constant is a mode in which a file is opened to write."""
    return isinstance(mode, str) and _WRITING.fullmatch(mode) is not None
