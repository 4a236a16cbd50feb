from datetime import date, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock import Badge, Chart, Fields, Link, Metrics, Money, Notice, Table, Unknown
from crossdock_plugins.erp_tabs.aging import aging_view
from crossdock_plugins.erp_tabs.credit import credit_view
from crossdock_plugins.erp_tabs.invoices import invoices_view
from crossdock_plugins.erp_tabs.orders import orders_view
from crossdock_plugins.erp_tabs.sales import sales_view

DUE = {"basis": "due"}


def texts(view, shop):
    return " ".join(f"{n.title} {n.text}" for n in shop.components(view, Notice))


# Sales history.


def test_sales_are_invoices_less_credit_notes_by_month_with_years_side_by_side(erp, shop):
    erp.invoice("IN-1", 100, date(2025, 3, 31), tax=20)
    erp.invoice("IN-2", 50, date(2026, 3, 1), tax=10)
    erp.credit_note("CN-1", 20, date(2026, 3, 9))

    view = sales_view(shop.Ctx(erp), shop.account, {"basis": "invoices", "years": Decimal(3)})

    (table,) = shop.components(view, Table)
    march = table.rows[2]
    assert (erp.money(100), erp.money(30)) == (march["2025"].value, march["2026"].value)
    assert march["2026"].target == "tab/erp-tabs/invoices"
    assert march["2026"].params == {
        "since": "2026-03-01", "until": "2026-03-31", "trading_account": "main:C-1",
    }  # fmt: skip
    assert Decimal("-0.7") == march["change"].fraction
    assert erp.money(30) == table.total["2026"]
    (chart,) = shop.components(view, Chart)
    assert [series.label for series in chart.series] == ["2025", "2026"]
    assert Decimal(30) == chart.series[1].values[2]
    assert chart.series[1].values[11] is None
    assert chart.currency == "GBP"


def test_only_as_many_years_are_shown_as_were_asked_for(erp, shop):
    for year in range(2020, 2027):
        erp.invoice(f"IN-{year}", 10, date(year, 1, 5))

    view = sales_view(shop.Ctx(erp), shop.account, {"years": Decimal(2)})

    assert [s.label for s in shop.components(view, Chart)[0].series] == ["2025", "2026"]


def test_the_running_month_is_not_compared_with_a_whole_one(erp, shop):
    erp.invoice("IN-1", 100, date(2025, 11, 30))
    erp.invoice("IN-2", 10, date(2026, 11, 2))

    view = sales_view(shop.Ctx(erp), shop.account, {"years": 2})

    (table,) = shop.components(view, Table)
    assert table.rows[10].get("change") is None


def test_orders_are_the_other_basis(erp, shop):
    erp.invoice("IN-1", 999, date(2026, 5, 5))
    erp.order("SO-1", {"quantity": 4, "net": erp.money(80)}, ordered_on=date(2026, 5, 5))

    view = sales_view(shop.Ctx(erp), shop.account, {"basis": "orders", "years": 1})

    (table,) = shop.components(view, Table)
    assert erp.money(80) == table.rows[4]["2026"].value
    assert table.rows[4]["2026"].target == "tab/erp-tabs/orders"
    assert "invoices" not in erp.asked


def test_a_declining_trend_is_flagged_with_its_p_value(erp, shop):
    for back in range(24):
        month = (shop.today.replace(day=1) - timedelta(days=1 + 30 * back)).replace(day=3)
        erp.invoice(f"IN-{back}", 100 + 10 * back, month)

    view = sales_view(shop.Ctx(erp), shop.account, {})

    assert "Sales are declining" in texts(view, shop)
    assert "p < 0.001" in texts(view, shop)
    assert Badge("falling", "bad") == shop.metrics_of(view)["Trend"].value


def test_a_short_history_claims_no_trend(erp, shop):
    erp.invoice("IN-1", 100, date(2026, 9, 1))

    view = sales_view(shop.Ctx(erp), shop.account, {})

    assert "too early" in shop.metrics_of(view)["Trend"].value.text
    assert isinstance(shop.metrics_of(view)["Change"].value, Unknown)


def test_currencies_stand_in_sections_of_their_own_and_accounts_of_one_currency_add_up(shop):
    main, uk, de = shop.Erp("main"), shop.Erp("uk", id="C-2"), shop.Erp("de", "EUR", id="C-3")
    for each in (main, uk, de):
        each.invoice("IN-1", 100, date(2026, 2, 2))

    view = sales_view(shop.Ctx(main, uk, de), shop.account, {"years": 1})

    pounds, euros = shop.components(view, Table)
    assert Money("100", "EUR") == euros.total["2026"]
    assert Money("200", "GBP") == pounds.total["2026"]
    assert (
        pounds.provenance.source,
        pounds.provenance.trading_account,
    ) == ("main, uk", "C-1, C-2")


