"""A form for one record: what was typed, kept as typed, and the record that it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from attrs import evolve, frozen
from starlette.datastructures import FormData

from crossdock.host.asking.verdict import Verdict
from crossdock.records import Money, minor_units
from crossdock.server.desk.findings import Level, Message

_LONGEST: Final = 400
_MOST_DIGITS: Final = 15
_COUNTRIES: Final = frozenset({"address.country"})


@frozen(kw_only=True)
class Field:
    """One control of the form.

    Attributes:
        name: of the record's field, dotted for a part of the address.
        choices: value and text of each, for a `choice`.
        none: the text of the empty choice; empty where one must be chosen.
        help: a sentence that stands below the control.
        complete: what the browser may fill it in with (HTML's `autocomplete`).
    """

    name: str
    label: str
    kind: Literal["text", "email", "tel", "url", "date", "money", "choice"] = "text"
    choices: tuple[tuple[str, str], ...] = ()
    none: str = ""
    help: str = ""
    complete: str = "off"


def values_of(record: Any, fields: Sequence[Field]) -> dict[str, str]:
    """Write a record's fields as a person would type them."""
    return {field.name: _typed(_value(record, field.name)) for field in fields}


def submitted(form: FormData, fields: Sequence[Field]) -> dict[str, str]:
    """Read the form back as it was sent."""

    def text(name: str) -> str:
        value = form.get(name, "")
        return value.strip()[:_LONGEST] if isinstance(value, str) else ""

    return {field.name: text(field.name) for field in fields}


def read(
    values: Mapping[str, str], fields: Sequence[Field], record: Any
) -> tuple[Any, dict[str, str]]:
    """Put what was typed into a record.

    Returns:
        The record, and what is wrong by field; a wrong field keeps the record's own value.
    """
    problems: dict[str, str] = {}
    changes: dict[str, Any] = {}
    for field in fields:
        outer, _, inner = field.name.partition(".")
        try:
            value = _parsed(field, values[field.name], _value(record, field.name))
        except ValueError as wrong:
            problems[field.name] = str(wrong)
            continue
        if inner:
            part = changes.get(outer, getattr(record, outer))
            changes[outer] = evolve(part, **{inner: value})
        else:
            changes[outer] = value
    return evolve(record, **changes), problems


def said_by(verdict: Verdict, fields: Sequence[Field]) -> Iterator[Message]:
    """Give what the guards said, each beside its field."""
    for veto in verdict.vetoes:
        yield _message("error", veto.message, veto.field, veto.plugin_id, veto.code, fields)
    for wanted in verdict.approvals:
        text = f"{wanted.message} This needs the agreement of the role {wanted.role}."
        yield _message("approval", text, wanted.field, wanted.plugin_id, wanted.code, fields)
    for warning in verdict.warnings:
        yield _message(
            "warning", warning.message, warning.field, warning.plugin_id, warning.code, fields
        )
    for note in verdict.notes:
        yield _message("info", note.message, note.field, note.plugin_id, note.code, fields)
    for fault in verdict.faults:
        level: Level = "error" if fault.closes else "warning"
        yield _message(level, fault.message, "", fault.plugin_id, "plugin.fault", fields)


def said_of(problems: Mapping[str, str], fields: Sequence[Field]) -> Iterator[Message]:
    """Give what is wrong with the fields themselves."""
    for name, text in problems.items():
        yield _message("error", text, name, "", "", fields)


def _message(
    level: Level, text: str, field: str, source: str, code: str, fields: Sequence[Field]
) -> Message:
    known = {each.name: each.label for each in fields}
    place = field if field in known else field.partition(".")[0]
    label = known.get(place, "")
    return Message(
        level=level,
        text=text,
        place=place if label else "",
        about=label,
        source=source,
        code=code,
    )


def _value(record: Any, name: str) -> Any:
    for part in name.split("."):
        record = getattr(record, part)
    return record


def _typed(value: Any) -> str:
    match value:
        case None:
            return ""
        case date():
            return value.isoformat()
        case Money():
            return f"{value.amount:f}"
        case _:
            return str(value)


def _parsed(field: Field, text: str, old: Any) -> Any:
    match field.kind:
        case "date":
            try:
                return date.fromisoformat(text) if text else None
            except ValueError:
                raise ValueError("Enter a day, such as 2026-12-31.") from None
        case "money":
            return _amount(text, old)
        case "choice":
            # What the record has may be none that is offered, such as a user who left.
            if text and text != _typed(old) and text not in dict(field.choices):
                raise ValueError("Choose one of the list.")
            return text or (None if old is None or field.none else old)
        case _ if field.name in _COUNTRIES:
            return text.upper()
        case _:
            return text or (None if old is None else "")


def _amount(text: str, old: Money) -> Money:
    try:
        amount = Decimal(text.replace(" ", "").replace(",", "") or "0")
    except InvalidOperation:
        raise ValueError("Enter an amount, such as 1234.50.") from None
    if not amount.is_finite() or amount < 0 or len(amount.as_tuple().digits) > _MOST_DIGITS:
        raise ValueError("Enter an amount of zero or more, such as 1234.50.")
    places = minor_units(old.currency)
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        raise ValueError(f"{old.currency} has {places} decimal places.")
    return Money(amount, old.currency)
