"""What a run is begun with, and what in rows beside its own keeps it from beginning."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from crossdock.host.deliveries.failure import Failure
from crossdock.host.deliveries.ledger import Ledger
from crossdock.host.deliveries.limits import Limit, Limits
from crossdock.host.store.schema import deliveries, events, revisions

_AWAY = Failure(
    kind="transient", cause="refused", system="main", away=True, retry_after=600.0
)  # fmt: skip


@pytest.fixture
def limited(store, bench, policy):
    """Give the deliveries systems with quotas: then each is looked at step by step."""
    bench.ledger = bench.deliveries.ledger = Ledger(
        store, lambda _connection, number, run, _lane: bench.queued.append((number, run)), policy,
        limits=Limits(store, {"main": Limit(concurrency=1), "crm": Limit(concurrency=9)}),
    )  # fmt: skip


@pytest.fixture
def away(bench, publish):
    """A delivery that found `main` away."""
    publish("R-0", "A-0")
    bench.ledger.fail(bench.begin(1), "w-1", _AWAY, {})


@pytest.mark.usefixtures("away")
def test_an_order_without_a_customer_waits_for_the_erp_that_its_account_is_linked_to(
    bench, store, publish, row
):
    link = {"crm_system": "crm", "account_id": "A-1", "default": True}
    store.links.link(erp_system="main", customer_id="C-1", **link)
    linked, unlinked = publish("R-1", "A-1", erp=""), publish("R-2", "A-2", erp="")

    assert bench.begin(linked) is None
    assert (row(linked).state, row(linked).held_by) == ("waiting", "main")
    assert bench.begin(unlinked) is not None


@pytest.mark.parametrize(("kind", "waits"), [("transient", True), ("business", False)])
def test_a_system_that_it_failed_at_is_one_that_it_needs_if_it_was_away(
    bench, store, publish, row, kind, waits
):
    """Its payload names `uk` alone; what its plugin asks besides is known by its failing."""
    failed = publish("R-1", "A-1", erp="uk")
    at_main = Failure(kind=kind, cause="x", system="main")
    bench.ledger.fail(bench.begin(failed), "w-1", at_main, {})
    other = publish("R-2", "A-2")
    bench.ledger.fail(bench.begin(other), "w-1", _AWAY, {})
    with store.writing() as connection:  # as after a retry, with what it failed with remembered
        connection.execute(
            sa.update(deliveries).where(deliveries.c.id == failed).values(state="queued", run=2)
        )

    begun = bench.begin(failed, run=2)

    assert (begun is None) is waits
    assert row(failed).state == ("waiting" if waits else "running")


@pytest.mark.usefixtures("away")
def test_what_failed_at_a_system_that_is_back_waits_for_the_other_that_it_needs(
    bench, publish, row, store
):
    number = publish("R-1", "A-1")
    with store.writing() as connection:
        connection.execute(
            sa.update(deliveries)
            .where(deliveries.c.id == number)
            .values(failure="transient", system="crm")
        )

    assert bench.begin(number) is None
    assert row(number).held_by == "main"


def test_an_order_that_is_known_to_be_created_stays_so_when_a_worker_dies(
    bench, store, publish, row
):
    number = publish()
    bench.begin(number)
    with store.writing() as connection:
        connection.execute(sa.update(deliveries).values(key_fate="created"))

    bench.begin(number, worker="w-2")

    assert row(number).key_fate == "created"


@pytest.mark.usefixtures("limited")
def test_one_that_is_looked_at_step_by_step_is_begun_as_any_other(bench, store, publish, row):
    number = publish()
    with store.writing() as connection:
        connection.execute(sa.update(events).values(trace="00-7-01"))

    work = bench.ledger.begin(number, 1, "w-1", lambda plugin_id: f"{plugin_id} 2")

    assert (work.known, work.trace, work.attempts) == ({}, "00-7-01", 1)
    assert row(number).plugin_version == "straight-through 2"
    assert row(number).uses == " crm main "


def test_the_span_of_its_event_goes_with_a_first_run(bench, store, publish):
    number = publish()
    with store.writing() as connection:
        connection.execute(sa.update(events).values(trace="00-7-01"))

    assert bench.begin(number).trace == "00-7-01"


@pytest.mark.usefixtures("limited")
def test_while_it_waits_for_its_turn_nothing_is_said_to_have_failed(bench, clock, publish, row):
    first, second = publish("R-1", "A-1"), publish("R-2", "A-2")
    failed = Failure(kind="transient", cause="x", system="uk")
    bench.ledger.fail(bench.begin(second), "w-1", failed, {})
    bench.begin(first)
    clock.advance(seconds=60)
    bench.ledger.enqueue_due()

    assert bench.begin(second, run=2) is None
    assert (row(second).failure, row(second).worker) == (None, "")


def test_a_run_has_the_latest_revision_of_its_own_delivery(bench, store, clock, publish):
    first, second = publish("R-1", "A-1"), publish("R-2", "A-2")
    with store.writing() as connection:
        for number, revision in ((first, 1), (first, 2), (second, 1)):
            connection.execute(
                sa.insert(revisions).values(
                    delivery_id=number, revision=revision, payload=f"{number}.{revision}",
                    actor="U-kim", reason="x", at=clock(),
                )
            )  # fmt: skip
        connection.execute(sa.update(deliveries).values(run=2))
        for number, revision in ((first, 2), (second, 1)):
            connection.execute(
                sa.update(deliveries).where(deliveries.c.id == number).values(revision=revision)
            )

    assert bench.begin(second, run=2).payload == f"{second}.1"
    assert bench.begin(first, run=2).payload == f"{first}.2"
