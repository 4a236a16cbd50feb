"""Where the steps of a run are recorded: by the durable engine, or by whatever stands in for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol


class StepsChanged(Exception):  # noqa: N818 - named for what happened, as all our errors are
    """A handler that is gone on with does other steps than before its worker died."""


class Recorder(Protocol):
    """Records the steps of the run that is under way in this thread."""

    def do(self, name: str, fn: Callable[[], str]) -> str:
        """Call `fn` and record its result, or give the result that was recorded.

        Raises:
            StepsChanged: the run had recorded another step at this place.
        """


class Records(Protocol):
    """Gives what was recorded."""

    def recorded_steps(self, number: int, run: int) -> Mapping[str, str]:
        """Give the results of the steps that a run recorded, as JSON text by name."""


def by_the_engine() -> Recorder:
    """Let the durable engine record the steps of the run that is under way in this thread."""
    from crossdock.host.deliveries.durable import RecordedSteps  # 0.6 s, where it was not loaded

    return RecordedSteps()
