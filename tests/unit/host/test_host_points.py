"""Cards, segments, contact tabs and scores: asked of every plugin, and one that fails told."""

from decimal import Decimal

import pytest

from crossdock.errors import ConfigError, NotFound
from crossdock.records import Money, Opportunity

DEAL = Opportunity(id="O-1", account_id="A-1", name="Deal", stage_id="s", amount=Money("1", "EUR"))

CARDS = """
    from crossdock import Card, Fields, View, hookimpl

    def numbers(ctx):
        return View((Fields(items=(("For", ctx.user.name),)),))

    @hookimpl
    def dashboard_cards(ctx):
        return [
            Card(id="numbers", title="Numbers", render=numbers, order=20),
            Card(id="secret", title="Books", render=numbers, roles=("accounting",), order=10),
        ]
"""
BROKEN_CARD = """
    from crossdock import Card, hookimpl

    def broken(ctx):
        raise ValueError("no figures")

    @hookimpl
    def dashboard_cards(ctx):
        return [Card(id="broken", title="Broken", render=broken)]
"""
CANNOT_LIST = """
    from crossdock import hookimpl

    @hookimpl
    def dashboard_cards(ctx):
        raise KeyError("cards")

    @hookimpl
    def account_segments(ctx):
        return ["not a segment"]
"""
SEGMENTS = """
    from crossdock import Segment, hookimpl

    def late(ctx):
        return ["A-2", "A-1", "A-2"]

    def wrong(ctx):
        return "A-1"

    @hookimpl
    def account_segments(ctx):
        return [
            Segment(id="late", title="Late", account_ids=late, description="Past due"),
            Segment(id="wrong", title="Wrong", account_ids=wrong),
            Segment(id="books", title="Books", account_ids=late, roles=("accounting",)),
        ]
"""
CONTACT_TABS = """
    from crossdock import Fields, Param, Tab, View, hookimpl

    def show(ctx, contact, params):
        return View((Fields(items=(("Name", contact.name), ("Since", params["since"]))),))

    @hookimpl
    def contact_tabs(ctx, contact):
        since = Param(name="since", label="Since", kind="date", default="2026-01-01")
        return [Tab(id="card", title=contact.name, render=show, params=(since,))]
"""


def scoring(body):
    return f"""
    from decimal import Decimal
    from crossdock import Score, hookimpl

    @hookimpl
    def score_opportunity(ctx, opportunity):
        {body}
"""


@pytest.fixture
def with_plugins(write_plugin, open_host):
    """Open a host on plugins, given by id as (code, points)."""

    def open_(**plugins):
        for name, (code, *points) in plugins.items():
            write_plugin(name, code, points=points)
        return open_host(*plugins)

    return open_


def test_a_user_sees_the_cards_of_the_users_roles_in_order(with_plugins):
    host = with_plugins(numbers=(CARDS, "dashboard_cards"))
    assert [each.address for each in host.dashboard_cards(user="kim")] == ["numbers/numbers"]
    assert [each.card.title for each in host.dashboard_cards(user="ada")] == ["Books", "Numbers"]
    shown = host.render_card("numbers/numbers", user="kim")
    assert (shown.fault, shown.view.components[0].items) == (None, (("For", "Kim"),))


def test_a_card_that_is_not_the_users_cannot_be_opened(with_plugins):
    host = with_plugins(numbers=(CARDS, "dashboard_cards"))
    with pytest.raises(ConfigError, match=r"no card 'numbers/secret' for Kim.*numbers/numbers"):
        host.render_card("numbers/secret", user="kim")


def test_a_card_that_fails_leaves_the_others(with_plugins):
    host = with_plugins(
        broken=(BROKEN_CARD, "dashboard_cards"),
        lost=(CANNOT_LIST, "dashboard_cards", "account_segments"),
        numbers=(CARDS, "dashboard_cards"),
    )
    handles = {each.address: each for each in host.dashboard_cards(user="kim")}
    assert list(handles) == ["numbers/numbers", "broken/broken", "lost/error"]
    assert "KeyError" in handles["lost/error"].fault
    shown = host.render_card("broken/broken", user="kim")
    assert shown.fault == "The plugin broken failed: ValueError: no figures"
    assert shown.view.components[0].text == shown.fault
    assert host.render_card("lost/error", user="kim").fault == handles["lost/error"].fault
    assert host.render_card("numbers/numbers", user="kim").fault is None


def test_a_list_holds_each_account_once_in_the_plugins_order(with_plugins):
    host = with_plugins(lists=(SEGMENTS, "account_segments"))
    found = host.segments(user="kim")
    assert [each.address for each in found.segments] == ["lists/late", "lists/wrong"]
    opened = host.segment_accounts("lists/late", user="kim")
    assert (opened.account_ids, opened.fault) == (("A-2", "A-1"), None)


def test_a_list_that_fails_is_empty_with_the_reason(with_plugins):
    host = with_plugins(lists=(SEGMENTS, "account_segments"))
    opened = host.segment_accounts("lists/wrong", user="kim")
    assert opened.account_ids == ()
    assert "must answer a sequence of account ids" in opened.fault


