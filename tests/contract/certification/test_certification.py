"""Certification finds what it is there to find: each rule has a plugin that breaks it alone."""

import json
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.errors import ConfigError
from crossdock.host.loading.manifest import Manifest
from crossdock.testing import Shelf, certify, mock
from crossdock.testing.certification import unshaken
from crossdock.testing.certification.certifying import all_rules
from crossdock.testing.certification.trial import Trial
from crossdock.testing.checks import check_plugin
from crossdock.testing.rule import LEVELS, try_rule

_ROOT = Path(__file__).parents[3]
_RECIPE = _ROOT / "cookbook" / "first-guard" / "late-payers"
RULES = {each.name: each for each in all_rules()}


@pytest.fixture(scope="session")
def shelf():
    shelf = Shelf()
    yield shelf
    shelf.close()


@pytest.fixture
def write(tmp_path):
    def write_(code, points, scopes=()):
        folder = tmp_path / "broken"
        folder.mkdir()
        (folder / "plugin.py").write_text(textwrap.dedent(code), encoding="utf-8")
        (folder / "plugin.toml").write_text(
            f'id = "broken"\nname = "Broken"\nsdk = ">=0.1"\nsummary = "Breaks a rule."\n'
            f"points = {json.dumps(points)}\nscopes = {json.dumps(scopes)}\n",
            encoding="utf-8",
        )
        return folder

    return write_


