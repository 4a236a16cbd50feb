"""Accounts, contacts, addresses and leads."""

from __future__ import annotations

from typing import Final

from crossdock_mocks.dialects.saleslogix.entities.words import (
    KEPT,
    OURS,
    STAMPS,
    account,
    flag,
    integer,
    memo,
    money,
    picklist,
    text,
)
from crossdock_mocks.sdata import Collection, Field, Reference, Resource

TYPES: Final = ("Customer", "Prospect", "Lead", "Partner", "Former", "Supplier", "Vendor",
                "Competitor", "Other")  # fmt: skip
STATUSES: Final = ("Active", "Inactive", "Duplicate", "Purge")

_ADDRESS: Final = Reference("Address", "addresses", nested=True, owned=True)
_OWNER: Final = Reference("Owner", "owners")
_MANAGER: Final = Reference("AccountManager", "users")

PARTIES: Final = (
    Resource(
        "accounts", "Account", title="{AccountName}", letter="A", stamps=STAMPS,
        provenance="client", writes="client", properties=(
            text("AccountName", 128, required=True, indexed=True),
            Field("AccountNameUpper", read_only=True, precedence=2),
            text("MainPhone", 32), text("Fax", 32), text("TollFree", 32), text("Email", 128),
            text("WebAddress", 128), picklist("Type", TYPES, default="Prospect"), text("SubType"),
            picklist("Status", STATUSES, default="Active"), text("Industry"), text("Division"),
            text("Description", 128), text("AKA"), money("Revenue"), integer("Employees"),
            text("Region"), text("ParentId", 12, indexed=True), text("CurrencyCode", 3),
            memo("BusinessDescription"), memo("Notes"),
            text("ErpExtId", 64, indexed=True), text("ErpLogicalId"),
            text("ErpAccountingEntityId"), text("ErpStatus"), text("SyncStatus"),
            text("GlobalSyncID", precedence=3), text("ImportSource", precedence=3),
            _ADDRESS, Reference("ShippingAddress", "addresses", nested=True, owned=True),
            _OWNER, _MANAGER, Reference("LeadSource", "leadSources"),
            Collection("Addresses", "addresses", "EntityId", owned=True),
            Collection("Contacts", "contacts", "Account", owned=True),
            Collection("Opportunities", "opportunities", "Account"),
            Collection("Quotes", "quotes", "Account"),
            Collection("SalesOrders", "salesOrders", "Account"),
            Collection("Tickets", "tickets", "Account"),
            Collection("ERPBillToAccounts", "erpBillTos", "Account", provenance="source"),
            Collection("ERPShipToAccounts", "erpShipTos", "Account", provenance="source"),
            Collection("ERPInvoices", "erpInvoices", "Account", provenance="source"),
            Collection("ERPShipments", "erpShipments", "Account", provenance="source"),
            Collection("ERPReceivables", "erpReceivables", "Account", provenance="source"),
            *OURS, *KEPT,
        ),
    ),
    Resource(
        "contacts", "Contact", title="{NameLF}", letter="C", stamps=STAMPS, provenance="source",
        properties=(
            text("Prefix", 16), text("FirstName", 32), text("MiddleName", 32),
            text("LastName", 32, required=True), text("Suffix", 16),
            Field("NameLF", read_only=True), Field("Name", read_only=True, precedence=2),
            Field("FullName", read_only=True, precedence=2),
            Field("LastNameUpper", read_only=True, precedence=2),
            Field("LastHistoryDate", "datetime", read_only=True, precedence=2),
            text("LocationCode", precedence=3),
            text("AccountName", 128, read_only=True), text("Title"), text("Department"),
            text("Email", 128, indexed=True), text("SecondaryEmail", 128), text("WorkPhone", 32),
            text("HomePhone", 32), text("Mobile", 32), text("Fax", 32), text("WebAddress", 128),
            text("Type"), picklist("Status", STATUSES, default="Active"), flag("IsPrimary"),
            flag("DoNotEmail"), flag("DoNotPhone"), text("CuisinePreference"),
            memo("Notes"), account(), _ADDRESS, _OWNER, _MANAGER,
            Collection("Tickets", "tickets", "Contact"),
            *OURS, *KEPT,
        ),
    ),
    Resource(
        "addresses", "Address", plural="Addresses", title="{Description}", letter="a",
        stamps=STAMPS, provenance="source", properties=(
            text("Description", 64, default="Office"), text("AddressType"),
            text("Address1"), text("Address2"), text("Address3"), text("City", 32),
            text("State", 32), text("PostalCode", 24), text("Country", 32), text("County", 32),
            text("Salutation"), flag("IsPrimary"), flag("IsMailing"),
            text("EntityId", 12, indexed=True), Field("FullAddress", read_only=True, precedence=2),
            *KEPT,
        ),
    ),
    Resource(
        "leads", "Lead", title="{LeadNameLastFirst}", letter="Q", stamps=STAMPS,
        provenance="source", properties=(
            text("Prefix", 16), text("FirstName", 32), text("MiddleName", 32),
            text("LastName", 32, required=True), text("Suffix", 16), text("Company", 128),
            Field("LeadNameLastFirst", read_only=True), Field("LeadNameFirstLast", read_only=True),
            Field("LastNameUpper", read_only=True, precedence=2), text("Email", 128),
            text("WorkPhone", 32), text("Mobile", 32), text("TollFree", 32), text("Title"),
            text("Industry"), text("SICCode"), text("Interests", 128), text("WebAddress", 128),
            memo("BusinessDescription"), Field("FullAddress", read_only=True, precedence=2),
            picklist("Status", ("New", "Open", "Working", "Qualified", "Disqualified",
                                "Converted"), default="New"),
            text("InterestedIn", 128), memo("Notes"), _ADDRESS, _OWNER,
            Reference("AccountManager", "users"), Reference("LeadSource", "leadSources"),
            *OURS, *KEPT,
        ),
    ),
    Resource(
        "leadSources", "LeadSource", title="{Description}", letter="L", stamps=STAMPS,
        provenance="source", properties=(
            text("Description", 64, required=True), text("Type"), text("Status", default="Active"),
            *KEPT,
        ),
    ),
)  # fmt: skip
