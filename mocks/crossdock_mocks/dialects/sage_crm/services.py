"""Converting a quote into an order, as the vendor's screens do; that it can be asked is a guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.dialects.sage_crm.rules.common import taken
from crossdock_mocks.dialects.sage_crm.rules.documents import ORDER, QUOTE
from crossdock_mocks.sdata import KEY, Service, refused
from crossdock_mocks.sdata.model import Row
from crossdock_mocks.sdata.records import Records

_HEAD: Final = (
    "description", "opportunityid", "companyid", "personid", "assigneduserid", "accountid",
    "currency", "discountpc", "freight", "billaddress", "shipaddress", "cdpricingstatus",
    "cdpricedat", "cdpricesource", "cdchecks", "cdnet", "cdtax", "cdgross",
)  # fmt: skip
_LINE: Final = (
    "linenumber", "linetype", "productid", "uomid", "description", "quantity", "listprice",
    "quotedprice", "cdunit", "cdunitprice", "cdlistprice", "cddiscountpc", "cdnet", "cdpromisedon",
)  # fmt: skip
_REFUSED: Final = frozenset({"Declined", "Expired"})


def convert_to_order(records: Records, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make the order of a quote, once: asked again it is the same one.

    Raises:
        Refused: 400, no quote is named; 404, there is none such; 409, it was declined or has
            expired, or has no lines.
    """
    entity = request.get("entity")
    if not isinstance(entity, Mapping) or entity.get("$key") in (None, ""):
        raise refused("Name the quote.", path="request/entity/$key")
    quote = records.require("quotes", entity["$key"])
    made = records.get("orders", quote["quot_cdorderid"])
    order = made if made is not None else _make(records, quote)
    return {"Result": True, "orderId": order[KEY], "reference": order["orde_reference"]}


def _make(records: Records, quote: Row) -> Row:
    lines = QUOTE.items(records, quote[KEY])
    if quote["quot_status"] in _REFUSED:
        raise taken(
            f"Quote '{quote['quot_reference']}' is {quote['quot_status'].lower()}.", "quot_status"
        )
    if not lines:
        raise taken(f"Quote '{quote['quot_reference']}' has no lines.", "QuoteItems")
    values = {f"orde_{name}": quote[f"quot_{name}"] for name in _HEAD}
    items = [
        {
            **{f"orit_{name}": line[f"quit_{name}"] for name in _LINE},
            "orit_cdquoteline": line["quit_linenumber"],
        }
        for line in lines
    ]
    payload = {**values, "orde_quoteid": quote[KEY], "OrderItems": {"$resources": items}}
    order = records.create(ORDER.head, payload)
    head = records.require("quotes", quote[KEY])
    records.keep("quotes", {**head, "quot_status": "Converted", "quot_cdorderid": order[KEY]})
    return order


CONVERT: Final = Service(
    name="ConvertToOrder",
    resource="quotes",
    run=convert_to_order,
    operation="convertQuoteToOrder",
    summary="Make the order of a quote, once",
    request={
        "type": "object",
        "required": ["entity"],
        "properties": {
            "entity": {
                "type": "object",
                "required": ["$key"],
                "properties": {"$key": {"type": ["integer", "string"]}},
            }
        },
    },
    response={
        "type": "object",
        "required": ["Result", "orderId", "reference"],
        "properties": {
            "Result": {"type": "boolean"},
            "orderId": {"type": "integer"},
            "reference": {"type": "string"},
        },
    },
)
