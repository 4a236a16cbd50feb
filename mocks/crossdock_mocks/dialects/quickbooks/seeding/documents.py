"""The documents of a company that is being opened: invoices, credit memos, payments, balances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, final

from crossdock_mocks.backoffice.decimals import ZERO, minor_units, plain
from crossdock_mocks.backoffice.tax import TaxableLine, net_amount, tax_document
from crossdock_mocks.dialects.quickbooks.entities import (
    ACCOUNT,
    CREDIT_MEMO,
    CUSTOMER,
    INVOICE,
    ITEM,
    PAYMENT,
    PAYMENT_METHOD,
    TAX_CODE,
)
from crossdock_mocks.dialects.quickbooks.forms import (
    currency_reference,
    link,
    payment_line,
    subtotal_line,
    tax_line,
)
from crossdock_mocks.dialects.quickbooks.ledger import reference_to
from crossdock_mocks.dialects.quickbooks.seeding.names import Names
from crossdock_mocks.dialects.quickbooks.seeding.opening import Opening, short
from crossdock_mocks.dialects.quickbooks.wire import Row, number

_HUNDRED: Final = Decimal(100)
_PRICE_PLACES: Final = Decimal("0.0000001")


@final
class Documents:
    """Documents of a data set, for the names that were made of it."""

    def __init__(self, opening: Opening, names: Names) -> None:
        self._opening, self._names = opening, names
        self._invoices: dict[str, Row] = {}
        self._memos: dict[str, Row] = {}

    def add_all(self) -> None:
        """Invoices, credit memos and payments, each with what is left of it."""
        shipments: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self._opening.rows("shipments"):
            shipments[row["order_id"]].append(row)
        heads = {row["id"]: row for row in self._opening.rows("invoices")}
        for key, lines in groupby(self._opening.rows("invoice_lines"), itemgetter("invoice_id")):
            self._invoices[key] = self._invoice(heads[key], list(lines), shipments)
        heads = {row["id"]: row for row in self._opening.rows("credit_notes")}
        for key, lines in groupby(
            self._opening.rows("credit_note_lines"), itemgetter("credit_note_id")
        ):
            self._memos[key] = self._memo(heads[key], list(lines))
        self._payments()
        self._balances()

    def _sale(self, head: dict[str, Any], lines: list[dict[str, Any]]) -> Row:
        """What invoices and credit memos have in common."""
        currency = head["currency"] or self._opening.home
        places = minor_units(currency)
        told, taxable = [], []
        for position, row in enumerate(lines, 1):
            net = net_amount(row["quantity"], row["unit_price"], row["discount_percent"], places)
            code, _, rate = self._names.codes[row["tax_code"]]
            told.append(self._line(position, row, net, code))
            taxable.append(TaxableLine(position, row["tax_code"], rate, net))
        tax = tax_document(taxable, self._opening.rounding, places)
        told.append(subtotal_line(tax.net))
        customer = self._names.customers[head["customer_id"]]
        sale: Row = {
            "DocNumber": head["id"][:21],
            "TxnDate": head["issued_on"].isoformat(),
            "CustomerRef": reference_to(CUSTOMER, customer),
            "CurrencyRef": currency_reference(currency),
            "BillAddr": customer.get("BillAddr"),
            "BillEmail": customer.get("PrimaryEmailAddr"),
            "Line": told,
            "TxnTaxDetail": {
                "TotalTax": number(tax.tax),
                "TaxLine": [
                    tax_line(self._names.codes[each.tax_code][1], each.tax, each.base)
                    for each in tax.totals
                ],
            },
            "GlobalTaxCalculation": "TaxExcluded",
            "TotalAmt": number(tax.total),
            "Balance": number(tax.total),
            "ApplyTaxAfterDiscount": False,
            "PrintStatus": "NotSet",
            "EmailStatus": "NotSet",
            "LinkedTxn": [],
        }
        if head["reference"]:
            sale["CustomField"] = [
                {
                    "DefinitionId": "1", "Name": "P.O. Number", "Type": "StringType",
                    "StringValue": head["reference"][:31],
                }
            ]  # fmt: skip
        if currency != self._opening.home:
            sale |= {"ExchangeRate": 1, "HomeTotalAmt": sale["TotalAmt"]}
        return sale

    def _line(self, position: int, row: dict[str, Any], net: Decimal, code: Row) -> Row:
        item = self._names.items[row["item_id"]]
        price, words = row["unit_price"], row["description"] or item["Description"]
        if row["discount_percent"]:
            words += f" ({plain(price)} less {plain(row['discount_percent'])} %)"
            price = price * (_HUNDRED - row["discount_percent"]) / _HUNDRED
        return {
            "Id": str(position),
            "LineNum": position,
            "Description": words[:4000],
            "Amount": number(net),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {
                "ItemRef": reference_to(ITEM, item),
                "UnitPrice": number(price.quantize(_PRICE_PLACES)),
                "Qty": number(row["quantity"]),
                "ItemAccountRef": item["IncomeAccountRef"],
                "TaxCodeRef": reference_to(TAX_CODE, code),
            },
        }

    def _invoice(
        self,
        head: dict[str, Any],
        lines: list[dict[str, Any]],
        shipments: Mapping[str, list[dict[str, Any]]],
    ) -> Row:
        row = self._sale(head, lines)
        terms = self._names.customers[head["customer_id"]]["SalesTermRef"]
        row |= {
            "DueDate": (head["due_on"] or head["posted_on"]).isoformat(),
            "SalesTermRef": terms,
            "AllowOnlineACHPayment": False,
            "AllowOnlineCreditCardPayment": False,
            "AllowIPNPayment": False,
            "Deposit": 0,
        }
        if head["order_id"] is not None:
            row["PrivateNote"] = f"Order {head['order_id']}"
            sent = [
                s
                for s in shipments.get(head["order_id"], ())
                if s["shipped_on"] <= head["issued_on"]
            ]
            if sent:
                last = max(sent, key=itemgetter("shipped_on"))
                row["ShipDate"] = last["shipped_on"].isoformat()
                row["TrackingNum"] = short(last["tracking"], 31)
                carrier = last["carrier"]
                row["ShipMethodRef"] = carrier and {"value": carrier, "name": carrier}
        if "HomeTotalAmt" in row:
            row["HomeBalance"] = row["Balance"]
        return self._opening.add(INVOICE, row, head["posted_on"])

    def _memo(self, head: dict[str, Any], lines: list[dict[str, Any]]) -> Row:
        row = self._sale(head, lines)
        note = [head["reason"] or "", head["invoice_id"] and f"Credits {head['invoice_id']}"]
        row["PrivateNote"] = ". ".join(each for each in note if each) or None
        row["RemainingCredit"] = row["Balance"]
        return self._opening.add(CREDIT_MEMO, row, head["posted_on"])

    def _payments(self) -> None:
        applied: dict[str, list[dict[str, Any]]] = defaultdict(list)
        credited: dict[tuple[str, date], list[dict[str, Any]]] = defaultdict(list)
        for row in self._opening.rows("payment_applications"):
            if row["payment_id"] is not None:
                applied[row["payment_id"]].append(row)
            else:
                credited[row["credit_note_id"], row["applied_on"]].append(row)
        for row in self._opening.rows("payments"):
            lines = applied.pop(row["id"], [])
            self._payment(
                self._names.customers[row["customer_id"]], row["received_on"], row["currency"],
                row["amount"], lines, None,
                PaymentRefNum=row["id"][:21],
                PrivateNote=row["reference"],
                PaymentMethodRef=row["method"]
                and reference_to(PAYMENT_METHOD, self._names.methods[row["method"].lower()]),
            )  # fmt: skip
        for (key, day), lines in credited.items():
            memo = self._memos[key]
            customer = next(
                each
                for each in self._opening.made[CUSTOMER.name]
                if each["Id"] == memo["CustomerRef"]["value"]
            )
            self._payment(customer, day, memo["CurrencyRef"]["value"], ZERO, lines, memo)

    def _payment(
        self,
        customer: Row,
        day: date,
        currency: str | None,
        amount: Decimal,
        lines: list[dict[str, Any]],
        memo: Row | None,
        **more: Any,
    ) -> None:
        made = self._opening.add(
            PAYMENT,
            {
                "TxnDate": day.isoformat(),
                "CustomerRef": reference_to(CUSTOMER, customer),
                "CurrencyRef": currency_reference(currency or self._opening.home),
                "DepositToAccountRef": reference_to(ACCOUNT, self._names.accounts["Checking"]),
                "ProcessPayment": False,
                "TotalAmt": number(amount),
                **more,
            },
            day,
        )
        used = ZERO
        told = []
        for row in lines:
            invoice = self._invoices[row["invoice_id"]]
            used += row["amount"]
            told.append(payment_line(row["amount"], "Invoice", invoice["Id"]))
            settle(invoice, row["amount"], made["Id"])
            touch(invoice, made)
        if memo is not None:
            told.append(payment_line(used, "CreditMemo", memo["Id"]))
            settle(memo, used, made["Id"])
            memo["RemainingCredit"] = memo["Balance"]
            touch(memo, made)
        if made["CurrencyRef"]["value"] != self._opening.home:
            made["ExchangeRate"] = 1
        made["Line"] = told
        made["UnappliedAmt"] = number(amount - used) if memo is None else 0

    def _balances(self) -> None:
        """What each customer owes, alone and with its sub-customers."""
        owed: dict[str, Decimal] = defaultdict(lambda: ZERO)
        latest: dict[str, str] = {}
        for name, field, sign in (
            (INVOICE.name, "Balance", 1),
            (CREDIT_MEMO.name, "Balance", -1),
            (PAYMENT.name, "UnappliedAmt", -1),
        ):
            for row in self._opening.made[name]:
                key = row["CustomerRef"]["value"]
                owed[key] += sign * Decimal(str(row[field]))
                at = row["MetaData"]["LastUpdatedTime"]
                latest[key] = max(latest.get(key, ""), at)
        customers = {row["Id"]: row for row in self._opening.made[CUSTOMER.name]}
        whole: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for key, row in customers.items():
            row["Balance"] = number(owed[key])
            if key in latest:
                row["MetaData"]["LastUpdatedTime"] = latest[key]
            above: Row | None = row
            while above is not None:
                whole[above["Id"]] += owed[key]
                above = customers.get(above.get("ParentRef", {}).get("value", ""))
        for key, row in customers.items():
            row["BalanceWithJobs"] = number(whole[key])


def settle(row: Row, amount: Decimal, payment_id: str) -> None:
    """Take an amount off what is left of a document, and say which payment did."""
    row["Balance"] = number(Decimal(str(row["Balance"])) - amount)
    if "HomeBalance" in row:
        row["HomeBalance"] = row["Balance"]
    mark = link(payment_id, PAYMENT.name)
    if mark not in row["LinkedTxn"]:
        row["LinkedTxn"].append(mark)


def touch(row: Row, by: Row) -> None:
    """What settles a document is a change of it."""
    at = by["MetaData"]["CreateTime"]
    row["MetaData"]["LastUpdatedTime"] = max(row["MetaData"]["LastUpdatedTime"], at)
