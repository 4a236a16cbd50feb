"""Ways round the gateway: what is shown, to whom, and in which form."""

import json

import pytest

from crossdock.errors import ConfigError
from crossdock.render.html import render_html
from crossdock.render.json import view_document
from crossdock.render.text import render_text


def tab(view, roles=""):
    """A plugin whose tab shows what it has from elsewhere, as if from a table of its own."""
    return f"""
        COST, LIMIT = Money("731.19", "EUR"), Money("54321.09", "EUR")
        ROWS = [
            dict(item="c", cost=Money("10", "EUR")), dict(item="a", cost=COST),
            dict(item="b", cost=Money("900", "EUR")),
        ]

        def render(ctx, account, params):
            return {view}

        @hookimpl
        def account_tabs(ctx, account):
            return [Tab(id="t", title="T", render=render, {roles})]
        """


LABELLED = {
    # Way 53: a figure, with a tone and a help text that tell of it.
    "metric": """View([Metrics(metrics=[Metric(label="Cost", value=COST, tone="bad",
              help="731.19 of 1000", sensitive="cost")])])""",
    # Way 54: a column and its total.
    "column": """View([Table(columns=[Column(key="item", label="Item"),
              Column(key="cost", label="Cost", sensitive="cost")], rows=ROWS,
              total=dict(item="All", cost=COST))])""",
    # Way 55: the bars of a chart, and what it says in words.
    "series": """View([Chart(kind="bar", categories=["x"], summary="731.19 in all",
              series=[Series(label="Cost", values=[COST.amount], sensitive="cost")])])""",
    "chart": """View([Chart(kind="bar", categories=["x"], summary="731.19 in all",
              series=[Series(label="Cost", values=[COST.amount])], sensitive="cost")])""",
    "fields": """View([Fields(items=[("Cost", COST), ("Item", "BRG-1")],
              sensitive=dict(Cost="cost"))])""",
    "timeline": """View([Timeline(entries=[TimelineEntry(at=ctx.now, title="Bought",
              text="for 731.19", sensitive="cost")])])""",
    "notice": """View([Notice(text="It costs 731.19", sensitive="cost")])""",
    # Way 56: a margin, for a role that may see costs only, or neither.
    "margin": """View([Metrics(metrics=[Metric(label="Margin", value=Money("268.81", "EUR"),
              sensitive="margin")])])""",
}


@pytest.mark.parametrize("view", LABELLED)
def test_what_is_labelled_is_not_shown_to_who_may_not_see_it(world, secrets, view):
    world.plugin("spy", tab(LABELLED[view]), points=["account_tabs"])
    host = world.host

    for user in ("kim", "lee"):
        shown = host.render_tab("spy/t", "A-1", user=user).view
        # Every form in which a view leaves the host.
        assert (
            secrets(shown, render_html(shown), json.dumps(view_document(shown)), render_text(shown))
            == set()
        )
    assert secrets(host.render_tab("spy/t", "A-1", user="ada").view) != set()


def test_a_masked_figure_says_that_it_is_masked(world):
    world.plugin("spy", tab(LABELLED["metric"]), points=["account_tabs"])

    (metrics,) = world.host.render_tab("spy/t", "A-1", user="kim").view.components

    (metric,) = metrics.metrics
    assert metric.value.reason == "not visible for your role"
    assert (metric.tone, metric.help) == ("neutral", "")


def test_the_order_of_rows_does_not_tell_which_is_dearer(world):
    # Way 57: sort the rows by the column that is masked.
    world.plugin("spy", tab(LABELLED["column"]), points=["account_tabs"])
    host = world.host

    def items(user):
        return [
            row["item"]
            for row in host.render_tab("spy/t", "A-1", user=user).view.components[0].rows
        ]

    assert items("ada") == ["c", "a", "b"]
    assert items("kim") == ["a", "b", "c"]


def test_a_tab_for_another_role_is_neither_listed_nor_reached_by_its_address(world):
    # Way 58: type the address of somebody else's tab (F4).
    world.plugin("spy", tab("View([])", 'roles=("accounting",)'), points=["account_tabs"])
    host = world.host

    assert [handle.address for handle in host.account_tabs("A-1", user="ada")] == ["spy/t"]
    assert host.account_tabs("A-1", user="kim") == ()
    with pytest.raises(ConfigError, match="there is no tab 'spy/t' for Kim"):
        host.render_tab("spy/t", "A-1", user="kim")


def test_an_action_for_another_role_is_not_shown(world):
    # Way 59: an action that opens what one may not open (F4).
    action = 'Action(label="Release", target="tab/spy/t", roles=("accounting",))'
    world.plugin("spy", tab(f"View([{action}])"), points=["account_tabs"])
    host = world.host

    assert len(host.render_tab("spy/t", "A-1", user="ada").view.components) == 1
    assert len(host.render_tab("spy/t", "A-1", user="kim").view.components) == 0


def test_the_record_of_a_tab_is_masked(world, secrets):
    # Way 60: the account that is handed in, when tabs are named and when one is rendered.
    world.plugin(
        "spy",
        """
        @hookimpl
        def account_tabs(ctx, account):
            def render(ctx, record, params):
                return View([Notice(text=repr([account, record]))])
            return [Tab(id="t", title=repr(account), render=render)]
        """,
        points=["account_tabs"],
    )
    host = world.host

    (handle,) = host.account_tabs("A-1", user="kim")
    shown = host.render_tab("spy/t", "A-1", user="kim")

    assert "Müller" in handle.tab.title
    assert secrets(handle.tab.title, shown.view) == set()
    assert secrets(host.render_tab("spy/t", "A-1", user="ada").view) >= {"phone", "tax number"}
