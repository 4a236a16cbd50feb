"""One order of each placement, whatever is lost on the way."""

from datetime import timedelta

import pytest
from attrs import evolve

from crossdock.errors import (
    OutcomeUnknown,
    PlacementConflict,
    PossiblyCreated,
    RemoteMisbehaved,
    RemoteRefused,
    RemoteUnavailable,
)
from crossdock.records import Acknowledgement


def test_an_order_is_placed_and_asking_again_gives_it_without_another_sending(
    placements, place, erp
):
    first, again = place(erp), place(erp)

    assert (first.order.id, again.order.id) == ("SO-1", "SO-1")
    assert again.replayed
    assert len(erp.keys) == 1
    assert placements.get("R-1").state == "acknowledged"
    assert placements.get("R-1").erp_order_id == "SO-1"


def test_the_intent_and_the_sending_are_stored_before_the_call(placements, place, erp, died):
    erp.outcomes = ["died before"]
    with pytest.raises(died):
        place(erp)

    placement = placements.get("R-1")
    assert placement.state == "sent"
    assert placement.sent_at is not None


@pytest.mark.parametrize("outcome", ["lost after", "died after"])
def test_an_order_whose_answer_was_lost_is_found_and_not_sent_again(place, erp, died, outcome):
    erp.outcomes = [outcome]
    with pytest.raises((RemoteUnavailable, died)):
        place(erp)

    assert place(erp).order.id == "SO-1"
    assert len(erp.orders_made) == 1
    assert len(erp.keys) == 1


def test_with_a_key_one_that_is_not_found_is_sent_again_with_the_same_key(place, keyed):
    keyed.outcomes = ["lost before"]
    with pytest.raises(RemoteUnavailable):
        place(keyed)

    assert place(keyed).order.id == "SO-1"
    assert keyed.keys == ["xd-1", "xd-1"]


def test_with_a_key_a_commit_behind_the_look_up_makes_no_second_order(place, keyed, clock):
    keyed.outcomes = ["late"]
    with pytest.raises(RemoteUnavailable):
        place(keyed)
    place(keyed)  # not found, so sent again
    clock.advance(minutes=5)  # now the first one commits too

    assert place(keyed).order.id == "SO-1"
    assert len(keyed.orders_made) == 1


def test_without_a_key_a_late_commit_is_waited_for_and_found(placements, place, keyless, clock):
    keyless.outcomes = ["late"]
    with pytest.raises(RemoteUnavailable):
        place(keyless)
    with pytest.raises(OutcomeUnknown, match="not sent again meanwhile"):
        place(keyless)
    clock.advance(minutes=5)

    assert place(keyless).order.id == "SO-1"
    assert len(keyless.keys) == 1


def test_without_a_key_one_that_never_shows_is_possibly_created_with_its_evidence(
    placements, place, keyless, clock
):
    keyless.outcomes = ["lost before"]
    with pytest.raises(RemoteUnavailable):
        place(keyless)
    clock.advance(minutes=11)

    with pytest.raises(PossiblyCreated, match="say whether it is there; it is not sent") as held:
        place(keyless)

    assert (held.value.system, held.value.reference) == ("main", "R-1")
    assert [line.split(" UTC ")[1] for line in held.value.evidence] == [
        "sent; the ERP keeps no keys",
        "no answer: no answer",
        "looked for by its reference, not found",
        "not found by 2026-11-20 09:11:00 UTC; it is not looked for any longer",
    ]
    assert [each.reference for each in placements.list(states=["possibly_created"])] == ["R-1"]
    assert len(keyless.keys) == 1


def test_a_commit_after_it_was_held_settles_it_when_the_erp_tells_of_it(
    placements, place, keyless, clock
):
    keyless.outcomes = ["late"]
    with pytest.raises(RemoteUnavailable):
        place(keyless)
    # Held early, as by a host with an impatient policy, before the commit shows.
    placements._settle = timedelta(0)
    with pytest.raises(PossiblyCreated):
        place(keyless)
    clock.advance(minutes=5)
    (late,) = keyless.orders_by_reference("R-1")

    assert placements.seen(late)
    assert placements.get("R-1").state == "acknowledged"
    assert place(keyless).order.id == "SO-1"
    assert len(keyless.orders_made) == 1