def test_lists_of_a_plugin_that_fails_are_missing_with_the_reason(with_plugins):
    host = with_plugins(
        lost=(CANNOT_LIST, "dashboard_cards", "account_segments"),
        lists=(SEGMENTS, "account_segments"),
    )
    found = host.segments(user="kim")
    assert [each.plugin_id for each in found.segments] == ["lists", "lists"]
    (aside,) = found.missing
    assert (aside.plugin_id, aside.plugin_name) == ("lost", "Lost")
    assert "must answer a sequence of Segment" in aside.reason
    with pytest.raises(ConfigError, match="Lost could not name its lists"):
        host.segment_accounts("lost/any", user="kim")
    with pytest.raises(ConfigError, match="no segment 'lists/books' for Kim"):
        host.segment_accounts("lists/books", user="kim")


def test_a_contact_has_tabs_of_its_own(with_plugins):
    host = with_plugins(people=(CONTACT_TABS, "contact_tabs"))
    (handle,) = host.contact_tabs("P-1", user="kim")
    assert (handle.address, handle.tab.title) == ("people/card", "Ada Wolf")
    shown = host.render_contact_tab(
        "people/card", "P-1", user="kim", params={"since": "2026-02-01"}
    )
    assert shown.view.components[0].items[0] == ("Name", "Ada Wolf")
    assert shown.params["since"].isoformat() == "2026-02-01"
    assert host.account_tabs("A-1", user="kim") == ()
    with pytest.raises(NotFound):
        host.contact_tabs("P-9", user="kim")


def test_the_first_answer_that_is_not_none_wins(with_plugins):
    host = with_plugins(
        silent=(scoring("return None"), "score_opportunity"),
        sure=(scoring('return Score(probability=Decimal("0.9"), evidence=("Called",))'),
              "score_opportunity"),
        late=(scoring('raise RuntimeError("never asked")'), "score_opportunity"),
    )  # fmt: skip
    found = host.score_opportunity(DEAL, user="kim")
    assert (found.plugin_id, found.score.probability) == ("sure", Decimal("0.9"))
    assert (found.score.evidence, found.faults) == (("Called",), ())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('raise RuntimeError("no history")', "RuntimeError: no history"),
        ('return "likely"', "must answer a Score or None, not str"),
        ("return Score(probability=Decimal(2))", "from 0 to 1"),
        ("return Score(probability=0.5)", "a Decimal from 0 to 1, not 0.5"),
    ],
)
def test_a_provider_that_fails_is_told_and_the_next_is_asked(with_plugins, body, said):
    host = with_plugins(
        wrong=(scoring(body), "score_opportunity"),
        sure=(scoring('return Score(probability=Decimal("0.1"))'), "score_opportunity"),
    )
    found = host.score_opportunity(DEAL, user="kim")
    assert (found.plugin_id, found.score.probability) == ("sure", Decimal("0.1"))
    (fault,) = found.faults
    assert (fault.plugin_id, said in fault.message, fault.closes) == ("wrong", True, False)


def test_without_an_answer_there_is_no_score(with_plugins):
    host = with_plugins(silent=(scoring("return None"), "score_opportunity"))
    assert host.score_opportunity(DEAL, user="kim").score is None


WHOSE = """
    from crossdock import Segment, hookimpl

    def whose(ctx):
        found = ctx.account_ids(["main:C-1", "uk:7", "main:C-9"])
        return [f"{customer}={account}" for customer, account in sorted(found.items())]

    @hookimpl
    def account_segments(ctx):
        return [Segment(id="whose", title="Whose", account_ids=whose)]
"""


def test_the_accounts_behind_many_customers_are_found_in_one_pass(write_plugin, open_host):
    write_plugin("lists", WHOSE, points=["account_segments"], scopes=["crm.accounts:read"])
    host = open_host("lists")
    opened = host.segment_accounts("lists/whose", user="kim")
    assert (opened.account_ids, opened.fault) == (("main:C-1=A-1", "uk:7=A-2"), None)
    assert host.crm.pages_read == 2
    assert host.store.links.of_crm("crm") == ()  # looking links nothing


def test_a_link_counts_more_than_an_external_id(write_plugin, open_host):
    write_plugin("lists", WHOSE, points=["account_segments"], scopes=["crm.accounts:read"])
    host = open_host("lists")
    link = {"crm_system": "crm", "erp_system": "main", "evidence": "test"}
    host.store.links.link(account_id="A-3", customer_id="C-1", default=True, **link)
    host.store.links.link(account_id="A-2", customer_id="C-8", default=True, **link)
    opened = host.segment_accounts("lists/whose", user="kim")
    assert opened.account_ids == ("main:C-1=A-3",)  # A-2 was linked, its external ids are old


def test_who_may_not_read_accounts_finds_none(write_plugin, open_host):
    write_plugin("lists", WHOSE, points=["account_segments"])
    opened = open_host("lists").segment_accounts("lists/whose", user="kim")
    assert opened.account_ids == ()
    assert "crm.accounts:read" in opened.fault
