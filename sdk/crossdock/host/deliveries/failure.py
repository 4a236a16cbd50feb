"""What went wrong with a delivery: its class, and its cause in plain words."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from crossdock.errors import (
    AccessDenied,
    CrossdockError,
    DeadlineExceeded,
    PluginFault,
    PluginPaused,
    PossiblyCreated,
    RemoteError,
    RemoteMisbehaved,
    RemoteRejectedData,
    RemoteUnauthorized,
    RemoteUnavailable,
)
from crossdock.host.deliveries.delivery import FailureClass

if TYPE_CHECKING:
    from crossdock.connectors.evidence import Fate
from crossdock.host.isolation.failures import InThePlugin

# The first that fits counts.
_CLASSES: Final[tuple[tuple[type[BaseException], FailureClass], ...]] = (
    (PossiblyCreated, "possibly_created"),
    (RemoteUnavailable, "transient"),
    (DeadlineExceeded, "transient"),
    (PluginPaused, "transient"),
    (ConnectionError, "transient"),
    (TimeoutError, "transient"),
    (RemoteUnauthorized, "authorization"),
    (AccessDenied, "authorization"),
    (RemoteRejectedData, "data"),
    (RemoteMisbehaved, "bug"),
    (PluginFault, "bug"),
    (CrossdockError, "business"),
)


@frozen(kw_only=True)
class Failure:
    """Why a delivery did not get through.

    Attributes:
        kind: who can do something about it: time (transient), the business, whoever keeps the
            data, whoever gives rights, the plugin's author, or whoever can look whether something
            was created.
        cause: one or two sentences for a person.
        traceback: of a bug; empty for everything else.
        retry_after: seconds that the remote system asked to wait.
        system: the configured name of the remote system that it failed at; empty where none did.
        evidence: plain data: the exchange that caused it, and what else was told.
        fate: what is known of the delivery's idempotency key after this attempt; `None` where
            the attempt says nothing of it.
        away: whether that system was asked and did not answer, or could not take the call.
    """

    kind: FailureClass
    cause: str
    traceback: str = ""
    retry_after: float | None = None
    system: str = ""
    evidence: Mapping[str, Any] | None = None
    fate: Fate | None = None
    away: bool = False


def failure_of(error: Exception) -> Failure:
    """Classify what a handler raised."""
    system = getattr(error, "system", "") if isinstance(error, CrossdockError) else ""
    kind: FailureClass = next((kind for known, kind in _CLASSES if isinstance(error, known)), "bug")
    if kind == "bug":
        return Failure(
            kind="bug",
            cause=_bug(error),
            traceback="".join(traceback.format_exception(error)),
            system=system,
        )
    cause = str(error).strip() or type(error).__name__
    if isinstance(error, RemoteError):
        cause = _remote(error, cause)
    # One that a version before this one recorded may lack it.
    told = getattr(error, "evidence", ()) if isinstance(error, PossiblyCreated) else ()
    return Failure(
        kind=kind,
        cause=cause,
        retry_after=getattr(error, "retry_after", None),
        system=system,
        evidence={"told": list(told)} if told else None,
    )


def _remote(error: RemoteError, cause: str) -> str:
    fields = "; ".join(
        f"{each.field}: {each.message}" for each in error.fields if each.message not in cause
    )
    return f"{cause} ({fields})" if fields else cause


def _bug(error: Exception) -> str:
    if isinstance(error, CrossdockError):
        return str(error).strip() or type(error).__name__
    if isinstance(error.__cause__, InThePlugin):
        place = error.__cause__.place
    else:
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else ""
    place = f" ({place})" if place else ""
    return f"the plugin failed with {type(error).__name__}: {error}{place}"
