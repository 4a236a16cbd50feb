"""What customers owe: open invoices, less credits and payments that are not applied."""

from __future__ import annotations

from decimal import Decimal

from crossdock_mocks.dialects.quickbooks.entities import CREDIT_MEMO, CUSTOMER, INVOICE, PAYMENT
from crossdock_mocks.dialects.quickbooks.ledger import Ledger
from crossdock_mocks.dialects.quickbooks.wire import ZERO, decimal, number

_MILLE = 1000


def settle_customers(ledger: Ledger, key: str) -> None:
    """Bring the balances of a customer, and of those above it, up to date.

    That is a change of theirs in the change feed, and no new version.
    """
    row = ledger.find(CUSTOMER, key)
    if row is None:
        return
    balance = _owed(ledger, key)
    difference = balance - decimal(row["Balance"])
    if not difference:
        return
    row["Balance"] = number(balance)
    row["BalanceWithJobs"] = number(decimal(row["BalanceWithJobs"]) + difference)
    ledger.derive(CUSTOMER, row)
    above = row.get("ParentRef")
    while above is not None:
        parent = ledger.get(CUSTOMER, above["value"])
        parent["BalanceWithJobs"] = number(decimal(parent["BalanceWithJobs"]) + difference)
        ledger.derive(CUSTOMER, parent)
        above = parent.get("ParentRef")


def _owed(ledger: Ledger, key: str) -> Decimal:
    """Summed in thousandths, which are whole numbers, so that no cent is lost."""
    owed = ZERO
    for entity, field, sign in (
        (INVOICE, "Balance", 1),
        (CREDIT_MEMO, "Balance", -1),
        (PAYMENT, "UnappliedAmt", -1),
    ):
        ((found,),) = ledger.world.query(
            f"SELECT sum(CAST(round(json_extract(_body, '$.{field}') * {_MILLE}) AS INTEGER)) "  # noqa: S608 - names are declared
            f'FROM "{entity.table}" WHERE "CustomerRef.value" = ?',
            [key],
        )
        owed += sign * Decimal(found or 0) / _MILLE
    return owed
