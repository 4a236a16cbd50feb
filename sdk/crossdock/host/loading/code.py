"""A plugin's code as it was when it was read, imported under a package name of its own.

A folder or a file may be changed, or replaced, while calls of its plugin are under way. So its
sources are read once, and every later import, however late, is served from what was read then. Each
time that code is started it gets another package name, so that old and new modules stand beside
each other in `sys.modules` until nobody uses the old ones.

Data files are not read ahead: a plugin that opens a file beside its code finds it as it is on disk.
"""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import os
import stat
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

from attrs import field, frozen

from crossdock.errors import PluginNotLoaded

_MOST_FILES: Final = 2_000
_MOST_BYTES: Final = 16 * 1024 * 1024
_PREFIX: Final = "crossdock_plugin_"
_numbers = itertools.count(1)


@frozen(kw_only=True)
class SourceFile:
    """One module of a plugin, as it was read.

    Attributes:
        path: where it was read, for tracebacks.
        text: the source; decoded as Python decodes it.
    """

    path: str
    text: str = field(repr=False)


@frozen(kw_only=True)
class Code:
    """What is needed to import a plugin.

    Attributes:
        module: the name of the module that holds the hooks.
        package: the import path of an installed plugin, whose modules Python finds itself.
        files: every module of a plugin that is not installed, by dotted name; packages by the name
            of their folder, and the plugin's own `__init__` by the empty name.
    """

    module: str
    package: str = ""
    files: Mapping[str, SourceFile] = field(factory=dict, repr=False)

    @property
    def installed(self) -> bool:
        """Whether Python's own import system holds it: then one process knows only one of it."""
        return bool(self.package)

    def plain(self) -> dict[str, Any]:
        """Give it as JSON data, for a process that shall import it."""
        return {
            "module": self.module,
            "package": self.package,
            "files": {name: [each.path, each.text] for name, each in self.files.items()},
        }

    @classmethod
    def from_plain(cls, data: Mapping[str, Any]) -> Code:
        """Read what `plain` gave."""
        return cls(
            module=data["module"],
            package=data["package"],
            files={
                name: SourceFile(path=path, text=text)
                for name, (path, text) in data["files"].items()
            },
        )


def read_folder(folder: Path, module: str) -> Code:
    """Read every module in a plugin's folder; nothing is run.

    Folders behind symbolic links are not entered.

    Raises:
        PluginNotLoaded: a module cannot be read, or there are far too many.
    """
    files: dict[str, SourceFile] = {}
    size = 0
    for place, folders, names in os.walk(folder):
        inside = Path(place).relative_to(folder).parts
        folders[:] = sorted(
            name for name in folders if name.isidentifier() and name != "__pycache__"
        )
        for name in sorted(names):
            path = Path(place, name)
            if path.suffix != ".py" or not path.stem.isidentifier():
                continue
            source = _read(path)
            size += len(source.text)
            parts = inside if path.stem == "__init__" else (*inside, path.stem)
            dotted = ".".join(parts)
            if path.stem == "__init__" or dotted not in files:  # a package wins over a module
                files[dotted] = source
            if len(files) > _MOST_FILES or size > _MOST_BYTES:
                raise PluginNotLoaded(
                    f"{folder} holds more than {_MOST_FILES} modules or "
                    f"{_MOST_BYTES // 2**20} MiB of them; is it a plugin's folder?"
                )
    return Code(module=module, files=files)


def read_file(path: Path) -> Code:
    """Read a plugin that is one file; nothing is run.

    Raises:
        PluginNotLoaded: it cannot be read.
    """
    module = path.stem if path.stem.isidentifier() else "plugin"
    return Code(module=module, files={module: _read(path)})


def _read(path: Path) -> SourceFile:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise PluginNotLoaded(f"{path} is not a regular file")
        text = importlib.util.decode_source(path.read_bytes())
    except OSError as error:
        raise PluginNotLoaded(f"{path} cannot be read: {error.strerror}") from None
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise PluginNotLoaded(f"{path} is not Python source: {error}") from None
    return SourceFile(path=str(path), text=text)


class Imported:
    """Code that was imported: its module, and the way to let go of it."""

    def __init__(self, module: ModuleType, package: str) -> None:
        self.module = module
        self._package = package

    def forget(self) -> None:
        """Take its modules out of `sys.modules`; an installed plugin's stay."""
        _forget(self._package)


def import_code(code: Code, plugin_id: str) -> Imported:
    """Import a plugin's code; whatever it raises goes through, and then nothing is left of it."""
    if code.installed:
        name = f"{code.package}.{code.module}" if code.module else code.package
        return Imported(importlib.import_module(name), "")
    package = f"{_PREFIX}{plugin_id.replace('-', '_')}_{next(_numbers)}"
    _finder.generations[package] = code.files
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    try:
        return Imported(importlib.import_module(f"{package}.{code.module}"), package)
    except BaseException:
        _forget(package)
        raise


def _forget(package: str) -> None:
    if not package:
        return
    _finder.generations.pop(package, None)
    for name in list(sys.modules):
        if name == package or name.startswith(f"{package}."):
            sys.modules.pop(name, None)


class _Finder:
    """Finds the modules of generations, and nothing else."""

    def __init__(self) -> None:
        self.generations: dict[str, Mapping[str, SourceFile]] = {}

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the protocol's signature
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Find a module; one that a generation lacks is an error, and not looked for elsewhere."""
        if not name.startswith(_PREFIX):
            return None
        package, _, inside = name.partition(".")
        files = self.generations.get(package)
        if files is None:
            return None
        if source := files.get(inside):
            return _spec(name, source)
        if not inside or any(each.startswith(f"{inside}.") for each in files):
            return ModuleSpec(name, None, is_package=True)  # a folder without __init__.py
        raise ModuleNotFoundError(
            f"the plugin has no module {inside!r} (compiled modules are not read from a plugin's "
            "folder; a plugin that needs one must be installed as a package)",
            name=name,
        )


class _Loader(SourceFileLoader):
    """Gives the source that was read; no byte code is cached, so none can be out of date."""

    def __init__(self, name: str, source: SourceFile) -> None:
        super().__init__(name, source.path)
        self._text = source.text

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the base class's signature
        return compile(self._text, self.path, "exec", dont_inherit=True)

    def get_source(self, fullname: str) -> str:  # noqa: ARG002
        return self._text


def _spec(name: str, source: SourceFile) -> ModuleSpec:
    path = Path(source.path)
    spec = importlib.util.spec_from_file_location(
        name,
        path,
        loader=_Loader(name, source),
        submodule_search_locations=[str(path.parent)] if path.name == "__init__.py" else None,
    )
    assert spec is not None
    return spec


_finder: Final = _Finder()
