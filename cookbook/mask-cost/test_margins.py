from pathlib import Path

import pytest

from crossdock import Percent, Unknown
from crossdock.render.json import view_document
from crossdock.testing import a_quote, of

MARGINS = Path(__file__).parent / "margins"
ROLES = {
    "sales": {"scopes": ["*"], "fields": ["credit"]},
    "manager": {"scopes": ["*"], "fields": ["cost", "margin", "credit"]},
}
pytestmark = pytest.mark.dock("straight-through", MARGINS, roles=ROLES)


@pytest.fixture
def quoted(dock):
    """The account of a quote that was just saved, and what its item costs."""
    account = dock.story["account"]
    dock.save(a_quote(account, of(2, "BRG-1001")))
    return account, dock.host.erp.item("BRG-1001").cost


def test_a_manager_sees_what_a_quote_leaves(dock, quoted):
    account, cost = quoted
    (row,) = dock.open_tab("margins/margins", account, by="manager").view.components[0].rows
    assert row["cost"] == cost * 2
    assert row["margin"] == Percent(1 - row["cost"].amount / row["net"].amount)


def test_a_salesperson_sees_the_price_and_nothing_of_the_cost(dock, quoted):
    account, cost = quoted
    tab = dock.open_tab("margins/margins", account, by="sales")
    assert tab.fault is None
    (row,) = tab.view.components[0].rows
    assert row["net"]
    sent = str(view_document(tab.view))
    assert str((cost * 2).amount) not in sent
    assert {type(row["cost"]), type(row["margin"])} == {Unknown}
