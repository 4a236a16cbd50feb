"""What is done about a company that may be there already: linked, asked about, or made anew."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

from attrs import frozen

from crossdock.rules.matching.comparing import LIKELY, Match
from crossdock.rules.matching.party import Form, Party
from crossdock.rules.matching.pool import Found, Pool

Decision = Literal["automatic", "review", "new"]

_APART: Final = 20  # points between the best and the next, below which nobody but a person decides
_SHOWN: Final = 3


@frozen(kw_only=True)
class Outcome:
    """What was found of a company in a list.

    Attributes:
        decision: `automatic` where it is there beyond doubt, `review` where a person must say,
            `new` where nothing is like it.
        found: what was found, the surest first; nothing for `new`.
        text: why, in words.
    """

    decision: Decision
    found: tuple[Found, ...] = ()
    text: str = ""


def match(pool: Pool, party: Party | Form, *, without: Collection[str] = ()) -> Outcome:
    """Say whether a company is in a list already.

    Args:
        pool: the list.
        party: the company.
        without: refs of the list that a person said are none of it.
    """
    return decide(pool.find(party, least=LIKELY, most=_SHOWN, without=without))


def decide(found: tuple[Found, ...]) -> Outcome:
    """Say what is done about what was found, the surest first.

    Nothing is made anew of what a record names as its own, however little else agrees: it may have
    been renamed.
    """
    worth = tuple(each for each in found if each.match.score >= LIKELY or each.match.named)
    if not worth:
        return Outcome(decision="new", text="nothing that is there is like it")
    best = worth[0].match
    text = ", ".join(each.text for each in best.reasons)
    if any(each.match.named or best.points - each.match.points < _APART for each in worth[1:]):
        return Outcome(decision="review", found=worth, text=f"{len(worth)} are like it: {text}")
    if beyond_doubt(best):
        return Outcome(decision="automatic", found=worth[:1], text=text)
    return Outcome(decision="review", found=worth, text=text)


def beyond_doubt(match: Match) -> bool:
    """Whether nobody has to be asked.

    Two things of different kinds must agree beside the name, one of them a key or the address, and
    nothing may speak against it: a tax number is shared by branches, an address by neighbours, a
    telephone number by subsidiaries.
    """
    kinds = match.kinds
    if match.contradicted:
        return False
    if match.named:
        return True
    if "name" not in kinds:
        return False
    if "tax_number" in kinds:
        return bool(kinds & {"address", "email", "phone"})
    return "address" in kinds and bool(kinds & {"email", "phone"})
