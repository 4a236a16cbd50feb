"""Whatever happens, in whichever order: never a second order, and nothing that nobody knows of."""

import contextlib
import tempfile
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.errors import CrossdockError, PossiblyCreated
from crossdock.host.placements.placements import Placements
from crossdock.host.store import Store

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
STEPS = st.lists(st.tuples(OUTCOMES, st.integers(0, 12)), min_size=1, max_size=12)


def _play(new_erp, new_clock, died, customer, order, steps, *, keyed):
    clock = new_clock()
    erp = new_erp(clock, keyed=keyed)
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(f"sqlite:///{folder}/host.db", clock=clock) as store,
    ):
        placements = Placements(store, "crm", settle=timedelta(minutes=10))
        for outcome, minutes in [*steps, ("ok", 60), ("ok", 60)]:
            erp.outcomes = [outcome]
            with contextlib.suppress(CrossdockError, died):
                placements.place(erp, erp, customer, order, key="xd-1")
            clock.advance(minutes=minutes)
            erp._settle()
            assert len(erp.orders_made) <= 1
        held = False
        try:
            placements.place(erp, erp, customer, order, key="xd-1")
        except PossiblyCreated:
            held = True
        return erp, placements.get(order.id), held


@settings(deadline=None, max_examples=120)
@given(steps=STEPS)
def test_an_erp_without_keys_gets_one_order_or_the_question_is_held(
    new_erp_and_clock, died, customer, order, steps
):
    erp, placement, held = _play(*new_erp_and_clock, died, customer, order, steps, keyed=False)

    if held:
        assert placement.state == "possibly_created"
        assert erp.orders_made == []  # one that had been made would have been found
    else:
        assert placement.state == "acknowledged"
        assert [made.id for made in erp.orders_made] == [placement.erp_order_id]


@settings(deadline=None, max_examples=120)
@given(steps=STEPS)
def test_an_erp_with_keys_gets_exactly_one_order_in_the_end(
    new_erp_and_clock, died, customer, order, steps
):
    erp, placement, held = _play(*new_erp_and_clock, died, customer, order, steps, keyed=True)

    assert not held
    assert placement.state == "acknowledged"
    assert [made.id for made in erp.orders_made] == [placement.erp_order_id]
    assert set(erp.keys) == {"xd-1"}
