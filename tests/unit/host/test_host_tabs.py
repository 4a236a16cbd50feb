"""Tabs: lazy, by role, with parsed parameters; a broken one leaves the others untouched."""

from datetime import date

import pytest

from crossdock.errors import ConfigError, NotFound

TABS = """
from crossdock import Notice, Param, Tab, View, hookimpl

def show(ctx, account, params):
    return View([Notice(text=f"{account.name} as of {params['as_of']} by {ctx.user.name}")])

def fail(ctx, account, params):
    raise ValueError("no figures")

@hookimpl
def account_tabs(ctx, account):
    return [
        Tab(id="later", title="Later", render=fail, order=20),
        Tab(id="aging", title="Aging", render=show, order=10,
            params=(Param(name="as_of", label="As of", kind="date", default="2026-11-20"),)),
        Tab(id="books", title="Books", render=show, roles=("accounting",), order=30),
    ]
"""


@pytest.fixture
def host(write_plugin, open_host):
    write_plugin("tabs", TABS, points=["account_tabs"])
    write_plugin(
        "broken",
        "from crossdock import hookimpl\n@hookimpl\ndef account_tabs():\n    return [1]\n",
        points=["account_tabs"],
    )
    return open_host("tabs", "broken")


def test_a_user_sees_the_tabs_of_his_role_in_their_order(host):
    assert [t.address for t in host.account_tabs("A-1", user="kim")] == [
        "tabs/aging",
        "tabs/later",
        "broken/error",
    ]
    assert "tabs/books" in [t.address for t in host.account_tabs("A-1", user="ada")]


def test_parameters_arrive_parsed_or_as_their_default(host):
    given = host.render_tab("tabs/aging", "A-1", user="kim", params={"as_of": "2026-01-31"})
    default = host.render_tab("tabs/aging", "A-1", user="kim")

    assert given.params == {"as_of": date(2026, 1, 31)}
    assert "as of 2026-01-31 by Kim" in given.view.components[0].text
    assert default.params == {"as_of": date(2026, 11, 20)}


@pytest.mark.parametrize("params", [{"as_of": "yesterday"}, {"color": "red"}])
def test_a_parameter_that_cannot_be_read_is_told(host, params):
    with pytest.raises(ConfigError, match="as_of"):
        host.render_tab("tabs/aging", "A-1", user="kim", params=params)


def test_a_tab_that_fails_shows_an_error_card(host):
    rendered = host.render_tab("tabs/later", "A-1", user="kim")

    assert "no figures" in rendered.fault
    assert rendered.view.components[0].tone == "bad"


def test_a_plugin_that_cannot_name_its_tabs_shows_that(host):
    rendered = host.render_tab("broken/error", "A-1", user="kim")

    assert "sequence of Tab" in rendered.view.components[0].text


def test_a_tab_of_another_role_is_not_there(host):
    with pytest.raises(ConfigError, match="there is no tab 'tabs/books' for Kim"):
        host.render_tab("tabs/books", "A-1", user="kim")


def test_an_unknown_account_is_told(host):
    with pytest.raises(NotFound, match="A-9"):
        host.render_tab("tabs/aging", "A-9", user="kim")
