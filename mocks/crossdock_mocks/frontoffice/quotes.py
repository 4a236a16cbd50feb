"""Quotes: drafted, priced, sent, decided; ordered at most once (see `orders`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crossdock_mocks.engine import Violation
from crossdock_mocks.frontoffice import lines as quote_lines
from crossdock_mocks.frontoffice.instants import kept, parsed
from crossdock_mocks.frontoffice.office import Office, Row
from crossdock_mocks.frontoffice.opportunities import sum_up
from crossdock_mocks.frontoffice.parties import address
from crossdock_mocks.frontoffice.refusals import conflict, invalid, wrong
from crossdock_mocks.frontoffice.resources import QUOTE

_NEXT: Final[Mapping[str, frozenset[str]]] = {
    "draft": frozenset({"sent", "accepted", "declined"}),
    "sent": frozenset({"draft", "accepted", "declined"}),
    "accepted": frozenset({"draft", "declined"}),
    "declined": frozenset({"draft"}),
}


def create_quote(office: Office, values: Mapping[str, Any]) -> Row:
    """Draft a quote; its currency is the account's unless given.

    Raises:
        Problem: 422.
    """
    given = dict(values)
    given["currency"] = _currency(office, values)
    check_belonging(office, given)
    given["lines"] = quote_lines.complete(values.get("lines", ()), given["currency"])
    given.update(quote_lines.totals(values, given["lines"], given["currency"]))
    given.update(priced_when(office, values))
    if values.get("ship_to") is not None:
        given["ship_to"] = address(values["ship_to"])
    given["checks"] = checks(values.get("checks", ()))
    row = office.create(QUOTE, given)
    sum_up(office, row["opportunity_id"])
    return row


def change_quote(office: Office, row: Row, values: Mapping[str, Any]) -> Row:
    """Change a quote; lines given replace all lines.

    Raises:
        Problem: 409 `quote_ordered`, `illegal_transition`; 422.
    """
    refuse_ordered(row)
    given = dict(values)
    _check_status(row, values)
    currency = values.get("currency", row["currency"])
    if currency != row["currency"] and row["lines"] and "lines" not in values:
        raise wrong(
            "/lines", f"are needed: those there are have amounts in {row['currency']}", currency
        )
    check_belonging(office, {**row, **values})
    if "lines" in values:
        given["lines"] = quote_lines.complete(values["lines"], currency)
        if "pricing_status" not in values:
            given.update(pricing_status="unpriced", priced_at=None, price_source=None)
            given.setdefault("checks", [])
    if "lines" in values or any(field in values for field in quote_lines.TOTALS):
        given.update(
            quote_lines.totals(
                values, given["lines"] if "lines" in given else row["lines"], currency
            )
        )
    given.update(priced_when(office, values))
    if values.get("ship_to") is not None:
        given["ship_to"] = address(values["ship_to"])
    if "checks" in given:
        given["checks"] = checks(given["checks"])
    changed = office.change(QUOTE, row, given)
    for opportunity_id in {row["opportunity_id"], changed["opportunity_id"]}:
        sum_up(office, opportunity_id)
    return changed


def refuse_ordered(row: Row) -> None:
    """An ordered quote is what the customer agreed to; it is not edited any more.

    Raises:
        Problem: 409 `quote_ordered`.
    """
    if row["status"] == "ordered":
        raise conflict(
            "quote_ordered",
            f"The quote {row['id']} became the order {row['order_id']} and cannot be changed.",
        )


def check_belonging(office: Office, values: Mapping[str, Any]) -> None:
    """Check that opportunity and contact are those of the account.

    Raises:
        Problem: 422.
    """
    account_id = values["account_id"]
    office.refer("account", account_id, "/account_id")
    faults = []
    for entity in ("opportunity", "contact"):
        field = f"{entity}_id"
        key = values.get(field)
        if key is None:
            continue
        owner = office.refer(entity, key, f"/{field}")["account_id"]
        if owner != account_id:
            faults.append(
                Violation(
                    f"/{field}", f"belongs to account {owner}, not to {account_id}", None, key
                )
            )
    if faults:
        raise invalid(*faults)


def checks(given: Any) -> list[Row]:
    """Answers of checks with all their parts."""
    return [
        {part: each.get(part) for part in ("level", "code", "message", "field")} for each in given
    ]


def _currency(office: Office, values: Mapping[str, Any]) -> str:
    account = office.refer("account", values["account_id"], "/account_id")
    return str(values.get("currency") or account["currency"])


def priced_when(office: Office, values: Mapping[str, Any]) -> dict[str, Any]:
    """When a document was priced: as the caller says, or now if it only says that it was.

    Raises:
        Problem: 422, it is no instant.
    """
    if values.get("priced_at") is not None:
        # The pricing system says when, by a clock of its own that may be ahead of ours.
        return {"priced_at": kept(parsed(values["priced_at"], "/priced_at"))}
    if values.get("pricing_status") == "priced":
        return {"priced_at": kept(office.now)}
    return {}


def _check_status(row: Row, values: Mapping[str, Any]) -> None:
    wanted = values.get("status", row["status"])
    if wanted != row["status"] and wanted not in _NEXT[row["status"]]:
        raise conflict(
            "illegal_transition",
            f"A quote that is {row['status']} cannot become {wanted};"
            f" it can become {', '.join(sorted(_NEXT[row['status']]))}.",
            Violation("/status", f"cannot follow {row['status']}", None, wanted),
        )
