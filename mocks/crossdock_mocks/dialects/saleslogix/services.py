"""Service operations: prices, availability and totals from the back office.

As Infor's mobile client calls them: the options of a request are JSON in a text, and so is the
result (`src/Integrations/BOE/PricingAvailabilityService.js`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from crossdock_mocks.dialects.saleslogix.back_office import ask
from crossdock_mocks.dialects.saleslogix.rules.documents import ORDER, QUOTE, Kind
from crossdock_mocks.sdata import KEY, Records, Row, Service, refused
from crossdock_mocks.sdata.values import rounded

PRICING: Final = "requestPricingAvailability"
VALIDATING: Final = "validateOrderTotal"
WAREHOUSE: Final = "UpdateLineItemWithWarehouse"

_NAMES: Final = {
    ORDER: ("OrderTotal", "OrderLineTotal", "AvailableToPromise"),
    QUOTE: ("QuoteOrderTotal", "QuoteOrderLineTotal", "QuoteAvailableToPromise"),
}
_OPTIONS: Final = {
    "type": "object", "required": ["options"],
    "properties": {"options": {"type": "string", "description": "The options, as JSON."}},
}  # fmt: skip
_RESULT: Final = {
    "type": "object", "required": ["Result"],
    "properties": {"Result": {"type": "string", "description": "The result, as JSON."}},
}  # fmt: skip


def _options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a request.

    Raises:
        Refused: They are no JSON object.
    """
    try:
        found = orjson.loads(given["options"])
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise refused("The options are a JSON object, written in a text.", path="request/options")
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _head(records: Records, kind: Kind, key: Any) -> Row:
    return records.require(kind.heads, _text(key) or "(none)")


def _shared(records: Records, kind: Kind, head: Row) -> dict[str, Any]:
    """What a back office has to know of a document; it must not ask back while it is asked."""
    account = records.get("accounts", head["Account"]) or {}
    return {
        "document": {
            "$key": head[KEY], "Number": head[kind.number], "ErpExtId": head["ErpExtId"],
            "ErpLogicalId": head["ErpLogicalId"], "CurrencyCode": head["CurrencyCode"],
            "OrderDate": head[kind.dated],
        },
        "account": {
            "$key": account.get(KEY), "AccountName": account.get("AccountName"),
            "ErpExtId": account.get("ErpExtId"),
        },
    }  # fmt: skip


def _item(records: Records, row: Row) -> dict[str, Any]:
    """A line as a back office is told of it."""
    unit = records.get("unitsOfMeasure", row["UnitOfMeasure"])
    place = records.get("slxLocations", row["SlxLocation"])
    return {
        "$key": row[KEY], "ProductKey": row["Product"], "ActualID": row["ActualID"],
        "Quantity": row["Quantity"], "Price": row["Price"], "Discount": row["Discount"],
        "UnitOfMeasure": unit and unit["Name"], "Warehouse": place and place["ErpExtId"],
    }  # fmt: skip


