"""A plugin's source, read and not run: its modules, its functions, and what names lead to."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import field, frozen

from crossdock import hookspecs
from crossdock.errors import ManifestError, PluginNotLoaded
from crossdock.host.loading.code import read_file, read_folder
from crossdock.host.loading.judgement import Judgement, judge
from crossdock.host.loading.manifest import Manifest
from crossdock.host.loading.manifest_text import manifest_file, read_document
from crossdock.host.loading.sources import claimed_id
from crossdock.points import POINTS

del hookspecs  # importing it declares the points

Function = ast.FunctionDef | ast.AsyncFunctionDef
_MARKS = frozenset(
    {"crossdock.hookimpl", "crossdock.hookspecs.hookimpl", "crossdock.points.hookimpl"}
)


@frozen(kw_only=True, eq=False)
class Module:
    """One module of a plugin.

    Attributes:
        name: dotted, from the plugin's folder.
        path: of its file.
        tree: its syntax.
        origins: what each name at its top leads to, dotted: `crossdock.records.Quote`.
        functions: the functions and methods in it, by their dotted name.
    """

    name: str
    path: Path
    tree: ast.Module
    origins: Mapping[str, str]
    functions: Mapping[str, Function]

    def origin(self, node: ast.AST) -> str:
        """Say what a name, or a name with attributes, leads to; empty where nobody can say."""
        if isinstance(node, ast.Name):
            return self.origins.get(node.id, "")
        if isinstance(node, ast.Attribute):
            base = self.origin(node.value)
            return f"{base}.{node.attr}" if base else ""
        return ""


@frozen(kw_only=True, eq=False)
class HookFunction:
    """A function that is marked with `@hookimpl`, or looks as if it should be.

    Attributes:
        point: the extension point that it is for.
        marked: whether it has the mark.
    """

    point: str
    module: Module
    node: Function
    marked: bool


@frozen(kw_only=True, eq=False, slots=False)
class Source:
    """A plugin's source.

    Attributes:
        id: as its manifest claims, or the name of its place.
        path: its folder, or its one file.
        manifest: what it says of itself; `None` where that cannot be used.
        document: the same as it is written.
        modules: its modules by name.
        unread: why its code cannot be read as Python; empty where it can.
    """

    id: str
    path: Path
    manifest: Manifest | None
    document: Mapping[str, Any]
    modules: Mapping[str, Module] = field(factory=dict)
    unread: str = ""

    @cached_property
    def judged(self) -> Judgement:
        """What the host itself says of it, after its code was imported in a process of its own."""
        return judge(self.path)

    @cached_property
    def hooks(self) -> Sequence[HookFunction]:
        """The functions at the top of the module with the hooks."""
        name = "plugin" if self.manifest is None else self.manifest.module
        module = self.modules.get(name) or next(iter(self.modules.values()), None)
        return tuple(_hooks(module)) if module is not None else ()

    def place(self, module: Module, node: ast.AST) -> str:
        """Say where something stands, from the plugin's folder."""
        base = self.path if self.path.is_dir() else self.path.parent
        try:
            shown = module.path.relative_to(base)
        except ValueError:
            shown = module.path
        return f"{shown}:{getattr(node, 'lineno', 1)}"

    def nodes(self) -> Iterator[tuple[Module, ast.AST]]:
        """Give every node of every module."""
        for module in self.modules.values():
            for node in ast.walk(module.tree):
                yield module, node

    def reachable(self, hook: HookFunction) -> Sequence[tuple[Module, Function]]:
        """Give a hook's function and all of the plugin's own functions that it may lead to."""
        found: dict[int, tuple[Module, Function]] = {}
        ahead: list[tuple[Module, Function]] = [(hook.module, hook.node)]
        while ahead:
            module, node = ahead.pop()
            if id(node) in found:
                continue
            found[id(node)] = (module, node)
            for each in ast.walk(node):
                if isinstance(each, ast.Name | ast.Attribute):
                    ahead += self._functions(module, each)
        return tuple(found.values())

    def _functions(self, module: Module, node: ast.expr) -> Iterator[tuple[Module, Function]]:
        """Give the functions that a reference may mean; of a class, all of its methods."""
        target = module.origin(node)
        local = node.id if isinstance(node, ast.Name) else ""
        for name, other in self.modules.items():
            wanted = local if other is module and local else _inside(target, name, self._package)
            if not wanted:
                continue
            for dotted, function in other.functions.items():
                if dotted == wanted or dotted.startswith(f"{wanted}."):
                    yield other, function

    @cached_property
    def _package(self) -> str:
        """The import path of its folder, where it is a package among others."""
        parts: list[str] = []
        folder = self.path
        while (folder / "__init__.py").is_file():
            parts.insert(0, folder.name)
            folder = folder.parent
        return ".".join(parts)


