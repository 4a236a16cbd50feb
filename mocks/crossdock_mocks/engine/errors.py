"""What can go wrong before a mock answers at all.

EngineError
├── DocumentError   the OpenAPI document cannot be used
├── DialectError    document and behaviours do not fit together
├── PortInUse       another program listens on the port
└── ProxyError      a proxy cannot answer for the hosts that were named
"""

from __future__ import annotations

from collections.abc import Sequence


class EngineError(Exception):
    """Base of the engine's errors; the message says what happened and what to do."""


class DocumentError(EngineError):
    """An OpenAPI document cannot be read, is not valid, or uses what the engine does not know.

    Attributes:
        document: Name of the document.
        problems: Each problem, with its place in the document.
    """

    def __init__(self, document: str, problems: Sequence[str]) -> None:
        self.document = document
        self.problems = tuple(problems)
        super().__init__("\n  ".join([f"{document} cannot be used:", *self.problems]))


class DialectError(EngineError):
    """Document and behaviours do not fit together."""


class PortInUse(EngineError):  # noqa: N818 - says what happened
    """Another program listens on the port."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        super().__init__(
            f"port {port} on {host} is in use: stop the program that listens there, "
            "or choose another port (0 takes any free one)"
        )


class ProxyError(EngineError):
    """A proxy cannot answer for the hosts that were named."""
