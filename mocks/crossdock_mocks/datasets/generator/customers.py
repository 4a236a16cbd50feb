"""The generated company's customers: who they are, how they buy and how they pay."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from attrs import define, field

from crossdock_mocks.datasets.amounts import to_penny
from crossdock_mocks.datasets.columns import Value
from crossdock_mocks.datasets.generator.catalogue import Catalogue, Item, Price
from crossdock_mocks.datasets.generator.names import Country, Namer, ascii_name

__all__ = ["OEM_LIST", "PARTS", "Customer", "Party", "build_parties", "price_rules"]

OEM_LIST = "PL-OEM"

PARTS = (
    "healthy",
    "near limit",
    "over limit",
    "on hold",
    "overdue",
    "declining",
    "declining",
    "declining",
    "dormant",
    "dormant",
    "overdue",
    "growing",
    "growing",
    "former",
)
"""What the first customers play, so that every situation is there in every data set."""

_BRANCH_EVERY = 19

_INDUSTRIES = (
    "Machinery",
    "Food and beverages",
    "Packaging",
    "Paper",
    "Steel",
    "Agriculture",
    "Automotive supplier",
    "Wood",
)


@define(eq=False, kw_only=True)
class Customer:
    """A trading account with the habits that make its history."""

    id: str
    name: str
    address: dict[str, str]
    phone: str
    email: str
    tax_number: str
    part: str
    terms_days: int
    price_level: str | None
    price_list_id: str | None
    orders_a_month: float
    size: float
    """Factor on usual quantities."""
    trend: float
    """Growth of order volume a year: 0.05 = 5 %."""
    delay_days: int
    """Days after the due date on which it usually pays; negative = before."""
    favourites: list[Item] = field(factory=list)
    bill_to_id: str | None = None
    credit_limit: Decimal | None = None

    def row(self) -> dict[str, Value]:
        """Its row of ``customers``."""
        held = self.part == "on hold"
        return {
            "id": self.id,
            "name": self.name,
            "tax_number": self.tax_number,
            "email": self.email,
            "phone": self.phone,
            **self.address,
            "currency": "EUR",
            "terms_days": self.terms_days,
            "credit_limit": self.credit_limit,
            "on_hold": held,
            "hold_reason": "Invoices unpaid after the third reminder" if held else None,
            "price_level": self.price_level,
            "price_list_id": self.price_list_id,
            "bill_to_id": self.bill_to_id,
        }


@define(eq=False, kw_only=True)
class Party:
    """A company that the CRM knows; a prospect has no customer."""

    id: str
    name: str
    kind: str
    industry: str
    country: Country
    address: dict[str, str]
    phone: str
    domain: str
    tax_number: str
    customer: Customer | None = None
    parent: Party | None = None


def build_parties(rng: Random, namer: Namer, catalogue: Catalogue, wanted: int) -> list[Party]:
    """So many companies: mostly customers, some prospects and partners, a few branches."""
    parties: list[Party] = []
    for position in range(wanted):
        part = PARTS[position] if position < len(PARTS) else _part(rng)
        parent = None
        if position > _BRANCH_EVERY and position % _BRANCH_EVERY == 0:
            parent = next(one for one in parties[len(PARTS) - 3 :] if one.kind == "customer")
            part = "steady"
        party = _party(rng, namer, f"A-{1001 + position}", part, parent)
        if party.kind in ("customer", "former"):
            number = 10001 + sum(1 for one in parties if one.customer)
            party.customer = _customer(rng, f"C-{number}", part, party, catalogue)
        parties.append(party)
    return parties


def _party(rng: Random, namer: Namer, id_: str, part: str, parent: Party | None) -> Party:
    country = parent.country if parent else namer.country()
    address = namer.address(country)
    name = f"{parent.name}, {address['city']}" if parent else namer.company(country)
    return Party(
        id=id_,
        name=name,
        kind=part if part in ("former", "prospect", "partner") else "customer",
        industry=parent.industry if parent else rng.choice(_INDUSTRIES),
        country=country,
        address=address,
        phone=namer.phone(country),
        domain=parent.domain if parent else f"{ascii_name(' '.join(name.split()[:2]))}.example",
        tax_number=f"{country.code}{rng.randint(10_000_000, 99_999_999)}",
        parent=parent,
    )


def _part(rng: Random) -> str:
    parts = ("steady", "growing", "declining", "slow payer", "dormant", "prospect", "partner")
    return rng.choices(parts, (48, 14, 6, 12, 4, 12, 4))[0]


def _customer(rng: Random, id_: str, part: str, party: Party, catalogue: Catalogue) -> Customer:
    big = part in ("healthy", "near limit", "over limit", "declining")
    delays = {"overdue": 55, "on hold": 110, "slow payer": 24, "near limit": 9, "healthy": -2}
    trends = {"growing": 0.35, "declining": -0.55, "overdue": 0.02}
    size = rng.uniform(3.2, 4.6) if big else min(9.0, rng.lognormvariate(0.9, 0.5))
    lines = sorted({item.product_line for item in catalogue.goods})
    liked = rng.sample(lines, min(len(lines), rng.randint(3, 5)))
    choices = [item for item in catalogue.goods if item.product_line in liked]
    services = [item for item in catalogue.items.values() if item.kind == "service"]
    favourites = rng.sample(choices, min(len(choices), rng.randint(9, 22)))
    favourites += [one for one in services[:3] if rng.random() < 0.25]
    level = rng.choices(("A", "B", None), (20, 35, 45))[0]
    return Customer(
        id=id_,
        name=party.name,
        address=party.address,
        phone=party.phone,
        email=f"accounts@{party.domain}",
        tax_number=party.tax_number,
        part=part,
        terms_days=rng.choice((14, 30, 30, 30, 45, 60)) if part != "healthy" else 30,
        price_level="A" if part == "healthy" else level,
        price_list_id=OEM_LIST if rng.random() < 0.2 and level is None else None,
        orders_a_month=rng.uniform(1.0, 1.6) if big else rng.uniform(0.3, 1.1),
        size=size,
        trend=trends.get(part, rng.uniform(-0.04, 0.14)),
        delay_days=delays.get(part, rng.randint(-4, 12)),
        favourites=favourites,
        bill_to_id=party.parent.customer.id if party.parent and party.parent.customer else None,
    )


def price_rules(rng: Random, customers: list[Customer], catalogue: Catalogue) -> list[Price]:
    """Contracts of some customers, the OEM list with breaks, the levels, two promotions."""
    prices: list[Price] = []
    for customer in customers:
        if customer.part == "healthy" or rng.random() < 0.3:
            prices += _contract(rng, customer, catalogue.as_of)
    for item in catalogue.goods:
        prices += [
            Price(price_level=level, item_id=item.id, discount_percent=Decimal(percent))
            for level, percent in (("A", 8), ("B", 4))
        ]
        if item.product_line in ("Bearings", "Seals", "Drives"):
            prices += [
                Price(
                    price_list_id=OEM_LIST,
                    item_id=item.id,
                    min_quantity=Decimal(least),
                    discount_percent=Decimal(percent),
                )
                for least, percent in ((0, 5), (item.usual_quantity * 4, 9))
            ]
    return prices + _promotions(rng, catalogue)


def _contract(rng: Random, customer: Customer, as_of: date) -> list[Price]:
    first, last = date(as_of.year, 1, 1), date(as_of.year + 1, 12, 31)
    prices = []
    for item in [one for one in customer.favourites if one.kind == "goods"][:6]:
        price = to_penny(item.list_price * (100 - rng.randint(11, 18)) / 100)
        breaks = [(Decimal(0), price)]
        if item.usual_quantity >= 10 and rng.random() < 0.5:
            breaks.append((Decimal(item.usual_quantity * 5), to_penny(price * Decimal("0.94"))))
        prices += [
            Price(
                customer_id=customer.id,
                item_id=item.id,
                min_quantity=least,
                price=one,
                valid_from=first,
                valid_to=last,
            )
            for least, one in breaks
        ]
    return prices


def _promotions(rng: Random, catalogue: Catalogue) -> list[Price]:
    as_of = catalogue.as_of
    spans = (
        ("Lubricants", 15, as_of - timedelta(days=19), as_of + timedelta(days=25)),
        ("Tools", 20, as_of - timedelta(days=200), as_of - timedelta(days=158)),
    )
    prices: list[Price] = []
    for line, percent, first, last in spans:
        items = [item for item in catalogue.goods if item.product_line == line]
        prices += [
            Price(
                promotion=True,
                item_id=item.id,
                discount_percent=Decimal(percent),
                valid_from=first,
                valid_to=last,
            )
            for item in rng.sample(items, min(len(items), 4))
        ]
    return prices
