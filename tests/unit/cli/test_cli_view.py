import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from attrs import evolve
from click.testing import CliRunner

import crossdock.host
from crossdock import Metric, Metrics, Money, Notice, Provenance, Tab, View
from crossdock.cli import main
from crossdock.errors import ConfigError, NotFound
from crossdock.host.screens.tabs import RenderedTab
from crossdock.ports import Page
from crossdock.records import Account, User

NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
ACCOUNT = Account(id="A-1", name="Beverages & Sons", owner_id="U-kim")
VIEW = View(
    [
        Metrics(
            title="Receivables",
            metrics=[Metric(label="Balance", value=Money("1234.5", "GBP"))],
            provenance=Provenance(source="main", trading_account="C-1", as_of=NOW),
        )
    ]
)


class Host:
    """A host with one account, two users and one tab."""

    def __init__(self):
        self.crm = self
        self.accounts_there = {ACCOUNT.id: ACCOUNT}
        self.people = [
            User(id="U-kim", name="Kim Lee"),
            User(id="U-ann", name="Ann Ray"),
            User(id="U-old", name="Gone", active=False),
        ]
        self.fault = None
        self.view = VIEW
        self.asked = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def account(self, account_id):
        try:
            return self.accounts_there[account_id]
        except KeyError:
            raise NotFound(f"no {account_id}", system="crm") from None

    def accounts(self, search="", *, after=None, limit=50):
        return Page(items=tuple(self.accounts_there.values()), next="more")

    def users(self):
        return self.people

    def user(self, user_id):
        for user in self.people:
            if user_id in (user.id, user.id.removeprefix("U-")):
                return user
        raise NotFound("no such user", system="crm")

    def render_tab(self, address, account_id, *, user, params):
        self.asked = (address, account_id, user.id, dict(params))
        if address != "erp-tabs/aging":
            raise ConfigError(f"there is no tab {address!r}; there are: erp-tabs/aging")
        tab = Tab(id="aging", title="Aging", render=lambda *_: self.view)
        return RenderedTab(tab=tab, view=self.view, params={}, seconds=0.0, fault=self.fault)


@pytest.fixture
def host(monkeypatch):
    host = Host()

    class Opening:
        @staticmethod
        def open(config):
            return host

    monkeypatch.setattr(crossdock.host, "Host", Opening)
    return host


def run(*arguments):
    return CliRunner().invoke(main, ["view", *arguments])


def test_a_tab_is_printed_with_what_it_is_and_for_whom(host):
    result = run("erp-tabs/aging", "--account", "A-1")

    assert result.exit_code == 0
    assert "Aging of Beverages & Sons (A-1), as Kim Lee sees it" in result.output
    assert "Balance  £1,234.50" in result.output
    assert "main · C-1 · read 21 Nov 2026, 14:05 UTC" in result.output
    assert "\x1b" not in result.output


def test_parameters_and_the_user_are_handed_on(host):
    run("erp-tabs/aging", "--account", "A-1", "--user", "ann",
        "--param", "as_of=2026-06-30", "--param", "note=a=b")  # fmt: skip

    assert host.asked == ("erp-tabs/aging", "A-1", "U-ann", {"as_of": "2026-06-30", "note": "a=b"})


def test_json_is_the_view_as_its_schema_has_it(host):
    result = run("erp-tabs/aging", "--account", "A-1", "--json")

    (component,) = json.loads(result.output)["components"]
    assert component["metrics"][0]["value"] == {
        "type": "money",
        "amount": "1234.5",
        "currency": "GBP",
    }


def test_another_locale_writes_figures_its_own_way(host):
    result = run("erp-tabs/aging", "--account", "A-1", "--locale", "de_DE")

    assert "1.234,50" in result.output


def test_a_tab_that_failed_is_printed_and_the_exit_code_says_so(host):
    host.fault = "main does not answer"
    host.view = View([Notice(text="main does not answer", tone="bad")])

    result = run("erp-tabs/aging", "--account", "A-1")

    assert result.exit_code == 1
    assert "✗ main does not answer" in result.output


def test_a_traceback_is_printed_only_for_those_who_ask_for_it(tmp_path):
    # In a process of its own: there nothing else has set up logging.
    script = (
        "import logging\n"
        "from crossdock.cli.view import _log\n"
        "_log(verbose={verbose})\n"
        "logging.getLogger('crossdock.tabs').error('Traceback')\n"
    )
    told = {
        verbose: subprocess.run(
            [sys.executable, "-c", script.format(verbose=verbose)],
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        for verbose in (False, True)
    }

    assert told == {False: "", True: "crossdock.tabs: Traceback\n"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("erp-tabs/aging", "--account", "A-9"), 1, "it has A-1 (Beverages & Sons), ..."),
        (("erp-tabs/agging", "--account", "A-1"), 1, "there are: erp-tabs/aging"),
        (
            ("erp-tabs/aging", "--account", "A-1", "--user", "bob"),
            1,
            "no user 'bob'; name one with --user: U-kim (Kim Lee), U-ann (Ann Ray)",
        ),
        (("erp-tabs/aging", "--account", "A-1", "--param", "as_of"), 2, "NAME=VALUE"),
        (("erp-tabs/aging", "--account", "A-1", "--locale", "xx"), 2, "no locale"),
        (("erp-tabs/aging",), 2, "--account"),
    ],
)
def test_what_cannot_be_shown_is_told_with_what_there_is(host, arguments, code, said):
    result = run(*arguments)

    assert code == result.exit_code
    assert said in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_an_account_without_an_owner_needs_a_user(host):
    host.accounts_there = {"A-1": evolve(ACCOUNT, owner_id=None)}

    result = run("erp-tabs/aging", "--account", "A-1")

    assert result.exit_code == 1
    assert "has no owner; name one with --user: U-kim" in " ".join(result.output.split())


def test_a_missing_configuration_is_told_with_what_to_do(tmp_path):
    result = run("erp-tabs/aging", "--account", "A-1", "--config", str(tmp_path / "none.toml"))

    assert result.exit_code == 1
    assert "there is no configuration" in " ".join(result.output.split())
