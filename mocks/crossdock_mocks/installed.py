"""Which mocks are installed: distributions name theirs by the entry point `crossdock.mocks`."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from crossdock_mocks.engine import Dialect

GROUP: Final = "crossdock.mocks"


class UnknownMockError(LookupError):
    """No mock is installed by a name; the text says which are."""


def names() -> tuple[str, ...]:
    """Name the installed mocks, sorted. None of them is imported."""
    return tuple(sorted(entry.name for entry in entry_points(group=GROUP)))


def dialect(name: str) -> Dialect:
    """Load an installed mock; raises `UnknownMockError`."""
    found = entry_points(group=GROUP, name=name)
    if not found:
        raise UnknownMockError(
            f"there is no mock called {name!r}; installed are: {', '.join(names()) or 'none'}"
        )
    loaded: Dialect = next(iter(found)).load()()
    return loaded
