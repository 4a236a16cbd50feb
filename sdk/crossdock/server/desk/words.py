"""One sentence that the desk has to say after something was done."""

from __future__ import annotations

from attrs import frozen


@frozen
class Said:
    """Whether it was done, and what happened or why not."""

    done: bool
    text: str