def test_sales_without_their_credit_notes_are_not_shown_at_all(erp, shop):
    erp.invoice("IN-1", 100, date(2026, 2, 2))
    erp.failing["credit_notes"] = shop.away("main")

    view = sales_view(shop.Ctx(erp), shop.account, {})

    assert shop.components(view, Table) == []
    assert "credit notes" in texts(view, shop).lower()


def test_nothing_ever_sold_is_said_in_words(erp, shop):
    view = sales_view(shop.Ctx(erp), shop.account, {})

    assert "Nothing was ever invoiced" in texts(view, shop)


# Aging.


def test_aging_shows_buckets_per_trading_account_and_the_documents_behind_them(erp, shop):
    erp.invoice("IN-1", 100, shop.days_ago(75), due_in=30, reference="PO 7")
    erp.invoice("IN-2", 40, shop.days_ago(5))
    erp.credit_note("CN-1", 15, shop.days_ago(1))

    view = aging_view(shop.Ctx(erp), shop.account, DUE)

    buckets, documents = shop.components(view, Table)
    (row,) = buckets.rows
    assert (erp.money(40), erp.money(0), erp.money(100)) == (
        row["current"].value,
        row["1-30"],
        row["31-60"].value,
    )
    assert row["31-60"].params == {
        "as_of": "2026-11-21", "basis": "due", "documents-GBP.find": "31-60",
    }  # fmt: skip
    assert (erp.money(-15), erp.money(125)) == (row["unapplied"].value, row["balance"])
    assert [each["document"].text for each in documents.rows] == ["IN-1", "IN-2", "CN-1"]
    assert documents.rows[0]["days"] == 45
    assert Link("IN-1", "invoice/IN-1", {"system": "main"}) == documents.rows[0]["document"]
    assert Badge("31-60", "warning") == documents.rows[0]["bucket"]
    assert erp.money(125) == documents.total["open"]
    assert shop.today == buckets.provenance.as_of
    assert erp.money(100) == shop.metrics_of(view)["Past due"].value


def test_aging_as_of_an_earlier_day_shows_what_was_open_then(erp, shop):
    erp.invoice("IN-1", 100, shop.days_ago(60), open=0)
    erp.payment("PY-1", 100, shop.days_ago(10), for_invoice="IN-1")

    now = aging_view(shop.Ctx(erp), shop.account, DUE)
    then = aging_view(shop.Ctx(erp), shop.account, DUE | {"as_of": shop.days_ago(11)})

    assert erp.money(0) == shop.metrics_of(now)["Balance"].value
    assert erp.money(100) == shop.metrics_of(then)["Balance"].value
    assert "posted after this day comes to -100.00 GBP" in texts(then, shop)


@pytest.mark.parametrize("basis", ["posted", "issued"])
def test_by_another_day_nothing_is_current_or_past_due(erp, shop, basis):
    erp.invoice("IN-1", 100, shop.days_ago(5))

    view = aging_view(shop.Ctx(erp), shop.account, {"basis": basis})

    table = shop.components(view, Table)[0]
    assert erp.money(100) == table.rows[0]["0-30"].value
    assert "current" not in table.rows[0]
    assert "Past due" not in shop.metrics_of(view)


def test_an_account_that_cannot_be_read_has_a_row_that_says_so_and_the_total_too(erp, shop):
    uk = shop.Erp("uk", id="C-2")
    de = shop.Erp("de", id="C-3")
    for each in (erp, uk, de):
        each.invoice("IN-1", 100, shop.days_ago(5))
    de.failing["payments"] = shop.away("de")

    view = aging_view(shop.Ctx(erp, uk, de), shop.account, DUE)

    table = shop.components(view, Table)[0]
    assert Unknown("could not be read") == table.rows[2]["balance"]
    assert ("Total of what is known", Money("200", "GBP")) == (
        table.total["whose"],
        table.total["balance"],
    )


def test_documents_of_several_accounts_stand_in_one_order_of_age(erp, shop):
    uk = shop.Erp("uk", id="C-2")
    erp.invoice("IN-1", 100, shop.days_ago(45))
    uk.invoice("IN-1", 30, shop.days_ago(99))
    erp.invoice("IN-2", 50, shop.days_ago(130))

    view = aging_view(shop.Ctx(erp, uk), shop.account, DUE)

    documents = shop.components(view, Table)[1]
    assert [(row["whose"], row["document"].text) for row in documents.rows] == [
        ("main:C-1", "IN-2"),
        ("uk:C-2", "IN-1"),
        ("main:C-1", "IN-1"),
    ]


