"""What one currency is in another: whose word it is, from which day, and never a guess."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from crossdock.errors import RemoteUnavailable
from crossdock.host.rates import Rates
from crossdock.host.settings.config import HostConfig
from crossdock.host.systems import Router
from crossdock.records import ExchangeRate, Money
from crossdock.rules import convert_sum

TODAY = date(2026, 11, 20)


def rate(of, to, value, on=date(2026, 11, 1), source="crossdock.toml"):
    return ExchangeRate(of=of, to=to, rate=Decimal(value), on=on, source=source)


class Erp:
    def __init__(self, *rates, able=True, away=False):
        self.capabilities = frozenset({"exchange_rates"} if able else ())
        self._rates, self._away = rates, away

    def exchange_rates(self, *, on):
        if self._away:
            raise RemoteUnavailable("no answer", system="main")
        return [each for each in self._rates if each.on <= on]


def ask(to, *table, on=None, **erps):
    rates = Rates(Router(erps or {"main": Erp(able=False)}), table, lambda: TODAY)
    found = rates.into(to, on=on, identity="test", seconds=5)
    return [(each.of, str(each.rate), each.source) for each in found]


def test_an_erp_s_word_counts_before_the_table_s_and_the_table_fills_in():
    erp = Erp(rate("USD", "EUR", "0.92", source="main"))
    table = [rate("USD", "EUR", "0.90"), rate("GBP", "EUR", "1.15")]

    assert ask("EUR", *table, main=erp) == [
        ("GBP", "1.15", "crossdock.toml"), ("USD", "0.92", "main"),
    ]  # fmt: skip


def test_the_newest_that_is_not_after_the_day_counts():
    table = [
        rate("USD", "EUR", "0.91", on=date(2026, 10, 1)),
        rate("USD", "EUR", "0.93", on=date(2026, 11, 1)),
        rate("USD", "EUR", "0.99", on=date(2026, 12, 1)),
    ]

    assert ask("EUR", *table) == [("USD", "0.93", "crossdock.toml")]
    assert ask("EUR", *table, on=date(2026, 10, 15)) == [("USD", "0.91", "crossdock.toml")]
    assert ask("EUR", *table, on=date(2026, 1, 1)) == []


def test_a_rate_that_is_known_the_other_way_round_is_turned_and_says_so():
    assert ask("USD", rate("USD", "EUR", "0.8", source="ECB")) == [
        ("EUR", "1.25", "inverse of 0.8 by ECB")
    ]


def test_an_erp_that_is_away_or_keeps_no_rates_is_passed_over():
    table = [rate("USD", "EUR", "0.90")]

    assert ask("EUR", *table, main=Erp(away=True), uk=Erp(able=False)) == [
        ("USD", "0.90", "crossdock.toml")
    ]
    assert ask("EUR", main=Erp(rate("USD", "EUR", "0.92"), away=True)) == []


def test_what_nobody_states_is_kept_apart():
    found = Rates(Router({}), [rate("USD", "EUR", "0.9")], lambda: TODAY).into(
        "EUR", on=None, identity="test", seconds=5
    )

    total = convert_sum(
        [Money("100", "EUR"), Money("100", "USD"), Money("7", "SEK")], "EUR", found, on=TODAY
    )

    assert (total.total, total.missing) == (Money("190.00", "EUR"), (Money("7", "SEK"),))


def test_the_table_is_read_and_what_makes_no_sense_is_refused(tmp_path):
    file = tmp_path / "crossdock.toml"
    systems = '[crm]\nsystem = "crm"\n[erp.main]\nsystem = "erp"\n'
    told = '[[exchange_rates]]\nof = "USD"\nto = "EUR"\nrate = "0.9231"\non = "2026-11-01"\n'
    file.write_text(systems + told + 'source = "ECB"\n')

    (read,) = HostConfig.read(file, environ={}).exchange_rates

    assert (read.of, read.rate, read.on, read.source) == (
        "USD", Decimal("0.9231"), date(2026, 11, 1), "ECB",
    )  # fmt: skip
    for wrong in ('"0"', "0.92", '"-1"'):
        file.write_text(systems + told.replace('"0.9231"', wrong))
        with pytest.raises(Exception, match="exchange_rates"):
            HostConfig.read(file, environ={})


@pytest.mark.parametrize("inline", [True, False])
def test_a_plugin_asks_for_links_one_customer_and_rates_wherever_it_runs(
    open_dock, tmp_path, inline
):
    folder = tmp_path / "asker"
    folder.mkdir()
    (folder / "plugin.toml").write_text(
        'id = "asker"\nname = "Asker"\nsummary = "Asks."\nversion = "0.1.0"\nsdk = ">=0.1,<1"\n'
        'points = ["before_quote_save"]\n'
        'scopes = ["crm.accounts:read", "erp.customers:read", "erp.rates:read"]\n'
    )
    (folder / "plugin.py").write_text(
        "from crossdock import Inform, hookimpl\n"
        "@hookimpl\n"
        "def before_quote_save(ctx, quote):\n"
        "    account = ctx.crm.account(quote.account_id)\n"
        "    links = [(each.ref, each.default) for each in ctx.links(account)]\n"
        "    one = ctx.trading_account(account)\n"
        "    none = ctx.trading_account(account, 'main:C-999')\n"
        "    found = ctx.exchange_rates('EUR')\n"
        "    rates = {each.of: each.source for each in found if each.of in ('SEK', 'USD')}\n"
        "    return Inform(repr((links, one.ref, none, rates)))\n"
    )
    rates = [
        {"of": of, "to": "EUR", "rate": "0.9", "on": "2020-01-01"} for of in ("SEK", "USD")
    ]  # the ERP states its own for one of them
    dock = open_dock(folder, inline=inline, settings={"exchange_rates": rates})

    (told,) = dock.host.before_quote_save(
        dock.host.crm.quote(dock.story["quote"]), user="kim"
    ).notes

    assert told.message == repr(
        (
            [("main:C-10001", True)],
            "main:C-10001",
            None,
            {"SEK": "crossdock.toml", "USD": "main"},
        )
    )
