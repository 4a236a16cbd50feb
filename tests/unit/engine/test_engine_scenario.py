"""A scenario: several systems, one clock."""

from datetime import UTC, datetime, timedelta

import pytest

from crossdock_mocks.engine import TableSpec, World
from crossdock_mocks.engine.scenario import Scenario

AT = datetime(2026, 5, 6, tzinfo=UTC)


@pytest.fixture
def scenario():
    made = Scenario(*(World([TableSpec("rows")], now=AT, name=name) for name in ("crm", "erp")))
    made.seal()
    return made


def test_who_moves_the_clock_moves_it_for_all(scenario):
    scenario["erp"].clock.advance(timedelta(days=1))
    assert [each.now for each in scenario] == [AT + timedelta(days=1)] * 2
    scenario["crm"].table("rows").insert({"id": 1})
    scenario.reset()
    assert [(each.now, len(each.table("rows"))) for each in scenario] == [(AT, 0)] * 2


def test_a_fork_of_a_scenario_has_a_clock_of_its_own(scenario):
    scenario["crm"].table("rows").insert({"id": 1})
    present, sealed = scenario.fork("a"), scenario.fork("b", sealed=True)
    present.clock.advance(timedelta(hours=1))
    assert [each.name for each in present] == ["a-crm", "a-erp"]
    assert {each.now for each in present} == {AT + timedelta(hours=1)}
    assert {each.now for each in (*scenario, *sealed)} == {AT}
    assert len(present["a-crm"].table("rows")) == 1
    assert len(sealed["b-crm"].table("rows")) == 0


def test_a_scenario_has_worlds_each_of_another_name():
    with pytest.raises(ValueError, match="each of another name"):
        Scenario()
    with pytest.raises(ValueError, match="each of another name"):
        Scenario(World(), World())
