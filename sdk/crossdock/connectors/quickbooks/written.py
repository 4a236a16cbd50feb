"""A customer onto QuickBooks' wire, on top of what stands there."""

from __future__ import annotations

from typing import Any, Final

from crossdock.connectors.quickbooks.altering import as_read
from crossdock.connectors.quickbooks.origin import Origin, without_origin
from crossdock.connectors.reading import Row, optional_text
from crossdock.records import Address, TradingAccount

# Figures and names that QuickBooks makes itself; a customer that is sent back carries none.
_ITS_OWN: Final = frozenset(
    {"Balance", "BalanceWithJobs", "FullyQualifiedName", "Level", "MetaData", "PrintOnCheckName"}
)


def customer_body(
    written: TradingAccount, name: str, term: str | None, now: Row, origin: Origin | None
) -> dict[str, Any]:
    """Write a customer whole: what is left out of an update is emptied.

    Args:
        written: the record.
        name: the display name, which is unique.
        term: QuickBooks' id of the terms; `None` leaves them.
        now: the customer as it stands; empty for a new one.
        origin: what the notes tell of where it came from.
    """
    body: dict[str, Any] = {
        key: as_read(value) for key, value in now.items() if key not in _ITS_OWN
    }
    words = without_origin(optional_text(now, "Notes"))
    notes = origin.note(words).strip() if origin is not None and origin.reference else words
    told: dict[str, Any] = {
        "DisplayName": name,
        "CompanyName": written.name,
        "PrimaryTaxIdentifier": written.tax_number,
        "PrimaryEmailAddr": {"Address": written.email} if written.email else None,
        "PrimaryPhone": {"FreeFormNumber": written.phone} if written.phone else None,
        "WebAddr": {"URI": written.website} if written.website else None,
        "BillAddr": _address(written.address),
        "ShipAddr": None
        if written.shipping_address is None
        else _address(written.shipping_address),
        "Notes": notes,
    }
    for key, value in told.items():
        body.pop(key, None)
        if value:
            body[key] = value
    if term is not None:
        body["SalesTermRef"] = {"value": term}
    if now or not written.active:
        body["Active"] = written.active
    return body


def _address(to: Address) -> dict[str, str] | None:
    told = {
        "Line1": to.street,
        "City": to.city,
        "CountrySubDivisionCode": to.region,
        "PostalCode": to.postcode,
        "Country": to.country,
    }
    return {name: value for name, value in told.items() if value} or None
