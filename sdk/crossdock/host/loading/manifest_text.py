"""Where a manifest's text is: `plugin.toml` in a folder, or a block of comments in one file.

The block looks as the inline script metadata of PEP 723 does, so that one file is a whole plugin::

    # /// crossdock
    # id = "late-payers"
    # name = "Late payers"
    # sdk = ">=0.1"
    # points = ["before_quote_save"]
    # ///

Nothing is run to read it.
"""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path
from typing import Any, Final

from crossdock.errors import ManifestError

FILE_NAME: Final = "plugin.toml"

_MOST_MANIFEST: Final = 64 * 1024
_MOST_FILE: Final = 4 * 1024 * 1024
_START: Final = "# /// crossdock"
_END: Final = "# ///"


def manifest_file(path: Path) -> Path:
    """Name the file that holds the manifest of the plugin at a path."""
    return path if path.suffix == ".py" and not path.is_dir() else path / FILE_NAME


def read_document(path: Path) -> dict[str, Any]:
    """Read the manifest of the plugin in a folder, or in one file.

    Raises:
        ManifestError: there is none, or it is not TOML; the message names the file.
    """
    file = manifest_file(path)
    if file == path:
        text = _block(file, _text(file, _MOST_FILE, "a plugin in one file"))
    else:
        text = _text(file, _MOST_MANIFEST, "a manifest")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ManifestError(f"{file} is not valid TOML: it is nested too deeply") from None
    except ValueError as broken:  # a number of thousands of digits is one, besides wrong TOML
        raise ManifestError(f"{file} is not valid TOML: {broken}") from None


def holds_manifest(path: Path) -> bool:
    """Whether a folder or a file says that it is a plugin; a broken one does."""
    file = manifest_file(path)
    if file != path:
        return os.path.lexists(file)  # a pipe, or a link to nowhere, is a broken manifest
    try:
        return _START in _text(file, _MOST_FILE, "a plugin in one file")
    except ManifestError:
        return False


def _text(file: Path, most: int, what: str) -> str:
    try:
        state = file.stat()
        if not stat.S_ISREG(state.st_mode):  # reading a pipe would wait for ever
            raise ManifestError(f"{file} is not a regular file")
        if state.st_size > most:
            raise ManifestError(
                f"{file} has {state.st_size:,} bytes; {what} has {most:,} at the most"
            )
        raw = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise ManifestError(_absent(file)) from None
    except (OSError, ValueError) as error:  # a path with a NUL byte is a ValueError
        reason = getattr(error, "strerror", None) or str(error)
        raise ManifestError(f"{file} cannot be read: {reason}") from None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as broken:
        raise ManifestError(f"{file} is not text in UTF-8: {broken}") from None


def _absent(file: Path) -> str:
    if file.name != FILE_NAME:
        return f"there is no {file}"
    folder = file.parent
    if folder.is_dir():
        return f"{folder} holds no {FILE_NAME}, so it is not a plugin"
    if folder.exists():
        return f"{folder} is neither a plugin's folder nor a file of Python (.py)"
    return f"there is no {folder}"


def _block(file: Path, text: str) -> str:
    found = _blocks(text)
    if len(found) > 1:
        raise ManifestError(f"{file} has {len(found)} manifests; one `{_START}` may stand")
    if not found:
        raise ManifestError(
            f"{file} has no manifest: a plugin in one file starts with comments: "
            f"`{_START}`, lines of TOML each after `# `, and `{_END}`"
        )
    if len(found[0]) > _MOST_MANIFEST:
        raise ManifestError(
            f"the manifest in {file} has {len(found[0]):,} characters; "
            f"it may have {_MOST_MANIFEST:,} at the most"
        )
    return found[0]


def _blocks(text: str) -> list[str]:
    """Find what PEP 723's expression finds, in time that grows with the text and no faster."""
    found: list[str] = []
    inside: list[str] | None = None
    ended = 0
    for line in [*text.split("\n"), ""]:
        if inside is None:
            if line == _START:
                inside, ended = [], 0
        elif line == "#" or line.startswith("# "):
            if line == _END:
                ended = len(inside)  # the last one of the run of comments counts
            inside.append(line[2:])
        else:
            if ended:
                found.append("\n".join(inside[:ended]))
            inside = None
    return found
