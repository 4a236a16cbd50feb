"""A refusal: what was wrong, all of it at once, in a form that each dialect can put into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs


@attrs.frozen
class Violation:
    """One thing that was wrong with a request.

    Attributes:
        pointer: JSON pointer (RFC 6901) into the body, or `/name` of the parameter.
        message: One sentence for a person.
        expected: What the document or the business asks for, in short.
        received: What came; `None` when the value was missing.
        where: `body`, `query`, `path`, `header` or `cookie`.
        keyword: The rule that was broken (a JSON Schema keyword such as `required`), if it was one.
    """

    pointer: str
    message: str
    expected: Any = None
    received: Any = None
    where: str = "body"
    keyword: str = ""


class Problem(Exception):  # noqa: N818 - the standard term of RFC 9457
    """A refusal, raised by a behaviour or by the engine; the exchange is rolled back.

    Args:
        status: HTTP status.
        code: Stable, machine-readable name, such as `credit_limit_exceeded`.
        title: Short summary that does not change from one occurrence to the next.
        detail: What happened this time and what to do about it.
        errors: Each violation.
        headers: Headers for the answer, such as `retry-after`.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str = "",
        detail: str = "",
        errors: Iterable[Violation] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, code, title, detail)
        self.status = status
        self.code = code
        self.title = title or code.replace("_", " ").capitalize()
        self.detail = detail
        self.errors = tuple(errors)
        self.headers: dict[str, str] = {k.lower(): v for k, v in (headers or {}).items()}

    def __str__(self) -> str:
        text = f"{self.status} {self.code}: {self.detail or self.title}"
        return "; ".join([text, *(f"{v.where}{v.pointer}: {v.message}" for v in self.errors)])
