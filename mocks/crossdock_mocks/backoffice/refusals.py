"""How the back office says no; a dialect puts it into its own words and status codes."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):  # noqa: N818 - a business answer, not a fault of the program
    """Something that the back office does not do.

    Attributes:
        code: Stable name of the rule.
        message: A sentence for a person.
        pointer: JSON pointer to the field of the request that it is about; empty for all of it.
        expected: What would be accepted, in short.
        received: What came.
    """

    def __init__(
        self,
        code: str,
        message: str,
        pointer: str = "",
        *,
        expected: Any = None,
        received: Any = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.pointer = pointer
        self.expected = expected
        self.received = received


class Invalid(Refusal):
    """The request breaks a rule of the business, whatever the state of the document."""


class WrongState(Refusal):
    """The state of the document forbids it now."""


class Missing(Refusal):
    """There is no such document."""


class Stale(Refusal):
    """The document changed since the version that the request is based on."""
