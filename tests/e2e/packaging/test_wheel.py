"""What is published can be installed, and the first recipe works with it, typed as it stands."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

_ROOT = Path(__file__).parents[3]
_RECIPE = _ROOT / "cookbook" / "first-plugin" / "README.md"
_TEN_MINUTES = 600

pytestmark = [pytest.mark.full, pytest.mark.timeout(_TEN_MINUTES * 2)]


def _run(*command: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python with what builds and judges distributions, apart from what the tests stand on."""
    folder = tmp_path_factory.mktemp("tools")
    _run(sys.executable, "-m", "venv", str(folder), cwd=folder)
    tool = str(folder / "bin" / "python")
    _run(tool, "-m", "pip", "install", "--quiet", "build>=1.2", "twine>=6", cwd=folder)
    return tool


@pytest.fixture(scope="module")
def dist(python: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distributions, built from what is committed."""
    source = tmp_path_factory.mktemp("source") / "crossdock"
    _run("git", "clone", "--quiet", str(_ROOT), str(source), cwd=_ROOT)
    _run(python, "-m", "build", "--quiet", cwd=source)
    return source / "dist"


def test_wheel_and_sdist_are_in_order(python, dist):
    names = sorted(each.suffix for each in dist.iterdir())
    assert names == [".gz", ".whl"]
    _run(python, "-m", "twine", "check", "--strict", *map(str, dist.iterdir()), cwd=dist)


def test_built_again_they_are_the_same_to_the_byte(python, dist, tmp_path):
    source = dist.parent
    _run(python, "-m", "build", "--quiet", "--outdir", str(tmp_path), cwd=source)
    for built in dist.iterdir():
        again = tmp_path / built.name
        assert _hash(again) == _hash(built), built.name


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


class Terminal:
    """Types the commands of a recipe, one after the other, as a person would."""

    def __init__(self, folder: Path, dist: Path) -> None:
        self._folder = folder
        self._log = folder / "terminal.log"
        # The distribution is not on the index before it is published; all else comes from there.
        self._environment = {
            **{name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
            "PIP_FIND_LINKS": str(dist),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PYTHONPATH": "",
        }
        with self._log.open("wb") as log:
            self._shell = subprocess.Popen(
                ["/bin/bash", "--norc"],
                cwd=folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
            )

    def type(self, command: str) -> None:
        """Type a line; it must end well."""
        done = self._folder / f".done-{time.monotonic_ns()}"
        self._send(f"{command}; echo $? > {shlex.quote(str(done))}")
        while not (done.exists() and done.read_text().strip()):
            assert self._shell.poll() is None, self.said
            time.sleep(0.05)
        assert done.read_text().strip() == "0", f"$ {command}\n{self.said}"

    def start(self, command: str) -> None:
        """Type a line of what runs until Ctrl-C."""
        self._send(command)

    def _send(self, line: str) -> None:
        assert self._shell.stdin is not None
        self._shell.stdin.write(line + "\n")
        self._shell.stdin.flush()

    @property
    def said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def interrupt(self) -> None:
        """Ctrl-C for whatever runs, and the end."""
        os.killpg(self._shell.pid, signal.SIGINT)
        assert self._shell.stdin is not None
        self._shell.stdin.close()
        try:
            self._shell.wait(timeout=60)
        finally:
            if self._shell.poll() is None:
                os.killpg(self._shell.pid, signal.SIGKILL)


@pytest.fixture
def terminal(dist: Path, tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(tmp_path, dist)
    yield opened
    opened.interrupt()


def _commands() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", _RECIPE.read_text(encoding="utf-8"), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines()]


def test_the_first_recipe_leads_from_an_empty_folder_to_a_plugin_in_the_desk(terminal, capsys):
    began = time.monotonic()
    *commands, last = _commands()
    for command in commands:
        terminal.type(command)
    assert "3 passed" in terminal.said

    assert last.startswith("crossdock dev")
    terminal.start(f"{last} --port 0")
    while not (desk := re.search(r"Desk +(http://\S+)", terminal.said)):
        assert time.monotonic() - began < _TEN_MINUTES, terminal.said
        time.sleep(0.1)
    assert re.search(r"Plugins .*\bthrift\b", terminal.said)
    page = httpx.get(desk[1], follow_redirects=True, timeout=30)
    took = time.monotonic() - began
    assert page.status_code == 200
    assert took < _TEN_MINUTES
    with capsys.disabled():
        print(f"\nthe first recipe, installation included: {took:.0f} s")


def test_installed_outside_the_source_tree_the_demonstration_plays(terminal):
    for command in _commands()[:3]:
        terminal.type(command)
    terminal.type("cd / && crossdock demo --once --port 0 --scale 0.1")
    assert "One order, placed once" in terminal.said
    terminal.type(
        "python -c 'import crossdock, sys; assert \"site-packages\" in crossdock.__file__'"
    )


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """The programs of a Python with nothing in it."""
    _run(sys.executable, "-m", "venv", str(tmp_path / "clean"), cwd=tmp_path)
    return tmp_path / "clean" / "bin"


@pytest.mark.parametrize("extra", ["host", "mocks", "proxy", "postgres", "host,mocks", "all"])
def test_every_extra_resolves_with_what_is_pinned(clean, dist, extra):
    (wheel,) = dist.glob("*.whl")
    told = _run(
        str(clean / "python"), "-m", "pip", "install", "--dry-run", "--quiet", "--report", "-",
        "--constraint", str(_ROOT / "constraints.txt"), f"{wheel}[{extra}]",
        cwd=clean, PYTHONPATH="",
    )  # fmt: skip
    names = {each["metadata"]["name"].lower() for each in json.loads(told)["install"]}
    assert {"crossdock", "pluggy", "attrs", "httpx"} <= names
    assert ("dbos" in names) is (extra in ("host", "host,mocks", "all"))
    assert ("openapi-core" in names) is (extra in ("mocks", "host,mocks", "all"))


def test_the_image_s_commands_install_a_side_car_that_answers(clean, dist, tmp_path):
    text = re.sub(r"\\\n\s*", " ", (_ROOT / "Dockerfile").read_text(encoding="utf-8"))
    *_, install = re.findall(r"^RUN python -m (pip install .+?) &&", text, re.MULTILINE)
    words = [
        {"/tmp/constraints.txt": str(_ROOT / "constraints.txt"), "/tmp/dist": str(dist)}.get(
            each, each
        )
        for each in shlex.split(install)
    ]
    _run(str(clean / "python"), "-m", *words, cwd=tmp_path, PYTHONPATH="")

    (entry,) = re.findall(r"^ENTRYPOINT (.+)$", text, re.MULTILINE)
    (command,) = re.findall(r"^CMD (.+)$", text, re.MULTILINE)
    program, *rest = [*json.loads(entry), *json.loads(command)]
    rest[rest.index("0.0.0.0")] = "127.0.0.1"  # only in a container is it nobody else's
    (tmp_path / "crossdock.toml").write_text(_CONFIG, encoding="utf-8")
    with subprocess.Popen(
        [clean / program, *rest, "--port", "0", "--json"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": ""}, stdout=subprocess.PIPE, text=True,
    ) as serving:  # fmt: skip
        try:
            url = json.loads(serving.stdout.readline())["url"]
            (check,) = re.findall(r'"-c", "(.+?)"\]', text)
            probe = check.replace("http://127.0.0.1:8610", url)
            _run(str(clean / "python"), "-c", probe, cwd=tmp_path)
        finally:
            serving.terminate()
            serving.wait(30)


_CONFIG = """
[crm]
system = "crm"
url = "http://127.0.0.1:9"
client_id = "nobody"
client_secret = "nothing"
[erp.main]
system = "erp"
url = "http://127.0.0.1:9"
api_key = "nothing"
[server.keys.crm]
secret = "cdk_a_key_that_is_long_enough_for_a_test_0001"
scopes = ["guards:ask"]
users = ["*"]
"""


def test_pipx_gives_the_command(python, dist, tmp_path):
    (wheel,) = dist.glob("*.whl")
    _run(python, "-m", "pip", "install", "--quiet", "pipx>=1.7", cwd=tmp_path)
    places = {"PIPX_HOME": str(tmp_path / "home"), "PIPX_BIN_DIR": str(tmp_path / "bin")}
    _run(python, "-m", "pipx", "install", f"{wheel}[host,mocks]", cwd=tmp_path, **places)
    told = _run(str(tmp_path / "bin" / "crossdock"), "--version", cwd=tmp_path, PYTHONPATH="")
    assert "crossdock" in told
