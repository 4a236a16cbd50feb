"""Deliveries with real processes that are really killed."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.kill

# On PostgreSQL the long form; what these are made of is tried on both databases always.
_DATABASES = pytest.mark.parametrize(
    "store_url",
    ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.full])],
    indirect=True,
)


def test_a_killed_worker_s_successor_repeats_no_recorded_step_and_does_the_rest(scene):
    scene.promote("R-1", script="hold:b")
    first = scene.start_worker()
    scene.until(lambda: scene.count("b", "R-1") == 1)
    first.kill()
    first.join()
    scene.say("go")
    scene.start_worker()
    scene.until_all("done")

    assert scene.count("a", "R-1") == 1
    assert scene.count("b", "R-1") == 2  # it was under way: at least once until recorded
    assert scene.count("c", "R-1") == 1
    assert scene.count("end", "R-1") == 1
    (delivery,) = scene.deliveries.list()
    assert delivery.attempts == 1
    assert delivery.plugin_version == "1.0.0"


@_DATABASES
def test_a_living_worker_takes_over_from_one_that_was_killed(scene):
    first = scene.start_worker()
    scene.promote("R-1", script="hold:b")
    scene.until(lambda: scene.count("b", "R-1") == 1)
    second = scene.start_worker()
    first.kill()
    first.join()
    scene.until(lambda: scene.count("#took_over") == 1)
    scene.say("go")
    scene.until_all("done")

    (end,) = (line for line in scene.lines() if line[0] == "end")
    assert end[-1] == str(second.pid)
    assert scene.count("a", "R-1") == 1


def test_a_living_worker_never_loses_its_work_to_another(sqlite_scene):
    scene = sqlite_scene
    scene.start_worker()
    scene.promote("R-1", script="hold:b")
    scene.until(lambda: scene.count("b", "R-1") == 1)
    scene.start_worker()
    # The other one is at work, and has looked for the dead, before this one goes on.
    for number in range(2, 7):
        scene.promote(f"R-{number}", account=f"A-{number}")
    scene.until(lambda: scene.deliveries.counts().get("done") == 5)
    assert scene.count("#took_over") == 0

    # Of three, one dies: what it had is taken over, and nothing of the others'.
    doomed = scene.start_worker()
    more = itertools.count(7)
    while not any(line[0] == "b" and line[-1] == str(doomed.pid) for line in scene.lines()):
        order = f"R-{next(more)}"
        scene.promote(order, account=order, script="hold:b")
        scene.until(lambda order=order: scene.count("b", order) == 1)
    of_others = {line[1] for line in scene.lines() if line[-1] != str(doomed.pid)}
    doomed.kill()
    doomed.join()
    scene.until(lambda: scene.count("#took_over") > 0)
    scene.say("go")
    scene.until_all("done")

    assert "R-1" in of_others
    assert all(scene.count("b", order) == 1 for order in of_others if order.startswith("R-"))


@_DATABASES
def test_events_of_an_account_are_delivered_in_order_and_accounts_side_by_side(scene):
    scene.promote("R-a1", account="A-1", script="meet")
    scene.promote("R-b1", account="A-2", script="meet")
    for number in range(2, 9):
        scene.promote(f"R-a{number}", account="A-1")
        scene.promote(f"R-b{number}", account="A-2")
    scene.start_worker()
    scene.start_worker()
    scene.until_all("done")

    for account, letter in (("A-1", "a"), ("A-2", "b")):
        told = [line[:2] for line in scene.lines() if line[0] in ("begin", "end")]
        of_account = [tuple(line) for line in told if line[1].startswith(f"R-{letter}")]
        expected = [
            (word, f"R-{letter}{number}") for number in range(1, 9) for word in ("begin", "end")
        ]
        assert expected == of_account, account


@_DATABASES
def test_what_fails_for_a_passing_reason_heals_and_holds_back_only_its_own_account(scene):
    scene.promote("R-1", account="A-1", script="away:b")
    scene.promote("R-2", account="A-1")
    scene.promote("R-3", account="A-2")
    scene.start_worker()
    scene.until(lambda: scene.count("b", "R-1") >= 3)
    states = {each.subject: each for each in scene.deliveries.list()}
    assert states["R-3"].state == "done"
    assert states["R-2"].state == "behind"
    assert states["R-1"].failure == "transient"
    assert "main does not answer" in states["R-1"].cause
    scene.say("back")
    scene.until_all("done")

    assert scene.count("a", "R-1") == 1  # recorded by the first attempt, kept for all others
    assert scene.count("c", "R-1") == 1
    ends = [line[1] for line in scene.lines() if line[0] == "end"]
    assert ends.index("R-1") < ends.index("R-2")
    healed = scene.deliveries.list(subject="R-1")[0]
    assert healed.attempts >= 4
    assert (healed.failure, healed.cause) == (None, "")


def test_steps_recorded_before_a_kill_stay_recorded_in_later_attempts(sqlite_scene):
    scene = sqlite_scene
    scene.promote("R-1", script="hold:b away:c")
    first = scene.start_worker()
    scene.until(lambda: scene.count("b", "R-1") == 1)
    first.kill()
    first.join()
    scene.say("go")
    scene.start_worker()
    scene.until(lambda: scene.count("c", "R-1") >= 2)
    scene.say("back")
    scene.until_all("done")

    assert scene.count("a", "R-1") == 1
    assert scene.count("b", "R-1") == 2


def test_a_plugin_that_was_changed_in_the_middle_is_put_aside_and_its_records_are_kept(
    sqlite_scene,
):
    scene = sqlite_scene
    scene.promote("R-1", script="hold:b changed")
    first = scene.start_worker()
    scene.until(lambda: scene.count("b", "R-1") == 1)
    first.kill()
    first.join()
    scene.say("go")
    scene.start_worker()
    scene.until_all("dead")
    (dead,) = scene.deliveries.list()
    assert dead.failure == "bug"
    assert "did the step 'b' where it had done another one before" in dead.cause
    scene.deliveries.retry(dead.id)
    scene.until_all("done")

    assert scene.count("a", "R-1") == 1


def test_a_delivery_that_kills_its_workers_is_put_aside_and_can_be_retried(sqlite_scene):
    scene = sqlite_scene
    scene.promote("R-1", script="die:b")
    for _ in range(2):
        worker = scene.start_worker()
        worker.join(timeout=30)
        assert worker.exitcode == -signal.SIGKILL
    scene.start_worker()
    scene.until_all("dead")
    (dead,) = scene.deliveries.list(states=["dead"])
    assert dead.failure == "bug"
    assert "died 2 times" in dead.cause
    scene.say("spare")
    scene.deliveries.retry(dead.id)
    scene.until_all("done")

    assert scene.count("a", "R-1") == 1  # its record outlived two workers and a retry


def test_a_worker_that_is_asked_to_stop_finishes_what_is_under_way(sqlite_scene):
    scene = sqlite_scene
    worker = scene.start_worker()
    scene.promote("R-1", script="hold:b")
    scene.until(lambda: scene.count("b", "R-1") == 1)
    worker.terminate()
    scene.until(lambda: scene.count("#stopping") == 1)
    scene.promote("R-2", account="A-2")
    scene.say("go")
    worker.join(timeout=30)
    assert worker.exitcode == 0

    assert scene.deliveries.list(subject="R-1")[0].state == "done"
    scene.start_worker()
    scene.until_all("done")
    assert scene.count("end", "R-2") == 1


_PUBLISHER = """
import sys
from crossdock.host.deliveries import Deliveries
from crossdock.host.store import Store
from crossdock.records import Order, OrderPromoted

