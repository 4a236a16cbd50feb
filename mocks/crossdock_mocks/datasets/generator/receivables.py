"""How invoices were paid: payment runs, part payments, credits applied, money on account."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from random import Random

from attrs import define, field

from crossdock_mocks.datasets.amounts import to_penny
from crossdock_mocks.datasets.generator.customers import Customer
from crossdock_mocks.datasets.generator.documents import Application, Billed, Payment
from crossdock_mocks.datasets.generator.trade import Trade

__all__ = ["Receivables", "exposure", "play_payments", "set_credit_limits"]


@define
class Receivables:
    """Payments and what they were applied to."""

    payments: list[Payment] = field(factory=list)
    applications: list[Application] = field(factory=list)


def play_payments(rng: Random, customers: list[Customer], trade: Trade, as_of: date) -> Receivables:
    """Pay each customer's invoices by its habit, as far as the as-of day has come."""
    books = Receivables()
    invoices: dict[str, list[Billed]] = defaultdict(list)
    notes: dict[str, list[Billed]] = defaultdict(list)
    for invoice in trade.invoices:
        invoice.open = invoice.total
        invoices[invoice.customer.id].append(invoice)
    for note in trade.credit_notes:
        note.open = note.total
        notes[note.customer.id].append(note)
    for customer in customers:
        _settle(rng, books, customer, invoices[customer.id], notes[customer.id], as_of)
    _money_on_account(rng, books, customers, as_of)
    return books


def _settle(
    rng: Random,
    books: Receivables,
    customer: Customer,
    invoices: list[Billed],
    notes: list[Billed],
    as_of: date,
) -> None:
    runs: dict[date, list[tuple[Billed, Decimal]]] = defaultdict(list)
    weekday = rng.randint(0, 4)
    for invoice in sorted(invoices, key=lambda one: one.issued_on):
        delay = customer.delay_days + rng.randint(-3, 5)
        planned = max(invoice.issued_on, invoice.due_on + timedelta(days=delay))
        run = planned + timedelta(days=(weekday - planned.weekday()) % 7)
        part = Decimal(1)
        if rng.random() < 0.03:
            part = Decimal(rng.choice((40, 50, 80))) / 100
            runs[run + timedelta(days=28)].append((invoice, Decimal(1)))
        runs[run].append((invoice, part))
    days = sorted({*runs, *(note.issued_on for note in notes)})
    for day in days:
        if day > as_of:
            break
        for note in notes:
            if note.issued_on == day:
                _apply_credit(books, note, invoices, day)
        _pay(rng, books, customer, runs.get(day, []), day)


def _apply_credit(books: Receivables, note: Billed, invoices: list[Billed], day: date) -> None:
    """Against the credited invoice, else the oldest open one; what is left stays on account."""
    open_ones = [one for one in invoices if one.issued_on <= day and one.open > 0]
    open_ones.sort(key=lambda one: (one is not note.credited, one.issued_on))
    for invoice in open_ones:
        amount = min(note.open, invoice.open)
        if amount > 0:
            note.open -= amount
            invoice.open -= amount
            books.applications.append(
                Application(
                    payment=None, credit_note=note, invoice=invoice, applied_on=day, amount=amount
                )
            )


def _pay(
    rng: Random,
    books: Receivables,
    customer: Customer,
    wanted: list[tuple[Billed, Decimal]],
    day: date,
) -> None:
    parts = [(one, min(one.open, to_penny(one.total * part))) for one, part in wanted]
    parts = [(one, amount) for one, amount in parts if amount > 0]
    if not parts:
        return
    payment = Payment(
        customer=customer,
        received_on=day,
        amount=sum((amount for _, amount in parts), Decimal(0)),
        method="transfer" if rng.random() < 0.92 else "card",
        reference=f"{customer.id} {day:%d.%m.%Y}",
    )
    books.payments.append(payment)
    for invoice, amount in parts:
        invoice.open -= amount
        books.applications.append(
            Application(
                payment=payment, credit_note=None, invoice=invoice, applied_on=day, amount=amount
            )
        )


def _money_on_account(
    rng: Random, books: Receivables, customers: list[Customer], as_of: date
) -> None:
    """Prepayments that nothing was applied to."""
    candidates = [one for one in customers if one.part in ("steady", "growing")]
    for customer in rng.sample(candidates, min(2, len(candidates))):
        books.payments.append(
            Payment(
                customer=customer,
                received_on=as_of - timedelta(days=rng.randint(3, 20)),
                amount=Decimal(rng.randint(3, 15) * 100),
                method="transfer",
                reference="Prepayment",
            )
        )


def exposure(customers: list[Customer], trade: Trade, books: Receivables) -> dict[str, Decimal]:
    """Per customer that is billed: balance, shipped but not invoiced, open orders; with tax."""
    billed_to = {one.id: one.bill_to_id or one.id for one in customers}
    total: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in trade.invoices:
        total[billed_to[invoice.customer.id]] += invoice.open
    for note in trade.credit_notes:
        total[billed_to[note.customer.id]] -= note.open
    applied: dict[int, Decimal] = defaultdict(Decimal)
    for one in books.applications:
        if one.payment is not None:
            applied[id(one.payment)] += one.amount
    for payment in books.payments:
        total[billed_to[payment.customer.id]] -= payment.amount - applied[id(payment)]
    invoiced: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for invoice in trade.invoices:
        for line in invoice.lines:
            if invoice.order is not None and line.order_line is not None:
                invoiced[id(invoice.order), line.order_line] += line.quantity
    for order in trade.orders:
        for ordered in order.lines:
            rest = ordered.quantity - ordered.cancelled - invoiced[id(order), ordered.number]
            if rest > 0:
                total[billed_to[order.customer.id]] += ordered.gross(rest)
    return total


def set_credit_limits(
    rng: Random, customers: list[Customer], owed: dict[str, Decimal]
) -> dict[str, Decimal]:
    """Limits that fit the parts that customers play; gives what is left of each."""
    left: dict[str, Decimal] = {}
    for customer in customers:
        used = owed.get(customer.id, Decimal(0))
        if customer.part == "healthy":
            limit = _rounded(max(used * 3, used + 40_000), 5000)
        elif customer.part == "near limit":
            limit = _rounded(used + 600, 100)
        elif customer.part == "over limit":
            limit = _rounded(used * Decimal("0.9"), 100)
        elif rng.random() < 0.08:
            continue
        else:
            limit = _rounded(max(used * Decimal("1.7"), Decimal(2000)), 1000)
        customer.credit_limit = limit
        left[customer.id] = limit - used
    return left


def _rounded(amount: Decimal, step: int) -> Decimal:
    return (amount / step).to_integral_value(ROUND_CEILING) * step
