"""Customers, contacts, items and opportunities: what has a number."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.business_central.errors import dialog, key_taken
from crossdock_mocks.dialects.business_central.ledger import refresh_customer
from crossdock_mocks.dialects.business_central.names import NO_GUID
from crossdock_mocks.dialects.business_central.records import LEDGER, Records, Row
from crossdock_mocks.dialects.business_central.writers import Given, Writer, link

_SALES: Final = ("salesQuotes", "salesOrders", "salesInvoices", "salesCreditMemos")
_LINES: Final = ("salesQuoteLines", "salesOrderLines", "salesInvoiceLines", "salesCreditMemoLines")


class Numbered(Writer):
    """Records with a number from a series, unless one was given.

    Attributes:
        prefix: What numbers of the series begin with.
        start: The first number of the series.
    """

    prefix = ""
    start = 1

    def check_code(self, records: Records, values: Row, row: Row | None) -> None:
        """See that the number is nobody else's; a blank one is taken from the series."""
        if row is not None and "number" not in values:
            return
        wanted = values.get("number", "")
        if row is not None and wanted == row["number"]:
            return
        if not wanted:
            if row is not None:
                raise dialog("The number cannot be blank")
            values["number"] = records.next_number(self.set, self.prefix, self.start, self.set)
        elif records.first(self.set, {"number": wanted}) is not None:
            raise key_taken(self.table, "No.", wanted)
        if row is not None:
            self.renumber(records, row, values["number"])

    def renumber(self, records: Records, row: Row, number: str) -> None:
        """Carry a new number to the records that hold it."""


class Customers(Numbered):
    """Customers; each has a record of its balance, and one by age."""

    prefix = "C-"
    start = 10001

    def __init__(self) -> None:
        super().__init__("customers", "Customer")

    def complete(self, records: Records, values: Row, row: Row | None) -> None:
        """Check what a customer names."""
        name = str(values.get("displayName", "" if row is None else row["displayName"]))
        if not name.strip():
            if "displayName" in values:
                raise dialog('The blank "displayName" is not allowed')
            raise dialog('A "displayName" must be provided')
        link(records, values, "paymentTerms", "paymentTermsId", "", "Payment Terms")
        link(records, values, "paymentMethods", "paymentMethodId", "", "Payment Method")
        link(records, values, "shipmentMethods", "shipmentMethodId", "", "Shipment Method")
        link(records, values, "taxAreas", "taxAreaId", "", "Tax Area")
        own = records.company["currency"]
        if values.get("currencyCode") == own and values.get("currencyId") in (None, NO_GUID):
            values["currencyId"] = NO_GUID  # the company's own currency is none of the list
        else:
            link(records, values, "currencies", "currencyId", "currencyCode", "Currency")
        if row is None or "currencyId" in values:
            values["currencyCode"] = values.get("currencyCode") or own

    def make(self, records: Records, given: Given, within: Given) -> Row:
        """Make a customer, with a balance of nothing."""
        row = super().make(records, given, within)
        records.insert("customerFinancialDetails", {"id": row["id"], "number": row["number"]})
        records.insert("agedAccountsReceivables", {"customerId": row["id"]})
        refresh_customer(records, row["id"])
        return records.get("customers", row["id"]) or row

    def change(self, records: Records, row: Row, given: Given) -> Row:
        """Change a customer; what tells of its balance has its name too."""
        changed = super().change(records, row, given)
        if {"number", "displayName", "currencyCode"} & set(given):
            refresh_customer(records, changed["id"])
        return changed

    def renumber(self, records: Records, row: Row, number: str) -> None:
        """Carry the number to the customer's documents that are not posted yet."""
        for set_name in _SALES:
            for each in records.find(set_name, {"customerId": row["id"]}):
                each["customerNumber"] = number
                if each["billToCustomerId"] == row["id"]:
                    each["billToCustomerNumber"] = number
                records.replace(set_name, each)

    def remove(self, records: Records, row: Row) -> None:
        """Remove a customer that has neither documents nor entries."""
        number = row["number"]
        if records.first(LEDGER, {"customerId": row["id"]}) is not None:
            raise dialog(
                f"You cannot delete Customer {number} because it has ledger entries in a fiscal "
                "year that has not been closed yet"
            )
        for set_name in (*_SALES, "customerPayments"):
            if records.first(set_name, {"customerId": row["id"]}) is not None:
                raise dialog(
                    f"You cannot delete Customer {number} because there is at least one "
                    f"outstanding {set_name} document for this customer"
                )
        super().remove(records, row)
        for set_name in ("customerFinancialDetails", "agedAccountsReceivables"):
            records.table(set_name).delete(row["id"])


