"""Name lists: customers, items and the lists that documents refer to. They are never deleted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from crossdock_mocks.dialects.quickbooks.entities import (
    ACCOUNT,
    CLASS,
    CUSTOMER,
    DEPARTMENT,
    ITEM,
    PAYMENT_METHOD,
    TERM,
    Entity,
)
from crossdock_mocks.dialects.quickbooks.ledger import Ledger, reference_to
from crossdock_mocks.dialects.quickbooks.refusals import business, missing, refused
from crossdock_mocks.dialects.quickbooks.wire import Row

Rule = Callable[[Ledger, Row, "Row | None"], Row]

DEEPEST: Final = 4
"""Levels below the first that a customer, item, class or department may have."""

_DELETED: Final = " (deleted)"
_NAME_PARTS: Final = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+\Z")
_CLASSIFICATION: Final = {
    "Bank": "Asset", "Accounts Receivable": "Asset", "Other Current Asset": "Asset",
    "Fixed Asset": "Asset", "Other Asset": "Asset", "Accounts Payable": "Liability",
    "Credit Card": "Liability", "Other Current Liability": "Liability",
    "Long Term Liability": "Liability", "Equity": "Equity", "Income": "Revenue",
    "Other Income": "Revenue", "Cost of Goods Sold": "Expense", "Expense": "Expense",
    "Other Expense": "Expense",
}  # fmt: skip
_SUB_TYPES: Final = {
    "AccountsReceivable": "Accounts Receivable", "Checking": "Bank", "Savings": "Bank",
    "Inventory": "Other Current Asset", "UndepositedFunds": "Other Current Asset",
    "SalesOfProductIncome": "Income", "ServiceFeeIncome": "Income",
    "DiscountsRefundsGiven": "Income", "SuppliesMaterialsCogs": "Cost of Goods Sold",
}  # fmt: skip


def write_name(ledger: Ledger, entity: Entity, given: Row) -> Row:
    """Create or update one record of a name list; gives it as it stands.

    Raises:
        Problem: Of many kinds, each with the vendor's code.
    """
    values = {name: value for name, value in given.items() if name not in entity.read_only}
    if given.get("Id") is None:
        if "create" not in entity.operations:
            raise refused(500, f"Operation create is not supported for {entity.name}")
        values.pop("SyncToken", None)
        return ledger.create(entity, _ruled(ledger, entity, values, None))
    if "update" not in entity.operations:
        raise refused(500, f"Operation update is not supported for {entity.name}")
    old = ledger.current(entity, given)
    return ledger.save(entity, _ruled(ledger, entity, merged(entity, old, given, values), old))


def merged(entity: Entity, old: Row, given: Mapping[str, Any], values: Row) -> Row:
    """An update on top of what stands: of the fields given, or, if it is not sparse, of all."""
    kept = entity.read_only | {"Id", "SyncToken"}
    sparse = given.get("sparse") is True
    base = dict(old) if sparse else {k: v for k, v in old.items() if k in kept}
    return {**base, **values, "Id": old["Id"], "SyncToken": old["SyncToken"]}


def _ruled(ledger: Ledger, entity: Entity, row: Row, old: Row | None) -> Row:
    if "active" in entity.properties:
        row.setdefault("Active", True)
        if row["Active"] is None:
            row["Active"] = True
    rule = _RULES.get(entity.name)
    if rule is not None:
        row = rule(ledger, row, old)
    if entity.naming:
        _retired(entity, row, old)
        _unique(ledger, entity, row)
    return row


def _retired(entity: Entity, row: Row, old: Row | None) -> None:
    """What is made inactive gives its name free; made active again, it takes it back."""
    for name in (entity.naming, "FullyQualifiedName"):
        text = row.get(name)
        if not text:
            continue
        bare = text.removesuffix(_DELETED)
        if not row.get("Active", True):
            row[name] = bare + _DELETED
        elif old is not None and old.get("Active") is False:
            row[name] = bare


def _unique(ledger: Ledger, entity: Entity, row: Row) -> None:
    """Names are unique whatever their case; below a parent, within it."""
    naming = "FullyQualifiedName" if "FullyQualifiedName" in row else entity.naming
    if not row.get(naming):
        raise missing(entity.naming)
    _well_formed(row, entity.naming)
    if row.get("Active") is False:
        return
    taken = ledger.world.query(
        f'SELECT _key FROM "{entity.table}" WHERE '  # noqa: S608 - the names are declared
        f"casefold(json_extract(_body, '$.{naming}')) = ? AND _key <> ?",
        [row[naming].casefold(), row.get("Id", "")],
    )
    if taken:
        raise refused(
            6240,
            f"The name supplied already exists. : Another {entity.name.lower()} is already using "
            f"this name (Id={taken[0][0]}). Please use a different name.",
            entity.naming,
        )


def _well_formed(row: Row, naming: str) -> None:
    name = row[naming]
    if any(letter in name for letter in ":\t\n") or not name.strip():
        raise refused(2040, f"Invalid String : {naming} may hold no colon, tab or line end", naming)


def _below(ledger: Ledger, entity: Entity, row: Row, mark: str, naming: str) -> None:
    """Place a record below its parent: qualified name, level, and the flag that says so."""
    row["FullyQualifiedName"] = row.get(naming)
    row.pop("Level", None)
    parent_ref = row.get("ParentRef")
    if parent_ref is None:
        row[mark] = False
        if entity in (CUSTOMER, ITEM):
            row.pop("ParentRef", None)
        return
    parent = ledger.refer(entity, parent_ref, "ParentRef")
    if parent["Id"] == row.get("Id"):
        raise refused(2500, "Invalid Reference Id : a record cannot be its own parent", "ParentRef")
    level = 1
    above = parent
    while above.get("ParentRef"):
        level += 1
        above = ledger.get(entity, above["ParentRef"]["value"])
        if above["Id"] == row.get("Id"):
            raise refused(2500, "Invalid Reference Id : the parents run in a circle", "ParentRef")
    if level > DEEPEST:
        raise business(f"At most {DEEPEST} levels can stand below the first.", "ParentRef")
    row[mark] = True
    row["ParentRef"] = reference_to(entity, parent)
    row["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{row.get(naming)}"
    if entity in (CUSTOMER, ITEM):
        row["Level"] = level


# Customers


def _customer(ledger: Ledger, row: Row, old: Row | None) -> Row:
    if not row.get("DisplayName"):
        parts = [row[part] for part in _NAME_PARTS if row.get(part)]
        if not parts:
            raise refused(6080, f"{', '.join(_NAME_PARTS)}, DisplayName: one must be non-empty")
        row["DisplayName"] = " ".join(parts)
    _below(ledger, CUSTOMER, row, "Job", "DisplayName")
    if row.get("BillWithParent") and not row["Job"]:
        raise business("BillWithParent is for sub-customers only.", "BillWithParent")
    email = (row.get("PrimaryEmailAddr") or {}).get("Address")
    must_be_email(email)
    _currency(ledger, row, old)
    row = ledger.named(row)
    defaults = {
        "PrintOnCheckName": row.get("CompanyName") or row["DisplayName"],
        "Taxable": True,
        "BillWithParent": False,
        "IsProject": False,
        "PreferredDeliveryMethod": "None",
    }
    for name, value in defaults.items():
        if row.get(name) is None:
            row[name] = value
    if old is None:
        row |= {"Balance": 0, "BalanceWithJobs": 0}
    return row


def must_be_email(text: str | None) -> None:
    """Refuse what is no list of e-mail addresses.

    Raises:
        Problem: 400 with code 2210.
    """
    if text and not all(_EMAIL.match(each.strip()) for each in text.split(",")):
        raise refused(2210, f"Invalid email address format : {text[:100]}", "Address")


def _currency(ledger: Ledger, row: Row, old: Row | None) -> None:
    """A customer's currency is chosen once, and is the company's unless there are more."""
    home = ledger.setting("currency")
    wanted = (row.get("CurrencyRef") or {}).get("value")
    if old is not None:
        kept = old["CurrencyRef"]
        if wanted not in (None, kept["value"]):
            raise business("The currency of a customer cannot be changed.", "CurrencyRef")
        row["CurrencyRef"] = kept
        return
    if wanted not in (None, home["value"]) and not ledger.setting("multicurrency"):
        raise business("This company has one currency only.", "CurrencyRef")
    row["CurrencyRef"] = home if wanted in (None, home["value"]) else {"value": wanted}


# Items


def _item(ledger: Ledger, row: Row, old: Row | None) -> Row:
    if not row.get("Name"):
        raise missing("Name")
    if row.get("Type") is None:
        raise missing("Type")
    if old is not None and old["Type"] == "Inventory" != row["Type"]:
        raise business("An inventory item stays one.", "Type")
    if row.get("IncomeAccountRef") is None:
        raise missing("IncomeAccountRef")
    tracked = row["Type"] == "Inventory"
    if tracked:
        for name in ("QtyOnHand", "InvStartDate", "AssetAccountRef", "ExpenseAccountRef"):
            if row.get(name) is None:
                raise missing(name)
        if row.get("TrackQtyOnHand") is not True:
            raise missing("TrackQtyOnHand")
    elif row.get("TrackQtyOnHand"):
        raise business("Only inventory items are tracked.", "TrackQtyOnHand")
    else:
        for name in ("QtyOnHand", "InvStartDate", "AssetAccountRef"):
            row.pop(name, None)
    _typed(ledger, row, "IncomeAccountRef", ("Income",))
    _typed(ledger, row, "AssetAccountRef", ("Other Current Asset",))
    _typed(ledger, row, "ExpenseAccountRef", ("Expense", "Cost of Goods Sold", "Other Expense"))
    _below(ledger, ITEM, row, "SubItem", "Name")
    row = ledger.named(row)
    row["TrackQtyOnHand"] = tracked
    row["UnitPrice"] = row.get("UnitPrice") or 0
    row["Taxable"] = row.get("Taxable") is True
    return row


def _typed(ledger: Ledger, row: Row, element: str, types: tuple[str, ...]) -> None:
    """Check that an account is of a type that will do."""
    if row.get(element) is None:
        return
    account = ledger.refer(ACCOUNT, row[element], element)
    if account["AccountType"] not in types:
        raise refused(
            6430, f"Invalid account type used : {element} needs {' or '.join(types)}", element
        )


# The other lists


def _account(ledger: Ledger, row: Row, old: Row | None) -> Row:
    if not row.get("Name"):
        raise missing("Name")
    kind, sub = row.get("AccountType"), row.get("AccountSubType")
    if kind is None and sub is None:
        raise refused(6010, "Either AccountType or AccountSubType must be specified")
    if kind is None:
        if sub not in _SUB_TYPES:
            raise refused(2170, f"Invalid Enumeration : {str(sub)[:100]}", "AccountSubType")
        row["AccountType"] = kind = _SUB_TYPES[sub]
    if old is not None and old["AccountType"] != kind:
        raise business("The type of an account cannot be changed.", "AccountType")
    row["Classification"] = _CLASSIFICATION[kind]
    _below(ledger, ACCOUNT, row, "SubAccount", "Name")
    row["CurrencyRef"] = ledger.setting("currency")
    return ledger.named(row)


def _term(ledger: Ledger, row: Row, old: Row | None) -> Row:  # noqa: ARG001 - what each rule is given
    if not row.get("Name"):
        raise missing("Name")
    if row.get("DueDays") is None and row.get("DayOfMonthDue") is None:
        raise missing("DueDays")
    for name, most in (("DueDays", 999), ("DayOfMonthDue", 31), ("DiscountPercent", 100)):
        if row.get(name) is not None and not 0 <= row[name] <= most:
            raise refused(2090, f"Invalid Number : {name} is 0 to {most}", name)
    row["Type"] = "STANDARD" if row.get("DueDays") is not None else "DATE_DRIVEN"
    return row


def _class(ledger: Ledger, row: Row, old: Row | None) -> Row:  # noqa: ARG001
    if not row.get("Name"):
        raise missing("Name")
    _below(ledger, CLASS, row, "SubClass", "Name")
    return row


def _department(ledger: Ledger, row: Row, old: Row | None) -> Row:  # noqa: ARG001
    if not row.get("Name"):
        raise missing("Name")
    _below(ledger, DEPARTMENT, row, "SubDepartment", "Name")
    return row


def _payment_method(ledger: Ledger, row: Row, old: Row | None) -> Row:  # noqa: ARG001
    row["Type"] = row.get("Type") or "NON_CREDIT_CARD"
    return row


_RULES: Final[dict[str, Rule]] = {
    CUSTOMER.name: _customer,
    ITEM.name: _item,
    ACCOUNT.name: _account,
    TERM.name: _term,
    CLASS.name: _class,
    DEPARTMENT.name: _department,
    PAYMENT_METHOD.name: _payment_method,
}
