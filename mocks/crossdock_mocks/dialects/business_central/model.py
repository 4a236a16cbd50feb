"""The entities of the service, as the OpenAPI document has them: for queries and CSDL alike."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, final

from attrs import frozen

from crossdock.specifications import specification
from crossdock_mocks.engine.document import load_plan

DOCUMENT: Final[Path] = specification("business-central.openapi.yaml")

Kind: TypeAlias = Literal[
    "guid", "string", "date", "datetime", "decimal", "integer", "long", "boolean", "enum"
]

_KEYS: Final = {"agedAccountsReceivable": "customerId", "subscription": "subscriptionId"}
_SETS: Final = {
    "company": "companies",
    "companyInformation": "companyInformation",
    "currency": "currencies",
    "itemCategory": "itemCategories",
    "unitOfMeasure": "unitsOfMeasure",
    "opportunity": "opportunities",
}
_OWNED: Final = {"customerPayments": "journalId"}
_NAMED_BY: Final = {
    "currency": "currencyId",
    "paymentTerm": "paymentTermsId",
    "shipmentMethod": "shipmentMethodId",
    "paymentMethod": "paymentMethodId",
    "customer": "customerId",
    "itemCategory": "itemCategoryId",
    "unitOfMeasure": "unitOfMeasureId",
    "item": "itemId",
    "location": "locationId",
    "customerPaymentJournal": "journalId",
    "customerFinancialDetail": "id",
    "agedAccountsReceivable": "id",
}


@frozen
class Property:
    """One property of an entity.

    Attributes:
        name: Its name.
        kind: What it holds.
        values: The values of an enumeration, as they are written.
        writable: Whether a caller may give it.
        enum: Name of its enumeration.
        longest: Most characters that a caller may give.
    """

    name: str
    kind: Kind
    values: tuple[str, ...] = ()
    writable: bool = False
    enum: str = ""
    longest: int | None = None


@frozen
class Navigation:
    """A way from one entity to another, or to several.

    Attributes:
        name: Its name.
        target: Name of the other entity.
        many: Whether it leads to several.
        own: Property of this entity whose value the others have.
        other: Property of the other entities that has it.
    """

    name: str
    target: str
    many: bool
    own: str
    other: str


@final
@frozen
class EntityType:
    """One kind of entity.

    Attributes:
        name: Its name, such as `salesOrder`.
        set: Name of its set, such as `salesOrders`, which is also the table that holds it.
        key: The property that identifies one.
        properties: By name, in their order.
        navigations: By name.
    """

    name: str
    set: str
    key: str
    properties: Mapping[str, Property]
    navigations: Mapping[str, Navigation]


@final
class Model:
    """All entities of the service.

    Args:
        schemas: The schemas of the answers, by name.
    """

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self.enums: dict[str, tuple[str, ...]] = {}
        self._schemas = schemas
        self.types: dict[str, EntityType] = {}
        for name, schema in schemas.items():
            if "@odata.etag" in schema.get("properties", {}):
                self.types[name] = self._type(name, schema)
        self.sets = {each.set: each for each in self.types.values()}

    def _type(self, name: str, schema: Mapping[str, Any]) -> EntityType:
        written = self._schemas.get(f"{name}Write", {}).get("properties", {})
        properties: dict[str, Property] = {}
        navigations: dict[str, Navigation] = {}
        for each, rule in schema["properties"].items():
            if each.startswith("@"):
                continue
            target = str(rule.get("$ref") or rule.get("items", {}).get("$ref") or "")
            target = target.rpartition("/")[2]
            values = tuple(self._schemas.get(target, {}).get("enum", ()))
            if target and not values:
                navigations[each] = _navigation(name, each, target, "items" in rule)
                continue
            if values:
                self.enums[target] = values
            properties[each] = Property(
                each, "enum" if values else _kind(rule), values, each in written,
                target if values else "", written.get(each, {}).get("maxLength"),
            )  # fmt: skip
        key = _KEYS.get(name, "id")
        return EntityType(name, _SETS.get(name, f"{name}s"), key, properties, navigations)


def _navigation(owner: str, name: str, target: str, many: bool) -> Navigation:
    if many:
        return Navigation(name, target, True, "id", _OWNED.get(name, "documentId"))
    own = _NAMED_BY.get(name, "documentId")
    if owner == "item" and name == "unitOfMeasure":
        own = "baseUnitOfMeasureId"
    if owner == "customerFinancialDetail":
        own = "id"
    return Navigation(name, target, False, own, _KEYS.get(target, "id"))


def _kind(rule: Mapping[str, Any]) -> Kind:
    kinds: dict[tuple[str, str], Kind] = {
        ("string", "uuid"): "guid",
        ("string", "date"): "date",
        ("string", "date-time"): "datetime",
        ("integer", "int32"): "integer",
        ("integer", "int64"): "long",
        ("number", ""): "decimal",
        ("boolean", ""): "boolean",
    }
    return kinds.get((str(rule.get("type")), str(rule.get("format", ""))), "string")


@cache
def model() -> Model:
    """The entities of the document."""
    return Model(load_plan(DOCUMENT)["resources"]["response"]["components"]["schemas"])


def entity(set_name: str) -> EntityType:
    """The entity of a set.

    Raises:
        KeyError: There is no such set.
    """
    return model().sets[set_name]
