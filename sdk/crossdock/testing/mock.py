"""Mock systems in process: each test has worlds of its own, forked from one filled once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from crossdock.errors import ConfigError, SetupError
from crossdock_mocks import installed

if TYPE_CHECKING:
    import httpx
    import respx

    from crossdock_mocks.datasets import DataSet
    from crossdock_mocks.engine import App, Clock, Entry, MockTransport, World
    from crossdock_mocks.engine.faults import Faults
    from crossdock_mocks.engine.webhooks import WebhookCatcher, Webhooks

_OFFICE_OPENS: Final = time(9, tzinfo=UTC)
_DOCUMENTS: Final = (".yaml", ".yml", ".json")


class Mock:
    """One mock system in process, with a world of its own.

    Nothing listens on a port: clients reach it through a transport. Where a fault lets a caller
    wait, the world's clock passes instead of the test's time.

    Attributes:
        name: as it was asked for, such as `quickbooks`.
        url: what its clients call it; nothing is there on the network.
        world: its state.
        while_waiting: called in the midst of a call, whenever a fault lets its caller wait.
    """

    def __init__(self, name: str, app: App, world: World) -> None:
        self.name = name
        self.url = f"http://{name}.test"
        self.world = world
        self.while_waiting: Callable[[], object] = lambda: None
        self._app = app

    def __repr__(self) -> str:
        return f"<Mock {self.name} of {self.world!r}>"

    # The doors.

    def transport(self) -> MockTransport:
        """Give an httpx transport, for synchronous and asynchronous clients alike."""
        from crossdock_mocks.engine import MockTransport

        def pass_time(seconds: float) -> None:
            if seconds:
                self.while_waiting()
                self.clock.advance(timedelta(seconds=seconds))

        return MockTransport(self._app, self.world, wait=pass_time)

    def client(self, **options: Any) -> httpx.Client:
        """Give an httpx client of the mock; credentials go into `headers`, as for the vendor."""
        import httpx

        return httpx.Client(**{"base_url": self.url, "transport": self.transport(), **options})

    def async_client(self, **options: Any) -> httpx.AsyncClient:
        """Give an asynchronous httpx client of the mock."""
        import httpx

        return httpx.AsyncClient(**{"base_url": self.url, "transport": self.transport(), **options})

    def beside(self, router: respx.Router, *, host: str = "", **lookups: Any) -> respx.Route:
        """Let the mock answer what a test's own respx routes, added before it, leave over.

        Args:
            router: such as `respx.mock`, or the fixture `respx_mock`.
            host: the host name that it stands for; that of `url` unless given.
            **lookups: what else of a request has to fit, in the words of respx.
        """
        from crossdock_mocks.engine.beside_respx import mount

        return mount(router, self._app, self.world, host=host or f"{self.name}.test", **lookups)

    @property
    def served(self) -> tuple[App, World]:
        """Give what the doors of `crossdock_mocks.engine` take, such as `serve_in_thread`."""
        return self._app, self.world

    # What can be seen of it and done to it.

    @property
    def clock(self) -> Clock:
        """Its clock, which stands still until it is moved."""
        return self.world.clock

    @property
    def faults(self) -> Faults:
        """What goes wrong, by rules: `faults.add(Fault("drop_after_commit", operation=...))`."""
        return self.world.faults

    @property
    def journal(self) -> tuple[Entry, ...]:
        """Every exchange, the oldest first."""
        return tuple(self.world.journal)

    @property
    def webhooks(self) -> Webhooks:
        """What it tells others; `flush` sends what is due."""
        return self.world.webhooks

    def catch_webhooks(self, *events: str, secret: str | None = None) -> WebhookCatcher:
        """Subscribe to webhooks and catch them in process; `webhooks.flush()` sends them.

        Args:
            *events: names of events, with `*` and `?` as in file names; all unless given.
            secret: what they are signed with; one is made unless given.
        """
        from crossdock_mocks.engine.webhooks import WebhookCatcher, new_secret

        catcher = WebhookCatcher(secret or new_secret(self.name))
        self.webhooks.post = catcher.post
        self.webhooks.subscribe(f"{self.url}/caught", events or ("*",), catcher.secret)
        return catcher

    def calls(self, operation: str = "") -> list[str]:
        """Name the operations that it was asked for, in order; of one of them where it is named."""
        names = [each.operation_id or "" for each in self.journal]
        return [name for name in names if not operation or name == operation]

    def writes(self) -> list[Entry]:
        """Give the exchanges that changed its world for good."""
        return [each for each in self.journal if each.committed]

    def forget_calls(self) -> None:
        """Empty the journal."""
        self.world.journal.clear()

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """Give the rows of one of its tables, in the order in which they were made.

        Args:
            table: its name; a mock's inspector and `/_mock/state` list them.
            **where: fields that have to have these values.

        Raises:
            KeyError: there is no such table; the message names those that there are.
        """
        return self.world.table(table).find(where or None)

    def state(self) -> Mapping[str, str]:
        """Give a digest of each table, so that two moments can be compared."""
        return dict(_digests(self.world))

    def reset(self) -> None:
        """Go back to the beginning: data, clock, journal, faults and webhooks."""
        self.world.reset()


def _digests(world: World) -> Iterator[tuple[str, str]]:
    from hashlib import sha256

    for name in world.tables:
        rows = world.query(f'SELECT _key, _body FROM "{name}" ORDER BY _key')  # noqa: S608 - declared
        yield name, sha256(repr(rows).encode()).hexdigest()


class Shelf:
    """Mocks that were compiled and filled once, to be forked for each test.

    A fork takes milliseconds; compiling and filling takes a second or two for each system. Not to
    be shared between threads.
    """

    def __init__(self) -> None:
        self._apps: dict[str, App] = {}
        self._filled: dict[tuple[str, int, datetime], World] = {}
        self._companies: dict[tuple[int, float], DataSet] = {}
        self._kept: list[object] = []
        self._store = b""

    def company(self, seed: int = 1, scale: float = 0.05) -> DataSet:
        """Give a generated company; the same seed and scale give the same one."""
        datasets = _mocks("datasets")
        if (seed, scale) not in self._companies:
            self._companies[seed, scale] = datasets.generate(seed=seed, scale=scale)
        return self._companies[seed, scale]

    def open(
        self,
        system: str | Path,
        data: DataSet | None = None,
        *,
        now: datetime | None = None,
        unknown: Literal["fail", "501"] = "fail",
    ) -> Mock:
        """Open a mock with a world of its own.

        Args:
            system: one of the installed mocks, or the path of any OpenAPI document.
            data: the company that it begins with; a small generated one unless given. A document's
                mock begins with rows of its own making.
            now: aware instant at which its clock stands; nine o'clock on the data's day unless
                given.
            unknown: what becomes of a document's operations that are not understood.

        Raises:
            ConfigError: there is no such mock.
            SetupError: the mocks are not installed.
        """
        data = data or self.company()
        now = now or opening(data.as_of)
        name = Path(system).name.partition(".")[0] if _is_document(system) else str(system)
        app = self._app(system, unknown)
        key = (str(system), id(data), now)
        if key not in self._filled:
            self._kept.append(data)  # its id stays its own
            self._filled[key] = app.open_world(data, now=now, name=name)
        return Mock(name, app, self._filled[key].fork(name, sealed=True))

    def new_store(self, folder: Path) -> str:
        """Make the database of a host in a folder, with all its tables; gives its address.

        Its tables are made once, and copied from then on.
        """
        from crossdock.host.store import Store

        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "host.db"
        address = f"sqlite:///{file}"
        if self._store:
            file.write_bytes(self._store)
        else:
            Store.open(address).close()
            self._store = file.read_bytes()
        return address

    def close(self) -> None:
        """Let go of what was filled."""
        for world in self._filled.values():
            world.close()
        self._filled.clear()

    def _app(self, system: str | Path, unknown: Literal["fail", "501"]) -> App:
        key = f"{system} {unknown}" if _is_document(system) else str(system)
        if key not in self._apps:
            self._apps[key] = _open_app(system, unknown)
        return self._apps[key]


def opening(day: date) -> datetime:
    """Give nine o'clock of a day, UTC: when an office has opened and its jobs of the night ran."""
    return datetime.combine(day, _OFFICE_OPENS)


def _is_document(system: str | Path) -> bool:
    return isinstance(system, Path) or system.endswith(_DOCUMENTS)


def _open_app(system: str | Path, unknown: Literal["fail", "501"]) -> App:
    engine = _mocks("engine")
    if _is_document(system):
        app: App = _mocks("inference").open_document(Path(system), unknown=unknown).app
        return app
    try:
        made: App = engine.App(installed.dialect(str(system)))
    except installed.UnknownMockError as unknown_mock:
        raise ConfigError(f"{unknown_mock}, and any OpenAPI document by its path") from unknown_mock
    return made


def _mocks(room: str) -> Any:
    """Import a room of the mocks, which are an extra."""
    from importlib import import_module

    try:
        return import_module(f"crossdock_mocks.{room}")
    except ModuleNotFoundError as missing:
        raise SetupError(
            f"the mock systems need {missing.name}, which is not installed; install it with: "
            'pip install "crossdock[mocks]"'
        ) from missing
