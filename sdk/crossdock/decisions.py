"""What a guard may answer.

A guard returns one decision, several in a list, or `None` for "nothing to say". A decision is a
business answer; an exception is a fault of the plugin, and the host never takes one for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import field as attribute
from attrs import frozen


@frozen
class Proceed:
    """Nothing stands against it."""


@frozen
class Amend:
    """Go on, with this record instead; the next guard sees the amended one.

    Attributes:
        record: the whole record as it should be, made with `attrs.evolve`.
        reason: one sentence that a person understands, kept with the changed fields.
    """

    record: Any
    reason: str = attribute(default="", kw_only=True)


@frozen
class Inform:
    """Go on, and tell the user something that is no objection: why a price is what it is.

    It is kept with the quote as a check of level `info`, beside its field.

    Attributes:
        message: one sentence that a person understands.
        code: a stable name for programs, such as `price.explained`.
        field: where it belongs, as in `Warn`.
    """

    message: str
    code: str = attribute(default="", kw_only=True)
    field: str = attribute(default="", kw_only=True)


@frozen
class Warn:
    """Go on, but tell the user.

    Attributes:
        message: one sentence that a person understands.
        code: a stable name for programs, such as `stock.short`.
        field: where it belongs, dotted: `valid_until`, `lines.0.quantity` (index from 0).
    """

    message: str
    code: str = attribute(default="", kw_only=True)
    field: str = attribute(default="", kw_only=True)


@frozen
class RequireApproval:
    """Stop until somebody with `role` has agreed.

    Attributes:
        role: the role that may decide.
        reason: why, in one sentence.
        field: where it belongs, as in `Warn`.
    """

    role: str
    reason: str
    code: str = attribute(default="", kw_only=True)
    field: str = attribute(default="", kw_only=True)


@frozen
class Veto:
    """Stop. The other guards are still asked, so that the user sees every reason at once.

    Attributes:
        message: what is wrong and what to do, in a sentence.
        code: a stable name for programs, such as `credit.over_limit`.
        field: where it belongs, as in `Warn`.
    """

    message: str
    code: str = attribute(default="", kw_only=True)
    field: str = attribute(default="", kw_only=True)


Decision = Proceed | Amend | Inform | Warn | RequireApproval | Veto
GuardAnswer = Decision | Sequence[Decision] | None
