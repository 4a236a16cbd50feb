"""What is there for each line and when all of it can be: told, promised, judged (C2)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from attrs import evolve

from crossdock import Amend, Inform, RequireApproval, Veto, Warn
from crossdock.errors import NotFound
from crossdock.records import Availability, Quote, QuoteLine, Receipt, TradingAccount
from crossdock_plugins.stock_promise import plugin

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SETTINGS = {"short": "warn", "late": "ignore", "late_days": 14, "tell": True, "role": "manager"}
SOON, LATER = date(2026, 11, 25), date(2026, 12, 31)


class Warehouse:
    """A context with an ERP that has ten of GOODS; twenty come, promises follow from that."""

    def __init__(self, *, capabilities=("stock",), deadline=5.0, promise=SOON, **settings):
        self.config = {**SETTINGS, **settings}
        self.now, self.deadline = NOW, deadline
        self.asked = []
        self._promise = promise
        self.crm = SimpleNamespace(account=lambda _id: None)
        port = SimpleNamespace(capabilities=frozenset(capabilities), stock=self.stock)
        self.erp = SimpleNamespace(using=lambda _system: port)

    def trading_account(self, _account, _ref):
        return TradingAccount(id="C-1", system="main", name="Nordhafen", currency="EUR")

    def stock(self, item_id, quantity):
        self.asked.append((item_id, quantity))
        if item_id != "GOODS":
            raise NotFound(f"{item_id} is not kept in stock", system="main", status=404)
        return Availability(
            item_id=item_id,
            asked=quantity,
            on_hand=Decimal(12),
            reserved=Decimal(2),
            available=Decimal(10),
            incoming=(Receipt(due_on=SOON, quantity=Decimal(20)),),
            promised_on=NOW.date() if quantity <= 10 else self._promise,
        )


def quote(*lines, **given):
    made = tuple(
        QuoteLine(number=n, item_id=item, quantity=Decimal(quantity), **given)
        for n, (item, quantity) in enumerate(lines, 1)
    )
    return Quote(id="Q-1", account_id="A-1", currency="EUR", lines=made)


def of_kind(decisions, kind):
    return [(each.field, each.message) for each in decisions if isinstance(each, kind)]


def test_each_line_tells_what_is_there_and_gets_a_promise():
    found = plugin.before_quote_save(Warehouse(), quote(("GOODS", 4)))

    (told,) = of_kind(found, Inform)
    assert told == (
        "lines.0.promised_on",
        "12 on hand, 2 reserved, 20 come on 25 Nov 2026, all of it today.",
    )
    (amend,) = [each for each in found if isinstance(each, Amend)]
    assert amend.record.lines[0].promised_on == NOW.date()


def test_lines_of_one_item_share_its_stock():
    warehouse = Warehouse()

    found = plugin.before_quote_save(warehouse, quote(("GOODS", 8), ("GOODS", 5)))

    assert warehouse.asked == [("GOODS", 13)]
    assert of_kind(found, Warn) == [
        ("lines.1.quantity", "2 of 5 are free to promise; all of it by 25 Nov 2026.")
    ]


def test_however_many_lines_an_item_has_it_is_asked_for_once():
    warehouse = Warehouse()
    lines = [("GOODS" if n % 2 else "SERVICE", 1) for n in range(60)]

    found = plugin.before_quote_save(warehouse, quote(*lines))

    assert warehouse.asked == [("SERVICE", 30), ("GOODS", 30)]
    (amend,) = [each for each in found if isinstance(each, Amend)]
    promised = [line.promised_on for line in amend.record.lines if line.item_id == "GOODS"]
    assert promised == [NOW.date()] * 10 + [SOON] * 20


def test_an_erp_that_names_no_days_is_given_none_and_one_that_does_names_those_it_can():
    def promised(warehouse):
        found = plugin.before_quote_save(warehouse, quote(("GOODS", 8), ("GOODS", 99)))
        changed = [each.record for each in found if isinstance(each, Amend)]
        return [line.promised_on for record in changed for line in record.lines]

    class Silent(Warehouse):
        def stock(self, item_id, quantity):
            return evolve(super().stock(item_id, quantity), promised_on=None)

    assert promised(Warehouse(promise=None)) == [NOW.date(), None]
    assert promised(Silent()) == []


def test_where_the_erp_promises_by_a_calendar_of_its_own_no_day_is_sooner_than_its():
    found = plugin.before_quote_save(Warehouse(promise=LATER), quote(("GOODS", 12), ("GOODS", 5)))

    (amend,) = [each for each in found if isinstance(each, Amend)]
    assert [line.promised_on for line in amend.record.lines] == [LATER, LATER]


def test_a_promise_of_the_erps_pricing_stays():
    found = plugin.before_quote_save(Warehouse(), quote(("GOODS", 4), promised_on=LATER))

    assert not [each for each in found if isinstance(each, Amend)]


def test_what_is_not_kept_in_stock_is_passed_over_and_asked_for_once():
    warehouse = Warehouse()

    assert plugin.before_quote_save(warehouse, quote(("SERVICE", 4), ("SERVICE", 1))) == []
    assert warehouse.asked == [("SERVICE", 5)]


@pytest.mark.parametrize(
    ("weight", "kind"), [("stop", Veto), ("approve", RequireApproval), ("warn", Warn)]
)
def test_what_is_short_or_late_meets_what_its_setting_says(weight, kind):
    short = plugin.before_order_promote(Warehouse(short=weight), quote(("GOODS", 11)))
    late = plugin.before_order_promote(
        Warehouse(short="ignore", late=weight, promise=LATER), quote(("GOODS", 11))
    )

    assert [(type(each), each.code) for each in short] == [(kind, "stock.short")]
    assert [(type(each), each.code) for each in late] == [(kind, "stock.late")]
    nobody = plugin.before_order_promote(
        Warehouse(short="ignore", late=weight, promise=None), quote(("GOODS", 11))
    )
    assert [each.code for each in nobody] == ["stock.late"]


def test_an_erp_that_does_not_tell_its_stock_is_said_not_to():
    found = plugin.before_quote_save(Warehouse(capabilities=()), quote(("GOODS", 1)))

    assert [(type(each), each.code) for each in found] == [(Inform, "stock.unknown")]


def test_without_time_the_rest_is_told_as_not_looked_up():
    warehouse = Warehouse(deadline=0.1)

    found = plugin.before_quote_save(warehouse, quote(("GOODS", 99)))

    assert warehouse.asked == []
    assert "no time to ask" in of_kind(found, Inform)[0][1]


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_on_the_erp_itself(open_scene):
    scene = open_scene("straight-through", "stock-promise")
    quote = scene.host.crm.quote(scene.story["quote"])

    saved = scene.host.save_quote(quote, user="kim")

    told = [each for each in saved.verdict.notes if each.code == "stock.told"]
    assert told
    assert all("on hand" in each.message for each in told)
    assert all(line.promised_on for line in saved.quote.lines)
