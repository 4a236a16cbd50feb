"""What a customer owes and is about to owe, against its limit; pure computation.

Exposure = balance + shipped not invoiced + open orders - returns not yet credited, tax included;
balance = open invoices - unapplied credits - unapplied payments. A limit of None is unlimited, one
of zero allows nothing. A change of an order counts with its difference only.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

from attrs import frozen

from crossdock_mocks.backoffice.decimals import ZERO

Outcome: TypeAlias = Literal["passed", "hold", "refuse"]


@frozen(kw_only=True)
class Exposure:
    """The parts of a customer's exposure, all in one currency."""

    open_invoices: Decimal = ZERO
    unapplied_credits: Decimal = ZERO
    unapplied_payments: Decimal = ZERO
    shipped_not_invoiced: Decimal = ZERO
    open_orders: Decimal = ZERO
    returns_not_credited: Decimal = ZERO
    past_due: Decimal = ZERO

    @property
    def balance(self) -> Decimal:
        """What is owed by the books."""
        return self.open_invoices - self.unapplied_credits - self.unapplied_payments

    @property
    def total(self) -> Decimal:
        """The exposure."""
        return (
            self.balance + self.shipped_not_invoiced + self.open_orders - self.returns_not_credited
        )


@frozen(kw_only=True)
class CreditTerms:
    """What a customer is allowed.

    Attributes:
        limit: None is unlimited, zero allows nothing.
        hold_reason: Why it is on hold; None when it is not.
        policy: What happens over the limit or on hold: hold or refuse.
        past_due_policy: What happens with invoices past due: ignore, hold or refuse.
    """

    limit: Decimal | None
    hold_reason: str | None
    policy: str
    past_due_policy: str


@frozen
class CreditReason:
    """One reason against a document, with what it leads to."""

    code: str
    message: str
    leads_to: str


def credit_check(
    exposure: Exposure, added: Decimal, terms: CreditTerms, currency: str
) -> tuple[Outcome, tuple[CreditReason, ...]]:
    """Judge a document that adds to the exposure.

    A document that adds nothing is never stopped for the limit: it cannot make it worse.

    Args:
        exposure: Before the document.
        added: What it adds, tax included; negative when an order is made smaller.
        terms: What the customer is allowed.
        currency: For the sentences.
    """
    reasons: list[CreditReason] = []
    if terms.hold_reason is not None:
        told = f": {terms.hold_reason}" if terms.hold_reason else ""
        reasons.append(
            CreditReason("customer_on_hold", f"The customer is on hold{told}.", terms.policy)
        )
    after = exposure.total + added
    if terms.limit is not None and added > ZERO and after > terms.limit:
        reasons.append(
            CreditReason(
                "credit_limit_exceeded",
                f"The exposure would be {after} {currency}, {after - terms.limit} {currency} over"
                f" the credit limit of {terms.limit} {currency}.",
                terms.policy,
            )
        )
    if terms.past_due_policy != "ignore" and exposure.past_due > ZERO:
        reasons.append(
            CreditReason(
                "past_due",
                f"{exposure.past_due} {currency} are past due.",
                terms.past_due_policy,
            )
        )
    consequences = {reason.leads_to for reason in reasons}
    if "refuse" in consequences:
        return "refuse", tuple(reasons)
    return ("hold" if reasons else "passed"), tuple(reasons)
