"""Which state a change was made from (RFC 9110, If-Match), against lost updates."""

from __future__ import annotations

from crossdock.server.api.problems import Problem, Wrong


def named(header: str, tag: str) -> bool:
    """Whether `If-Match` or `If-None-Match` names a state."""
    tags = [each.strip().removeprefix("W/") for each in header.split(",")]
    return "*" in tags or tag in tags


def precondition_missing() -> Problem:
    """Say that a change has to name the state that it was made from."""
    return Problem(
        428, "precondition_required", "Which state was changed?",
        "Name the ETag that was read in If-Match.",
        errors=(Wrong(pointer="#/header/If-Match", message="is required"),),
    )  # fmt: skip


def stale(what: str) -> Problem:
    """Say that something is not any more as it was when it was read."""
    return Problem(
        412,
        "stale",
        "Somebody else was faster",
        f"{what} changed since it was read; read it again.",
    )
