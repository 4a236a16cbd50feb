"""A text that is never shown: passwords, keys, database addresses."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn, final
from urllib.parse import urlsplit

SHOWN: Final = "***"

# What was revealed in this process, so that logs and traces can mask it wherever it turns up. A
# shorter text would be found in innocent words.
_LEAST: Final = 6
_known: Final[set[str]] = set()


@final
class Secret:
    """A secret; `reveal` is the only way to its value.

    It prints, formats and logs as `***`, cannot be pickled, and no encoder of JSON knows it. Where
    it comes from (a text, a variable of the environment, a file) is looked up when it is revealed,
    so that a command that does not need it does not need it to be there.

    Args:
        value: the text, or what gives it; the latter raises `ConfigError` where it cannot.
        setting: the dotted name of the setting, for messages.
        source: where the value comes from, in plain words; never the value itself.
        file: the file that it comes from, if it does.
    """

    __slots__ = ("__give", "file", "setting", "source")

    def __init__(
        self,
        value: str | Callable[[], str],
        *,
        setting: str = "",
        source: str = "",
        file: Path | None = None,
    ) -> None:
        # Kept in a closure: not even the names of the attributes lead to the text.
        self.__give: Callable[[], str] = value if callable(value) else lambda: value
        self.setting = setting
        self.source = source
        self.file = file

    def reveal(self) -> str:
        """Give the text.

        Raises:
            ConfigError: the variable or the file that it comes from cannot be used; the message
                names the setting and its source.
        """
        text = self.__give()
        if text not in _known:
            _remember(text)
        return text

    def __repr__(self) -> str:
        return f"Secret({SHOWN!r})"

    def __str__(self) -> str:
        return SHOWN

    def __format__(self, spec: str) -> str:
        return format(SHOWN, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.reveal().encode(), other.reveal().encode())

    __hash__ = None  # type: ignore[assignment]  # equal by a value that must not be looked at

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not pickled: whoever reads the pickle would read it")


def revealed(value: str | Secret) -> str:
    """Give the text of a value that may be secret."""
    return value.reveal() if isinstance(value, Secret) else value


def masked(text: str) -> str:
    """Give `text` with every secret in it that was revealed in this process replaced."""
    # A copy, as another thread may reveal one meanwhile; the longest first: one may hold another.
    for secret in sorted(_known.copy(), key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, SHOWN)
    return text


def _remember(text: str) -> None:
    if "://" in text:
        # An address is no secret, the password in it is.
        try:
            text = urlsplit(text).password or ""
        except ValueError:
            return
    if len(text) >= _LEAST:
        _known.add(text)
