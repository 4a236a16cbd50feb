"""Filling a company from the shared data set.

Where QuickBooks' model has no place of its own, this is where things stand:

- a customer's number begins its `DisplayName` (`C-10001 Acme Ltd`); its bare name is `CompanyName`;
- an item's code is its `Sku`; goods with stock are inventory, all else is service or non-inventory;
- a discount of a line is in its `UnitPrice`, and told in its `Description`;
- the customer's own reference is the custom field "P.O. Number", the order's number is in
  `PrivateNote`;
- ship date, tracking number and carrier of an order's shipment stand on its invoice;
- a payment's number is its `PaymentRefNum`; a credit note is applied by a payment of 0 with a line
  for it and lines for the invoices, as QuickBooks does;
- tax is rounded as the data set says, and may be another cent than QuickBooks' own.

Credit limits, holds, price lists, orders, returns and contracts have no place at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, final

from crossdock_mocks.backoffice.decimals import ZERO, minor_units, plain
from crossdock_mocks.backoffice.tax import (
    RoundingMode,
    TaxableLine,
    net_amount,
    tax_document,
)
from crossdock_mocks.dialects.quickbooks import authorization
from crossdock_mocks.dialects.quickbooks.company import KEY, new_company, new_preferences
from crossdock_mocks.dialects.quickbooks.entities import (
    ACCOUNT,
    COMPANY_INFO,
    CREDIT_MEMO,
    CUSTOMER,
    ENTITIES,
    INVOICE,
    ITEM,
    PAYMENT,
    PAYMENT_METHOD,
    PREFERENCES,
    TAX_AGENCY,
    TAX_CODE,
    TAX_RATE,
    TERM,
    Entity,
)
from crossdock_mocks.dialects.quickbooks.forms import (
    currency_reference,
    link,
    payment_line,
    subtotal_line,
    tax_line,
)
from crossdock_mocks.dialects.quickbooks.ledger import (
    SETTINGS,
    headed,
    reference_to,
    reserve,
)
from crossdock_mocks.dialects.quickbooks.numbering import continue_from
from crossdock_mocks.dialects.quickbooks.sale_lines import DISCOUNTS
from crossdock_mocks.dialects.quickbooks.tax_codes import tax_code, tax_rate
from crossdock_mocks.dialects.quickbooks.wire import PACIFIC, Row, number, present, stamp
from crossdock_mocks.engine import World

_OPENED: Final = timedelta(days=3 * 365)
_BUSY: Final = time(9, tzinfo=PACIFIC)
_HUNDRED: Final = Decimal(100)
_PRICE_PLACES: Final = Decimal("0.0000001")
ACCOUNTS: Final = (
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable", "Asset"),
    ("Checking", "Bank", "Checking", "Asset"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds", "Asset"),
    ("Inventory Asset", "Other Current Asset", "Inventory", "Asset"),
    ("Sales of Product Income", "Income", "SalesOfProductIncome", "Revenue"),
    ("Services", "Income", "ServiceFeeIncome", "Revenue"),
    (DISCOUNTS, "Income", "DiscountsRefundsGiven", "Revenue"),
    ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs", "Expense"),
)
"""The chart of accounts that a company begins with: name, type, detail type, classification."""

_METHODS: Final = ("Cash", "Check", "Credit Card", "Bank Transfer", "Direct Debit")


def seed(world: World, dataset: Any) -> None:
    """Open a company, and fill it if there is a data set to fill it from."""
    authorization.begin(world)
    seeding = _Seeding(world, dataset)
    seeding.company()
    seeding.names()
    if dataset is not None:
        seeding.documents()
    seeding.close()


@final
class _Seeding:
    def __init__(self, world: World, dataset: Any) -> None:
        self._world = world
        self._data = dataset
        self._home = "GBP" if dataset is None else dataset.currency
        self._opened = (world.today if dataset is None else dataset.as_of) - _OPENED
        self._rounding: RoundingMode = (
            "document" if dataset is not None and dataset.rounding == "document" else "line"
        )
        self._ids: dict[str, int] = defaultdict(int)
        self._made: dict[str, list[Row]] = {name: [] for name in ENTITIES}
        self._accounts: dict[str, Row] = {}
        self._codes: dict[str, tuple[Row, Row, Decimal]] = {}
        self._terms: dict[int, Row] = {}
        self._methods: dict[str, Row] = {}
        self._customers: dict[str, Row] = {}
        self._items: dict[str, Row] = {}
        self._invoices: dict[str, Row] = {}
        self._memos: dict[str, Row] = {}

    def _rows(self, kind: str) -> Iterator[dict[str, Any]]:
        return iter(()) if self._data is None else self._data.rows(kind)

    def _add(self, entity: Entity, row: Mapping[str, Any], on: date | None = None) -> Row:
        """Add a row, as of a day."""
        sequence = "transactions" if entity.numbering else entity.name
        self._ids[sequence] += 1
        at = stamp(datetime.combine(on or self._opened, _BUSY))
        made = headed(present(row), str(self._ids[sequence]), at)
        self._made[entity.name].append(made)
        return made

    def close(self) -> None:
        """Put everything into the world, and let ids and numbers go on from there."""
        for name, rows in self._made.items():
            entity = ENTITIES[name]
            self._world.table(entity.table).insert_many(rows)
            reserve(self._world, entity, (row["Id"] for row in rows))
            continue_from(self._world, entity, (row.get("DocNumber", "") for row in rows))

    # The company and its lists

    def company(self) -> None:
        """The company, its preferences, and settings that its API does not show."""
        name = "Sandbox Company" if self._data is None else self._data.company
        country = "" if self._data is None else self._data.country
        currencies = {row["currency"] for row in self._rows("customers")} - {None, self._home}
        home = currency_reference(self._home)
        at = stamp(datetime.combine(self._opened, _BUSY))
        made = new_company(name, country, self._opened.isoformat(), "books@company.example")
        self._made[COMPANY_INFO.name].append(headed(present(made), KEY, at))
        preferences = new_preferences(home, multicurrency=bool(currencies))
        self._made[PREFERENCES.name].append(headed(preferences, KEY, at))
        settings = {
            "currency": home,
            "multicurrency": bool(currencies),
            "places": minor_units(self._home),
            **authorization.LIMITS,
        }
        self._world.table(SETTINGS.name).insert_many(
            {"name": name, "value": value} for name, value in settings.items()
        )

    def names(self) -> None:
        """Accounts, taxes, terms, ways to pay, items and customers."""
        for name, kind, detail, classification in ACCOUNTS:
            self._accounts[name] = self._add(
                ACCOUNT,
                {
                    "Name": name, "FullyQualifiedName": name, "SubAccount": False, "Active": True,
                    "Classification": classification, "AccountType": kind,
                    "AccountSubType": detail, "CurrencyRef": currency_reference(self._home),
                },
            )  # fmt: skip
        self._taxes()
        for days in sorted({row["terms_days"] or 0 for row in self._rows("customers")} | {0, 30}):
            name = f"Net {days}" if days else "Due on receipt"
            row = {"Name": name, "Active": True, "Type": "STANDARD", "DueDays": days}
            self._terms[days] = self._add(TERM, row)
        given = {row["method"].title() for row in self._rows("payments") if row["method"]}
        for name in (*_METHODS, *sorted(given - set(_METHODS))):
            kind = "CREDIT_CARD" if name == "Credit Card" else "NON_CREDIT_CARD"
            row = {"Name": name[:31], "Active": True, "Type": kind}
            self._methods[name.lower()] = self._add(PAYMENT_METHOD, row)
        self._seed_items()
        self._seed_customers()

    def _taxes(self) -> None:
        agency = self._add(
            TAX_AGENCY,
            {
                "DisplayName": "Tax Authority",
                "TaxTrackedOnSales": True,
                "TaxTrackedOnPurchases": True,
            },
        )
        given: list[dict[str, Any]] = list(self._rows("tax_codes")) or [
            {"id": "STD", "name": "Standard rate 20 %", "rate": Decimal("0.2")},
            {"id": "ZERO", "name": "Zero rate", "rate": ZERO},
        ]
        names = _Unique()
        for row in given:
            name = names.take(row["name"], row["id"], 100)
            rate = self._add(TAX_RATE, tax_rate(name, row["rate"] * _HUNDRED, agency))
            detail = {
                "TaxRateRef": reference_to(TAX_RATE, rate),
                "TaxTypeApplicable": "TaxOnAmount",
                "TaxOrder": 0,
            }
            code = self._add(TAX_CODE, tax_code(row["id"][:100], row["name"][:100], [detail], []))
            self._codes[row["id"]] = (code, rate, row["rate"])

    def _seed_items(self) -> None:
        stock: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for row in self._rows("stock"):
            stock[row["item_id"]] += row["on_hand"]
        names = _Unique()
        for row in self._rows("items"):
            tracked = row["kind"] == "goods" and row["id"] in stock
            name = names.take(_plain_name(row["name"]), row["id"], 90)
            income = "Services" if row["kind"] == "service" else "Sales of Product Income"
            item: Row = {
                "Name": name if row["active"] else f"{name} (deleted)",
                "FullyQualifiedName": name if row["active"] else f"{name} (deleted)",
                "Sku": row["id"][:100],
                "Description": _short(row["description"] or row["name"], 4000),
                "Active": row["active"],
                "SubItem": False,
                "Taxable": row["tax_code"] is not None,
                "SalesTaxIncluded": False,
                "UnitPrice": number(row["list_price"] or ZERO),
                "PurchaseCost": None if row["cost"] is None else number(row["cost"]),
                "Type": "Inventory" if tracked else _ITEM_TYPES[row["kind"]],
                "TrackQtyOnHand": tracked,
                "IncomeAccountRef": reference_to(ACCOUNT, self._accounts[income]),
                "SalesTaxCodeRef": reference_to(TAX_CODE, self._codes[row["tax_code"]][0]),
            }
            if tracked:
                item |= {
                    "QtyOnHand": number(stock[row["id"]]),
                    "InvStartDate": self._opened.isoformat(),
                    "AssetAccountRef": reference_to(ACCOUNT, self._accounts["Inventory Asset"]),
                    "ExpenseAccountRef": reference_to(
                        ACCOUNT, self._accounts["Cost of Goods Sold"]
                    ),
                }
            self._items[row["id"]] = self._add(ITEM, item)

    def _seed_customers(self) -> None:
        given = {row["id"]: row for row in self._rows("customers")}
        for key in given:
            self._seed_customer(key, given, 0)

    def _seed_customer(self, key: str, given: Mapping[str, dict[str, Any]], depth: int) -> Row:
        """A customer; one that somebody else pays for is that one's sub-customer."""
        if key in self._customers:
            return self._customers[key]
        row = given[key]
        payer = row["bill_to_id"]
        parent = None
        if payer is not None and payer != key and depth < 4:
            parent = self._seed_customer(payer, given, depth + 1)
        name = _plain_name(f"{key} {row['name']}")[:500]
        made: Row = {
            "DisplayName": name,
            "FullyQualifiedName": name,
            "CompanyName": _short(row["name"], 100),
            "PrintOnCheckName": _short(row["name"], 110),
            "Active": True,
            "Taxable": True,
            "Job": False,
            "BillWithParent": False,
            "IsProject": False,
            "Balance": 0,
            "BalanceWithJobs": 0,
            "PreferredDeliveryMethod": "Email" if row["email"] else "Print",
            "PrimaryTaxIdentifier": _short(row["tax_number"], 20),
            "BillAddr": _address(row),
            "PrimaryPhone": row["phone"] and {"FreeFormNumber": row["phone"][:30]},
            "PrimaryEmailAddr": row["email"] and {"Address": row["email"][:100]},
            "SalesTermRef": reference_to(TERM, self._terms[row["terms_days"] or 0]),
            "CurrencyRef": currency_reference(row["currency"] or self._home),
        }
        if parent is not None:
            made |= {
                "Job": True,
                "BillWithParent": True,
                "ParentRef": reference_to(CUSTOMER, parent),
                "Level": parent.get("Level", 0) + 1,
                "FullyQualifiedName": f"{parent['FullyQualifiedName']}:{name}",
            }
        self._customers[key] = self._add(CUSTOMER, made)
        return self._customers[key]

    # Documents

    def documents(self) -> None:
        """Invoices, credit memos and payments, each with what is left of it."""
        shipments: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self._rows("shipments"):
            shipments[row["order_id"]].append(row)
        heads = {row["id"]: row for row in self._rows("invoices")}
        for key, lines in groupby(self._rows("invoice_lines"), itemgetter("invoice_id")):
            self._invoices[key] = self._invoice(heads[key], list(lines), shipments)
        heads = {row["id"]: row for row in self._rows("credit_notes")}
        for key, lines in groupby(self._rows("credit_note_lines"), itemgetter("credit_note_id")):
            self._memos[key] = self._memo(heads[key], list(lines))
        self._payments()
        self._balances()

    def _sale(self, head: dict[str, Any], lines: list[dict[str, Any]]) -> Row:
        """What invoices and credit memos have in common."""
        currency = head["currency"] or self._home
        places = minor_units(currency)
        told, taxable = [], []
        for position, row in enumerate(lines, 1):
            net = net_amount(row["quantity"], row["unit_price"], row["discount_percent"], places)
            code, _, rate = self._codes[row["tax_code"]]
            told.append(self._line(position, row, net, code))
            taxable.append(TaxableLine(position, row["tax_code"], rate, net))
        tax = tax_document(taxable, self._rounding, places)
        told.append(subtotal_line(tax.net))
        customer = self._customers[head["customer_id"]]
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
                    tax_line(self._codes[each.tax_code][1], each.tax, each.base)
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
        if currency != self._home:
            sale |= {"ExchangeRate": 1, "HomeTotalAmt": sale["TotalAmt"]}
        return sale

    def _line(self, position: int, row: dict[str, Any], net: Decimal, code: Row) -> Row:
        item = self._items[row["item_id"]]
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
        terms = self._customers[head["customer_id"]]["SalesTermRef"]
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
                row["TrackingNum"] = _short(last["tracking"], 31)
                carrier = last["carrier"]
                row["ShipMethodRef"] = carrier and {"value": carrier, "name": carrier}
        if "HomeTotalAmt" in row:
            row["HomeBalance"] = row["Balance"]
        return self._add(INVOICE, row, head["posted_on"])

    def _memo(self, head: dict[str, Any], lines: list[dict[str, Any]]) -> Row:
        row = self._sale(head, lines)
        note = [head["reason"] or "", head["invoice_id"] and f"Credits {head['invoice_id']}"]
        row["PrivateNote"] = ". ".join(each for each in note if each) or None
        row["RemainingCredit"] = row["Balance"]
        return self._add(CREDIT_MEMO, row, head["posted_on"])

    def _payments(self) -> None:
        applied: dict[str, list[dict[str, Any]]] = defaultdict(list)
        credited: dict[tuple[str, date], list[dict[str, Any]]] = defaultdict(list)
        for row in self._rows("payment_applications"):
            if row["payment_id"] is not None:
                applied[row["payment_id"]].append(row)
            else:
                credited[row["credit_note_id"], row["applied_on"]].append(row)
        for row in self._rows("payments"):
            lines = applied.pop(row["id"], [])
            self._payment(
                self._customers[row["customer_id"]], row["received_on"], row["currency"],
                row["amount"], lines, None,
                PaymentRefNum=row["id"][:21],
                PrivateNote=row["reference"],
                PaymentMethodRef=row["method"]
                and reference_to(PAYMENT_METHOD, self._methods[row["method"].lower()]),
            )  # fmt: skip
        for (key, day), lines in credited.items():
            memo = self._memos[key]
            customer = next(
                each
                for each in self._made[CUSTOMER.name]
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
        made = self._add(
            PAYMENT,
            {
                "TxnDate": day.isoformat(),
                "CustomerRef": reference_to(CUSTOMER, customer),
                "CurrencyRef": currency_reference(currency or self._home),
                "DepositToAccountRef": reference_to(ACCOUNT, self._accounts["Checking"]),
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
        if made["CurrencyRef"]["value"] != self._home:
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
            for row in self._made[name]:
                key = row["CustomerRef"]["value"]
                owed[key] += sign * Decimal(str(row[field]))
                at = row["MetaData"]["LastUpdatedTime"]
                latest[key] = max(latest.get(key, ""), at)
        customers = {row["Id"]: row for row in self._made[CUSTOMER.name]}
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


_ITEM_TYPES: Final = {"goods": "NonInventory", "service": "Service", "charge": "Service"}


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


@final
class _Unique:
    """Names that are unique whatever their case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str, key: str, most: int) -> str:
        """The name, with the key behind it if it is taken."""
        made = name[:most]
        if made.casefold() in self._taken:
            made = f"{name[: most - len(key) - 3]} ({key})"
        self._taken.add(made.casefold())
        return made


def _plain_name(text: str) -> str:
    """A name without what a name may not hold."""
    return " ".join(text.replace(":", "-").split())


def _short(text: str | None, most: int) -> str | None:
    return text[:most] if text else None


def _address(row: Mapping[str, Any]) -> Row | None:
    told = {
        "Line1": _short(row["street"], 500),
        "City": _short(row["city"], 255),
        "CountrySubDivisionCode": _short(row["region"], 255),
        "PostalCode": _short(row["postcode"], 30),
        "Country": _short(row["country"], 255),
    }
    return present(told) or None
