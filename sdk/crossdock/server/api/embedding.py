"""Links that show a tab inside another system's page."""

from __future__ import annotations

from typing import Any

from crossdock.errors import ConfigError
from crossdock.host.screens.tabs import TabHandle, parse_params, understands
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.problems import Problem, Wrong, not_found, pointer_of
from crossdock.server.api.wire import document_of
from crossdock.server.embed.links import sign


def create_embed_link(call: Call) -> Answer:
    """Sign a link that shows the user a tab, in one page, for a while."""
    settings = call.api.embed
    if settings is None:
        raise Problem(
            409, "embed_not_configured", "No tab is shown in frames here",
            "crossdock.toml has no table [embed], which names keys and origins.",
        )  # fmt: skip
    body: dict[str, Any] = call.body
    user, subject = call.user, body.get("subject", "account")
    if body["origin"] not in settings.origins:
        raise _wrong("origin", "is none of the pages that [embed] origins lets hold a frame")
    lifetime = body.get("lifetime_seconds")
    if lifetime is not None and lifetime > settings.lifetime_seconds:
        raise _wrong("lifetime_seconds", f"a link lives {settings.lifetime_seconds} at most")
    params: dict[str, str] = body.get("params", {})
    handle = _handle(call, subject)
    if unknown := sorted(name for name in params if not understands(handle.tab, name)):
        raise _wrong(f"params.{unknown[0]}", "is no parameter of this tab")
    try:
        parse_params(handle.tab, params)
    except ConfigError as unreadable:
        raise _wrong("params", str(unreadable)) from None
    try:
        signed = sign(
            settings,
            tab=handle.address,
            record=body["record_id"],
            user=user.id,
            origin=body["origin"],
            params=params,
            subject=subject,
            lifetime_seconds=lifetime,
        )
    except ConfigError as too_long:  # for an address
        raise _wrong("params", str(too_long)) from None
    return Answer(status=201, body={"url": signed.url, "expires_at": document_of(signed.expires)})


def _handle(call: Call, subject: str) -> TabHandle:
    """Find the tab among those that the user may open; a link to another would show nothing."""
    host = call.api.host
    record, address = call.body["record_id"], call.body["tab"]
    tabs = host.account_tabs if subject == "account" else host.contact_tabs
    for each in tabs(record, user=call.user):
        if each.address == address:
            return each
    raise not_found(f"The user has no tab {address} on {record}.")


def _wrong(field: str, message: str) -> Problem:
    return Problem(
        422, "invalid", "The body does not fit", f"{field}: {message}",
        errors=(Wrong(pointer=pointer_of(field), message=message),),
    )  # fmt: skip
