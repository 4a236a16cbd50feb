"""Writing a project's files, once and again: what a person changed since is never overwritten.

The file `.crossdock-new.toml` beside the project remembers the answers and what was written, by
hash, so that a later version of Crossdock can bring its own files up to date.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from attrs import frozen

from crossdock.errors import ConfigError
from crossdock.scaffold.project import Answers, files_of

RECORD: Final = ".crossdock-new.toml"
_BESIDE: Final = ".new"

Fate: TypeAlias = Literal["written", "updated", "unchanged", "kept", "beside", "left out"]
"""What became of a file.

`kept` is one that a person changed and the template did not; `beside` one that both changed, so the
new text stands beside it as `<file>.new`; `left out` one that a person removed.
"""


@frozen(kw_only=True)
class Written:
    """A project that was written.

    Attributes:
        folder: where it is.
        answers: what it was made of.
        files: what became of each file, by its place.
    """

    folder: Path
    answers: Answers
    files: Mapping[str, Fate]


def write(folder: Path, answers: Answers) -> Written:
    """Write a new project.

    Args:
        folder: new, or empty but for what begins with a dot.
        answers: what it is made of.

    Raises:
        ConfigError: the folder holds something, or cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is no folder; name another one")
    if (folder / RECORD).exists():
        raise ConfigError(
            f"{folder} is a project of `crossdock new` already; "
            f"bring it up to date with: crossdock new {folder} --update"
        )
    if folder.exists() and any(not each.name.startswith(".") for each in folder.iterdir()):
        raise ConfigError(f"{folder} is not empty; name a new folder, nothing was written")
    files = files_of(answers)
    for place, text in files.items():
        _put(folder / place, text)
    _remember(folder, answers, files)
    return Written(folder=folder, answers=answers, files=dict.fromkeys(files, "written"))


def update(folder: Path) -> Written:
    """Bring a project's files to what this version of Crossdock would write.

    Raises:
        ConfigError: the folder is no project of `crossdock new`, or its record cannot be read.
    """
    answers, hashes = _recall(folder)
    files = files_of(answers)
    fates = {
        place: _renew(folder / place, text, hashes.get(place)) for place, text in files.items()
    }
    _remember(folder, answers, files)
    return Written(folder=folder, answers=answers, files=fates)


def _renew(file: Path, text: str, written: str | None) -> Fate:
    """Bring one file up to date.

    Args:
        file: its place.
        text: as it would be written today.
        written: the hash of what was written last; `None` where it is new.
    """
    there = file.read_text(encoding="utf-8") if file.is_file() else None
    if there == text:
        return "unchanged"
    if there is None:
        if written is not None:
            return "left out"
        _put(file, text)
        return "written"
    if _hash(there) == written:
        _put(file, text)
        return "updated"
    if _hash(text) == written:
        return "kept"
    _put(file.with_name(file.name + _BESIDE), text)
    return "beside"


def _recall(folder: Path) -> tuple[Answers, dict[str, str]]:
    record = folder / RECORD
    try:
        document: dict[str, Any] = tomllib.loads(record.read_text(encoding="utf-8"))
        answers = Answers.given(**document["answers"])
        return answers, {str(place): str(hash_) for place, hash_ in document["files"].items()}
    except FileNotFoundError:
        raise ConfigError(
            f"{folder} is no project of `crossdock new`: it has no {RECORD}"
        ) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as wrong:
        raise ConfigError(
            f"{record} cannot be read ({wrong}); take it back from version control"
        ) from wrong


def _remember(folder: Path, answers: Answers, files: Mapping[str, str]) -> None:
    lines = [
        "# Written by `crossdock new`, and read by `crossdock new --update`. Keep it in version",
        "# control: by it, files that you changed are told from those that you did not.",
        "",
        "[answers]",
        *(f'{name} = "{text}"' for name, text in answers.plain().items()),
        "",
        "[files]",
        *(f'"{place}" = "{_hash(text)}"' for place, text in sorted(files.items())),
        "",
    ]
    _put(folder / RECORD, "\n".join(lines))


def _put(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as wrong:
        raise ConfigError(f"{file} cannot be written: {wrong.strerror or wrong}") from wrong


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
