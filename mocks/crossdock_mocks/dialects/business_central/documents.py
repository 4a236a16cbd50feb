"""Sales documents that are not posted yet: quotes, orders, and drafts of invoices and memos."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from attrs import frozen

from crossdock_mocks.dialects.business_central.errors import dialog, field_invalid, key_taken
from crossdock_mocks.dialects.business_central.model import entity
from crossdock_mocks.dialects.business_central.names import NO_DATE, NO_GUID, decoded
from crossdock_mocks.dialects.business_central.records import Records, Row
from crossdock_mocks.dialects.business_central.totals import total
from crossdock_mocks.dialects.business_central.writers import Given, Writer, link

_SIDES: Final = ("sellTo", "billTo", "shipTo")
_PARTS: Final = (
    ("AddressLine1", "addressLine1"),
    ("AddressLine2", "addressLine2"),
    ("City", "city"),
    ("Country", "country"),
    ("State", "state"),
    ("PostCode", "postalCode"),
)


@frozen
class Document:
    """One kind of sales document.

    Attributes:
        set: Its entity set.
        lines: Entity set of its lines.
        title: What it is called in messages.
        prefix: What its numbers begin with.
        start: The first number of its series.
        day: Property of its own date.
        ordering: Whether it is a quote or an order, which blocked customers may not have.
        posted_prefix: What the numbers of posted ones begin with.
        posted_start: The first number of that series.
    """

    set: str
    lines: str
    title: str
    prefix: str
    start: int
    day: str
    ordering: bool = False
    posted_prefix: str = ""
    posted_start: int = 0


QUOTE: Final = Document(
    "salesQuotes", "salesQuoteLines", "Quote", "S-QUO", 1001, "documentDate", ordering=True
)
ORDER: Final = Document(
    "salesOrders", "salesOrderLines", "Order", "SO-", 100001, "orderDate", ordering=True
)
INVOICE: Final = Document(
    "salesInvoices", "salesInvoiceLines", "Invoice", "S-INV", 102001, "invoiceDate",
    posted_prefix="IN-", posted_start=300001,
)  # fmt: skip
CREDIT_MEMO: Final = Document(
    "salesCreditMemos", "salesCreditMemoLines", "Credit Memo", "S-CR", 1001, "creditMemoDate",
    posted_prefix="CN-", posted_start=400001,
)  # fmt: skip

DOCUMENTS: Final = (QUOTE, ORDER, INVOICE, CREDIT_MEMO)
SHIPMENT_SERIES: Final = ("salesShipments", "SH-", 200001)


def draft_series(kind: Document) -> str:
    """Name of the series of a kind's own numbers."""
    return f"{kind.set}.number"


def posted_series(kind: Document) -> str:
    """Name of the series of a kind's posted numbers."""
    return f"{kind.set}.posted"


def is_posted(row: Row) -> bool:
    """Whether an invoice or credit memo was posted."""
    return bool(row.get("_posted"))


def lines_of(records: Records, kind: Document, document: Row) -> list[Row]:
    """The lines of a document, in their sequence."""
    found = records.find(kind.lines, {"documentId": document["id"]})
    return sorted(found, key=lambda line: int(line["sequence"]))


# Blocked customers


def check_blocked(
    customer: Row, kind: Document, *, shipping: bool = False, posting: bool = False
) -> None:
    """See that a customer is not blocked for a document.

    Blocked for shipping forbids new quotes and orders and any posting that ships; blocked for
    invoicing forbids quotes, orders and invoices; blocked for all forbids everything.

    Raises:
        Problem: It is.
    """
    blocked = customer["blocked"]
    forbidden = (
        blocked == "All"
        or (blocked == "Invoice" and kind is not CREDIT_MEMO)
        or (blocked == "Ship" and (shipping if posting else kind.ordering))
    )
    if forbidden:
        raise dialog(
            f"You cannot {'post' if posting else 'create'} this type of document when Customer "
            f"{customer['number']} is blocked with type {decoded(blocked)}"
        )


# Customers of documents


