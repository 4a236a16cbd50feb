"""What commands say at a shell: of wrong usage, of what is missing, and to a person who waits."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

from crossdock import cli
from crossdock.cli import data, dev, doctor, main
from crossdock.dev.reloading import Reloaded
from crossdock.dev.trouble import Trouble
from crossdock.errors import ConfigError
from crossdock.host.loading.projects import plugin_in
from crossdock_mocks.datasets import DataSet
from crossdock_mocks.engine.server import Address

DOCUMENT = """
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /things:
    get:
      operationId: listThings
      responses:
        "200":
          description: x
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getThing
      responses:
        "200":
          description: x
          content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
        "404": {description: x}
components:
  schemas:
    Thing: {type: object, required: [id], properties: {id: {type: string}}}
"""


def run(*arguments: object, code: int = 0, **how) -> str:
    done = CliRunner().invoke(main, [str(each) for each in arguments], **how)
    assert done.exit_code == code, (done.output, done.exception)
    return " ".join(done.output.split())


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "things.yaml"
    file.write_text(DOCUMENT, encoding="utf-8")
    return file


def test_help_lists_every_command_with_what_it_does():
    told = run("--help")
    for name, does in cli.COMMANDS.items():
        assert f"{name} {does[:20].strip()}" in told
    assert "Exit codes:" in told
    assert "No such command 'nonsense'" in run("nonsense", code=2)


@pytest.mark.parametrize(
    ("missing", "says"),
    [("dbos.core", "`crossdock audit` needs dbos, which is not installed"), ("crossdock.x", None)],
)
def test_a_package_that_is_not_installed_is_named_with_how_to_install_it(
    monkeypatch, missing, says
):
    def gone(_name):
        raise ModuleNotFoundError(name=missing)

    monkeypatch.setattr(cli.importlib, "import_module", gone)
    done = CliRunner().invoke(main, ["audit"])
    assert done.exit_code == 1
    if says is None:  # a fault of ours, which nobody can install away
        assert isinstance(done.exception, ModuleNotFoundError)
    else:
        assert says in done.output
        assert 'pip install "crossdock[all]"' in done.output


def test_a_reader_that_went_away_is_no_error(monkeypatch, capfd):
    def gone(_name):
        raise BrokenPipeError

    put: list[int] = []
    monkeypatch.setattr(cli.importlib, "import_module", gone)
    monkeypatch.setattr(
        cli, "os", SimpleNamespace(**vars(os) | {"dup2": lambda _, to: put.append(to)})
    )
    with pytest.raises(SystemExit) as ended:
        main(["audit"], standalone_mode=False)
    assert ended.value.code == 0
    assert put == [sys.stdout.fileno()]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["crm", "--port", "1", "--port", "2"], 2, "2 ports were given for 1 systems"),
        (["crm", "--as", "a.example=crm"], 2, "--proxy goes with --as HOST=MOCK"),
        (["crm", "--proxy", "0"], 2, "--proxy goes with --as HOST=MOCK"),
        (["crm", "--report"], 2, "--report is for documents"),
        (["nonsense", "--scale", "0.05"], 1, "nonsense"),
        (["nowhere.yaml"], 1, "nowhere.yaml"),
    ],
)
def test_mocks_that_cannot_be_served_are_told_at_once(arguments, code, says):
    assert says in run("mock", *arguments, code=code)


def test_what_is_inferred_of_a_document_is_told_to_people_and_programs(document):
    assert "things" in run("mock", document, "--report")
    assert json.loads(run("mock", document, "--report", "--json"))


@pytest.fixture
def served(monkeypatch):
    """Say that mocks listen, without listening."""

    def serve(apps, *, host, ports, ready):
        names = [app.dialect.name for app, _ in apps]
        ready([Address(name, host, 8601 + number) for number, name in enumerate(names)])

    monkeypatch.setattr("crossdock_mocks.engine.serve", serve)


def test_where_mocks_listen_is_told_to_people_and_programs(served, document):
    told = run("mock", document, "--frozen")
    assert "http://127.0.0.1:8601 admin http://127.0.0.1:8601/_mock/" in told
    assert told.endswith("Ctrl-C stops them.")
    ready = json.loads(run("mock", document, "--json"))
    assert (ready["event"], ready["company"], ready["proxy"]) == ("ready", None, {})


def test_a_company_and_a_proxy_are_told_with_what_to_type(served, monkeypatch, tmp_path):
    import contextlib

    from crossdock_mocks.engine import proxy

    @contextlib.contextmanager
    def door(routes, *, host, port):
        yield SimpleNamespace(environment={"HTTPS_PROXY": "http://127.0.0.1:1 x"})

    monkeypatch.setattr(proxy, "proxy_in_thread", door)
    file = tmp_path / "proxy.env"
    told = run(
        *("mock", "erp", "--scale", "0.05", "--proxy", "--as", "api.vendor.example=erp"),
        *("--proxy-env", file),
    )
    assert "as of 20 November 2026" in told
    assert "export HTTPS_PROXY='http://127.0.0.1:1 x'" in told
    assert "HTTPS_PROXY" in file.read_text(encoding="utf-8")


def test_an_address_of_another_machine_cannot_be_listened_on(monkeypatch, document):
    def serve(*_, **__):
        raise OSError(99, "Cannot assign requested address")

    monkeypatch.setattr("crossdock_mocks.engine.serve", serve)
    told = run("mock", document, "--host", "192.0.2.1", code=1)
    assert "cannot listen on 192.0.2.1: Cannot assign requested address" in told


def test_a_file_is_no_place_for_a_data_set(tmp_path):
    (tmp_path / "taken").touch()
    told = run("data", "generate", tmp_path / "taken", code=1)
    assert "is a file. Give a folder to make." in told


def test_planted_duplicates_come_with_the_truth_beside_them(tmp_path):
    told = run("data", "duplicates", tmp_path / "planted", "--accounts", 20, "--share", 0.2)
    assert "20 accounts, 20 customers" in told
    truth = (tmp_path / "planted.truth.csv").read_text(encoding="utf-8").splitlines()
    assert len(truth) > 1
    assert DataSet.load(tmp_path / "planted").count("accounts") == 20
    assert "--force" in run("data", "duplicates", tmp_path / "planted", code=1)


def test_a_disk_that_is_full_is_a_sentence():
    with pytest.raises(click.ClickException, match="No space left"), data.told_os_errors():
        raise OSError(28, "No space left on device")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_who_waits_at_a_terminal_sees_how_far_it_is(monkeypatch):
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with data._FileProgress() as progress:
        progress.show("orders.csv", 1, 10)  # not in the first second
        assert progress._bar is None
        progress._started -= 5
        for file, done in (("orders.csv", 5), ("orders.csv", 10), ("items.csv", 1)):
            progress.show(file, done, 10)
        assert set(progress._tasks) == {"orders.csv", "items.csv"}
    with doctor._Waiting(quiet=False) as waiting:
        waiting(["store", "crm"])
        waiting._began -= 5
        waiting(["store", "crm"])
        waiting(["crm"])
    assert "orders.csv" in terminal.getvalue()
    assert "examining crm" in terminal.getvalue()


# -- crossdock dev -------------------------------------------------------------------------------


def test_settings_of_a_plugin_are_json_or_text():
    assert dev._settings(['most="5"', "count=3", "name=a=b", "open=tru"]) == {
        "most": "5",
        "count": 3,
        "name": "a=b",
        "open": "tru",
    }
    for wrong in ("most", "=5"):
        with pytest.raises(click.UsageError, match="takes NAME=VALUE"):
            dev._settings([wrong])


def test_a_plugin_is_a_folder_a_file_or_the_project_of_one(tmp_path):
    project = tmp_path / "late-payers"
    (project / "late_payers").mkdir(parents=True)
    assert dev._place(project) == project
    (project / "late_payers" / "plugin.toml").touch()
    assert dev._place(project) == project / "late_payers"
    (project / "plugin.toml").touch()
    assert dev._place(project) == project
    with pytest.raises(ConfigError, match="begin a plugin with: crossdock new"):
        dev._place(tmp_path / "nowhere")


TROUBLE = Trouble(plugin_id="mine", fault="code", message="no such\nname", place="plugin.py:3")


@pytest.fixture
def stage():
    clock = SimpleNamespace(advanced=[])
    clock.advance = clock.advanced.append
    plugin = SimpleNamespace(id="mine", manifest=SimpleNamespace(version="1.0"))
    return SimpleNamespace(
        host=SimpleNamespace(plugins=[plugin]),
        urls={"crm": "http://127.0.0.1:1"},
        crm=SimpleNamespace(clock=clock),
        erp=None,
        story={"quote": "Q-1"},
    )


@pytest.mark.parametrize("as_json", [False, True])
def test_what_happens_while_a_plugin_is_developed_is_told(stage, capsys, as_json):
    tell = dev._Told(as_json)
    tell.ready("http://127.0.0.1:8600/", stage, SimpleNamespace(troubles={"mine": TROUBLE}))
    tell.change(Reloaded(plugin_id="mine", version="1.1", seconds=0.25))
    tell.event("published", "quote_saved of Q-1")
    tell.event("dead", "it was given up")
    tell.ended()
    lines = capsys.readouterr().out.splitlines()
    if as_json:
        told = [json.loads(line) for line in lines]
        assert [each["event"] for each in told] == [
            *("ready", "trouble", "reloaded", "published", "dead"),
        ]
        assert (told[1]["fault"], told[1]["place"]) == ("code", "plugin.py:3")
    else:
        text = "\n".join(lines)
        assert "http://127.0.0.1:1/_mock/" in text
        assert "mine: the code is at fault at plugin.py:3\n  no such\n  name\n" in text
        assert "mine 1.1 taken over in 250 ms" in text
        assert "published" not in text
        assert "it was given up" in text
        assert text.endswith("Stopped.")


def test_at_the_prompt_there_is_the_world_and_leaving_it_ends_the_desk(stage, monkeypatch):
    import code

    server = SimpleNamespace(should_exit=False, run=lambda sockets: None)
    said = []

    def interact(*, banner, local, exitmsg):
        said.append(banner)
        local["pass_time"](days=3)
        assert local["story"] == {"quote": "Q-1"}

    monkeypatch.setattr(code, "interact", interact)
    dev._at_the_prompt(stage, SimpleNamespace(troubles={}), server, None)
    assert "There are: host, crm, erp, clock, pass_time, story, troubles." in said[0]
    assert [each.days for each in stage.crm.clock.advanced] == [3]
    assert server.should_exit


# -- crossdock new -------------------------------------------------------------------------------


def test_at_a_terminal_what_was_not_said_is_asked_for(monkeypatch, tmp_path):
    from crossdock.cli import new

    monkeypatch.setattr(new, "sys", SimpleNamespace(stdin=_Terminal(), stdout=_Terminal()))
    folder = tmp_path / "late-payers"
    told = run("new", folder, input="2\nLate payers\nSays who pays late.\n")
    assert "What is it about?" in told
    assert "Late payers" in told
    assert "Says who pays late." in (folder / "late_payers" / "plugin.toml").read_text(
        encoding="utf-8"
    )
    assert "0 brought up to date, 0 to be merged by you." in run("new", folder, "--update")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--update", "--kind", "tab"], "--update keeps the answers of the beginning"),
        ([], "say what it is about: --kind"),
    ],
)
def test_a_project_that_cannot_be_begun_so_says_how(tmp_path, arguments, says):
    assert says in run("new", tmp_path / "mine", *arguments, code=2)


def test_a_rule_is_explained_without_its_page(tmp_path):
    told = CliRunner().invoke(main, ["check", "--explain", "scopes-are-narrow"])
    assert told.exit_code == 0
    assert "The manifest asks for no scope that the code does not use." in told.output
    unknown = CliRunner().invoke(main, ["check", "--explain", "scopes-are-wide"])
    assert unknown.exit_code == 2
    assert "did you mean scopes-are-narrow?" in " ".join(unknown.output.split())
    assert CliRunner().invoke(main, ["check"]).exit_code == 2


def test_a_project_s_folder_stands_for_the_one_plugin_in_it(tmp_path):
    folder = tmp_path / "late-payers"
    assert CliRunner().invoke(main, ["new", str(folder), "--kind", "guard"]).exit_code == 0
    assert plugin_in(folder) == folder / "late_payers"
    assert plugin_in(folder / "late_payers") == folder / "late_payers"
    checked = CliRunner().invoke(main, ["check", str(folder)])
    assert (checked.exit_code, checked.output.splitlines()[0]) == (0, "late-payers 0.1.0")
    refused = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert refused.exit_code == 1
    assert "begin one with: crossdock new" in " ".join(refused.output.split())