class Items(Numbered):
    """Items; their category, tax group and unit are named by id or by code."""

    prefix = "ITEM-"
    start = 1001

    def __init__(self) -> None:
        super().__init__("items", "Item")

    def complete(self, records: Records, values: Row, row: Row | None) -> None:
        """Check what an item names; a new one gets the first unit and tax group of the company."""
        link(
            records, values, "itemCategories", "itemCategoryId", "itemCategoryCode",
            "Item Category",
        )  # fmt: skip
        link(records, values, "taxGroups", "taxGroupId", "taxGroupCode", "Tax Group")
        link(
            records, values, "unitsOfMeasure", "baseUnitOfMeasureId", "baseUnitOfMeasureCode",
            "Unit of Measure",
        )  # fmt: skip
        for name in ("unitPrice", "unitCost"):
            if values.get(name, "0").startswith("-"):
                raise dialog(f"The value of {name} must not be negative")
        if row is not None:
            return
        for set_name, id_name, code_name in (
            ("taxGroups", "taxGroupId", "taxGroupCode"),
            ("unitsOfMeasure", "baseUnitOfMeasureId", "baseUnitOfMeasureCode"),
        ):
            first = records.first(set_name, {})
            if values.get(id_name, NO_GUID) == NO_GUID and first is not None:
                values[id_name], values[code_name] = first["id"], first["code"]

    def remove(self, records: Records, row: Row) -> None:
        """Remove an item that no document names."""
        for set_name in _LINES:
            if records.first(set_name, {"itemId": row["id"]}) is not None:
                raise dialog(
                    f"You cannot delete Item {row['number']} because there is at least one "
                    f"outstanding document line in {set_name} that includes this item"
                )
        super().remove(records, row)


class Contacts(Numbered):
    """Contacts: companies, and persons who may belong to one."""

    prefix = "CT"
    start = 100001

    def __init__(self) -> None:
        super().__init__("contacts", "Contact")

    def complete(self, records: Records, values: Row, row: Row | None) -> None:
        """Name the company of a person."""
        if "companyNumber" in values:
            number = values["companyNumber"]
            found = records.first("contacts", {"number": number}) if number else None
            if number and (found is None or found["type"] != "Company"):
                raise dialog(f'The "companyNumber" {number} does not match to a Contact')
            values["companyName"] = "" if found is None else found["displayName"]
        if "displayName" in values or row is None:
            name = str(values.get("displayName", "" if row is None else row["displayName"]))
            values.setdefault("searchName", name.upper()[:100])


class Opportunities(Numbered):
    """Opportunities with a contact; what they are worth follows from value and chance."""

    prefix = "OP"
    start = 100001

    def __init__(self) -> None:
        super().__init__("opportunities", "Opportunity")

    def complete(self, records: Records, values: Row, row: Row | None) -> None:
        """Name the contact and its company."""
        if "contactNumber" in values:
            number = values["contactNumber"]
            found = records.first("contacts", {"number": number}) if number else None
            if number and found is None:
                raise dialog(f'The "contactNumber" {number} does not match to a Contact')
            values["contactName"] = "" if found is None else found["displayName"]
            values["contactCompanyName"] = "" if found is None else found["companyName"]
        status = values.get("status", None if row is None else row["status"])
        values["closed"] = status in ("Won", "Lost")
        if row is None:
            values.setdefault("creationDate", records.today)
            values["systemCreatedAt"] = records.now


MASTERS: Final = (Customers(), Items(), Contacts(), Opportunities())
"""Kinds of records that have a number."""
