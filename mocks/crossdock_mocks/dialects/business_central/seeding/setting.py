"""What a seeding works with, and the setup that documents refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from crossdock_mocks.backoffice.decimals import plain
from crossdock_mocks.backoffice.kinds import RATES
from crossdock_mocks.dialects.business_central.model import entity
from crossdock_mocks.dialects.business_central.records import Records, Row, guid
from crossdock_mocks.engine import World


class Seeding:
    """One seeding, and what it has made so far.

    Attributes:
        records: The records of the world to fill.
        source: The books of the back office.
        company: The company's settings.
        customers: Those that were made, by their numbers.
        items: The same.
        entries: Ledger entries, by kind and number of their document.
        now: The instant of the world.
    """

    def __init__(self, world: World, source: World, company: Mapping[str, Any]) -> None:
        self.records = Records(world)
        self.source = source
        self.company = company
        self.customers: dict[str, Row] = {}
        self.items: dict[str, Row] = {}
        self.entries: dict[tuple[str, str], Row] = {}
        self.now = self.records.now

    def on(self, day: str) -> None:
        """What is made from here on was changed last on a day, at its noon."""
        self.records.now = min(f"{day}T12:00:00.000Z", self.now)

    def add(self, set_name: str, key: str, values: Mapping[str, Any]) -> Row:
        """Make a record whose id follows from a key; texts are cut off where they are too long."""
        properties = entity(set_name).properties
        cut = {
            name: value[: properties[name].longest]
            for name, value in values.items()
            if isinstance(value, str) and name in properties
        }
        return self.records.insert(set_name, {"id": guid(set_name, key), **values, **cut})


def setup(
    seeding: Seeding,
    customers: Iterable[Row],
    items: Iterable[Row],
    rates: Mapping[str, Row],
    stock: Mapping[str, Row],
) -> None:
    """What documents refer to: company, currencies, terms, units, categories, tax, journals."""
    company = seeding.company
    add = seeding.add
    add(
        "companies", str(company["name"]),
        # The name of a company has at most 30 characters; what it is called may be longer.
        {"name": company["name"][:30], "displayName": company["name"], "systemVersion": "26.0",
         "systemCreatedAt": seeding.records.now, "systemModifiedAt": seeding.records.now},
    )  # fmt: skip
    add(
        "companyInformation", str(company["name"]),
        {"displayName": company["name"], "country": company.get("country") or "",
         "currencyCode": company["currency"],
         "currentFiscalYearStartDate": f"{seeding.records.today[:4]}-01-01"},
    )  # fmt: skip
    currencies = {
        company["currency"],
        *(row["currency"] for row in customers),
        *(row["of"] for row in _rates(seeding)),
    }
    for code in sorted(currencies):
        places = seeding.records.places(code)
        add(
            "currencies", code,
            {"code": code, "displayName": code, "symbol": code,
             "amountDecimalPlaces": f"{places}:{places}",
             "amountRoundingPrecision": plain(Decimal(1).scaleb(-places))},
        )  # fmt: skip
    for days in sorted({0, 14, 30, *(row["termsDays"] for row in customers)}):
        add(
            "paymentTerms", f"{days}D",
            {"code": f"{days} DAYS" if days else "COD",
             "displayName": f"Net {days} days" if days else "Cash on delivery",
             "dueDateCalculation": f"{days}D"},
        )  # fmt: skip
    for unit in sorted({"each", *(row["unit"] for row in items)}, key=lambda u: (u != "each", u)):
        add(
            "unitsOfMeasure", unit,
            {"code": unit.upper()[:10], "displayName": unit, "internationalStandardCode": ""},
        )  # fmt: skip
    for line in sorted({row["productLine"] for row in items if row["productLine"]}):
        add("itemCategories", line, {"code": line.upper()[:20], "displayName": line})
    given = rates or {
        "STD": {"id": "STD", "name": "Standard", "rate": "0.2"},
        "ZERO": {"id": "ZERO", "name": "Zero", "rate": "0"},
    }
    for code, row in given.items():
        add(
            "taxGroups", code,
            {"code": code, "displayName": row["name"], "taxType": "VAT", "_rate": row["rate"]},
        )  # fmt: skip
    home = str(company.get("country") or "HOME")
    add("taxAreas", home, {"code": home, "displayName": f"Domestic ({home})", "taxType": "VAT"})
    for code, name in (("TRANSFER", "Bank transfer"), ("CARD", "Card payment")):
        add("paymentMethods", code, {"code": code, "displayName": name})
    for code, name in (("EXW", "Ex works"), ("DAP", "Delivered at place")):
        add("shipmentMethods", code, {"code": code, "displayName": name})
    places_ = {e["location"] for row in stock.values() for e in row["locations"]} or {"MAIN"}
    for code in sorted(places_):
        add("locations", code, {"code": code[:20], "displayName": code.title()})
    add("customerPaymentJournals", "CASHRCPT/DEFAULT", {"code": "DEFAULT",
        "displayName": "Customer payments"})  # fmt: skip
    add("journals", "GENERAL/DEFAULT", {"code": "DEFAULT", "displayName": "Default journal",
        "templateDisplayName": "GENERAL"})  # fmt: skip


def add_exchange_rates(seeding: Seeding) -> None:
    """What a hundred of each currency are in the company's own, which has no code there."""
    for row in _rates(seeding):
        seeding.on(row["validFrom"])
        seeding.add(
            "currencyExchangeRates", f"{row['of']}/{row['validFrom']}",
            {"currencyCode": row["of"], "startingDate": row["validFrom"],
             "exchangeRateAmount": "100",
             "relationalExchangeRateAmount": plain(100 * Decimal(row["rate"]))},
        )  # fmt: skip


def _rates(seeding: Seeding) -> list[Row]:
    """The rates of the books; a company with its setup and nothing else has none."""
    return seeding.source.table(RATES).find() if RATES in seeding.source.tables else []
