"""`crossdock doctor` on configurations, stores and plugins of every kind of wrong."""

from __future__ import annotations

import json
import os
import sqlite3
import textwrap
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crossdock.host.store import Store

TEXT = """
[crm]
system = "crm"
url = "http://127.0.0.1:1"
client_id = "crossdock"
client_secret = "crm-s3cret"

[erp.main]
system = "erp"
url = "http://127.0.0.1:1"
api_key = "erp-s3cret"

[store]
url = "sqlite:///host.db"

[plugins]
enabled = []

[roles.sales]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "crossdock.toml"
    file.write_text(TEXT)
    file.chmod(0o600)
    return file


@pytest.fixture
def examine(command, config: Path) -> Callable[..., list[dict[str, Any]]]:
    """Run the doctor and give what it found in one area; nothing of it may break."""

    def run(area: str, *, seconds: int = 10, **environment: str) -> list[dict[str, Any]]:
        done = command("doctor", "--json", "--config", config, "--seconds", seconds, **environment)
        assert "Traceback" not in done.stderr, done.stderr
        assert done.exit_code == 1, done.stdout  # the systems are away in every test here
        assert "examination itself broke" not in done.stdout
        assert "s3cret" not in done.stdout + done.stderr
        found = json.loads(done.stdout)["findings"]
        return [each for each in found if each["area"] == area]

    return run


def failed(found: list[dict[str, Any]]) -> dict[str, Any]:
    (wrong,) = [each for each in found if each["status"] == "fail"]
    return wrong


# The configuration


def _no_file(file: Path) -> None:
    file.unlink()


def _binary(file: Path) -> None:
    file.write_bytes(bytes(range(256)))


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _broken(file: Path) -> None:
    file.write_text("[crm\n")


def _empty(file: Path) -> None:
    file.write_text("")


def _of_another_kind(file: Path) -> None:
    file.write_text('crm = 5\nerp = "x"\nnonsense = [1]\n')


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_no_file, "there is no configuration"),
        pytest.param(_binary, "not valid TOML", marks=pytest.mark.full),
        pytest.param(_folder, "is a folder", marks=pytest.mark.full),
        (_broken, "not valid TOML"),
        (_empty, "crm: it is missing"),
        pytest.param(_of_another_kind, "nonsense: there is no such key", marks=pytest.mark.full),
    ],
)
def test_a_file_that_is_no_configuration_is_told(examine, config, spoil, says):
    spoil(config)
    wrong = failed(examine("configuration"))
    assert says in wrong["text"]
    assert wrong["fault"] == "config"


def test_without_a_configuration_this_host_is_examined_all_the_same(examine, config):
    config.unlink()
    assert examine("this host")[0]["status"] == "ok"


def test_settings_of_the_environment_are_told_and_those_that_nothing_reads(examine):
    found = examine("configuration", CROSSDOCK_ERP__MAIN__TIMEOUT="3", CROSSDOCK_FROBNICATE="1")
    assert any("CROSSDOCK_ERP__MAIN__TIMEOUT" in each["text"] for each in found)
    warned = [each["text"] for each in found if each["status"] == "warn"]
    assert "nothing reads the environment variable CROSSDOCK_FROBNICATE" in warned


def test_a_variable_that_names_no_setting_is_told_with_the_nearest(examine):
    wrong = failed(examine("configuration", CROSSDOCK_STORE__URI="s3cret"))
    assert "did you mean CROSSDOCK_STORE__URL?" in wrong["text"]


def test_a_secret_that_cannot_be_found_is_told_with_its_setting_and_variable(examine, config):
    config.write_text(TEXT.replace('"erp-s3cret"', '{ env = "NO_SUCH_KEY" }'))
    wrong = failed(examine("secrets"))
    assert "erp.main.api_key" in wrong["text"]
    assert "NO_SUCH_KEY" in wrong["text"]


def test_secrets_in_a_file_that_others_may_read_are_a_warning(examine, config, tmp_path):
    (tmp_path / "key").write_text("erp-s3cret")
    (tmp_path / "key").chmod(0o644)
    config.write_text(TEXT.replace('"erp-s3cret"', '{ file = "key" }'))
    config.chmod(0o644)
    warned = [each for each in examine("secrets") if each["status"] == "warn"]
    assert [each["fault"] for each in warned] == ["config", "config"]
    assert "crm.client_secret" in warned[0]["text"]
    assert str(tmp_path / "key") in warned[1]["text"]
    assert "chmod 600" in warned[1]["advice"]


# The store


def test_a_store_that_is_not_there_yet_is_no_fault_and_is_not_made(examine, tmp_path):
    found = examine("store")
    assert {each["status"] for each in found} == {"ok"}
    assert not (tmp_path / "host.db").exists()


def test_a_store_that_is_well_is_told_with_its_versions(examine, tmp_path):
    Store.open(f"sqlite:///{tmp_path}/host.db").close()
    texts = " ".join(each["text"] for each in examine("store"))
    assert "can be read and written to" in texts
    assert "its tables have version" in texts


def test_a_store_that_another_process_keeps_locked_is_told(examine, tmp_path):
    Store.open(f"sqlite:///{tmp_path}/host.db").close()
    with closing(sqlite3.connect(tmp_path / "host.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        wrong = failed(examine("store"))
    assert "is locked" in wrong["text"]
    assert wrong["fault"] == "host"


def test_a_file_that_is_no_database_is_told(examine, tmp_path):
    (tmp_path / "host.db").write_text(
        "not a database at all, but long enough to be read as one" * 9
    )
    assert "is no SQLite database" in failed(examine("store"))["text"]


def test_a_store_in_a_folder_that_takes_no_files_is_told(examine, config):
    config.write_text(TEXT.replace("sqlite:///host.db", "sqlite:////proc/crossdock/host.db"))
    wrong = failed(examine("store"))
    assert "cannot be written to" in wrong["text"]
    assert wrong["fault"] == "host"


def test_a_store_of_a_newer_version_is_told(examine, tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/host.db") as store:
        store.remember("schema_version", "99")
    assert "written by a newer Crossdock" in failed(examine("store"))["text"]


def test_a_database_server_that_is_away_is_told_without_its_password(examine, config):
    config.write_text(
        TEXT.replace("sqlite:///host.db", "postgresql://crossdock:pg-s3cret@127.0.0.1:1/crossdock")
    )
    wrong = failed(examine("store"))
    assert "postgresql://crossdock:***@127.0.0.1:1/crossdock cannot be reached" in wrong["text"]


# Plugins


def _plugin(folder: Path, name: str, manifest: str = "", code: str = "") -> None:
    home = folder / "zoo" / name
    home.mkdir(parents=True)
    (home / "plugin.toml").write_text(
        manifest
        or f'id = "{name}"\nname = "{name}"\nsdk = ">=0.1"\npoints = ["before_quote_save"]\n'
    )
    (home / "plugin.py").write_text(textwrap.dedent(code))


GOOD = """
from crossdock import Proceed, hookimpl
@hookimpl
def before_quote_save(ctx, quote):
    return Proceed()