def test_an_open_amount_that_applications_do_not_explain_is_named(erp, shop):
    erp.invoice("IN-1", 100, shop.days_ago(5), open=60)

    view = aging_view(shop.Ctx(erp), shop.account, DUE)

    assert "Invoice IN-1" in texts(view, shop)
    assert "60.00 GBP" in texts(view, shop)


# Credit.


def test_credit_shows_what_the_exposure_is_made_of(erp, shop):
    view = credit_view(shop.Ctx(erp), shop.account, {})

    (table,) = shop.components(view, Table)
    composition = {row["part"]: row["amount"] for row in table.rows}
    assert erp.money(300) == composition["Balance of the ledger"]
    assert erp.money(500) == sum(composition.values(), start=erp.money(0))
    assert erp.money(500) == table.total["amount"]
    terms = dict(shop.components(view, Fields)[0].items)
    assert terms["Payment terms"] == "30 days net"
    assert erp.money(500) == shop.metrics_of(view)["Available"].value


def test_unlimited_credit_is_said_as_such(erp, shop):
    erp.status = evolve(erp.status, unlimited=True, limit=None, available=None)

    found = shop.metrics_of(credit_view(shop.Ctx(erp), shop.account, {}))

    assert "Unlimited" == found["Credit limit"].value == found["Available"].value


def test_masked_credit_is_said_to_be_not_visible_and_never_zero(erp, shop):
    names = (
        "limit",
        "balance",
        "shipped_not_invoiced",
        "open_orders",
        "exposure",
        "available",
        "past_due",
    )
    erp.status = evolve(erp.status, **dict.fromkeys(names))

    view = credit_view(shop.Ctx(erp), shop.account, {})

    found = shop.metrics_of(view)
    for label in ("Credit limit", "Exposure", "Available", "Past due"):
        assert Unknown("not visible to you") == found[label].value
    (table,) = shop.components(view, Table)
    assert {Unknown("not visible to you")} == {row["amount"] for row in (*table.rows, table.total)}


def test_a_hold_and_a_passed_limit_are_said_first(erp, shop):
    erp.status = evolve(erp.status, on_hold=True, hold_reason="unpaid since May")
    held = credit_view(shop.Ctx(erp), shop.account, {})
    erp.status = evolve(
        erp.status, on_hold=False, exposure=erp.money(1500), available=erp.money(-500)
    )
    over = credit_view(shop.Ctx(erp), shop.account, {})

    assert isinstance(held.components[0], Notice)
    assert "unpaid since May" in held.components[0].text
    assert "over its credit limit" in over.components[0].text
    assert erp.money(-500) == shop.metrics_of(over)["Available"].value


def test_goods_that_came_back_count_against_the_exposure(erp, shop):
    erp.status = evolve(erp.status, returns_not_credited=erp.money(40))

    (table,) = shop.components(credit_view(shop.Ctx(erp), shop.account, {}), Table)

    assert {"part": "Returned, not credited", "amount": erp.money(-40)} == table.rows[-1]


# Orders.


def test_late_lines_come_first_and_are_flagged(erp, shop):
    erp.order("SO-1", {"quantity": 5, "back_ordered": 5, "promised_on": shop.today})
    erp.order("SO-2", {"quantity": 5, "reserved": 5, "promised_on": shop.days_ago(2)})
    erp.order("SO-3", {"quantity": 5, "back_ordered": 5, "promised_on": shop.days_ago(9)})
    erp.order("SO-4", {"quantity": 5, "shipped": 5, "promised_on": shop.days_ago(9)})

    view = orders_view(shop.Ctx(erp), shop.account, {"show": "open"})

    (table,) = shop.components(view, Table)
    assert [row["order"].text for row in table.rows] == ["SO-3 / 1", "SO-2 / 1", "SO-1 / 1"]
    assert (Badge("late, back-ordered", "bad"), 9) == (
        table.rows[0]["status"],
        table.rows[0]["late"],
    )
    assert table.rows[2]["late"] is None
    assert "promised 9 days ago" in texts(view, shop)


