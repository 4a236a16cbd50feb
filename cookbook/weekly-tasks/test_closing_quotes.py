from datetime import timedelta
from pathlib import Path

import pytest

from crossdock.testing import a_quote, of

CLOSING_QUOTES = Path(__file__).parent / "closing-quotes"
pytestmark = pytest.mark.dock(CLOSING_QUOTES)


def told(dock):
    tasks = dock.host.crm.activities(dock.story["account"])
    return [each.subject for each in tasks if each.subject.startswith("Quote ")]


def test_a_quote_is_told_of_in_the_week_before_it_ends(dock):
    today = dock.clock.now.date()
    monday = today + timedelta(days=7 - today.weekday())
    ends = monday + timedelta(days=10)
    goods = of(1, "BRG-1001")
    quote = dock.save(a_quote(dock.story["account"], goods, valid_until=ends)).quote

    dock.pass_time(days=(monday - today).days)
    dock.deliveries.run()
    assert f"Quote {quote.id} ends on {ends}" not in told(dock)  # ten days are left

    dock.pass_time(days=7)
    dock.deliveries.run()
    assert told(dock).count(f"Quote {quote.id} ends on {ends}") == 1

    dock.pass_time(hours=1)
    dock.deliveries.run()
    assert told(dock).count(f"Quote {quote.id} ends on {ends}") == 1
