"""What plugins need of each other and of Python is solved before any of their code runs."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from crossdock.host import HostConfig, SystemConfig
from crossdock.host.loading.roster import load_plugins

GUARD = """
import order_of_imports
from crossdock import hookimpl

order_of_imports.names.append("{name}")

@hookimpl{marks}
def before_quote_save(ctx):
    return "{name}"
"""


@pytest.fixture
def imported(tmp_path: Path, monkeypatch) -> list[str]:
    """Collect the plugins whose code was run, in order."""
    import sys
    import types

    module = types.ModuleType("order_of_imports")
    module.names = []  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "order_of_imports", module)
    monkeypatch.setattr("crossdock.host.loading.sources.entry_points", lambda group: [])
    return module.names  # type: ignore[attr-defined]


@pytest.fixture
def write(tmp_path: Path, imported):
    def write_(name: str, *needs: str, packages=(), version="1.0", marks="", more="", code=None):
        folder = tmp_path / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "plugin.py").write_text(code or GUARD.format(name=name, marks=marks))
        (folder / "plugin.toml").write_text(
            f'id = "{name}"\nname = "{name}"\nsdk = ">=0.1"\nversion = "{version}"\n'
            f'points = ["before_quote_save"]\n[requires]\nplugins = {list(needs)}\n'
            f"packages = {list(packages)}\n{more}"
        )

    return write_


@pytest.fixture
def load(tmp_path: Path):
    def load_(*enabled: str):
        config = HostConfig(
            crm=SystemConfig(name="crm", connector="none"),
            erps=(),
            plugin_paths=(tmp_path / "plugins",),
            enabled=enabled,
            inline="*",
        )
        plugins, quarantined = load_plugins(config)
        for plugin in plugins:
            plugin.close()
        return [each.id for each in plugins], {each.id: each.reason for each in quarantined}

    return load_


def test_a_plugin_loads_after_those_it_needs_and_is_asked_where_it_was_enabled(
    write, load, imported
):
    write("a", "b>=1", "c")
    write("b", "c~=1.0")
    write("c")
    write("d")

    loaded, reasons = load("d", "a", "b", "c")

    assert imported == ["d", "c", "b", "a"]
    assert loaded == ["d", "a", "b", "c"]
    assert reasons == {}


def test_a_plugin_that_is_missing_takes_those_that_need_it_along_and_the_chain_is_named(
    write, load, imported
):
    write("a", "b")
    write("b", "c>=2")
    write("other")

    loaded, reasons = load("a", "b", "other")

    assert loaded == ["other"]
    assert imported == ["other"]
    assert reasons["b"] == (
        "b needs c, and c is not loaded: it is not installed; installed are: a, b, other"
    )
    assert reasons["a"].startswith("a needs b needs c, and c is not loaded: it is not installed")


def test_a_plugin_that_is_there_but_not_enabled_is_told_so(write, load):
    write("a", "b")
    write("b")

    _, reasons = load("a")

    assert reasons == {"a": "a needs b, and b is not loaded: it is installed but not enabled"}


def test_a_wrong_version_is_told_with_both(write, load, imported):
    write("a", "b>=2,<3")
    write("b", version="1.9")
    write("z", "a")

    loaded, reasons = load("a", "b", "z")

    assert loaded == imported == ["b"]
    assert reasons["a"] == "it needs b<3,>=2, and b is 1.9"
    assert reasons["z"] == "z needs a, and a is not loaded: it needs b<3,>=2, and b is 1.9"


def test_a_ring_is_set_aside_whole_with_those_that_need_it(write, load, imported):
    write("a", "b")
    write("b", "c")
    write("c", "a")
    write("on-it", "b")
    write("beside")

    loaded, reasons = load("beside", "on-it", "c", "b", "a")

    assert loaded == imported == ["beside"]
    ring = "these plugins need each other in a ring: c -> a -> b -> c"
    assert reasons["a"] == reasons["b"] == reasons["c"] == ring
    assert reasons["on-it"] == f"on-it needs b, and b is not loaded: {ring}"


def test_code_that_fails_takes_those_that_need_it_along_and_their_code_is_not_run(
    write, load, imported
):
    write("a", "b")
    write("b", code="raise RuntimeError('no licence')")

    loaded, reasons = load("a", "b")

    assert loaded == imported == []
    assert reasons["a"].startswith("a needs b, and b is not loaded: its code raised")
    assert "no licence" in reasons["a"]


def test_wrong_settings_take_those_that_need_the_plugin_along(write, load, imported):
    write("a", "b")
    write("b", more="[config]\ntype = 'object'\nrequired = ['key']\n")

    loaded, reasons = load("a", "b")

    assert loaded == imported == []
    assert "plugins.config.b.key: it is missing" in reasons["a"]


def test_packages_are_looked_up_and_none_is_imported(write, load, imported):
    attrs = importlib.metadata.version("attrs")
    write("good", packages=("attrs", "nothing>=3; python_version < '3'"))
    write("old", packages=(f"attrs>{attrs}",))
    write("bare", packages=("no-such-package-xyz>=3", "attrs"))

    loaded, reasons = load("good", "old", "bare")

    assert loaded == imported == ["good"]
    assert f"it needs the Python package attrs>{attrs}, and attrs {attrs} is" in reasons["old"]
    assert "no-such-package-xyz>=3, which is not installed" in reasons["bare"]
    assert 'pip install "no-such-package-xyz>=3"' in reasons["bare"]


def test_orders_that_contradict_each_other_run_no_code(write, load, imported):
    write("a", more='[order]\nbefore = ["b"]\n')
    write("b", more='[order]\nbefore = ["a"]\n')
    write("c", "a")

    loaded, reasons = load("a", "b", "c")

    assert loaded == imported == []
    assert "contradicts itself at before_quote_save: a after b after a" in reasons["a"]
    assert reasons["c"].startswith("c needs a, and a is not loaded: the [order] of these plugins")


def test_marks_of_hooks_and_rules_of_manifests_make_the_order(write, tmp_path):
    from crossdock.host.loading.plan import make_plan

    write("a", marks="(trylast=True)")
    write("b", marks="(trylast=True)")
    write("c")
    write("d", more='[order]\nbefore = ["c"]\n')
    write("e", marks="(tryfirst=True)")
    write("f", marks="(tryfirst=True)", more='[order]\nafter = ["a"]\n')
    config = HostConfig(
        crm=SystemConfig(name="crm", connector="none"),
        erps=(),
        plugin_paths=(tmp_path / "plugins",),
        enabled=tuple("abcdef"),
        inline="*",
    )

    plugins, _ = load_plugins(config)

    asked = [impl.plugin.id for impl in make_plan(plugins).of("before_quote_save")]
    assert asked == ["e", "d", "c", "a", "f", "b"]
    for plugin in plugins:
        plugin.close()


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("@hookimpl\nasync def before_quote_save(ctx): ...", "before_quote_save is async"),
        ("@hookimpl\nasync def before_quote_save(ctx): yield", "before_quote_save is async"),
        ("@hookimpl(wrapper=True)\ndef before_quote_save(ctx): yield", "hook wrapper"),
        ("@hookimpl\ndef before_quote_save(*, quote): ...", "takes quote by keyword only"),
        ("@hookimpl\ndef before_qoute_save(): ...", "did you mean before_quote_save?"),
        ("@hookimpl\ndef saved(): ...", "the code implements saved, and there is no such point"),
        (
            "@hookimpl\ndef before_quote_save(qoute): ...",
            "gives ctx, quote, before; did you mean quote?",
        ),
        (
            "@hookimpl\ndef before_quote_save(ctx): ...\n"
            "@hookimpl(specname='before_quote_save')\ndef again(ctx): ...",
            "implements before_quote_save 2 times",
        ),
    ],
)
def test_hooks_that_the_host_could_not_call_are_told(write, load, code, complaint):
    write("a", code=f"from crossdock import hookimpl\n{code}\n")

    loaded, reasons = load("a")

    assert loaded == []
    assert complaint in reasons["a"]


@pytest.mark.parametrize(
    "code",
    [
        "class Rude(Exception):\n    def __str__(self): raise ValueError\nraise Rude",
        "def f(): f()\nf()",
        "raise BaseException('everything')",
        "raise GeneratorExit",
        "import sys\nsys.modules[__name__] = None",
        "raise MemoryError",
        "def __dir__(): raise OSError('not for you')",
        "import sys\nclass Odd:\n    def __dir__(self): return [1]\nsys.modules[__name__] = Odd()",
        "raise ExceptionGroup('many', [ValueError(i) for i in range(5000)])",
    ],
)
def test_whatever_an_import_does_the_host_comes_up_with_the_others(write, load, code):
    write("rude", code=code)
    write("good")

    loaded, reasons = load("rude", "good")

    assert loaded == ["good"]
    assert len(reasons["rude"]) < 3_000


def test_a_person_who_interrupts_the_loading_is_obeyed(write, load):
    write("slow", code="raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        load("slow")
