"""What a customer over the limit, on hold or overdue meets: each by its own setting (C3)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from attrs import evolve

from crossdock import Inform, Money, RequireApproval, Veto, Warn
from crossdock.errors import NotSupported
from crossdock.records import (
    CreditStatus,
    ExchangeRate,
    Order,
    Quote,
    QuoteLine,
    TradingAccount,
    User,
)
from crossdock_plugins.credit_policy import plugin

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SETTINGS = {
    "over_limit": "stop",
    "on_hold": "stop",
    "overdue": "warn",
    "overdue_days": 0,
    "on_save": "warn",
    "role": "accounting",
}


def eur(amount):
    return Money(amount, "EUR")


def status(**given):
    figures = {"limit": "1000", "exposure": "800", "balance": "800", "past_due": "0"}
    figures = {name: eur(given.pop(name, amount)) for name, amount in figures.items()}
    return CreditStatus(
        customer_id="C-1",
        system="main",
        currency="EUR",
        **{"on_hold": False, **figures, **given},
    )


def quote(gross="100", currency="EUR", **given):
    line = QuoteLine(number=1, item_id="BRG-1001", quantity=Decimal(1))
    amount = None if gross is None else Money(gross, currency)
    return Quote(
        id="Q-1", account_id="A-1", currency=currency, lines=(line,), gross=amount, **given
    )


class Told:
    """A context whose ERP says one thing of the customer's credit."""

    def __init__(self, standing, *, rates=(), hidden=frozenset(), **settings):
        self.config = {**SETTINGS, **settings}
        self.hidden, self.now, self._rates = hidden, NOW, rates
        self.crm = SimpleNamespace(account=lambda _id: None)
        self.erp = SimpleNamespace(credit=lambda _customer: self._credit(standing))

    @staticmethod
    def _credit(standing):
        if isinstance(standing, Exception):
            raise standing
        return standing

    def trading_account(self, _account, _ref):
        return TradingAccount(id="C-1", system="main", name="Nordhafen", currency="EUR")

    def exchange_rates(self, to, *, on):
        return [rate for rate in self._rates if rate.to == to and rate.on <= on]


def said(decisions):
    return [(type(each), each.code) for each in decisions if not isinstance(each, Inform)]


def test_within_the_limit_only_the_line_beside_the_total_is_told():
    (told,) = plugin.before_order_promote(Told(status()), quote())

    assert (told.code, told.field) == ("credit.told", "gross")
    assert told.message == "Credit limit 1,000 EUR, 800 EUR of it in use, 100 EUR left with this."


def test_the_limit_itself_may_be_used_up_and_a_penny_more_may_not():
    assert said(plugin.before_order_promote(Told(status()), quote("200.00"))) == []
    (_, veto) = plugin.before_order_promote(Told(status()), quote("200.01"))

    assert isinstance(veto, Veto)
    assert veto.message.startswith(
        "This would pass the customer's credit limit of 1,000 EUR by 0.01"
    )


@pytest.mark.parametrize(
    ("weight", "kind"), [("stop", Veto), ("approve", RequireApproval), ("warn", Warn)]
)
@pytest.mark.parametrize(
    ("about", "standing"),
    [
        ("over_limit", status(exposure="950")),
        ("on_hold", status(on_hold=True, hold_reason="Cheque returned")),
        ("overdue", status(past_due="50", past_due_since=date(2026, 11, 1))),
    ],
)
def test_each_thing_meets_what_its_own_setting_says(about, standing, weight, kind):
    others = {name: "ignore" for name in ("over_limit", "on_hold", "overdue") if name != about}

    ordered = plugin.before_order_promote(Told(standing, **{about: weight}, **others), quote())
    saved = plugin.before_quote_save(Told(standing, **{about: weight}, **others), quote())

    assert said(ordered) == [(kind, f"credit.{about}")]
    assert said(saved) == [(Warn, f"credit.{about}")]
    ignored = Told(standing, **{about: "ignore"}, **others)
    assert said(plugin.before_order_promote(ignored, quote())) == []


