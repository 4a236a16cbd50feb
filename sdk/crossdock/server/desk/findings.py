"""What is to be said about a quote, and beside which field it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from attrs import frozen

from crossdock.host.asking.verdict import FieldChange, Verdict
from crossdock.records import Check, Money
from crossdock.server.desk import wording
from crossdock.server.desk.wording import Wording

Level = Literal["error", "approval", "warning", "info"]
_LEVELS: Final[tuple[Level, ...]] = ("error", "approval", "warning", "info")

# Where findings on what cannot be typed are shown: on the totals, or on the lines as a whole.
_STANDS_FOR: Final = {
    "net": "totals", "tax": "totals", "gross": "totals", "credit": "totals", "total": "totals",
    "lines": "lines", "currency": "trading_account",
}  # fmt: skip
_LINE_PARTS: Final = {
    "item_id": "item_id", "description": "item_id", "quantity": "quantity",
    "discount_percent": "discount_percent", "promised_on": "promised_on",
    "unit_price": "unit_price", "list_price": "unit_price", "net": "unit_price",
}  # fmt: skip
_LABELS: Final = {
    "item_id": "item", "discount_percent": "discount", "valid_until": "valid until",
    "pricing_status": "pricing", "promised_on": "promised", "contact_id": "contact",
    "opportunity_id": "opportunity", "trading_account": "trading account",
}  # fmt: skip
_HEADS: Final = frozenset({"valid_until", "contact_id", "opportunity_id", "trading_account"})


@frozen(kw_only=True)
class Message:
    """One sentence about the quote.

    Attributes:
        place: the control or area that it belongs to, such as `lines.0.quantity`; empty for the
            whole quote.
        about: the place in words, such as `Line 1, quantity`.
        source: the plugin that said it; empty for the desk itself.
    """

    level: Level
    text: str
    place: str = ""
    about: str = ""
    source: str = ""
    code: str = ""


class Messages:
    """All that is to be said, worst first, and what of it belongs to which place."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self.all = tuple(sorted(messages, key=lambda message: _LEVELS.index(message.level)))

    def at(self, place: str) -> tuple[Message, ...]:
        """Give what belongs to a place."""
        return tuple(message for message in self.all if message.place == place)

    def invalid(self, place: str) -> bool:
        """Say whether a control must be marked as wrong."""
        return any(message.level in ("error", "approval") for message in self.at(place))

    @property
    def stopped(self) -> bool:
        """Whether something stands against what was asked for."""
        return any(message.level in ("error", "approval") for message in self.all)

    @property
    def warnings(self) -> int:
        """How many warnings there are; what is only told does not count."""
        return sum(message.level == "warning" for message in self.all)

    def about(self, place: str, *codes: str) -> tuple[Message, ...]:
        """Give what is told at a place under one of these codes."""
        return tuple(message for message in self.at(place) if message.code in codes)

    def besides(self, *codes: str) -> Messages:
        """Give the others: what is told under one of these codes has a place of its own."""
        return Messages(message for message in self.all if message.code not in codes)

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Message]:
        return iter(self.all)


def place_of(field: str, lines: int) -> str:
    """Give the control or area for a guard's field; `lines` is how many lines the form has."""
    head, _, rest = field.partition(".")
    if head == "lines" and rest:
        index, _, part = rest.partition(".")
        if index.isdigit() and int(index) < lines:
            return f"lines.{index}.{_LINE_PARTS.get(part, 'item_id')}"
        return "lines"
    if head in _HEADS:
        return head
    return _STANDS_FOR.get(head, "")


def about(field: str) -> str:
    """Name a field in words: `lines.0.unit_price` is `Line 1, unit price`."""
    parts = field.split(".") if field else []
    words = []
    if len(parts) > 1 and parts[0] == "lines" and parts[1].isdigit():
        words.append(f"Line {int(parts[1]) + 1}")
        parts = parts[2:]
    words += [_LABELS.get(part, part.replace("_", " ")) for part in parts]
    text = ", ".join(words)
    return text[:1].upper() + text[1:]


def of_verdict(verdict: Verdict, lines: int) -> Iterator[Message]:
    """Give what the guards said about a quote of so many lines."""
    for veto in verdict.vetoes:
        yield _message("error", veto.message, veto.field, lines, veto.plugin_id, veto.code)
    for wanted in verdict.approvals:
        text = f"{wanted.message} This needs the agreement of the role {wanted.role}."
        yield _message("approval", text, wanted.field, lines, wanted.plugin_id, wanted.code)
    for warning in verdict.warnings:
        yield _message(
            "warning", warning.message, warning.field, lines, warning.plugin_id, warning.code
        )
    for note in verdict.notes:
        yield _message("info", note.message, note.field, lines, note.plugin_id, note.code)
    for fault in verdict.faults:
        level: Level = "error" if fault.closes else "warning"
        yield _message(level, fault.message, "", lines, fault.plugin_id, "plugin.fault")


def of_checks(checks: Iterable[Check], lines: int) -> Iterator[Message]:
    """Give what guards said when the quote was saved last."""
    for check in checks:
        yield _message(check.level, check.message, check.field, lines, "", check.code)


def of_form(problems: Mapping[str, str]) -> Iterator[Message]:
    """Give what the desk itself found wrong with a form, by place."""
    for place, text in problems.items():
        yield Message(level="error", text=text, place=place, about=about(place))


def _message(level: Level, text: str, field: str, lines: int, source: str, code: str) -> Message:
    return Message(
        level=level,
        text=text,
        place=place_of(field, lines),
        about=about(field),
        source=source,
        code=code,
    )


@frozen(kw_only=True)
class Change:
    """A field that a guard changed, in words."""

    about: str
    old: str
    new: str


@frozen(kw_only=True)
class Changed:
    """What one guard changed.

    Attributes:
        replaced: values that somebody had put there and that are others now.
        filled: values that were not there before.
    """

    source: str
    reason: str
    replaced: tuple[Change, ...]
    filled: tuple[Change, ...]


def amended(verdict: Verdict, words: Wording) -> tuple[Changed, ...]:
    """Give what the guards changed, what replaced something apart from what was filled in."""
    return tuple(
        Changed(
            source=amendment.plugin_id,
            reason=amendment.reason,
            replaced=tuple(_change(c, words) for c in amendment.changes if not _is_new(c)),
            filled=tuple(
                _change(c, words) for c in amendment.changes if _is_new(c) and c.new != ()
            ),
        )
        for amendment in verdict.amendments
    )


def _is_new(change: FieldChange) -> bool:
    own = change.field.rpartition(".")[2] in ("pricing_status", "priced_at", "checks", "tax")
    return own or change.old is None or change.old in ("", ())


def _change(change: FieldChange, words: Wording) -> Change:
    return Change(
        about=about(change.field), old=_value(change.old, words), new=_value(change.new, words)
    )


def _value(value: Any, words: Wording) -> str:
    match value:
        case Money():
            return words.money(value)
        case Decimal() | int():
            return words.number(value)
        case date():
            return words.instant(value)
        case None | "" | ():
            return wording.NOTHING
        case tuple():
            return f"{len(value)} entries"
        case _:
            return wording.state(str(value)) if str(value).islower() else str(value)
