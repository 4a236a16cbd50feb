"""`crossdock.toml`: which systems, which plugins, which rights."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from attrs import Factory, field, frozen

from crossdock.errors import ConfigError
from crossdock.host.complaints import complaints
from crossdock.specifications import specification

DEFAULT_STORE: Final = "sqlite:///.crossdock/host.db"


@frozen(kw_only=True)
class SystemConfig:
    """One CRM or ERP.

    Attributes:
        name: what it is called here; `crm` for the CRM.
        connector: the name of the connector that speaks to it.
        settings: what the connector needs, checked by the connector.
    """

    name: str
    connector: str
    settings: Mapping[str, Any] = field(factory=dict, repr=False)  # holds secrets


@frozen(kw_only=True)
class RoleConfig:
    """What plugins may do and show on behalf of users of a role."""

    scopes: tuple[str, ...] = ("*",)
    fields: tuple[str, ...] = ()


@frozen(kw_only=True)
class Deadlines:
    """Seconds that one call of a plugin may take, by the kind of its point."""

    view: float = 10.0
    guard: float = 5.0
    event: float = 60.0


@frozen(kw_only=True)
class HostConfig:
    """Everything that a host is told.

    Attributes:
        enabled: plugin ids in the order in which they are asked; `None` enables every one found.
        plugin_paths: folders to look for plugins in, besides the installed ones.
        roles: rights by role; a role that is not named here has none.
        policy: `open` or `closed` by guard, where it differs from the point's own default.
        clock_offset: seconds added to the wall clock.
        source: the file that this was read from.
    """

    crm: SystemConfig
    erps: tuple[SystemConfig, ...]
    store_url: str = DEFAULT_STORE
    enabled: tuple[str, ...] | None = None
    plugin_paths: tuple[Path, ...] = ()
    plugin_config: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    roles: Mapping[str, RoleConfig] = field(factory=dict)
    policy: Mapping[str, str] = field(factory=dict)
    deadlines: Deadlines = Factory(Deadlines)
    clock_offset: float = 0.0
    worker: Mapping[str, Any] = field(factory=dict)
    desk: Mapping[str, Any] = field(factory=dict, repr=False)
    source: Path | None = None

    @classmethod
    def read(cls, path: str | Path) -> HostConfig:
        """Read a `crossdock.toml`.

        Relative paths in it count from the file's own folder.

        Raises:
            ConfigError: the file is missing, is not TOML, or does not fit the schema; the message
                names the place and what was expected there.
        """
        file = Path(path)
        try:
            document = tomllib.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ConfigError(
                f"there is no configuration at {file}; "
                "name one with --config, or run `crossdock demo` to see one at work"
            ) from None
        except IsADirectoryError:
            raise ConfigError(f"{file} is a folder; name the crossdock.toml in it") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
            raise ConfigError(f"{file} is not valid TOML: {broken}") from None
        if wrong := complaints(_validator(), document):
            raise ConfigError(f"{file} cannot be used:" + "".join(f"\n  {each}" for each in wrong))
        return cls.from_document(document, file)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], source: Path | None = None) -> HostConfig:
        """Build the configuration from a document that fits the schema."""
        base = source.parent.absolute() if source else Path.cwd()
        plugins = document.get("plugins", {})
        deadlines = {
            name.removesuffix("_seconds"): float(seconds)
            for name, seconds in document.get("deadlines", {}).items()
        }
        enabled = plugins.get("enabled")
        return cls(
            crm=_system("crm", document["crm"]),
            erps=tuple(_system(name, table) for name, table in document["erp"].items()),
            store_url=_anchored(document.get("store", {}).get("url", DEFAULT_STORE), base),
            enabled=None if enabled is None else tuple(enabled),
            plugin_paths=tuple(base / path for path in plugins.get("paths", ())),
            plugin_config=plugins.get("config", {}),
            roles={
                name: RoleConfig(
                    scopes=tuple(table.get("scopes", ("*",))),
                    fields=tuple(table.get("fields", ())),
                )
                for name, table in document.get("roles", {}).items()
            },
            policy=document.get("policy", {}),
            deadlines=Deadlines(**deadlines),
            clock_offset=float(document.get("clock", {}).get("offset_seconds", 0)),
            worker=document.get("worker", {}),
            desk=document.get("desk", {}),
            source=source,
        )


def _system(name: str, table: Mapping[str, Any]) -> SystemConfig:
    settings = {key: value for key, value in table.items() if key != "system"}
    return SystemConfig(name=name, connector=table["system"], settings=settings)


def _anchored(url: str, base: Path) -> str:
    """Make the path of an SQLite URL absolute, so that each process opens the same file."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url.startswith(prefix + "/"):
        return url
    return prefix + str(base / url.removeprefix(prefix))


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    schema = json.loads(specification("crossdock.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)
