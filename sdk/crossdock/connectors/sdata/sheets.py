"""Entries by our own words: what a CRM has a field for stands there, the rest beside it.

A `Form` says what one kind of records calls things. What it has no field for is kept as JSON in one
field of ours, so that a CRM needs few custom fields and nothing is lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, Final

from attrs import field, frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.operations import Operation
from crossdock.connectors.reading import Row, Unreadable, unfit
from crossdock.connectors.sdata import values
from crossdock.connectors.sdata.values import Reference, Speech
from crossdock.connectors.writing import Unwritable
from crossdock.connectors.writing import number as plain_number
from crossdock.records import Money

KEY: Final = "$key"
ETAG: Final = "$etag"


@frozen(kw_only=True)
class Uses:
    """The operations of one kind of records."""

    list: Operation
    read: Operation
    create: Operation
    change: Operation
    delete: Operation


@frozen(kw_only=True)
class Form:
    """What one kind of records calls things.

    Attributes:
        kind: its name in addresses.
        label: its name for people.
        uses: its operations.
        id: the field that conditions and orders call the key by.
        created, modified: the fields with these instants.
        fields: the field by our word.
        references: the field that leads to another record, by our word.
        bare: the words of references that are written as the bare key, whatever the dialect.
        paths: what conditions call a reference by, where that is not its field.
        mark: the field of ours that is unique; empty where nothing is made under a key.
        data: the field of ours with everything that has none of its own; empty where there is none.
        lines: the collection of its lines.
    """

    kind: str
    label: str
    uses: Uses
    id: str
    created: str = ""
    modified: str = ""
    fields: Mapping[str, str] = field(factory=dict)
    references: Mapping[str, str] = field(factory=dict)
    bare: frozenset[str] = frozenset()
    paths: Mapping[str, str] = field(factory=dict)
    mark: str = ""
    data: str = ""
    lines: str = ""

    def path(self, word: str) -> str:
        """Give what a condition calls a field or reference."""
        return self.paths.get(word) or self.references.get(word) or self.fields[word]

    def has(self, word: str) -> bool:
        """Whether there is a field of its own for a word."""
        return word in self.fields or word in self.references


class Sheet:
    """An entry, read by our words.

    Args:
        row: the entry.
        form: what it calls things.
    """

    def __init__(self, row: Row, form: Form) -> None:
        self.row = row
        self.form = form

    @cached_property
    def own(self) -> Mapping[str, Any]:
        """What is kept beside the fields; a person's record has none of it."""
        kept = values.text(self.row, self.form.data) if self.form.data else ""
        if not kept:
            return {}
        try:
            read = json.loads(kept)
        except ValueError:
            read = None
        if not isinstance(read, dict):
            raise unfit(self.form.data, "an object as JSON", kept)
        return read

    @property
    def id(self) -> str:
        """The record's key."""
        key = values.key(self.row, KEY)
        if key is None:
            raise unfit(KEY, "a key", self.row.get(KEY))
        return key

    @property
    def is_ours(self) -> bool:
        """Whether it was written by a connector, and not by a person in the CRM."""
        return bool(self.own)

    @property
    def mark(self) -> str:
        """The unique key that it was made under; empty for none."""
        return values.text(self.row, self.form.mark) if self.form.mark else ""

    @property
    def created(self) -> datetime | None:
        """When it was made."""
        return values.instant(self.row, self.form.created) if self.form.created else None

    @property
    def modified(self) -> datetime | None:
        """When it was changed last."""
        return values.instant(self.row, self.form.modified) if self.form.modified else None

    @property
    def version(self) -> str:
        """What tells two states of it apart."""
        at = self.modified
        stamp = at.isoformat(timespec="milliseconds") if at else ""
        etag = self.row.get(ETAG)
        return f"{stamp}/{etag}" if isinstance(etag, str) and etag else stamp

    def text(self, word: str, default: str = "") -> str:
        """Read a text; one that is not set is the default."""
        name = self.form.fields.get(word)
        if name is not None:
            return values.text(self.row, name) or default
        kept = self.own.get(word)
        return kept if isinstance(kept, str) and kept else default

    def text_or_none(self, word: str) -> str | None:
        """Read a text that may not be set."""
        return self.text(word) or None

    def number(self, word: str) -> Decimal | None:
        """Read a number that may not be set."""
        name = self.form.fields.get(word)
        if name is not None:
            return values.number(self.row, name)
        kept = self.own.get(word)
        if kept is None:
            return None
        try:
            return Decimal(str(kept))
        except InvalidOperation:
            raise unfit(f"{self.form.data}/{word}", "a number", kept) from None

    def money(self, word: str, currency: str) -> Money | None:
        """Read an amount that may not be set."""
        found = self.number(word)
        return None if found is None else of_unit(found, currency)

    def instant(self, word: str) -> datetime | None:
        """Read an instant that may not be set."""
        name = self.form.fields.get(word)
        return values.instant(self.row, name) if name else values.instant(dict(self.own), word)

    def day(self, word: str) -> date | None:
        """Read a day that may not be set."""
        at = self.instant(word)
        return None if at is None else at.date()

    def flag(self, word: str) -> bool:
        """Read yes or no; what is not set is no."""
        name = self.form.fields.get(word)
        return values.flag(self.row, name) if name else self.own.get(word) is True

    def reference(self, word: str) -> str | None:
        """Read the key of the record that this one leads to."""
        name = self.form.references.get(word)
        return values.key(self.row, name) if name else self.text_or_none(word)

    def kept(self, word: str) -> Any:
        """Give plain data that is kept beside the fields, or `None`."""
        return self.own.get(word)