GUARD, READS = ["before_quote_save"], ["crm.accounts:read", "erp.customers:read"]
HEAD = "from crossdock import *\nfrom crossdock import hookimpl\n"
BROKEN = {
    "answers-ordinary-questions": (
        """
        @hookimpl
        def before_quote_save(quote):
            return Veto(quote.lines[99].item_id)
        """,
        GUARD,
        [],
        "IndexError",
    ),
    "leaves-everything-as-it-is": (
        """
        from attrs import evolve
        @hookimpl
        def before_quote_save(ctx, quote):
            save = getattr(ctx.crm, "save_" + "account")
            save(evolve(ctx.crm.account(quote.account_id), industry="new"))
        """,
        GUARD,
        ["crm.accounts:read", "crm.accounts:write"],
        "a guard changed the CRM: crm_accounts",
    ),
    "survives-systems-that-fail": (
        """
        @hookimpl
        def before_quote_save(ctx, quote):
            account = None
            try:
                account = ctx.crm.account(quote.account_id)
            except Exception:
                pass
            return Warn(account.name)
        """,
        GUARD,
        ["crm.accounts:read"],
        "'NoneType' object has no attribute 'name'",
    ),
    "survives-systems-that-are-slow": (
        """
        from crossdock.errors import RemoteUnavailable
        @hookimpl
        def before_quote_save(ctx, quote):
            try:
                ctx.crm.account(quote.account_id)
            except RemoteUnavailable as away:
                raise RuntimeError("too slow for me") from away
        """,
        GUARD,
        ["crm.accounts:read"],
        "too slow for me",
    ),
    "does-without-a-permission": (
        """
        from crossdock.errors import AccessDenied
        @hookimpl
        def before_quote_save(ctx, quote):
            try:
                account = ctx.crm.account(quote.account_id)
            except AccessDenied:
                account = None
            return Warn(account.name)
        """,
        GUARD,
        ["crm.accounts:read"],
        "for a user without crm.accounts:read",
    ),
    "does-without-sensitive-fields": (
        """
        @hookimpl
        def before_account_save(account):
            return Warn(account.email.lower())
        """,
        ["before_account_save"],
        ["field:personal"],
        "may see no sensitive field",
    ),
    "copes-with-nothing": (
        """
        @hookimpl
        def before_quote_save(ctx, quote):
            first = ctx.trading_accounts(ctx.crm.account(quote.account_id))[0]
            return Warn(first.name)
        """,
        GUARD,
        READS,
        "an account that no ERP knows",
    ),
    "answers-the-same-twice": (
        """
        seen = []
        @hookimpl
        def before_quote_save(quote):
            seen.append(quote.id)
            return Warn(f"Number {len(seen)}.")
        """,
        GUARD,
        [],
        "before_quote_save answers otherwise",
    ),
    "hears-things-twice": (
        """
        from uuid import uuid4
        from crossdock.records import Activity
        @hookimpl
        def quote_saved(ctx, quote):
            task = Activity(id="", account_id=quote.account_id, kind="task", subject="Call")
            ctx.crm.add_activity(task, key=uuid4().hex)
        """,
        ["quote_saved"],
        ["crm.activities:write"],
        "quote_saved, delivered a second time, changed the CRM: crm_activities",
    ),
    "is-exchanged-while-it-works": (
        """
        import builtins
        if hasattr(builtins, "here_before"):
            raise ImportError("once is enough")
        builtins.here_before = True
        @hookimpl
        def before_quote_save(ctx, quote):
            return Warn(ctx.crm.account(quote.account_id).name)
        """,
        GUARD,
        ["crm.accounts:read"],
        "it was taken out, and cannot be put in again",
    ),
    "is-the-same-in-a-process": (
        """
        import sys
        @hookimpl
        def before_quote_save(quote):
            return Warn("pytest is here" if "pytest" in sys.modules else "alone")
        """,
        GUARD,
        [],
        "in a process of its own",
    ),
    "bears-size": (
        """
        @hookimpl
        def before_quote_save(ctx, quote):
            for line in quote.lines:
                ctx.erp.item(line.item_id)
        """,
        GUARD,
        ["erp.items:read"],
        "300 lines make",
    ),
    "is-gone-on-with-after-a-crash": (
        """
        from crossdock.records import Activity
        def add(ctx, quote, subject):
            task = Activity(id="", account_id=quote.account_id, kind="task", subject=subject)
            ctx.crm.add_activity(task, key=f"{ctx.idempotency_key}-{subject}")
        begun = set()
        @hookimpl
        def quote_saved(ctx, quote):
            again = quote.id in begun
            begun.add(quote.id)
            ctx.step("first", len, "abc")
            if not again:
                add(ctx, quote, "Call")
        """,
        ["quote_saved"],
        ["crm.activities:write"],
        "after a crash behind the step 'first'",
    ),
    "hears-things-out-of-order": (
        """
        from attrs import evolve
        @hookimpl
        def order_promoted(ctx, order):
            (customer, *_) = ctx.trading_accounts(ctx.crm.account(order.account_id))
            ctx.erp.place_order(customer, order, idempotency_key=ctx.idempotency_key)
        @hookimpl
        def document_changed(ctx, document):
            reference = getattr(document, "reference", "")
            if reference.startswith("R-"):
                order = ctx.crm.order(reference)
                if order.status != document.status:
                    ctx.crm.update_order(evolve(order, status=document.status))
        """,
        ["order_promoted", "document_changed"],
        [*READS, "crm.orders:read", "crm.orders:write", "erp.orders:write"],
        "older news after newer ones leave another the CRM: crm_orders",
    ),
    "speaks-with-other-systems": (
        """
        @hookimpl
        def before_quote_save(ctx, quote):
            if ctx.erp.using("main").capabilities < {"shipments", "stock"}:
                raise LookupError("I know one ERP only")
            assert "shipments" in ctx.erp.using("main").capabilities
        """,
        GUARD,
        [],
        "with quickbooks",
    ),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_plugin_that_breaks_a_rule_is_found_by_it(name, write, shelf, monkeypatch, chaos):
    if not chaos:  # filling the mocks of all vendors takes its time
        monkeypatch.setattr(unshaken, "CRMS", {})
        monkeypatch.setattr(unshaken, "ERPS", {"quickbooks": unshaken.ERPS["quickbooks"]})
    monkeypatch.delattr("builtins.here_before", raising=False)
    code, points, scopes, told = BROKEN[name]
    folder = write(HEAD + textwrap.dedent(code), points, scopes)
    trial = Trial(plugin=folder, manifest=Manifest.read(folder), shelf=shelf, config={})
    outcome = try_rule(RULES[name], trial)
    assert outcome.state == "failed", outcome
    assert any(told in each.what for each in outcome.findings), outcome.findings
    assert all(each.do for each in outcome.findings)


def test_a_tab_that_is_gone_when_it_is_opened_does_not_end_the_trial(write, shelf):
    folder = write(
        HEAD
        + textwrap.dedent("""
        from crossdock.views import Tab, View
        asked = []
        @hookimpl
        def account_tabs(account):
            asked.append(account.id)
            name = f"mood-{len(asked)}"
            return [Tab(id=name, title="Moods", render=lambda ctx, record, params: View([]))]
        """),
        ["account_tabs"],
    )
    trial = Trial(plugin=folder, manifest=Manifest.read(folder), shelf=shelf, config={})
    outcome = try_rule(RULES["answers-the-same-twice"], trial)
    assert [each.what for each in outcome.findings] == [
        "tab mood-1 is missing when it is asked again",
        "tab mood-3 is new when it is asked again",
    ]


def test_a_tab_that_is_not_there_each_time_is_named(write, shelf):
    folder = write(
        HEAD
        + textwrap.dedent("""
        import sys
        from crossdock.views import Tab, View
        asked = []
        @hookimpl
        def account_tabs(account):
            asked.append(account.id)
            first = len(asked) < 3 and "pytest" in sys.modules
            name = "early" if first else "late"
            return [Tab(id=name, title="Moods", render=lambda ctx, record, params: View([]))]
        """),
        ["account_tabs"],
    )
    trial = Trial(plugin=folder, manifest=Manifest.read(folder), shelf=shelf, config={})

    def told(rule):
        return [each.what for each in try_rule(RULES[rule], trial).findings]

    assert told("answers-the-same-twice") == [
        "tab early is missing when it is asked again",
        "tab late is new when it is asked again",
    ]
    assert "tab early is missing in a process of its own" in told("is-the-same-in-a-process")


def test_each_rule_that_needs_mocks_has_such_a_plugin():
    assert {name for name, each in RULES.items() if each.needs_mocks} == set(BROKEN)


def test_each_rule_says_what_it_asks_for_and_why():
    for rule in RULES.values():
        first, _, reasons = rule.text.partition("\n\n")
        assert first.endswith("."), rule.name
        assert "\n" not in first, rule.name
        assert len(reasons) > 60, rule.name
    assert {each.level for each in RULES.values()} == set(LEVELS)


def test_the_first_recipe_is_certified_and_told_what_it_lacks(shelf):
    report = certify(_RECIPE, level="bronze", upto="bronze", shelf=shelf)
    assert (report.level, report.good) == ("bronze", True)
    lacking = {each.rule.name for each in check_plugin(_RECIPE).outcomes if not each.stands}
    assert lacking == {"says-what-it-is", "objections-have-names"}


def test_a_level_that_is_not_reached_fails_a_test_with_what_stands_against_it(write, shelf):
    code, points, scopes, _ = BROKEN["answers-ordinary-questions"]
    folder = write(HEAD + textwrap.dedent(code), points, scopes)
    with pytest.raises(AssertionError) as failed:
        certify(folder, level="bronze", upto="bronze", shelf=shelf)
    said = str(failed.value)
    assert said.startswith("broken is not certified, and not bronze:\nanswers-ordinary-questions")
    assert "-> run it in a test" in said
    assert "docs/certification.md#answers-ordinary-questions" in said


def test_what_cannot_be_loaded_skips_the_rest_and_is_not_certified(write, shelf):
    folder = write("import nowhere_at_all", GUARD)
    report = certify(folder, upto="bronze", shelf=shelf)
    assert report.level is None
    skipped = [each for each in report.outcomes if each.state == "skipped"]
    assert {each.reason for each in skipped} == {"it cannot be loaded"}
    assert all(each.rule.needs_mocks for each in skipped)


def test_the_commands_answer_in_json_and_by_their_exit_codes(shelf, monkeypatch):
    monkeypatch.setattr(mock, "Shelf", lambda: shelf)

    def run(*arguments):
        done = CliRunner().invoke(main, [*map(str, arguments), "--json"])
        return done.exit_code, json.loads(done.output)

    code, (checked,) = run("check", _RECIPE)
    assert (code, checked["id"], checked["good"], checked["level"]) == (
        1,
        "late-payers",
        False,
        None,
    )
    code, (checked,) = run("check", _RECIPE, "--level", "bronze")
    assert (code, checked["good"]) == (0, True)
    code, (certified,) = run("certify", _RECIPE, "--upto")
    assert (code, certified["level"]) == (0, "bronze")
    assert {each["state"] for each in certified["rules"]} == {"passed"}


def test_a_plugin_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(
        ConfigError, match="no plugin 'late-payer'; installed are: account-sync, approval-rules"
    ):
        check_plugin("late-payer")
    with pytest.raises(ConfigError, match=r"there is no nowhere; name a plugin"):
        check_plugin("./nowhere")


def test_what_tests_do_beside_a_plugin_is_their_own_matter(write):
    folder = write(HEAD + "@hookimpl\ndef before_quote_save(quote):\n    return None\n", GUARD)
    (folder / "conftest.py").write_text("import requests\nfrom crossdock.host import Host\n")
    (folder / "tests").mkdir()
    (folder / "tests" / "waiting.py").write_text("import time\ntime.sleep(1)\n")
    found = {
        each.rule.name for each in check_plugin(folder, upto="bronze").outcomes if not each.stands
    }
    assert found == set()
