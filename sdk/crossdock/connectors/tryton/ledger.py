"""What a customer was asked for and what settled it, from the lines of receivable accounts.

Tryton settles lines of moves with each other: a *reconciliation* is a set of lines that add up to
nothing, and until it does, a line may be noted as a part payment of an invoice. Which credit
settled which debit inside a set of several is not kept; the earliest are taken first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.reading import Row
from crossdock.connectors.tryton import wire

FIELDS: Final = (
    "debit", "credit", "date", "maturity_date", "reconciliation", "party", "move", "move.number",
    "move.journal.type", "invoice_payment", "amount_second_currency", "second_currency.code",
    "description_used",
)  # fmt: skip
_ZERO: Final = Decimal(0)
_FAR: Final = date.max


@frozen(kw_only=True)
class Entry:
    """A line of a receivable account.

    Attributes:
        amount: what it asks for; below zero, what it gives back. In the currency of its document.
        pays: the id of the invoice that it was noted to pay.
        set_id: the id of the reconciliation that it is in.
        journal: the type of its journal: `revenue`, `cash`, `write-off`, ...
    """

    id: int
    party: int
    amount: Decimal
    currency: str
    on: date
    due: date | None
    move: int
    move_number: str
    journal: str
    set_id: int | None
    pays: int | None
    words: str


@frozen(kw_only=True)
class Settled:
    """A part of a credit that settles a part of a debit, since a day."""

    credit: Entry
    debit: Entry
    amount: Decimal
    on: date


def entry(row: Row, home: str) -> Entry:
    """Read a line."""
    move = wire.inside(row, "move")
    second = wire.label(wire.inside(row, "second_currency"), "code")
    own = wire.amount(row, "debit") - wire.amount(row, "credit")
    return Entry(
        id=wire.key(row),
        party=wire.key(row, "party"),
        amount=wire.amount(row, "amount_second_currency") if second else own,
        currency=second or home,
        on=wire.day(row, "date"),
        due=wire.day_or_none(row, "maturity_date"),
        move=wire.key(row, "move"),
        move_number=wire.label(move, "number") or f"#{wire.key(row, 'move')}",
        journal=wire.label(wire.inside(move, "journal"), "type"),
        set_id=wire.key_or_none(row, "reconciliation"),
        pays=wire.key_or_none(row, "invoice_payment"),
        words=wire.label(row, "description_used"),
    )


def settlements(entries: Sequence[Entry], invoice_of: Mapping[int, int]) -> list[Settled]:
    """Say which credit settled which debit.

    Args:
        entries: whole sets, and part payments.
        invoice_of: the id of the invoice of each move that is one's own.
    """
    left = {each.id: abs(each.amount) for each in entries}
    found: list[Settled] = []

    def settle(credits_given: Iterable[Entry], debits: Iterable[Entry]) -> None:
        owed = sorted(debits, key=lambda each: (each.due or _FAR, each.on, each.id))
        for credit in sorted(credits_given, key=lambda each: (each.on, each.id)):
            for debit in owed:
                part = min(left[credit.id], left[debit.id])
                if part > _ZERO and credit.currency == debit.currency:
                    left[credit.id] -= part
                    left[debit.id] -= part
                    on = max(credit.on, debit.on)
                    found.append(Settled(credit=credit, debit=debit, amount=part, on=on))

    debits = [each for each in entries if each.amount > _ZERO]
    given = [each for each in entries if each.amount < _ZERO]
    for credit in given:
        if credit.pays is not None:
            settle([credit], (each for each in debits if invoice_of.get(each.move) == credit.pays))
    for debit in debits:
        if debit.pays is not None:  # money that was given back for a credit note
            settle((each for each in given if invoice_of.get(each.move) == debit.pays), [debit])
    sets: dict[int, tuple[list[Entry], list[Entry]]] = defaultdict(lambda: ([], []))
    for each in entries:
        if each.set_id is not None:
            sets[each.set_id][each.amount > _ZERO].append(each)
    for credits_given, owed in sets.values():
        settle(credits_given, owed)
    return found
