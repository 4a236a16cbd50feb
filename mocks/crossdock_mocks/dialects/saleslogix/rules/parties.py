"""Accounts, contacts, addresses and leads: names that are put together, and whose addresses are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.dialects.saleslogix.rules.leaving import account_gone, forgotten
from crossdock_mocks.sdata import KEY, Records, Row, Rules, refused


def _named(row: Row) -> tuple[str, str]:
    """A person's name, last name first and first name first."""
    first, last = row["FirstName"] or "", row["LastName"] or ""
    return ", ".join(each for each in (last, first) if each), f"{first} {last}".strip()


def name_account(row: Row) -> None:
    """Keep what an account is found by, whatever the case."""
    row["AccountNameUpper"] = row["AccountName"] and row["AccountName"].upper()


def name_contact(row: Row) -> None:
    """Put the names of a contact together."""
    row["NameLF"], row["FullName"] = _named(row)
    row["Name"] = row["FullName"]
    row["LastNameUpper"] = row["LastName"] and row["LastName"].upper()


def name_lead(row: Row) -> None:
    """Put the names of a lead together."""
    row["LeadNameLastFirst"], row["LeadNameFirstLast"] = _named(row)
    row["LastNameUpper"] = row["LastName"] and row["LastName"].upper()


def write_out(row: Row) -> None:
    """Write an address out in lines."""
    city = " ".join(each for each in (row["City"], row["State"], row["PostalCode"]) if each)
    lines = [row["Address1"], row["Address2"], row["Address3"], city, row["Country"]]
    row["FullAddress"] = "\n".join(each for each in lines if each) or None


def _account(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    del old, given
    name_account(row)
    parent = row["ParentId"]
    if parent is not None:
        if parent == row[KEY]:
            raise refused("An account cannot be its own parent.", path="ParentId")
        if records.get("accounts", parent) is None:
            raise refused(f"Account '{parent}' was not found.", path="ParentId")


def _account_after(records: Records, row: Row, old: Row | None) -> None:
    _own_addresses(records, row, "Address", "ShippingAddress")
    if old is not None and old["AccountName"] != row["AccountName"]:
        for each in records.related("contacts", "Account", row[KEY]):
            each["AccountName"] = row["AccountName"]
            records.keep("contacts", each)


def _own_addresses(records: Records, row: Row, *names: str) -> None:
    """Note on addresses whose they are; the first is the primary one."""
    for name in names:
        address = records.get("addresses", row[name])
        if address is not None and address["EntityId"] != row[KEY]:
            address["EntityId"] = row[KEY]
            address["IsPrimary"] = name == "Address"
            records.keep("addresses", address)


def _contact(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    del old, given
    name_contact(row)
    account = records.get("accounts", row["Account"])
    row["AccountName"] = account and account["AccountName"]


def _contact_after(records: Records, row: Row, old: Row | None) -> None:
    del old
    _own_addresses(records, row, "Address")


def _lead(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    del records, old, given
    name_lead(row)


def _lead_after(records: Records, row: Row, old: Row | None) -> None:
    del old
    _own_addresses(records, row, "Address")


def _address(records: Records, row: Row, old: Row | None, given: Mapping[str, Any]) -> None:
    del records, old, given
    write_out(row)


RULES: Final = {
    "accounts": Rules(before=_account, after=_account_after, after_delete=account_gone),
    "contacts": Rules(
        before=_contact, after=_contact_after,
        after_delete=forgotten("ContactId", "ContactName", targeted=True),
    ),
    "leads": Rules(
        before=_lead, after=_lead_after,
        after_delete=forgotten("LeadId", "LeadName", targeted=True),
    ),
    "addresses": Rules(before=_address),
}  # fmt: skip
