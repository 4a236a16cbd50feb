"""Several systems of one company: each its own world, all of them on one clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from crossdock_mocks.engine.clock import Clock
from crossdock_mocks.engine.world import World


@final
class Scenario:
    """Worlds that stand on the same data set, such as a CRM and its ERP.

    From here on they share the clock of the first: who sets or advances it, through whichever of
    them, moves all; and a reset of one sets it back for all, so `reset` resets them together.

    Args:
        worlds: The worlds, each of another name.

    Raises:
        ValueError: There is none, or two have one name.
    """

    def __init__(self, *worlds: World) -> None:
        self._worlds = {each.name: each for each in worlds}
        if not worlds or len(self._worlds) < len(worlds):
            raise ValueError("a scenario has worlds, each of another name")
        self.clock: Clock = worlds[0].clock
        for each in worlds:
            each.clock = self.clock

    def __getitem__(self, name: str) -> World:
        return self._worlds[name]

    def __iter__(self) -> Iterator[World]:
        return iter(self._worlds.values())

    def seal(self) -> None:
        """Make the present state of all of them the one that `reset` goes back to."""
        for each in self:
            each.seal()

    def reset(self) -> None:
        """Let all of them go back to their sealed state."""
        for each in self:
            each.reset()

    def fork(self, name: str, *, sealed: bool = False) -> Scenario:
        """A scenario of forks, with a clock of its own; each is `name-` and the name it had.

        Args:
            name: What tells the forks from others.
            sealed: Begin with the sealed states instead of the present ones.
        """
        made = [each.fork(f"{name}-{each.name}", sealed=sealed) for each in self]
        return Scenario(*made)
