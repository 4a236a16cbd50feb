"""The durable engine, DBOS, on its public API only. No other module knows that it exists.

Importing this takes 0.6 s: it is imported where it is used.

What holds it together (each point was a trap):

- An executor id of its own for each worker, so that no worker takes another's live work for its
  own; that a worker is dead is known by its lock, and the one who gets the lock resumes its work.
- The application version is pinned: by default it is a hash of the source, and work of another
  version is never taken up again.
- Workflow ids sort by time: on SQLite below Python 3.12 the engine's own instants have whole
  seconds, and ties break by id.
- Nothing ever sleeps in a workflow; it would hold a thread.
- A workflow ends well whatever became of the delivery, as the outcome is in our own rows.
"""

from __future__ import annotations

import contextvars
import logging
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa
from attrs import frozen
from dbos import DBOS, DBOSClient, DBOSConfig
from dbos import error as dbos_errors

from crossdock.errors import SetupError
from crossdock.host.deliveries.recording import StepsChanged
from crossdock.host.deliveries.serializer import JsonSerializer
from crossdock.host.store.database import make_durable_engine

_APPLICATION: Final = "crossdock"
# Changes only when a workflow that was begun by the version before can not be gone on with.
_VERSION: Final = "crossdock-1"
_QUEUE: Final = "crossdock.deliveries"
_WORKFLOW: Final = "crossdock.deliver"
_LOG_LEVEL: Final = "CRITICAL"
_OVER_BADLY: Final = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED"]
_MOST_LOST: Final = 100


def make_tables(url: sa.URL) -> None:
    """Make or update the engine's tables in the store's database.

    Raises:
        SetupError: they cannot be made.
    """
    plain = url.set(drivername=url.get_backend_name())
    try:
        DBOS.migrate(plain.render_as_string(hide_password=False))
    except sa.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise SetupError(
            f"the tables for deliveries cannot be made in {url.render_as_string()}: {reason}"
        ) from error


def workflow_id(number: int, run: int) -> str:
    """Name the workflow of one run of a delivery."""
    return f"D-{number:012d}.{run:04d}"


@frozen
class LostRun:
    """A run whose workflow is over without having ended well, and why."""

    number: int
    run: int
    cause: str


def _lost(of_workflow: str, error: Exception | None) -> LostRun:
    number, _, run = of_workflow.removeprefix("D-").partition(".")
    cause = f"{type(error).__name__}: {error}" if error else "the durable engine gave it up"
    return LostRun(int(number), int(run), cause)


class Client:
    """The side that enqueues; it runs nothing."""

    def __init__(self, url: sa.URL) -> None:
        self._engine = make_durable_engine(url)
        self._client = DBOSClient(
            system_database_engine=self._engine,
            serializer=JsonSerializer(),
            application_name=_APPLICATION,
            lazy=True,
        )

    def enqueue(self, connection: sa.Connection, number: int, run: int, lane: str) -> None:
        """Put a run into the queue, within the caller's transaction."""
        self._client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": _WORKFLOW,
                "queue_name": _QUEUE,
                "workflow_id": workflow_id(number, run),
                "queue_partition_key": lane,
                "app_version": _VERSION,
            },
            number,
            run,
        )

    def register_queue(self, *, poll_seconds: float, concurrency: int) -> None:
        """Say how the queue is worked: one of a lane at a time, lanes side by side."""
        self._client.register_queue(
            _QUEUE,
            partition_concurrency=1,
            worker_concurrency=concurrency,
            polling_interval_sec=poll_seconds,
            on_conflict="always_update",
        )

    def recorded_steps(self, number: int, run: int) -> dict[str, str]:
        """Give the results of the steps that a run recorded, by name."""
        return {
            step["function_name"]: step["output"]
            for step in self._client.list_workflow_steps(workflow_id(number, run))
            if step["error"] is None and isinstance(step["output"], str)
        }

    def lost_runs(self) -> list[LostRun]:
        """Give the runs whose workflow is over without having ended well."""
        # By its name, as one that the engine gave up or somebody cancelled is in no queue.
        over = self._client.list_workflows(
            status=_OVER_BADLY, name=_WORKFLOW, load_input=False, limit=_MOST_LOST
        )
        return [_lost(status.workflow_id, status.error) for status in over]

    def forget_run(self, number: int, run: int) -> None:
        """Drop the records of one run, which is over."""
        self._client.delete_workflows([workflow_id(number, run)])

    def forget(self, number: int, runs: int) -> None:
        """Drop the records of a delivery's runs, which are over."""
        self._client.delete_workflows([workflow_id(number, run) for run in range(1, runs + 1)])

    def executors(self) -> set[str]:
        """Name the workers that have work begun, dead ones included."""
        return {
            status.executor_id
            for status in self._client.list_workflows(
                status="PENDING", queue_name=_QUEUE, load_input=False, load_output=False
            )
            if status.executor_id
        }

    def resume_work_of(self, executor_id: str) -> int:
        """Queue the begun work of a worker that is known to be dead; says how much it was."""
        begun = self._client.list_workflows(
            status="PENDING",
            executor_id=executor_id,
            queue_name=_QUEUE,
            load_input=False,
            load_output=False,
        )
        for status in begun:
            self._client.resume_workflow(status.workflow_id, queue_name=_QUEUE)
        return len(begun)

    def close(self) -> None:
        """Let go of connections."""
        self._client.destroy()
        self._engine.dispose()


class Engine:
    """The side that runs; there is one in a process."""

    def __init__(self, url: sa.URL, executor_id: str, run: Callable[[int, int], None]) -> None:
        """Make the engine.

        Args:
            url: the store's database.
            executor_id: a name that no other worker has or ever had.
            run: called with delivery and run, in a thread of the engine.
        """
        self._engine = make_durable_engine(url)
        # Silent, unless [log] levels asks for it by name.
        logger = logging.getLogger("dbos")
        asked = logging.NOTSET < logger.level < logging.WARNING
        level = logging.getLevelName(logger.level) if asked else _LOG_LEVEL
        logger.setLevel(level)
        config: DBOSConfig = {
            "name": _APPLICATION,
            "system_database_engine": self._engine,
            "executor_id": executor_id,
            "application_version": _VERSION,
            "serializer": JsonSerializer(),
            "log_level": level,
            "run_migrations": False,
        }
        DBOS(config=config)

        @DBOS.workflow(name=_WORKFLOW)
        def deliver(number: int, run_number: int) -> None:
            run(number, run_number)

    def launch(self) -> None:
        """Begin to take work from the queue."""
        DBOS.listen_queues([_QUEUE])
        DBOS.launch()

    def close(self) -> None:
        """Stop taking work; what is still begun stays begun, for another worker."""
        DBOS.destroy(destroy_registry=True)
        self._engine.dispose()


class RecordedSteps:
    """The steps of the run that is under way in this thread.

    The engine knows its workflow by the thread's context; a handler may call a step from another
    thread (for its deadline), so the context is kept and used there.
    """

    def __init__(self) -> None:
        self._workflow_id = DBOS.workflow_id
        self._context = contextvars.copy_context()

    def do(self, name: str, fn: Callable[[], str]) -> str:
        """Call `fn` and record its result, or give the result that was recorded.

        Raises:
            StepsChanged: the run had recorded another step at this place.
        """

        def record() -> str:
            return DBOS.run_step({"name": name}, fn)

        try:
            if DBOS.workflow_id == self._workflow_id:
                return record()
            return self._context.run(record)
        except dbos_errors.DBOSUnexpectedStepError as error:
            raise StepsChanged(name) from error
