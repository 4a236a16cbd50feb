"""Anything at all, in any order: the figures of the books add up after each step."""

from __future__ import annotations

import contextlib
import random
from collections import defaultdict
from decimal import Decimal

import pytest


def _exact(value):
    return Decimal(str(value))


def _add_up(world):
    """Every figure that follows from others, computed anew."""
    taken, owed, given = defaultdict(Decimal), defaultdict(Decimal), defaultdict(set)
    for payment in world.table("qbo_payment").find():
        used = Decimal(0)
        for line in payment["Line"]:
            (link,) = line["LinkedTxn"]
            taken[link["TxnType"], link["TxnId"]] += _exact(line["Amount"])
            given[link["TxnType"], link["TxnId"]].add(payment["Id"])
            used += _exact(line["Amount"]) * (1 if link["TxnType"] == "Invoice" else -1)
        assert _exact(payment["UnappliedAmt"]) == _exact(payment["TotalAmt"]) - used >= 0
        owed[payment["CustomerRef"]["value"]] -= _exact(payment["UnappliedAmt"])
    for kind, table, sign in (
        ("Invoice", "qbo_invoice", 1), ("CreditMemo", "qbo_creditmemo", -1),
    ):  # fmt: skip
        for row in world.table(table).find():
            left = _exact(row["TotalAmt"]) - _exact(row.get("Deposit", 0)) - taken[kind, row["Id"]]
            assert _exact(row["Balance"]) == left >= 0
            payments = {x["TxnId"] for x in row["LinkedTxn"] if x["TxnType"] == "Payment"}
            assert payments == given[kind, row["Id"]]
            owed[row["CustomerRef"]["value"]] += sign * left
    known = {("Invoice", row["Id"]) for row in world.table("qbo_invoice").find()}
    known |= {("CreditMemo", row["Id"]) for row in world.table("qbo_creditmemo").find()}
    assert set(given) <= known
    for row in world.table("qbo_customer").find():
        assert _exact(row["Balance"]) == owed[row["Id"]]
    for row in world.table("qbo_estimate").find():
        for link in row["LinkedTxn"]:
            invoice = world.table("qbo_invoice").get(link["TxnId"])
            assert {"TxnId": row["Id"], "TxnType": "Estimate"} in invoice["LinkedTxn"]
        assert row["TxnStatus"] == ("Closed" if row["LinkedTxn"] else "Pending")


class Walk:
    def __init__(self, books, seed):
        self.books, self.dice = books, random.Random(seed)
        self.customers = [books.customer(f"Walker {number}") for number in range(3)]
        self.item = books.item("Walked", 10)
        self.line = books.line(self.item, 1, 10)

    def step(self):
        self.dice.choice(
            [self.sell, self.sell, self.estimate, self.credit, self.pay, self.pay, self.apply,
             self.change, self.repay, self.remove, self.void]
        )()  # fmt: skip

    def _lines(self):
        lines = []
        for _ in range(self.dice.randint(1, 3)):
            quantity, price = self.dice.randint(1, 9), self.dice.randint(1, 5000) / 100
            detail = {**self.line["SalesItemLineDetail"], "Qty": quantity, "UnitPrice": price}
            amount = float(_exact(price) * quantity)
            lines.append({**self.line, "Amount": amount, "SalesItemLineDetail": detail})
        return lines

    def _any(self, table, customer=None, **where):
        wanted = {} if customer is None else {"CustomerRef.value": customer["Id"]}
        ours = {each["Id"] for each in self.customers}
        rows = [
            row
            for row in self.books.world.table(table).find({**wanted, **where})
            if row["CustomerRef"]["value"] in ours
        ]
        return self.dice.choice(rows) if rows else None

    def sell(self):
        customer = self.dice.choice(self.customers)
        more = {}
        estimate = self._any("qbo_estimate", customer)
        if estimate is not None and self.dice.random() < 0.5:
            more["LinkedTxn"] = [{"TxnId": estimate["Id"], "TxnType": "Estimate"}]
        self.books.sale("Invoice", customer, *self._lines(), **more)

    def estimate(self):
        self.books.sale("Estimate", self.dice.choice(self.customers), *self._lines())

    def credit(self):
        self.books.sale("CreditMemo", self.dice.choice(self.customers), *self._lines())

    def _amount(self, row):
        cents = int(_exact(row["Balance"]) * 100)
        return self.dice.randint(1, cents + 50) / 100

    def pay(self):
        customer = self.dice.choice(self.customers)
        invoice = self._any("qbo_invoice", customer)
        total = self.dice.randint(1, 20_000) / 100
        applied = [] if invoice is None else [("Invoice", invoice, self._amount(invoice))]
        self.books.pay(customer, total, *applied)

    def apply(self):
        customer = self.dice.choice(self.customers)
        invoice = self._any("qbo_invoice", customer)
        memo = self._any("qbo_creditmemo", customer)
        if invoice is not None and memo is not None:
            amount = min(self._amount(invoice), self._amount(memo))
            applied = ("Invoice", invoice, amount), ("CreditMemo", memo, amount)
            self.books.pay(customer, 0, *applied)

    def repay(self):
        payment, invoice = self._any("qbo_payment"), self._any("qbo_invoice")
        if payment is not None and invoice is not None:
            link = [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]
            line = {"Amount": self._amount(invoice), "LinkedTxn": link}
            self.books.write(
                "Payment", Id=payment["Id"], SyncToken=payment["SyncToken"], sparse=True,
                Line=self.dice.choice([[], [line]]),
            )  # fmt: skip

    def change(self):
        entity = self.dice.choice(["Invoice", "CreditMemo", "Estimate"])
        row = self._any(f"qbo_{entity.lower()}")
        if row is not None:
            self.books.write(
                entity, Id=row["Id"], SyncToken=row["SyncToken"], sparse=True, Line=self._lines()
            )

    def remove(self):
        entity = self.dice.choice(["Invoice", "CreditMemo", "Payment"])
        row = self._any(f"qbo_{entity.lower()}")
        if row is not None:
            self.books.write(entity, Id=row["Id"], SyncToken=row["SyncToken"], _operation="delete")

    def void(self):
        entity = self.dice.choice(["Invoice", "Payment"])
        row = self._any(f"qbo_{entity.lower()}")
        how = {"_operation": "void"}
        if entity == "Payment":
            how = {"_operation": "update", "_include": "void"}
        if row is not None:
            self.books.write(entity, Id=row["Id"], SyncToken=row["SyncToken"], **how)


def _walk(books, refused, seed, steps):
    walk = Walk(books, seed)
    done = 0
    for _ in range(steps):
        books.world.journal.clear()  # so that nobody is throttled
        with contextlib.suppress(refused):
            walk.step()
            done += 1
        assert not books.world.journal.find(verdict="defect")
        _add_up(books.world)
    assert done > steps / 3


def test_the_figures_add_up_whatever_happens(empty_books, refused):
    _walk(empty_books, refused, 7, 120)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(20))
def test_the_figures_add_up_on_many_walks(empty_books, refused, seed):
    _walk(empty_books, refused, seed, 300)
