"""What `crossdock new` writes stands by itself, and what a person changed stays as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.host.loading.manifest import Manifest
from crossdock.scaffold.kinds import KINDS
from crossdock.scaffold.writing import RECORD
from crossdock.testing import certify, certify_systems

PLUGINS = [name for name, kind in KINDS.items() if "plugin" in kind.templates]
SYSTEMS = [name for name in KINDS if name not in PLUGINS]


def new(*arguments: object, answer: int = 0):
    done = CliRunner().invoke(main, ["new", *map(str, arguments)])
    assert done.exit_code == answer, done.output
    return done


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One project of each kind, side by side."""
    folder = tmp_path_factory.mktemp("projects")
    for kind in KINDS:
        new(folder / f"our-{kind}", "--kind", kind)
    return folder


def _run(folder: Path, *arguments: str, seconds: int = 110) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={**os.environ, "PYTEST_ADDOPTS": "", "PYTEST_XDIST_WORKER": ""},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# Each is a process of its own for seconds; a view and a guard stand for all in the normal run.
@pytest.mark.parametrize(
    "kind",
    [pytest.param(k, marks=() if k in ("tab", "guard") else pytest.mark.full) for k in PLUGINS],
)
def test_its_own_tests_pass(projects, kind):
    _run(projects / f"our-{kind}", "pytest", "-q", "-p", "no:cacheprovider")


def test_all_kinds_lint_clean(projects):
    for kind in KINDS:
        _run(projects / f"our-{kind}", "ruff", "check", "--no-cache", ".")
        _run(projects / f"our-{kind}", "ruff", "format", "--no-cache", "--check", ".")


@pytest.mark.full  # mypy reads the whole SDK for it
@pytest.mark.timeout(600)
def test_all_kinds_are_typed_strictly(projects, tmp_path):
    places = [f"our-{kind}/{part}" for kind in KINDS for part in (f"our_{kind}", "tests")]
    _run(projects, "mypy", "--strict", "--cache-dir", str(tmp_path), *places, seconds=590)


@pytest.mark.parametrize("kind", KINDS)
def test_crossdock_check_finds_nothing(projects, kind):
    done = CliRunner().invoke(main, ["check", str(projects / f"our-{kind}" / f"our_{kind}")])
    assert done.exit_code == 0, done.output
    assert "to mend" not in done.output
    assert "skipped" not in done.output


@pytest.mark.parametrize("kind", SYSTEMS)
def test_a_connector_and_a_mock_are_gold_and_their_own_tests_pass(projects, kind):
    (report,) = certify_systems(projects / f"our-{kind}", level="gold")
    (tests,) = (each for each in report.outcomes if each.rule.name == "own-tests-pass")
    assert tests.state == "passed"


@pytest.mark.full  # each takes ten seconds
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", PLUGINS)
def test_a_plugin_of_each_kind_is_gold(projects, kind):
    certify(projects / f"our-{kind}" / f"our_{kind}", level="gold")


def test_a_name_of_several_words_stands_in_manifest_and_metadata(tmp_path):
    folder = tmp_path / "late-payers"
    new(folder, "--kind", "guard", "--name", "Who pays late", "--summary", "Warns in time.")
    manifest = Manifest.read(folder / "late_payers")
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (manifest.id, manifest.name, manifest.summary) == (
        "late-payers", "Who pays late", "Warns in time.",
    )  # fmt: skip
    assert project["description"] == "Warns in time."
    assert project["entry-points"]["crossdock.plugins"] == {"late-payers": "late_payers"}


def test_a_machine_is_told_in_json_and_asked_nothing(tmp_path):
    told = json.loads(new(tmp_path / "here", "--kind", "tab", "--json").stdout)
    assert told["package"] == "here"
    assert set(told["files"].values()) == {"written"}
    assert all((tmp_path / "here" / place).is_file() for place in told["files"])


# Bringing it up to date


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "ours"
    new(folder, "--kind", "guard")
    return folder


