"""Areas are examined side by side, each within its time; one that hangs or breaks is told."""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections.abc import Callable, Sequence

from attrs import define, field

from crossdock.errors import ConfigError, CrossdockError, SetupError
from crossdock.host.diagnosis.findings import Area, Finding

Progress = Callable[[Sequence[str]], None]
"""Told the areas that are still being examined, now and then."""

_TICK_SECONDS = 0.1


@define
class _Patient:
    area: Area
    ends: float
    found: list[Finding] = field(factory=list)
    over: bool = False


def examine(areas: Sequence[Area], *, progress: Progress | None = None) -> tuple[Finding, ...]:
    """Examine all areas and give what was found, in the order of the areas.

    The threads are daemons: one that hangs for ever is left behind, and ends with the program.
    """
    done: queue.SimpleQueue[tuple[_Patient, Finding | None]] = queue.SimpleQueue()
    patients = [_Patient(area, time.monotonic() + area.seconds) for area in areas]
    for patient in patients:
        threading.Thread(
            target=_examine, args=(patient, done), name=f"doctor {patient.area.name}", daemon=True
        ).start()
    while under_way := [each for each in patients if not each.over]:
        if progress is not None:
            progress([each.area.name for each in under_way])
        try:
            patient, found = done.get(timeout=_TICK_SECONDS)
        except queue.Empty:
            pass
        else:
            _take(patient, found)
            continue  # what has come is taken before anybody's time is up
        for patient in under_way:
            if time.monotonic() > patient.ends:
                patient.over = True
                patient.found.append(_hangs(patient.area))
    return tuple(found for patient in patients for found in patient.found)


def _take(patient: _Patient, found: Finding | None) -> None:
    if patient.over:  # it came too late, and its lateness was told
        return
    if found is None:
        patient.over = True
    else:
        patient.found.append(found)


def _examine(patient: _Patient, done: queue.SimpleQueue[tuple[_Patient, Finding | None]]) -> None:
    area = patient.area
    try:
        for found in area.examine():
            done.put((patient, found))
    except (ConfigError, SetupError) as wrong:
        done.put((patient, Finding(area.name, "fail", str(wrong), "config")))
    except CrossdockError as wrong:
        done.put((patient, Finding(area.name, "fail", str(wrong), "host")))
    except BaseException as broken:  # noqa: BLE001 - a broken check is a finding too
        done.put((patient, _broke(area, broken)))
    finally:
        done.put((patient, None))


def _hangs(area: Area) -> Finding:
    return Finding(
        area.name,
        "fail",
        f"the examination was not over after {area.seconds:g} s; what was found before stands here",
        "host",
        "look at what came last, and try again",
    )


def _broke(area: Area, broken: BaseException) -> Finding:
    frames = traceback.extract_tb(broken.__traceback__)
    place = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    return Finding(
        area.name,
        "fail",
        f"the examination itself broke: {type(broken).__name__}: {broken}{place}",
        "host",
        "this is a fault of crossdock doctor, not of your set-up; please report it",
    )
