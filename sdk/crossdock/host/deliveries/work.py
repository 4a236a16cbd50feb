"""A run that a worker has begun, with all that it needs to do it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen


@frozen(kw_only=True)
class Work:
    """A run that a worker has begun.

    Attributes:
        payload: the event as JSON text, in its latest revision.
        key_revision: the revision whose idempotency key this run has.
        known: results of steps that earlier runs recorded, as JSON text by name.
        trace: the span that the event was published in, as `tracing.carried` gave it.
        probing: the systems that are away and that it tries, as the probe of their circuits.
        worn_out: whether workers died too often with this run; it must not be tried again.
    """

    number: int
    run: int
    event_id: str
    event_type: str
    subject: str
    plugin_id: str
    lane: str
    payload: str
    attempts: int
    created_at: datetime
    revision: int = 0
    key_revision: int = 0
    began_at: datetime | None = None
    known: Mapping[str, str] = field(factory=dict)
    trace: str = ""
    worn_out: bool = False
    probing: tuple[str, ...] = ()
