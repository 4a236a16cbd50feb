"""What a frame says where it cannot show its tab: friendly, short, and with nothing of the data."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from crossdock.errors import (
    AccessDenied,
    CrossdockError,
    NotFound,
    RemoteError,
    RemoteUnavailable,
)


@frozen(kw_only=True)
class Told:
    """A page without data.

    Attributes:
        again: whether reading it anew may help.
    """

    status: int
    title: str
    text: str
    again: bool = False


CHANGED: Final = Told(
    status=403,
    title="This link is not good",
    text="It was cut off or changed on its way. Open the record in your CRM once more.",
)
EXPIRED: Final = Told(
    status=410,
    title="This view has expired",
    text="Load the page of your CRM again to see fresh figures.",
)
OUTSIDE: Final = Told(
    status=403,
    title="This view belongs into your CRM",
    text="It is shown inside the record's page only. Open the record there.",
)
NOT_YOURS: Final = Told(
    status=403,
    title="This is not yours to see",
    text="There is no such tab, or your role does not show it. Ask whoever looks after Crossdock.",
)
GONE: Final = Told(
    status=404,
    title="This record is not there any more",
    text="It may have been deleted or merged. Open it in your CRM once more.",
)
AWAY: Final = Told(
    status=503,
    title="A system does not answer",
    text="What this view is made of could not be read just now. Try again in a moment.",
    again=True,
)


def told_of(error: CrossdockError) -> Told:
    """Say an error without any of its words, which may hold data."""
    if isinstance(error, NotFound):
        return GONE
    if isinstance(error, AccessDenied):
        return NOT_YOURS
    if isinstance(error, RemoteUnavailable):
        return AWAY
    status = 502 if isinstance(error, RemoteError) else 500
    return Told(
        status=status,
        title="This view could not be made",
        text="Whoever looks after Crossdock finds the cause in its log.",
        again=True,
    )


def broken(reference: str) -> Told:
    """Say that we made a mistake; the log has it under a reference."""
    return Told(
        status=500,
        title="Something broke on our side",
        text=f"Whoever looks after Crossdock finds the cause in the log under {reference}.",
    )
