"""What a view is given of a moment ago, by its plugin inline and in a process of its own."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from crossdock.errors import RemoteUnavailable
from crossdock.host import HostConfig

# A tab that shows contracts with their cost, and one of a guard that asks the same.
PLUGIN = """
    from functools import partial


    def contracts(ctx):
        customer = TradingAccount(id="C-1", system="main", name="M", currency="EUR")
        return customer, ctx.erp.contracts(customer)


    def view_of(ctx, found):
        told = Provenance(source="main", as_of=ctx.now)
        costs = [str(each.annual_cost) for each in found]
        return View([Metrics(title=" ".join(costs), metrics=[], provenance=told)])


    def render(ctx, account, params):
        return view_of(ctx, contracts(ctx)[1])


    def render_anew(ctx, account, params):
        ctx.read_anew()
        return render(ctx, account, params)


    def render_together(ctx, account, params):
        customer = TradingAccount(id="C-1", system="main", name="M", currency="EUR")
        wrong, *answers = ctx.together(
            partial(ctx.erp.using("main").stock, "AWAY"),
            partial(ctx.erp.contracts, customer),
            partial(ctx.erp.payments, customer),
            ctx.crm.users,
        )
        told = [type(wrong.error).__name__, *(str(len(each.value)) for each in answers)]
        return View([Notice(text=" ".join(told))])


    def render_wrong(ctx, account, params):
        ctx.together(lambda: 1)


    @hookimpl
    def account_tabs(ctx, account):
        return [
            Tab(id="kept", title="T", render=render),
            Tab(id="anew", title="T", render=render_anew),
            Tab(id="together", title="T", render=render_together),
            Tab(id="wrong", title="T", render=render_wrong),
        ]


    @hookimpl
    def before_quote_save(ctx, quote, before):
        return Warn(f"contracts: {len(contracts(ctx)[1])}")
"""


@pytest.fixture
def asked(world, monkeypatch):
    """Counts what the ERP is asked for contracts; a question may wait for another."""
    calls = []
    world.keep_seconds = 15
    contracts = world.erp.contracts

    def counted(customer):
        calls.append(customer.id)
        return contracts(customer)

    monkeypatch.setattr(world.erp, "contracts", counted, raising=False)
    world.plugin("spy", PLUGIN, points=["account_tabs", "before_quote_save"],
                 scopes=["erp.contracts:read", "erp.stock:read", "erp.payments:read",
                         "crm.users:read", "field:cost", "field:margin"])  # fmt: skip
    return calls


def shown(world, tab="kept", user="ada", **more):
    rendered = world.host.render_tab(f"spy/{tab}", "A-1", user=user, **more)
    assert rendered.fault is None, rendered.fault
    return rendered.view.components[0]


def test_a_view_is_given_what_another_was_given_a_moment_ago(world, asked):
    first, second = shown(world), shown(world)

    assert first.title == second.title == "731.19 EUR"
    assert asked == ["C-1"]


def test_a_view_says_when_its_figures_were_read(world, asked, monkeypatch):
    services = world.host._calls.services
    began = services.now()
    assert shown(world).provenance.as_of == began
    monkeypatch.setattr(services, "now", lambda: began + timedelta(seconds=7))

    assert shown(world).provenance.as_of == began
    assert shown(world, fresh=True).provenance.as_of == began + timedelta(seconds=7)


def test_nothing_of_it_is_given_to_other_rights(world, asked, secrets):
    shown(world, user="ada")

    assert secrets(shown(world, user="kim")) == set()
    assert shown(world, user="kim").title == "None"
    assert asked == ["C-1", "C-1"]  # once for each set of rights


def test_news_of_the_customer_reach_the_next_view_whoever_heard_of_them(world, asked):
    shown(world)
    world.host.store.news.tell("main", "C-2")
    shown(world)
    assert len(asked) == 1
    world.host.store.news.tell("main", "C-1")
    shown(world)
    assert len(asked) == 2


def test_guards_always_ask(world, asked):
    shown(world)
    shown(world)
    world.ask()
    world.ask()

    assert len(asked) == 3


def test_who_wants_it_anew_gets_it(world, asked):
    shown(world)
    shown(world, fresh=True)
    assert len(asked) == 2
    shown(world, "anew")
    assert len(asked) == 3
    shown(world)
    assert len(asked) == 3


def test_several_questions_are_asked_side_by_side_and_one_that_fails_leaves_the_others(
    world, asked, monkeypatch
):
    both = threading.Barrier(2, timeout=20)
    payments, contracts = world.erp.payments, world.erp.contracts

    def away(item_id, quantity=None):
        raise RemoteUnavailable("the ERP does not answer", system="main")

    def meeting(method):
        def wait(customer, *, since=None):
            both.wait()  # passes only while the other question is on its way too
            return method(customer)

        return wait

    monkeypatch.setattr(world.erp, "stock", away, raising=False)
    monkeypatch.setattr(world.erp, "payments", meeting(payments), raising=False)
    monkeypatch.setattr(world.erp, "contracts", meeting(contracts), raising=False)

    assert shown(world, "together").text == "RemoteUnavailable 1 1 3"


def test_only_methods_of_ports_are_asked_together(world, asked):
    rendered = world.host.render_tab("spy/wrong", "A-1", user="kim")

    assert rendered.fault is not None
    assert "together takes methods of ctx.erp and ctx.crm" in str(rendered.fault)


def test_answers_are_kept_for_a_few_seconds_unless_the_configuration_says_otherwise(tmp_path):
    written = '[crm]\nsystem = "crm"\nurl = "http://x.test"\n[erp.main]\nsystem = "erp"\n'
    file = tmp_path / "crossdock.toml"
    file.write_text(written)
    assert HostConfig.read(file).keep_seconds == 15
    file.write_text(f"{written}[views]\nkeep_seconds = 0\n")
    assert HostConfig.read(file).keep_seconds == 0
