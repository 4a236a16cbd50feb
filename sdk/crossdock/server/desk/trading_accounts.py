"""Which ERP customers an account has: what is linked, what may be, both sides side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote as percent_encoded

from attrs import frozen
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crossdock.errors import (
    AccessDenied,
    ConfigError,
    CrossdockError,
    LinkConflict,
    NotFound,
    RemoteError,
)
from crossdock.host.linking.suggesting import Suggestion
from crossdock.records import Account, TradingAccount, User
from crossdock.rules.matching import normalizing
from crossdock.rules.matching.comparing import Match
from crossdock.server.desk.accounts import tabs_of
from crossdock.server.desk.deliveries import sentence
from crossdock.server.desk.visit import Visit
from crossdock.server.desk.words import Said

_AT_ONCE: Final = 25
_SURENESS: Final = {
    "certain": ("Certain", "good"),
    "likely": ("Likely", "info"),
    "possible": ("Possible", "warning"),
    "unlikely": ("Little speaks for it", "neutral"),
}


@frozen(kw_only=True)
class Row:
    """One fact on both sides.

    Attributes:
        same: whether they agree; `None` where a side does not say.
    """

    label: str
    mine: str
    theirs: str
    same: bool | None


@frozen(kw_only=True)
class Candidate:
    """A customer that may be the account's, as it is shown."""

    ref: str
    system: str
    customer: TradingAccount
    sureness: str
    tone: str
    score: int
    reasons: Sequence[tuple[str, int]]
    rows: Sequence[Row]
    taken_by: str
    rejected_by: str
    instead_of: str


def show(visit: Visit) -> Response:
    """Show what is linked to an account and what may be."""
    return _page(visit, visit.query("find")[:100])


def act(visit: Visit) -> Response:
    """Confirm, reject, unlink, or choose the default."""
    linking, user = visit.desk.host.linking, visit.who
    account_id = visit.path("account")
    asked, _, ref = visit.sent("action").partition(":")
    comment = visit.sent("comment")[:500]
    try:
        match asked:
            case "link":
                made = linking.link(account_id, ref, user, comment=comment)
                word = f"{ref} is linked" + (", and new orders go there." if made.default else ".")
            case "default":
                linking.set_default(account_id, ref, user)
                word = f"New orders go to {ref} from now on."
            case "reject":
                linking.reject(account_id, ref, user, comment=comment)
                word = f"{ref} is not this account. It is not proposed again."
            case "unlink":
                linking.unlink(account_id, ref, user, comment=comment)
                word = f"{ref} is not linked any more."
            case _:
                raise HTTPException(400)
    except (AccessDenied, ConfigError, LinkConflict, NotFound, RemoteError) as refused:
        return _page(visit, visit.query("find")[:100], said=Said(False, sentence(str(refused))))
    return visit.go(_path(account_id), word=Said(True, word))


def listing(visit: Visit) -> Response:
    """List what waits for somebody's word over all accounts, the surest first."""
    host = visit.desk.host
    start = visit.query("after")
    after = int(start) if start.isdecimal() and len(start) < 8 else 0
    found = host.store.proposals.list(host.crm.system, after=after, limit=_AT_ONCE + 1)
    shown = found[:_AT_ONCE]
    return visit.show(
        "trading_accounts.html",
        proposals=shown,
        waiting=host.store.proposals.count(host.crm.system),
        lost=[link for link in host.store.links.of_crm(host.crm.system) if link.lost],
        why_not=host.linking.objection(visit.who),
        first=after + 1,
        last=after + len(shown),
        previous=max(0, after - _AT_ONCE) if after else None,
        next=after + _AT_ONCE if len(found) > _AT_ONCE else None,
    )


def _page(visit: Visit, search: str, *, said: Said | None = None) -> Response:
    host = visit.desk.host
    account = host.crm.account(visit.path("account"))
    suggested = host.linking.suggesting.suggestions(account, search)
    away = [sentence(each) for each in suggested.away]
    try:
        host.trading_accounts(account)  # so that the links tell the customers as they are now
    except CrossdockError as error:
        away.append(sentence(str(error)))
    seen = host.as_seen_by(visit.who, account)
    word = said or (visit.word if isinstance(visit.word, Said) else None)
    return visit.show(
        "account_trading_accounts.html",
        account=account,
        tabs=tabs_of(visit, account.id),
        current="trading-accounts",
        linked=host.linking.linked.links(account),
        candidates=[_shown(visit, seen, each) for each in suggested.found],
        away=dict.fromkeys(away),
        search=search,
        why_not=host.linking.objection(visit.who),
        word=word,
    )


def _shown(visit: Visit, account: Account, suggestion: Suggestion) -> Candidate:
    host, match, proposal = visit.desk.host, suggestion.match, suggestion.proposal
    customer: TradingAccount = host.as_seen_by(visit.who, suggestion.customer)
    word, tone = _SURENESS[match.sureness]
    return Candidate(
        ref=customer.ref,
        system=customer.system,
        customer=customer,
        sureness=word,
        tone=tone,
        score=match.score,
        reasons=_reasons(match),
        rows=side_by_side(account, customer),
        taken_by=suggestion.taken_by,
        rejected_by=(
            _name(visit.users.get(proposal.decided_by.removeprefix("user:")), proposal.decided_by)
            if proposal is not None and suggestion.rejected
            else ""
        ),
        instead_of=proposal.instead_of_customer
        if proposal is not None and proposal.state == "open"
        else "",
    )


def _reasons(match: Match) -> Sequence[tuple[str, int]]:
    return [(sentence(each.text).rstrip("."), each.points) for each in match.reasons]


def side_by_side(account: Account, customer: TradingAccount) -> Sequence[Row]:
    """Set the facts of an account beside those of a customer, each told whether it agrees."""
    mine, theirs = account.address, customer.address

    def row(label: str, one: str | None, other: str | None, form: Callable[[str], str]) -> Row:
        first, second = one or "", other or ""
        known = bool(form(first) and form(second))
        same = form(first) == form(second) if known else None
        return Row(label=label, mine=first, theirs=second, same=same)

    tax = row("Tax number", account.tax_number, customer.tax_number, normalizing.tax_number)
    same_tax = normalizing.same_tax_number(account.tax_number, customer.tax_number)
    rows = (
        row("Name", account.name, customer.name, normalizing.company_name),
        Row(label=tax.label, mine=tax.mine, theirs=tax.theirs, same=same_tax),
        Row(
            label="E-mail",
            mine=account.email or "",
            theirs=customer.email or "",
            same=_same_mail(account.email or "", customer.email or ""),
        ),
        row("Phone", account.phone, customer.phone, normalizing.phone),
        row("Street", mine.street, theirs.street, _folded),
        row("Postcode", mine.postcode, theirs.postcode, normalizing.postcode),
        row("City", mine.city, theirs.city, _folded),
        row("Country", mine.country, theirs.country, _folded),
        row("Currency", account.currency, customer.currency, _folded),
    )
    return [each for each in rows if each.mine or each.theirs]


def _same_mail(one: str, other: str) -> bool | None:
    """Whether two addresses are the same; two people of one company speak neither way."""
    if not one or not other:
        return None
    if _folded(one) == _folded(other):
        return True
    domain = normalizing.mail_domain(one)
    return None if not domain or domain == normalizing.mail_domain(other) else False


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _name(user: User | None, otherwise: str) -> str:
    return user.name if user is not None else otherwise


def _path(account_id: str) -> str:
    return f"/accounts/{percent_encoded(account_id)}/trading-accounts"