def test_all_orders_show_finished_and_cancelled_ones_too(erp, shop):
    erp.order("SO-1", {"quantity": 5, "shipped": 5, "invoiced": 5})
    erp.order("SO-2", {"quantity": 5}, status="cancelled")

    some = orders_view(shop.Ctx(erp), shop.account, {"show": "open"})
    everything = orders_view(shop.Ctx(erp), shop.account, {"show": "all"})

    assert shop.components(some, Table)[0].rows == ()
    assert [row["status"].text for row in shop.components(everything, Table)[0].rows] == [
        "invoiced",
        "cancelled",
    ]


def test_a_held_order_says_so_on_its_lines(erp, shop):
    erp.order("SO-1", {"quantity": 5, "reserved": 5}, status="on_hold")

    view = orders_view(shop.Ctx(erp), shop.account, {})

    (table,) = shop.components(view, Table)
    assert Badge("on hold", "warning") == table.rows[0]["status"]
    assert Unknown("not promised") == table.rows[0]["promised"]
    assert shop.metrics_of(view)["Orders held"].value == 1


# Invoices.


def test_invoices_tell_their_payment_status_and_what_was_paid(erp, shop):
    erp.invoice("IN-1", 100, shop.days_ago(90), tax=20, open=0, reference="PO 7")
    erp.invoice("IN-2", 100, shop.days_ago(50), open=60)
    erp.invoice("IN-3", 100, shop.days_ago(3))
    erp.invoice("IN-4", 100, shop.days_ago(2), open=60)
    erp.payment("PY-1", 120, shop.days_ago(60), for_invoice="IN-1")
    erp.payment("PY-2", 40, shop.days_ago(1), for_invoice="IN-4")

    view = invoices_view(shop.Ctx(erp), shop.account, {"show": "all"})

    table, payments = shop.components(view, Table)
    status = {row["document"].text: row["status"] for row in table.rows}
    assert list(status) == ["IN-4", "IN-3", "IN-2", "IN-1"]
    assert Badge("paid", "good") == status["IN-1"]
    assert Badge("20 days overdue", "bad") == status["IN-2"]
    assert Badge("open", "neutral") == status["IN-3"]
    assert Badge("partly paid", "info") == status["IN-4"]
    first = table.rows[3]
    assert (erp.money(120), shop.days_ago(60)) == (first["paid"], first["paid_on"])
    assert first["reference"] == "PO 7"
    assert [row["invoices"] for row in payments.rows] == ["IN-1", "IN-4"]


def test_credit_notes_stand_among_the_invoices_with_their_sign(erp, shop):
    erp.invoice("IN-1", 100, shop.days_ago(9))
    erp.credit_note("CN-1", 30, shop.days_ago(2), invoice_id="IN-1")

    view = invoices_view(shop.Ctx(erp), shop.account, {})

    note = shop.components(view, Table)[0].rows[0]
    assert ("CN-1", erp.money(-30), "credit for IN-1") == (
        note["document"].text,
        note["gross"],
        note["reference"],
    )


def test_only_overdue_invoices_may_be_shown(erp, shop):
    erp.invoice("IN-1", 100, shop.days_ago(90))
    erp.invoice("IN-2", 100, shop.days_ago(3))
    erp.credit_note("CN-1", 30, shop.days_ago(2))

    view = invoices_view(shop.Ctx(erp), shop.account, {"show": "overdue"})

    (table,) = shop.components(view, Table)
    assert [row["document"].text for row in table.rows] == ["IN-1"]


def test_payments_that_cannot_be_read_leave_the_invoices_and_no_zero(erp, shop):
    erp.invoice("IN-1", 100, shop.days_ago(9))
    erp.failing["payments"] = shop.away("main")

    view = invoices_view(shop.Ctx(erp), shop.account, {})

    (table,) = shop.components(view, Table)
    assert Unknown("could not be read") == table.rows[0]["paid"]


def test_the_days_to_pay_are_a_median_over_settled_invoices(erp, shop):
    for number, days in enumerate((10, 20, 90)):
        paid = erp.application("PY", f"IN-{number}", shop.days_ago(100 - days), 100)
        erp.invoice(f"IN-{number}", 100, shop.days_ago(100), open=0, paid=[paid])

    view = invoices_view(shop.Ctx(erp), shop.account, {})

    assert shop.metrics_of(view)["Days to pay"].value == 20


@pytest.mark.parametrize("show", ["all", "open", "overdue"])
def test_an_empty_list_is_said_in_words(erp, shop, show):
    view = invoices_view(shop.Ctx(erp), shop.account, {"show": show})

    table = shop.components(view, Table)[0]
    assert table.rows == ()
    assert table.empty
    assert shop.components(view, Metrics)
