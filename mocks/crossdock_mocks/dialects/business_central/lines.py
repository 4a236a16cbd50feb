"""Lines of sales documents: what they name, and how they are made and changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from crossdock_mocks.backoffice.decimals import HUNDRED, ZERO, plain
from crossdock_mocks.dialects.business_central.documents import (
    Documents,
    LineWriter,
)
from crossdock_mocks.dialects.business_central.errors import dialog, field_invalid, key_taken
from crossdock_mocks.dialects.business_central.line_prices import plan_quantities, price_for, tax_of
from crossdock_mocks.dialects.business_central.names import NO_GUID
from crossdock_mocks.dialects.business_central.records import Records, Row
from crossdock_mocks.dialects.business_central.sales_kinds import (
    DOCUMENTS,
    ORDER,
    Document,
    is_posted,
    lines_of,
)
from crossdock_mocks.dialects.business_central.totals import total
from crossdock_mocks.dialects.business_central.writers import Given, link

_STEP: Final = 10_000


_AGAIN: Final = "Delete and insert the line again"


class Lines(LineWriter):
    """Lines of one kind of document.

    Args:
        kind: The kind of document.
    """

    def __init__(self, kind: Document) -> None:
        super().__init__(kind.lines, f"Sales {kind.title} Line")
        self.kind = kind

    def make(
        self,
        records: Records,
        given: Given,
        within: Given,
        *,
        document: Row | None = None,
        totals: bool = True,
    ) -> Row:
        """Make a line: of an item, priced as the customer has it, or a comment."""
        values = {**self.taken(given), **within}
        if document is None:
            document = records.get(self.kind.set, values.get("documentId", NO_GUID))
        if document is None:
            raise dialog("You must specify a Document Id to create a line")
        self._check_open(document)
        others = lines_of(records, self.kind, document)
        sequence = (
            values.get("sequence")
            or max((int(each["sequence"]) for each in others), default=0) + _STEP
        )
        if any(each["sequence"] == sequence for each in others):
            raise key_taken(self.table, "Line No.", sequence)
        item = self._item(records, values)
        link(records, values, "locations", "locationId", "", "Location")
        line = {
            **values,
            "documentId": document["id"],
            "sequence": sequence,
            **self._of_item(records, document, item, values),
        }
        self._check_numbers(line, given)
        if self.kind is ORDER:
            plan_quantities(line, given, None)
        made = records.insert(self.set, line)
        if totals:
            total(records, self.kind, document)
            made = records.get(self.set, made["id"]) or made
        return made

    def _check_open(self, document: Row) -> None:
        if is_posted(document):
            raise dialog(f"The lines of a posted {self.kind.title.lower()} cannot be changed")

    def _item(self, records: Records, values: Row) -> Row | None:
        """The item that a line names; None for a comment.

        Raises:
            Problem: There is none, it is blocked, or the line names what is not kept here.
        """
        item_id, account = values.get("itemId", NO_GUID), values.get("accountId", NO_GUID)
        kind = values.get("lineType", "")
        number = values.get("lineObjectNumber", "")
        if item_id != NO_GUID and account != NO_GUID:
            raise dialog('Both "itemId" and "accountId" are specified. Specify only one of them')
        if account != NO_GUID or kind == "Account":
            raise dialog("Account does not exist")
        if kind not in ("", "Item", "Comment"):
            raise dialog(f"{kind} {number} does not exist")
        if item_id != NO_GUID:
            if kind == "Comment":
                raise dialog("A line of type Comment has no item")
            item = records.get("items", item_id)
        elif number and kind == "Item":
            item = records.first("items", {"number": number})
        elif number:
            raise dialog('"lineObjectNumber" needs "lineType"')
        elif kind == "Item":
            raise dialog('An "itemId" or a "lineObjectNumber" must be provided')
        else:
            return None
        if item is None:
            raise dialog("Item does not exist")
        if number and item["number"] != number:
            raise dialog("The item values do not match to a specific Item")
        if item["blocked"]:
            raise field_invalid(
                f"Blocked must be equal to 'No' in Item: No.={item['number']}. "
                "Current value is 'Yes'"
            )
        return item

    def _of_item(self, records: Records, document: Row, item: Row | None, values: Row) -> Row:
        """What a line takes from its item, as far as it was not given."""
        if item is None:
            wrong = [n for n in ("quantity", "unitPrice") if values.get(n, "0") not in ("0", "0.0")]
            if wrong:
                raise field_invalid(f"Type must not be Comment in {self.table} with a {wrong[0]}")
            return {"lineType": "Comment", "_taxRate": "0", "_discountAmount": None}
        link(
            records, values, "unitsOfMeasure", "unitOfMeasureId", "unitOfMeasureCode",
            "Unit of Measure",
        )  # fmt: skip
        unit = values.get("unitOfMeasureId", NO_GUID)
        if unit not in (NO_GUID, item["baseUnitOfMeasureId"]):
            raise dialog(
                f"The Item Unit of Measure does not exist. Identification fields and values: "
                f"Item No.='{item['number']}', Code='{values['unitOfMeasureCode']}'"
            )
        code = values.get("taxCode") or item["taxGroupCode"]
        return {
            "lineType": "Item",
            "itemId": item["id"],
            "lineObjectNumber": item["number"],
            "description": values.get("description") or item["displayName"],
            "unitOfMeasureId": item["baseUnitOfMeasureId"],
            "unitOfMeasureCode": item["baseUnitOfMeasureCode"],
            **tax_of(records, code),
            **self._priced(records, document, item, values),
        }

    def _priced(self, records: Records, document: Row, item: Row, values: Row) -> Row:
        """Price and discount of a line: what was given, else what the customer has."""
        quantity = Decimal(values.get("quantity", "0"))
        price, discount = price_for(records, document, item, quantity)
        told: Row = {
            "unitPrice": values.get("unitPrice", plain(price)),
            "discountPercent": plain(discount),
            "_discountAmount": None,
        }
        if "unitPrice" in values:
            told["discountPercent"] = "0"
        if "discountPercent" in values:
            told["discountPercent"] = values["discountPercent"]
        elif "discountAmount" in values:
            told["_discountAmount"] = values["discountAmount"]
        return told

    def _check_numbers(self, line: Row, given: Given) -> None:
        for name in ("quantity", "unitPrice", "discountAmount", "discountPercent"):
            if name in given and Decimal(str(line.get(name) or "0")) < ZERO:
                raise dialog(f"The value of {name} must not be negative")
        if Decimal(line.get("discountPercent") or "0") > HUNDRED:
            raise dialog("The value of discountPercent must be less than or equal to 100")
        fixed = line.get("_discountAmount")
        gross = Decimal(line.get("quantity", "0")) * Decimal(line.get("unitPrice", "0"))
        if fixed is not None and Decimal(fixed) > gross:
            raise dialog("The value of discountAmount must not be greater than the line's amount")

    def change(self, records: Records, row: Row, given: Given) -> Row:
        """Change a line; another quantity is priced anew unless a price was agreed.

        Raises:
            Problem: Its document is posted, or what cannot be changed was given another value.
        """
        document = records.get(self.kind.set, row["documentId"])
        if document is None:
            raise LookupError(f"line {row['id']} has no document")
        self._check_open(document)
        values = self.taken(given)
        self._check_fixed(row, values)
        link(records, values, "locations", "locationId", "", "Location")
        if row["lineType"] == "Comment":
            if "itemId" in values or values.get("lineType", "Comment") != "Comment":
                raise dialog(
                    "The type of a line cannot be modified. Delete and insert the line again"
                )
            wrong = [n for n in ("quantity", "unitPrice") if values.get(n, "0") not in ("0", "0.0")]
            if wrong:
                raise field_invalid(f"Type must not be Comment in {self.table} with a {wrong[0]}")
        else:
            self._change_item(records, document, row, values)
        row.update(values)
        if "taxCode" in values and row["lineType"] != "Comment":
            row.update(tax_of(records, row["taxCode"]))
        self._check_numbers(row, given)
        if self.kind is ORDER:
            plan_quantities(row, given, row)
        records.replace(self.set, row)
        total(records, self.kind, document)
        return records.get(self.set, row["id"]) or row

    def _check_fixed(self, row: Row, values: Row) -> None:
        for name, told in (
            ("documentId", 'The value for "documentId" cannot be modified'),
            ("sequence", f"The value for sequence cannot be modified. {_AGAIN}"),
            ("lineObjectNumber", 'The value for "lineObjectNumber" cannot be modified'),
        ):  # fmt: skip
            if name in values and values[name] != row[name]:
                raise dialog(told)

    def _change_item(self, records: Records, document: Row, row: Row, values: Row) -> None:
        item_id = values.get("itemId", row["itemId"])
        if values.get("lineType", row["lineType"]) != row["lineType"]:
            raise dialog("The type of a line cannot be modified. Delete and insert the line again")
        asked = {"itemId": item_id, "accountId": values.get("accountId", NO_GUID)}
        item = self._item(records, asked)
        if item is None:
            raise dialog("Item does not exist")
        if item_id != row["itemId"]:
            if Decimal(row.get("shippedQuantity", "0")):
                raise dialog("The item of a line that was shipped cannot be modified")
            fresh = {k: v for k, v in values.items() if k != "lineObjectNumber"}
            values.update(
                self._of_item(records, document, item, {"quantity": row["quantity"], **fresh})
            )
            return
        if "unitOfMeasureCode" in values or "unitOfMeasureId" in values:
            self._of_item(records, document, item, dict(values))
            values["unitOfMeasureId"] = item["baseUnitOfMeasureId"]
            values["unitOfMeasureCode"] = item["baseUnitOfMeasureCode"]
        if "unitPrice" in values:
            values["_ownPrice"] = True
        if "discountPercent" in values:
            values["_discountAmount"] = None
        elif "discountAmount" in values:
            values["_discountAmount"] = values["discountAmount"]
        if "quantity" in values and values["quantity"] != row["quantity"]:
            values.setdefault("_discountAmount", None)
            if "unitPrice" not in values and not row.get("_ownPrice"):
                price, discount = price_for(records, document, item, Decimal(values["quantity"]))
                values["unitPrice"] = plain(price)
                values.setdefault("discountPercent", plain(discount))

    def reprice(self, records: Records, document: Row, line: Row) -> None:
        """Price a line again, for another customer or in another currency."""
        item = records.get("items", line["itemId"])
        if item is None:
            return
        price, discount = price_for(records, document, item, Decimal(line["quantity"]))
        line.update(unitPrice=plain(price), discountPercent=plain(discount), _discountAmount=None)
        records.replace(self.set, line)

    def remove(self, records: Records, row: Row) -> None:
        """Remove a line of a document that is not posted.

        Raises:
            Problem: It is posted, or shipped and not invoiced.
        """
        document = records.get(self.kind.set, row["documentId"])
        if document is None:
            raise LookupError(f"line {row['id']} has no document")
        self._check_open(document)
        if row.get("shippedQuantity", "0") != row.get("invoicedQuantity", "0"):
            raise dialog("You cannot delete a line that was shipped and not invoiced yet")
        records.delete(self.set, row)
        total(records, self.kind, document)


LINES: Final = {kind.set: Lines(kind) for kind in DOCUMENTS}
"""The writers of lines, by the entity set of their document."""


DOCUMENT_WRITERS: Final = tuple(Documents(kind, LINES[kind.set]) for kind in DOCUMENTS)
"""The writers of sales documents."""
