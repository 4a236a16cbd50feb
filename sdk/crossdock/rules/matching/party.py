"""What two records are compared by: a company as any system has it, written one way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import field, frozen

from crossdock.records import Account, Address, TradingAccount
from crossdock.rules.matching import normalizing
from crossdock.rules.matching.words import Words, name_words

_BREAK: Final = "\x1f"  # between two fields
_NEXT: Final = "\x1e"  # between two of what a field has several of
_EXTENSION: Final = re.compile(r"(?i)(?:ext|x|dw|durchwahl)\.?\s*\d+\s*$|-\d{1,4}\s*$")
# What says only that it is a street, alone or at the end of a word.
_STREETS: Final = frozenset({
    "al", "allee", "ave", "avenue", "av", "bd", "blvd", "boulevard", "bul", "bulevard", "c",
    "calle", "chaussee", "dr", "drive", "gasse", "hausnr", "lane", "laan", "ln", "no", "nr",
    "odos", "pl", "place", "platz", "postfach", "r", "rd", "road", "rue", "sq", "square", "st",
    "straat", "str", "strasse", "street", "ul", "ulica", "ulitsa", "unit", "vej", "via", "viale",
    "weg",
})  # fmt: skip
_STREET_ENDS: Final = (
    "strasse", "straat", "gatan", "gasse", "allee", "gade", "weg", "vej", "str",
)  # fmt: skip


@frozen(kw_only=True)
class Party:
    """A company as one system has it.

    Attributes:
        ref: `system:id`.
        names: the refs of records elsewhere that it says it is.
    """

    ref: str
    name: str
    tax_number: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    address: Address = field(factory=Address)
    names: frozenset[str] = frozenset()

    @classmethod
    def of_account(cls, account: Account, system: str = "crm") -> Party:
        """Take what is compared from an account of the CRM."""
        return cls(
            ref=f"{system}:{account.id}",
            name=account.name,
            tax_number=account.tax_number,
            email=account.email or "",
            phone=account.phone or "",
            website=account.website,
            address=account.address,
            names=frozenset(f"{erp}:{each}" for erp, each in account.external_ids.items()),
        )

    @classmethod
    def of_customer(cls, customer: TradingAccount) -> Party:
        """Take what is compared from a customer of an ERP."""
        return cls(
            ref=customer.ref,
            name=customer.name,
            tax_number=customer.tax_number,
            email=customer.email or "",
            phone=customer.phone or "",
            website=customer.website,
            address=customer.address,
        )


@frozen
class Form:
    """A party written one way: no case, accents, punctuation or order of fields.

    Attributes:
        words: the telling words of the name, without those that only repeat its address.
        place_words: the words of its town that its name or its mailbox repeats.
        tax: the tax number, with its country where it has one.
        places: all words and numbers of the address, wherever they stand.
        town: the words of the town, and the postcode.
    """

    ref: str
    words: Words
    place_words: Words
    tax: str
    emails: frozenset[str]
    domains: frozenset[str]
    phones: frozenset[str]
    country: str
    places: frozenset[str]
    town: frozenset[str]
    names: frozenset[str]

    @property
    def name(self) -> str:
        """The telling words in one string, in their order."""
        return " ".join(self.words)

    def packed(self) -> bytes:
        """Write it down in as few bytes as it takes, to keep a hundred thousand of them."""
        groups: tuple[Iterable[str], ...] = (
            self.words, self.place_words, self.emails, self.domains, self.phones, self.places,
            self.town, self.names,
        )  # fmt: skip
        parts = (self.ref, self.tax, self.country, *(_NEXT.join(each) for each in groups))
        return _BREAK.join(parts).encode()

    @classmethod
    def unpacked(cls, packed: bytes) -> Form:
        """Read what `packed` wrote."""
        ref, tax, country, *groups = packed.decode().split(_BREAK)
        words, place_words, *sets = (tuple(each.split(_NEXT)) if each else () for each in groups)
        emails, domains, phones, places, town, names = map(frozenset, sets)
        return cls(
            ref, words, place_words, tax, emails, domains, phones, country, places, town, names
        )  # fmt: skip


def form_of(party: Party) -> Form:
    """Write a party one way."""
    address = party.address
    places = place_words(f"{address.street} {address.postcode} {address.city}")
    town = place_words(f"{address.postcode} {address.city}")
    words = tuple(map(_one_vowel, normalizing.company_words(party.name)))
    # A place that stands behind a name is where the company is, or which branch it is.
    inner = name_words(words[:1] + tuple(w for w in words[1:] if w not in places))
    emails = frozenset(each for each in re.split(r"[\s,;]+", party.email.lower()) if "@" in each)
    domains = map(normalizing.mail_domain, emails)
    # A branch is named after its town, or its mailbox is.
    mailboxes = place_words(" ".join(each.partition("@")[0] for each in emails))
    return Form(
        party.ref,
        inner,
        tuple(sorted({*words[1:], *mailboxes} & {each for each in town if not each[0].isdigit()})),
        normalizing.tax_number(party.tax_number),
        emails,
        frozenset({*domains, normalizing.web_domain(party.website)} - {""}),
        phones_of(party.phone),
        address.country.upper(),
        places,
        town,
        party.names,
    )


def phones_of(written: str) -> frozenset[str]:
    """Give the numbers of a field that may hold several, or one with its extension."""
    whole = re.split(r"[;,]|\bor\b|\boder\b", written)
    several = written.split("/")
    if len(several) > 1 and all(normalizing.phone(each) for each in several):
        whole = several
    numbers = {normalizing.phone(each) for each in whole}
    numbers |= {normalizing.phone(_EXTENSION.split(each)[0]) for each in whole}
    return frozenset(numbers - {""})


def place_words(text: str) -> frozenset[str]:
    """Give the words and numbers of an address, without what only says that it is a street."""
    plain = normalizing.plain_letters(text).replace("'", "")
    found = set()
    for word in re.findall(r"[^\W_]+", plain):
        if word in _STREETS:
            continue
        end = next((each for each in _STREET_ENDS if word.endswith(each)), "")
        found.add(_one_vowel(word.removesuffix(end) if len(word) - len(end) >= 3 else word))
    return frozenset(found)


def _one_vowel(word: str) -> str:
    """Write the vowels that stand for one with two dots or a ring as that one without."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u").replace("aa", "a")
