"""What becomes of a company when somebody else enters it once more: each way has its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from attrs import define, evolve

from crossdock_mocks.datasets.duplicates.companies import Company
from crossdock_mocks.datasets.duplicates.transliterating import transliterate

__all__ = ["CORRUPTIONS", "Entry", "entered", "entered_again"]

_KEYS: Final = "qwertzuiopasdfghjklyxcvbnm"


@define(kw_only=True)
class Entry:
    """A record as somebody typed it."""

    entity: int
    name: str
    tax_number: str
    email: str
    phone: str
    website: str
    street: str
    city: str
    postcode: str
    country: str
    misleads: str = ""
    corruptions: tuple[str, ...] = ()


def entered(company: Company) -> Entry:
    """Enter a company as it is."""
    return Entry(
        entity=company.entity,
        name=company.name,
        tax_number=company.tax_number,
        email=company.email,
        phone=company.phone,
        website=company.website,
        street=company.street,
        city=company.city,
        postcode=company.postcode,
        country=company.market.code,
        misleads=company.misleads,
    )


def entered_again(company: Company, rng: Random) -> Entry:
    """Enter a company as somebody does who does not know that it is there.

    One to three of `CORRUPTIONS`, and something is left out or known otherwise.
    """
    count = rng.choices((1, 2, 3), (45, 38, 17))[0]
    chosen = rng.sample(sorted(CORRUPTIONS), count)
    # Whole fields move last, so that what stands in them was written wrong before.
    order = [name for name in CORRUPTIONS if name in chosen]
    entry = entered(company)
    for name in order:
        CORRUPTIONS[name](entry, company, rng)
    _known_otherwise(entry, company, rng)
    return evolve(entry, corruptions=tuple(order))


def _known_otherwise(entry: Entry, company: Company, rng: Random) -> None:
    """Leave out what this person did not ask for, and take down another way to reach them."""
    if rng.random() < 0.3:
        entry.tax_number = ""
    elif rng.random() < 0.3 and entry.tax_number[:2].isalpha():
        entry.tax_number = entry.tax_number[2:]
    chance = rng.random()
    if chance < 0.25:
        entry.email = ""
    elif chance < 0.5 and company.email:
        entry.email = (
            f"{rng.choice(('bestellung', 'f.huber', 'post'))}@{company.email.partition('@')[2]}"
        )
    chance = rng.random()
    if chance < 0.25:
        entry.phone = ""
    elif chance < 0.45 and company.phone:
        entry.phone = f"{company.phone[:-2]}{rng.randint(10, 99)}"
    elif chance < 0.75:
        entry.phone = _dialled_otherwise(company.phone, rng)
    if rng.random() < 0.5:
        entry.website = ""


def _dialled_otherwise(phone: str, rng: Random) -> str:
    national = "0" + phone.partition(" ")[2]
    return rng.choice(
        (national, national.replace(" ", "/"), phone.replace("+", "00"), phone.replace(" ", ""))
    )


def _typing_error(entry: Entry, _company: Company, rng: Random) -> None:
    entry.name = _mistyped(entry.name, rng)
    if rng.random() < 0.4:
        entry.street = _mistyped(entry.street, rng)
    if entry.tax_number and rng.random() < 0.15:
        at = rng.randrange(3, len(entry.tax_number))
        entry.tax_number = (
            entry.tax_number[:at] + rng.choice("0123456789") + entry.tax_number[at + 1 :]
        )


def _mistyped(text: str, rng: Random) -> str:
    for _ in range(rng.choices((1, 2), (75, 25))[0]):
        places = [at for at, letter in enumerate(text[:-1]) if letter.isalpha()]
        if not places:
            return text
        at = rng.choice(places)
        kind = rng.random()
        if kind < 0.25:
            text = text[:at] + text[at + 1 :]
        elif kind < 0.5:
            text = text[:at] + text[at] + text[at:]
        elif kind < 0.75:
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        else:
            text = text[:at] + rng.choice(_KEYS) + text[at + 1 :]
    return text


def _abbreviation(entry: Entry, company: Company, rng: Random) -> None:
    full, short = company.trade
    if full and short == full and len(full) > 6:
        short = full[: rng.randint(4, 5)] + "."
    if full:
        entry.name = entry.name.replace(full, short)
    kind, short_kind = company.street_kind
    if rng.random() < 0.6 and kind.strip():
        entry.street = entry.street.replace(kind, short_kind, 1)
    if not full:
        entry.name = entry.name.replace(" & ", " u. ")


def _legal_form(entry: Entry, company: Company, rng: Random) -> None:
    form = company.form[0]
    other = [each for each in company.form if each != form] + [""]
    entry.name = entry.name.replace(form, rng.choice(other)).replace("  ", " ").strip(" ,-")


def _transliteration(entry: Entry, company: Company, rng: Random) -> None:
    for name in ("name", "street", "city"):
        setattr(entry, name, transliterate(getattr(entry, name), company.market.latin, rng))
    if rng.random() < 0.3:
        entry.name = entry.name.upper()


def _moved_address(entry: Entry, company: Company, rng: Random) -> None:
    market = company.market
    kind = rng.choice(market.streets)[0]
    name = rng.choice(market.starts) + rng.choice(market.ends)
    house = rng.randint(1, 190)
    entry.street = f"{kind}{name} {house}" if market.street_first else f"{name}{kind} {house}"
    if rng.random() < 0.5:
        entry.city = rng.choice(market.starts) + rng.choice(market.towns)
        entry.postcode = "".join(
            rng.choice("0123456789") if each.isdigit() else each for each in company.postcode
        )


def _split_fields(entry: Entry, _company: Company, rng: Random) -> None:
    """The name runs on in the street, as where a field was too short."""
    words = entry.name.split()
    if len(words) >= 3:
        cut = rng.randint(max(1, len(words) - 2), len(words) - 1)
        entry.name = " ".join(words[:cut])
        entry.street = f"{' '.join(words[cut:])}, {entry.street}"


def _joined_fields(entry: Entry, company: Company, rng: Random) -> None:
    """Two fields are written into one."""
    kind = rng.randrange(5)
    if kind == 0:
        entry.city, entry.postcode = f"{entry.postcode} {entry.city}", ""
    elif kind == 1:
        entry.street = f"{entry.street}, {entry.postcode} {entry.city}"
        entry.city = entry.postcode = ""
    elif kind == 2:
        entry.name = f"{entry.name}, {entry.city}"
    elif kind == 3:
        desk = rng.choice(("Abt. Einkauf", "Accounts Payable", "Zentrale", "Head Office"))
        entry.name = f"{entry.name} - {desk}"
    elif company.email and entry.email:
        entry.email = f"{entry.email}; lager@{company.email.partition('@')[2]}"


CORRUPTIONS: Final[Mapping[str, Callable[[Entry, Company, Random], None]]] = {
    "abbreviation": _abbreviation,
    "legal form": _legal_form,
    "transliteration": _transliteration,
    "typing error": _typing_error,
    "moved address": _moved_address,
    "split fields": _split_fields,
    "joined fields": _joined_fields,
}
"""Each changes an entry; in the order in which they come where several do."""
