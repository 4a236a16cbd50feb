"""`crossdock worker`: deliver events to plugins until told to stop."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import click

from crossdock.cli.options import host_config

if TYPE_CHECKING:
    from crossdock.host.deliveries.worker import WorkerSettings

_LOUD: Final = {"dead", "feed_away", "feed_blocked", "trouble"}


@click.command("worker")
@host_config
@click.option(
    "--poll-seconds",
    type=click.FloatRange(min=0, min_open=True, max=3600),
    help="How often to look for new deliveries; over [worker] poll_seconds.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(min=1, max=256),
    help="How many accounts to serve side by side; over [worker] concurrency.",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object a line.")
def command(
    config: Path, poll_seconds: float | None, concurrency: int | None, as_json: bool
) -> None:
    """Deliver events to plugins until told to stop.

    Start as many as you like on one store. SIGTERM or Ctrl-C lets what is under way finish; a
    worker that is killed loses nothing, the next one or another one goes on where it was.

    \b
    Examples:
      crossdock worker
      crossdock worker --concurrency 4 --json
    """
    from crossdock.host.settings.config import HostConfig

    read = HostConfig.read(config)  # first, as what follows takes a second to be imported

    from crossdock.host import Host
    from crossdock.host.deliveries.staff import worker_of
    from crossdock.host.deliveries.worker import new_worker_id
    from crossdock.host.loading.following import following
    from crossdock.host.watching.observation import set_up_observation

    stop = threading.Event()
    _stop_on_signals(stop)
    worker_id = new_worker_id()
    set_up_observation(read)
    report = _JsonLines() if as_json else _Lines()
    with Host.open(read, role=f"worker {worker_id}") as host:
        for aside in host.quarantined:
            report("trouble", f"plugin {aside.id} is not loaded: {aside.reason}", plugin=aside.id)
        worker = worker_of(
            host,
            worker_id=worker_id,
            settings=_settings(read.worker, poll_seconds, concurrency),
            report=report,
        )
        with following(host, report):
            worker.run(stop)


def _settings(
    configured: Mapping[str, Any], poll_seconds: float | None, concurrency: int | None
) -> WorkerSettings:
    from crossdock.host.deliveries.worker import WorkerSettings

    chosen = dict(configured)
    if poll_seconds is not None:
        chosen["poll_seconds"] = poll_seconds
    if concurrency is not None:
        chosen["concurrency"] = concurrency
    return WorkerSettings(**chosen)


def _stop_on_signals(stop: threading.Event) -> None:
    def asked(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        # Who asks a second time does not want to wait.
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)


class _Lines:
    """News as lines for a person; the hour first, so that they align."""

    def __call__(self, kind: str, text: str, **_detail: Any) -> None:
        at = datetime.now(UTC).astimezone().strftime("%H:%M:%S")
        click.secho(f"{at}  {text}", fg="yellow" if kind in _LOUD else None)


class _JsonLines:
    """News as one JSON object a line."""

    def __call__(self, kind: str, text: str, **detail: Any) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        document = {"at": at, "kind": kind, "text": text, **detail}
        click.echo(json.dumps(document, ensure_ascii=False))