def test_what_the_erp_tells_during_the_last_look_up_is_taken_and_not_held(
    placements, place, keyless, clock, monkeypatch
):
    keyless.outcomes = ["lost after"]
    with pytest.raises(RemoteUnavailable):
        place(keyless)
    clock.advance(minutes=11)

    def missed_it(reference):
        (order,) = keyless.orders_made
        placements.seen(order)
        return []

    monkeypatch.setattr(keyless, "orders_by_reference", missed_it)
    assert place(keyless).order.id == "SO-1"
    assert placements.get("R-1").state == "acknowledged"
    assert len(keyless.keys) == 1


def test_what_the_erp_tells_while_the_placement_is_being_held_is_not_lost(
    placements, place, keyless, clock, monkeypatch
):
    keyless.outcomes = ["lost after"]
    with pytest.raises(RemoteUnavailable):
        place(keyless)
    find, told = placements._rows.find, []

    def find_just_before_it_is_held(crm, reference):
        found = find(crm, reference)
        if not told:
            told.append(found)
            placements._rows.move(found, "possibly_created", "not found")
        return found

    monkeypatch.setattr(placements._rows, "find", find_just_before_it_is_held)
    assert placements.seen(*keyless.orders_made)
    assert placements.get("R-1").state == "acknowledged"


def test_an_order_of_another_customer_with_the_same_reference_settles_nothing(
    placements, place, keyless, clock, order
):
    keyless._commit(evolve(order, reference="R-1", customer_id="C-other"), "")
    keyless.outcomes = ["lost before"]
    with pytest.raises(RemoteUnavailable):
        place(keyless)
    with pytest.raises(OutcomeUnknown):
        place(keyless)

    assert not placements.seen(keyless.orders_made[0])
    assert placements.get("R-1").state == "sent"


def test_an_order_of_another_crm_with_the_same_reference_is_not_ours(
    placements, place, keyless, clock, order
):
    keyless._commit(
        evolve(order, reference="R-1", customer_id="C-1", external_ids={"front": "R-1"}), ""
    )
    keyless.outcomes = ["lost after"]
    with pytest.raises(RemoteUnavailable):
        place(keyless)

    assert not placements.seen(keyless.orders_made[0])
    assert place(keyless).order.id == "SO-2"


def test_a_person_cannot_settle_it_with_another_crm_s_order(
    placements, place, keyless, clock, order
):
    theirs = evolve(order, reference="R-1", customer_id="C-1", external_ids={"front": "R-1"})
    keyless._commit(theirs, "")
    keyless.outcomes = ["lost before"]
    with pytest.raises(RemoteUnavailable):
        place(keyless)
    clock.advance(minutes=11)
    with pytest.raises(PossiblyCreated):
        place(keyless)

    with pytest.raises(PlacementConflict, match="carries the reference 'R-1' of front"):
        placements.confirm("R-1", "SO-1", keyless, actor="user:U-kim")


def test_two_orders_with_the_reference_are_a_question_for_a_person(
    placements, place, keyless, clock, order
):
    keyless.outcomes = ["lost after"]
    with pytest.raises(RemoteUnavailable):
        place(keyless)
    keyless._commit(evolve(order, reference="R-1", customer_id="C-1"), "")

    with pytest.raises(PossiblyCreated) as held:
        place(keyless)
    assert "the ERP has 2 orders with this reference: SO-1, SO-2" in held.value.evidence[-1]


def test_a_person_who_finds_the_order_settles_it(placements, place, keyless, clock, store):
    keyless.outcomes = ["late"]
    with pytest.raises(RemoteUnavailable):
        place(keyless)
    placements._settle = timedelta(0)
    with pytest.raises(PossiblyCreated):
        place(keyless)
    clock.advance(minutes=5)

    placements.confirm("R-1", "SO-1", keyless, actor="user:U-kim")

    assert place(keyless).order.id == "SO-1"
    entry = store.audit.entries(subject="R-1")[-1]
    assert (entry.actor, entry.action) == ("user:U-kim", "placement.confirmed")


