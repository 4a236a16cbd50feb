"""Items, customers and contacts of a data set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from crossdock_mocks.dialects.business_central.names import NO_GUID
from crossdock_mocks.dialects.business_central.records import Row, guid
from crossdock_mocks.dialects.business_central.seeding.setting import Seeding

_KINDS: Final = {"goods": "Inventory", "service": "Service", "charge": "Non_x002D_Inventory"}


def add_items(seeding: Seeding, items: Iterable[Row], stock: Mapping[str, Row]) -> None:
    """Items, with what is on hand of them."""
    for row in items:
        line = row["productLine"] or ""
        held = stock.get(row["id"])
        seeding.items[row["id"]] = seeding.add(
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


def add_customers(seeding: Seeding, customers: Iterable[Row]) -> None:
    """Customers, each with a record of its balance, and one by age."""
    own = seeding.company["currency"]
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
        made = seeding.add("customers", row["id"], values)
        seeding.customers[row["id"]] = made
        seeding.records.insert(
            "customerFinancialDetails", {"id": made["id"], "number": made["number"]}
        )
        seeding.records.insert("agedAccountsReceivables", {"customerId": made["id"]})


def add_contacts(seeding: Seeding, dataset: Any) -> None:
    """Each customer is a company among the contacts; the people of its account belong to it."""
    companies: dict[str, Row] = {}
    for number, (customer, row) in enumerate(seeding.customers.items(), 100001):
        companies[customer] = seeding.add(
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
        seeding.add(
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