def test_all_that_holds_is_said_at_once():
    standing = status(exposure="990", on_hold=True, past_due="50", past_due_since=date(2026, 10, 1))

    found = said(plugin.before_order_promote(Told(standing), quote()))

    assert found == [
        (Veto, "credit.on_hold"), (Veto, "credit.over_limit"), (Warn, "credit.overdue"),
    ]  # fmt: skip


def test_overdue_counts_from_more_than_so_many_days():
    late = status(past_due="50", past_due_since=date(2026, 11, 6))

    assert said(plugin.before_order_promote(Told(late, overdue_days=14), quote())) == []
    (_, warn) = plugin.before_order_promote(Told(late, overdue_days=13), quote())

    assert warn.message == "50 EUR is past due, the oldest of it for 14 days."


def test_on_save_may_be_as_strict_as_an_order_or_silent():
    standing = status(exposure="990")

    assert said(plugin.before_quote_save(Told(standing, on_save="same"), quote())) == [
        (Veto, "credit.over_limit")
    ]
    assert plugin.before_quote_save(Told(standing, on_save="ignore"), quote()) == []


def test_no_limit_stops_nothing_and_a_limit_of_zero_everything():
    unlimited = evolve(status(), unlimited=True, limit=None)

    assert said(plugin.before_order_promote(Told(unlimited), quote("9999999"))) == []
    assert said(plugin.before_order_promote(Told(status(limit="0", exposure="0")), quote("1"))) == [
        (Veto, "credit.over_limit")
    ]


def test_a_changed_order_adds_its_difference_only():
    order = Order(id="R-1", system="crm", currency="EUR", account_id="A-1", erp_order_id="SO-1",
                  lines=quote().lines, gross=eur("700"))  # fmt: skip
    before = evolve(order, gross=eur("600"))

    assert said(plugin.before_order_save(Told(status()), order, before)) == []
    new = evolve(order, erp_order_id="")
    assert said(plugin.before_order_save(Told(status()), new, None)) == [
        (Veto, "credit.over_limit")
    ]


def test_another_currency_is_converted_at_a_stated_rate_or_said_not_to_be_known():
    rate = ExchangeRate(of="USD", to="EUR", rate=Decimal("0.9"), on=date(2026, 11, 1), source="ECB")
    dollars = quote("220", "USD")

    assert said(plugin.before_order_promote(Told(status(), rates=[rate]), dollars)) == []
    found = plugin.before_order_promote(Told(status()), dollars)

    assert said(found) == [(Veto, "credit.over_limit")]
    assert "nobody states a rate" in found[1].message
    assert said(plugin.before_order_promote(Told(status(), over_limit="ignore"), dollars)) == []


def test_an_unpriced_quote_and_an_erp_without_credit_stop_nothing():
    assert said(plugin.before_order_promote(Told(status(exposure="999")), quote(None))) == []
    none = Told(NotSupported("Ledgerbox (main) keeps no credit"))

    (note,) = plugin.before_order_promote(none, quote())

    assert (type(note), note.code) == (Inform, "credit.unknown")


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_on_the_erp_itself_whoever_may_see_the_figures_or_not(open_scene):
    scene = open_scene("straight-through", "credit-policy")
    over = scene.host.crm.quote(scene.story["over_limit_quote"])
    service = User(id="U-kim", name="Kim", roles=("service",))

    mine = scene.host.save_quote(over, user="kim").verdict
    theirs = scene.host.before_quote_save(over, user=service)

    assert [each.code for each in mine.warnings] == ["credit.over_limit"]
    assert [each.code for each in mine.notes if each.code.startswith("credit")] == ["credit.told"]
    assert [each.message for each in theirs.warnings] == [
        "This would pass the customer's credit limit. It cannot be ordered before that is settled."
    ]
    assert not [each for each in theirs.notes if each.code.startswith("credit")]
