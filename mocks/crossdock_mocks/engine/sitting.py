"""What a run of mocks takes in when it starts, and leaves behind when it ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from crossdock_mocks.engine.app import App
from crossdock_mocks.engine.errors import EngineError
from crossdock_mocks.engine.faults import FaultPlan, tell_story
from crossdock_mocks.engine.saving import load, save
from crossdock_mocks.engine.world import World

_RECORDED: Final = 1_000_000
_RECORDED_BYTES: Final = 1_000_000_000


@contextlib.contextmanager
def sitting(
    apps: Sequence[tuple[App, World]],
    faults: Path | None = None,
    record: Path | None = None,
    persist: Path | None = None,
    tell: Callable[[str], None] = print,
) -> Iterator[None]:
    """Arm a plan of faults, go on from saved worlds, and save, record and tell at the end.

    Args:
        apps: Each mock with its first world; forks that are made of it meet the same faults.
        faults: A plan of faults; its story is told at the end.
        record: Where to write all exchanges as HAR 1.2.
        persist: Where the first worlds are saved, and found again. Of several mocks, each has a
            file of its own, with its name before the suffix: `state.crm.db`, `state.erp.db`.
        tell: Takes the story.

    Raises:
        EngineError: The plan is wrong, a saved world cannot be used, or a file cannot be written.
    """
    plan = None
    if faults is not None:
        plan = FaultPlan.load(faults)
        plan.check([name for app, _ in apps for name in app.operations], str(faults))
    for file in (record, persist):
        if file is not None and not file.absolute().parent.is_dir():
            raise EngineError(f"{file} cannot be written: there is no folder {file.parent}")
    files = [] if persist is None else _files(apps, persist)
    for (_, world), file in zip(apps, files, strict=False):
        if file.exists():
            load(world, file)

    def prepare(world: World) -> None:
        if plan is not None:
            plan.arm(world)
        if record is not None:
            world.journal.keep_more(_RECORDED, _RECORDED_BYTES)

    for _, world in apps:
        world.worlds.prepare = prepare
        prepare(world)
    try:
        yield
    finally:
        worlds = [each for _, world in apps for each in world.worlds]
        for (_, world), file in zip(apps, files, strict=False):
            save(world, file)
        if record is not None:
            from crossdock_mocks.engine.har import write

            try:
                count = write(worlds, record)
            except OSError as error:
                raise EngineError(f"{record} cannot be written: {error.strerror}") from error
            tell(f"{count} exchanges recorded in {record}")
        if plan is not None:
            strikes = [each for world in worlds for each in world.faults.story]
            named = f"{plan.name}: " if plan.name else ""
            tell(named + tell_story(sorted(strikes, key=lambda each: each.at)))


def _files(apps: Sequence[tuple[App, World]], persist: Path) -> list[Path]:
    if len(apps) == 1:
        return [persist]
    return [persist.with_suffix(f".{app.dialect.name}{persist.suffix}") for app, _ in apps]
