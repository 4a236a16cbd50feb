"""Customers, from Business Central's wire."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from crossdock.connectors.amounts import of_unit
from crossdock.connectors.business_central.numbers import reference_of
from crossdock.connectors.business_central.wire import (
    ETAG,
    address,
    kind,
)
from crossdock.connectors.reading import Row, instant, number, optional_text, part, text
from crossdock.records import Money, TradingAccount

EXPANDED: Final = "paymentTerm,customerFinancialDetail"
_DAYS: Final = re.compile(r"\+?(?P<count>\d{1,4})(?P<unit>[DW])", re.ASCII).fullmatch
_IN_WORDS: Final = {
    "Ship": "blocked for shipping: it gets no new quotes and orders, and nothing is shipped",
    "Invoice": "blocked for invoicing: it gets no quotes, orders and invoices",
    "All": "blocked for everything",
}


@frozen(kw_only=True)
class Customer:
    """A customer as Business Central keeps it.

    Attributes:
        id: Business Central's own.
        number: what plugins know it by.
        credit_limit: in the company's currency; `None` where there is none, which is kept as 0.
        balance, overdue: in the company's currency; what is due as of today's end.
        terms_days: `None` where the terms are none, or more than a number of days.
        blocked: for what: nothing, `Ship`, `Invoice` or `All`.
    """

    id: str
    number: str
    name: str
    currency: str
    credit_limit: Decimal | None
    balance: Decimal
    overdue: Decimal
    terms_days: int | None
    blocked: str
    modified_at: datetime
    row: Row

    @property
    def blocked_in_words(self) -> str:
        """What it is blocked for; empty where it is not."""
        return _IN_WORDS.get(self.blocked, f"blocked ({self.blocked})" if self.blocked else "")

    def record(self, system: str, home: str) -> TradingAccount:
        """Give it as plugins know it; who pays for it is told by its documents only."""
        row = self.row
        limit = None if self.credit_limit is None else of_unit(self.credit_limit, home)
        return TradingAccount(
            id=self.number,
            system=system,
            name=self.name,
            currency=self.currency,
            terms_days=self.terms_days,
            email=optional_text(row, "email") or None,
            phone=optional_text(row, "phoneNumber") or None,
            website=optional_text(row, "website"),
            tax_number=optional_text(row, "taxRegistrationNumber"),
            address=address(row, ""),
            credit_limit=limit,
            on_hold=bool(self.blocked),
            hold_reason=self.blocked_in_words,
            active=self.blocked != "All",
            reference=reference_of(self.number),
            modified_at=self.modified_at,
            version=text(row, ETAG),
        )


def customer(row: Row, home: str) -> Customer:
    """Read a customer with what is expanded beside it (`EXPANDED`)."""
    limit = number(row, "creditLimit")
    owing = row.get("customerFinancialDetail")
    balance = overdue = Decimal(0)
    if owing is not None:
        balance, overdue = part(
            row,
            "customerFinancialDetail",
            lambda told: (number(told, "balance"), number(told, "overdueAmount")),
        )
    return Customer(
        id=text(row, "id"),
        number=text(row, "number"),
        name=text(row, "displayName"),
        currency=text(row, "currencyCode") or home,
        credit_limit=limit or None,
        balance=balance,
        overdue=overdue,
        terms_days=part(row, "paymentTerm", days) if row.get("paymentTerm") else None,
        blocked=kind(row, "blocked"),
        modified_at=instant(row, "lastModifiedDateTime"),
        row=row,
    )


def days(row: Row) -> int | None:
    """Read the days of payment terms: `30D` is thirty, `2W` fourteen; months are no number."""
    found = _DAYS(optional_text(row, "dueDateCalculation"))
    if found is None:
        return None
    return int(found["count"]) * (7 if found["unit"] == "W" else 1)


def past_due(found: Customer, home: str) -> Money:
    """Give what is past due, and never less than nothing: a credit is not owed."""
    return of_unit(max(found.overdue, Decimal(0)), home)
