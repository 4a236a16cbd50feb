"""Products, and the companies that buy them: accounts, contacts, addresses, leads."""

from __future__ import annotations

from typing import Any, Final

from crossdock_mocks.dialects.saleslogix.rules.parties import (
    name_account,
    name_contact,
    name_lead,
    write_out,
)
from crossdock_mocks.sdata import KEY, Filling, Row

_TYPES: Final = {
    "prospect": "Prospect", "customer": "Customer", "partner": "Partner", "former": "Former",
}  # fmt: skip
_LEADS: Final = {
    "new": "New", "working": "Working", "converted": "Converted", "disqualified": "Disqualified",
}  # fmt: skip


def products(to: Filling, source: Any) -> None:
    """Make products, with the units that they are sold in."""
    units: dict[str, Row] = {}
    made = []
    for row in source.rows("items"):
        unit = row["unit"] or "each"
        if unit not in units:
            units[unit] = to.made("unitsOfMeasure", {"Name": unit, "ErpExtId": unit})
        product = to.made(
            "products",
            {"Name": row["name"], "ActualId": row["id"], "Family": row["product_line"],
             "Description": row["description"], "Price": row["list_price"], "Unit": unit,
             "Status": "Discontinued" if row["active"] is False else "Available",
             "ErpExtId": row["id"], "UnitOfMeasure": units[unit][KEY],
             "Owner": to.key("owners", "everyone")},
        )  # fmt: skip
        made.append(to.note("items", row["id"], product))
    to.put("unitsOfMeasure", list(units.values()))
    to.put("products", made)


def parties(to: Filling, source: Any) -> None:
    """Make accounts with their addresses, contacts and leads."""
    addresses: list[Row] = []
    given = list(source.rows("accounts"))
    accounts = [_account(to, row, addresses) for row in given]
    for row, account in zip(given, accounts, strict=True):
        account["ParentId"] = to.key("accounts", row["parent_id"])
    to.put("accounts", accounts)
    names = {row["id"]: row["name"] for row in given}
    to.put("contacts", [_contact(to, row, names) for row in source.rows("contacts")])
    to.put("addresses", addresses)
    leads(to, source)


def _account(to: Filling, row: Row, addresses: list[Row]) -> Row:
    at = row["created_at"]
    account = to.made(
        "accounts",
        {"AccountName": row["name"], "MainPhone": row["phone"], "Email": row["email"],
         "WebAddress": row["website"], "Type": _TYPES.get(row["kind"] or "", "Other"),
         "Industry": row["industry"], "ErpExtId": row["customer_id"],
         "CurrencyCode": row["currency"], "AccountManager": to.key("users", row["owner_id"]),
         "Owner": to.key("owners", row["owner_id"]) or to.key("owners", "everyone")},
        at,
    )  # fmt: skip
    name_account(account)
    address = to.made(
        "addresses",
        {"Description": "Office", "Address1": row["street"], "City": row["city"],
         "State": row["region"], "PostalCode": row["postcode"], "Country": row["country"],
         "EntityId": account[KEY], "IsPrimary": True, "IsMailing": True},
        at,
    )  # fmt: skip
    write_out(address)
    addresses.append(address)
    account["Address"] = address[KEY]
    return to.note("accounts", row["id"], account)


def _contact(to: Filling, row: Row, names: dict[str, str]) -> Row:
    contact = to.made(
        "contacts",
        {"FirstName": row["first_name"], "LastName": row["last_name"], "Title": row["job_title"],
         "Email": row["email"], "WorkPhone": row["phone"],
         "Account": to.key("accounts", row["account_id"]),
         "AccountName": names.get(row["account_id"])},
    )  # fmt: skip
    name_contact(contact)
    return to.note("contacts", row["id"], contact)


def leads(to: Filling, source: Any) -> None:
    """Make leads, and the sources that they came from."""
    sources: dict[str, Row] = {}
    made = []
    for row in source.rows("leads"):
        if row["source"] and row["source"] not in sources:
            sources[row["source"]] = to.made("leadSources", {"Description": row["source"]})
        first, _, last = (row["contact_name"] or "Unknown").rpartition(" ")
        lead = to.made(
            "leads",
            {"FirstName": first or None, "LastName": last, "Company": row["company"],
             "Email": row["email"], "Status": _LEADS.get(row["status"] or "", "New"),
             "AccountManager": to.key("users", row["owner_id"]),
             "LeadSource": sources[row["source"]][KEY] if row["source"] else None},
            row["created_at"],
        )  # fmt: skip
        name_lead(lead)
        made.append(to.note("leads", row["id"], lead))
    to.put("leadSources", list(sources.values()))
    to.put("leads", made)
