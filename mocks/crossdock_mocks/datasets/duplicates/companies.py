"""Companies that are all different, however alike some are: with the relations that mislead.

Namesakes share a name, branches the taxpayer, subsidiaries the domain and often the house, and
neighbours the address. Each is a company of its own in the books.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from attrs import evolve, field, frozen

from crossdock_mocks.datasets.duplicates.transliterating import transliterate

__all__ = ["Company", "Market", "companies", "markets"]

_PUBLIC = ("gmail.com", "gmx.net", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com")
_DESKS = ("office", "info", "kontakt", "sales", "buchhaltung", "accounts", "einkauf", "mail")
_MISLEADING = {"namesake": 0.04, "branch": 0.04, "subsidiary": 0.04, "neighbour": 0.03}


@frozen(kw_only=True)
class Market:
    """How companies of one country are called and where they are."""

    code: str
    weight: int
    dialling: str
    tax: str
    postcode: str
    forms: tuple[tuple[str, ...], ...]
    common: tuple[str, ...]
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    trades: tuple[tuple[str, str], ...]
    towns: tuple[str, ...]
    streets: tuple[tuple[str, str], ...]
    street_first: bool = False
    latin: str = ""


@frozen(kw_only=True)
class Company:
    """One company as somebody who knows it would write it down.

    Attributes:
        entity: the same for all records of one company.
        misleads: what it has in common with another one: `namesake`, `branch`, `subsidiary`,
            `neighbour`; empty for most.
        own_words, trade: what its name is made of.
    """

    entity: int
    market: Market
    own_words: str
    trade: tuple[str, str]
    form: tuple[str, ...]
    place: str = ""
    tax_number: str
    email: str
    phone: str
    website: str
    street_name: str
    street_kind: tuple[str, str]
    house: str
    postcode: str
    city: str
    misleads: str = ""
    of: int = field(default=-1)

    @property
    def name(self) -> str:
        """The name in full."""
        parts = (self.own_words, self.trade[0], self.form[0])
        return " ".join(part for part in parts if part) + self.place

    @property
    def street(self) -> str:
        """Street and house number, in the order of the country."""
        kind = self.street_kind[0]
        if self.market.street_first:
            return f"{kind}{self.street_name} {self.house}"
        if self.market.code == "GB":
            return f"{self.house} {self.street_name}{kind}"
        return f"{self.street_name}{kind} {self.house}"


@cache
def markets() -> tuple[Market, ...]:
    """The countries."""
    document = tomllib.loads(
        files(__package__).joinpath("markets.toml").read_text(encoding="utf-8")
    )
    return tuple(_market(code, table) for code, table in document.items())


def _market(code: str, table: dict[str, Any]) -> Market:
    values: dict[str, Any] = dict(table)
    for name in ("trades", "streets"):
        values[name] = tuple(map(_pair, table[name]))
    for name in ("common", "starts", "ends", "towns"):
        values[name] = tuple(table[name])
    values["forms"] = tuple(tuple(each.split("|")) for each in table["forms"])
    return Market(code=code, **values)


def _pair(text: str) -> tuple[str, str]:
    full, _, short = text.partition("/")
    return full, short or full


def companies(rng: Random) -> Iterator[Company]:
    """Give companies without end; those that mislead come soon after the one that they are like."""
    waiting: list[Company] = []
    taken: set[str] = set()  # a domain belongs to one company, or to one group
    entity = 0
    while True:
        if waiting and rng.random() < 0.2:
            yield evolve(waiting.pop(rng.randrange(len(waiting))), entity=entity)
        else:
            made = _company(rng, entity)
            while (domain := _domain_of(made)) in taken:
                made = _company(rng, entity)
            taken.update({domain} - {""})
            waiting += [
                evolve(_like(rng, made, kind), misleads=kind, of=entity)
                for kind, share in _MISLEADING.items()
                if rng.random() < share
            ]
            yield made
        entity += 1


def _domain_of(company: Company) -> str:
    domain = company.website.removeprefix("https://www.") or company.email.partition("@")[2]
    return "" if domain in _PUBLIC else domain


def _company(rng: Random, entity: int) -> Company:
    market = rng.choices(markets(), [each.weight for each in markets()])[0]
    own = _own_words(rng, market)
    trade = rng.choice(market.trades) if rng.random() < 0.88 else ("", "")
    domain = _domain(rng, market, own, trade[0])
    return Company(
        entity=entity,
        market=market,
        own_words=own,
        trade=trade,
        form=rng.choices(market.forms, range(len(market.forms), 0, -1))[0],
        tax_number=_filled(rng, market.tax) if rng.random() < 0.75 else "",
        email=_email(rng, domain, own) if rng.random() < 0.85 else "",
        phone=_phone(rng, market) if rng.random() < 0.85 else "",
        website=f"https://www.{domain}" if domain and rng.random() < 0.6 else "",
        **_address(rng, market),
    )


def _own_words(rng: Random, market: Market) -> str:
    chance = rng.random()
    if chance < 0.16:  # many companies of one surname
        return rng.choice(market.common)
    word = rng.choice(market.starts) + rng.choice(market.ends)
    if chance < 0.5:
        return word
    if chance < 0.62:
        return f"{word} & {rng.choice(market.common)}"
    if chance < 0.8:
        return f"{rng.choice(market.common)} {word}"
    if chance < 0.92:
        return f"{word}-{rng.choice(market.starts)}{rng.choice(market.ends)}"
    initials = "".join(rng.choice("ABCDEFGHKLMNPRSTVW") for _ in range(rng.randint(2, 3)))
    return f"{initials} {word}"


def _domain(rng: Random, market: Market, own: str, trade: str) -> str:
    plain = transliterate(own, market.latin, rng).lower()
    word = "".join(letter for letter in plain if letter.isalnum() and letter.isascii())
    more = transliterate(trade, market.latin, rng).lower()[: rng.randint(2, 5)]
    more = "".join(letter for letter in more if letter.isalnum() and letter.isascii())
    number = "" if rng.random() < 0.5 else str(rng.randint(1, 999))
    return f"{word}{'-' if rng.random() < 0.4 and more else ''}{more}{number}.example"


def _email(rng: Random, domain: str, own: str) -> str:
    if rng.random() < 0.15:
        plain = transliterate(own, "", rng).lower()
        local = "".join(each for each in plain if each.isalnum() and each.isascii()) or "firma"
        return f"{local[:14]}{rng.randint(1, 9999)}@{rng.choice(_PUBLIC)}"
    return f"{rng.choice(_DESKS)}@{domain}"


def _phone(rng: Random, market: Market) -> str:
    return f"{market.dialling} {rng.randint(11, 99)} {rng.randint(1_000_000, 9_999_999)}"


def _address(rng: Random, market: Market) -> dict[str, Any]:
    return {
        "street_name": rng.choice(market.starts) + rng.choice(market.ends),
        "street_kind": rng.choice(market.streets),
        "house": str(rng.randint(1, 190)) + (rng.choice("abc") if rng.random() < 0.08 else ""),
        "postcode": _filled(rng, market.postcode),
        "city": rng.choice(market.starts) + rng.choice(market.towns),
    }


def _filled(rng: Random, pattern: str) -> str:
    letters = {"#": "0123456789", "@": "ABCDEFGHJKLMNPRSTUWXYZ"}
    return "".join(rng.choice(letters[each]) if each in letters else each for each in pattern)


def _like(rng: Random, company: Company, kind: str) -> Company:
    """Make a company that is like another one, and is not it."""
    market = company.market
    fresh = _company(rng, company.entity)
    away = _address(rng, market)
    while away["city"] == company.city:
        away = _address(rng, market)
    domain = _domain_of(company)
    own: dict[str, Any] = {
        "tax_number": _filled(rng, market.tax) if rng.random() < 0.75 else "",
        "phone": _phone(rng, market) if rng.random() < 0.85 else "",
        "email": fresh.email,
        "website": fresh.website,
    }
    match kind:
        case "namesake":  # another owner of the same name in another town
            return evolve(company, **away, **own)
        case "branch":  # the same taxpayer elsewhere, mostly named after its town
            local = transliterate(away["city"], market.latin, rng).lower()
            return evolve(
                company,
                **away,
                place=rng.choice((", ", " ", " - ")) + away["city"] if rng.random() < 0.85 else "",
                phone=_phone(rng, market) if company.phone else "",
                email=f"{local}@{domain}" if company.email and domain else "",
            )
        case "subsidiary":  # another company of the group, often in the same house
            trades = [each for each in market.trades if each != company.trade]
            house: dict[str, Any] = {} if rng.random() < 0.5 else away
            return evolve(
                company,
                **house,
                trade=rng.choice(trades),
                form=rng.choice(market.forms),
                tax_number=own["tax_number"],
                phone=company.phone if rng.random() < 0.3 else own["phone"],
                email=f"{rng.choice(_DESKS)}@{domain}" if company.email and domain else "",
            )
        case _:  # a neighbour in the same house, sometimes behind the same switchboard
            where: dict[str, Any] = {
                name: getattr(company, name)
                for name in ("street_name", "street_kind", "house", "postcode", "city")
            }
            switchboard: dict[str, Any] = {"phone": company.phone} if rng.random() < 0.2 else {}
            return evolve(fresh, market=market, **_named(rng, market), **where, **switchboard)


def _named(rng: Random, market: Market) -> dict[str, Any]:
    return {
        "own_words": _own_words(rng, market),
        "trade": rng.choice(market.trades),
        "form": rng.choice(market.forms),
        "tax_number": _filled(rng, market.tax) if rng.random() < 0.75 else "",
    }
