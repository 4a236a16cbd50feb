"""The records of one company: read, referred to, written with their versions, and told of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, Literal, TypeAlias, final

from crossdock_mocks.dialects.quickbooks.entities import ENTITIES, Entity
from crossdock_mocks.dialects.quickbooks.refusals import missing, not_found, refused
from crossdock_mocks.dialects.quickbooks.wire import Row, present, stamp
from crossdock_mocks.engine import Table, TableSpec, World

Operation: TypeAlias = Literal["Create", "Update", "Delete", "Void", "Emailed"]

EVENTS: Final = TableSpec("qbo_events")
DELETED: Final = TableSpec("qbo_deleted", indexes=("entity",))
REQUESTS: Final = TableSpec("qbo_requests", key="key")
SETTINGS: Final = TableSpec("qbo_settings", key="name")

_TRANSACTIONS: Final = "qbo_transactions"
_REFERENCES: Final = {
    "CustomerRef": "Customer",
    "ItemRef": "Item",
    "SalesTermRef": "Term",
    "DepartmentRef": "Department",
    "ClassRef": "Class",
    "PaymentMethodRef": "PaymentMethod",
    "TaxCodeRef": "TaxCode",
    "DefaultTaxCodeRef": "TaxCode",
    "SalesTaxCodeRef": "TaxCode",
    "PurchaseTaxCodeRef": "TaxCode",
    "TaxRateRef": "TaxRate",
    "AgencyRef": "TaxAgency",
    "IncomeAccountRef": "Account",
    "ExpenseAccountRef": "Account",
    "AssetAccountRef": "Account",
    "DepositToAccountRef": "Account",
    "ARAccountRef": "Account",
    "DiscountAccountRef": "Account",
    "ItemAccountRef": "Account",
}


@final
class Ledger:
    """The records of one world.

    Writing gives an id, a SyncToken, instants, and an event that webhooks tell of.

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def today(self) -> date:
        """The day by the world's clock."""
        return self.world.today

    def table(self, entity: Entity) -> Table:
        """The rows of one kind."""
        return self.world.table(entity.table)

    def setting(self, name: str) -> Any:
        """A setting of this company that its API does not show."""
        row = self.world.table(SETTINGS.name).get(name)
        return None if row is None else row["value"]

    # Reading

    def find(self, entity: Entity, key: str) -> Row | None:
        """One row, or `None`."""
        return self.table(entity).get(key)

    def get(self, entity: Entity, key: str) -> Row:
        """One row.

        Raises:
            Problem: 400 with code 610, there is none of this id; 2030, this is no id.
        """
        if not key.isascii() or not key.isdecimal():
            raise refused(2030, f"Invalid ID : {key[:50]}", "Id")
        row = self.find(entity, key)
        if row is None:
            raise not_found(f"{entity.name} {key}")
        return row

    def current(self, entity: Entity, given: Mapping[str, Any]) -> Row:
        """The row that a body names by Id and SyncToken.

        Raises:
            Problem: 400 with code 2020, one of them is missing; 610; 5010, it has changed since.
        """
        if given.get("Id") is None:
            raise missing("Id")
        row = self.get(entity, given["Id"])
        if given.get("SyncToken") is None:
            raise missing("SyncToken")
        if given["SyncToken"] != row["SyncToken"]:
            raise refused(
                5010,
                "Stale Object Error : You and somebody else were working on this at the same "
                f"time. SyncToken {given['SyncToken']} is not the present one, so your work was "
                "not saved.",
            )
        return row

    def refer(self, entity: Entity, reference: Mapping[str, Any], element: str) -> Row:
        """The active row that a reference names.

        Raises:
            Problem: 400 with code 2500, there is none; 610, it is inactive.
        """
        row = self.find(entity, str(reference.get("value", "")))
        if row is None:
            raise refused(
                2500,
                f"Invalid Reference Id : {element} {reference.get('value')!r} names no "
                f"{entity.name}",
                element,
            )
        if row.get("Active") is False:
            raise not_found(f"{element} {row['Id']}")
        return row

    def named(self, given: Row, *skip: str) -> Row:
        """The same fields, references checked and with the names of what they refer to."""
        told = dict(given)
        for name, value in given.items():
            kind = _REFERENCES.get(name)
            if kind is not None and value is not None and name not in skip:
                told[name] = reference_to(ENTITIES[kind], self.refer(ENTITIES[kind], value, name))
        return told

    # Writing

    def create(self, entity: Entity, row: Row) -> Row:
        """Add a row; gives it as it stands."""
        if entity.numbering:
            key = self.world.sequence(_TRANSACTIONS)
        else:
            key = self.world.sequence(entity.table)
        at = stamp(self.world.now)
        made = headed(present(row), key, at)
        self.table(entity).insert(made)
        self.tell(entity, key, "Create")
        return made

    def save(self, entity: Entity, row: Row, operation: Operation = "Update") -> Row:
        """Put a new version in the place of a row; gives it as it stands."""
        made = {**present(row), "SyncToken": str(int(row["SyncToken"]) + 1)}
        self._touched(entity, made)
        self.tell(entity, made["Id"], operation)
        return made

    def derive(self, entity: Entity, row: Row) -> None:
        """Keep figures of a row that follow from others: a new instant, and no new version."""
        self._touched(entity, present(row))

    def _touched(self, entity: Entity, row: Row) -> None:
        row["MetaData"] = {**row["MetaData"], "LastUpdatedTime": stamp(self.world.now)}
        self.table(entity).replace(row)

    def delete(self, entity: Entity, row: Row) -> None:
        """Remove a row; the change feed goes on telling that it was there."""
        key = row["Id"]
        self.table(entity).delete(key)
        self.world.table(DELETED.name).insert(
            {
                "id": f"{entity.name}/{key}",
                "entity": entity.name,
                "Id": key,
                "at": stamp(self.world.now),
            }
        )
        self.tell(entity, key, "Delete")

    def tell(self, entity: Entity, key: str, operation: Operation) -> None:
        """Note what happened, for whoever listens."""
        self.world.table(EVENTS.name).insert(
            {
                "id": self.world.sequence(EVENTS.name),
                "entity": entity.name,
                "entity_id": key,
                "operation": operation,
                "at": self.world.now,
            }
        )


def headed(row: Row, key: str, at: str, token: int = 0) -> Row:
    """A row with what each record has: id, version, instants."""
    return {
        **row,
        "Id": key,
        "SyncToken": str(token),
        "domain": "QBO",
        "sparse": False,
        "MetaData": {"CreateTime": at, "LastUpdatedTime": at},
    }


def reference_to(entity: Entity, row: Mapping[str, Any]) -> Row:
    """A reference to a row: its id and its name."""
    naming = "FullyQualifiedName" if entity.name == "Account" else entity.naming
    return {"value": row["Id"], "name": row[naming]}


def reserve(world: World, entity: Entity, ids: Iterable[str]) -> None:
    """Let ids go on above those of seeded rows."""
    most = max((int(each) for each in ids), default=0)
    if most:
        world.reserve(_TRANSACTIONS if entity.numbering else entity.table, most)
