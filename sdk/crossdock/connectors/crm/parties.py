"""Accounts, contacts, users and activities, from the CRM's wire and onto it."""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.reading import (
    Row,
    currency,
    instant,
    instant_or_none,
    optional_text,
    part_or_none,
    text,
    text_or_empty,
    text_or_none,
    texts,
    truth,
    whole,
    word,
)
from crossdock.connectors.writing import instant as instant_text
from crossdock.records import Account, Activity, Address, Case, Contact, User

_ACCOUNT_KINDS: Final = frozenset({"prospect", "customer", "partner", "former"})
_ACTIVITY_KINDS: Final = frozenset({"call", "email", "meeting", "task", "note"})
_CASE_STATES: Final = frozenset({"new", "working", "waiting", "escalated", "closed"})
_CASE_PRIORITIES: Final = frozenset({"low", "normal", "high", "urgent"})
_ROLES: Final = frozenset({"sales", "manager", "service", "accounting", "admin"})


def address(row: Row) -> Address:
    """Read an address; the CRM leaves out what it does not know."""
    return Address(
        name=optional_text(row, "name"),
        street=optional_text(row, "street"),
        city=optional_text(row, "city"),
        region=optional_text(row, "region"),
        postcode=optional_text(row, "postcode"),
        country=optional_text(row, "country"),
    )


def address_or_empty(row: Row, name: str) -> Address:
    """Read an address that may be null."""
    return part_or_none(row, name, address) or Address()


def account(row: Row) -> Account:
    """Read an account."""
    return Account(
        id=text(row, "id"),
        name=text(row, "name"),
        legal_name=text_or_empty(row, "legal_name"),
        kind=word(row, "kind", _ACCOUNT_KINDS),
        industry=text_or_empty(row, "industry"),
        owner_id=text_or_none(row, "owner_id"),
        email=text_or_none(row, "email"),
        phone=text_or_none(row, "phone"),
        website=text_or_empty(row, "website"),
        tax_number=text_or_empty(row, "tax_number"),
        address=address_or_empty(row, "address"),
        shipping_address=part_or_none(row, "shipping_address", address),
        currency=currency(row),
        parent_id=text_or_none(row, "parent_id"),
        active=truth(row, "active"),
        external_ids=texts(row, "external_ids"),
        created_at=instant(row, "created_at"),
        modified_at=instant(row, "updated_at"),
        modified_by=text_or_empty(row, "updated_by"),
        version=str(whole(row, "version")),
    )


def contact(row: Row) -> Contact:
    """Read a contact."""
    return Contact(
        id=text(row, "id"),
        account_id=text(row, "account_id"),
        first_name=text_or_empty(row, "first_name"),
        last_name=text(row, "last_name"),
        job_title=text_or_empty(row, "job_title"),
        email=text_or_none(row, "email"),
        phone=text_or_none(row, "phone"),
        mobile=text_or_none(row, "mobile"),
        active=truth(row, "active"),
        external_ids=texts(row, "external_ids"),
        modified_at=instant(row, "updated_at"),
        modified_by=text_or_empty(row, "updated_by"),
        version=str(whole(row, "version")),
    )


def user(row: Row) -> User:
    """Read a user; the CRM gives each one role."""
    return User(
        id=text(row, "id"),
        name=text(row, "name"),
        email=text_or_empty(row, "email"),
        roles=(word(row, "role", _ROLES),),
        team=text_or_empty(row, "team"),
        manager_id=text_or_none(row, "manager_id"),
        active=truth(row, "active"),
    )


def activity(row: Row) -> Activity:
    """Read an activity of an account."""
    return Activity(
        id=text(row, "id"),
        account_id=text(row, "account_id"),
        kind=word(row, "kind", _ACTIVITY_KINDS),
        subject=text(row, "subject"),
        text=text_or_empty(row, "body"),
        contact_id=text_or_none(row, "contact_id"),
        opportunity_id=text_or_none(row, "opportunity_id"),
        owner_id=text_or_none(row, "owner_id"),
        due_at=instant_or_none(row, "due_at"),
        completed_at=instant_or_none(row, "completed_at"),
        created_at=instant(row, "created_at"),
    )


def case(row: Row) -> Case:
    """Read a service case of an account."""
    state = word(row, "status", _CASE_STATES)
    return Case(
        id=text(row, "id"),
        account_id=text(row, "account_id"),
        subject=text(row, "subject"),
        status="closed" if state == "closed" else "open",
        state=state,
        priority=word(row, "priority", _CASE_PRIORITIES),
        contact_id=text_or_none(row, "contact_id"),
        owner_id=text_or_none(row, "owner_id"),
        opened_at=instant(row, "created_at"),
        closed_at=instant_or_none(row, "closed_at"),
    )


def address_body(written: Address) -> dict[str, str] | None:
    """Write an address; one of which nothing is known is none."""
    parts = {
        "name": written.name,
        "street": written.street,
        "city": written.city,
        "region": written.region,
        "postcode": written.postcode,
        "country": written.country,
    }
    known = {name: value for name, value in parts.items() if value}
    return known or None


def account_body(written: Account) -> dict[str, Any]:
    """Write an account; all fields that a record knows, so that an emptied one is cleared.

    The CRM gives an account without a currency the company's own, so none is not written.
    """
    body: dict[str, Any] = {
        "name": written.name,
        "legal_name": written.legal_name or None,
        "kind": written.kind,
        "industry": written.industry or None,
        "owner_id": written.owner_id,
        "parent_id": written.parent_id,
        "email": written.email or None,
        "phone": written.phone or None,
        "website": written.website or None,
        "tax_number": written.tax_number or None,
        "address": address_body(written.address),
        "shipping_address": address_body(written.shipping_address or Address()),
        "active": written.active,
        "external_ids": dict(written.external_ids),
    }
    if written.currency:
        body["currency"] = written.currency
    return body


def contact_body(written: Contact) -> dict[str, Any]:
    """Write a contact, in the same way."""
    return {
        "account_id": written.account_id,
        "first_name": written.first_name or None,
        "last_name": written.last_name,
        "job_title": written.job_title or None,
        "email": written.email or None,
        "phone": written.phone or None,
        "mobile": written.mobile or None,
        "active": written.active,
        "external_ids": dict(written.external_ids),
    }


def activity_body(written: Activity, key: str) -> dict[str, Any]:
    """Write a new activity under the caller's own key."""
    body: dict[str, Any] = {
        "account_id": written.account_id,
        "kind": written.kind,
        "subject": written.subject,
        "body": written.text or None,
        "contact_id": written.contact_id,
        "opportunity_id": written.opportunity_id,
        "owner_id": written.owner_id,
        "key": key,
    }
    for name, value in (("due_at", written.due_at), ("completed_at", written.completed_at)):
        if value is not None:
            body[name] = instant_text(value, name)
    return body
