"""What every test may rely on: tools that may be missing, and where the real data are."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import gc
import hashlib
import json
import logging
import os
import shutil
import subprocess
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import psutil
import pytest
from hypothesis import HealthCheck, settings
from tests.rewriting import rewrite_ahead, share

from crossdock import Money, View, views
from crossdock.host.isolation.nursery import TOKEN

_ROOT = Path(__file__).parent.parent

# How long an example takes is the machine's matter; in continuous integration runs are repeatable.
settings.register_profile(
    "crossdock",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
settings.load_profile("crossdock")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--chaos",
        action="store_true",
        help="run the long forms too: proofs by SIGKILL in full length, whole real data sets",
    )


def pytest_collection(session: pytest.Session) -> None:
    """Share among the workers what each of them would do before its first test."""
    rewrite_ahead(session.config, share((_ROOT / "tests").rglob("test_*.py")))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long forms to `make chaos`; each has a short form that runs always."""
    if config.getoption("--chaos"):
        return
    _run_once_in_processes(items)
    long = [item for item in items if item.get_closest_marker("full")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("full")]


def _run_once_in_processes(items: list[pytest.Item]) -> None:
    """Of a test with many sets of parameters, run the first with plugins in processes as well."""
    seen = set()
    for item in items:
        given = getattr(item, "callspec", None)
        if given is not None and given.params.get("isolation") == "process":
            test = item.nodeid.partition("[")[0]
            if test in seen:
                item.add_marker("full")
            seen.add(test)


def pytest_collection_finish() -> None:
    """Let the collector of garbage look no more at ten thousand tests and what they import."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Put back what a command that ran in this process changed of the log, for the next test."""
    levels = _log_levels()
    handlers = {each for each in logging.root.handlers if each.name}
    yield
    for name, level in _log_levels().items():
        if level != levels.get(name, logging.NOTSET):
            logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
    for handler in [each for each in logging.root.handlers if each.name]:
        if handler not in handlers:
            logging.root.removeHandler(handler)


def _log_levels() -> dict[str, int]:
    """Give the level of each logger that has one, the root's too."""
    known = logging.root.manager.loggerDict.items()
    levels = {name: each.level for name, each in known if isinstance(each, logging.Logger)}
    return {"root": logging.root.level, **{name: level for name, level in levels.items() if level}}


def _missing(what: str, how: str) -> None:
    """Skip loudly; where continuous integration promised the tool, fail instead."""
    message = f"{what} is not here: {how}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def require_tool() -> Callable[[str], str]:
    """Give the path of a program that `make system-deps` provides, or skip (in CI: fail)."""

    def require(name: str) -> str:
        candidates = [shutil.which(name)]
        candidates += sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))
        found = next((path for path in candidates if path), None)
        if found is None:
            _missing(name, "run `make system-deps`")
        assert found is not None
        return found

    return require


@pytest.fixture(scope="session")
def npm_packages(require_tool: Callable[[str], str]) -> Callable[[Path], Path]:
    """Install a folder's npm packages into the user's cache, once for each lock file.

    Gives the folder in the cache; `node_modules` lies in it.
    """

    def install(folder: Path) -> Path:
        npm = require_tool("npm")
        lock = (folder / "package-lock.json").read_bytes()
        cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "crossdock"
        where = cache / f"npm-{hashlib.sha256(lock).hexdigest()[:12]}"
        where.mkdir(parents=True, exist_ok=True)
        with (where / "installing").open("w") as guard:  # another test run may do so just now
            fcntl.flock(guard, fcntl.LOCK_EX)
            # npm writes this file last.
            if not (where / "node_modules" / ".package-lock.json").is_file():
                for name in ("package.json", "package-lock.json"):
                    shutil.copy(folder / name, where)
                command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
                done = subprocess.run(
                    command, cwd=where, capture_output=True, text=True, timeout=300
                )
                if done.returncode:
                    message = f"npm could not install what is needed: {done.stderr.strip()[-500:]}"
                    if os.environ.get("CI") == "true":
                        pytest.fail(message)
                    pytest.skip(message)
        return where

    return install


