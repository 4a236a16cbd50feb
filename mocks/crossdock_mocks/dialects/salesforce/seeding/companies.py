"""Products, and the companies that buy them: accounts, contacts, leads, campaigns."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.salesforce.seeding.fields import CUSTOMER_NUMBER, EXTERNAL_KEY
from crossdock_mocks.dialects.salesforce.seeding.filling import (
    Filling,
    Row,
    amount,
    day_of,
    named,
    stamp,
)

_KINDS: Final = {
    "prospect": "Prospect", "customer": "Customer - Direct",
    "partner": "Channel Partner / Reseller", "former": "Other",
}  # fmt: skip
_LEAD_STATUS: Final = {
    "new": "Open - Not Contacted", "working": "Working - Contacted",
    "qualified": "Working - Contacted", "converted": "Closed - Converted",
    "lost": "Closed - Not Converted", "unqualified": "Closed - Not Converted",
}  # fmt: skip


def products(to: Filling) -> None:
    """Make products with their prices in the standard price book."""
    (book,) = to.world.table("sf_Pricebook2").find()
    products, prices = [], []
    for row in to.rows("items"):
        product = to.made(
            "Product2",
            {"Name": row["name"], "ProductCode": row["id"], "StockKeepingUnit": row["id"],
             "Description": row["description"], "Family": row["product_line"],
             "IsActive": row["active"] is not False, "QuantityUnitOfMeasure": row["unit"]},
        )  # fmt: skip
        price = to.made(
            "PricebookEntry",
            {"Pricebook2Id": book["Id"], "Product2Id": product["Id"],
             "UnitPrice": float(row["list_price"] or 0), "IsActive": product["IsActive"],
             "Name": product["Name"], "ProductCode": row["id"]},
        )  # fmt: skip
        to.keys["items", row["id"]] = product["Id"]
        to.keys["prices", row["id"]] = price["Id"]
        products.append(product)
        prices.append(price)
    to.put("Product2", products)
    to.put("PricebookEntry", prices)


def companies(to: Filling) -> None:
    """Make accounts, contacts and leads."""
    given = list(to.rows("accounts"))
    rows = []
    for row in given:
        place = {
            "Street": row["street"], "City": row["city"], "State": row["region"],
            "PostalCode": row["postcode"], "Country": row["country"],
        }  # fmt: skip
        made = to.made(
            "Account",
            {
                "Name": row["name"], "AccountNumber": row["id"],
                "Type": _KINDS.get(row["kind"] or ""), "Industry": row["industry"],
                "OwnerId": to.key("users", row["owner_id"]), "Phone": row["phone"],
                "Website": row["website"], "Tax_Number__c": row["tax_number"],
                CUSTOMER_NUMBER: row["customer_id"],
                **{f"Billing{name}": value for name, value in place.items()},
            },
            stamp(row["created_at"]),
        )  # fmt: skip
        to.keys["accounts", row["id"]] = made["Id"]
        rows.append(made)
    for row, made in zip(given, rows, strict=True):
        made["ParentId"] = to.key("accounts", row["parent_id"])
    to.put("Account", rows)
    people = []
    for row in to.rows("contacts"):
        made = to.made(
            "Contact",
            {
                "AccountId": to.key("accounts", row["account_id"]),
                **named(row["first_name"], row["last_name"]), "Title": row["job_title"],
                "Email": row["email"], "Phone": row["phone"], EXTERNAL_KEY: row["id"],
            },
        )  # fmt: skip
        to.keys["contacts", row["id"]] = made["Id"]
        people.append(made)
    to.put("Contact", people)
    to.put("Lead", [_lead(to, row) for row in to.rows("leads")])


def _lead(to: Filling, row: Row) -> Row:
    first, _, last = (row["contact_name"] or "Unknown").rpartition(" ")
    account = to.key("accounts", row["converted_account_id"])
    made = to.made(
        "Lead",
        {
            "Company": row["company"], **named(first or None, last), "Email": row["email"],
            "LeadSource": row["source"],
            "Status": _LEAD_STATUS.get(row["status"] or "", "Open - Not Contacted"),
            "OwnerId": to.key("users", row["owner_id"]), "IsConverted": account is not None,
            "ConvertedAccountId": account, EXTERNAL_KEY: row["id"],
        },
        stamp(row["created_at"]),
    )  # fmt: skip
    if account is not None:
        made["ConvertedDate"] = made["CreatedDate"][:10]
    to.keys["leads", row["id"]] = made["Id"]
    return made


def campaigns(to: Filling) -> None:
    """Make campaigns with their members, and count whom they reached."""
    rows = []
    for row in to.rows("campaigns"):
        made = to.made(
            "Campaign",
            {"Name": row["name"], "Type": row["kind"], "StartDate": day_of(row["starts_on"]),
             "EndDate": day_of(row["ends_on"]), "ActualCost": amount(row["cost"]),
             "IsActive": True, "Status": "In Progress", EXTERNAL_KEY: row["id"]},
        )  # fmt: skip
        to.keys["campaigns", row["id"]] = made["Id"]
        rows.append(made)
    members = []
    tally: dict[str, Row] = {each["Id"]: each for each in rows}
    for row in to.rows("campaign_members"):
        lead, contact = (
            to.key("leads", row["lead_id"]), to.key("contacts", row["contact_id"])
        )  # fmt: skip
        answered = row["responded_at"] is not None
        key = to.key("campaigns", row["campaign_id"])
        members.append(
            {"CampaignId": key, "LeadId": lead, "ContactId": None if lead else contact,
             "Status": "Responded" if answered else "Sent", "HasResponded": answered,
             "FirstRespondedDate": day_of(row["responded_at"])}
        )  # fmt: skip
        campaign = tally.get(key or "")
        if campaign is not None:
            campaign["NumberOfLeads" if lead else "NumberOfContacts"] += 1
            campaign["NumberOfResponses"] += answered
    to.put("Campaign", rows)
    to.put("CampaignMember", members)
