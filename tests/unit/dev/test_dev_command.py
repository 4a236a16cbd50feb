"""`crossdock dev` in this process: the prompt on the world, the page, and news of what is saved."""

from __future__ import annotations

import code
import json
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from crossdock.cli import dev, main
from crossdock.testing.mock import Shelf

MANIFEST = """
id = "mine"
name = "Mine"
sdk = ">=0.1"
points = ["account_tabs"]

[config]
type = "object"
additionalProperties = false

[config.properties.most]
type = "integer"
default = 5
"""
CODE = """
from crossdock import Notice, Tab, View, hookimpl


@hookimpl
def account_tabs():
    return [Tab(id="hello", title="Hello", render=hello)]


def hello(ctx, account, params):
    return View([Notice(text=f"FIRST {ctx.config['most']}")])
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "plugin.toml").write_text(MANIFEST)
    (folder / "plugin.py").write_text(CODE)
    return folder


@pytest.fixture
def small(monkeypatch) -> None:
    """A company that other tests generated already."""
    shelf = Shelf()
    monkeypatch.setattr("crossdock.cli.mock.load_data", lambda *_, **__: shelf.company())
    yield
    shelf.close()


def test_what_is_saved_is_news_to_pages_and_to_who_is_at_the_prompt(plugin, small, monkeypatch):
    at: list[str] = []
    ready = dev._Told.ready

    def remember(told, url, stage, reloader):
        at.append(url)
        ready(told, url, stage, reloader)

    def interact(*, banner, local, exitmsg):
        """Be the person at the prompt, with a page open beside it."""
        url = at[0]
        with httpx.Client(base_url=url, follow_redirects=True, timeout=60) as page:
            assert "_dev/static/dev.js" in page.get("/sign-in").text
            assert page.get("/_dev/static/dev.js").status_code == 200
            with page.stream("GET", "/_dev/news") as news:
                lines = news.iter_lines()
                assert next(lines) == "data: 0"
                (plugin / "plugin.py").write_text(CODE.replace("View([", "View(["[:-1]))
                assert next(line for line in lines if line.startswith("data: ")) == "data: 1"
            (trouble,) = local["troubles"].values()
            assert (trouble.fault, trouble.place) == ("code", "plugin.py:11")
            shown = page.get("/sign-in").text
            assert 'class="dev-trouble" role="alert"' in shown
            assert "the code is at fault at plugin.py:11" in shown
        before = local["clock"].now
        local["pass_time"](days=2)
        assert (local["clock"].now - before).days == 2

    monkeypatch.setattr(dev._Told, "ready", remember)
    monkeypatch.setattr(code, "interact", interact)
    done = CliRunner().invoke(
        main, ["dev", str(plugin), "--port", "0", "--set", "most=7", "--shell", "--json"]
    )
    assert done.exit_code == 0, (done.output, done.exception)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    # The worker is ready, too, and earlier; but who waits for that waits for the address.
    assert [each["event"] for each in told if each["event"] in ("ready", "trouble")] == [
        "ready",
        "trouble",
    ]
    assert "mine" in " ".join(told[0]["plugins"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--crm", "abacus"], "there is no CRM 'abacus'; there are: crm,"),
        (["--erp", "abacus"], "there is no ERP 'abacus'; there are: business-central, erp,"),
    ],
)
def test_a_system_that_there_is_not_is_told(plugin, small, arguments, says):
    done = CliRunner().invoke(main, ["dev", str(plugin), "--port", "0", *arguments])
    assert done.exit_code == 1
    assert says in done.output


def test_a_desk_that_is_interrupted_lets_go_of_its_pages():
    closed, asked = [], []

    class Server:
        def handle_exit(self, *signal):
            asked.append(signal)

        def run(self, sockets):
            self.handle_exit(2, None)
            raise KeyboardInterrupt

    class Pages:
        def close(self):
            closed.append(True)

    dev._until_interrupted(Server(), None, Pages())
    assert (closed, asked) == ([True], [(2, None)])
