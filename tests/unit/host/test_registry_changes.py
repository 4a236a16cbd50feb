"""Plugins come, go and are replaced at run time; what cannot be done changes nothing."""

from __future__ import annotations

import gc
import random
import sys
import textwrap
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from crossdock.errors import ConfigError, ManifestError, PluginNotLoaded
from crossdock.host import HostConfig, SystemConfig
from crossdock.host.loading.registry import Registry

CODE = """
from crossdock import Veto, hookimpl

@hookimpl
def before_quote_save(ctx, quote):
    return "{said}"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "plugins"
    folder.mkdir()
    return folder


@pytest.fixture
def write(home: Path) -> Callable[..., Path]:
    """Write a plugin that answers `said`; gives its folder."""

    def write_(
        name: str,
        said: str = "",
        *,
        where: Path = home,
        version: str = "1.0",
        extra: str = "",
        code: str | None = None,
    ) -> Path:
        folder = where / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plugin.toml").write_text(
            f'id = "{name}"\nname = "{name}"\nsdk = ">=0.1"\nversion = "{version}"\n'
            f'points = ["before_quote_save"]\n{extra}'
        )
        code = code or CODE.format(said=said or name)
        (folder / "plugin.py").write_text(textwrap.dedent(code))
        return folder

    return write_


@pytest.fixture
def config(home: Path) -> HostConfig:
    return HostConfig(
        crm=SystemConfig(name="crm", connector="none"),
        erps=(),
        plugin_paths=(home,),
        enabled=(),
        inline="*",
    )


@pytest.fixture
def open_registry(config: HostConfig):
    opened: list[Registry] = []

    def open_(*enabled: str, **changes) -> Registry:
        registry = Registry(evolve(config, enabled=enabled, **changes))
        opened.append(registry)
        return registry

    yield open_
    for registry in opened:
        registry.close()


def ask(registry: Registry) -> list[str]:
    with registry.lease() as snapshot:
        return [impl.function(None, None) for impl in snapshot.plan.of("before_quote_save")]


def generations() -> list[str]:
    """Modules of every generation of the plugin `genus`, which only this file knows."""
    return [name for name in sys.modules if name.startswith("crossdock_plugin_genus_")]


def test_a_plugin_is_installed_from_a_folder_and_asked_last(open_registry, write, tmp_path):
    write("first")
    registry = open_registry("first")

    plugin = registry.install(write("second", where=tmp_path / "elsewhere"))

    assert plugin.id == "second"
    assert ask(registry) == ["first", "second"]


def test_a_plugin_in_one_file_is_installed(open_registry, tmp_path):
    file = tmp_path / "one_file.py"
    file.write_text(
        '# /// crossdock\n# id = "one-file"\n# name = "One file"\n# sdk = ">=0.1"\n'
        '# points = ["before_quote_save"]\n# ///\n' + CODE.format(said="from one file")
    )
    registry = open_registry()

    registry.install(file)

    assert ask(registry) == ["from one file"]


def test_a_plugin_of_the_same_id_is_not_installed_twice(open_registry, write, tmp_path):
    write("first")
    registry = open_registry("first")

    with pytest.raises(ConfigError, match="a plugin first already"):
        registry.install(write("first", "other", where=tmp_path / "elsewhere"))

    assert ask(registry) == ["first"]


def test_a_disabled_plugin_comes_back_to_its_old_place(open_registry, write):
    for name in ("a", "b", "c"):
        write(name)
    registry = open_registry("a", "b", "c")

    registry.disable("b")
    without = ask(registry)
    registry.enable("b")

    assert without == ["a", "c"]
    assert ask(registry) == ["a", "b", "c"]


def test_one_that_was_never_enabled_can_be(open_registry, write):
    write("a")
    write("b")
    registry = open_registry("b")
    assert "a" in registry.snapshot.disabled

    registry.enable("a")

    assert ask(registry) == ["b", "a"]


def test_an_unloaded_plugin_is_forgotten(open_registry, write):
    folder = write("a")
    registry = open_registry("a")

    registry.unload("a")

    assert ask(registry) == []
    with pytest.raises(ConfigError, match="no plugin 'a'; there are: "):
        registry.enable("a")
    registry.install(folder)
    assert ask(registry) == ["a"]


@pytest.mark.parametrize("operation", ["enable", "disable", "unload", "replace"])
def test_a_plugin_that_nobody_knows_is_told_so(open_registry, write, operation):
    write("a")
    registry = open_registry("a")

    with pytest.raises(ConfigError, match="no plugin 'aa'; there are: a, "):
        getattr(registry, operation)("aa")


def test_changed_code_is_taken_in_where_it_lies(open_registry, write):
    write("a", "old")
    registry = open_registry("a")

    write("a", "new", version="1.1")
    still = ask(registry)
    plugin = registry.replace("a")

    assert still == ["old"]
    assert ask(registry) == ["new"]
    assert plugin.manifest.version == "1.1"


def test_code_is_taken_from_another_place(open_registry, write, tmp_path):
    write("a", "old")
    registry = open_registry("a")

    registry.replace("a", write("a", "new", where=tmp_path / "next"))
    registry.replace("a")  # from now on that is where it is

    assert ask(registry) == ["new"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"code": "raise RuntimeError('no licence')"}, "no licence"),
        ({"code": "x = 1"}, "no such @hookimpl"),
        ({"code": "raise SystemExit(3)"}, "SystemExit"),
        ({"extra": "[requires]\npackages = ['no-such-package-xyz']\n"}, "no-such-package-xyz"),
        ({"extra": "scopes = ['erp.secrets:read']\n"}, "erp.secrets:read"),
        ({"extra": "[config]\ntype = 'object'\nrequired = ['key']\n"}, "plugins.config.a.key"),
    ],
)
def test_a_replacement_that_cannot_be_loaded_leaves_the_old_one_running(
    open_registry, write, change, complaint
):
    write("a", "old")
    registry = open_registry("a")
    before = registry.snapshot

    write("a", "new", version="2.0", **change)
    with pytest.raises((PluginNotLoaded, ManifestError)) as refused:
        registry.replace("a")

    assert "a cannot be replaced, and 1.0 goes on" in str(refused.value)
    assert complaint in str(refused.value)
    assert registry.snapshot is before
    assert ask(registry) == ["old"]


def test_a_replacement_must_be_the_same_plugin(open_registry, write, tmp_path):
    write("a")
    registry = open_registry("a")

    with pytest.raises(ConfigError, match="holds the plugin b"):
        registry.replace("a", write("b", where=tmp_path / "elsewhere"))


def test_a_quarantined_plugin_is_mended_by_replacing_it(open_registry, write):
    write("a", code="raise RuntimeError('not yet')")
    registry = open_registry("a")
    assert registry.snapshot.quarantined[0].id == "a"

    write("a", "mended")
    registry.replace("a")

    assert ask(registry) == ["mended"]
    assert registry.snapshot.quarantined == ()


def test_a_manifest_that_could_not_be_read_is_mended_by_replacing_the_plugin(open_registry, write):
    folder = write("a", extra="scopes = ['all']\n")
    registry = open_registry("a")

    write("a", "mended")
    registry.replace("a")

    assert ask(registry) == ["mended"]
    assert folder.is_dir()


def test_code_that_failed_is_not_run_again_because_another_plugin_changes(
    open_registry, write, tmp_path
):
    ran = tmp_path / "ran"
    code = f"with open({str(ran)!r}, 'a') as f:\n    f.write('x')\nraise RuntimeError('broken')\n"
    write("a", code=code)
    write("b")
    registry = open_registry("a", "b")

    registry.disable("b")
    registry.enable("b")

    assert ran.read_text() == "x"
    assert [aside.id for aside in registry.snapshot.quarantined] == ["a"]
    with pytest.raises(PluginNotLoaded, match=r"a cannot be enabled: .*broken"):
        registry.enable("a")
    assert ran.read_text() == "xx"


def test_a_plugin_that_others_need_stays(open_registry, write):
    write("prices", version="1.4")
    write("margins", extra="[requires]\nplugins = ['prices>=1.2']\n")
    registry = open_registry("prices", "margins")

    with pytest.raises(PluginNotLoaded, match=r"prices cannot be disabled: margins could not go"):
        registry.disable("prices")
    write("prices", "older", version="1.1")
    with pytest.raises(PluginNotLoaded, match=r"needs prices>=1.2, and prices is 1.1"):
        registry.replace("prices")

    assert ask(registry) == ["prices", "margins"]
    registry.disable("margins")
    registry.disable("prices")
    assert ask(registry) == []


def test_installing_what_was_missing_loads_those_that_waited_for_it(open_registry, write, tmp_path):
    write("margins", extra="[requires]\nplugins = ['prices>=1.2']\n")
    registry = open_registry("margins")
    assert [aside.id for aside in registry.snapshot.quarantined] == ["margins"]

    registry.install(write("prices", where=tmp_path / "elsewhere", version="1.3"))

    assert ask(registry) == ["margins", "prices"]
    assert registry.snapshot.quarantined == ()


def test_a_call_under_way_keeps_its_code_even_what_it_imports_late(open_registry, write):
    folder = write(
        "genus",
        code="""
        from crossdock import hookimpl

        @hookimpl
        def before_quote_save(ctx, quote):
            yielded = ctx()
            from .late import WORD
            return WORD
        """,
    )
    (folder / "late.py").write_text("WORD = 'old'\n")
    registry = open_registry("genus")
    reached, go_on = threading.Event(), threading.Event()
    answers: list[str] = []

    def wait() -> None:
        reached.set()
        go_on.wait(30)

    def call() -> None:
        with registry.lease() as snapshot:
            (impl,) = snapshot.plan.of("before_quote_save")
            answers.append(impl.function(wait, None))

    thread = threading.Thread(target=call)
    thread.start()
    assert reached.wait(30)
    (folder / "late.py").write_text("WORD = 'new'\n")
    registry.replace("genus")
    with registry.lease() as snapshot:
        (impl,) = snapshot.plan.of("before_quote_save")
        assert impl.function(lambda: None, None) == "new"
    assert len({name.split(".")[0] for name in generations()}) == 2

    go_on.set()
    thread.join(30)

    assert answers == ["old"]
    assert len({name.split(".")[0] for name in generations()}) == 1


def test_old_modules_go_when_nobody_uses_them_any_more(open_registry, write):
    write("genus", "old")
    registry = open_registry("genus")
    old = weakref.ref(registry.snapshot.plugins[0].hooks["before_quote_save"].function)

    with registry.lease():
        write("genus", "new")
        registry.replace("genus")
        during = generations()
    after = generations()
    gc.collect()

    assert len(during) == 4  # package and module, twice
    assert len(after) == 2
    assert old() is None
    registry.close()
    assert generations() == []


def test_code_that_could_not_be_loaded_leaves_no_module_behind(open_registry, write):
    folder = write("genus", code="from . import other\nraise RuntimeError('broken')\n")
    (folder / "other.py").write_text("")

    open_registry("genus")

    assert generations() == []


def test_operations_from_many_threads_are_done_one_after_the_other(open_registry, write):
    names = [f"genus-{number}" for number in range(6)]
    for name in names:
        write(name)
    registry = open_registry(*names)
    troubles: list[str] = []
    numbers: list[int] = []

    def change(seed: int) -> None:
        draw = random.Random(seed)
        for _ in range(25):
            operation = draw.choice(["disable", "enable", "replace"])
            try:
                getattr(registry, operation)(draw.choice(names))
                with registry.lease() as snapshot:
                    numbers.append(snapshot.number)
                    asked = [i.function(None, None) for i in snapshot.plan.of("before_quote_save")]
                    assert asked == [plugin.id for plugin in snapshot.plugins]
                    assert asked == [name for name in names if name in asked]
            except Exception as raised:  # noqa: BLE001 - told below, in the test's own thread
                troubles.append(repr(raised))

    threads = [threading.Thread(target=change, args=(seed,)) for seed in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert troubles == []
    assert max(numbers) <= 1 + 5 * 25
    assert len({name.split(".")[0] for name in generations()}) == len(registry.snapshot.plugins)
    for name in names:
        registry.enable(name)
    assert ask(registry) == names


def test_a_registry_that_was_closed_loads_nothing_any_more(open_registry, write, config, tmp_path):
    write("a")
    registry = open_registry("a")
    registry.close()

    with pytest.raises(ConfigError, match="the host is closed"):
        registry.install(write("b", where=tmp_path / "elsewhere"))
    with pytest.raises(ConfigError, match="the host is closed"):
        registry.reload(config)
    assert ask(registry) == []


def test_what_closing_an_old_plugin_raises_troubles_no_call(open_registry, write, caplog):
    write("a", "old")
    registry = open_registry("a")
    with registry.lease() as snapshot:

        def fail() -> None:
            raise RuntimeError("the child does not want to go")

        object.__setattr__(snapshot.plugins[0], "close", fail)
        registry.disable("a")

    assert "a 1.0 was not closed" in caplog.text
    assert "the child does not want to go" in caplog.text


def test_reloading_takes_in_what_changed_and_nothing_else(open_registry, write, config):
    write("a")
    write("b", "old b")
    write("c")
    registry = open_registry("a", "b", "c")
    untouched = registry.snapshot.plugin("a")

    write("b", "new b")
    write("d")
    change = registry.reload(evolve(config, enabled=("d", "a", "b")))

    assert ask(registry) == ["d", "a", "new b"]
    assert registry.snapshot.plugin("a") is untouched
    assert str(change) == "added d; replaced b; removed c"


def test_reloading_takes_in_changed_settings(open_registry, write, config):
    write("a", extra="[config.properties.limit]\ndefault = 1\n")
    registry = open_registry("a")

    registry.reload(evolve(config, enabled=("a",), plugin_config={"a": {"limit": 5}}))

    assert registry.snapshot.plugin("a").config == {"limit": 5}


def test_a_reload_that_would_lose_a_plugin_changes_nothing(open_registry, write, config):
    write("a", "old a")
    write("b", "old b")
    registry = open_registry("a", "b")

    write("a", "new a")
    write("b", code="def broken(:")
    with pytest.raises(PluginNotLoaded, match="the plugins stay as they are: b could not go on"):
        registry.reload(evolve(config, enabled=("a", "b")))

    assert ask(registry) == ["old a", "old b"]


def test_a_reload_forgets_what_was_changed_at_run_time(open_registry, write, config, tmp_path):
    write("a")
    write("b")
    registry = open_registry("a", "b")
    registry.install(write("c", where=tmp_path / "elsewhere"))
    registry.disable("b")

    registry.reload(evolve(config, enabled=("a", "b")))

    assert ask(registry) == ["a", "b"]


def test_an_installed_plugin_that_runs_inline_is_not_replaced_by_new_code(
    open_registry, write, tmp_path, monkeypatch
):
    import importlib.metadata

    site = tmp_path / "site"
    folder = write("sold-apart", "old", where=site)
    folder.rename(site / "sold_apart_plugin")
    (site / "sold_apart_plugin" / "__init__.py").write_text("")
    entry = importlib.metadata.EntryPoint("sold-apart", "sold_apart_plugin", "crossdock.plugins")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr("crossdock.host.loading.sources.entry_points", lambda group: [entry])
    registry = open_registry("sold-apart")
    assert ask(registry) == ["old"]

    with pytest.raises(PluginNotLoaded, match=r"a process of its own .* or restart the host"):
        registry.replace("sold-apart")
    manifest = site / "sold_apart_plugin" / "plugin.toml"
    manifest.write_text(manifest.read_text().replace("1.0", "2.0"))
    with pytest.raises(PluginNotLoaded, match=r"holds the modules of its version 1\.0 already"):
        registry.reload(evolve(registry._config))

    registry.replace("sold-apart", write("sold-apart", "from a folder", where=tmp_path / "new"))
    assert ask(registry) == ["from a folder"]
