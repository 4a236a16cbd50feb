"""Customers from QuickBooks' wire, and what their number is.

QuickBooks gives a customer an id and no number. Houses that have numbers keep them in a field, most
of them at the beginning of the display name, which is unique and comes along with each document.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from attrs import frozen

from crossdock.connectors.quickbooks.origin import origin_of
from crossdock.connectors.quickbooks.query import equal, literal
from crossdock.connectors.quickbooks.wire import (
    Ref,
    address,
    created_at,
    currency,
    money,
    optional_ref,
    updated_at,
)
from crossdock.connectors.reading import Row, optional_text, text, truth
from crossdock.records import Money, TradingAccount

NumberField = Literal[
    "Id", "DisplayName", "CompanyName", "PrintOnCheckName", "ResaleNum", "Notes", "AlternatePhone"
]
#: Where a house may keep its customer numbers; the last three cannot be searched by a query.
NUMBER_FIELDS: Final[tuple[NumberField, ...]] = (
    "Id", "DisplayName", "CompanyName", "PrintOnCheckName", "ResaleNum", "Notes", "AlternatePhone",
)  # fmt: skip
_SEARCHED: Final = frozenset({"DisplayName", "CompanyName", "PrintOnCheckName"})
# The first word of a display name is a number where there is a digit in it.
_LEADING: Final = re.compile(r"(?P<number>\S*\d\S*)(?:\s+(?P<rest>.+))?", re.DOTALL).fullmatch


@frozen
class Numbering:
    """Where the customer's number is; a customer without one goes by its id."""

    field: NumberField

    def of_row(self, row: Row) -> str:
        """Give the number of a customer as it was read."""
        if self.field == "DisplayName":
            found = _LEADING(optional_text(row, "DisplayName").strip())
            return found["number"] if found else text(row, "Id")
        value = optional_text(row, self.field).strip() if self.field != "Id" else ""
        return value or text(row, "Id")

    def of_ref(self, told: Ref) -> str | None:
        """Give the number that a document tells of its customer; `None` where it tells none."""
        if self.field == "Id":
            return told.id
        if self.field != "DisplayName" or not told.name:
            return None
        # Of a sub-customer the whole way down is told: "parent:child".
        found = _LEADING(told.name.rpartition(":")[2].strip())
        return found["number"] if found else told.id

    def condition(self, number: str) -> str | None:
        """Ask for the customers that may have a number; `None` where a query cannot."""
        if self.field not in _SEARCHED:
            return None
        if self.field == "DisplayName":
            # `%` stands for anything, and nothing stands for itself, so the rows are looked at.
            return f"DisplayName LIKE {literal(number + '%')}"
        return equal(self.field, number)

    def unnumbered(self, name: str) -> str:
        """Give a display name for a new customer that nobody takes for one with a number."""
        return f"Customer {name}" if self.field == "DisplayName" and _LEADING(name) else name

    def name_of(self, row: Row) -> str:
        """Give what a customer is called, without its number."""
        shown = optional_text(row, "DisplayName").strip()
        if self.field == "DisplayName":
            found = _LEADING(shown)
            shown = (found["rest"] or "").strip() if found else shown
        return optional_text(row, "CompanyName").strip() or shown or text(row, "Id")


@frozen(kw_only=True)
class Customer:
    """A customer as QuickBooks keeps it.

    Attributes:
        id: QuickBooks' own.
        number: what plugins know it by.
        balance: what it owes, with its sub-customers where they are billed with it.
        bills_to: the id of the parent that gets its invoices.
    """

    id: str
    number: str
    name: str
    currency: str
    balance: Money
    taxable: bool
    tax_code: str
    term: str
    bills_to: str
    row: Row


def customer(row: Row, numbering: Numbering, home: str) -> Customer:
    """Read a customer."""
    unit = currency(row, home)
    parent, term = optional_ref(row, "ParentRef"), optional_ref(row, "SalesTermRef")
    code = optional_ref(row, "DefaultTaxCodeRef")
    with_jobs = "BalanceWithJobs" if row.get("BalanceWithJobs") is not None else "Balance"
    return Customer(
        id=text(row, "Id"),
        number=numbering.of_row(row),
        name=numbering.name_of(row),
        currency=unit,
        balance=money(row, with_jobs, unit),
        taxable=truth(row, "Taxable") if "Taxable" in row else True,
        tax_code=code.id if code else "",
        term=term.id if term else "",
        bills_to=parent.id if parent and row.get("BillWithParent") is True else "",
        row=row,
    )


def trading_account(
    found: Customer, system: str, *, terms_days: int | None, bill_to: str | None
) -> TradingAccount:
    """Give a customer as plugins know it; QuickBooks has no credit limit and no hold."""
    row = found.row
    origin = origin_of(optional_text(row, "Notes"))
    return TradingAccount(
        id=found.number,
        system=system,
        name=found.name,
        currency=found.currency,
        terms_days=terms_days,
        email=_inside(row, "PrimaryEmailAddr", "Address") or None,
        phone=_inside(row, "PrimaryPhone", "FreeFormNumber") or None,
        tax_number=optional_text(row, "PrimaryTaxIdentifier"),
        website=_inside(row, "WebAddr", "URI"),
        address=address(row, "BillAddr"),
        shipping_address=address(row, "ShipAddr") if row.get("ShipAddr") else None,
        bill_to_id=bill_to,
        active=row.get("Active") is not False,
        reference=origin.reference if origin else "",
        created_at=created_at(row),
        modified_at=updated_at(row),
        version=text(row, "SyncToken"),
    )


def _inside(row: Row, name: str, inner: str) -> str:
    told = row.get(name)
    return optional_text(told, inner) if isinstance(told, dict) else ""


def term_days(row: Row) -> tuple[str, int | None]:
    """Read a term: its id, and the days after which an invoice is due, where it says days."""
    days = row.get("DueDays")
    return text(row, "Id"), days if type(days) is int else None
