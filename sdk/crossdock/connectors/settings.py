"""A connector's settings, checked once, so that a mistake is told with its key and its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from crossdock.errors import ConfigError
from crossdock.secret import Secret, revealed

TIMEOUT_SECONDS: Final = 10.0


class Given(dict[str, Any]):
    """Settings as they were given, some of them by variables of the environment.

    Attributes:
        origins: the variable by the key of each setting that comes from one.
    """

    def __init__(
        self, values: Mapping[str, Any], *, origins: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(values)
        self.origins = dict(origins or {})


class Settings:
    """The settings of one configured system.

    Attributes:
        where: the place that a message names, such as `[erp.main] in crossdock.toml`.
    """

    def __init__(self, values: Mapping[str, Any], *, section: str, known: Iterable[str]) -> None:
        self.where = f"[{section}] in crossdock.toml"
        self._values = values
        self._origins: Mapping[str, str] = getattr(values, "origins", {})
        allowed = {*known, "url", "timeout", "identity", "system"}
        if unknown := sorted(set(values) - allowed):
            expected = ", ".join(sorted(allowed - {"system"}))
            raise ConfigError(
                f"{self.where} has a key {unknown[0]!r} that this connector does not know; "
                f"it knows {expected}{self._origin(unknown[0])}"
            )

    def _origin(self, key: str) -> str:
        variable = self._origins.get(key)
        return f" (it comes from the environment variable {variable})" if variable else ""

    def has(self, key: str) -> bool:
        """Whether something was given under a key."""
        return self._values.get(key) is not None

    def secret(self, key: str) -> str:
        """Give a secret that must be there, revealed: for whoever sends it, never to be shown.

        Raises:
            ConfigError: it is missing, or where it comes from cannot be used.
        """
        return self.text(key)

    def text(self, key: str) -> str:
        """Give a text that must be there."""
        value = self._values.get(key)
        if value is None:
            raise ConfigError(f"{self.where} lacks {key!r}: add {key} = ...")
        if isinstance(value, str | Secret):
            value = revealed(value)
        if not isinstance(value, str) or not value.strip():
            raise ConfigError(
                f"{key!r} under {self.where} must be a text that is not empty{self._origin(key)}"
            )
        return value

    def text_or(self, key: str, default: str) -> str:
        """Give a text that may be left out."""
        return self.text(key) if self.has(key) else default

    def url(self) -> str:
        """Give the address, without a slash at its end."""
        return self.address("url")

    def address(self, key: str, *, default: str = "") -> str:
        """Give an address, without a slash at its end; it must be there if it has no default."""
        value = self.text(key).strip() if self.has(key) or not default else default
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                f"{key!r} under {self.where} must be an address such as "
                f"http://127.0.0.1:8602, not {self._shown(key)}{self._origin(key)}"
            )
        if parts.username or parts.password:
            raise ConfigError(
                f"{key!r} under {self.where} must not carry a user or password; credentials have "
                "keys of their own"
            )
        if parts.query or parts.fragment:
            raise ConfigError(f"{key!r} under {self.where} must end before '?' and '#'")
        try:
            _ = parts.port
        except ValueError as error:
            raise ConfigError(
                f"{key!r} under {self.where} has an impossible port: {error}{self._origin(key)}"
            ) from None
        return value.rstrip("/")

    def _shown(self, key: str) -> str:
        """Show what was given, unless it is a secret or may hold a password."""
        value = self._values.get(key)
        return "what it is" if isinstance(value, str) and "@" in value else repr(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """Give a yes or no."""
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            raise ConfigError(
                f"{key!r} under {self.where} must be true or false, not {value!r}"
                f"{self._origin(key)}"
            )
        return value

    def timeout(self) -> float:
        """Give the seconds that one call may take."""
        return self.above_zero("timeout", "seconds", default=TIMEOUT_SECONDS)

    def above_zero(self, key: str, unit: str, *, default: float) -> float:
        """Give a number above zero; `unit` says of what, as in a message."""
        value = self._values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise ConfigError(
                f"{key!r} under {self.where} must be a number of {unit} above zero, "
                f"not {value!r}{self._origin(key)}"
            )
        return float(value)

    def texts(self, key: str) -> dict[str, str]:
        """Give a table of texts by name, empty where there is none."""
        value = self._values.get(key, {})
        if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
            raise ConfigError(
                f"{key!r} under {self.where} must be a table of texts, such as "
                f'{key} = {{ "a" = "b" }}{self._origin(key)}'
            )
        return dict(value)

    def list_of_texts(self, key: str) -> tuple[str, ...]:
        """Give a list of texts, empty where there is none."""
        value = self._values.get(key, ())
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise ConfigError(
                f"{key!r} under {self.where} must be a list of texts, such as "
                f'{key} = ["a", "b"]{self._origin(key)}'
            )
        return tuple(value)

    def identity(self) -> str:
        """Give what the connector calls itself where nobody said in whose name it calls."""
        value = self._values.get("identity", "")
        if not isinstance(value, str):
            raise ConfigError(f"'identity' under {self.where} must be a text")
        return value