@pytest.fixture(scope="session")
def own_cache(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """Keep the user's own cache out of a block, and no longer: what follows is to find it warm."""
    folder = tmp_path_factory.mktemp("cache")

    @contextlib.contextmanager
    def kept_out() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(folder))
            yield

    return kept_out


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Give the folder of the real data sets, or skip: they lie outside the project."""
    folder = Path(os.environ.get("CROSSDOCK_REAL_DATA", _ROOT.parent / "shared" / "data"))
    if not (folder / "online-retail.csv.xz").is_file():
        pytest.skip(
            f"the real data sets are not in {folder}; name their folder in CROSSDOCK_REAL_DATA"
        )
    return folder


@pytest.fixture
def chaos(request: pytest.FixtureRequest) -> bool:
    """Whether the proofs by SIGKILL run in their full length."""
    return bool(request.config.getoption("--chaos"))


@pytest.fixture
def plugin_processes() -> Callable[[], set[int]]:
    """Give the ids of the plugins' processes below this one, and of no browser of other tests."""

    def processes() -> set[int]:
        found = set()
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if TOKEN in child.environ():
                    found.add(child.pid)
        return found

    return processes


@pytest.fixture(scope="session")
def hostile_texts() -> Mapping[str, str]:
    """Give texts that try to become more than text, by name."""
    file = Path(__file__).parent / "hostile_texts.json"
    texts: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))["texts"]
    return texts


@pytest.fixture(scope="session")
def view_of() -> Callable[[str], View]:
    """Make a view with one text in every place for text of every component and kind of value.

    It is made from the classes in `crossdock.views`, so a new field or component is in it too.
    """

    @functools.cache  # many tests show the same hostile texts
    def view(text: str) -> View:
        values = [_filled(each, text) for each in get_args(views.Value)]
        kinds = get_args(views.Component)
        full: list[Any] = []
        for component in (_component(kind, text, value) for kind in kinds for value in values):
            if component not in full:  # one without a place for a value is always the same
                full.append(component)
        bare = [_component(kind, text, None, bare=True) for kind in kinds]
        return View([*full, *bare])

    return view


def _component(kind: type, text: str, value: Any, *, bare: bool = False) -> Any:
    return kind(
        **{
            name: _filled(hint, text, value, bare=bare)
            for name, hint in _places(kind)
            if not (bare and type(None) in get_args(hint))
        }
    )


@functools.cache
def _places(kind: type) -> Sequence[tuple[str, Any]]:
    hints = get_type_hints(kind)
    codes = {"currency", "id"} & {each.name for each in attrs.fields(kind)}
    return [
        (each.name, each.name if each.name in codes else hints[each.name])
        for each in attrs.fields(kind)
    ]


_PLAIN: dict[Any, Any] = {
    "currency": "EUR",  # a place for a code, and nothing else is taken there
    "id": "",
    int: 3,
    bool: True,
    Decimal: Decimal("1234.5"),
    date: date(2026, 11, 21),
    datetime: datetime(2026, 11, 21, 14, 5, tzinfo=UTC),
    Money: Money("1234.5", "EUR"),
    type(None): None,
}


def _filled(hint: Any, text: str, value: Any = "", *, bare: bool = False) -> Any:
    """Give something of a type with `text` wherever it has room for text."""
    if hint is str:
        return text
    if hint == views.Value:
        return value
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return parts[0]
    if origin in (Union, types.UnionType):
        return _filled(next(part for part in parts if part is not type(None)), text, value)
    if origin is tuple and parts[-1] is Ellipsis:
        return () if bare else (_filled(parts[0], text, value),)
    if origin is tuple:
        return tuple(_filled(part, text, value) for part in parts)
    if origin is not None and issubclass(origin, Mapping):
        return {_filled(parts[0], text): _filled(parts[1], text, value)}
    if attrs.has(hint) and hint not in _PLAIN:
        return _component(hint, text, value)
    return _PLAIN[hint]
