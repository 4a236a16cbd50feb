"""Customers onto the ERP's wire, and the people who work at them from it and onto it."""

from __future__ import annotations

from typing import Any

from crossdock.connectors.reading import (
    Row,
    instant,
    text,
    text_or_empty,
    text_or_none,
    truth,
    whole,
)
from crossdock.records import Address, Contact, TradingAccount


def customer_body(written: TradingAccount) -> dict[str, Any]:
    """Write what a caller may say of a customer; an emptied field is cleared."""
    body: dict[str, Any] = {
        "name": written.name,
        "legalName": written.legal_name or None,
        "taxNumber": written.tax_number or None,
        "email": written.email or None,
        "phone": written.phone or None,
        "website": written.website or None,
        "address": _address_body(written.address),
        "shippingAddress": (
            None if written.shipping_address is None else _address_body(written.shipping_address)
        ),
        "active": written.active,
        "externalReference": written.reference or None,
    }
    if written.terms_days is not None:
        body["termsDays"] = written.terms_days
    return body


def _address_body(written: Address) -> dict[str, Any]:
    return {
        "name": written.name or None,
        "street": written.street or None,
        "city": written.city or None,
        "region": written.region or None,
        "postcode": written.postcode or None,
        "country": written.country or None,
    }


def contact(row: Row, system: str) -> Contact:
    """Read somebody who works at a customer."""
    return Contact(
        id=text(row, "id"),
        account_id=text(row, "customerId"),
        first_name=text_or_empty(row, "firstName"),
        last_name=text(row, "lastName"),
        job_title=text_or_empty(row, "jobTitle"),
        email=text_or_none(row, "email"),
        phone=text_or_none(row, "phone"),
        mobile=text_or_none(row, "mobile"),
        active=truth(row, "active"),
        system=system,
        reference=text_or_empty(row, "externalReference"),
        modified_at=instant(row, "updatedAt"),
        modified_by=text(row, "updatedBy"),
        version=str(whole(row, "version")),
    )


def contact_body(written: Contact) -> dict[str, Any]:
    """Write a contact, in the same way as a customer."""
    return {
        "customerId": written.account_id,
        "firstName": written.first_name or None,
        "lastName": written.last_name,
        "jobTitle": written.job_title or None,
        "email": written.email or None,
        "phone": written.phone or None,
        "mobile": written.mobile or None,
        "active": written.active,
        "externalReference": written.reference or None,
    }
