"""What a customer can be known again by, kept with its link for the day when it is gone."""

from __future__ import annotations

import json
from collections.abc import Mapping

from crossdock.host.store.links import Link
from crossdock.records import Account, Address, TradingAccount


def facts_of(customer: TradingAccount) -> str:
    """Write them down."""
    address = customer.address
    return json.dumps(
        {
            "name": customer.name,
            "tax_number": customer.tax_number,
            "email": customer.email,
            "phone": customer.phone,
            "street": address.street,
            "city": address.city,
            "postcode": address.postcode,
            "country": address.country,
        },
        ensure_ascii=False,
    )


def as_read(customer: TradingAccount) -> dict[str, str]:
    """Give what a link remembers of a customer that was just read."""
    return {
        "customer_name": customer.name,
        "currency": customer.currency,
        "facts": facts_of(customer),
    }


def remembered_customer(link: Link) -> TradingAccount:
    """Give the customer as it was when it was there."""
    known = _read(link)
    return TradingAccount(
        id=link.customer_id,
        system=link.erp_system,
        name=known.get("name") or link.customer_name,
        currency=link.currency or "XXX",  # ISO 4217 for no currency: it was never read
        tax_number=known.get("tax_number") or "",
        email=known.get("email"),
        phone=known.get("phone"),
        address=_address(known),
    )


def as_account(customer: TradingAccount) -> Account:
    """Give a customer as an account like it would be, to look for others that are alike."""
    return Account(
        id="",
        name=customer.name,
        tax_number=customer.tax_number,
        email=customer.email,
        phone=customer.phone,
        address=customer.address,
    )


def _read(link: Link) -> Mapping[str, str]:
    known: Mapping[str, str] = json.loads(link.facts) if link.facts else {}
    return known


def _address(known: Mapping[str, str]) -> Address:
    return Address(
        street=known.get("street") or "",
        city=known.get("city") or "",
        postcode=known.get("postcode") or "",
        country=known.get("country") or "",
    )
