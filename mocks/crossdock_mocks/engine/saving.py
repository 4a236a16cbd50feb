"""A world as a file: an SQLite database with all its tables, its sequences and its clock."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Final

from crossdock_mocks.engine.errors import EngineError
from crossdock_mocks.engine.world import World

_FORMAT: Final = 1
_SCHEMA: Final = (
    "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> '_crossdock'"
)


class SavedWorldError(EngineError):
    """A file does not hold a world that this mock could go on with."""


def save(world: World, path: Path | str) -> None:
    """Write a world to a file, which is replaced as a whole or not at all.

    Journal, faults and webhooks are not kept.

    Raises:
        SavedWorldError: The file cannot be written.
    """
    path = Path(path)
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with world.lock, contextlib.closing(sqlite3.connect(part)) as file:
            world.connection.backup(file)
            about = {
                "format": _FORMAT,
                "sequences": world.sequences,
                "now": world.now.isoformat(),
                "ticking": world.clock.ticking,
            }
            file.execute("CREATE TABLE _crossdock (about TEXT NOT NULL)")
            file.execute("INSERT INTO _crossdock VALUES (?)", (json.dumps(about),))
            file.commit()
        part.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise SavedWorldError(f"the world {world.name} cannot be saved: {error}") from error


def load(world: World, path: Path | str) -> None:
    """Let a world go on where a saved one stood; that is also what a reset goes back to.

    Raises:
        SavedWorldError: The file cannot be read, or holds other tables than this world.
    """
    try:
        with contextlib.closing(
            sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
        ) as file:
            found = file.execute("SELECT about FROM _crossdock").fetchone()
            about = json.loads(found[0])
            if about["format"] != _FORMAT or not _alike(file, world.connection):
                raise SavedWorldError(
                    f"{path} was saved from another system, or by another version of it; "
                    "begin anew with another file"
                )
            world.take_over(
                file,
                about["sequences"],
                datetime.fromisoformat(about["now"]),
                ticking=about["ticking"],
            )
    except (sqlite3.Error, TypeError, KeyError, ValueError) as error:
        raise SavedWorldError(f"{path} does not hold a saved world: {error}") from error


def _alike(one: sqlite3.Connection, other: sqlite3.Connection) -> bool:
    return set(one.execute(_SCHEMA)) == set(other.execute(_SCHEMA))
