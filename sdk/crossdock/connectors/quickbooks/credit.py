"""What a customer owes, from QuickBooks' wire; how much it may owe is not kept there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from crossdock.connectors.quickbooks.billing import Bill
from crossdock.connectors.quickbooks.customers import Customer
from crossdock.records import CreditStatus, Money


def credit_status(
    found: Customer,
    payer: Customer,
    system: str,
    *,
    past_due: Iterable[Bill],
    last_invoiced_on: date | None,
    terms_days: int | None,
) -> CreditStatus:
    """Give what is known; limit, orders and exposure are unknown, and never zero.

    Args:
        found: the customer.
        payer: who gets its invoices; itself, in most cases.
        system: the configured name.
        past_due: the payer's open invoices whose due date has passed.
        last_invoiced_on: when the customer was invoiced last.
        terms_days: the payer's terms.
    """
    unit = payer.currency
    late = [each for each in past_due if each.open.currency == unit and each.open]
    days = [each.due_on for each in late if each.due_on is not None]
    return CreditStatus(
        customer_id=found.number,
        system=system,
        currency=unit,
        on_hold=False,
        bill_to_id=payer.number,
        unlimited=False,
        balance=payer.balance,
        past_due=sum((each.open for each in late), start=Money.zero(unit)),
        past_due_since=min(days) if days else None,
        last_invoiced_on=last_invoiced_on,
        terms_days=terms_days,
    )
