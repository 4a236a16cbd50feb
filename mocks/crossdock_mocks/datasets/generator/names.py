"""Invented people and companies of several countries, with real towns."""

from __future__ import annotations

import csv
import unicodedata
from functools import cache
from importlib.resources import files
from random import Random

from attrs import frozen

__all__ = ["Country", "Namer", "ascii_name", "countries"]


@frozen(kw_only=True)
class Country:
    """Where companies and people come from: their names, towns, numbers and legal forms."""

    code: str
    weight: int
    dialling: str
    legal_forms: tuple[str, ...]
    trades: tuple[str, ...]
    surnames: tuple[str, ...]
    first_names: tuple[str, ...]
    towns: tuple[tuple[str, str, str], ...]
    """(town, postcode, region)."""
    streets: tuple[str, ...]


@cache
def countries() -> tuple[Country, ...]:
    """The countries in which the generated company has customers."""
    text = files(__package__).joinpath("countries.csv").read_text(encoding="utf-8")
    return tuple(
        Country(
            code=row["code"],
            weight=int(row["weight"]),
            dialling=row["dialling"],
            legal_forms=tuple(row["legal_forms"].split("|")),
            trades=tuple(row["trades"].split("|")),
            surnames=tuple(row["surnames"].split("|")),
            first_names=tuple(row["first_names"].split("|")),
            towns=tuple(_town(text) for text in row["towns"].split("|")),
            streets=tuple(row["streets"].split("|")),
        )
        for row in csv.DictReader(text.splitlines())
    )


def _town(text: str) -> tuple[str, str, str]:
    town, postcode, region = text.split("/")
    return town, postcode, region


def ascii_name(text: str) -> str:
    """A name as it stands in an address: lower case, without accents, spaces or signs."""
    replaced = text.translate(_FOLDED)
    plain = unicodedata.normalize("NFKD", replaced).encode("ascii", "ignore").decode()
    return "".join(one for one in plain.lower() if one.isalnum())


_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ö": "Oe", "ł": "l", "Ł": "L"})


class Namer:
    """Draws companies and people; no company name comes twice."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def country(self) -> Country:
        """A country, the nearer ones more often."""
        return self._rng.choices(countries(), [one.weight for one in countries()])[0]

    def company(self, country: Country) -> str:
        """A company of that country."""
        rng = self._rng
        while True:
            surname = rng.choice(country.surnames)
            trade = rng.choice(country.trades)
            legal = rng.choice(country.legal_forms)
            pattern = rng.random()
            if pattern < 0.6 or len(self._taken) < 20:
                name = f"{surname} {trade} {legal}"
            elif pattern < 0.8:
                name = f"{trade} {rng.choice(country.towns)[0]} {legal}"
            else:
                name = f"{surname} & {rng.choice(country.surnames)} {trade} {legal}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    def person(self, country: Country) -> tuple[str, str]:
        """First name and surname of somebody of that country."""
        return self._rng.choice(country.first_names), self._rng.choice(country.surnames)

    def address(self, country: Country) -> dict[str, str]:
        """Street, city, region, postcode and country."""
        town, postcode, region = self._rng.choice(country.towns)
        return {
            "street": f"{self._rng.choice(country.streets)} {self._rng.randint(1, 140)}",
            "city": town,
            "region": region,
            "postcode": postcode,
            "country": country.code,
        }

    def phone(self, country: Country) -> str:
        """A telephone number."""
        rng = self._rng
        return f"{country.dialling} {rng.randint(11, 99)} 555 {rng.randint(1000, 9999)}"
