"""`crossdock demo --erp tryton`, as a person starts it."""

from __future__ import annotations

import pytest


@pytest.mark.full
def test_the_demonstration_takes_a_quote_to_cash_on_a_real_erp(crossdock, tryton_database):
    done = crossdock(
        "demo", "--once", "--erp", "tryton", "--scale", "0.05", "--seed", "20", "--port", "0",
        seconds=800,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Reference CRM and Tryton" in done.stdout
    assert "One order, placed once, shipped, invoiced and paid." in done.stdout
