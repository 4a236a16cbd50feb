"""What a system tells the world: which change of which table is which event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, TypeAlias

import attrs

from crossdock_mocks.engine.messages import encode, instant

Action: TypeAlias = Literal["created", "updated", "deleted"]
Row: TypeAlias = dict[str, Any]


@attrs.frozen
class Event:
    """One thing that happened.

    Attributes:
        name: Name of the event, such as `note.created`.
        id: Id of the message, the same each time it is sent.
        at: When it was seen, by the world's clock.
        data: What the system says about it.
    """

    name: str
    id: str
    at: datetime
    data: Any


def in_standard_form(event: Event) -> bytes:
    """`type`, `timestamp` and `data`, the payload that Standard Webhooks recommends."""
    return encode({"type": event.name, "timestamp": instant(event.at), "data": event.data}).encode()


def _named(table: str) -> Callable[[Action, Row], str | None]:
    return lambda action, _: f"{table}.{action}"


def _whole(_: Action, row: Row) -> Any:
    return row


@attrs.frozen
class EventSource:
    """Events that come from the changes of one table.

    A change feed is such a table, in which a row is created for each change of a document: then
    `name` and `data` look at that row.

    Attributes:
        table: The table.
        name: Names the event of a change, or `None` where there is none; `table.action` unless
            given.
        data: What is told about it; the row unless given. Of a deleted row, the row as it was.
    """

    table: str
    name: Callable[[Action, Row], str | None] = attrs.Factory(
        lambda self: _named(self.table), takes_self=True
    )
    data: Callable[[Action, Row], Any] = _whole
