"""Opportunities, quotes, and the orders that came of them, with how far those have come."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from crossdock_mocks.dialects.sage_crm.rules.totals import line_sums, opportunity_sums, totals
from crossdock_mocks.dialects.sage_crm.seeding import shapes
from crossdock_mocks.dialects.sage_crm.seeding.filling import Filling
from crossdock_mocks.frontoffice.lines import complete, summed
from crossdock_mocks.frontoffice.orders import new_line
from crossdock_mocks.frontoffice.seeding import ERP, Source
from crossdock_mocks.frontoffice.shipped import Fulfilment, fulfilments
from crossdock_mocks.sdata.model import KEY, Row
from crossdock_mocks.sdata.values import stored

_STATUS = {"won": "Won", "lost": "Lost"}
_FIRST_ORDER = 1001


def put_sales(to: Filling, source: Source) -> None:
    """Put down opportunities, quotes and orders."""
    stages = {row["id"]: row for row in source.rows("stages")}
    for row in source.rows("opportunities"):
        _opportunity(to, row, stages[row["stage_id"]])
    prices = {row["id"]: row["list_price"] for row in source.rows("items")}
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in source.rows("quote_lines"):
        given = {
            name: format(value, "f") if isinstance(value, Decimal) else value
            for name, value in row.items()
        }
        lines[row["quote_id"]].append({**given, "item_code": row["item_id"]})
    heads = list(source.rows("quotes"))
    wanted = {row["order_id"] for row in heads if row["status"] == "ordered"} - {None}
    known = fulfilments(source.rows, wanted)
    order_key = _FIRST_ORDER
    for row in heads:
        rows = complete(lines[row["id"]], row["currency"])
        key = to.number("quotes", row["id"])
        made: int | None = None
        if row["status"] == "ordered":
            made = order_key
            order_key += 1
        _quote(to, key, row, rows, made, prices)
        if made is not None:
            erp = known.get(row["order_id"])
            _order(to, made, {**row, "lines": rows, "key": key}, erp, source, prices)
    quotes, orders = to.by("quotes", "quot_opportunityid"), to.by("orders", "orde_opportunityid")
    for deal in to.rows("opportunity"):
        opportunity_sums(
            deal,
            quotes.get(deal[KEY], []),
            orders.get(deal[KEY], []),
        )


def _opportunity(to: Filling, row: Row, stage: Row) -> None:
    key = to.number("opportunity", row["id"])
    closed = row["closed_at"] if stage["kind"] != "open" else None
    values = {
        "oppo_description": shapes.short(row["name"], 100),
        "oppo_primarycompanyid": to.key("company", row["account_id"]),
        "oppo_assigneduserid": to.key("users", row["owner_id"]),
        "oppo_stage": stage["name"], "oppo_status": _STATUS.get(stage["kind"], "In Progress"),
        "oppo_forecast": shapes.number(row["amount"], 2),
        "oppo_currency": to.currency(row["currency"]),
        "oppo_certainty": int((stage["probability"] or Decimal(0)) * 100),
        "oppo_opened": _at(row["created_at"]), "oppo_closed": _at(closed),
        "oppo_targetclose": _at(row["close_on"]),
        "oppo_cdcontractstartson": _at(row["contract_starts_on"]),
    }  # fmt: skip
    to.name("opportunity", row["id"], to.add("opportunity", key, values, row["created_at"]))


def _head(to: Filling, row: Row, prefix: str) -> Row:
    company = to.key("company", row["account_id"])
    account = to.find("company", company)
    values = {
        "companyid": company, "personid": to.key("person", row["contact_id"]),
        "opportunityid": to.key("opportunity", row["opportunity_id"]),
        "assigneduserid": to.key("users", row["owner_id"]),
        "accountid": account and account["comp_primaryaccountid"],
        "currency": to.currency(row["currency"]), "status": "Active",
    }  # fmt: skip
    return {f"{prefix}_{name}": value for name, value in values.items()}


def _quote(
    to: Filling, key: int, row: Row, lines: list[Row], order: int | None, prices: dict[str, Any]
) -> None:
    values = {
        **_head(to, row, "quot"),
        "quot_reference": row["id"], "quot_status": shapes.quote_status(row),
        "quot_opened": _at(row["created_at"]), "quot_expirationdate": _at(row["valid_until"]),
        "quot_cdorderid": order,
    }  # fmt: skip
    to.name("quotes", row["id"], to.add("quotes", key, values, row["created_at"]))
    made = [_line(to, "quoteitems", "quit", key, line, prices, row["created_at"]) for line in lines]
    totals("quot", "quit", to.find("quotes", key) or {}, made)


def _order(
    to: Filling, key: int, quote: Row, erp: Fulfilment | None, source: Source,
    prices: dict[str, Any],
) -> None:  # fmt: skip
    placed = quote["created_at"]
    lines = [new_line(line, {**quote, "id": quote["key"]}) for line in quote["lines"]]
    rounding = "line"
    if erp is not None:
        placed = datetime.fromisoformat(erp.placed_at)
        lines = [erp.follow(line, quote["currency"]) for line in lines]
        rounding = source.rounding
    sums = summed(lines, quote["currency"], rounding)
    status = "submitted" if erp is None else erp.status
    values = {
        **_head(to, quote, "orde"),
        "orde_reference": f"R-{key}", "orde_quoteid": quote["key"],
        "orde_opened": _at(placed), "orde_cdreference": f"Quote {quote['id']}",
        "orde_status": {"cancelled": "Cancelled", "invoiced": "Completed"}.get(status, "Active"),
        "orde_cdstatus": status, "orde_cderporder": erp and f"{ERP}:{erp.order_id}",
        "orde_cdrequestedon": erp and _at(erp.requested_on),
        "orde_cdpromisedon": erp and _at(erp.promised_on),
        "orde_cdpricingstatus": erp and "priced", "orde_cdpricedat": erp and _at(placed),
        "orde_cdpricesource": erp and ERP,
        "orde_cdnet": shapes.number(sums["net_total"], 2),
        "orde_cdtax": shapes.number(sums["tax_total"], 2),
        "orde_cdgross": shapes.number(sums["gross_total"], 2),
    }  # fmt: skip
    to.add("orders", key, values, placed)
    made = [_line(to, "orderitems", "orit", key, line, prices, placed) for line in lines]
    totals("orde", "orit", to.find("orders", key) or {}, made)


def _line(
    to: Filling, entity: str, prefix: str, head: int, line: Row, prices: dict[str, Any],
    at: datetime | None,
) -> Row:  # fmt: skip
    product = to.find("newproduct", to.key("newproduct", line["item_code"])) or {}
    values = {
        **shapes.line(line, prefix, prices.get(line["item_code"])),
        f"{prefix}_orderquoteid": head,
        f"{prefix}_productid": product.get(KEY),
        f"{prefix}_productfamilyid": product.get("prod_productfamilyid"),
        f"{prefix}_uomid": product.get("prod_uomid"),
        f"{prefix}_cdpromisedon": _at(line["promised_on"]),
    }
    if prefix == "orit":
        values |= {"orit_cdquoteline": line.get("quote_line"), **shapes.progress(line)}
        values["orit_cdlinestatus"] = line.get("status")
    key = to.add(entity, None, values, at)
    row = to.find(entity, key) or {}
    line_sums(prefix, row)
    return row


def _at(value: Any) -> str | None:
    """A day or an instant of a data set, or one in its written form, as rows hold it."""
    if value is None or value == "":
        return None
    return stored(datetime.fromisoformat(value) if isinstance(value, str) else value)