def _inside(target: str, module: str, package: str) -> str:
    """Give what a dotted name means in one of the plugin's modules; empty if it is elsewhere."""
    for prefix in (f".{module}.", f"{package}.{module}." if package else ""):
        if prefix and target.startswith(prefix):
            return target.removeprefix(prefix)
    return ""


def read_source(path: Path) -> Source:
    """Read the plugin in a folder or a file; whatever is wrong with it is kept, not raised."""
    place = path.absolute()
    manifest: Manifest | None = None
    document: Mapping[str, Any] = {}
    unread = ""
    try:
        document = read_document(place)
        manifest = Manifest.from_document(document, place)
    except ManifestError:
        pass  # judged by the rule `loads`, with everything else that the host finds
    modules: dict[str, Module] = {}
    try:
        one_file = manifest_file(place) == place
        code = read_file(place) if one_file else read_folder(place, "plugin")
        for name, file in code.files.items():
            if _is_of_tests(name):
                continue
            tree = ast.parse(file.text, filename=file.path)
            modules[name] = _module(name, Path(file.path), tree)
    except PluginNotLoaded as wrong:
        unread = str(wrong)
    except SyntaxError as wrong:
        unread = f"{Path(wrong.filename or '').name}:{wrong.lineno}: {wrong.msg}"
    return Source(
        id=claimed_id(place) or place.stem,
        path=place,
        manifest=manifest,
        document=document,
        modules=modules,
        unread=unread,
    )


def _is_of_tests(module: str) -> bool:
    """Whether a module is a test, which may do what a plugin may not."""
    *folders, last = module.split(".")
    return (
        bool({"tests", "test"} & set(folders))
        or last == "conftest"
        or last.startswith("test_")
        or last.endswith("_test")
    )


def _module(name: str, path: Path, tree: ast.Module) -> Module:
    functions = dict(_functions(tree.body))
    return Module(
        name=name, path=path, tree=tree, origins=_origins(name, path, tree), functions=functions
    )


def _functions(body: Sequence[ast.stmt], within: str = "") -> Iterator[tuple[str, Function]]:
    for node in body:
        if isinstance(node, Function):
            yield f"{within}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{within}{node.name}.")


def _origins(name: str, path: Path, tree: ast.Module) -> dict[str, str]:
    """Say what imported names lead to, wherever in the module they are imported."""
    found: dict[str, str] = {}
    parts = name.split(".") if name else []
    package = parts if path.name == "__init__.py" else parts[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                found[each.asname or each.name.partition(".")[0]] = (
                    each.name if each.asname else each.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package[: len(package) - node.level + 1]
                base = "." + ".".join([*above, *([base] if base else [])])
            for each in node.names:
                joint = "" if base.endswith(".") else "."
                found[each.asname or each.name] = f"{base}{joint}{each.name}"
    return found


def _hooks(module: Module) -> Iterator[HookFunction]:
    for node in module.tree.body:
        if not isinstance(node, Function):
            continue
        marks = [each for each in node.decorator_list if _is_mark(module, each)]
        named = _specname(marks[0]) if marks else ""
        if marks or node.name in POINTS:
            yield HookFunction(
                point=named or node.name, module=module, node=node, marked=bool(marks)
            )


def _is_mark(module: Module, decorator: ast.expr) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return module.origin(target) in _MARKS


def _specname(decorator: ast.expr) -> str:
    if isinstance(decorator, ast.Call):
        for each in decorator.keywords:
            if each.arg == "specname" and isinstance(each.value, ast.Constant):
                return str(each.value.value)
    return ""
