"""Reads invoices, credit notes, payments and what is owed, in a fixed number of calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from crossdock.connectors.tryton import billing, ledger, wire
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton.billed_lines import BilledLines
from crossdock.connectors.tryton.billing import Bill
from crossdock.connectors.tryton.database import Database, in_pieces
from crossdock.connectors.tryton.directory import Directory
from crossdock.connectors.tryton.ledger import Entry, Settled
from crossdock.connectors.tryton.order_book import domain_of
from crossdock.connectors.tryton.printing import printed
from crossdock.connectors.tryton.refusals import nothing
from crossdock.records import CreditNote, Invoice, Payment, PrintedInvoice

#: What is in the books, and not taken back again.
IN_THE_BOOKS: Final = ("state", "in", ["posted", "paid"])
SOLD: Final = ("type", "=", "out")
_RECEIVABLE: Final = (
    ("account.type.receivable", "=", True),
    ("move.state", "=", "posted"),
)
_NEWEST: Final = [("invoice_date", "DESC"), ("id", "DESC")]


@frozen(kw_only=True)
class _Account:
    """What is known of some bills: their entries, what settled them, and names."""

    entries: Sequence[Entry]
    settled: Sequence[Settled]
    names: Mapping[int, str]

    def of(self, move: int) -> Sequence[Entry]:
        return [each for each in self.entries if each.move == move]

    def paid(self, move: int) -> Sequence[Settled]:
        return [each for each in self.settled if each.debit.move == move]

    def used(self, move: int) -> Sequence[Settled]:
        return [each for each in self.settled if each.credit.move == move]


class Books:
    """Reads the books of one company."""

    def __init__(self, database: Database, directory: Directory) -> None:
        self._database = database
        self._directory = directory
        self._lines = BilledLines(database, directory)

    # Invoices and credit notes.

    def invoices(self, party: int, since: date | None, *, lines: bool) -> tuple[Invoice, ...]:
        """List a customer's invoices, newest first."""
        found = self._bills([("party", "=", party), *_from(since)])
        account = self._of_party(party)
        return self._as_invoices([each for each in found if not each.is_credit], account, lines)

    def invoice(self, name: str) -> Invoice:
        """Read one invoice with its lines."""
        found = self._named(name, "invoice", is_credit=False)
        return self._as_invoices([found], self._around([found]), lines=True)[0]

    def invoice_document(self, name: str) -> PrintedInvoice:
        """Give one invoice as Tryton printed it."""
        return printed(self._database, self._named(name, "invoice", is_credit=False))

    def credit_notes(
        self, party: int, since: date | None, *, lines: bool
    ) -> tuple[CreditNote, ...]:
        """List a customer's credit notes, newest first."""
        found = self._bills([("party", "=", party), *_from(since)])
        account = self._of_party(party)
        return self._as_credit_notes([each for each in found if each.is_credit], account, lines)

    def credit_note(self, name: str) -> CreditNote:
        """Read one credit note with its lines."""
        found = self._named(name, "credit note", is_credit=True)
        return self._as_credit_notes([found], self._around([found]), lines=True)[0]

    # Payments.

    def payments(self, party: int, since: date | None) -> tuple[Payment, ...]:
        """List the money that a customer paid, newest first."""
        account = self._of_party(party)
        found = self._as_payments(account)
        return tuple(each for each in found if since is None or each.received_on >= since)

    def payment(self, name: str) -> Payment:
        """Read one payment, by the number of its move."""
        number = [("move." + field, how, value) for field, how, value in domain_of(name)]
        mine = self._entries([*number, ("move.journal.type", "=", "cash")])
        found = self._as_payments(self._joined(mine)) if mine else ()
        moves = {each.move_number for each in mine}
        for each in found:
            if each.id in moves:
                return each
        raise nothing(self._database.label, self._database.system, f"payment {name}")

    # What is owed.

    def past_due(
        self, parties: Sequence[int], today: date
    ) -> dict[int, list[tuple[date, Decimal]]]:
        """Give what each party still owes of what was due before a day, and since when.

        What was paid of a line and is not settled with it yet counts as paid.
        """
        late: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
        for piece in in_pieces(list(parties)):
            domain = [("party", "in", list(piece)), ("reconciliation", "=", None)]
            entries = self._entries(domain)
            account = self._joined(entries, whole=False)
            for each in entries:
                if each.amount <= 0 or each.due is None or each.due >= today:
                    continue
                paid = sum(
                    (one.amount for one in account.settled if one.debit.id == each.id), Decimal(0)
                )
                if each.amount > paid:
                    late[each.party].append((each.due, each.amount - paid))
        return late

    def last_invoiced(self, parties: Sequence[int]) -> dict[int, date]:
        """Give the day of each party's last invoice."""
        found: dict[int, date] = {}
        for piece in in_pieces(list(parties)):
            for party, on, total in self._database.search(
                use.SEARCH_INVOICES,
                [("party", "in", list(piece)), SOLD, IN_THE_BOOKS, self._mine],
                ("party", "invoice_date", "total_amount_cache"),
                lambda row: (
                    wire.key(row, "party"),
                    wire.day(row, "invoice_date"),
                    wire.amount(row, "total_amount_cache"),
                ),
            ):
                if total >= 0:
                    found[party] = max(on, found.get(party, on))
        return found

    # How it is read.

    @property
    def _mine(self) -> tuple[str, str, int]:
        return ("company", "=", self._database.company.id)

    def _bills(self, domain: Sequence[Any]) -> list[Bill]:
        return self._database.search(
            use.SEARCH_INVOICES,
            [self._mine, SOLD, IN_THE_BOOKS, *domain],
            billing.FIELDS,
            billing.bill,
            order=_NEWEST,
        )

    def _named(self, name: str, what: str, *, is_credit: bool) -> Bill:
        found = [each for each in self._bills(domain_of(name)) if each.is_credit == is_credit]
        if not found:
            raise nothing(self._database.label, self._database.system, f"{what} {name}")
        return found[0]

    def _entries(self, domain: Sequence[Any]) -> list[Entry]:
        home = self._database.company.currency
        return self._database.search(
            use.SEARCH_MOVE_LINES,
            [("move.company", "=", self._database.company.id), *_RECEIVABLE, *domain],
            ledger.FIELDS,
            lambda row: ledger.entry(row, home),
        )

    def _of_party(self, party: int) -> _Account:
        return self._joined(self._entries([("party", "=", party)]), whole=False)

    def _around(self, bills: Sequence[Bill]) -> _Account:
        """Read what has to do with some bills: their entries, and what these are settled with."""
        ids = [each.id for each in bills]
        moves = [each.move for each in bills]
        either = ["OR", ("move", "in", moves), ("invoice_payment", "in", ids)]
        return self._joined(self._entries([either]))

    def _joined(self, entries: Sequence[Entry], *, whole: bool = True) -> _Account:
        """Find out who settled whom; with `whole`, sets are read to their end first."""
        known = {each.id: each for each in entries}
        if whole:
            sets = sorted({each.set_id for each in entries if each.set_id is not None})
            for piece in in_pieces(sets):
                more = self._entries([("reconciliation", "in", list(piece))])
                known |= {each.id: each for each in more}
            paid = sorted({each.pays for each in known.values() if each.pays is not None})
            for piece in in_pieces(paid):
                moves = [each.move for each in self._bills([("id", "in", list(piece))])]
                more = self._entries([("move", "in", moves)])
                known |= {each.id: each for each in more}
        own: dict[int, int] = {}
        names: dict[int, str] = {}
        for piece in in_pieces(sorted({each.move for each in known.values()})):
            for bill in self._bills([("move", "in", list(piece))]):
                own[bill.move], names[bill.move] = bill.id, bill.name
        every = list(known.values())
        return _Account(entries=every, settled=ledger.settlements(every, own), names=names)

    def _as_invoices(
        self, bills: Sequence[Bill], account: _Account, lines: bool
    ) -> tuple[Invoice, ...]:
        rows = self._lines.of(bills) if lines else {}
        orders = self._lines.sale_names(each for bill in bills for each in bill.sales)
        return tuple(
            billing.invoice(
                each,
                self._database.system,
                entries=account.of(each.move),
                settled=account.paid(each.move),
                names=account.names,
                orders=orders,
                lines=rows.get(each.id, ()),
            )
            for each in bills
        )

    def _as_credit_notes(
        self, bills: Sequence[Bill], account: _Account, lines: bool
    ) -> tuple[CreditNote, ...]:
        rows = self._lines.of(bills)  # they tell which invoice is credited
        return tuple(
            billing.credit_note(
                each,
                self._database.system,
                settled=account.used(each.move),
                names=account.names,
                lines=rows.get(each.id, ()) if lines else (),
                credits_bill=next(
                    (row.bill[0] for row in rows.get(each.id, ()) if row.bill[0]), ""
                ),
            )
            for each in bills
        )

    def _as_payments(self, account: _Account) -> tuple[Payment, ...]:
        return billing.payments(
            account.entries,
            account.settled,
            account.names,
            system=self._database.system,
            codes=self._directory.codes(each.party for each in account.entries),
        )


def _from(since: date | None) -> list[Any]:
    return [] if since is None else [("invoice_date", ">=", since)]
