"""Secret settings: written in the file, or `{ env = "NAME" }`, or `{ file = "path" }`."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from crossdock.errors import ConfigError
from crossdock.host.settings.settings_schema import Schema, below, is_secret, settings_schema
from crossdock.secret import Secret

LITERAL: Final = "written in the file"
_MOST_BYTES: Final = 64 * 1024
_READ_BY_OTHERS: Final = stat.S_IRGRP | stat.S_IROTH
_WRITTEN_BY_OTHERS: Final = stat.S_IWOTH


def seal(
    document: Mapping[str, Any],
    *,
    base: Path,
    environ: Mapping[str, str],
    origins: Mapping[tuple[str, ...], str],
) -> dict[str, Any]:
    """Give a document that fits the schema with each secret in it as a `Secret`.

    Args:
        document: what was read, overrides included.
        base: relative paths of secret files count from here.
        environ: the environment.
        origins: the variable of each overridden setting.
    """
    root = settings_schema()

    def walk(value: Any, schema: Schema, path: tuple[str, ...]) -> Any:
        if isinstance(value, Mapping) and not _reference(value, schema, path):
            return {
                name: walk(each, below(schema, name, root) or {}, (*path, name))
                for name, each in value.items()
            }
        if is_secret(schema) or _reference(value, schema, path):
            return _sealed(value, ".".join(path), base, environ, origins.get(path))
        return value

    sealed: dict[str, Any] = walk(document, root, ())
    return sealed


def secrets_in(value: Any) -> Iterator[Secret]:
    """Give every secret in a sealed document."""
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from secrets_in(each)


def _reference(value: Any, schema: Schema, path: tuple[str, ...]) -> bool:
    """Whether a table stands for a secret: of a secret setting, or of a connector's own."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    (kind, named), *_ = value.items()
    if kind not in ("env", "file") or not isinstance(named, str):
        return False
    # A connector that we do not know has settings that the schema does not: it is one of those.
    return is_secret(schema) or (path[:1] in (("crm",), ("erp",)) and not schema)


def _sealed(
    value: Any, setting: str, base: Path, environ: Mapping[str, str], variable: str | None
) -> Secret:
    if isinstance(value, str):
        source = f"the environment variable {variable}" if variable else LITERAL
        return Secret(value, setting=setting, source=source)
    if "env" in value:
        name = value["env"]
        return Secret(
            lambda: _from_environment(setting, name, environ),
            setting=setting,
            source=f"the environment variable {name}",
        )
    file = base / value["file"]
    return Secret(
        lambda: _from_file(setting, file),
        setting=setting,
        source=f"the file {file}",
        file=file,
    )


def _from_environment(setting: str, name: str, environ: Mapping[str, str]) -> str:
    text = environ.get(name)
    if text is None:
        raise ConfigError(
            f"{setting} comes from the environment variable {name}, which is not set; set it, or "
            "name another in crossdock.toml"
        )
    if not text:
        raise ConfigError(f"{setting} comes from the environment variable {name}, which is empty")
    return text


def _from_file(setting: str, file: Path) -> str:
    what = f"{setting} comes from the file {file}, which"
    try:
        # Not to hang on a pipe that nobody writes to.
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise ConfigError(f"{what} does not exist") from None
    except PermissionError:
        raise ConfigError(f"{what} this user may not read") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "is no path"
        raise ConfigError(f"{what} cannot be opened: {reason}") from None
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise ConfigError(f"{what} is not a plain file")
        if about.st_mode & _WRITTEN_BY_OTHERS:
            raise ConfigError(f"{what} everybody may write; run: chmod o-w {file}")
        content = os.read(descriptor, _MOST_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(content) > _MOST_BYTES:
        raise ConfigError(f"{what} holds more than {_MOST_BYTES // 1024} KB; is it the right one?")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise ConfigError(f"{what} is not text in UTF-8") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise ConfigError(f"{what} is empty")
    return text


def readable_by_others(file: Path) -> bool:
    """Whether others than the owner may read a file; false where it cannot be told."""
    try:
        return bool(file.stat().st_mode & _READ_BY_OTHERS)
    except OSError:
        return False
