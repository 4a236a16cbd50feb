"""Filling a new world from a data set: the books of the back office, told as Business Central does.

The back office computes a data set's documents (prices, tax, what settles what), so all ERPs that
are seeded from the same data agree to the cent. Customers keep their number, items their code,
documents their number; orders that are done are gone, as they are in Business Central. Each record
was changed last on its own day, and not when the world began.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks import backoffice
from crossdock_mocks.backoffice import kinds
from crossdock_mocks.backoffice.decimals import HUNDRED, ZERO, plain
from crossdock_mocks.backoffice.settings import new_company
from crossdock_mocks.dialects.business_central.documents import (
    CREDIT_MEMO,
    INVOICE,
    ORDER,
    SHIPMENT_SERIES,
    Document,
    draft_series,
    of_customer,
    posted_series,
)
from crossdock_mocks.dialects.business_central.ledger import catch_up
from crossdock_mocks.dialects.business_central.model import entity
from crossdock_mocks.dialects.business_central.names import NO_GUID
from crossdock_mocks.dialects.business_central.records import (
    LEDGER,
    Records,
    Row,
    guid,
)
from crossdock_mocks.dialects.business_central.totals import total
from crossdock_mocks.engine import World

_STEP: Final = 10_000
_KINDS: Final = {"goods": "Inventory", "service": "Service", "charge": "Non_x002D_Inventory"}


def seed(world: World, dataset: Any) -> None:
    """Fill a new world.

    Args:
        world: The world.
        dataset: The data set; None for a company with its setup and nothing else.
    """
    if dataset is None:
        company = new_company(
            name="CRONUS", country=None, currency="EUR", rounding="line",
            as_of=world.today.isoformat(),
        )  # fmt: skip
        world.table("company").insert({**company, "pricePolicy": "best_price"})
        _Seeding(world, World(), company).setup([], [], {}, {}, [])
        return
    source = World(kinds.TABLES, now=world.now)
    try:
        backoffice.seed(source, dataset)
        world.clock.set(source.clock.now)
        company = source.table("company").find()[0]
        world.table("company").insert({**company, "pricePolicy": "best_price"})
        for name in (kinds.PRICES, kinds.PRICE_LISTS):
            world.table(name).insert_many(source.table(name).find())
        _Seeding(world, source, company).all(dataset)
    finally:
        source.close()


class _Seeding:
    """One seeding.

    Args:
        world: The world to fill.
        source: The books of the back office.
        company: The company's settings.
    """

    def __init__(self, world: World, source: World, company: Mapping[str, Any]) -> None:
        self._records = Records(world)
        self._source = source
        self._company = company
        self._customers: dict[str, Row] = {}
        self._items: dict[str, Row] = {}
        self._entries: dict[tuple[str, str], Row] = {}
        self._now = self._records.now

    def _on(self, day: str) -> None:
        """What is made from here on was changed last on a day, at its noon."""
        self._records.now = min(f"{day}T12:00:00.000Z", self._now)

    def all(self, dataset: Any) -> None:
        """All of a data set."""
        source = self._source
        customers = source.table("customers").find()
        items = source.table(kinds.ITEMS).find()
        orders = source.table("sales_orders").find()
        rates = {row["id"]: row for row in source.table(kinds.TAX_CODES).find()}
        stock = {row["itemId"]: row for row in source.table("stock").find()}
        self._on(min((row["orderedOn"] for row in orders), default=self._records.today))
        self.setup(customers, items, rates, stock, orders)
        self._add_items(items, stock)
        self._add_customers(customers)
        self._add_contacts(dataset)
        self._add_orders(orders)
        self._add_shipments({row["id"]: row for row in orders})
        self._add_invoices(orders)
        self._add_credit_memos()
        self._add_payments()
        for row in self._entries.values():
            self._records.table(LEDGER).insert(row)
        self._show_settled()
        self._records.now = self._now
        self._reserve(orders)
        catch_up(self._records)

    def _add(self, set_name: str, key: str, values: Mapping[str, Any]) -> Row:
        properties = entity(set_name).properties
        cut = {
            name: value[: properties[name].longest]
            for name, value in values.items()
            if isinstance(value, str) and name in properties
        }
        return self._records.insert(set_name, {"id": guid(set_name, key), **values, **cut})

    # Setup

    def setup(
        self,
        customers: Iterable[Row],
        items: Iterable[Row],
        rates: Mapping[str, Row],
        stock: Mapping[str, Row],
        orders: Iterable[Row],
    ) -> None:
        """What documents refer to: company, currencies, terms, units, categories, tax, journals."""
        company = self._company
        add = self._add
        add(
            "companies", str(company["name"]),
            # The name of a company has at most 30 characters; what it is called may be longer.
            {"name": company["name"][:30], "displayName": company["name"], "systemVersion": "26.0",
             "systemCreatedAt": self._records.now, "systemModifiedAt": self._records.now},
        )  # fmt: skip
        add(
            "companyInformation", str(company["name"]),
            {"displayName": company["name"], "country": company.get("country") or "",
             "currencyCode": company["currency"],
             "currentFiscalYearStartDate": f"{self._records.today[:4]}-01-01"},
        )  # fmt: skip
        currencies = {company["currency"], *(row["currency"] for row in customers)}
        for code in sorted(currencies):
            places = self._records.places(code)
            add(
                "currencies", code,
                {"code": code, "displayName": code, "symbol": code,
                 "amountDecimalPlaces": f"{places}:{places}",
                 "amountRoundingPrecision": plain(Decimal(1).scaleb(-places))},
            )  # fmt: skip
        for days in sorted({0, 14, 30, *(row["termsDays"] for row in customers)}):
            add(
                "paymentTerms", f"{days}D",
                {"code": f"{days} DAYS" if days else "COD",
                 "displayName": f"Net {days} days" if days else "Cash on delivery",
                 "dueDateCalculation": f"{days}D"},
            )  # fmt: skip
        for unit in sorted(
            {"each", *(row["unit"] for row in items)}, key=lambda u: (u != "each", u)
        ):
            add(
                "unitsOfMeasure", unit,
                {"code": unit.upper()[:10], "displayName": unit, "internationalStandardCode": ""},
            )  # fmt: skip
        for line in sorted({row["productLine"] for row in items if row["productLine"]}):
            add("itemCategories", line, {"code": line.upper()[:20], "displayName": line})
        given = rates or {
            "STD": {"id": "STD", "name": "Standard", "rate": "0.2"},
            "ZERO": {"id": "ZERO", "name": "Zero", "rate": "0"},
        }
        for code, row in given.items():
            add(
                "taxGroups", code,
                {"code": code, "displayName": row["name"], "taxType": "VAT", "_rate": row["rate"]},
            )  # fmt: skip
        home = str(company.get("country") or "HOME")
        add("taxAreas", home, {"code": home, "displayName": f"Domestic ({home})", "taxType": "VAT"})
        for code, name in (("TRANSFER", "Bank transfer"), ("CARD", "Card payment")):
            add("paymentMethods", code, {"code": code, "displayName": name})
        for code, name in (("EXW", "Ex works"), ("DAP", "Delivered at place")):
            add("shipmentMethods", code, {"code": code, "displayName": name})
        places_ = {e["location"] for row in stock.values() for e in row["locations"]} or {"MAIN"}
        for code in sorted(places_):
            add("locations", code, {"code": code[:20], "displayName": code.title()})
        add("customerPaymentJournals", "CASHRCPT/DEFAULT", {"code": "DEFAULT",
            "displayName": "Customer payments"})  # fmt: skip
        add("journals", "GENERAL/DEFAULT", {"code": "DEFAULT", "displayName": "Default journal",
            "templateDisplayName": "GENERAL"})  # fmt: skip
        _ = orders

    # Masters

    def _add_items(self, items: Iterable[Row], stock: Mapping[str, Row]) -> None:
        for row in items:
            line = row["productLine"] or ""
            held = stock.get(row["id"])
            self._items[row["id"]] = self._add(
                "items", row["id"],
                {
                    "number": row["id"],
                    "displayName": row["name"],
                    "displayName2": "",
                    "type": _KINDS.get(row["kind"], "Inventory"),
                    "itemCategoryId": guid("itemCategories", line) if line else NO_GUID,
                    "itemCategoryCode": line.upper()[:20],
                    "blocked": not row["active"],
                    "inventory": "0" if held is None else held["onHand"],
                    "unitPrice": row["listPrice"] or "0",
                    "unitCost": row["cost"] or "0",
                    "taxGroupId": guid("taxGroups", row["taxCode"]),
                    "taxGroupCode": row["taxCode"],
                    "baseUnitOfMeasureId": guid("unitsOfMeasure", row["unit"]),
                    "baseUnitOfMeasureCode": row["unit"].upper()[:10],
                },
            )  # fmt: skip

    def _add_customers(self, customers: Iterable[Row]) -> None:
        own = self._company["currency"]
        for row in customers:
            address, foreign = row["address"], row["currency"] != own
            values = {
                "number": row["id"],
                "displayName": row["name"],
                "type": "Company",
                "addressLine1": address["street"] or "",
                "city": address["city"] or "",
                "state": address["region"] or "",
                "country": address["country"] or "",
                "postalCode": address["postcode"] or "",
                "phoneNumber": row["phone"] or "",
                "email": row["email"] or "",
                "creditLimit": row["creditLimit"] or "0",
                "taxLiable": True,
                "taxRegistrationNumber": row["taxNumber"] or "",
                "currencyId": guid("currencies", row["currency"]) if foreign else NO_GUID,
                "currencyCode": row["currency"],
                "paymentTermsId": guid("paymentTerms", f"{row['termsDays']}D"),
                "blocked": "Ship" if row["onHold"] else "_x0020_",
                "_priceListId": row["priceListId"],
                "_priceLevel": row["priceLevel"],
                "_billTo": guid("customers", row["billToId"]) if row["billToId"] else None,
                "_pricedAs": row["id"],
            }
            made = self._add("customers", row["id"], values)
            self._customers[row["id"]] = made
            self._records.insert(
                "customerFinancialDetails", {"id": made["id"], "number": made["number"]}
            )
            self._records.insert("agedAccountsReceivables", {"customerId": made["id"]})

    def _add_contacts(self, dataset: Any) -> None:
        """Each customer is a company among the contacts; the people of its account belong to it."""
        companies: dict[str, Row] = {}
        for number, (customer, row) in enumerate(self._customers.items(), 100001):
            companies[customer] = self._add(
                "contacts", customer,
                {
                    "number": f"CT{number}", "type": "Company", "displayName": row["displayName"],
                    "companyNumber": f"CT{number}", "companyName": row["displayName"],
                    "contactBusinessRelation": "Customer", "searchName": row["displayName"].upper(),
                    "_customerId": row["id"],
                    **{
                        name: row[name]
                        for name in ("addressLine1", "city", "state", "country", "postalCode",
                                     "phoneNumber", "email", "taxRegistrationNumber")
                    },
                },
            )  # fmt: skip
        accounts = {row["id"]: row["customer_id"] for row in dataset.rows("accounts")}
        number = 200001
        for row in dataset.rows("contacts"):
            company = companies.get(accounts.get(row["account_id"]) or "")
            if company is None:
                continue
            name = " ".join(each for each in (row["first_name"], row["last_name"]) if each)
            self._add(
                "contacts", row["id"],
                {
                    "number": f"CT{number}", "type": "Person", "displayName": name,
                    "jobTitle": row["job_title"] or "", "companyNumber": company["number"],
                    "companyName": company["displayName"], "contactBusinessRelation": "Customer",
                    "email": row["email"] or "", "phoneNumber": row["phone"] or "",
                    "searchName": name.upper(), "country": company["country"],
                },
            )  # fmt: skip
            number += 1

    # Documents

    def _head(self, kind: Document, row: Row) -> Row:
        customer = self._customers[row["customerId"]]
        bill_to = self._customers[row["billToId"]]
        values = of_customer(self._records, kind, customer, bill_to)
        values.update(
            number=row["id"],
            externalDocumentNumber=row["externalReference"] or "",
            currencyCode=row["currency"],
        )
        return values

    def _line(self, row: Row, **more: Any) -> Row:
        item = self._items[row["itemId"]]
        return {
            "sequence": row["line"] * _STEP,
            "itemId": item["id"],
            "lineType": "Item",
            "lineObjectNumber": item["number"],
            "description": (row["description"] or "")[:100],
            "unitOfMeasureId": item["baseUnitOfMeasureId"],
            "unitOfMeasureCode": item["baseUnitOfMeasureCode"],
            "unitPrice": plain(Decimal(row["unitPrice"])),
            "quantity": row["quantity"],
            "discountPercent": row["discountPercent"],
            "taxCode": row["taxCode"],
            "taxPercent": plain(Decimal(row["taxRate"]) * HUNDRED),
            "_taxRate": row["taxRate"],
            "_discountAmount": None,
            "_ownPrice": True,
            **more,
        }

    def _amounts(self, row: Row) -> Row:
        """The amounts of a line that the back office has computed."""
        net, tax = Decimal(row["net"]), Decimal(row["tax"])
        gross = Decimal(row["quantity"]) * Decimal(row["unitPrice"])
        both = plain(net + tax)
        return {
            "discountAmount": plain(max(round(gross, 2) - net, ZERO)),
            "amountExcludingTax": plain(net), "totalTaxAmount": plain(tax),
            "amountIncludingTax": both, "netAmount": plain(net), "netTaxAmount": plain(tax),
            "netAmountIncludingTax": both,
        }  # fmt: skip

    def _add_orders(self, orders: Iterable[Row]) -> None:
        """Orders that are not done: what is cancelled of their lines was never ordered here."""
        lines = self._source.table("sales_order_lines")
        for row in orders:
            kept = []
            for line in (lines.get(row["id"]) or {"lines": []})["lines"]:
                quantities = line["quantities"]
                ordered = Decimal(quantities["ordered"]) - Decimal(quantities["cancelled"])
                if ordered:
                    kept.append((line, ordered, quantities))
            done = all(ordered == Decimal(q["invoiced"]) for _, ordered, q in kept)
            if not kept or done:
                continue
            ship = row["shipTo"]
            self._on(row["orderedOn"])
            order = self._add(
                ORDER.set, row["id"],
                {
                    **self._head(ORDER, row),
                    "externalDocumentNumber": row["customerReference"] or "",
                    "orderDate": row["orderedOn"],
                    "postingDate": row["orderedOn"],
                    "requestedDeliveryDate": row["requestedOn"] or "0001-01-01",
                    "partialShipping": True,
                    "shipToAddressLine1": ship["street"] or "",
                    "shipToCity": ship["city"] or "",
                    "shipToState": ship["region"] or "",
                    "shipToPostCode": ship["postcode"] or "",
                    "shipToCountry": ship["country"] or "",
                    "status": "Draft" if row["status"] == "hold" else "Open",
                    "fullyShipped": all(o == Decimal(q["shipped"]) for _, o, q in kept),
                },
            )  # fmt: skip
            for line, ordered, quantities in kept:
                shipped, invoiced = Decimal(quantities["shipped"]), Decimal(quantities["invoiced"])
                self._add(
                    ORDER.lines, f"{row['id']}/{line['line']}",
                    {
                        **self._line({**line, "quantity": plain(ordered)}),
                        "documentId": order["id"],
                        "shipmentDate": line.get("promisedOn") or row["orderedOn"],
                        "shippedQuantity": plain(shipped), "invoicedQuantity": plain(invoiced),
                        "shipQuantity": plain(ordered - shipped),
                        "invoiceQuantity": plain(ordered - invoiced),
                        "_shipped": bool(shipped),
                    },
                )  # fmt: skip
            total(self._records, ORDER, order)

    def _add_shipments(self, orders: Mapping[str, Row]) -> None:
        lines = self._source.table("shipment_lines")
        priced = self._source.table("sales_order_lines")
        terms = {row["id"]: row["code"] for row in self._records.find("paymentTerms")}
        for row in self._source.table("shipments").find():
            customer = self._customers[row["customerId"]]
            order = orders.get(row["orderId"])
            bill_to = self._customers[order["billToId"]] if order else customer
            ship = row["shipTo"]
            self._on(row["shippedOn"])
            made = self._add(
                "salesShipments", row["id"],
                {
                    **of_customer(self._records, _SHIPMENT, customer, bill_to),
                    "number": row["id"],
                    "externalDocumentNumber": (order or {}).get("customerReference") or "",
                    "customerPurchaseOrderReference": (order or {}).get("customerReference") or "",
                    "orderNumber": row["orderId"] or "",
                    "invoiceDate": row["shippedOn"], "postingDate": row["shippedOn"],
                    "dueDate": row["shippedOn"],
                    "currencyCode": customer["currencyCode"],
                    "paymentTermsCode": terms.get(customer["paymentTermsId"], ""),
                    "shipToName": ship["name"] or customer["displayName"],
                    "shipToAddressLine1": ship["street"] or "", "shipToCity": ship["city"] or "",
                },
            )  # fmt: skip
            kept = (priced.get(row["orderId"]) if row["orderId"] else None) or {"lines": []}
            prices = {line["line"]: line for line in kept["lines"]}
            of_order = (lines.get(row["id"]) or {"lines": []})["lines"]
            for line, sequence in zip(of_order, _sequences(of_order), strict=True):
                price = prices.get(line["orderLine"], {})
                item = self._items[line["itemId"]]
                self._add(
                    "salesShipmentLines", f"{row['id']}/{line['line']}",
                    {
                        "documentId": made["id"], "documentNo": made["number"],
                        "sequence": sequence, "lineType": "Item",
                        "lineObjectNumber": item["number"],
                        "description": (line["description"] or "")[:100],
                        "unitOfMeasureCode": item["baseUnitOfMeasureCode"],
                        "quantity": line["quantity"],
                        "unitPrice": plain(Decimal(price.get("unitPrice", "0"))),
                        "discountPercent": price.get("discountPercent", "0"),
                        "taxPercent": plain(Decimal(price.get("taxRate", "0")) * HUNDRED),
                        "shipmentDate": row["shippedOn"],
                    },
                )  # fmt: skip

    def _add_invoices(self, orders: Iterable[Row]) -> None:
        lines = self._source.table("invoice_lines")
        open_orders = {row["number"]: row["id"] for row in self._records.find(ORDER.set)}
        cancelled = {row["id"] for row in orders if row["status"] == "cancelled"}
        for row in self._source.table("invoices").find():
            self._on(row["postedOn"] or row["issuedOn"])
            invoice = self._add(
                INVOICE.set, row["id"],
                {
                    **self._head(INVOICE, row),
                    "externalDocumentNumber": row["customerReference"] or "",
                    "customerPurchaseOrderReference": (row["customerReference"] or "")[:35],
                    "invoiceDate": row["issuedOn"],
                    "postingDate": row["postedOn"] or row["issuedOn"],
                    "dueDate": row["dueOn"] or row["issuedOn"],
                    "orderId": open_orders.get(row["orderId"] or "", NO_GUID),
                    "orderNumber": "" if row["orderId"] in cancelled else row["orderId"] or "",
                    "remainingAmount": plain(Decimal(row["openAmount"])),
                    "status": "Open" if row["open"] else "Paid",
                    **_totals(row),
                    "_posted": True,
                },
            )  # fmt: skip
            self._add_lines(INVOICE, row, invoice, lines.get(row["id"]))
            self._enter("Invoice", row, invoice["id"], Decimal(row["total"]),
                        Decimal(row["openAmount"]), invoice["postingDate"],
                        invoice["dueDate"])  # fmt: skip

    def _add_credit_memos(self) -> None:
        lines = self._source.table("credit_note_lines")
        for row in self._source.table("credit_notes").find():
            invoice = row["invoiceId"]
            posted = row["postedOn"] or row["issuedOn"]
            self._on(posted)
            memo = self._add(
                CREDIT_MEMO.set, row["id"],
                {
                    **self._head(CREDIT_MEMO, row),
                    "externalDocumentNumber": row["customerReference"] or "",
                    "creditMemoDate": row["issuedOn"],
                    "postingDate": posted,
                    "dueDate": posted,
                    "invoiceId": guid(INVOICE.set, invoice) if invoice else NO_GUID,
                    "invoiceNumber": invoice or "",
                    "status": "Open" if row["open"] else "Paid",
                    **_totals(row),
                    "_posted": True,
                },
            )  # fmt: skip
            self._add_lines(CREDIT_MEMO, row, memo, lines.get(row["id"]))
            self._enter("Credit Memo", row, memo["id"], -Decimal(row["total"]),
                        -Decimal(row["unappliedAmount"]), posted, posted)  # fmt: skip

    def _add_lines(self, kind: Document, row: Row, document: Row, kept: Row | None) -> None:
        lines = (kept or {"lines": []})["lines"]
        for line, sequence in zip(lines, _sequences(lines), strict=True):
            self._add(
                kind.lines, f"{row['id']}/{line['line']}",
                {**self._line(line), **self._amounts(line), "documentId": document["id"],
                 "sequence": sequence, "shipmentDate": row["issuedOn"]},
            )  # fmt: skip

    def _add_payments(self) -> None:
        """Posted payments are ledger entries: no entity of the service shows them."""
        for row in self._source.table("payments").find():
            self._enter(
                "Payment", row, guid("payments", row["id"]), -Decimal(row["amount"]),
                -Decimal(row["unappliedAmount"]), row["receivedOn"], row["receivedOn"],
            )  # fmt: skip

    def _enter(
        self,
        kind: str,
        row: Row,
        document_id: str,
        amount: Decimal,
        remaining: Decimal,
        posted: str,
        due: str,
    ) -> None:
        entry: Row = {
            "id": str(self._records.world.sequence(LEDGER)),
            "kind": kind,
            "customerId": self._customers[row["billToId"]]["id"],
            "documentId": document_id,
            "number": row["id"],
            "postingDate": posted,
            "dueDate": due,
            "amount": plain(amount),
            "remaining": plain(remaining),
            "open": remaining != ZERO,
            "applications": [],
        }
        self._entries[kind, row["id"]] = entry
        if kind == "Invoice":
            return
        for each in row["applications"]:
            debit = self._entries["Invoice", each["invoiceId"]]
            share = {"amount": plain(Decimal(each["amount"])), "on": each["appliedOn"]}
            debit["applications"].append({"entry": entry["id"], **share})
            entry["applications"].append({"entry": debit["id"], **share})

    def _show_settled(self) -> None:
        """What settles an invoice or credit memo changes it, on the day of the application."""
        sets = {"Invoice": INVOICE.set, "Credit Memo": CREDIT_MEMO.set}
        for (kind, _), entry in self._entries.items():
            days = [each["on"] for each in entry["applications"]]
            row = self._records.get(sets[kind], entry["documentId"]) if kind in sets else None
            if row is not None and days:
                self._on(max(*days, entry["postingDate"]))
                row["lastModifiedDateTime"] = self._records.now
                self._records.table(sets[kind]).replace(row)

    # Series

    def _reserve(self, orders: Iterable[Row]) -> None:
        """Let the series go on behind what the data set uses."""
        world = self._records.world
        used = {
            draft_series(ORDER): [row["id"] for row in orders],
            SHIPMENT_SERIES[0]: _numbers(self._records, "salesShipments"),
            posted_series(INVOICE): _numbers(self._records, INVOICE.set),
            posted_series(CREDIT_MEMO): _numbers(self._records, CREDIT_MEMO.set),
            "customers": _numbers(self._records, "customers"),
            "contacts": _numbers(self._records, "contacts"),
            "payments.number": [row["id"] for row in self._source.table("payments").find()],
        }
        for series, numbers in used.items():
            tails = [int(text) for text in map(_tail, numbers) if text]
            if tails:
                world.reserve(series, max(tails))


_SHIPMENT: Final = Document("salesShipments", "salesShipmentLines", "Shipment", "", 0, "")


def _totals(row: Row) -> Row:
    return {
        "totalAmountExcludingTax": plain(Decimal(row["net"])),
        "totalTaxAmount": plain(Decimal(row["tax"])),
        "totalAmountIncludingTax": plain(Decimal(row["total"])),
    }


def _sequences(lines: Sequence[Row]) -> list[int]:
    """The numbers of a posted document's lines: those of the order's lines, as a posting keeps.

    Where a line is of no order's line, or two are of one, the document counts its own.
    """
    of_order = [line.get("orderLine") for line in lines]
    if None in of_order or len(set(of_order)) < len(of_order):
        of_order = [line["line"] for line in lines]
    return [int(number) * _STEP for number in of_order if number is not None]


def _numbers(records: Records, set_name: str) -> list[str]:
    return [row["number"] for row in records.find(set_name)]


def _tail(number: str) -> str:
    """The digits at the end of a number."""
    return number[len(number.rstrip("0123456789")) :][:15]