"""


@pytest.mark.parametrize("inline", ["'*'", "[]"], ids=["inline", "in processes"])
def test_a_whole_zoo_of_broken_plugins_is_told_with_whose_fault_each_is(
    examine, config, tmp_path, inline
):
    needs = 'id = "{0}"\nname = "{0}"\nsdk = ">=0.1"\npoints = ["before_quote_save"]\n'
    _plugin(tmp_path, "good", code=GOOD)
    _plugin(tmp_path, "no-toml", manifest="id = [", code=GOOD)
    _plugin(tmp_path, "old-sdk", manifest=needs.format("old-sdk").replace(">=0.1", "<0.0.1"))
    _plugin(tmp_path, "syntax", code="def (")
    _plugin(tmp_path, "raises", code="raise RuntimeError('at import')")
    _plugin(tmp_path, "exits", code="import sys; sys.exit(3)")
    _plugin(tmp_path, "dies", code="import os; os._exit(4)")
    _plugin(tmp_path, "missing", code="import a_package_that_nobody_has")
    _plugin(tmp_path, "no-hook", code="x = 1")
    ids = [
        "good",
        "old-sdk",
        "syntax",
        "raises",
        "exits",
        "dies",
        "missing",
        "no-hook",
        "not-there",
    ]
    config.write_text(
        TEXT.replace(
            "enabled = []", f'enabled = {json.dumps(ids)}\npaths = ["zoo"]\ninline = {inline}'
        )
    )
    found = examine("plugins", seconds=30)
    assert any("loaded: good" in each["text"] for each in found)
    faults = {
        each["text"].split(" is not loaded")[0]: each["fault"]
        for each in found
        if each["status"] == "fail"
    }
    assert faults == {
        "no-toml": "manifest",
        "old-sdk": "manifest",
        "syntax": "code",
        "raises": "code",
        "exits": "code",
        "dies": "code",
        "missing": "code",
        "no-hook": "manifest",
        "not-there": "config",
    }


def test_a_scope_that_no_role_allows_is_told(examine, config, tmp_path):
    manifest = (
        'id = "mine"\nname = "mine"\nsdk = ">=0.1"\npoints = ["before_quote_save"]\n'
        'scopes = ["erp.items:read", "field:cost"]\n'
    )
    _plugin(tmp_path, "mine", manifest=manifest, code=GOOD)
    config.write_text(
        TEXT.replace("enabled = []", 'enabled = ["mine"]\npaths = ["zoo"]').replace(
            "[roles.sales]", '[roles.sales]\nscopes = ["crm.*:*"]'
        )
    )
    warned = [each for each in examine("plugins") if each["status"] == "warn"]
    assert any(
        "no role lets anybody use erp.items:read, field:cost, which mine asks for" in each["text"]
        for each in warned
    )


def test_trusted_plugins_and_those_in_processes_are_named(examine, config, tmp_path):
    _plugin(tmp_path, "mine", code=GOOD)
    _plugin(tmp_path, "theirs", code=GOOD)
    config.write_text(
        TEXT.replace(
            "enabled = []", 'enabled = ["mine", "theirs"]\npaths = ["zoo"]\ninline = ["mine"]'
        )
    )
    texts = [each["text"] for each in examine("plugins", seconds=30)]
    assert "trusted, in the host's own process, without any protection: mine" in texts
    assert "in processes of their own: theirs" in texts
    assert any("limits" in each["text"] for each in examine("isolation"))


def test_a_plugin_that_hangs_while_it_is_imported_does_not_hang_the_doctor(
    examine, config, tmp_path
):
    _plugin(tmp_path, "hangs", code="import time\nwhile True: time.sleep(1)\n")
    config.write_text(
        TEXT.replace("enabled = []", 'enabled = ["hangs"]\npaths = ["zoo"]\ninline = ["hangs"]')
    )
    texts = [each["text"] for each in examine("plugins", seconds=5)]
    assert "hangs is not loaded: importing its code did not end within 9 s" in texts


def test_the_environment_of_the_test_is_not_what_is_examined(examine):
    """The doctor warns of CROSSDOCK_ variables; the test run must have none of its own."""
    assert not [name for name in os.environ if name.startswith("CROSSDOCK_") and "__" in name]