def written(
    form: Form, speech: Speech, given: Mapping[str, Any], now: Sheet | None = None
) -> dict[str, Any]:
    """Write values by our words: those with a field into it, the others together beside them.

    Args:
        form: what the record calls things.
        speech: how the dialect writes values.
        given: by our words; `None` and an empty text clear what was there. Data without a field
            may be lists and objects too.
        now: the record as it is; what is kept beside its fields and not given stays.

    Raises:
        Unwritable: a value does not fit, or has no place at all.
    """
    native: dict[str, Any] = {}
    beside: dict[str, Any] = dict(now.own) if now else {}
    for word, value in given.items():
        name = form.references.get(word) or form.fields.get(word)
        if name is not None and word in form.bare and isinstance(value, Reference):
            native[name] = speech.key(value.key) if value.key else None
        elif name is not None:
            native[name] = speech.written(value, word)
        elif form.data:
            beside[word] = _beside(value)
        elif value not in (None, "", Reference(None)):
            raise Unwritable(word, f"a {form.label} has no place for it")
    if form.data and (beside or now):
        kept = {word: value for word, value in sorted(beside.items()) if value not in (None, "")}
        native[form.data] = json.dumps(kept, ensure_ascii=False) if kept else None
    return native


def _beside(value: Any) -> Any:
    match value:
        case Reference(key):
            return key
        case Decimal():
            return plain_number(value)
        case datetime() | date():
            return value.isoformat()
        case _:
            return value


def differing(form: Form, wanted: Mapping[str, Any], now: Row) -> dict[str, Any]:
    """Give the fields that differ; numbers, instants and references by what they mean."""
    return {
        name: value
        for name, value in wanted.items()
        if not _same(value, now.get(name), is_data=name == form.data)
    }


def _same(one: Any, other: Any, *, is_data: bool) -> bool:
    if isinstance(one, dict) or isinstance(other, dict):
        return _key_of(one) == _key_of(other)
    if one in (None, "") or other in (None, ""):
        return one in (None, "") and other in (None, "")
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, str) and isinstance(other, str):
        if is_data:
            return bool(json.loads(one) == json.loads(other))
        return one == other or _same_instant(one, other)
    if isinstance(one, str) or isinstance(other, str):
        return str(one) == str(other)
    return Decimal(str(one)) == Decimal(str(other))


def _key_of(value: Any) -> str | None:
    return values.key({"": value}, "")


def _same_instant(one: str, other: str) -> bool:
    try:
        first = values.instant({"": one}, "")
        return first is not None and first == values.instant({"": other}, "")
    except Unreadable:  # texts that are no instants
        return False
