"""`crossdock plugins`: what is loaded and where, who is asked and why, and what a check says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossdock.cli import main

GUARD = """
from crossdock import hookimpl

@hookimpl
def before_quote_save(ctx, quote):
    raise AssertionError("nobody asks it here")
"""


@pytest.fixture(autouse=True)
def nothing_is_installed(monkeypatch):
    monkeypatch.setattr("crossdock.host.loading.sources.entry_points", lambda group: [])


@pytest.fixture
def write(tmp_path: Path):
    def write_(name: str, code: str = GUARD, *, extra: str = "", points='["before_quote_save"]'):
        folder = tmp_path / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "plugin.py").write_text(code)
        (folder / "plugin.toml").write_text(
            f'id = "{name}"\nname = "{name.title()}"\nsdk = ">=0.1"\nversion = "1.0"\n'
            f'summary = "What {name} does."\npoints = {points}\n{extra}'
        )
        return folder

    return write_


@pytest.fixture
def run(tmp_path: Path):
    def run_(
        *arguments: str,
        plugins: str = "",
        more: str = "",
        paths: str = '["plugins"]',
        code: int = 0,
    ) -> str:
        (tmp_path / "plugins").mkdir(exist_ok=True)
        config = tmp_path / "crossdock.toml"
        config.write_text(
            '[crm]\nsystem = "crm"\n[erp.main]\nsystem = "erp"\n'
            f'[plugins]\npaths = {paths}\ninline = "*"\n{plugins}\n{more}'
        )
        takes = [] if arguments[0] == "check" else ["--config", str(config)]
        done = CliRunner().invoke(main, ["plugins", *arguments, *takes])
        assert done.exit_code == code, done.output
        return done.output

    return run_


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_list_tells_what_is_loaded_what_not_and_why_and_what_is_disabled(run, write):
    extra = 'scopes = ["erp.prices:read", "field:cost"]\n[requires]\npackages = ["attrs>=20"]\n'
    write("prices", extra=extra)
    write("margins", "raise RuntimeError('no licence')")
    write("old-one")

    told = run("list", plugins='enabled = ["prices", "margins"]\ndry_run = ["prices"]', code=1)

    assert "prices   1.0  inline, dry run: its writes are not sent" in told
    assert "What prices does." in told
    assert "may call  erp.prices:read" in told
    assert "may see   cost" in told
    assert "needs     attrs>=20" in told
    assert "margins  not loaded" in told
    assert "RuntimeError: no licence" in told
    assert "old-one  disabled" in told
    assert told.endswith("1 loaded, 1 not loaded, 1 disabled\n")


def test_the_list_as_json_has_all_of_it(run, write):
    write("prices", extra='scopes = ["field:cost"]\n')
    write("margins", "x = 1")
    write("old-one")

    told = json.loads(run("list", "--json", plugins='enabled = ["prices", "margins"]', code=1))

    (loaded,), (aside,) = told["loaded"], told["quarantined"]
    assert loaded["id"] == "prices"
    assert loaded["isolation"] == "inline"
    assert loaded["points"] == ["before_quote_save"]
    assert loaded["scopes"] == ["field:cost"]
    assert aside["id"] == "margins"
    assert aside["version"] == "1.0"
    assert "no such @hookimpl" in aside["reason"]
    assert told["disabled"] == ["old-one"]


def test_an_empty_host_says_so(run, tmp_path):
    told = run("list", paths="[]")

    assert told == "No plugins are installed, and [plugins] paths names none.\n"


def test_what_is_deprecated_reaches_the_reader_of_the_list(run, write, monkeypatch):
    from crossdock import hookspecs

    marks = hookspecs.before_quote_save.crossdock_spec
    gone = DeprecationWarning("before_quote_save is deprecated since 0.9. Use before_save.")
    monkeypatch.setitem(marks, "warn_on_impl", gone)
    write("prices")

    assert "note: before_quote_save is deprecated since 0.9. Use before_save." in run("list")


def test_an_explanation_tells_order_reasons_place_time_and_what_a_failure_does(run, write):
    write("a", GUARD.replace("@hookimpl", "@hookimpl(trylast=True)"))
    write("b", extra='[order]\nafter = ["c"]\n')
    write("c")
    write("broken", "raise RuntimeError('no licence')")

    told = run(
        "explain",
        "before_quote_save",
        plugins='enabled = ["a", "b", "c", "broken"]\ndry_run = ["c"]',
        more='[policy]\nbefore_quote_save = "open"\n[deadlines]\nguard_seconds = 2.5\n',
    )

    places = [told.index(f"{n}. {name}  1.0") for n, name in enumerate("cba", start=1)]
    assert places == sorted(places)
    said = flat(told)
    assert "2.5 s for all of them together ([deadlines] guard_seconds)" in said
    assert "leaves it open: the save goes through with a warning" in said
    assert '([policy] before_quote_save = "closed" changes that)' in said
    assert "c 1.0 in the host's own process, dry run: its writes are not sent stands here: " in said
    assert "the manifest of b says after c" in said
    assert "stands here: its manifest says after c" in said
    assert "stands here: its @hookimpl says trylast" in said
    assert "broken is not asked, as it is not loaded" in said


def test_an_explanation_as_json(run, write):
    write("a")

    told = json.loads(run("explain", "before_quote_save", "--json"))

    assert told["plugins"] == ["a"]
    assert told["fails"] == "closed"
    assert told["deadline_seconds"] == 5
    assert told["asked"][0]["reasons"] == []


def test_an_explanation_names_those_of_which_nobody_knows_whether_they_have_the_point(run, write):
    (write("unreadable") / "plugin.toml").write_text("id = ")

    told = flat(run("explain", "before_quote_save"))

    assert "No plugin is asked." in told
    assert "Nobody knows whether unreadable should be asked" in told


def test_a_point_that_nobody_has_says_so(run):
    assert "No plugin is asked." in run("explain", "scheduled_jobs")


def test_a_mistyped_point_is_answered_with_the_nearest(run):
    told = run("explain", "before_qoute_save", code=1)

    assert "did you mean before_quote_save?" in told


def test_a_good_plugin_is_checked_in_a_process_of_its_own(run, write, tmp_path):
    mark = tmp_path / "pid"
    folder = write("good", f"import os\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\n" + GUARD)

    told = run("check", str(folder))

    assert "It can be loaded." in told
    assert "before_quote_save(ctx, quote)" in told


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("import no_such_package_xyz", "no_such_package_xyz"),
        ("import os\nos._exit(3)", "code"),
        ("raise SystemExit(0)", "SystemExit"),
        (GUARD.replace("quote)", "qoute)"), "qoute"),
    ],
)
def test_bad_code_is_told_and_harms_nobody(run, write, code, complaint):
    told = run("check", str(write("bad", code)), code=1)

    assert "manifest  good" in told
    assert "code      wrong" in told
    assert complaint in told
    assert "It cannot be loaded." in told


def test_a_bad_manifest_is_told_whole_and_no_code_is_run(run, write, tmp_path):
    folder = write("bad", "raise SystemExit('code was run')", points='["before_qoute_save"]')
    with (folder / "plugin.toml").open("a") as manifest:
        manifest.write('scopes = ["erp.invoice:read"]\n')

    told = json.loads(run("check", str(folder), "--json", code=1))

    assert not told["good"]
    assert told["id"] == "bad"
    (step,) = told["steps"]
    assert step["name"] == "manifest"
    assert "did you mean before_quote_save?" in step["told"]
    assert "did you mean erp.invoices:read?" in step["told"]


def test_what_only_a_host_can_tell_is_a_note(run, write):
    folder = write("margins", extra='[requires]\nplugins = ["prices>=1.2"]\n')

    assert "note: it needs prices>=1.2; whether that is there depends on the host" in run(
        "check", str(folder)
    )


def test_a_path_that_is_no_plugin_is_told(run, tmp_path):
    assert "there is no /" in flat(run("check", str(tmp_path / "nowhere"), code=1))
