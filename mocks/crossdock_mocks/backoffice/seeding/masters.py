"""Seeding of what documents refer to: company, items, customers, prices, stock, contracts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from crossdock_mocks.backoffice.books import Row
from crossdock_mocks.backoffice.decimals import ZERO, amount_text, minor_units, plain, price_text
from crossdock_mocks.backoffice.kinds import (
    COMPANY,
    CONTRACT,
    CUSTOMER,
    ITEMS,
    PRICE_LISTS,
    PRICES,
    RATES,
    RECEIPTS,
    STOCK,
    TAX_CODES,
)
from crossdock_mocks.backoffice.seeding.source import Source, day
from crossdock_mocks.backoffice.settings import new_company
from crossdock_mocks.backoffice.stock import MAIN
from crossdock_mocks.engine import World


def seed_company(world: World, source: Source) -> None:
    """The company with its settings and the rules by which its data were filled in."""
    company = new_company(
        name=source.company,
        country=source.country,
        currency=source.currency,
        rounding=source.rounding,
        as_of=source.as_of.isoformat(),
    )
    company["rules"] = [
        {"id": rule.id, "appliesTo": rule.applies_to, "text": rule.text} for rule in source.rules
    ]
    world.table(COMPANY.table).insert(company)


def seed_masters(world: World, source: Source) -> None:
    """Everything that documents refer to."""
    places = minor_units(source.currency)
    world.table(TAX_CODES).insert_many(
        {"id": row["id"], "name": row["name"], "rate": plain(row["rate"])}
        for row in source.rows("tax_codes")
    )
    world.table(ITEMS).insert_many(
        _item(row, source.currency, places) for row in source.rows("items")
    )
    world.table(RATES).insert_many(
        {
            "of": row["currency"],
            "to": source.currency,
            "rate": plain(row["rate"]),
            "validFrom": row["valid_from"].isoformat(),
        }
        for row in source.rows("exchange_rates")
        if row["currency"] != source.currency  # its own is worth itself
    )
    lists = {row["id"]: row for row in source.rows("price_lists")}
    world.table(PRICE_LISTS).insert_many(
        {
            "id": row["id"],
            "name": row["name"],
            "currency": row["currency"],
            "validFrom": day(row["valid_from"]),
            "validTo": day(row["valid_to"]),
            "updatedAt": None,
            "version": 1,
        }
        for row in lists.values()
    )
    currencies: dict[str, str] = {}
    world.table(CUSTOMER.table).insert_many(_customers(source, currencies))
    world.table(PRICES).insert_many(_prices(source, lists, currencies))
    world.table(CONTRACT.table).insert_many(map(_contract, source.rows("contracts")))


def _item(row: dict[str, Any], currency: str, places: int) -> Row:
    return {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"],
        "productLine": row["product_line"],
        "unit": row["unit"],
        "listPrice": None if row["list_price"] is None else price_text(row["list_price"], places),
        "currency": currency,
        "cost": None if row["cost"] is None else price_text(row["cost"], places),
        "taxCode": row["tax_code"],
        "kind": row["kind"],
        "leadTimeDays": row["lead_time_days"],
        "active": row["active"],
        "updatedAt": None,
        "updatedBy": None,
        "version": 1,
    }


def _customers(source: Source, currencies: dict[str, str]) -> Iterator[Row]:
    for row in source.rows("customers"):
        currencies[row["id"]] = row["currency"]
        limit, places = row["credit_limit"], minor_units(row["currency"])
        yield {
            "id": row["id"],
            "name": row["name"],
            "legalName": None,
            "taxNumber": row["tax_number"],
            "email": row["email"],
            "phone": row["phone"],
            "website": None,
            "address": {
                "name": None,
                "street": row["street"],
                "city": row["city"],
                "region": row["region"],
                "postcode": row["postcode"],
                "country": row["country"],
            },
            "shippingAddress": None,
            "currency": row["currency"],
            "termsDays": row["terms_days"],
            "creditLimit": None if limit is None else amount_text(limit, places),
            "onHold": row["on_hold"],
            "holdReason": row["hold_reason"] if row["on_hold"] else None,
            "priceLevel": row["price_level"],
            "priceListId": row["price_list_id"],
            "billToId": row["bill_to_id"] if row["bill_to_id"] != row["id"] else None,
            "active": True,
            "externalReference": None,
            "createdAt": None,
            "updatedAt": None,
            "updatedBy": None,
            "version": 1,
        }


def _prices(
    source: Source, lists: dict[str, dict[str, Any]], currencies: dict[str, str]
) -> Iterator[Row]:
    for number, row in enumerate(source.rows("prices"), 1):
        if row["price_list_id"] is not None:
            currency = lists[row["price_list_id"]]["currency"]
        else:
            currency = currencies.get(row["customer_id"], source.currency)
        price = row["price"]
        yield {
            "id": f"PR-{number}",
            "priceListId": row["price_list_id"],
            "customerId": row["customer_id"],
            "priceLevel": row["price_level"],
            "promotion": row["promotion"],
            "itemId": row["item_id"],
            "minQuantity": plain(row["min_quantity"]),
            "price": None if price is None else price_text(price, minor_units(currency)),
            "discountPercent": plain(row["discount_percent"] or ZERO),
            "currency": currency,
            "validFrom": day(row["valid_from"]),
            "validTo": day(row["valid_to"]),
        }


def _contract(row: dict[str, Any]) -> Row:
    places = minor_units(row["currency"])
    cost = row["annual_cost"]
    return {
        "id": row["id"],
        "customerId": row["customer_id"],
        "externalReference": None,
        "kind": row["kind"],
        "name": row["name"],
        "startsOn": day(row["starts_on"]),
        "endsOn": day(row["ends_on"]),
        "annualValue": amount_text(row["annual_value"], places),
        "annualCost": None if cost is None else amount_text(cost, places),
        "currency": row["currency"],
        "version": 1,
    }


def read_stock(source: Source) -> dict[str, Row]:
    """Stock by item, with nothing reserved yet. A receipt that was due has not arrived."""
    stock: dict[str, Row] = {}
    for row in source.rows("stock"):
        kept = stock.setdefault(row["item_id"], no_stock(row["item_id"]))
        kept["onHand"] = plain(Decimal(kept["onHand"]) + row["on_hand"])
        kept["locations"].append({"location": row["location"], "onHand": plain(row["on_hand"])})
    return stock


def no_stock(item_id: str) -> Row:
    """The stock of an item of which there never was any."""
    return {
        "itemId": item_id,
        "onHand": "0",
        "reserved": "0",
        "backordered": "0",
        "locations": [],
        "version": 1,
    }


def seed_receipts(world: World, source: Source) -> dict[str, list[tuple[date, Decimal]]]:
    """Receipts that are due; gives them by item, soonest first."""
    supplies: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    table = world.table(RECEIPTS)
    for row in source.rows("receipts"):
        supplies[row["item_id"]].append((row["due_date"], row["quantity"]))
        table.insert(
            {
                "id": world.sequence(RECEIPTS, "RC-", 800001),
                "itemId": row["item_id"],
                "location": MAIN,
                "dueOn": row["due_date"].isoformat(),
                "quantity": plain(row["quantity"]),
                "status": "due",
                "receivedOn": None,
                "reference": None,
            }
        )
    for each in supplies.values():
        each.sort()
    return supplies


def seed_stock(world: World, stock: dict[str, Row]) -> None:
    """Stock as it is after the reservations of open orders."""
    world.table(STOCK.table).insert_many(stock.values())
