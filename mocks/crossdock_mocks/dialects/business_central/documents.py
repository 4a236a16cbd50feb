"""Sales documents that are not posted yet, made and changed: quotes, orders, and drafts."""

from __future__ import annotations

from abc import ABC, abstractmethod

from crossdock_mocks.dialects.business_central.errors import dialog, field_invalid, key_taken
from crossdock_mocks.dialects.business_central.names import NO_DATE, NO_GUID
from crossdock_mocks.dialects.business_central.parties import (
    ADDRESS_PARTS,
    biller,
    check_blocked,
    customer_of,
    due_date,
    of_customer,
)
from crossdock_mocks.dialects.business_central.records import Records, Row
from crossdock_mocks.dialects.business_central.sales_kinds import (
    CREDIT_MEMO,
    ORDER,
    Document,
    draft_series,
    is_posted,
    lines_of,
)
from crossdock_mocks.dialects.business_central.totals import total
from crossdock_mocks.dialects.business_central.writers import Given, Writer, link


class Documents(Writer):
    """Makes and changes sales documents of one kind; nested lines are made with them.

    Args:
        kind: The kind of document.
        lines: Makes their lines.
    """

    def __init__(self, kind: Document, lines: LineWriter) -> None:
        super().__init__(kind.set, f"Sales {kind.title}")
        self.kind = kind
        self.lines = lines

    def make(self, records: Records, given: Given, within: Given) -> Row:
        """Make a document with the lines that came inside (deep insert)."""
        asked = {**self.taken(given), **within}
        customer = customer_of(records, asked, "sell-to")
        if customer is None:
            raise dialog('A "customerNumber" or a "customerId" must be provided')
        check_blocked(customer, self.kind)
        bill_to = customer_of(records, asked, "bill-to") or biller(records, customer)
        if bill_to is not customer:
            check_blocked(bill_to, self.kind)
        values = {**of_customer(records, self.kind, customer, bill_to), **self._dates(records)}
        self._named(records, asked)
        values.update(asked)
        # Whatever spelling of the customer was given, both are kept.
        values.update(customerId=customer["id"], customerNumber=customer["number"])
        values.update(billToCustomerId=bill_to["id"], billToCustomerNumber=bill_to["number"])
        self._number(records, values)
        if values.get("postingDate", NO_DATE) == NO_DATE:
            values["postingDate"] = records.today
        if "dueDate" in self.type.properties and "dueDate" not in asked:
            values["dueDate"] = due_date(records, values["paymentTermsId"], values[self.kind.day])
        values["status"] = "Draft"
        if "partialShipping" in self.type.properties:
            values.setdefault("partialShipping", True)
        row = records.insert(self.set, values)
        for line in given.get(self.kind.lines, ()):
            self.lines.make(records, line, {"documentId": row["id"]}, document=row, totals=False)
        return total(records, self.kind, row)

    def _dates(self, records: Records) -> Row:
        return {self.kind.day: records.today, "postingDate": records.today}

    def _number(self, records: Records, values: Row) -> None:
        if not values.get("number"):
            values["number"] = records.next_number(
                draft_series(self.kind), self.kind.prefix, self.kind.start, self.set
            )
        elif records.first(self.set, {"number": values["number"]}) is not None:
            raise key_taken(f"Sales {self.kind.title}", "No.", values["number"])

    def _named(self, records: Records, values: Row) -> None:
        own = records.company["currency"]
        if values.get("currencyCode") == own and values.get("currencyId") in (None, NO_GUID):
            values["currencyId"] = NO_GUID
        else:
            link(records, values, "currencies", "currencyId", "currencyCode", "Currency")
            if "currencyCode" in values:
                values["currencyCode"] = values["currencyCode"] or own
        link(records, values, "paymentTerms", "paymentTermsId", "", "Payment Terms")
        link(records, values, "shipmentMethods", "shipmentMethodId", "", "Shipment Method")
        if values.get("discountAmount", "0").startswith("-"):
            raise dialog("The value of discountAmount must not be negative")
        if self.kind is CREDIT_MEMO and ("invoiceId" in values or "invoiceNumber" in values):
            found = link(
                records, values, "salesInvoices", "invoiceId", "invoiceNumber", "Invoice",
                key="number",
            )  # fmt: skip
            if found is not None and not is_posted(found):
                raise dialog('The "invoiceId" should be the ID of a posted Invoice')

    def change(self, records: Records, row: Row, given: Given) -> Row:
        """Change a document; another customer brings its own addresses, terms and prices.

        Raises:
            Problem: It is posted, or a rule is broken.
        """
        if is_posted(row):
            return self._change_posted(records, row, given)
        if self.kind.lines in given:
            raise dialog("Lines cannot be changed with their document: change them themselves")
        asked = self.taken(given)
        values = dict(asked)
        self._check_number(records, values, row)
        customer = self._other_customer(records, asked, row)
        if customer is not None:
            values = {**of_customer(records, self.kind, customer, biller(records, customer)),
                      **values}  # fmt: skip
            values.update(customerId=customer["id"], customerNumber=customer["number"])
        bill_to = customer_of(records, asked, "bill-to")
        if bill_to is not None:
            check_blocked(bill_to, self.kind)
            values.update(
                billToCustomerId=bill_to["id"], billToCustomerNumber=bill_to["number"],
                billToName=bill_to["displayName"],
                **{f"billTo{part}": bill_to[name] for part, name in ADDRESS_PARTS},
            )  # fmt: skip
        self._named(records, values)
        row.update({name: value for name, value in values.items() if name in self.type.properties})
        if (
            "dueDate" in row
            and "dueDate" not in asked
            and {"paymentTermsId", self.kind.day} & set(values)
        ):
            row["dueDate"] = due_date(records, row["paymentTermsId"], row[self.kind.day])
        if customer is not None or "currencyCode" in values:
            for line in lines_of(records, self.kind, row):
                self.lines.reprice(records, row, line)
        return total(records, self.kind, row)

    def _check_number(self, records: Records, values: Row, row: Row) -> None:
        number = values.get("number")
        if number is None or number == row["number"]:
            return
        if not number:
            raise field_invalid(f"No. must have a value in Sales {self.kind.title}")
        if records.first(self.set, {"number": number}) is not None:
            raise key_taken(f"Sales {self.kind.title}", "No.", number)

    def _other_customer(self, records: Records, asked: Row, row: Row) -> Row | None:
        customer = customer_of(records, asked, "sell-to")
        if customer is None or customer["id"] == row["customerId"]:
            return None
        check_blocked(customer, self.kind)
        if any(line.get("_shipped") for line in lines_of(records, self.kind, row)):
            raise dialog("You cannot change the customer of an order that was shipped in part")
        return customer

    def _change_posted(self, records: Records, row: Row, given: Given) -> Row:
        """Of a posted invoice only what does not touch the books can be changed."""
        allowed = {"promisedPayDate", "disputeStatus", "disputeStatusId", "email", "phoneNumber"}
        values = self.taken(given)
        wrong = sorted(name for name, value in values.items() if row[name] != value)
        if set(wrong) - allowed or self.kind.lines in given:
            raise dialog(f"A posted {self.kind.title.lower()} cannot be changed")
        row.update(values)
        return records.replace(self.set, row)

    def remove(self, records: Records, row: Row) -> None:
        """Remove a document with its lines.

        Raises:
            Problem: It is posted, or shipped and not invoiced.
        """
        if is_posted(row):
            raise dialog(f"You cannot delete a posted sales {self.kind.title.lower()}")
        lines = lines_of(records, self.kind, row)
        if self.kind is ORDER:
            for line in lines:
                if line["shippedQuantity"] != line["invoicedQuantity"]:
                    raise dialog(
                        f"You cannot delete Sales Order {row['number']}: what was shipped has to "
                        "be invoiced first"
                    )
        for line in lines:
            records.delete(self.kind.lines, line)
        records.delete(self.set, row)


class LineWriter(Writer, ABC):
    """Makes lines of documents; see `lines.Lines`."""

    @abstractmethod
    def make(
        self,
        records: Records,
        given: Given,
        within: Given,
        *,
        document: Row | None = None,
        totals: bool = True,
    ) -> Row:
        """Make a line; without `totals`, the document's amounts are left for whoever makes it."""

    @abstractmethod
    def reprice(self, records: Records, document: Row, line: Row) -> None:
        """Price a line again, for another customer or in another currency."""
