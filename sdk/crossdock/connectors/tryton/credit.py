"""How much credit customers have left, as Tryton counts it.

What counts against a limit is what is owed, and what is ordered and not invoiced *without tax*.
Source: `get_credit_amount` of the modules `account_credit_limit` and `sale_credit_limit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from crossdock.connectors.tryton.books import Books
from crossdock.connectors.tryton.database import Database
from crossdock.connectors.tryton.directory import Directory
from crossdock.connectors.tryton.parties import Party
from crossdock.records import CreditStatus, Money


class Credit:
    """Reads what customers owe and may owe."""

    def __init__(self, database: Database, directory: Directory, books: Books) -> None:
        self._database = database
        self._directory = directory
        self._books = books

    def of_all(self, customers: Sequence[Party]) -> tuple[CreditStatus, ...]:
        """Say it of each of some customers, in a few calls for all of them."""
        if not customers:
            return ()
        ids = [each.id for each in customers]
        late = self._books.past_due(ids, self._database.today())
        invoiced = self._books.last_invoiced(ids)
        return tuple(
            status(
                each,
                self._database.system,
                self._database.company.currency,
                past_due=late.get(each.id, ()),
                last_invoiced_on=invoiced.get(each.id),
                terms_days=self._directory.terms_days(each.term),
            )
            for each in customers
        )


def status(
    found: Party,
    system: str,
    home: str,
    *,
    past_due: Sequence[tuple[date, Decimal]],
    last_invoiced_on: date | None,
    terms_days: int | None,
) -> CreditStatus:
    """Give what is known; what is shipped and not invoiced is among the open orders.

    Args:
        found: the customer.
        system: the configured name.
        home: the company's currency, in which all of it is.
        past_due: what is owed of what was due, with the days.
        last_invoiced_on: when it was invoiced last.
        terms_days: its terms.
    """
    late = sum((amount for _, amount in past_due), Decimal(0))
    days = [on for on, _ in past_due]
    used = found.used
    return CreditStatus(
        customer_id=found.code,
        system=system,
        currency=home,
        on_hold=found.blocked,
        hold_reason="Its credit limit is 0, which blocks it." if found.blocked else "",
        bill_to_id=found.code,
        # Where no limits are kept nothing is known of one, which is not the same as none.
        unlimited=used is not None and found.limit is None,
        limit=None if found.limit is None else Money(found.limit, home),
        balance=Money(found.receivable, home),
        open_orders=None if used is None else Money(used - found.receivable, home),
        exposure=None if used is None else Money(used, home),
        available=(
            None if used is None or found.limit is None else Money(found.limit - used, home)
        ),
        past_due=Money(late, home),
        past_due_since=min(days, default=None),
        last_invoiced_on=last_invoiced_on,
        terms_days=terms_days,
    )