def _product(records: Records, key: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """A product that is on no line yet, as a back office is told of it."""
    product = records.require("products", key)
    unit = records.get("unitsOfMeasure", _text(options.get("unitOfMeasureId")) or None)
    place = records.get("slxLocations", _text(options.get("slxLocationId")) or None)
    return {
        "$key": None, "ProductKey": product[KEY], "ActualID": product["ActualId"],
        "Quantity": options.get("quantity") or 1, "Price": product["Price"], "Discount": 0.0,
        "UnitOfMeasure": unit["Name"] if unit else product["Unit"],
        "Warehouse": place and place["ErpExtId"],
    }  # fmt: skip


def _keys(given: Any) -> list[str]:
    """Keys as the client writes them: one, or several with commas between them, or a list."""
    if isinstance(given, list):
        return [str(each) for each in given if each]
    return [each.strip() for each in _text(given).split(",") if each.strip()]


def _pricing(kind: Kind) -> Callable[[Records, Mapping[str, Any]], Mapping[str, Any]]:
    whole, of_line, promised = _NAMES[kind]

    def run(records: Records, given: Mapping[str, Any]) -> Mapping[str, Any]:
        options = _options(given)
        name = options.get("serviceName")
        if name not in (whole, of_line, promised):
            raise refused(
                f"The serviceName is {whole}, {of_line} or {promised}, not '{name}'.",
                path="request/options",
            )
        head = _head(records, kind, options.get("entityId"))
        keys = _keys(options.get("childEntityIds"))
        if name == whole:
            rows = records.related(kind.lines, kind.link, head[KEY])
            items = [_item(records, each) for each in rows]
        elif not keys:
            raise refused("childEntityIds names what is asked for.", path="request/options")
        elif options.get("childEntityName") == "Product":
            items = [_product(records, each, options) for each in keys]
        else:
            items = [_line(records, kind, head, each, options) for each in keys]
        asked = {**options, **_shared(records, kind, head), "items": items}
        result = ask(records.world, PRICING, asked)
        if name == whole:
            _keep_totals(records, kind, head, result)
        return {"Result": orjson.dumps(dict(result)).decode()}

    return run


def _line(
    records: Records, kind: Kind, head: Row, key: str, options: Mapping[str, Any]
) -> dict[str, Any]:
    row = records.require(kind.lines, key)
    if row[kind.link] != head[KEY]:
        raise refused(f"Line '{key}' belongs to another document.", path="request/options")
    item = _item(records, row)
    if options.get("quantity"):
        item["Quantity"] = options["quantity"]
    return item


def _keep_totals(records: Records, kind: Kind, head: Row, result: Mapping[str, Any]) -> None:
    """Keep the totals that the back office gave: they hold until a line changes."""
    children = result.get("Children")
    given = children[0].get("Properties", {}) if isinstance(children, list) and children else {}
    names = (kind.total, f"Doc{kind.total}", "GrandTotal", "DocGrandTotal")
    found = {}
    for name in names:
        try:
            found[name] = rounded(float(given[name]))
        except (KeyError, TypeError, ValueError):
            continue  # not among what came, or no number
    if found:
        head.update(found)
        head["SyncStatus"] = "Priced"
        records.keep(kind.heads, head)


def _validating(kind: Kind) -> Callable[[Records, Mapping[str, Any]], Mapping[str, Any]]:
    member = f"{kind.link}Id"

    def run(records: Records, given: Mapping[str, Any]) -> Mapping[str, Any]:
        head = _head(records, kind, given.get(member))
        rows = records.related(kind.lines, kind.link, head[KEY])
        if not rows:
            raise refused(f"{head[kind.number]} has no lines.", path=member)
        options = {
            "entityName": kind.link, "entityId": head[KEY], **_shared(records, kind, head),
            "items": [_item(records, each) for each in rows],
        }  # fmt: skip
        return {"Result": orjson.dumps(dict(ask(records.world, VALIDATING, options))).decode()}

    return run


def _warehouse(kind: Kind) -> Callable[[Records, Mapping[str, Any]], Mapping[str, Any]]:
    def run(records: Records, given: Mapping[str, Any]) -> Mapping[str, Any]:
        options = _options(given)
        row = records.require(kind.lines, _text(options.get("entityId")) or "(none)")
        place = records.get("slxLocations", _text(options.get("SlxLocationID")) or None)
        external = _text(options.get("SlxLocationExtID"))
        if place is None and external:
            place = records.world.table("sdata_slxLocations").first({"ErpExtId": external})
        if place is None:
            raise refused("The warehouse was not found.", path="request/options")
        payload: dict[str, Any] = {"SlxLocation": {"$key": place[KEY]}}
        if kind is ORDER and options.get("ATPDate"):
            payload["DatePromised"] = options["ATPDate"]
        records.update(kind.lines, row, payload)
        return {"Result": orjson.dumps({"Status": "Ok"}).decode()}

    return run


def _can_change_owner(records: Records, given: Mapping[str, Any]) -> Mapping[str, Any]:
    entity = given.get("entity")
    key = entity.get("$key") if isinstance(entity, dict) else None
    records.require("accounts", _text(key) or "(none)")
    return {"Result": True}


def _complete(records: Records, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Turn an activity into history."""
    entity = given.get("entity")
    key = given.get("ActivityId") or (entity.get("$key") if isinstance(entity, dict) else None)
    row = records.require("activities", _text(key) or "(none)")
    taken = {name: row[name] for name in _KEPT_OF_ACTIVITY if row[name] is not None}
    made = records.create(
        "history",
        {
            **taken, "OriginalDate": row["StartDate"], "Result": given.get("result"),
            "CompletedDate": given.get("completeDate"), "CompletedUser": given.get("userId"),
        },
    )  # fmt: skip
    records.delete("activities", row)
    return {"Result": made[KEY]}


_KEPT_OF_ACTIVITY: Final = (
    "Type", "StartDate", "AccountId", "ContactId", "OpportunityId", "LeadId", "TicketId",
    "Description", "Category", "Priority", "LongNotes", "Notes", "Duration", "Timeless", "UserId",
    "PhoneNumber", "CrossdockKey", "CrossdockData", "CrossdockNote",
)  # fmt: skip


def _of(kind: Kind, word: str) -> tuple[Service, ...]:
    return (
        Service(
            PRICING, kind.heads, _pricing(kind), f"request{word}Pricing",
            f"Ask the back office for prices or availability of one of {kind.heads}",
            _OPTIONS, _RESULT, "source",
        ),
        Service(
            VALIDATING, kind.heads, _validating(kind), f"validate{kind.link}Total",
            f"Have the back office check the total of one of {kind.heads}",
            {"type": "object", "required": [f"{kind.link}Id"],
             "properties": {f"{kind.link}Id": {"type": "string"}}},
            _RESULT, "source",
        ),
        Service(
            WAREHOUSE, kind.heads, _warehouse(kind), f"update{word}ItemWarehouse",
            f"Say from which warehouse a line of one of {kind.heads} comes",
            _OPTIONS, _RESULT, "source",
        ),
    )  # fmt: skip


SERVICES: Final = (
    *_of(ORDER, "Order"),
    *_of(QUOTE, "Quote"),
    Service(
        "CanChangeOwner", "accounts", _can_change_owner, "canChangeAccountOwner",
        "Ask whether the user may give an account to another owner",
        {"type": "object", "required": ["entity"], "properties": {"entity": {"type": "object"}}},
        {"type": "object", "required": ["Result"], "properties": {"Result": {"type": "boolean"}}},
        "client",
    ),
    Service(
        "Complete", "activities", _complete, "completeActivity",
        "Complete an activity: it becomes history",
        {"type": "object", "properties": {
            "entity": {"type": "object"}, "ActivityId": {"type": "string"},
            "userId": {"type": ["string", "null"]}, "result": {"type": ["string", "null"]},
            "completeDate": {"type": ["string", "null"]}}},
        {"type": "object", "required": ["Result"], "properties": {"Result": {"type": "string"}}},
        "source",
    ),
)  # fmt: skip
