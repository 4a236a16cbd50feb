"""Orders of the CRM: made once of a quote or entered directly, then kept up with the ERP."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from crossdock_mocks.engine import Violation
from crossdock_mocks.frontoffice import amounts
from crossdock_mocks.frontoffice import lines as order_lines
from crossdock_mocks.frontoffice.instants import kept
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.opportunities import sum_up
from crossdock_mocks.frontoffice.parties import address
from crossdock_mocks.frontoffice.quotes import check_belonging, checks, priced_when
from crossdock_mocks.frontoffice.refusals import conflict, invalid, wrong
from crossdock_mocks.frontoffice.resources import ORDER, QUOTE

QUANTITIES: Final = (
    "ordered_quantity",
    "reserved_quantity",
    "shipped_quantity",
    "invoiced_quantity",
    "cancelled_quantity",
    "returned_quantity",
    "backordered_quantity",
)
_BEFORE_THE_ERP: Final = frozenset({"submitted", "awaiting_approval", "possibly_created"})
_PRICES: Final = ("unit_price", "discount_percent", "net_amount", "tax_rate", "tax_amount")
_FROM_QUOTE: Final = (
    "account_id",
    "opportunity_id",
    "contact_id",
    "owner_id",
    "currency",
    "requested_on",
    "trading_account",
    "customer_reference",
    "ship_to",
    "notes",
    "net_total",
    "tax_total",
    "gross_total",
    "pricing_status",
    "priced_at",
    "price_source",
    "checks",
)


def order_quote(office: Office, quote_id: str, wanted: Mapping[str, Any]) -> tuple[Row, bool]:
    """Make the order of a quote, once; tells whether it was made by this call.

    Raises:
        Problem: 404; 409 `quote_declined`, `quote_expired`, `stale_version`,
            `duplicate_reference`; 422 `quote_without_lines`.
    """
    quote = office.read(QUOTE, quote_id)
    if quote["order_id"] is not None:
        return office.read(ORDER, quote["order_id"]), False
    office.expect(QUOTE, quote, wanted.get("version"))
    _refuse_to_order(office, quote)
    _refuse_taken_reference(office, quote["id"])
    values = {field: quote[field] for field in _FROM_QUOTE}
    for field in ("requested_on", "customer_reference"):
        if wanted.get(field) is not None:
            values[field] = wanted[field]
    row = office.create(
        ORDER,
        {
            **values,
            "reference": quote["id"],
            "quote_id": quote["id"],
            "placed_at": kept(office.now),
            "lines": [new_line(line, quote) for line in quote["lines"]],
        },
    )
    office.change(QUOTE, quote, {"status": "ordered", "order_id": row["id"]})
    sum_up(office, row["opportunity_id"])
    return row, True


def create_order(office: Office, values: Mapping[str, Any]) -> Row:
    """Enter an order without a quote, under the caller's own reference.

    Raises:
        Problem: 409 `duplicate_reference`; 422.
    """
    _refuse_taken_reference(office, values["reference"])
    account = office.refer("account", values["account_id"], "/account_id")
    currency = values.get("currency") or account["currency"]
    check_belonging(office, values)
    lines = order_lines.complete(values["lines"], currency)
    source = {"id": None, "opportunity_id": values.get("opportunity_id")}
    given = {
        **values,
        "currency": currency,
        **order_lines.totals(values, lines, currency),
        "lines": [new_line(line, source) for line in lines],
        "checks": checks(values.get("checks", ())),
        "placed_at": kept(office.now),
    }
    if values.get("ship_to") is not None:
        given["ship_to"] = address(values["ship_to"])
    given.update(priced_when(office, values))
    row = office.create(ORDER, given)
    sum_up(office, row["opportunity_id"])
    return row


def change_order(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Tell an order what the ERP made of it.

    Raises:
        Problem: 409 `erp_order_already_linked`, `erp_order_taken`, `illegal_transition`; 422.
    """
    given = dict(values)
    _check_link(office, row, values)
    repriced = False
    if "lines" in values:
        given["lines"] = _changed_lines(row, values["lines"])
        repriced = any(field in line for line in values["lines"] for field in _PRICES)
    totals = order_lines.given_totals(values, row["currency"])
    if totals is None and (repriced or any(field in values for field in order_lines.TOTALS)):
        given.update(
            order_lines.summed(
                given["lines"] if "lines" in given else row["lines"], row["currency"]
            )
        )
    elif totals is not None:
        given.update(totals)
    if "checks" in values:
        given["checks"] = checks(values["checks"])
    given.update(priced_when(office, values))
    _check_status(row, {**row, **given})
    changed = office.change(ORDER, row, given)
    sum_up(office, row["opportunity_id"])
    return changed


def new_line(line: Row, source: Mapping[str, Any]) -> Row:
    """A line of an order as it is placed, with the way that it came."""
    quote_id = source["id"]
    return {
        **line,
        "quote_id": quote_id,
        "quote_line": None if quote_id is None else line["line"],
        "opportunity_id": source["opportunity_id"],
        "erp_line": None,
        "status": "open",
        **dict.fromkeys(QUANTITIES, "0"),
        "ordered_quantity": line["quantity"],
    }


def _refuse_to_order(office: Office, quote: Row) -> None:
    if quote["status"] == "declined":
        raise conflict("quote_declined", f"The quote {quote['id']} was declined.")
    if quote["valid_until"] is not None and quote["valid_until"] < office.now.date().isoformat():
        raise conflict(
            "quote_expired",
            f"The quote {quote['id']} was valid until {quote['valid_until']}; extend it first.",
        )
    if not quote["lines"]:
        problem = wrong("/lines", "are none; a quote without lines cannot be ordered")
        problem.code = "quote_without_lines"
        raise problem