def _fates(folder: Path) -> dict[str, str]:
    fates = json.loads(new(folder, "--update", "--json").stdout)["files"]
    return {place: fate for place, fate in fates.items() if fate != "unchanged"}


def _written_by_an_older_version(folder: Path, place: str, text: str) -> None:
    """Put a file, and the record of it, to what another version would have written."""
    import hashlib

    file, record = folder / place, folder / RECORD
    now = hashlib.sha256(file.read_bytes()).hexdigest()
    file.write_text(text, encoding="utf-8")
    then = hashlib.sha256(file.read_bytes()).hexdigest()
    record.write_text(record.read_text("utf-8").replace(now, then), encoding="utf-8")


def test_nothing_is_touched_where_nothing_changed(project):
    before = {each: each.read_bytes() for each in project.rglob("*") if each.is_file()}
    assert _fates(project) == {}
    assert {each: each.read_bytes() for each in project.rglob("*") if each.is_file()} == before


def test_a_file_of_an_older_version_is_brought_up_to_date(project):
    today = (project / "pyproject.toml").read_text(encoding="utf-8")
    _written_by_an_older_version(project, "pyproject.toml", "# as it was\n")
    assert _fates(project) == {"pyproject.toml": "updated"}
    assert (project / "pyproject.toml").read_text(encoding="utf-8") == today
    assert _fates(project) == {}


def test_what_a_person_changed_is_left_alone(project):
    code = project / "ours" / "plugin.py"
    code.write_text("# mine\n", encoding="utf-8")
    assert _fates(project) == {"ours/plugin.py": "kept"}
    assert code.read_text(encoding="utf-8") == "# mine\n"


def test_where_both_changed_the_news_stands_beside_it(project):
    place = project / "README.md"
    today = place.read_text(encoding="utf-8")
    _written_by_an_older_version(project, "README.md", "as it was\n")
    place.write_text("mine\n", encoding="utf-8")
    assert _fates(project) == {"README.md": "beside"}
    assert place.read_text(encoding="utf-8") == "mine\n"
    assert (project / "README.md.new").read_text(encoding="utf-8") == today


def test_what_a_person_removed_stays_away(project):
    (project / "README.md").unlink()
    assert _fates(project) == {"README.md": "left out"}
    assert not (project / "README.md").exists()


# What cannot be


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (["x"], "--kind tab|guard|event|job|connector|mock", 2),
        (["x", "--kind", "widget"], "'widget' is not one of", 2),
        (["Late Payers", "--kind", "tab"], "use lower-case letters and digits", 1),
        (["json", "--kind", "tab"], "Python has a json of its own already", 1),
        (["x", "--kind", "tab", "--name", 'a "b"'], "the name must be one line", 1),
        (["x", "--kind", "tab", "--summary", "a\nb"], "the summary must be one line", 1),
        (["x", "--update"], "is no project of `crossdock new`", 1),
        (["x", "--update", "--kind", "tab"], "--update keeps the answers", 2),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    tmp_path, monkeypatch, arguments, says, code
):
    monkeypatch.chdir(tmp_path)
    assert says in " ".join(new(*arguments, answer=code).output.split())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(tmp_path, project):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    assert "is not empty" in new(tmp_path / "full", "--kind", "tab", answer=1).output
    assert [each.name for each in (tmp_path / "full").iterdir()] == ["mine.txt"]
    assert "--update" in new(project, "--kind", "guard", answer=1).output
    (tmp_path / "file").write_text("")
    assert "is no folder" in new(tmp_path / "file", "--kind", "tab", answer=1).output


@pytest.mark.parametrize("text", ["", "[answers", "[answers]\n", 'answers = "x"\n[files]\n'])
def test_a_record_that_cannot_be_read_is_said(project, text):
    (project / RECORD).write_text(text)
    said = new(project, "--update", answer=1).output
    assert RECORD in said
    assert "take it back from version control" in said
