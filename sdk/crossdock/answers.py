"""What questions that were asked side by side came to: each an answer, or why there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar, final

_T = TypeVar("_T")


@final
class Answer(Generic[_T]):
    """What one question came to.

    Attributes:
        error: why there is no answer; `None` where there is one.
    """

    __slots__ = ("_value", "error")

    def __init__(self, value: _T | None = None, error: Exception | None = None) -> None:
        self._value = value
        self.error = error

    @classmethod
    def of(cls, ask: Callable[[], _T]) -> Answer[_T]:
        """Ask, and keep what comes of it."""
        try:
            return cls(ask())
        except Exception as error:  # noqa: BLE001 - it is raised again where the answer is wanted
            return cls(error=error)

    @property
    def value(self) -> _T:
        """The answer; raises what asking raised."""
        if self.error is not None:
            raise self.error
        return self._value  # type: ignore[return-value]  # without an error there is an answer

    def __repr__(self) -> str:
        return f"Answer(error={self.error!r})" if self.error else f"Answer({self._value!r})"
