"""What went wrong, in sentences for the person at the desk."""

from __future__ import annotations

from attrs import frozen

from crossdock.errors import (
    AccessDenied,
    ApprovalRefused,
    Conflict,
    CrossdockError,
    DeliveryChanged,
    EditRefused,
    NotAway,
    NotEditable,
    NotFound,
    NotRetriable,
    NotSupported,
    PlacementConflict,
    RemoteError,
    RemoteMisbehaved,
    RemoteUnauthorized,
    RemoteUnavailable,
    UnknownApproval,
    UnknownDelivery,
)
from crossdock.host.exceptions_queue import RIGHT


@frozen(kw_only=True)
class Refusal:
    """What happened and what to do next.

    Attributes:
        status: the HTTP status of a page that says so.
        detail: the system's own words, for whoever looks after it.
    """

    status: int
    title: str
    text: str
    detail: str = ""


def system_name(system: str) -> str:
    """Name a configured system in a sentence."""
    return (
        "The CRM"
        if system == "crm"
        else f"The ERP \N{LEFT DOUBLE QUOTATION MARK}{system}\N{RIGHT DOUBLE QUOTATION MARK}"
    )


def refusal(error: CrossdockError) -> Refusal:
    """Say an error in words that help."""
    detail = str(error)
    if not isinstance(error, RemoteError):
        if isinstance(error, AccessDenied) and error.scope == RIGHT:
            return Refusal(status=403, title="Not yours to do", text=_sentence(error))
        if isinstance(error, AccessDenied):
            return Refusal(
                status=403, title="Not yours to see", text="Your role does not allow this."
                " Ask whoever looks after Crossdock if it should.", detail=detail,
            )  # fmt: skip
        if isinstance(error, (UnknownDelivery, UnknownApproval)):
            return Refusal(status=404, title="Not found", text=_sentence(error))
        if isinstance(error, ApprovalRefused):
            return Refusal(status=409, title="Nothing was answered", text=_sentence(error))
        if isinstance(error, PlacementConflict):
            return Refusal(status=409, title="This does not fit", text=_sentence(error))
        if isinstance(error, DeliveryChanged):
            return Refusal(status=409, title="Somebody else was faster", text=_sentence(error))
        if isinstance(error, NotAway):
            return Refusal(status=409, title="Nothing to try", text=_sentence(error))
        if isinstance(error, NotRetriable):
            return Refusal(status=409, title="Nothing to try again", text=_sentence(error))
        if isinstance(error, NotEditable):
            return Refusal(status=409, title="This cannot be changed", text=_sentence(error))
        if isinstance(error, EditRefused):
            return Refusal(status=422, title="Something is missing", text=_sentence(error))
        if isinstance(error, NotSupported):
            return Refusal(status=501, title="This system cannot do that", text=_sentence(error))
        return Refusal(status=500, title="This did not work", text=_sentence(error))
    name = system_name(error.system)
    if isinstance(error, NotFound):
        return Refusal(
            status=404, title="Not found", detail=detail,
            text=f"{name} has no such record. It may have been deleted, or the address is wrong.",
        )  # fmt: skip
    if isinstance(error, RemoteUnavailable):
        return Refusal(
            status=503, title=f"{name} does not answer", detail=detail,
            text="Nothing was lost. Try again in a moment; what waits for it goes on by itself.",
        )  # fmt: skip
    if isinstance(error, RemoteUnauthorized):
        return Refusal(
            status=502, title=f"{name} does not let us in", detail=detail,
            text="The credentials in crossdock.toml are wrong, have expired, or are too weak.",
        )  # fmt: skip
    if isinstance(error, Conflict):
        return Refusal(
            status=409, title="Somebody else was faster", detail=detail,
            text="The record changed since you opened it. Open it again to see how it is now.",
        )  # fmt: skip
    if isinstance(error, RemoteMisbehaved):
        return Refusal(
            status=502, title=f"{name} gave an answer that makes no sense", detail=detail,
            text="It was not used. Whoever looks after it should see the words below.",
        )  # fmt: skip
    return Refusal(status=502, title=f"{name} said no", text=_sentence(error))


def _sentence(error: CrossdockError) -> str:
    text = str(error).strip() or type(error).__name__
    return text[:1].upper() + text[1:] + ("" if text[-1] in ".!?)" else ".")
