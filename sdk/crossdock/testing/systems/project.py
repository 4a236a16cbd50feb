"""Which connectors and mocks a project has: its entry points, and what they are tried with."""

from __future__ import annotations

import importlib
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from attrs import frozen

from crossdock.errors import ConfigError

Kind: TypeAlias = Literal["connector", "mock"]
GROUPS: Final[Mapping[Kind, str]] = {
    "connector": "crossdock.connectors",
    "mock": "crossdock.mocks",
}
_importing = threading.Lock()


@frozen(kw_only=True)
class System:
    """A connector or a mock of a project.

    Attributes:
        kind: which of the two.
        id: the name of its entry point: `system = "<id>"`, `crossdock mock <id>`.
        target: what the entry point names, `module:function`.
        root: the folder with the project's pyproject.toml.
        tried_with: the table `[tool.crossdock.<kind>]` of that file.
        siblings: the project's systems of the other kind, by id.
    """

    kind: Kind
    id: str
    target: str
    root: Path
    tried_with: Mapping[str, Any]
    siblings: Mapping[str, str]

    @property
    def document(self) -> Path | None:
        """The OpenAPI document that a connector speaks, where the project names it."""
        named = self.tried_with.get("document")
        return self.root / named if isinstance(named, str) else None

    def load(self, target: str = "") -> Callable[..., Any]:
        """Import what an entry point names.

        Args:
            target: another one of the same project; its own unless given.

        Raises:
            Exception: whatever the module raised while it was imported.
        """
        module, _, name = (target or self.target).partition(":")
        with self.importable():
            found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
        made: Callable[..., Any] = found
        return made

    @contextmanager
    def importable(self) -> Iterator[None]:
        """Let the project's own packages be imported, whether or not it is installed."""
        with _importing:
            self._forget_others()
            sys.path.insert(0, str(self.root))
            try:
                yield
            finally:
                sys.path.remove(str(self.root))

    def _forget_others(self) -> None:
        """Forget packages of the same name that were imported from other projects."""
        package = self.target.partition(":")[0].partition(".")[0]
        known = getattr(sys.modules.get(package), "__file__", None)
        if known and not Path(known).is_relative_to(self.root):
            for name in [each for each in sys.modules if f"{each}.".startswith(f"{package}.")]:
                del sys.modules[name]


def systems_of(place: str | Path) -> tuple[System, ...]:
    """Find the connectors and mocks of a project; none where the place is a plugin's, or nobody's.

    Args:
        place: the project's folder, or that of its package.

    Raises:
        ConfigError: its pyproject.toml cannot be read.
    """
    folder = Path(place).absolute()
    if not folder.is_dir() or (folder / "plugin.toml").is_file():
        return ()
    for root in (folder, folder.parent):
        if (root / "pyproject.toml").is_file():
            return tuple(_read(root / "pyproject.toml"))
    return ()


def _read(file: Path) -> Iterator[System]:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        groups = document.get("project", {}).get("entry-points", {})
        tables = document.get("tool", {}).get("crossdock", {})
        found = {kind: dict(groups.get(group, {})) for kind, group in GROUPS.items()}
        for kind, entries in found.items():
            others = found["mock" if kind == "connector" else "connector"]
            for name, target in entries.items():
                yield System(
                    kind=kind,
                    id=name,
                    target=target,
                    root=file.parent,
                    tried_with=dict(tables.get(kind, {})),
                    siblings=others,
                )
    except (OSError, ValueError, TypeError, AttributeError) as wrong:
        raise ConfigError(f"{file} cannot be used: {wrong}") from wrong
