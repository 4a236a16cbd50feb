"""Whether a record has what it needs, in the form that it needs (C4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

from attrs import evolve, fields_dict

from crossdock import Amend, Decision, Veto, Warn
from crossdock.records import Account, Contact, sensitivity
from crossdock_plugins.data_quality.formats import TIDY, WRONG

_Record = TypeVar("_Record", Account, Contact)
_LABELS: Final = {
    "email": "e-mail address",
    "phone": "telephone number",
    "tax_number": "tax number",
    "address.street": "street",
    "address.city": "city",
    "address.postcode": "postcode",
    "address.country": "country",
}
_HELP: Final = {
    "email": "Invoices and confirmations go there.",
    "tax_number": "The ERP needs it to invoice across a border.",
    "address.street": "Goods are delivered there.",
    "address.country": "It decides on tax and carriers.",
}


def label(field: str) -> str:
    """Give a field's name as a person says it."""
    return _LABELS.get(field, field.replace("_", " ").replace(".", " "))


def value_of(record: Any, field: str) -> Any:
    """Read a field, dotted for one of the address."""
    for name in field.split("."):
        record = getattr(record, name)
    return record


def tidied(record: _Record) -> _Record:
    """Write each field of a record one way."""
    changes: dict[str, Any] = {}
    for field, tidy in TIDY.items():
        outer, _, inner = field.partition(".")
        if outer not in fields_dict(type(record)):
            continue
        value = value_of(record, field)
        if not value or (better := tidy(value)) == value:
            continue
        if inner:
            changes[outer] = evolve(changes.get(outer, getattr(record, outer)), **{inner: better})
        else:
            changes[outer] = better
    return evolve(record, **changes) if changes else record


def judge(
    record: _Record,
    before: _Record | None,
    *,
    required: Sequence[str],
    hidden: frozenset[str],
    reason: str,
    tidy: bool,
) -> list[Decision]:
    """Judge a record as it would be saved.

    What was wrong before and was not touched is a warning: who changes a telephone number need not
    put right what somebody else left behind.

    Args:
        record: as somebody wants to save it.
        before: as it was; `None` for a new one.
        required: the fields that it must have.
        hidden: sensitivities that cannot be seen; such a field is not judged.
        reason: why the required fields are, as the end of a sentence.
        tidy: whether to put the fields right first.
    """
    decisions: list[Decision] = []
    neat: _Record = tidied(record) if tidy else record
    if neat != record:
        decisions.append(Amend(neat, reason="Written in one way: spaces, capitals, scheme."))
    for field, message, code in (*_missing(neat, required, reason, hidden), *_wrong(neat, hidden)):
        touched = before is None or value_of(neat, field) != value_of(before, field)
        kind = Veto if touched or _stage(neat) != _stage(before) else Warn
        decisions.append(kind(message, code=code, field=field))
    return decisions


def _missing(
    record: Any, required: Sequence[str], reason: str, hidden: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    for field in required:
        if not _is_hidden(record, field, hidden) and not value_of(record, field):
            sentence = f"The {label(field)} is missing, {reason}."
            yield field, f"{sentence} {_HELP.get(field, '')}".rstrip(), "data.missing"


def _wrong(record: Any, hidden: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    for field, wrong in WRONG.items():
        if field.partition(".")[0] not in fields_dict(type(record)):
            continue
        value = value_of(record, field)
        if value and not _is_hidden(record, field, hidden) and (problem := wrong(value)):
            yield field, f"{value!r} {problem}.", "data.form"


def _is_hidden(record: Any, field: str, hidden: frozenset[str]) -> bool:
    outer = fields_dict(type(record))[field.partition(".")[0]]
    return sensitivity(outer) in hidden


def _stage(record: Any) -> str:
    return getattr(record, "kind", "")
