"""Quotes: the CRM's wire and our records, both ways."""

from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest
from attrs import evolve

from crossdock.errors import Conflict, RemoteRejectedData
from crossdock.records import (
    Check,
    Money,
    Quote,
    QuoteLine,
)

CREATED = datetime(2026, 1, 5, 8, tzinfo=UTC)
CHANGED = datetime(2026, 2, 1, 10, 30, tzinfo=UTC)


def eur(amount):
    return Money(amount, "EUR")


def test_a_quote_is_read_with_its_lines(crm_wire, crm_port, crm_rows):
    crm_wire.plays("getQuote", crm_rows.quote())
    assert crm_port.quote("Q-1") == Quote(
        id="Q-1",
        account_id="A-1001",
        currency="EUR",
        opportunity_id="O-1",
        owner_id="U-kim",
        valid_until=date(2026, 3, 1),
        lines=(
            QuoteLine(
                number=1,
                item_id="BRG-1001",
                quantity=Decimal(3),
                unit="pcs",
                description="Ball bearing",
                list_price=eur("12.5000"),
                unit_price=eur("11.0000"),
                discount_percent=Decimal(5),
                net=eur("31.35"),
                tax_rate=Decimal("0.20"),
                tax=eur("6.27"),
                price_rule="customer contract",
                price_source="Contract 2026",
                promised_on=date(2026, 2, 10),
            ),
        ),
        net=eur("31.35"),
        tax=eur("6.27"),
        gross=eur("37.62"),
        pricing_status="priced",
        priced_at=CHANGED,
        price_source="main",
        checks=(Check(level="warning", code="stock.short", message="Short"),),
        created_at=CREATED,
        modified_at=CHANGED,
        version="3",
    )


def test_amounts_that_are_not_known_stay_unknown(crm_wire, crm_port, crm_rows):
    line = crm_rows.quote_line(unit_price=None, net_amount=None, tax_amount=None, tax_rate=None)
    unknown = {"net_total": None, "tax_total": None, "gross_total": None}
    crm_wire.plays("getQuote", crm_rows.quote(lines=[line], **unknown))
    quote = crm_port.quote("Q-1")
    assert (quote.net, quote.tax, quote.gross) == (None, None, None)
    assert (quote.lines[0].unit_price, quote.lines[0].tax_rate) == (None, None)


def test_a_new_quote_is_created(crm_wire, crm_port, crm_rows, quote):
    crm_wire.plays("createQuote", httpx.Response(201, json=crm_rows.quote()))
    saved = crm_port.save_quote(evolve(quote, id="", version=None))
    assert saved.id == "Q-1"
    assert crm_wire.body("createQuote") == {
        "account_id": "A-1001",
        "opportunity_id": None,
        "contact_id": None,
        "owner_id": "U-kim",
        "status": "draft",
        "currency": "EUR",
        "valid_until": None,
        "trading_account": None,
        "lines": [
            {
                "line": 1,
                "item_code": "BRG-1001",
                "description": None,
                "unit": "pcs",
                "quantity": "3",
                "list_price": None,
                "unit_price": "11.0000",
                "discount_percent": "5",
                "net_amount": "31.35",
                "tax_rate": "0.2",
                "tax_amount": "6.27",
                "price_rule": None,
                "price_source": None,
                "promised_on": None,
            }
        ],
        "net_total": "31.35",
        "tax_total": "6.27",
        "gross_total": "37.62",
        "pricing_status": "priced",
        "priced_at": None,
        "price_source": None,
        "checks": [],
    }


def test_a_quote_that_was_read_is_written_back_as_it_was(crm_wire, crm_port, crm_rows):
    row = crm_rows.quote(trading_account="main:C-10001", contact_id="P-1")
    crm_wire.plays("getQuote", row)
    crm_wire.plays("changeQuote", row)
    crm_port.save_quote(crm_port.quote("Q-1"))
    sent = crm_wire.body("changeQuote")
    sent["lines"][0]["tax_rate"] = row["lines"][0]["tax_rate"]
    assert sent == {name: row[name] for name in sent}
    untouched = set(row) - set(sent)
    assert untouched == {
        "id",
        "requested_on",
        "customer_reference",
        "ship_to",
        "notes",
        "external_ids",
        "order_id",
        "created_at",
        "created_by",
        "updated_at",
        "updated_by",
    }


def test_totals_are_sent_all_or_none(crm_wire, crm_port, crm_rows, quote):
    crm_wire.plays("changeQuote", crm_rows.quote())
    crm_port.save_quote(evolve(quote, tax=None))
    sent = crm_wire.body("changeQuote")
    assert (sent["net_total"], sent["tax_total"], sent["gross_total"]) == (None, None, None)


def test_a_check_without_a_code_gets_one(crm_wire, crm_port, crm_rows, quote):
    crm_wire.plays("changeQuote", crm_rows.quote())
    crm_port.save_quote(evolve(quote, checks=(Check(level="info", message="Told"),)))
    assert crm_wire.body("changeQuote")["checks"] == [
        {"level": "info", "code": "check", "message": "Told", "field": None}
    ]


def test_ordered_is_never_written_as_a_status(crm_wire, crm_port, crm_rows, quote):
    crm_wire.plays("changeQuote", crm_rows.error(409, "quote_ordered"))
    with pytest.raises(Conflict):
        crm_port.save_quote(evolve(quote, status="ordered"))
    assert "status" not in crm_wire.body("changeQuote")


def test_a_quote_without_a_version_is_not_written_over_somebody_elses(crm_wire, crm_port, quote):
    with pytest.raises(RemoteRejectedData, match="Q-1 carries no version"):
        crm_port.save_quote(evolve(quote, version=None))
    assert crm_wire.asked == []


def test_a_line_in_another_currency_is_refused_before_anything_is_sent(crm_wire, crm_port, quote):
    line = evolve(quote.lines[0], unit_price=Money(9, "USD"))
    with pytest.raises(RemoteRejectedData, match=r"lines\.0\.unit_price: is in USD") as caught:
        crm_port.save_quote(evolve(quote, lines=(line,)))
    assert caught.value.fields[0].field == "lines.0.unit_price"
    assert crm_wire.asked == []


def test_a_stale_quote_is_a_conflict(crm_wire, crm_port, crm_rows, quote):
    crm_wire.plays("changeQuote", crm_rows.error(409, "stale_version", "Version 3 is stale."))
    with pytest.raises(Conflict, match="Version 3 is stale"):
        crm_port.save_quote(quote)
