"""What people do with deliveries: change and try again, hand on, note, give up."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
import sqlalchemy as sa

from crossdock.errors import (
    DeliveryChanged,
    EditRefused,
    NotEditable,
    NotRetriable,
    UnknownDelivery,
)
from crossdock.host.deliveries import Failure
from crossdock.host.deliveries.run import Runner, idempotency_key
from crossdock.host.store.schema import placements
from crossdock.records import Order, OrderLine, OrderPromoted, Quote, QuoteSaved

_KIM = "user:U-kim"


@pytest.fixture
def promote(bench):
    def publish(order_id="R-1", account="A-1"):
        line = OrderLine(number=1, item_id="BRG-1001", quantity=Decimal(2))
        order = Order(id=order_id, system="crm", currency="EUR", account_id=account, lines=(line,))
        bench.deliveries.publish(OrderPromoted(order=order), [("straight-through", "1")])
        return bench.queued[-1][0]

    return publish


@pytest.fixture
def fail(bench):
    def fail(number, kind="business", run=1, steps=None, **more):
        work = bench.begin(number, run)
        failure = Failure(kind=kind, cause="no such item", system="main", **more)
        bench.ledger.fail(work, "w-1", failure, steps or {})
        return work

    return fail


class TestEdit:
    def test_what_is_carried_is_a_new_revision_and_the_old_one_is_kept(
        self, bench, promote, fail, store
    ):
        number = promote()
        fail(number, fate="refused", steps={"find customer": "1"})
        edited = bench.deliveries.edit(
            "D-1", {"lines.0.quantity": "3"}, actor=_KIM, reason="the customer called"
        )
        assert (edited.state, edited.revision) == ("queued", 1)
        assert bench.deliveries.event("D-1").order.lines[0].quantity == 3
        assert bench.deliveries.event("D-1", revision=0).order.lines[0].quantity == 2
        with pytest.raises(UnknownDelivery, match="no revision 7"):
            bench.deliveries.event("D-1", revision=7)

        work = bench.begin(number, 2)
        assert json.loads(work.payload)["$OrderPromoted"]["order"]["lines"][0]["quantity"] == "3"
        assert work.known == {}  # what was done for the old contents is done for the new ones
        assert work.attempts == 1
        told = store.audit.entries(subject="D-1", action="delivery.edited")[0]
        assert told.actor == _KIM
        assert told.detail == {
            "event": "order_promoted:crm:R-1", "plugin": "straight-through", "revision": 1,
            "reason": "the customer called", "changed": {"lines.0.quantity": ["2", "3"]},
            "idempotency_key": "new", "steps_to_do_again": ["find customer"],
        }  # fmt: skip

    def test_other_plugins_get_the_event_as_it_was_published(self, bench, promote, fail):
        order = Order(id="R-9", system="crm", currency="EUR", account_id="A-9", lines=(
            OrderLine(number=1, item_id="BRG-1001", quantity=Decimal(2)),))  # fmt: skip
        bench.deliveries.publish(OrderPromoted(order=order), [("one", "1"), ("two", "1")])
        fail(1, fate="refused")
        bench.deliveries.edit("D-1", {"lines.0.quantity": "3"}, actor=_KIM, reason="r")
        assert bench.deliveries.event("D-2").order.lines[0].quantity == 2

    @pytest.mark.parametrize(
        ("fates", "revision"),
        [
            ([None], 0),
            (["maybe"], 0),
            (["refused"], 1),
            (["maybe", "refused"], 1),
            (["refused", "maybe"], 0),
        ],
    )
    def test_only_after_a_definite_refusal_the_next_attempt_has_a_key_of_its_own(
        self, bench, promote, fail, fates, revision
    ):
        number = promote()
        for run, fate in enumerate(fates, 1):
            fail(number, run=run, fate=fate)
            if run < len(fates):
                bench.deliveries.retry("D-1", actor=_KIM)
        bench.deliveries.edit("D-1", {"lines.0.quantity": "3"}, actor=_KIM, reason="r")
        work = bench.begin(number, len(fates) + 1)
        assert work.key_revision == revision
        key = idempotency_key(work.event_id, work.plugin_id, work.key_revision)
        same = key == idempotency_key(work.event_id, work.plugin_id)
        assert same is (revision == 0)

    def test_a_key_under_which_something_may_be_made_stays_over_many_changes(
        self, bench, promote, fail, row, store
    ):
        number = promote()
        fail(number, fate="maybe")
        bench.deliveries.edit("D-1", {"lines.0.quantity": "3"}, actor=_KIM, reason="r")
        fail(promote("R-2", "A-2"))
        bench.deliveries.edit("D-2", {"lines.0.quantity": "9"}, actor=_KIM, reason="r")
        fail(number, run=2)
        bench.deliveries.edit("D-1", {"lines.0.quantity": "4"}, actor=_KIM, reason="r")
        fail(number, run=3)
        bench.deliveries.edit("D-1", {"lines.0.quantity": "5"}, actor=_KIM, reason="r")
        work = bench.begin(number, 4)
        assert (work.revision, work.key_revision) == (3, 0)
        assert row().key_fate == "maybe"
        trail = store.audit.entries(subject="D-1", action="delivery.edited")
        told = [each.detail for each in trail]
        assert [each["idempotency_key"] for each in told] == ["same"] * 3
        assert [each["changed"]["lines.0.quantity"] for each in told] == [
            ["2", "3"], ["3", "4"], ["4", "5"],
        ]  # fmt: skip

    def test_a_worker_that_died_may_have_made_something(self, bench, promote, fail):
        number = promote()
        bench.begin(number, worker="w-dead")
        fail(number)  # begun again by another one, and refused before anything was sent
        bench.deliveries.edit("D-1", {"lines.0.quantity": "3"}, actor=_KIM, reason="r")
        assert bench.begin(number, 2).key_revision == 0

    def test_what_may_have_been_created_is_not_changed(self, bench, promote, fail):
        fail(promote(), kind="possibly_created")
        nowhere = Failure(kind="possibly_created", cause="perhaps")
        bench.ledger.fail(bench.begin(promote("R-2", "A-2")), "w-1", nowhere, {})
        for delivery, where in (("D-1", "main"), ("D-2", "the ERP")):
            with pytest.raises(NotEditable) as refused:
                bench.deliveries.edit(delivery, {"lines.0.quantity": "3"}, actor=_KIM, reason="r")
            assert str(refused.value) == (
                f"{delivery} may have become an order already; look in {where} first, as a change "
                "would make a second one"
            )

    def test_what_was_created_is_changed_where_it_is(self, bench, promote, fail):
        fail(promote(), fate="created")
        with pytest.raises(NotEditable) as refused:
            bench.deliveries.edit("D-1", {"lines.0.quantity": "3"}, actor=_KIM, reason="r")
        assert str(refused.value) == (
            "the order is in the ERP already, only what follows did not get done; retry that, and "
            "change the order where it is"
        )
        assert bench.state(1) == "dead"

    @pytest.mark.parametrize(
        ("state", "refused", "key_revision"),
        [
            ("acknowledged", "in the ERP already as SO-7, only what", None),
            ("possibly_created", "^R-1 may be in main already; look there first$", None),
            ("sent", None, 0),
            ("refused", None, 1),
        ],
    )
    def test_what_is_known_of_the_placed_order_decides_as_well(
        self, bench, promote, fail, store, clock, row, state, refused, key_revision
    ):
        number = promote()
        fail(number, fate="refused")
        others = [("crm", "R-2"), ("other crm", "R-1")]
        with store.writing() as connection:
            for crm, reference in [("crm", "R-1"), *others]:
                connection.execute(
                    sa.insert(placements).values(
                        crm_system=crm, reference=reference, erp_system="main", customer_id="C-1",
                        idempotency_key=f"{crm} {reference}", revision=0, state=state,
                        evidence="[]", erp_order_id="SO-7" if state == "acknowledged" else "",
                        intended_at=clock(), changed_at=clock(),
                    )
                )  # fmt: skip
        changes = {"lines.0.quantity": "3"}
        if refused:
            with pytest.raises(NotEditable, match=refused):
                bench.deliveries.edit("D-1", changes, actor=_KIM, reason="r")
            return
        bench.deliveries.edit("D-1", changes, actor=_KIM, reason="r")
        assert row().key_fate == ("maybe" if state == "sent" else "")
        assert bench.begin(number, 2).key_revision == key_revision
        with store.reading() as connection:
            placed = connection.execute(sa.select(placements)).all()
        assert {(each.crm_system, each.reference): each.revision for each in placed} == {
            ("crm", "R-1"): key_revision, **dict.fromkeys(others, 0),
        }  # fmt: skip

    def test_nothing_changed_no_reason_and_nonsense_are_refused(self, bench, promote, fail):
        fail(promote())

        def wrong(changes, reason="r"):
            with pytest.raises(EditRefused) as refused:
                bench.deliveries.edit("D-1", changes, actor=_KIM, reason=reason)
            ((field, message),) = ((each.field, each.message) for each in refused.value.fields)
            return field, message

        assert wrong({"lines.0.quantity": "2"}) == ("", "nothing was changed; to try again, retry")
        assert wrong({"lines.0.quantity": "3"}, " ") == (
            "reason", "say why, for whoever reads it later",
        )  # fmt: skip
        assert wrong({"lines.0.quantity": "x"})[0] == "lines.0.quantity"
        assert bench.state(1) == "dead"

    def test_only_what_is_dead_or_waits_is_changed(self, bench, promote):
        promote()
        with pytest.raises(NotRetriable) as refused:
            bench.deliveries.edit("D-1", {}, actor=_KIM, reason="r")
        assert str(refused.value) == "D-1 is queued; only what is dead or waiting can be changed"
        with pytest.raises(UnknownDelivery):
            bench.deliveries.edit("D-9", {}, actor=_KIM, reason="r")

    def test_an_order_goes_to_a_customer_that_its_account_is_linked_to(
        self, bench, promote, fail, store
    ):
        store.links.link(crm_system="crm", account_id="A-1", erp_system="main", customer_id="C-1")
        store.links.link(crm_system="crm", account_id="A-2", erp_system="main", customer_id="C-2")
        fail(promote())
        with pytest.raises(EditRefused) as refused:
            bench.deliveries.edit("D-1", {"trading_account": "main:C-2"}, actor=_KIM, reason="r")
        assert refused.value.fields[0].message == "the account is linked to main:C-1 only"
        bench.deliveries.edit("D-1", {"trading_account": "main:C-1"}, actor=_KIM, reason="r")
        assert bench.deliveries.event("D-1").order.trading_account == "main:C-1"

    def test_what_is_no_order_is_put_right_where_it_is_whatever_it_failed_with(self, bench, fail):
        quote = Quote(id="Q-1", account_id="A-1", currency="EUR")
        bench.deliveries.publish(QuoteSaved(quote=quote), [("notify", "1")])
        fail(1, kind="possibly_created")
        with pytest.raises(NotEditable, match="only an order on its way into the ERP"):
            bench.deliveries.edit("D-1", {}, actor=_KIM, reason="r")


class TestAssignAndNote:
    def test_somebody_or_a_role_has_it_and_the_trail_says_since_when(
        self, bench, promote, fail, store
    ):
        fail(promote())
        assert bench.deliveries.assign("D-1", "role:accounting", actor=_KIM).assignee
        assert bench.deliveries.assign("D-1", "user:U-ada", actor=_KIM).assignee == "user:U-ada"
        assert [each.id for each in bench.deliveries.list(assignee="user:U-ada")] == ["D-1"]
        assert bench.deliveries.list(assignee="") == ()
        bench.deliveries.assign("D-1", "user:U-ada", actor=_KIM)  # nothing new
        bench.deliveries.assign("D-1", "", actor=_KIM)
        assert [each.id for each in bench.deliveries.list(assignee="")] == ["D-1"]
        told = store.audit.entries(subject="D-1", action="delivery.assigned")
        assert [(each.detail["from"], each.detail["to"]) for each in told] == [
            ("", "role:accounting"), ("role:accounting", "user:U-ada"), ("user:U-ada", ""),
        ]  # fmt: skip
        for nobody in ("kim", "user:", "team:x", "user:a b"):
            with pytest.raises(EditRefused, match="user:U-kim or role:accounting"):
                bench.deliveries.assign("D-1", nobody, actor=_KIM)

    def test_a_note_stands_in_the_history(self, bench, promote, fail):
        fail(promote())
        bench.deliveries.note("D-1", " asked the customer ", actor=_KIM)
        last = bench.deliveries.history("D-1")[-1]
        assert (last.action, last.detail["note"]) == ("delivery.noted", "asked the customer")
        with pytest.raises(EditRefused, match="needs a text"):
            bench.deliveries.note("D-1", "", actor=_KIM)


class TestGiveUp:
    def test_a_reason_is_kept_and_nothing_more_happens_to_it(self, bench, promote, fail, store):
        fail(promote())
        given = bench.deliveries.give_up("D-1", actor=_KIM, reason="the customer cancelled")
        assert given.state == "given_up"
        told = store.audit.entries(subject="D-1", action="delivery.given_up")[0]
        assert told.detail["reason"] == "the customer cancelled"
        with pytest.raises(NotRetriable, match="D-1 is given up"):
            bench.deliveries.retry("D-1", actor=_KIM)
        with pytest.raises(NotRetriable, match=r"^D-1 is given up; only what is dead or waits"):
            bench.deliveries.give_up("D-1", actor=_KIM, reason="again")

    def test_what_waited_for_a_system_or_its_time_waits_for_nothing_more(
        self, bench, promote, fail, clock, row
    ):
        fail(promote("R-1", "A-1"), kind="transient", away=True, retry_after=60.0)
        fail(promote("R-2", "A-2"), kind="transient")
        clock.advance(seconds=5)
        for number in (1, 2):
            bench.deliveries.give_up(f"D-{number}", actor=_KIM, reason="cancelled")
            found = row(number)
            assert (found.held_by, found.due_at, found.finished_at) == ("", None, clock())

    def test_what_is_tried_again_is_not_over(self, bench, promote, fail, row, store):
        fail(promote())
        assert row().finished_at is not None
        bench.deliveries.retry("D-1")
        assert row().finished_at is None
        assert store.audit.entries(action="delivery.retried")[0].actor == "person"

    def test_without_a_reason_it_is_refused(self, bench, promote, fail):
        fail(promote())
        with pytest.raises(EditRefused, match="say why"):
            bench.deliveries.give_up("D-1", actor=_KIM, reason=" ")
        assert bench.state(1) == "dead"

    def test_what_waited_behind_it_goes_on(self, bench, promote, fail, clock):
        first, second = promote("R-1"), promote("R-2")
        fail(first, kind="transient")
        assert bench.begin(second) is None
        assert bench.state(second) == "behind"
        bench.deliveries.give_up("D-1", actor=_KIM, reason="r")
        assert bench.state(second) == "queued"
        clock.advance(days=1)
        assert bench.ledger.enqueue_due() == 0

    def test_one_in_the_middle_of_a_lane_is_taken_out(self, bench, promote, fail):
        first, second, third = promote("R-1"), promote("R-2"), promote("R-3")
        fail(first, kind="transient")
        bench.begin(second)
        bench.begin(third)
        bench.deliveries.give_up(f"D-{second}", actor=_KIM, reason="r")
        assert bench.state(third) == "behind"  # the first is not done yet
        bench.deliveries.retry("D-1", actor=_KIM)
        bench.ledger.succeed(bench.begin(first, 2), "w-1")
        assert [bench.state(n) for n in (first, second, third)] == ["done", "given_up", "queued"]


class TestAttempts:
    def test_each_attempt_is_told_with_worker_outcome_cause_and_seconds(
        self, bench, promote, clock
    ):
        number = promote()
        for run in (1, 2):
            work = bench.begin(number, run)
            clock.advance(seconds=2)
            failure = Failure(
                kind="transient", cause="away", system="main", evidence={"exchange": {"n": run}}
            )
            bench.ledger.fail(work, "w-1", failure, {})
            clock.advance(seconds=60)
            bench.ledger.enqueue_due()
        bench.begin(number, 3, worker="w-2")
        clock.advance(seconds=5)
        work = bench.begin(number, 3, worker="w-3")  # w-2 died with it
        clock.advance(seconds=1)
        bench.ledger.succeed(work, "w-3")
        told = bench.deliveries.attempts("D-1")
        assert [(each.outcome, each.worker, each.seconds) for each in told] == [
            ("waiting", "w-1", 2), ("waiting", "w-1", 2), ("died", "w-2", 5), ("done", "w-3", 1),
        ]  # fmt: skip
        assert told[0].evidence == {"exchange": {"n": 1}}
        assert (told[1].system, told[1].cause, told[1].failure) == ("main", "away", "transient")

    def test_evidence_of_the_latest_attempts_is_kept(self, bench, promote):
        number = promote()
        for run in range(1, 6):
            work = bench.begin(number, run)
            failure = Failure(kind="business", cause="no", evidence={"exchange": {"n": run}})
            bench.ledger.fail(work, "w-1", failure, {})
            bench.deliveries.retry("D-1", actor=_KIM)
        kept = [each.evidence for each in bench.deliveries.attempts("D-1")]
        assert kept == [None, None, *({"exchange": {"n": n}} for n in (3, 4, 5))]


def test_the_queue_is_filtered_by_kind_system_and_age(bench, promote, fail, clock):
    fail(promote("R-1", "A-1"), kind="business")
    clock.advance(hours=2)
    fail(promote("R-2", "A-2"), kind="data")

    def found(**filters):
        return [each.id for each in bench.deliveries.list(**filters)]

    assert found(failures=["data"]) == ["D-2"]
    assert found(failures=["data", "business"]) == ["D-2", "D-1"]
    assert found(system="main") == ["D-2", "D-1"]
    assert found(system="uk") == []
    assert found(published_before=clock()) == ["D-1"]


class TestVersion:
    """Nobody changes a state that he did not look at."""

    def test_each_thing_that_happens_gives_another_version(self, bench, promote, fail):
        number = promote()
        seen = [bench.deliveries.get("D-1").version]
        fail(number)
        seen.append(bench.deliveries.get("D-1").version)
        bench.deliveries.assign("D-1", "user:U-kim", actor=_KIM)
        seen.append(bench.deliveries.get("D-1").version)
        bench.deliveries.retry("D-1", actor=_KIM)
        seen.append(bench.deliveries.get("D-1").version)
        fail(number, run=2)
        seen.append(bench.deliveries.get("D-1").version)
        bench.deliveries.note("D-1", "called them", actor=_KIM)  # a note changes nothing
        assert bench.deliveries.get("D-1").version == seen[-1]
        assert len(set(seen)) == len(seen)

    @pytest.mark.parametrize(
        "change",
        [
            lambda deliveries, **how: deliveries.retry("D-1", **how),
            lambda deliveries, **how: deliveries.assign("D-1", "role:accounting", **how),
            lambda deliveries, **how: deliveries.give_up("D-1", reason="no", **how),
            lambda deliveries, **how: deliveries.edit(
                "D-1", {"lines.0.quantity": "3"}, reason="more", **how
            ),
        ],
        ids=["retry", "assign", "give up", "edit"],
    )
    def test_a_change_of_an_older_version_is_refused_and_one_of_this_is_not(
        self, bench, promote, fail, change
    ):
        fail(promote(), fate="refused")
        old = bench.deliveries.get("D-1").version
        bench.deliveries.assign("D-1", "user:U-ada", actor="user:U-ada")
        now = bench.deliveries.get("D-1")
        with pytest.raises(DeliveryChanged, match="look at it again"):
            change(bench.deliveries, actor=_KIM, version=old)
        assert bench.deliveries.get("D-1") == now
        assert change(bench.deliveries, actor=_KIM, version=now.version) != now


class TestRehearsed:
    """What a plugin in dry run took is neither done nor stuck."""

    def test_it_is_listed_and_counted_apart_and_lets_the_next_of_its_lane_go_on(
        self, bench, promote
    ):
        first, second = promote("R-1"), promote("R-2")
        work = bench.begin(first, 1)
        assert bench.begin(second, 1) is None  # it stays behind
        bench.ledger.succeed(work, "w-1", rehearsed=True)
        assert [each.id for each in bench.deliveries.list(states=["rehearsed"])] == ["D-1"]
        assert bench.deliveries.counts() == {"rehearsed": 1, "queued": 1}
        assert bench.deliveries.backlog().count == 1
        assert [each.outcome for each in bench.deliveries.attempts("D-1")] == ["rehearsed"]

    @pytest.mark.parametrize(("said", "state"), [(True, "rehearsed"), (None, "done")])
    def test_a_worker_knows_it_from_what_was_done(self, bench, promote, said, state):
        number, told = promote(), []
        runner = Runner(
            bench.deliveries,
            lambda *_what, **_how: said,
            lambda _: "1",
            client=None,
            worker="w-1",
            report=lambda what, *_text, **_about: told.append(what),
        )
        runner.run(number, 1)
        assert bench.deliveries.get("D-1").state == state
        assert told == ["rehearsed" if said else "delivered"]

    def test_a_person_has_it_done_for_good(self, bench, promote):
        number = promote()
        bench.ledger.succeed(bench.begin(number, 1), "w-1", rehearsed=True)
        with pytest.raises(NotRetriable, match="D-1 is rehearsed"):
            bench.deliveries.give_up("D-1", actor=_KIM, reason="no")
        assert bench.deliveries.retry("D-1", actor=_KIM).state == "queued"
        bench.ledger.succeed(bench.begin(number, 2), "w-1")
        assert bench.deliveries.get("D-1").state == "done"
        with pytest.raises(NotRetriable):
            bench.deliveries.retry("D-1", actor=_KIM)
