"""The rules that connectors and mocks are judged by: by reading them, and at work."""

from __future__ import annotations

from typing import Final

from crossdock.testing.rule import Rules

#: What is asked of a connector, and of a mock, before anything is at work.
CONNECTOR_CHECKS: Final = Rules(needs_mocks=False)
MOCK_CHECKS: Final = Rules(needs_mocks=False)
#: What is asked of both.
BOTH_CHECKS: Final = Rules(needs_mocks=False)

CONNECTOR_TRIALS: Final = Rules(needs_mocks=True)
MOCK_TRIALS: Final = Rules(needs_mocks=True)
BOTH_TRIALS: Final = Rules(needs_mocks=True)
