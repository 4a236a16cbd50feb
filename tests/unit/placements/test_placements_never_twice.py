"""Whatever happens, in whichever order: never a second order, and nothing that nobody knows of."""

import contextlib
import itertools
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.errors import CrossdockError, PossiblyCreated
from crossdock.host.placements.placements import Placements

OUTCOMES = st.sampled_from(
    [
        "ok",
        "refused",
        "not reached",
        "lost before",
        "lost after",
        "late",
        "died before",
        "died after",
    ]
)
# Each example is an order of its own, so that none has to wait for a store to be made.
_IN_ONE_STORE = settings(
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
STEPS = st.lists(st.tuples(OUTCOMES, st.integers(0, 12)), min_size=1, max_size=12)


@pytest.fixture
def play(store, clock, new_erp, died, customer, order):
    """Play what happens to one order after the other, all in one store."""
    placements = Placements(store, "crm", settle=timedelta(minutes=10))
    numbers = itertools.count(1)

    def play_(steps, *, keyed):
        erp = new_erp(clock, keyed=keyed)
        own = evolve(order, id=f"R-{next(numbers)}")
        for outcome, minutes in [*steps, ("ok", 60), ("ok", 60)]:
            erp.outcomes = [outcome]
            with contextlib.suppress(CrossdockError, died):
                placements.place(erp, erp, customer, own, key=own.id)
            clock.advance(minutes=minutes)
            erp._settle()
            assert len(erp.orders_made) <= 1
        held = False
        try:
            placements.place(erp, erp, customer, own, key=own.id)
        except PossiblyCreated:
            held = True
        return erp, placements.get(own.id), held

    return play_


@_IN_ONE_STORE
@given(steps=STEPS)
def test_an_erp_without_keys_gets_one_order_or_the_question_is_held(play, steps):
    erp, placement, held = play(steps, keyed=False)

    if held:
        assert placement.state == "possibly_created"
        assert erp.orders_made == []  # one that had been made would have been found
    else:
        assert placement.state == "acknowledged"
        assert [made.id for made in erp.orders_made] == [placement.erp_order_id]


@_IN_ONE_STORE
@given(steps=STEPS)
def test_an_erp_with_keys_gets_exactly_one_order_in_the_end(play, steps):
    erp, placement, held = play(steps, keyed=True)

    assert not held
    assert placement.state == "acknowledged"
    assert [made.id for made in erp.orders_made] == [placement.erp_order_id]
    assert set(erp.keys) == {placement.reference}
