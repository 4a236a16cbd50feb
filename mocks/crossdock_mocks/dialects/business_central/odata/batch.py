"""`$batch`: up to a hundred requests in one, with `Isolation: snapshot` as one transaction."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.engine import Call
from crossdock_mocks.engine.json_batch import JsonBatch

_MOST: Final = 100


def _atomic(call: Call) -> bool:
    return str(call.headers.get("isolation", "")).strip().lower() == "snapshot"


def _stops(call: Call) -> bool:
    """OData: processing ends with the first failure, unless the caller prefers to go on."""
    return "odata.continue-on-error" not in call.headers.get("prefer", "")


run_batch: Final = JsonBatch(most=_MOST, atomic=_atomic, stops=_stops)
"""The behaviour of `$batch`."""
