"""Fixtures for tests of plugins, and of programs that talk to the systems that are mocked.

pytest finds this module by its entry point, in every run of a machine that has Crossdock: nothing
but pytest is imported before a test asks for a fixture. A fixture of the same name in a
`conftest.py` takes the place of the one here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from crossdock import View
    from crossdock.host import RenderedTab
    from crossdock.testing import Dock, Mock
    from crossdock.testing.mock import Shelf
    from crossdock_mocks.datasets import DataSet

_INI = "crossdock_plugins"


class OpenMock(Protocol):
    """Opens a mock system with a world of its own."""

    def __call__(self, system: str | Path, **options: Any) -> Mock:
        """Open it; see `Shelf.open` for the options."""


class OpenDock(Protocol):
    """Opens a host on mock systems."""

    def __call__(self, *plugins: str | Path, **options: Any) -> Dock:
        """Open it; see `Setting` for the options."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the plugins under test from the project's settings."""
    parser.addini(
        _INI,
        "plugins that the fixture `dock` loads: ids of installed ones, or folders from the root",
        type="args",
        default=[],
    )
    parser.getgroup("crossdock").addoption(
        "--update-views",
        action="store_true",
        help="write the texts of views that differ from their files, instead of failing",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "dock(*plugins, **options): what the fixture `dock` is made of; see crossdock.testing",
    )


@pytest.fixture(scope="session")
def _crossdock_shelf() -> Iterator[Shelf]:
    """Keep mocks that were compiled and filled, for every test of this process."""
    from crossdock.testing import Shelf

    shelf = Shelf()
    yield shelf
    shelf.close()


@pytest.fixture(scope="session")
def company(_crossdock_shelf: Shelf) -> DataSet:
    """Give the small company that mocks begin with: accounts, customers, invoices, quotes.

    CRM and ERP tell of the same companies. Override it to begin with another one:

        @pytest.fixture(scope="session")
        def company():
            return DataSet.load("tests/our-company")
    """
    return _crossdock_shelf.company()


@pytest.fixture
def open_mock(_crossdock_shelf: Shelf, company: DataSet) -> Iterator[OpenMock]:
    """Open mock systems in process, each with a world of its own.

        def test_an_item_is_read(open_mock):
            books = open_mock("quickbooks")
            with books.client() as client:
                assert client.get("/v3/company/1/item/1").status_code == 401  # no token

    The name is that of an installed mock (`crossdock mock --help`), or the path of any OpenAPI
    document.
    """
    opened: list[Mock] = []

    def open_(system: str | Path, **options: Any) -> Mock:
        options.setdefault("data", company)
        opened.append(_crossdock_shelf.open(system, **options))
        return opened[-1]

    yield open_
    for mock in opened:
        mock.world.close()


@pytest.fixture
def open_dock(_crossdock_shelf: Shelf, company: DataSet, tmp_path: Path) -> Iterator[OpenDock]:
    """Open hosts on mock systems, with plugins under test.

        def test_a_late_payer_is_told(open_dock):
            dock = open_dock("approval-rules", crm="hubspot", config={"rules": []})
            assert dock.host.plugins

    Options are the attributes of `crossdock.testing.Setting`.
    """
    from crossdock.testing import Dock, Setting

    opened: list[Dock] = []

    def open_(*plugins: str | Path, **options: Any) -> Dock:
        options.setdefault("data", company)
        folder = tmp_path / f"dock-{len(opened) + 1}"
        opened.append(Dock(Setting.of(*plugins, **options), _crossdock_shelf, folder))
        return opened[-1]

    yield open_
    for dock in opened:
        dock.close()


@pytest.fixture
def dock(open_dock: OpenDock, request: pytest.FixtureRequest) -> Dock:
    """Give a host on mock systems with the project's own plugins.

    Which those are stands in the project's settings (`crossdock_plugins = ["."]`), or beside the
    test:

        @pytest.mark.dock("approval-rules", erp="quickbooks")
        def test_there_is_a_host(dock):
            assert dock.plugin_id == "approval-rules"

    Marks of test, class and module add up; what is nearer to the test counts.
    """
    plugins: tuple[str | Path, ...] = tuple(
        _place(each, request.config.rootpath) for each in request.config.getini(_INI)
    )
    options: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers("dock"))):
        plugins = mark.args or plugins
        options |= mark.kwargs
    if not plugins:
        pytest.fail(
            "the fixture `dock` does not know which plugin is tested: write "
            '@pytest.mark.dock("the-id-or-folder"), or crossdock_plugins = ["."] under '
            "[tool.pytest.ini_options]"
        )
    return open_dock(*plugins, **options)


@pytest.fixture
def same_view(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Compare what a plugin shows, a view or an opened tab, with a text that a person has read.

        from crossdock import Notice, View

        def test_a_late_payer_reads_well(same_view):
            same_view(View([Notice(text="3 invoices are past due.", tone="warning")]))

    The file stands in `views/` beside the test, by the test's name; `--update-views` writes it.
    """
    from crossdock.testing.views import compare

    counts: dict[str, int] = {}

    def compare_(shown: View | RenderedTab, name: str = "") -> None:
        test = request.node.name.removeprefix("test_")
        counts[test] = number = counts.get(test, 0) + 1
        name = name or (test if number == 1 else f"{test}-{number}")
        folder = request.node.path.parent / "views"
        compare(shown, folder, name, update=bool(request.config.getoption("--update-views")))

    return compare_


def _place(plugin: str, root: Path) -> str | Path:
    from crossdock.testing.setting import is_place

    return root / plugin if is_place(plugin) else plugin
