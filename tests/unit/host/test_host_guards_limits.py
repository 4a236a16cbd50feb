"""Guards that cause each other to be asked, and guards that use up the time of the others."""

import pytest

from crossdock.connectors.calling import DEPTH_HEADER, at_depth, depth
from crossdock.errors import RemoteRefused

SAVES_WHILE_IT_JUDGES = """
from crossdock import hookimpl

@hookimpl
def before_quote_save(ctx, quote):
    ctx.crm.save_quote(quote)
"""
SLOW = """
import time
from crossdock import hookimpl

@hookimpl
def before_quote_save():
    time.sleep({seconds})
"""
VETO = """
from crossdock import hookimpl, Veto

@hookimpl
def before_quote_save():
    return Veto("no")
"""


@pytest.fixture
def asking_crm(memory_crm):
    """A CRM that asks the host before each save, as one that embeds the host does."""

    class AskingCrm(memory_crm):
        def __init__(self):
            super().__init__()
            self.host = None
            self.depths = []

        def save_quote(self, quote):
            self.depths.append(depth())
            verdict = self.host.before_quote_save(quote, user="kim")
            if not verdict.allowed:
                raise RemoteRefused(verdict.objections[0].message, system="crm")
            return super().save_quote(quote)

    return AskingCrm()


@pytest.mark.parametrize(
    "isolation", ["inline"], indirect=True
)  # as deep as that takes processes long
def test_a_plugin_that_saves_in_its_own_save_hook_is_stopped_and_named(
    write_plugin, open_host, asking_crm, quote
):
    write_plugin("looper", SAVES_WHILE_IT_JUDGES, scopes=["crm.quotes:write"])
    host = asking_crm.host = open_host("looper", crm=asking_crm, policy={})

    verdict = host.before_quote_save(quote, user="kim")

    assert not verdict.allowed
    assert any("circles: the plugin looper saves" in each.message for each in verdict.objections)
    assert asking_crm.depths == [1, 2, 3, 4, 5, 6, 7, 8]
    assert asking_crm.quotes == {}  # no round of it was saved


@pytest.mark.parametrize(
    "isolation", ["inline"], indirect=True
)  # as deep as that takes processes long
def test_no_policy_lets_a_circle_pass(write_plugin, open_host, asking_crm, quote):
    write_plugin("looper", SAVES_WHILE_IT_JUDGES, scopes=["crm.quotes:write"])
    host = asking_crm.host = open_host(
        "looper", crm=asking_crm, policy={"before_quote_save": "open"}
    )

    verdict = host.before_quote_save(quote, user="kim")

    assert not verdict.allowed
    assert len(asking_crm.depths) == 8
    assert asking_crm.quotes == {}


def test_the_depth_of_a_question_that_comes_from_elsewhere_counts(write_plugin, open_host, quote):
    write_plugin("strict", VETO)
    host = open_host("strict")

    with at_depth(7):
        assert host.before_quote_save(quote, user="kim").vetoes
    with at_depth(8):
        circle = host.before_quote_save(quote, user="kim")

    assert not circle.vetoes
    assert "9 deep" in circle.faults[0].message
    assert DEPTH_HEADER == "X-Crossdock-Depth"


@pytest.mark.parametrize("isolation", ["inline"], indirect=True)  # in a process it is killed then
def test_a_guard_for_which_no_time_is_left_is_not_asked_and_the_slow_one_is_named(
    write_plugin, open_host, quote, deadlines
):
    write_plugin("slow", SLOW.format(seconds=0.3))
    write_plugin("late", VETO)
    host = open_host("slow", "late", deadlines=deadlines(guard=0.2))

    verdict = host.before_quote_save(quote, user="kim")

    assert not verdict.allowed
    assert not verdict.vetoes
    assert [fault.plugin_id for fault in verdict.faults] == ["late"]
    assert "the slowest was slow with 0.3 s" in verdict.faults[0].message
