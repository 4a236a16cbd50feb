"""The lists of a company that is being opened: accounts, taxes, terms, items, customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, final

from crossdock_mocks.backoffice.decimals import ZERO
from crossdock_mocks.dialects.quickbooks.entities import (
    ACCOUNT,
    CUSTOMER,
    ITEM,
    PAYMENT_METHOD,
    TAX_AGENCY,
    TAX_CODE,
    TAX_RATE,
    TERM,
)
from crossdock_mocks.dialects.quickbooks.forms import currency_reference
from crossdock_mocks.dialects.quickbooks.ledger import reference_to
from crossdock_mocks.dialects.quickbooks.sale_lines import DISCOUNTS
from crossdock_mocks.dialects.quickbooks.seeding.opening import Opening, short
from crossdock_mocks.dialects.quickbooks.tax_codes import tax_code, tax_rate
from crossdock_mocks.dialects.quickbooks.wire import Row, number, present

_HUNDRED: Final = Decimal(100)
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
_ITEM_TYPES: Final = {"goods": "NonInventory", "service": "Service", "charge": "Service"}


@final
class Names:
    """The lists, each by the data set's own ids.

    Attributes:
        accounts: By name.
        codes: Tax code, its rate, and the rate as a fraction.
        terms: By days.
        methods: Ways to pay, by name in small letters.
    """

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self.accounts: dict[str, Row] = {}
        self.codes: dict[str, tuple[Row, Row, Decimal]] = {}
        self.terms: dict[int, Row] = {}
        self.methods: dict[str, Row] = {}
        self.customers: dict[str, Row] = {}
        self.items: dict[str, Row] = {}

    def add_all(self) -> None:
        """Accounts, taxes, terms, ways to pay, items and customers."""
        for name, kind, detail, classification in ACCOUNTS:
            self.accounts[name] = self._opening.add(
                ACCOUNT,
                {
                    "Name": name, "FullyQualifiedName": name, "SubAccount": False, "Active": True,
                    "Classification": classification, "AccountType": kind,
                    "AccountSubType": detail, "CurrencyRef": currency_reference(self._opening.home),
                },
            )  # fmt: skip
        self._add_taxes()
        for days in sorted(
            {row["terms_days"] or 0 for row in self._opening.rows("customers")} | {0, 30}
        ):
            name = f"Net {days}" if days else "Due on receipt"
            row = {"Name": name, "Active": True, "Type": "STANDARD", "DueDays": days}
            self.terms[days] = self._opening.add(TERM, row)
        given = {row["method"].title() for row in self._opening.rows("payments") if row["method"]}
        for name in (*_METHODS, *sorted(given - set(_METHODS))):
            kind = "CREDIT_CARD" if name == "Credit Card" else "NON_CREDIT_CARD"
            row = {"Name": name[:31], "Active": True, "Type": kind}
            self.methods[name.lower()] = self._opening.add(PAYMENT_METHOD, row)
        self._add_items()
        self._add_customers()

    def _add_taxes(self) -> None:
        agency = self._opening.add(
            TAX_AGENCY,
            {
                "DisplayName": "Tax Authority",
                "TaxTrackedOnSales": True,
                "TaxTrackedOnPurchases": True,
            },
        )
        given: list[dict[str, Any]] = list(self._opening.rows("tax_codes")) or [
            {"id": "STD", "name": "Standard rate 20 %", "rate": Decimal("0.2")},
            {"id": "ZERO", "name": "Zero rate", "rate": ZERO},
        ]
        names = _Unique()
        for row in given:
            name = names.take(row["name"], row["id"], 100)
            rate = self._opening.add(TAX_RATE, tax_rate(name, row["rate"] * _HUNDRED, agency))
            detail = {
                "TaxRateRef": reference_to(TAX_RATE, rate),
                "TaxTypeApplicable": "TaxOnAmount",
                "TaxOrder": 0,
            }
            code = self._opening.add(
                TAX_CODE, tax_code(row["id"][:100], row["name"][:100], [detail], [])
            )
            self.codes[row["id"]] = (code, rate, row["rate"])

    def _add_items(self) -> None:
        stock: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for row in self._opening.rows("stock"):
            stock[row["item_id"]] += row["on_hand"]
        names = _Unique()
        for row in self._opening.rows("items"):
            tracked = row["kind"] == "goods" and row["id"] in stock
            name = names.take(_plain_name(row["name"]), row["id"], 90)
            income = "Services" if row["kind"] == "service" else "Sales of Product Income"
            item: Row = {
                "Name": name if row["active"] else f"{name} (deleted)",
                "FullyQualifiedName": name if row["active"] else f"{name} (deleted)",
                "Sku": row["id"][:100],
                "Description": short(row["description"] or row["name"], 4000),
                "Active": row["active"],
                "SubItem": False,
                "Taxable": row["tax_code"] is not None,
                "SalesTaxIncluded": False,
                "UnitPrice": number(row["list_price"] or ZERO),
                "PurchaseCost": None if row["cost"] is None else number(row["cost"]),
                "Type": "Inventory" if tracked else _ITEM_TYPES[row["kind"]],
                "TrackQtyOnHand": tracked,
                "IncomeAccountRef": reference_to(ACCOUNT, self.accounts[income]),
                "SalesTaxCodeRef": reference_to(TAX_CODE, self.codes[row["tax_code"]][0]),
            }
            if tracked:
                item |= {
                    "QtyOnHand": number(stock[row["id"]]),
                    "InvStartDate": self._opening.opened.isoformat(),
                    "AssetAccountRef": reference_to(ACCOUNT, self.accounts["Inventory Asset"]),
                    "ExpenseAccountRef": reference_to(ACCOUNT, self.accounts["Cost of Goods Sold"]),
                }
            self.items[row["id"]] = self._opening.add(ITEM, item)

    def _add_customers(self) -> None:
        given = {row["id"]: row for row in self._opening.rows("customers")}
        for key in given:
            self._add_customer(key, given, 0)

    def _add_customer(self, key: str, given: Mapping[str, dict[str, Any]], depth: int) -> Row:
        """A customer; one that somebody else pays for is that one's sub-customer."""
        if key in self.customers:
            return self.customers[key]
        row = given[key]
        payer = row["bill_to_id"]
        parent = None
        if payer is not None and payer != key and depth < 4:
            parent = self._add_customer(payer, given, depth + 1)
        name = _plain_name(f"{key} {row['name']}")[:500]
        made: Row = {
            "DisplayName": name,
            "FullyQualifiedName": name,
            "CompanyName": short(row["name"], 100),
            "PrintOnCheckName": short(row["name"], 110),
            "Active": True,
            "Taxable": True,
            "Job": False,
            "BillWithParent": False,
            "IsProject": False,
            "Balance": 0,
            "BalanceWithJobs": 0,
            "PreferredDeliveryMethod": "Email" if row["email"] else "Print",
            "PrimaryTaxIdentifier": short(row["tax_number"], 20),
            "BillAddr": _address(row),
            "PrimaryPhone": row["phone"] and {"FreeFormNumber": row["phone"][:30]},
            "PrimaryEmailAddr": row["email"] and {"Address": row["email"][:100]},
            "SalesTermRef": reference_to(TERM, self.terms[row["terms_days"] or 0]),
            "CurrencyRef": currency_reference(row["currency"] or self._opening.home),
        }
        if parent is not None:
            made |= {
                "Job": True,
                "BillWithParent": True,
                "ParentRef": reference_to(CUSTOMER, parent),
                "Level": parent.get("Level", 0) + 1,
                "FullyQualifiedName": f"{parent['FullyQualifiedName']}:{name}",
            }
        self.customers[key] = self._opening.add(CUSTOMER, made)
        return self.customers[key]


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


def _address(row: Mapping[str, Any]) -> Row | None:
    told = {
        "Line1": short(row["street"], 500),
        "City": short(row["city"], 255),
        "CountrySubDivisionCode": short(row["region"], 255),
        "PostalCode": short(row["postcode"], 30),
        "Country": short(row["country"], 255),
    }
    return present(told) or None
