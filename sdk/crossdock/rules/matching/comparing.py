"""How sure it is that a CRM account and an ERP customer are the same company, and why.

Each thing that agrees or disagrees gives points, which stand in `POINTS`: set by hand so that an
exact key settles it, a name alone never does, and what contradicts counts more than what is merely
alike. They are no probabilities; a person confirms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from attrs import frozen
from rapidfuzz import fuzz

from crossdock.records import Account, TradingAccount
from crossdock.rules.matching import normalizing

Sureness = Literal["certain", "likely", "possible", "unlikely"]

POINTS: Final[Mapping[str, int]] = {
    "external_id": 100,
    "tax_number": 90,
    "email": 45,
    "domain": 35,
    "phone": 30,
    "name": 45,
    "street": 15,
    "postcode": 10,
    "city": 5,
    "other_tax_number": -60,
    "other_country": -25,
    "other_name": -15,
}
CERTAIN: Final = 90
LIKELY: Final = 70
POSSIBLE: Final = 40
_ALIKE: Final = 80.0  # of 100; a name below says nothing
_UNLIKE: Final = 45.0
_STREET_ALIKE: Final = 85.0


@frozen(kw_only=True)
class Reason:
    """One thing that speaks for it or, with points below zero, against it.

    Attributes:
        kind: a key of `POINTS`.
        text: in words, without what only some may see.
    """

    kind: str
    points: int
    text: str


@frozen(kw_only=True)
class Match:
    """How far an account and a customer agree.

    Attributes:
        score: 0 to 100, the sum of all points within these bounds.
        reasons: what it is made of, the weightiest first.
    """

    score: int
    reasons: tuple[Reason, ...] = ()

    @property
    def sureness(self) -> Sureness:
        """The score in a word; only an exact key that nothing contradicts makes it certain."""
        keyed = any(each.kind in ("external_id", "tax_number") for each in self.reasons)
        against = any(each.points < 0 for each in self.reasons)
        if keyed and not against and self.score >= CERTAIN:
            return "certain"
        if self.score >= LIKELY:
            return "likely"
        return "possible" if self.score >= POSSIBLE else "unlikely"


def compare(account: Account, customer: TradingAccount) -> Match:
    """Compare an account with a customer; what is unknown on a side speaks neither way."""
    reasons = sorted(
        (*_keys(account, customer), *_reachability(account, customer), *_place(account, customer)),
        key=lambda each: -abs(each.points),
    )
    total = sum(each.points for each in reasons)
    return Match(score=max(0, min(100, total)), reasons=tuple(reasons))


def name_likeness(one: str, other: str) -> float:
    """Say how alike two companies' names are, 0 to 100.

    Words in another order, words written together and single letters count for little; a name that
    only begins like the other is less than the same.
    """
    first, second = normalizing.company_name(one), normalizing.company_name(other)
    if not first or not second:
        return 0.0
    return max(
        fuzz.token_sort_ratio(first, second),
        fuzz.ratio(first.replace(" ", ""), second.replace(" ", "")),
        fuzz.token_set_ratio(first, second) * 0.88,
    )


def _keys(account: Account, customer: TradingAccount) -> Iterator[Reason]:
    named = account.external_ids.get(customer.system)
    if named == customer.id:
        yield _reason("external_id", f"the account names the customer {customer.id} itself")
    same = normalizing.same_tax_number(account.tax_number, customer.tax_number)
    if same is not None:
        if same:
            yield _reason("tax_number", "the same tax number")
        else:
            yield _reason("other_tax_number", "other tax numbers")
    likeness = name_likeness(account.name, customer.name)
    if likeness >= 100:
        yield _reason("name", "the same name")
    elif likeness >= _ALIKE:
        points = round(POINTS["name"] * (likeness - 60) / 40)
        text = f"names that are alike ({likeness:.0f} of 100)"
        yield Reason(kind="name", points=points, text=text)
    elif likeness < _UNLIKE:
        yield _reason("other_name", "names that have little in common")


def _reachability(account: Account, customer: TradingAccount) -> Iterator[Reason]:
    mine, theirs = account.email, customer.email
    own_domain = normalizing.mail_domain(theirs)
    if mine and theirs and mine.strip().lower() == theirs.strip().lower():
        yield _reason("email", "the same e-mail address")
    elif own_domain and own_domain == normalizing.mail_domain(mine):
        yield _reason("domain", f"e-mail addresses at the same domain {own_domain}")
    elif own_domain and own_domain == normalizing.web_domain(account.website):
        yield _reason("domain", f"the customer's e-mail is at the account's website {own_domain}")
    number = normalizing.phone(account.phone)
    if number and number == normalizing.phone(customer.phone):
        yield _reason("phone", "the same telephone number")


def _place(account: Account, customer: TradingAccount) -> Iterator[Reason]:
    mine, theirs = account.address, customer.address
    if mine.country and theirs.country and mine.country.upper() != theirs.country.upper():
        yield _reason("other_country", f"other countries, {mine.country} and {theirs.country}")
        return
    if mine.postcode and normalizing.postcode(mine.postcode) == normalizing.postcode(
        theirs.postcode
    ):
        yield _reason("postcode", "the same postcode")
    if mine.city and mine.city.casefold() == theirs.city.casefold():
        yield _reason("city", f"both in {mine.city}")
    if mine.street and theirs.street:
        likeness = fuzz.ratio(mine.street.casefold(), theirs.street.casefold())
        if likeness >= _STREET_ALIKE:
            yield _reason("street", "the same street")


def _reason(kind: str, text: str) -> Reason:
    return Reason(kind=kind, points=POINTS[kind], text=text)
