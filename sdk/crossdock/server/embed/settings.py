"""The table `[embed]` of crossdock.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self
from urllib.parse import urlsplit

from attrs import field, frozen

from crossdock.errors import ConfigError
from crossdock.host.settings.config import HostConfig
from crossdock.render.formats import DEFAULT_LOCALE
from crossdock.secret import revealed

_SHORTEST_KEY: Final = 32
_LIFETIME: Final = 900


@frozen(kw_only=True)
class EmbedSettings:
    """Who may hold tabs in frames, and for how long.

    Attributes:
        keys: sign the links; the last one signs, the others still open what they signed before.
        origins: whose pages may hold a tab in a frame.
        url: where browsers reach the frames.
        lifetime_seconds: how long a link can be opened.
        locale: how figures and days are written.
    """

    keys: tuple[str, ...] = field(repr=False)
    origins: tuple[str, ...]
    url: str = "/embed"
    lifetime_seconds: int = _LIFETIME
    locale: str = DEFAULT_LOCALE

    @property
    def host(self) -> str:
        """The host name in the address at which browsers reach the frames; empty where none is."""
        return urlsplit(self.url).hostname or ""

    @classmethod
    def of(cls, config: HostConfig) -> Self | None:
        """Read them from a configuration; `None` where it has no table `[embed]`.

        Raises:
            ConfigError: a key cannot be had, or is too short to be one.
        """
        return cls.from_table(config.embed) if config.embed else None

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Read them from a table that fits the schema.

        Raises:
            ConfigError: a key cannot be had, or is too short to be one.
        """
        keys = {name: revealed(key) for name, key in table["keys"].items()}
        for name, key in keys.items():
            if len(key) < _SHORTEST_KEY:  # it may come from a file, which no schema saw
                raise ConfigError(f"embed.keys.{name}: write {_SHORTEST_KEY} characters or more")
        return cls(
            keys=tuple(keys.values()),
            origins=tuple(table["origins"]),
            url=table.get("url", "/embed").rstrip("/"),
            lifetime_seconds=table.get("lifetime_seconds", _LIFETIME),
            locale=table.get("locale", DEFAULT_LOCALE),
        )
