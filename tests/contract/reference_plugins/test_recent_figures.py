"""Figures of a moment ago in the tabs, over the reference ERP and its change feed."""

from __future__ import annotations

import pytest

from crossdock import Table
from crossdock.host.gateway import RecentAnswers


@pytest.mark.dock("erp-tabs", "straight-through")
def test_a_tab_shows_what_was_read_a_moment_ago_until_the_erp_tells_of_a_change(dock):
    services = dock.host._calls.services
    services.recent = RecentAnswers(
        15,
        news=dock.host.store.news.since,
        now=services.now,
        store_clock=dock.host.store.clock,
    )
    account = dock.story["account"]
    dock.deliveries.begin()

    def orders():
        rendered = dock.host.render_tab("erp-tabs/orders", account, user=dock.user("sales"))
        tables = [each for each in rendered.view.components if isinstance(each, Table)]
        return [dict(row) for table in tables for row in table.rows], tables[0].provenance.as_of

    began = dock.clock.now
    rows, as_of = orders()
    assert as_of == began
    asked = len(dock.erp.calls("listSalesOrders"))
    assert asked
    dock.pass_time(seconds=10)
    assert orders() == (rows, began)  # as it was, and it says of when
    assert len(dock.erp.calls("listSalesOrders")) == asked

    # Somebody in the ERP ships: its feed tells, and every host hears of it.
    waiting = next(
        order.id
        for order in dock.host.erp.orders(
            dock.host.trading_accounts(dock.host.crm.account(account))[0]
        )
        if order.status == "confirmed"
    )
    dock.play("ship", waiting)
    assert orders() == (rows, began)
    dock.deliveries.run()
    shipped, as_of = orders()
    assert shipped != rows
    assert as_of == dock.clock.now
