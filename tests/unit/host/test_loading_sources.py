"""What lies in a plugin's place may be anything; it is told what it is, and none of it is run."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from pathlib import Path

import pytest

from crossdock.errors import ManifestError, PluginNotLoaded
from crossdock.host import HostConfig, SystemConfig
from crossdock.host.loading.roster import load_plugins
from crossdock.host.loading.sources import find_candidates, package_places, read_candidate

MANIFEST = 'id = "x"\nname = "X"\nsdk = ">=0.1"\npoints = ["before_quote_save"]\n'
CODE = "from crossdock import hookimpl\n@hookimpl\ndef before_quote_save():\n    pass\n"
BOMB = "raise AssertionError('code was run')\n"


def in_one_file(manifest: str = MANIFEST, code: str = CODE) -> str:
    lines = "".join(f"# {line}".rstrip() + "\n" for line in manifest.splitlines())
    return f"# /// crossdock\n{lines}# ///\n{code}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "x"
    made.mkdir()
    (made / "plugin.toml").write_text(MANIFEST)
    (made / "plugin.py").write_text(CODE)
    return made


@pytest.fixture
def load(monkeypatch):
    """Load what is in some paths, with nothing installed; gives ids and reasons."""
    monkeypatch.setattr("crossdock.host.loading.sources.entry_points", lambda group: [])

    def load_(*paths: Path, enabled: tuple[str, ...] | None = None):
        config = HostConfig(
            crm=SystemConfig(name="crm", connector="none"),
            erps=(),
            plugin_paths=paths,
            enabled=enabled,
            inline="*",
        )
        plugins, quarantined = load_plugins(config)
        for plugin in plugins:
            plugin.close()
        return [plugin.id for plugin in plugins], {a.id: a.reason for a in quarantined}

    return load_


def refused(path: Path) -> str:
    with pytest.raises((ManifestError, PluginNotLoaded)) as told:
        read_candidate(path)
    return str(told.value)


# A manifest that is none.


def test_a_path_to_nothing_is_told(tmp_path):
    assert refused(tmp_path / "nowhere") == f"there is no {tmp_path / 'nowhere'}"
    assert refused(tmp_path / "no.py") == f"there is no {tmp_path / 'no.py'}"


def test_a_file_that_is_no_python_is_told(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("hello")

    assert "neither a plugin's folder nor a file of Python" in refused(file)


def test_a_folder_that_is_called_like_a_file_is_a_folder(tmp_path, folder):
    named = folder.rename(tmp_path / "plugin.py")

    assert read_candidate(named).id == "x"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\x00\x01\x02\xff\xfe", "not text in UTF-8"),
        (b"\x7fELF\x02\x01\x01" + b"\x00" * 100, "not valid TOML"),
        (b"", "id: it is missing"),
        (b"id = " + b"1" * 5000, "not valid TOML"),
        (b"a = " + b"[" * 50_000, "nested too deeply"),
        (b"a = " + b"x" * 10_000_000, "10,000,004 bytes; a manifest has 65,536 at the most"),
        (b"id = 'x'\nid = 'y'\n", "not valid TOML"),
        (b"id = 5\npoints = 7\nscopes = 'all'\norder = []\nrequires = 1\nconfig = 3", "id: write"),
        (b"points = [[]]\nscopes = [{}]\n[order]\nbefore = [1]\n", "scopes.0: write a text"),
    ],
)
def test_rubbish_in_the_manifest_is_told(folder, content, complaint):
    (folder / "plugin.toml").write_bytes(content)
    (folder / "plugin.py").write_text(BOMB)

    assert complaint in refused(folder)


def test_windows_line_ends_and_a_byte_order_mark_are_read(folder):
    (folder / "plugin.toml").write_bytes(b"\xef\xbb\xbf" + MANIFEST.replace("\n", "\r\n").encode())

    assert read_candidate(folder).id == "x"


def test_a_manifest_that_is_a_folder_or_a_pipe_is_told_and_never_waited_for(folder, load):
    (folder / "plugin.toml").unlink()
    (folder / "plugin.toml").mkdir()
    assert "not a regular file" in refused(folder)

    (folder / "plugin.toml").rmdir()
    os.mkfifo(folder / "plugin.toml")
    assert "not a regular file" in refused(folder)
    _, reasons = load(folder.parent)
    assert "not a regular file" in reasons["x"]


def test_rings_of_symbolic_links_are_told(tmp_path, folder, load):
    ring = tmp_path / "ring"
    ring.symlink_to(ring)
    (folder / "deeper").symlink_to(folder, target_is_directory=True)

    assert "cannot be read" in refused(ring)
    ids, reasons = load(ring, folder)
    assert ids == ["x"]
    assert set(reasons) == {"ring"}


def test_the_same_plugin_by_two_names_is_one(tmp_path, folder, load):
    (tmp_path / "again").symlink_to(folder, target_is_directory=True)

    assert load(folder, tmp_path / "again", tmp_path) == (["x"], {})


def test_of_two_with_one_id_the_first_is_used_and_the_other_named(tmp_path, folder, load):
    other = tmp_path / "y"
    other.mkdir()
    (other / "plugin.toml").write_text(MANIFEST)
    (other / "plugin.py").write_text(BOMB)

    ids, reasons = load(folder, other)

    assert ids == ["x"]
    assert f"{folder}, which is used, and {other}" in reasons["x"]


# What a manifest claims.


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ('version = "one"', "version: 'one' is not a version as PEP 440 writes it"),
        ('version = "1.0\\n"', "version: it begins or ends with white space"),
        ('scopes = ["erp.invoice:read"]', "did you mean erp.invoices:read?"),
        ('scopes = ["crm.secrets:write"]', "no method of a port asks for crm.secrets:write"),
        ('scopes = ["field:salary"]', "scopes.0"),
        ('module = "../../etc/passwd"', "module"),
        ('module = "os.path"', "module"),
        ('colour = "red"', "colour: there is no such key"),
        ('[order]\nbefore = ["x"]', "order.before: a plugin cannot stand before itself"),
        ('[requires]\nplugins = ["x"]', "a plugin cannot require itself"),
        ('[requires]\nplugins = [">=1"]', "'>=1' is not a requirement"),
        ('[requires]\npackages = ["a @ https://evil.test/a.whl"]', "names an address"),
        ("[requires]\nplugins = [\"a[b]; sys_platform == 'x'\"]", "plugins know none"),
        ('[config]\ntype = "array"', "config.type: settings are a table"),
        ('[config]\ntype = "tabel"', "this is not a JSON Schema"),
        ('[config.properties.a]\ntype = "integer"\ndefault = "x"', "the default of config.pro"),
        ("[config.properties.a]\nminimum = 3\ndefault = 1", "config.properties.a"),
        ('[config.properties.a]\n"$ref" = "https://evil.test/s"\ndefault = 1', "is not in it"),
        ('[config.properties.a]\n"$ref" = "#/properties/a"\ndefault = 1', "without end"),
    ],
)
def test_a_manifest_that_claims_what_cannot_be_is_told(folder, more, complaint):
    (folder / "plugin.toml").write_text(MANIFEST + more + "\n")
    (folder / "plugin.py").write_text(BOMB)

    assert complaint in refused(folder)


@pytest.mark.parametrize("name", ["../x", "x/y", "X", "x_y", "x\\n", ".", "", "con\\u0000"])
def test_an_id_that_could_lead_elsewhere_is_refused(folder, name):
    (folder / "plugin.toml").write_text(MANIFEST.replace('"x"', f'"{name}"', 1))

    assert "id: " in refused(folder)


def test_every_lie_is_told_at_once(folder):
    (folder / "plugin.toml").write_text(
        MANIFEST.replace("before_quote_save", "before_qoute_save")
        + 'version = "new"\nscopes = ["erp.invoice:read"]\n[requires]\npackages = ["=="]\n'
    )

    told = refused(folder)

    for place in ("points.0: ", "version: ", "scopes: ", "requires.packages: "):
        assert place in told


def test_a_manifest_for_a_later_sdk_is_told_that_and_nothing_else(folder):
    (folder / "plugin.toml").write_text(
        MANIFEST.replace(">=0.1", ">=9").replace("before_quote_save", "a_point_of_then")
    )

    told = refused(folder)

    assert "it asks for crossdock >=9, but this is crossdock" in told
    assert "a_point_of_then" not in told


def test_hooks_in_a_file_that_is_not_there_are_told(folder):
    (folder / "plugin.toml").write_text(MANIFEST + 'module = "hooks"\n')

    assert "its hooks should be in hooks.py" in refused(folder)


# Code that cannot be read.


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\xff\xfe\x00", "is not Python source"),
        (b"# coding: martian\n", "is not Python source"),
    ],
)
def test_source_that_is_no_text_is_told(folder, content, complaint):
    (folder / "plugin.py").write_bytes(content)

    assert complaint in refused(folder)


def test_a_module_that_is_a_pipe_is_told_and_never_waited_for(folder):
    os.mkfifo(folder / "other.py")

    assert "other.py is not a regular file" in refused(folder)


def test_a_folder_of_thousands_of_modules_is_told(folder):
    many = folder / "many"
    many.mkdir()
    for number in range(2_001):
        (many / f"m{number}.py").touch()

    assert "more than 2000 modules" in refused(folder)


def test_code_in_another_encoding_is_read_as_python_reads_it(folder, load):
    code = '# coding: latin-1\nNAME = "Müller"\nassert len(NAME) == 6\n' + CODE
    (folder / "plugin.py").write_bytes(code.encode("latin-1"))

    assert load(folder) == (["x"], {})


def test_modules_and_packages_of_a_folder_find_each_other(folder, load):
    (folder / "parts" / "inner").mkdir(parents=True)
    (folder / "parts" / "__init__.py").write_text("from ..words import WORD\n")
    (folder / "parts" / "inner" / "deep.py").write_text("from ...words import WORD as DEEP\n")
    (folder / "words.py").write_text("WORD = 'here'\n")
    (folder / "plugin.py").write_text(
        "from .parts import WORD\nfrom .parts.inner.deep import DEEP\n"
        "assert WORD == DEEP == 'here'\n" + CODE
    )

    assert load(folder) == (["x"], {})


def test_a_module_that_a_folder_lacks_is_not_found_elsewhere(folder, load):
    (folder / "plugin.py").write_text("from . import json\n" + CODE)

    _, reasons = load(folder)

    assert "json" in reasons["x"]
    assert "json" in sys.modules  # which is Python's, and no plugin's


def test_a_traceback_names_the_file_and_the_line(folder, load, monkeypatch):
    (folder / "plugin.py").write_text("\n\nraise RuntimeError('here')\n")
    config = HostConfig(
        crm=SystemConfig(name="crm", connector="none"),
        erps=(),
        plugin_paths=(folder,),
        inline="*",
    )

    _, (aside,) = load_plugins(config)

    assert f'{folder / "plugin.py"}", line 3' in aside.detail


# One file.


def test_one_file_is_a_plugin(tmp_path, load):
    file = tmp_path / "my_plugin.py"
    file.write_text('"""Says nothing."""\n\n' + in_one_file())

    assert load(file) == (["x"], {})
    assert load(tmp_path) == (["x"], {})  # a folder of plugins may hold files too


def test_a_file_whose_name_is_no_module_s_is_a_plugin_all_the_same(tmp_path, load):
    file = tmp_path / "my-plugin 2.py"
    file.write_text(in_one_file())

    assert load(file) == (["x"], {})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (CODE, "has no manifest: a plugin in one file starts with comments"),
        ("# /// crossdock\n# id = 'x'\n" + CODE, "has no manifest"),
        (in_one_file() + in_one_file(), "has 2 manifests"),
        (in_one_file("id = "), "not valid TOML"),
        (in_one_file(MANIFEST + 'module = "other"'), "this plugin is one file, so leave it out"),
        ("# /// crossdock\n" * 200_000, "has no manifest"),
        ("#" * 5_000_000, "5,000,000 bytes; a plugin in one file has 4,194,304 at the most"),
        (in_one_file("# " + "x" * 70_000), "it may have 65,536 at the most"),
    ],
)
def test_a_file_without_a_good_manifest_is_told(tmp_path, text, complaint):
    file = tmp_path / "my_plugin.py"
    file.write_text(text)

    assert complaint in refused(file)


def test_files_in_a_folder_of_plugins_that_are_none_are_left_alone(tmp_path, folder, load):
    (tmp_path / "setup.py").write_text(BOMB)
    (tmp_path / "notes.txt").write_text("hello")

    assert load(tmp_path) == (["x"], {})


# Installed ones.


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a package where Python finds it, every level of which would show that it was run."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def install_(package: str, manifest: str = MANIFEST, *, init: str | None = BOMB) -> Path:
        place = site
        for part in package.split("."):
            place = place / part
            place.mkdir(exist_ok=True)
            if init is not None:
                (place / "__init__.py").write_text(init)
        (place / "plugin.toml").write_text(manifest)
        (place / "plugin.py").write_text(CODE)
        entry = importlib.metadata.EntryPoint("x", package, "crossdock.plugins")
        monkeypatch.setattr("crossdock.host.loading.sources.entry_points", lambda group: [entry])
        return place

    yield install_
    for name in [name for name in sys.modules if name.startswith("sold_")]:
        del sys.modules[name]


def test_no_package_is_imported_to_read_the_manifest_in_it(install):
    place = install("sold_by_us.plugins.margins", MANIFEST.replace(">=0.1", ">=9"))

    candidates, (refusal,) = find_candidates(())

    assert candidates == []
    assert refusal.path == place
    assert "crossdock >=9" in refusal.reason
    assert not [name for name in sys.modules if name.startswith("sold_by_us")]


def test_a_parent_that_raises_sets_its_plugin_aside(install):
    install("sold_broken.plugins.margins")

    plugins, (aside,) = load_plugins(
        HostConfig(crm=SystemConfig(name="crm", connector="none"), erps=(), inline="*")
    )

    assert plugins == ()
    assert "code was run" in aside.reason


def test_a_plugin_in_a_namespace_package_is_found(install):
    place = install("sold_in.name_spaces.margins", init=None)

    assert package_places("sold_in.name_spaces.margins") == [place]
    plugins, _ = load_plugins(
        HostConfig(crm=SystemConfig(name="crm", connector="none"), erps=(), inline="*")
    )
    assert [plugin.id for plugin in plugins] == ["x"]


@pytest.mark.parametrize("package", ["no_such_package_xyz", "no_such.package.xyz", "json", "sys"])
def test_an_entry_point_that_leads_nowhere_finds_nothing(package):
    assert package_places(package) == []


def test_an_entry_point_that_leads_nowhere_is_told(monkeypatch):
    entry = importlib.metadata.EntryPoint("gone", "no_such.package", "crossdock.plugins")
    monkeypatch.setattr("crossdock.host.loading.sources.entry_points", lambda group: [entry])

    _, (refusal,) = find_candidates(())

    assert refusal.id == "gone"
    assert "gone = no_such.package leads to no package with a manifest" in refusal.reason


def test_an_installed_plugin_may_be_one_module(install, tmp_path, load):
    file = tmp_path / "site" / "sold_alone.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(in_one_file())

    assert package_places("sold_alone") == [file]