def _refuse_taken_reference(office: Office, reference: str) -> None:
    other = office.table(ORDER).first({"reference": reference})
    if other is not None:
        raise conflict(
            "duplicate_reference",
            f"The order {other['id']} has the reference {reference!r} already.",
            Violation("/reference", f"is that of order {other['id']}", None, reference),
        )


def _check_link(office: Office, row: Row, values: Mapping[str, Any]) -> None:
    link = {field: values.get(field, row[field]) for field in ("erp_system", "erp_order_id")}
    before = {field: row[field] for field in link}
    if link == before:
        return
    if row["status"] == "draft":
        raise conflict(
            "illegal_transition",
            f"The order {row['id']} is a draft; no ERP can have it before it is submitted.",
            Violation("/erp_order_id", "a draft has none", None, link["erp_order_id"]),
        )
    missing = [field for field, value in link.items() if value is None]
    if missing and row["erp_order_id"] is None:
        raise invalid(*(Violation(f"/{field}", "is needed beside the other") for field in missing))
    if row["erp_order_id"] is not None:
        raise conflict(
            "erp_order_already_linked",
            f"The order {row['id']} is {row['erp_system']} order {row['erp_order_id']};"
            " it cannot become another.",
            Violation("/erp_order_id", "is fixed", row["erp_order_id"], link["erp_order_id"]),
        )
    other = office.table(ORDER).first(link)
    if other is not None:
        raise conflict(
            "erp_order_taken",
            f"{link['erp_system']} order {link['erp_order_id']} is that of order {other['id']}.",
            Violation(
                "/erp_order_id", f"is that of order {other['id']}", None, link["erp_order_id"]
            ),
        )


def _check_status(row: Row, after: Row) -> None:
    before, wanted = row["status"], after["status"]
    if before == wanted:
        return
    shipped = any(Decimal(line["shipped_quantity"]) for line in after["lines"])
    reason = ""
    if before == "cancelled":
        reason = "it is cancelled"
    elif before == "draft" and wanted not in ("submitted", "cancelled"):
        reason = "a draft is submitted first"
    elif wanted in _BEFORE_THE_ERP and after["erp_order_id"] is not None:
        reason = f"{after['erp_system']} has it as {after['erp_order_id']}"
    elif wanted in ("cancelled", "rejected") and shipped:
        reason = "some of it was shipped"
    if reason:
        raise conflict(
            "illegal_transition",
            f"The order {row['id']} cannot become {wanted}: {reason}.",
            Violation("/status", f"cannot follow {before}: {reason}", None, wanted),
        )


def _changed_lines(row: Row, given: list[Mapping[str, Any]]) -> list[Row]:
    lines = {line["line"]: line for line in row["lines"]}
    faults: list[Violation] = []
    seen: set[int] = set()
    for position, change in enumerate(given):
        pointer, number = f"/lines/{position}", change["line"]
        if number not in lines and "item_code" in change and "ordered_quantity" in change:
            lines[number] = _added_line(row, change)
        elif number not in lines or number in seen:
            known = ", ".join(str(each) for each in lines)
            what = "is named twice" if number in seen else f"is not a line of {row['id']}"
            faults.append(Violation(f"{pointer}/line", what, f"one of {known}", number))
            continue
        elif "item_code" in change:
            what = f"is given, but line {number} is there already"
            faults.append(Violation(f"{pointer}/item_code", what, "left out", change["item_code"]))
            continue
        seen.add(number)
        changed = {**lines[number], **change}
        for field in ("unit_price", "net_amount", "tax_amount"):
            if changed[field] is not None:
                changed[field] = amounts.text(changed[field], row["currency"])
        faults += _contradictions(changed, pointer)
        lines[number] = changed
    if faults:
        raise invalid(*faults)
    return [lines[number] for number in sorted(lines)]


def _added_line(row: Row, change: Mapping[str, Any]) -> Row:
    """A line that was added in the ERP after the order was placed here."""
    source = {"id": row["quote_id"], "opportunity_id": row["opportunity_id"]}
    given = {
        "line": change["line"],
        "item_code": change["item_code"],
        "quantity": change["ordered_quantity"],
    }
    (line,) = order_lines.complete([given], row["currency"])
    return {**new_line(line, source), "quote_line": None}


def _contradictions(line: Row, pointer: str) -> list[Violation]:
    held = {field: Decimal(line[field]) for field in QUANTITIES}
    ordered, shipped = held["ordered_quantity"], held["shipped_quantity"]
    still_open = ordered - shipped - held["cancelled_quantity"]
    waiting = held["reserved_quantity"] + held["backordered_quantity"]
    faults = []
    if still_open < 0:
        faults.append(
            Violation(
                f"{pointer}/shipped_quantity",
                f"and cancelled_quantity come to more than the {ordered} ordered",
                f"at most {ordered}",
                format(ordered - still_open, "f"),
            )
        )
    elif waiting > still_open:
        faults.append(
            Violation(
                f"{pointer}/backordered_quantity",
                f"and reserved_quantity come to more than the {still_open} that are open",
                f"at most {still_open}",
                format(waiting, "f"),
            )
        )
    if held["returned_quantity"] > shipped:
        faults.append(
            Violation(
                f"{pointer}/returned_quantity",
                f"is more than the {shipped} shipped",
                f"at most {shipped}",
                line["returned_quantity"],
            )
        )
    return faults
