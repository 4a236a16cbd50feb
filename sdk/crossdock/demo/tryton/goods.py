"""Customers, items, prices and stock of a data set, as Tryton keeps them.

Numbers of customers and codes of items stay what they are. What Tryton keeps otherwise:

- A customer has one price list. The one made here has what holds for the customer on the day of the
  data: its contract, its price list, its level, in this order, the larger quantity first.
  Promotions are left out, as price lists know none.
- A customer on hold may owe nothing: its credit limit is zero.
- One warehouse holds the stock of all locations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, Final, Protocol

from crossdock.connectors.tryton.session import Session
from crossdock.demo.tryton.books import Books, days

_AT_ONCE: Final = 200
_KINDS: Final[Mapping[str, str]] = {"goods": "goods", "service": "service", "charge": "service"}
Row = Mapping[str, Any]


class Data(Protocol):
    """What is read of a data set."""

    def rows(self, kind: str) -> Iterable[Row]:
        """Give the rows of a kind of record."""


def fill(session: Session, data: Data, books: Books, on: date) -> None:
    """Bring customers, items, prices and stock of a data set into a company.

    Args:
        session: a session of the administrator.
        data: the data set.
        books: of the company.
        on: prices are those of this day.
    """
    products = _products(session, data, books)
    lists = _price_lists(session, data, books, products, on)
    _customers(session, data, books, lists)
    _stock(session, data, books, products)
    _expected(session, data, books, products)


def _products(session: Session, data: Data, books: Books) -> dict[str, int]:
    items = list(data.rows("items"))
    units: dict[str, int] = {}
    for name in dict.fromkeys(item["unit"] for item in items):
        (category,) = session.create("product.uom.category", {"name": name})
        (units[name],) = session.create(
            "product.uom",
            {
                "name": name, "symbol": name, "category": category, "factor": 1.0, "rate": 1.0,
                "rounding": 1.0 if name == "each" else 0.01,
                "digits": 0 if name == "each" else 2,
            },
        )  # fmt: skip
    lines = {
        name: session.create("product.category", {"name": name})[0]
        for name in dict.fromkeys(item["product_line"] for item in items)
    }
    for some in _pieces(items):
        session.create("product.template", *(_template(item, units, lines, books) for item in some))
    found = session.find("product.product", [], "code")
    return {row["code"]: row["id"] for row in found}


def _template(
    item: Row, units: Mapping[str, int], lines: Mapping[str, int], books: Books
) -> dict[str, Any]:
    return {
        "name": item["name"],
        "type": _KINDS[item["kind"]],
        "default_uom": units[item["unit"]],
        "sale_uom": units[item["unit"]],
        "list_price": item["list_price"],
        "salable": True,
        "account_category": books.categories[item["tax_code"]],
        "categories": [["add", [lines[item["product_line"]]]]],
        "lead_time": days(item["lead_time_days"]),
        "active": bool(item["active"]),
        "products": [
            [
                "create",
                [
                    {
                        "suffix_code": item["id"],
                        "description": item["description"],
                        "cost_price": item["cost"] or Decimal(0),
                        "active": bool(item["active"]),
                    }
                ],
            ]
        ],
    }


def _price_lists(
    session: Session, data: Data, books: Books, products: Mapping[str, int], on: date
) -> dict[str, int]:
    """Make each customer's price list; customers without prices of their own have none."""
    by_source: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in data.rows("prices"):
        begun = row["valid_from"] is None or row["valid_from"] <= on
        over = row["valid_to"] is not None and row["valid_to"] < on
        if row["promotion"] or not begun or over:
            continue
        for source in ("customer_id", "price_list_id", "price_level"):
            if row[source]:
                by_source[source, row[source]].append(row)
    lists: dict[str, int] = {}
    known: dict[tuple[str, ...], int] = {}
    for customer in data.rows("customers"):
        sources = (
            ("customer_id", customer["id"]),
            ("price_list_id", customer["price_list_id"] or ""),
            ("price_level", customer["price_level"] or ""),
        )
        mine = tuple(":".join(each) for each in sources if each in by_source)
        if not mine:
            continue
        if mine not in known:
            lines = [
                {"product": products[row["item_id"]], "quantity": float(row["min_quantity"] or 0),
                 "formula": _formula(row)}
                for source in sources
                for row in sorted(
                    by_source.get(source, ()), key=_least, reverse=True
                )
            ]  # fmt: skip
            lines.append({"formula": "unit_price"})
            numbered = [{**line, "sequence": place} for place, line in enumerate(lines, start=1)]
            (known[mine],) = session.create(
                "product.price_list",
                {
                    "name": ", ".join(each.partition(":")[2] for each in mine),
                    "company": books.company, "price": "list_price", "unit": "product_default",
                    "lines": [["create", numbered]],
                },
            )  # fmt: skip
        lists[customer["id"]] = known[mine]
    return lists


