"""What the commands of `crossdock deliveries` share: the store, who acts, how it is told."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from crossdock.host.deliveries import Attempt, Deliveries, Delivery


def actor() -> str:
    """Say who acts, for the audit trail: whoever sits at this machine."""
    return f"shell:{getpass.getuser()}"


def answer(delivery: Delivery, as_json: bool, text: str) -> None:
    """Tell what became of a delivery."""
    if as_json:
        click.echo(json.dumps(plain(delivery), indent=2, ensure_ascii=False))
    else:
        click.echo(text)


@contextmanager
def opened(config: Path) -> Iterator[Deliveries]:
    """Open the deliveries of a configuration's store.

    Only the store is opened: the queue must be there to be looked at when a plugin is broken or a
    system is away.
    """
    from crossdock.host.asking.services import wall_clock
    from crossdock.host.deliveries import Deliveries, DeliverySettings
    from crossdock.host.settings.config import HostConfig
    from crossdock.host.store import Store

    read = HostConfig.read(config)
    with (
        Store.open(read.store_url, clock=wall_clock(read.clock_offset)) as store,
        Deliveries.open(
            store, settings=DeliverySettings.of(read.deliveries, read.limits, read.keep_days)
        ) as deliveries,
    ):
        yield deliveries


def in_words(instant: datetime | None) -> str:
    """Write an instant for people; empty where there is none."""
    return "" if instant is None else f"{instant:%Y-%m-%d %H:%M:%S} UTC"


def plain(delivery: Delivery) -> dict[str, Any]:
    """Give a delivery as JSON data."""

    def text(instant: datetime | None) -> str | None:
        return None if instant is None else instant.isoformat()

    return {
        "id": delivery.id,
        "state": delivery.state,
        "event": delivery.event_id,
        "event_type": delivery.event_type,
        "subject": delivery.subject,
        "plugin": delivery.plugin_id,
        "plugin_version": delivery.plugin_version,
        "attempts": delivery.attempts,
        "worker": delivery.worker,
        "published_at": text(delivery.created_at),
        "started_at": text(delivery.started_at),
        "due_at": text(delivery.due_at),
        "finished_at": text(delivery.finished_at),
        "failure": delivery.failure,
        "cause": delivery.cause,
        "traceback": delivery.traceback,
        "system": delivery.system,
        "held_by": delivery.held_by,
        "assignee": delivery.assignee,
        "revision": delivery.revision,
    }


def plain_attempt(attempt: Attempt) -> dict[str, Any]:
    """Give one try at a delivery as JSON data."""
    return {
        "outcome": attempt.outcome,
        "worker": attempt.worker,
        "began_at": attempt.began_at and attempt.began_at.isoformat(),
        "ended_at": attempt.ended_at and attempt.ended_at.isoformat(),
        "seconds": attempt.seconds,
        "revision": attempt.revision,
        "failure": attempt.failure,
        "system": attempt.system,
        "cause": attempt.cause,
        "evidence": attempt.evidence,
    }
