"""The slow-plugin report: what one process noticed is kept in the store, and read in another."""

from __future__ import annotations

import json
import logging
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from attrs import frozen

from crossdock.host.store.schema import meta

if TYPE_CHECKING:
    from crossdock.host.store import Store

_PREFIX: Final = "slow:"
_log: Final = logging.getLogger("crossdock.telemetry")


@frozen(kw_only=True)
class SlowPlugin:
    """A plugin that took more than its share of a deadline, call after call.

    Attributes:
        point: the extension point, or `tab <plugin>/<tab>`.
        seconds: what the last of the calls took.
        allowed: what it may take.
        in_a_row: how many calls one after the other were slow.
        at: when it was noticed.
        process: which process noticed it.
    """

    plugin_id: str
    point: str
    seconds: float
    allowed: float
    in_a_row: int
    at: datetime
    process: str


def remember_slow(
    store: Store,
    process: str,
    at: datetime,
    plugin_id: str,
    point: str,
    seconds: float,
    allowed: float,
    in_a_row: int,
) -> None:
    """Keep the latest notice of a plugin and point; whoever called the plugin does not wait."""
    slow = SlowPlugin(
        plugin_id=plugin_id,
        point=point,
        seconds=seconds,
        allowed=allowed,
        in_a_row=in_a_row,
        at=at,
        process=process,
    )
    threading.Thread(target=_write, args=(store, slow), name="slow plugin", daemon=True).start()


def _write(store: Store, slow: SlowPlugin) -> None:
    value = json.dumps(
        {
            "seconds": slow.seconds,
            "allowed": slow.allowed,
            "in_a_row": slow.in_a_row,
            "at": slow.at.isoformat(),
            "process": slow.process,
        }
    )
    try:
        store.remember(f"{_PREFIX}{slow.plugin_id}:{slow.point}", value)
    except sa.exc.SQLAlchemyError as error:
        _log.warning("that %s is slow could not be kept: %s", slow.plugin_id, error)


def slow_plugins(store: Store, *, since: timedelta) -> tuple[SlowPlugin, ...]:
    """List what was noticed lately, by any process, the slowest first."""
    earliest = store.clock() - since
    with store.reading() as connection:
        rows = connection.execute(sa.select(meta).where(meta.c.key.startswith(_PREFIX))).all()
    found = []
    for row in rows:
        plugin_id, _, point = row.key.removeprefix(_PREFIX).partition(":")
        value = json.loads(row.value)
        at = datetime.fromisoformat(value["at"])
        if at >= earliest:
            found.append(
                SlowPlugin(
                    plugin_id=plugin_id,
                    point=point,
                    seconds=value["seconds"],
                    allowed=value["allowed"],
                    in_a_row=value["in_a_row"],
                    at=at,
                    process=value["process"],
                )
            )
    return tuple(sorted(found, key=lambda each: -each.seconds / each.allowed))
