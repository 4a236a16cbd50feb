"""What a load came to: every record that was read has one outcome, and the sums say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

OUTCOMES: Final = (
    "created", "updated", "unchanged", "conflict", "refused", "review", "ignored",
)  # fmt: skip
_WORDS: Final[Mapping[str, str]] = {
    "conflict": "in conflict",
    "review": "to be reviewed",
    "ignored": "left alone by the policy",
}


@frozen(kw_only=True)
class SideReport:
    """The records of one system.

    Attributes:
        system: its configured name.
        what: customers or accounts.
        read: how many were read.
        outcomes: how many came to what.
    """

    system: str
    what: str
    read: int
    outcomes: Mapping[str, int]

    @property
    def balanced(self) -> bool:
        """Whether every record that was read has an outcome."""
        return self.read == sum(self.outcomes.get(name, 0) for name in OUTCOMES)

    @property
    def sentence(self) -> str:
        """Such as `1,000 customers of main read = 900 created + 100 unchanged`."""
        parts = [
            f"{self.outcomes[name]:,} {_WORDS.get(name, name)}"
            for name in OUTCOMES
            if self.outcomes.get(name)
        ]
        left = self.outcomes.get("", 0)
        parts += [f"{left:,} not yet looked at"] if left else []
        return f"{self.read:,} {self.what} of {self.system} read = " + (" + ".join(parts) or "0")


@frozen(kw_only=True)
class LoadReport:
    """A load, as far as it is.

    Attributes:
        number: of the load.
        state: `running`, `stopped`, `done` or `failed`.
        sides: what was read, by system.
        reasons: system, outcome, why, and how many, of what did not simply go through.
        checked: how many pairs were read once more at the end.
        differing: of these, how many were not as they were written; with who changed since.
        checksums: of all pairs, as they were written and as they were read again, by system.
        calls: how many calls this process made, by system.
        seconds: that this process took.
        trouble: why it was stopped, or is no success.
    """

    number: int
    state: str
    sides: tuple[SideReport, ...]
    reasons: tuple[tuple[str, str, str, int], ...] = ()
    checked: int = 0
    differing: tuple[str, ...] = ()
    checksums: Mapping[str, tuple[str, str]] = field(factory=dict)
    calls: Mapping[str, int] = field(factory=dict)
    seconds: float = 0.0
    trouble: str = ""

    @property
    def read(self) -> int:
        """How many records were read in all."""
        return sum(each.read for each in self.sides)

    @property
    def succeeded(self) -> bool:
        """Whether it is done, accounts for all that was read, and did anything but fail."""
        return self.state == "done" and not self.trouble

    @property
    def sentence(self) -> str:
        """What it came to, in a sentence."""
        if self.trouble:
            return self.trouble
        worked = sum(
            each.outcomes.get(name, 0) for each in self.sides for name in ("created", "updated")
        )
        if self.state == "done" and not worked:
            return "Nothing had to be done: both systems agree already."
        return "Done." if self.state == "done" else "It is under way."

    def document(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "load": self.number,
            "state": self.state,
            "succeeded": self.succeeded,
            "sentence": self.sentence,
            "systems": [
                {
                    "system": each.system,
                    "what": each.what,
                    "read": each.read,
                    **{name: each.outcomes.get(name, 0) for name in OUTCOMES},
                    "balanced": each.balanced,
                }
                for each in self.sides
            ],
            "reasons": [
                {"system": system, "outcome": outcome, "reason": reason, "count": count}
                for system, outcome, reason, count in self.reasons
            ],
            "checked": self.checked,
            "differing": list(self.differing),
            "checksums": {
                system: {"written": written, "read_again": again, "same": written == again}
                for system, (written, again) in self.checksums.items()
            },
            "calls": dict(self.calls),
            "seconds": round(self.seconds, 3),
        }


def judged(sides: tuple[SideReport, ...]) -> str:
    """Say why a load that came to its end is no success all the same; empty where it is one."""
    read = sum(each.read for each in sides)
    if not read:
        systems = " and ".join(each.system for each in sides)
        return (
            f"Nothing was read: neither {systems} gave a single record. Is the user that is "
            "configured allowed to see them? crossdock doctor looks at both systems."
        )
    unbalanced = [each.sentence for each in sides if not each.balanced]
    if unbalanced:
        return "Not every record has an outcome: " + "; ".join(unbalanced)
    tried = [each for each in sides if each.read]
    failed = sum(each.outcomes.get("refused", 0) for each in tried)
    fine = sum(
        each.outcomes.get(name, 0)
        for each in tried
        for name in OUTCOMES
        if name not in ("refused", "ignored")
    )
    if failed and not fine:
        return f"All {failed:,} records that were tried were refused; nothing was loaded."
    return ""