with Store.open(sys.argv[1]) as store, Deliveries.open(store) as deliveries:
    for number in range(30):
        order = Order(id=f"R-{number}", system="crm", currency="EUR", account_id=f"A-{number}")
        deliveries.publish(OrderPromoted(order=order), [("scripted", "1.0.0")])
        print(order.id, flush=True)
"""


def test_what_was_published_survives_the_publisher_and_publishing_again_changes_nothing(
    sqlite_scene,
):
    scene = sqlite_scene
    command = [sys.executable, "-c", _PUBLISHER, scene.url]
    published = []
    for wanted in (10, 20):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as publisher:
            assert publisher.stdout is not None
            told = [publisher.stdout.readline().strip() for _ in range(wanted)]
            publisher.kill()
            told += publisher.stdout.read().split("\n")[:-1]
        published.append(told)
    scene.start_worker()
    scene.until_all("done")

    # The second publisher began anew with the same orders; each was delivered once all the same.
    ended = [line[1] for line in scene.lines() if line[0] == "end"]
    assert len(ended) == len(set(ended))
    assert set(published[0]) | set(published[1]) <= set(ended)


@_DATABASES
def test_what_waits_for_a_system_goes_on_though_the_worker_that_found_it_away_was_killed(scene):
    for number in range(12):
        scene.promote(f"R-{number}", account=f"A-{number % 8}", script="gone:b")
    first = scene.start_worker()
    scene.until(lambda: bool(scene.deliveries.circuits.list()))
    scene.until(lambda: scene.deliveries.counts().keys() == {"waiting", "behind"})
    tried, probes = scene.count("b"), scene.deliveries.circuits.list()[0].probes
    scene.start_worker()
    first.kill()
    first.join()
    asked = scene.count("b") - tried
    # A probe may be under way at either end, and on a busy machine some come while a worker starts.
    assert asked <= scene.deliveries.circuits.list()[0].probes - probes + 2, "none asks but probes"
    scene.say("back")
    scene.until_all("done")

    # Nothing waits for the system any more, so at its next probe its circuit closes.
    scene.until(lambda: not scene.deliveries.circuits.list())
    for number in range(12):
        assert scene.count("a", f"R-{number}") == 1
        assert scene.count("c", f"R-{number}") == 1
    ends = [line[1] for line in scene.lines() if line[0] == "end"]
    for number in range(4):
        assert ends.index(f"R-{number}") < ends.index(f"R-{number + 8}")
    assert max(each.attempts for each in scene.deliveries.list()) <= 2
