"""One run of a delivery: the plugin's handler, its recorded steps, and what came of it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from crossdock.connectors.evidence import Witness, witnessed, written
from crossdock.errors import PluginFault
from crossdock.host.deliveries.events import read_event
from crossdock.host.deliveries.failure import Failure, failure_of
from crossdock.host.deliveries.recording import Recorder, Records, StepsChanged, by_the_engine
from crossdock.host.deliveries.reports import Report
from crossdock.host.watching.faults import told
from crossdock.host.watching.spans import DeliveryUnderWay, delivering
from crossdock.records.plain import from_plain, to_plain

if TYPE_CHECKING:
    from crossdock.host.deliveries.deliveries import Deliveries
    from crossdock.host.deliveries.delivery import Deliver
    from crossdock.host.deliveries.work import Work

VersionOf = Callable[[str], str]


def idempotency_key(event_id: str, plugin_id: str, revision: int = 0) -> str:
    """Give the key of a delivery's attempts; 35 characters.

    It is the same for all of them, until a person changed what is delivered after a definite
    refusal: then nothing was made under it, and the revision gets a key of its own.
    """
    what = f"{event_id}\n{plugin_id}" + (f"\n{revision}" if revision else "")
    digest = hashlib.sha256(what.encode()).hexdigest()
    return f"xd-{digest[:32]}"


class Steps:
    """The recorded steps of one run, by name.

    A step that an earlier run recorded is not done again, wherever it stands among the others. One
    that this run recorded before its worker died is given back by the durable engine, which wants
    the same names in the same order.
    """

    def __init__(self, work: Work, recorder: Recorder) -> None:
        self._known: Final = work.known
        self._plugin_id: Final = work.plugin_id
        self._point: Final = work.event_type
        self._recorder: Final = recorder
        self._done: Final[set[str]] = set()

    def __call__(self, name: str, fn: Callable[..., Any], *args: Any) -> Any:
        """Call `fn(*args)` and record its result, or give what was recorded."""
        if name in self._done:
            raise PluginFault(
                f"two steps are called {name!r}: a step is remembered by its name, so each needs "
                "one of its own (put the record's id into it)",
                plugin_id=self._plugin_id,
                point=self._point,
            )

        def do() -> str:
            return json.dumps(to_plain(fn(*args)), ensure_ascii=False, separators=(",", ":"))

        result = self._known.get(name)
        if result is None:
            try:
                result = self._recorder.do(name, do)
            except StepsChanged as error:
                raise PluginFault(
                    f"{self._plugin_id} was gone on with after a crash and did the step {name!r} "
                    "where it had done another one before; was it changed meanwhile? What was "
                    "recorded is kept by name: see whether the new steps fit it, then retry",
                    plugin_id=self._plugin_id,
                    point=self._point,
                ) from error
        self._done.add(name)
        # What was read back is given even when it is fresh, so that a handler meets the same
        # value in its first run and in any later one.
        return from_plain(json.loads(result))


class Runner:
    """Runs deliveries on behalf of one worker."""

    def __init__(
        self,
        deliveries: Deliveries,
        deliver: Deliver,
        version_of: VersionOf,
        client: Records,
        worker: str,
        report: Report,
        secrets: Callable[[], Iterable[str]] = tuple,
        recorder: Callable[[], Recorder] = by_the_engine,
    ) -> None:
        """Make a runner.

        Args:
            deliveries: the deliveries of the store.
            deliver: runs a plugin's handler.
            version_of: gives the version of a loaded plugin.
            client: gives what runs recorded; of the durable engine.
            worker: on whose behalf.
            report: takes news of what it does.
            secrets: gives what must not stand in evidence, besides what connectors know.
            recorder: makes what records the steps of a run that begins.
        """
        self._ledger: Final = deliveries.ledger
        self._max_starts: Final = deliveries.policy.max_starts
        self._max_attempts: Final = deliveries.policy.max_attempts
        self._deliver: Final = deliver
        self._version_of: Final = version_of
        self._records: Final = client
        self._recorder: Final = recorder
        self._worker: Final = worker
        self._report: Final = report
        self._secrets: Final = secrets

    def run(self, number: int, run: int) -> None:
        """Do one run to its end; whatever the handler raises ends in the delivery's row."""
        began = time.monotonic()
        work = self._ledger.begin(number, run, self._worker, self._version_of)
        if work is None:
            return
        if work.worn_out:
            self._give_up(work)
            return
        key = idempotency_key(work.event_id, work.plugin_id, work.key_revision)
        under_way = DeliveryUnderWay(f"D-{work.number}", work.event_id, work.attempts, work.trace)
        with witnessed() as witness:
            try:
                with delivering(under_way, work.event_type, work.plugin_id):
                    rehearsed = self._deliver(
                        work.plugin_id,
                        read_event(work.payload),
                        step=Steps(work, self._recorder()),
                        idempotency_key=key,
                    )
            except Exception as error:  # noqa: BLE001 - the boundary: it is classified and kept
                told(work.plugin_id, work.event_type, error)
                self._look_after_circuits(work, witness)
                self._fail(work, self._failure(error, witness, key))
                return
        self._look_after_circuits(work, witness)
        if self._ledger.succeed(work, self._worker, rehearsed=rehearsed is True):
            seconds = time.monotonic() - began
            what = "rehearsed" if rehearsed else "delivered"
            self._report(
                what,
                f"{what} {work.event_type} {work.subject} to {work.plugin_id} in {seconds:.2f} s",
                **_about(work),
                seconds=round(seconds, 4),
            )

    def _failure(self, error: Exception, witness: Witness, key: str) -> Failure:
        failure = failure_of(error)
        exchanged = witness.of(error)
        evidence = dict(failure.evidence or {})
        if exchanged is not None:
            evidence |= {"exchange": written(exchanged, secrets=self._secrets())}
        return evolve(
            failure,
            evidence=evidence or None,
            fate=witness.fates.get(key),
            away=witness.answered.get(failure.system) is False,
            retry_after=failure.retry_after or witness.waits.get(failure.system),
        )

    def _look_after_circuits(self, work: Work, witness: Witness) -> None:
        circuits = self._ledger.circuits
        circuits.answered(system for system, answered in witness.answered.items() if answered)
        self._ledger.limits.charge(witness.calls)
        if work.probing:
            circuits.probed(work.number, work.probing, witness.answered)

    def _give_up(self, work: Work) -> None:
        failure = Failure(
            kind="bug",
            cause=(
                f"the worker died {self._max_starts} times while it delivered this; look for what "
                f"kills it (memory, a crash in a library that {work.plugin_id} uses) before you "
                "retry"
            ),
        )
        self._fail(work, failure)

    def _fail(self, work: Work, failure: Failure) -> None:
        # Asked of the engine, which also has what this run recorded before its worker died.
        recorded = self._records.recorded_steps(work.number, work.run)
        due = self._ledger.fail(work, self._worker, failure, recorded)
        what = f"{work.event_type} {work.subject} to {work.plugin_id}"
        again = failure.kind == "transient" and work.attempts < self._max_attempts
        if again and due is None:
            self._report(
                "held",
                f"held      {what} until {failure.system} answers: {failure.cause}",
                **_about(work),
                system=failure.system,
                cause=failure.cause,
            )
        elif due is not None:
            self._report(
                "waiting",
                f"waiting   {what} until {due:%H:%M:%S} UTC: {failure.cause}",
                **_about(work),
                due_at=due.isoformat(),
                cause=failure.cause,
            )
        else:
            self._report(
                "dead",
                f"dead      {what} ({failure.kind}): {failure.cause}",
                **_about(work),
                failure=failure.kind,
                cause=failure.cause,
            )


def _about(work: Work) -> dict[str, Any]:
    return {
        "delivery": f"D-{work.number}",
        "event": work.event_id,
        "event_type": work.event_type,
        "subject": work.subject,
        "plugin": work.plugin_id,
        "attempts": work.attempts,
    }