def customer_of(records: Records, values: Row, side: str) -> Row | None:
    """The customer that a document names by id or number, on its sell-to or bill-to side.

    Raises:
        Problem: There is none, or id and number name different ones.
    """
    prefix = "customer" if side == "sell-to" else "billToCustomer"
    key, code = f"{prefix}Id", f"{prefix}Number"
    wanted, number = values.get(key, NO_GUID), values.get(code, "")
    if wanted == NO_GUID and not number:
        return None
    if wanted != NO_GUID:
        found = records.get("customers", wanted)
    else:
        found = records.first("customers", {"number": number})
    if found is None:
        raise dialog(f"The {side} customer cannot be found")
    if number and found["number"] != number:
        raise dialog(f"The {side} customer values do not match to a specific Customer")
    return found


def of_customer(records: Records, kind: Document, customer: Row, bill_to: Row) -> Row:
    """What a document takes over from its customers."""
    own = records.company["currency"]
    currency = bill_to["currencyCode"] or own
    known = records.by_code("currencies", currency) if currency != own else None
    values: Row = {
        "customerId": customer["id"],
        "customerNumber": customer["number"],
        "customerName": customer["displayName"],
        "billToCustomerId": bill_to["id"],
        "billToCustomerNumber": bill_to["number"],
        "billToName": bill_to["displayName"],
        "shipToName": customer["displayName"],
        "shipToContact": "",
        "currencyId": NO_GUID if known is None else known["id"],
        "currencyCode": currency,
        "paymentTermsId": bill_to["paymentTermsId"],
        "shipmentMethodId": customer["shipmentMethodId"],
        "salesperson": customer["salespersonCode"],
        "phoneNumber": customer["phoneNumber"],
        "email": customer["email"],
    }
    for side, source in zip(_SIDES, (customer, bill_to, customer), strict=True):
        values.update({f"{side}{part}": source[name] for part, name in _PARTS})
    return {name: value for name, value in values.items() if name in entity(kind.set).properties}


def due_date(records: Records, terms_id: str, day: str) -> str:
    """When a document of a day is due by payment terms (`30D`, `1M`, ...)."""
    terms = records.get("paymentTerms", terms_id)
    formula = "" if terms is None else str(terms["dueDateCalculation"])
    begun = date.fromisoformat(day)
    number, unit = formula[:-1], formula[-1:]
    if not number.isdigit() or unit not in ("D", "W", "M", "Y"):
        return day
    many = min(int(number), 10_000)
    if unit in ("D", "W"):
        try:
            return (begun + timedelta(days=many * (7 if unit == "W" else 1))).isoformat()
        except OverflowError:
            return day
    months = begun.month - 1 + many * (12 if unit == "Y" else 1)
    year, month = begun.year + months // 12, months % 12 + 1
    for last in (begun.day, 30, 29, 28):
        try:
            return date(year, month, last).isoformat()
        except ValueError:
            continue
    return day


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
        bill_to = customer_of(records, asked, "bill-to") or _biller(records, customer)
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
            values = {**of_customer(records, self.kind, customer, _biller(records, customer)),
                      **values}  # fmt: skip
            values.update(customerId=customer["id"], customerNumber=customer["number"])
        bill_to = customer_of(records, asked, "bill-to")
        if bill_to is not None:
            check_blocked(bill_to, self.kind)
            values.update(
                billToCustomerId=bill_to["id"], billToCustomerNumber=bill_to["number"],
                billToName=bill_to["displayName"],
                **{f"billTo{part}": bill_to[name] for part, name in _PARTS},
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


def _biller(records: Records, customer: Row) -> Row:
    """Who gets the customer's invoices."""
    found = records.get("customers", customer.get("_billTo") or NO_GUID)
    return customer if found is None else found


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


def headers(source: Row, kind: Document, more: Mapping[str, Any]) -> Row:
    """What a document takes over from another one that it is made of."""
    left = {"id", "number", "status", "lastModifiedDateTime"}
    return {
        **{
            name: source[name]
            for name in entity(kind.set).properties
            if name in source and name not in left
        },
        **more,
    }


def copy_lines(
    records: Records, lines: Sequence[Row], kind: Document, document: Row, **more: Any
) -> None:
    """Copy lines into another document."""
    wanted = entity(kind.lines).properties
    for line in lines:
        values = {
            name: value
            for name, value in line.items()
            if (name in wanted and name not in ("id", "documentId"))
            or name in ("_taxRate", "_discountAmount")
        }
        values.update({name: value for name, value in more.items() if name in wanted})
        records.insert(kind.lines, {**values, "documentId": document["id"]})
