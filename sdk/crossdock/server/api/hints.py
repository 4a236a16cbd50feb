"""Signed hints that a system has news: they move the time of the next read, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.errors import ConfigError
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.problems import Problem
from crossdock.server.api.settings import ApiSettings


def check_systems(settings: ApiSettings, systems: Sequence[str]) -> None:
    """Check that hints are about systems that there are.

    Raises:
        ConfigError: one is not.
    """
    for sender in settings.senders.values():
        if unknown := sorted(set(sender.hints) - set(systems)):
            raise ConfigError(
                f"[server.senders.{sender.name}] hints names {', '.join(unknown)}, which is no "
                f"system of this host; there are {', '.join(systems)}"
            )


def handshake(call: Call) -> Answer | None:
    """Answer a vendor that asks, before it sends anything, whether somebody listens here.

    Business Central posts a token in the address when a subscription is made or renewed, and wants
    it back as text (Microsoft: Working with webhooks); it knows no secret then. `None` for what is
    no such question.
    """
    sender = call.api.settings.senders[call.path("sender")]
    token = call.read.query.get("validationToken")
    if sender.signature != "business-central" or not token:
        return None
    return Answer(
        body=token, media_type="text/plain", headers={"x-content-type-options": "nosniff"}
    )


def hint_changes(call: Call) -> Answer:
    """Have the feeds of a sender's systems read at once; what the message says is not looked at."""
    sender = call.api.settings.senders[call.path("sender")]
    if not sender.hints:
        raise Problem(
            403, "hint_not_allowed", "Not this sender's to say",
            f"{sender.name} may not hint: [server.senders.{sender.name}] hints names no system.",
        )  # fmt: skip
    for system in sender.hints:
        call.api.host.store.watermarks.hint(system)
    return Answer(status=202, body={"systems": list(sender.hints)})