def _least(row: Row) -> Decimal:
    return row["min_quantity"] or Decimal(0)


def _formula(row: Row) -> str:
    base = "unit_price" if row["price"] is None else f"{row['price']:f}"
    discount = row["discount_percent"]
    return f"{base} * (100 - {discount:f}) / 100" if discount else base


def _customers(session: Session, data: Data, books: Books, lists: Mapping[str, int]) -> None:
    customers = list(data.rows("customers"))
    countries = {
        code: session.create("country.country", {"name": code, "code": code})[0]
        for code in dict.fromkeys(row["country"] for row in customers if row["country"])
    }
    for some in _pieces(customers):
        session.create("party.party", *(_party(row, books, lists, countries) for row in some))


def _party(
    row: Row, books: Books, lists: Mapping[str, int], countries: Mapping[str, int]
) -> dict[str, Any]:
    reached = [
        {"type": kind, "value": row[name]}
        for kind, name in (("email", "email"), ("phone", "phone"))
        if row[name]
    ]
    return {
        "name": row["name"],
        "code": row["id"],
        "addresses": [
            [
                "create",
                [
                    {
                        "street_unstructured": row["street"],
                        "city": row["city"],
                        "postal_code": row["postcode"],
                        "country": countries.get(row["country"]),
                        "invoice": True,
                        "delivery": True,
                    }
                ],
            ]
        ],
        "contact_mechanisms": [["create", reached]],
        "customer_payment_term": books.terms[row["terms_days"]],
        "customer_currency": books.currencies[row["currency"]],
        "sale_price_list": lists.get(row["id"]),
        "credit_limit_amount": Decimal(0) if row["on_hold"] else row["credit_limit"],
    }


def _stock(session: Session, data: Data, books: Books, products: Mapping[str, int]) -> None:
    on_hand: dict[str, Decimal] = defaultdict(Decimal)
    for row in data.rows("stock"):
        on_hand[row["item_id"]] += row["on_hand"]
    counted = [
        {"product": products[item], "quantity": float(quantity)}
        for item, quantity in on_hand.items()
        if quantity > 0
    ]
    if not counted:
        return
    storage = session.only("stock.location", [["code", "=", "STO"]])
    (inventory,) = session.create(
        "stock.inventory",
        {"location": storage, "company": books.company, "lines": [["create", counted]]},
    )
    session.call("stock.inventory.confirm", [inventory])


def _expected(session: Session, data: Data, books: Books, products: Mapping[str, int]) -> None:
    """Enter what suppliers will bring, as moves into the warehouse that are planned."""
    origin = session.only("stock.location", [["code", "=", "SUP"]])
    arrives = session.only("stock.location", [["code", "=", "STO"]])
    units = {
        row["id"]: row["default_uom"] for row in session.find("product.product", [], "default_uom")
    }
    moves = [
        {
            "product": products[row["item_id"]], "quantity": float(row["quantity"]),
            "unit": units[products[row["item_id"]]],
            "from_location": origin, "to_location": arrives, "planned_date": row["due_date"],
            "unit_price": Decimal(0), "currency": books.home, "company": books.company,
        }
        for row in data.rows("receipts")
    ]  # fmt: skip
    if moves:
        session.create("stock.move", *moves)


def _pieces(rows: Sequence[Row]) -> Iterable[list[Row]]:
    remaining = iter(rows)
    while piece := list(islice(remaining, _AT_ONCE)):
        yield piece
