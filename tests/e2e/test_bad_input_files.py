"""Files that a person wrote wrong: a sentence that says what and where, and nothing is lost."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_COOKBOOK = _ROOT / "cookbook"

_CONFIGURATION = """
[crm]
system = "crm"
url = "http://127.0.0.1:9"
client_id = "crossdock"
client_secret = "very-secret"

[erp.main]
system = "erp"
url = "http://127.0.0.1:9"
api_key = "very-secret"

[store]
url = "sqlite:///host.db"

[worker]
poll_seconds = 0.1
"""
_COMMANDS = {
    "view": ("view", "erp-tabs/aging", "--account", "A-1001"),
    "worker": ("worker",),
    "desk": ("desk", "--port", "0"),
    "plugins": ("plugins", "list"),
    "deliveries": ("deliveries", "list"),
}
_SOURCE = {
    "customers.csv": "number,name\n1,Anna\n2,Ben\n",
    "items.csv": "sku,label,price\nX,Thing,1.50\n",
}


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., Path]:
    """Write a configuration, with one text in it replaced by another."""

    def write(old: str = "", new: str = "") -> Path:
        assert old in _CONFIGURATION
        file = tmp_path / "crossdock.toml"
        file.write_text(_CONFIGURATION.replace(old, new, 1) if old else _CONFIGURATION)
        return file

    return write


@pytest.fixture(scope="session")
def company(crossdock, tmp_path_factory) -> Path:
    """A small data set folder that is right; nobody writes into it."""
    folder = tmp_path_factory.mktemp("company") / "right"
    done = crossdock("data", "generate", folder, "--scale", "0.05", "--years", "1")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def spoiled(company: Path, tmp_path: Path) -> Path:
    """A copy of it, to be broken."""
    return Path(shutil.copytree(company, tmp_path / "spoiled"))


def _content(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


# crossdock.toml


@pytest.mark.parametrize("name", _COMMANDS)
def test_a_missing_configuration_is_told_with_the_way_to_one(refused, tmp_path, name):
    refused(
        *_COMMANDS[name], cwd=tmp_path,
        says=["there is no configuration at crossdock.toml", "--config", "crossdock demo"],
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param(
            "poll_seconds", "pol_seconds",
            ["worker.pol_seconds: there is no such key", "did you mean poll_seconds?"],
            id="an unknown key",
        ),
        pytest.param(
            "[worker]", "[workers]", ["workers: there is no such key", "did you mean worker?"],
            id="an unknown table",
        ),
        pytest.param(
            "poll_seconds = 0.1", 'poll_seconds = "often"',
            ["worker.poll_seconds: write a number"], id="a word for a number",
        ),
        pytest.param(
            'system = "erp"\n', "", ["erp.main.system: it is missing"], id="a missing key",
        ),
        pytest.param(
            'system = "erp"', 'system = "abacus"',
            ["[erp.main] system: there is no connector 'abacus'", "installed are:", "crm, erp"],
            id="an unknown system",
        ),
        pytest.param(
            'api_key = "very-secret"', 'apikey = "very-secret"',
            ["[erp.main]", "api_key"], id="a credential under another name",
        ),
        pytest.param("[crm]", "[crm", ["is not valid TOML", "line 2"], id="no TOML"),
        pytest.param(
            "sqlite:///host.db", "mysql://kim:very-secret@db/crossdock",
            ["store.url", "sqlite:///", "postgresql://"], id="another kind of database",
        ),
    ],
)  # fmt: skip
def test_a_wrong_configuration_is_told_by_its_place_and_shows_no_secret(
    refused, configured, old, new, says
):
    done = refused("worker", "--config", configured(old, new), says=says)
    assert "very-secret" not in done.stdout + done.stderr


# plugin.toml

_MANIFESTS = {
    "no TOML": ("id = [", ["is not valid TOML"]),
    "a missing key": ('id = "mine"\nname = "Mine"\n', ["sdk: it is missing", "points"]),
    "an unknown point": (
        'id = "mine"\nname = "Mine"\nsdk = ">=0.1"\npoints = ["before_quote_sav"]\n',
        ["points.0: 'before_quote_sav'", "did you mean before_quote_save?"],
    ),
    "another version": (
        'id = "mine"\nname = "Mine"\nsdk = ">=7"\npoints = ["quote_saved"]\n',
        ["asks for crossdock >=7"],
    ),
}


@pytest.mark.parametrize("mistake", _MANIFESTS)
def test_a_broken_manifest_is_listed_with_its_reason_and_the_others_load(
    refused, configured, tmp_path, mistake
):
    text, says = _MANIFESTS[mistake]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "plugin.toml").write_text(text)
    config = configured("[worker]", '[plugins]\npaths = ["mine"]\n[worker]')
    refused(
        "plugins", "list", "--config", config,
        says=["mine  not loaded", "plugin.toml", *says, "erp-tabs 0.1.0", "straight-through 0.1.0"],
    )  # fmt: skip


@pytest.mark.kill
def test_with_a_broken_manifest_worker_and_desk_start_say_so_and_do_their_work(
    stage, processes, tmp_path
):
    """The order is placed all the same: nothing is lost by somebody else's mistake."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "plugin.toml").write_text("id = [")
    text = stage.config.read_text(encoding="utf-8").replace("paths = []", 'paths = ["mine"]')
    stage.config.write_text(text, encoding="utf-8")
    order = stage.promote()

    worker = stage.start_worker()
    desk = processes.start("desk", "desk", "--config", str(stage.config), "--port", "0", "--json")
    stage.until_told()
    stage.prove_placed_once(order)
    for process in (worker, desk):
        told = process.log.read_text(encoding="utf-8")
        assert "mine is not loaded" in told
        assert "not valid TOML" in told
        assert "Traceback" not in told


