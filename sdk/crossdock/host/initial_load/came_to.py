"""What became of one record, whatever its system said."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from crossdock.errors import (
    Conflict,
    LinkConflict,
    NotSupported,
    OutcomeUnknown,
    PossiblyCreated,
    RemoteRefused,
    RemoteRejectedData,
)


@frozen
class CameTo:
    """What became of one record.

    Attributes:
        outcome: one of `report.OUTCOMES`.
        reason: why, where it did not simply go through.
        counterpart: `system:id` of what was made of it.
        checksum: of both records as they are now.
    """

    outcome: str
    reason: str = ""
    counterpart: str = ""
    checksum: str = ""


def tried(work: Callable[[], CameTo]) -> CameTo:
    """Do what is to be done of a record; what its system refuses is an outcome as well.

    Raises:
        CrossdockError: it cannot be tried now, and neither can the next one.
    """
    try:
        return work()
    except (OutcomeUnknown, PossiblyCreated) as unknown:
        return CameTo("review", f"it may have been created: {unknown}")
    except (LinkConflict, Conflict) as conflict:
        return CameTo("conflict", str(conflict))
    except (RemoteRefused, RemoteRejectedData, NotSupported) as refusal:
        return CameTo("refused", str(refusal))


def made_before(outcome: str) -> str:
    """Give the outcome of a record that a process which died was making: it was made by that."""
    return "created" if outcome in ("updated", "unchanged") else outcome
