"""The records of one world, as one request works on them.

A record is kept under the names of the wire, complete; decimals are texts, so that nothing is ever
rounded by a float. What begins with `_` is kept beside it and never told. The table of a kind of
record has the name of its entity set.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final, TypeAlias, final

from crossdock_mocks.backoffice.decimals import minor_units, plain, rounded
from crossdock_mocks.dialects.business_central.errors import bad_request
from crossdock_mocks.dialects.business_central.model import EntityType, Property, entity
from crossdock_mocks.dialects.business_central.names import (
    NO_DATE,
    NO_GUID,
    NO_INSTANT,
    encoded,
)
from crossdock_mocks.engine import Table, TableSpec, Where, World

Row: TypeAlias = dict[str, Any]

_NAMESPACE: Final = uuid.UUID("0f5d7c5c-4f0e-4f5b-8f4e-5b1f6d5c9a01")
_MOST: Final = Decimal(10) ** 12
_PLACES: Final = 5

LEDGER: Final = "customerLedgerEntries"
"""Table of the customers' ledger entries, which the wire shows as balances only."""

HOUSEKEEPING: Final = "housekeeping"
"""Table of the day up to which balances were brought."""

_INDEXES: Final[Mapping[str, tuple[str, ...]]] = {
    "companies": ("name",),
    "companyInformation": (),
    "customers": ("number", "displayName", "taxRegistrationNumber"),
    "contacts": ("number", "companyNumber"),
    "items": ("number", "itemCategoryId"),
    "salesQuotes": ("number", "customerId", "customerNumber", "externalDocumentNumber"),
    "salesOrders": ("number", "customerId", "customerNumber", "externalDocumentNumber"),
    "salesInvoices": (
        "number",
        "customerId",
        "customerNumber",
        "billToCustomerId",
        "orderId",
        "orderNumber",
        "externalDocumentNumber",
    ),
    "salesCreditMemos": (
        "number",
        "customerId",
        "billToCustomerId",
        "invoiceId",
        "externalDocumentNumber",
    ),
    "salesShipments": ("number", "customerId", "customerNumber", "orderNumber"),
    "salesQuoteLines": ("documentId", "itemId"),
    "salesOrderLines": ("documentId", "itemId"),
    "salesInvoiceLines": ("documentId", "itemId"),
    "salesCreditMemoLines": ("documentId", "itemId"),
    "salesShipmentLines": ("documentId",),
    "customerPayments": ("journalId", "customerId"),
    "customerPaymentJournals": ("code",),
    "journals": ("code",),
    "itemCategories": ("code",),
    "unitsOfMeasure": ("code",),
    "paymentTerms": ("code",),
    "paymentMethods": ("code",),
    "shipmentMethods": ("code",),
    "currencies": ("code",),
    "currencyExchangeRates": ("currencyCode", "startingDate"),
    "taxGroups": ("code",),
    "taxAreas": ("code",),
    "locations": ("code",),
    "customerFinancialDetails": ("number",),
    "agedAccountsReceivables": ("customerNumber",),
    "opportunities": ("number",),
    "subscriptions": (),
}

TABLES: Final = (
    *(
        TableSpec(
            name,
            key={"agedAccountsReceivables": "customerId", "subscriptions": "subscriptionId"}.get(
                name, "id"
            ),
            indexes=indexes,
        )
        for name, indexes in _INDEXES.items()
    ),
    TableSpec(LEDGER, indexes=("customerId", "documentId", "open")),
    TableSpec(HOUSEKEEPING),
)