# A data set folder


def _without(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def _cut(name: str, lines: int) -> Callable[[Path], object]:
    def cut(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / name).write_text("".join(text[:-lines]), encoding="utf-8")

    return cut


def _cut_bytes(name: str, count: int) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-count])


_SPOILERS = {
    "a missing file": (_without("customers.csv"), ["customers.csv: The file is not there", "rows"]),
    "a file cut off": (_cut("invoices.csv", 3), ["invoices.csv: There are", "cut off"]),
    "a file cut off within a line": (_cut_bytes("orders.csv", 30), ["orders.csv, line"]),
    "a file cut off within its last field": (
        _cut_bytes("orders.csv", 2),
        ["orders.csv: The last line has no end", "cut off"],
    ),
    "no dataset.toml": (_without("dataset.toml"), ["has no dataset.toml", "crossdock data"]),
    "a broken dataset.toml": (
        lambda folder: (folder / "dataset.toml").write_text("name = "),
        ["dataset.toml", "not TOML"],
    ),
    "a file that is no text": (
        lambda folder: (folder / "items.csv").write_bytes(bytes(range(256))),
        ["items.csv", "UTF-8"],
    ),
}


@pytest.mark.parametrize("spoiler", _SPOILERS)
def test_mocks_do_not_start_on_a_spoiled_folder_and_say_what_is_wrong_with_it(
    refused, spoiled, spoiler
):
    spoil, says = _SPOILERS[spoiler]
    spoil(spoiled)
    before = _content(spoiled)
    refused("mock", "crm", "erp", "--data", spoiled, says=says)
    assert _content(spoiled) == before


def test_the_demo_says_what_is_wrong_with_a_folder_and_leaves_nothing(refused, spoiled, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    (spoiled / "customers.csv").unlink()
    refused(
        "demo", "--once", "--port", "0", "--data", spoiled, TMPDIR=str(temporary),
        says=["customers.csv: The file is not there", "make the data set again"],
    )  # fmt: skip
    assert list(temporary.iterdir()) == []


def test_the_demo_names_a_folder_that_is_not_there_before_it_starts_anything(refused, tmp_path):
    refused(
        "demo", "--data", tmp_path / "nowhere", "--port", "0",
        says=["there is no folder", "nowhere", "--data"],
    )  # fmt: skip
    done = refused("demo", "--plugin", tmp_path, "--port", "0", says=["holds no plugin.toml"])
    assert "Mock CRM" not in done.stdout


def test_the_demo_keeps_nothing_in_a_folder_that_has_something_in_it(refused, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "host.db").write_bytes(b"of an earlier demo")
    refused("demo", "--keep", kept, "--port", "0", says=["is not empty", "name a new folder"])
    assert (kept / "host.db").read_bytes() == b"of an earlier demo"
    refused(
        "demo", "--keep", kept / "host.db", "--port", "0", says=["--keep", "cannot be a folder"]
    )


def test_a_data_set_is_not_written_over_another_one(refused, company):
    before = _content(company)
    refused("data", "generate", company, says=["is not empty", "--force"])
    assert _content(company) == before


# A mapping file


def _mapping() -> str:
    return (_COOKBOOK / "import-northwind" / "map.toml").read_text(encoding="utf-8")


_MAPPINGS = {
    "no TOML": (lambda text: text.replace("[dataset]", "[dataset", 1), ["not TOML", "line"]),
    "an unknown key": (
        lambda text: text.replace("[dataset]", "[dataset]\ncolour = 1", 1),
        ["dataset.colour", "unknown key"],
    ),
    "an unknown source": (
        lambda text: text.replace('source = "orders"', 'source = "ordres"', 1),
        ["there is no source ordres", "orders"],
    ),
    "no data set named": (
        lambda text: text.replace('name = "Northwind"', "", 1),
        ["dataset", "name"],
    ),
}


@pytest.mark.parametrize("mistake", _MAPPINGS)
def test_a_malformed_mapping_is_told_by_its_place_and_the_old_data_set_stays(
    refused, company, tmp_path, mistake
):
    change, says = _MAPPINGS[mistake]
    changed = change(_mapping())
    assert changed != _mapping()
    mapping = tmp_path / "map.toml"
    mapping.write_text(changed, encoding="utf-8")
    source = tmp_path / "source"
    source.mkdir()
    for name, text in _SOURCE.items():
        (source / name).write_text(text, encoding="utf-8")
    out = Path(shutil.copytree(company, tmp_path / "out"))
    before = _content(out)

    refused(
        "data", "import", "--map", mapping, source, out, "--force",
        says=["map.toml", *says, "Correct the mapping file"],
    )  # fmt: skip
    assert _content(out) == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["map.toml", "out", "source"]


def test_a_mapping_or_a_source_that_is_not_there_is_named(refused, tmp_path):
    refused(
        "data", "import", "--map", tmp_path / "none.toml", tmp_path, tmp_path / "out",
        says=["none.toml", "no such file"],
    )  # fmt: skip
    refused(
        "data", "import", "--map", _COOKBOOK / "import-northwind" / "map.toml",
        tmp_path / "nowhere", tmp_path / "out",
        says=["nowhere", "folder with the source files"],
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_the_spoilt_folders_were_right_before(company):
    """So that what the tests above are told comes from what they broke."""
    document = tomllib.loads((company / "dataset.toml").read_text(encoding="utf-8"))
    for name, rows in document["files"].items():
        assert (company / name).read_text(encoding="utf-8").count("\n") >= rows, name
