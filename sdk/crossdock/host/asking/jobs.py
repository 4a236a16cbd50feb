"""Jobs on a schedule: which there are, and the running of one occurrence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from attrs import frozen

from crossdock.errors import PluginFault
from crossdock.host.asking.offers import MakeContext, Missing, missing, offers
from crossdock.host.loading.plan import Implementation, Plan
from crossdock.views import Job

if TYPE_CHECKING:
    from crossdock.host.asking.context import EventCallContext

POINT: Final = "scheduled_jobs"
_FIELDS: Final = 5


@frozen(kw_only=True)
class JobHandle:
    """A job of a plugin."""

    plugin_id: str
    plugin_version: str
    job: Job

    @property
    def address(self) -> str:
        """How people call it: `watch-list/overdue`."""
        return f"{self.plugin_id}/{self.job.id}"


@frozen(kw_only=True)
class JobList:
    """The jobs that there are, and the plugins whose jobs cannot be run, with the reason."""

    jobs: tuple[JobHandle, ...] = ()
    missing: tuple[Missing, ...] = ()


def list_jobs(plan: Plan, context: MakeContext) -> JobList:
    """Ask every plugin for its jobs; a cron line that cannot be read leaves out the one job."""
    handles: list[JobHandle] = []
    failed: list[Missing] = []
    for offer in offers(plan, POINT, Job, {}, context):
        plugin = offer.plugin
        if offer.fault is not None:
            failed.append(missing(offer))
        for job in offer.items:
            if wrong := cron_fault(job.cron):
                reason = f"the job {job.id} has the cron line {job.cron!r}: {wrong}"
                failed.append(
                    Missing(plugin_id=plugin.id, plugin_name=plugin.manifest.name, reason=reason)
                )
            else:
                handles.append(
                    JobHandle(plugin_id=plugin.id, plugin_version=plugin.manifest.version, job=job)
                )
    return JobList(jobs=tuple(handles), missing=tuple(failed))


def cron_fault(line: str) -> str:
    """Say what is wrong with a cron line, or nothing."""
    fields = len(line.split())
    if fields != _FIELDS:
        return f"it has {fields} of five fields: minute, hour, day of month, month, day of week"
    try:
        latest_occurrence(line, datetime(2024, 2, 29, tzinfo=UTC))
    except ValueError as wrong:
        return str(wrong)
    return ""


def latest_occurrence(line: str, now: datetime) -> datetime:
    """Give when a cron line was due last, `now` included; in UTC.

    Raises:
        ValueError: the line cannot be read, or no day ever fits it.
    """
    from croniter import croniter

    found: datetime = croniter(line, now + timedelta(seconds=1)).get_prev(datetime)
    return found.astimezone(UTC).replace(second=0, microsecond=0)


def run_job(implementation: Implementation, job_id: str, ctx: EventCallContext) -> None:
    """Run one occurrence of a job.

    Raises:
        PluginFault: the plugin does not name such a job any more.
        Exception: whatever the job raised.
    """
    jobs = implementation.function(*implementation.pick({"ctx": ctx}))
    run: Callable[[EventCallContext], None] | None = next(
        (job.run for job in jobs or () if isinstance(job, Job) and job.id == job_id), None
    )
    if run is None:
        plugin_id = implementation.plugin.id
        raise PluginFault(
            f"the plugin {plugin_id} has no job {job_id!r} any more",
            plugin_id=plugin_id,
            point=POINT,
        )
    run(ctx)
