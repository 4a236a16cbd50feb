"""What an examination found: how it stands, whose fault it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any, Final, Literal

from attrs import frozen

from crossdock.secret import masked

Status = Literal["ok", "warn", "fail"]
Fault = Literal["code", "manifest", "config", "host", "remote", ""]

WHOSE: Final[dict[Fault, str]] = {
    "code": "the plugin's code",
    "manifest": "the plugin's manifest",
    "config": "the configuration",
    "host": "this host",
    "remote": "the remote system",
    "": "",
}
"""Who can do something about it, in plain words."""


@frozen
class Finding:
    """One thing that was looked at.

    Attributes:
        area: what was examined, such as `configuration` or `erp main`.
        text: what was found, one sentence; never a secret.
        fault: whose it is where it is not well.
        advice: what to do about it.
    """

    area: str
    status: Status
    text: str
    fault: Fault = ""
    advice: str = ""

    def document(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "area": self.area,
            "status": self.status,
            "text": masked(self.text),
            "fault": self.fault or None,
            "advice": masked(self.advice) or None,
        }


Steps = Generator[Finding, None, bool]
"""Findings on the way, and at its end an answer for whoever goes on from there."""


@frozen
class Area:
    """Finds things one after the other, so that what was found before it hangs is kept.

    Attributes:
        examine: yields findings; may raise, which is found too.
        seconds: how long it may take.
    """

    name: str
    examine: Callable[[], Iterator[Finding]]
    seconds: float = 15.0


class Findings:
    """Makes findings of one area."""

    def __init__(self, area: str) -> None:
        self.area: Final = area

    def ok(self, text: str) -> Finding:
        """All is well."""
        return Finding(self.area, "ok", text)

    def warn(self, text: str, fault: Fault, advice: str = "") -> Finding:
        """It works, and may not for long or for everybody."""
        return Finding(self.area, "warn", text, fault, advice)

    def fail(self, text: str, fault: Fault, advice: str = "") -> Finding:
        """It does not work."""
        return Finding(self.area, "fail", text, fault, advice)