def stamp(moment: datetime) -> str:
    """An instant as it is kept: UTC, always three digits behind the second."""
    moment = moment.astimezone(UTC)
    return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def guid(*parts: object) -> str:
    """A GUID that follows from what it stands for, so that each run gives the same."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in parts)))


def etag(row: Mapping[str, Any]) -> str:
    """The ETag of a record as it stands."""
    text = f"19;{row['_key']};1{row['_version']:02d};"
    return f'W/"{base64.b64encode(text.encode()).decode()}"'


def blank(prop: Property) -> Any:
    """What a property holds that was never given."""
    blanks: dict[str, Any] = {
        "guid": NO_GUID, "string": "", "date": NO_DATE, "datetime": NO_INSTANT, "decimal": "0",
        "integer": 0, "long": 0, "boolean": False,
    }  # fmt: skip
    return prop.values[0] if prop.kind == "enum" else blanks[prop.kind]


@cache
def _nothing(set_name: str) -> Row:
    return {name: blank(prop) for name, prop in entity(set_name).properties.items()}


def complete(type_: EntityType, values: Mapping[str, Any]) -> Row:
    """A record with all its properties, in their order."""
    known = type_.properties
    given = {n: value for n, value in values.items() if n in known or n.startswith("_")}
    return {**_nothing(type_.set), **given}


def taken(type_: EntityType, given: Mapping[str, Any]) -> Row:
    """What a caller gave, as it is kept; annotations and nested records are left aside.

    Raises:
        Problem: A number is out of range, or a date is no day of the calendar.
    """
    return {
        name: _kept(type_.properties[name], value)
        for name, value in given.items()
        if name in type_.properties
    }


def _kept(prop: Property, value: Any) -> Any:
    if prop.kind == "decimal":
        return plain(number(value, prop.name))
    if prop.kind in ("integer", "long"):
        return int(value)
    if prop.kind == "guid":
        return str(value).lower()
    if prop.kind == "enum":
        return encoded(str(value))
    try:
        if prop.kind == "date":
            return date.fromisoformat(value).isoformat()
        if prop.kind == "datetime":
            return stamp(datetime.fromisoformat(str(value).upper()))
    except (ValueError, OverflowError) as error:
        raise bad_request(f"Unable to convert the value of '{prop.name}' to a date") from error
    return value


def number(value: Any, name: str) -> Decimal:
    """A number of the wire, digit for digit, with at most five places.

    Raises:
        Problem: It is out of range.
    """
    try:
        found = Decimal(str(value))
        if abs(found) < _MOST:
            return rounded(found, _PLACES)
    except InvalidOperation:
        pass
    raise bad_request(f"The value of '{name}' is out of range")


@final
class Records:
    """The records of one world.

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.today: str = world.today.isoformat()
        self.now: str = stamp(world.now)

    @property
    def company(self) -> Row:
        """The company's settings: currency, rounding."""
        found = self.world.table("company").get("company")
        if found is None:
            raise LookupError("the world has no company")
        return found

    def places(self, currency: str) -> int:
        """Decimal places of a currency."""
        return minor_units(currency or self.company["currency"])

    def table(self, name: str) -> Table:
        """A table."""
        return self.world.table(name)

    # Reading

    def get(self, set_name: str, key: str) -> Row | None:
        """A record, or None."""
        return None if key == NO_GUID else self.world.table(set_name).get(key)

    def first(self, set_name: str, where: Where) -> Row | None:
        """The first record that meets a condition, or None."""
        return self.world.table(set_name).first(where)

    def find(self, set_name: str, where: Where | None = None, order: str = "") -> list[Row]:
        """The records that meet a condition."""
        return self.world.table(set_name).find(where, order or ())

    def by_code(self, set_name: str, code: str) -> Row | None:
        """The record with a code, or None."""
        return self.first(set_name, {"code": code}) if code else None

    # Writing

    def new_id(self, set_name: str) -> str:
        """The id of a record that is made now."""
        return guid(set_name, "made", self.world.sequence(f"{set_name}.made"))

    def next_number(self, series: str, prefix: str, first: int, set_name: str = "") -> str:
        """The next number of a series that no record of a set has."""
        while True:
            found = self.world.sequence(series, prefix, first)
            if not set_name or self.first(set_name, {"number": found}) is None:
                return found

    def insert(self, set_name: str, values: Mapping[str, Any]) -> Row:
        """Keep a new record; it gets an id unless it has one."""
        type_ = entity(set_name)
        row = complete(type_, values)
        if row[type_.key] == NO_GUID or not row[type_.key]:
            row[type_.key] = self.new_id(set_name)
        row["_key"] = str(row[type_.key])[:8]
        row["_version"] = 1
        if "lastModifiedDateTime" in row:
            row["lastModifiedDateTime"] = self.now
        self.world.table(set_name).insert(row)
        return row

    def replace(self, set_name: str, row: Row) -> Row:
        """Keep a new version of a record."""
        row["_version"] += 1
        row.pop("_quiet", None)
        if "lastModifiedDateTime" in row:
            row["lastModifiedDateTime"] = self.now
        self.world.table(set_name).replace(row)
        return row

    def delete(self, set_name: str, row: Row) -> None:
        """Remove a record."""
        self.world.table(set_name).delete(row[entity(set_name).key])