def test_a_person_cannot_settle_it_with_somebody_elses_order(
    placements, place, keyless, clock, order
):
    keyless._commit(evolve(order, reference="R-2", customer_id="C-1"), "")
    keyless.outcomes = ["lost before"]
    with pytest.raises(RemoteUnavailable):
        place(keyless)
    clock.advance(minutes=11)
    with pytest.raises(PossiblyCreated):
        place(keyless)

    with pytest.raises(PlacementConflict, match="carries the reference 'R-2'"):
        placements.confirm("R-1", "SO-1", keyless, actor="user:U-kim")
    assert placements.get("R-1").state == "possibly_created"


def test_a_person_who_finds_nothing_has_it_sent_again_under_a_new_key(
    placements, place, keyless, clock, store
):
    keyless.outcomes = ["lost before"]
    with pytest.raises(RemoteUnavailable):
        place(keyless)
    clock.advance(minutes=11)
    with pytest.raises(PossiblyCreated):
        place(keyless)

    denied = placements.deny("R-1", actor="user:U-kim", reason="looked through the open orders")

    assert (denied.state, denied.key) == ("intended", "xd-1-1")
    assert place(keyless).order.id == "SO-1"
    assert store.audit.entries(subject="R-1")[-1].action == "placement.denied"


def test_nothing_can_be_decided_where_nothing_is_in_question(placements, place, erp):
    with pytest.raises(PlacementConflict, match="nothing was ever sent for R-9"):
        placements.deny("R-9", actor="user:U-kim", reason="")
    place(erp)
    with pytest.raises(PlacementConflict, match="R-1 is acknowledged"):
        placements.deny("R-1", actor="user:U-kim", reason="")


def test_one_that_was_refused_may_be_sent_again(placements, place, erp):
    erp.outcomes = ["refused"]
    with pytest.raises(RemoteRefused):
        place(erp)
    assert placements.get("R-1").state == "refused"

    assert place(erp).order.id == "SO-1"
    assert len(erp.orders_made) == 1


def test_one_that_was_not_reached_is_sent_again_at_once(placements, place, erp):
    erp.outcomes = ["not reached"]
    with pytest.raises(RemoteUnavailable):
        place(erp)
    assert placements.get("R-1").state == "intended"

    assert place(erp).order.id == "SO-1"


def test_an_acknowledgement_of_something_else_is_never_taken_for_ours(
    placements, place, keyed, order
):
    placed = keyed.place_order

    def mixed_up(*args, **kwargs):
        answer = placed(*args, **kwargs)
        return Acknowledgement(order=answer.order, reference="R-77")

    keyed.place_order = mixed_up
    with pytest.raises(RemoteMisbehaved, match="for reference 'R-77', but 'R-1' was sent"):
        place(keyed)
    assert placements.get("R-1").state == "sent"


def test_an_order_under_way_to_one_customer_does_not_go_to_another(
    placements, keyless, customer, order
):
    keyless.outcomes = ["lost before"]
    with pytest.raises(RemoteUnavailable):
        placements.place(keyless, keyless, customer, order, key="xd-1")

    with pytest.raises(PlacementConflict, match="was sent to main:C-1 already"):
        placements.place(keyless, keyless, evolve(customer, id="C-2"), order, key="xd-1")


def test_a_refused_order_may_go_to_another_customer(placements, keyless, customer, order):
    keyless.outcomes = ["refused"]
    with pytest.raises(RemoteRefused):
        placements.place(keyless, keyless, customer, order, key="xd-1")

    other = evolve(customer, id="C-2")
    assert placements.place(keyless, keyless, other, order, key="xd-1").order.customer_id == "C-2"


def test_the_evidence_of_an_erp_that_is_away_for_days_stays_short(placements, place, keyless):
    keyless.outcomes = ["not reached"] * 200
    for _ in range(200):
        with pytest.raises(RemoteUnavailable):
            place(keyless)

    assert len(placements.get("R-1").evidence) <= 50
