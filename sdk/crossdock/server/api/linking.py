"""Trading accounts: which ERP customers an account has, what may be linked, a person's word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crossdock.host.linking.suggesting import Suggestion
from crossdock.host.store.links import Link
from crossdock.host.store.proposals import Proposal
from crossdock.records import TradingAccount
from crossdock.rules.matching.comparing import Match
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.wire import document_of


def list_trading_accounts(call: Call) -> Answer:
    """List what is linked to an account, and what may be."""
    return _of_account(call, call.read.query.get("search", ""))


def decide_trading_account(call: Call) -> Answer:
    """Link, reject or unlink a customer, or let new orders go to it."""
    linking, account_id, user = call.api.host.linking, call.path("account_id"), call.user
    customer, comment = call.body["customer"], call.body.get("comment", "")
    match call.body["decision"]:
        case "link":
            linking.link(account_id, customer, user, comment=comment)
        case "reject":
            linking.reject(account_id, customer, user, comment=comment)
        case "unlink":
            linking.unlink(account_id, customer, user, comment=comment)
        case _:
            linking.set_default(account_id, customer, user)
    return _of_account(call, "")


def list_link_proposals(call: Call) -> Answer:
    """List what waits for a person's word, the surest first."""
    host, query = call.api.host, call.read.query
    _ = call.user  # somebody of the CRM asks
    limit, after = query["limit"], query.get("after", 0)
    found = host.store.proposals.list(host.crm.system, after=after, limit=limit + 1)
    more = len(found) > limit
    return Answer(
        body={
            "data": [_proposal(each) for each in found[:limit]],
            "next": after + limit if more else None,
        }
    )


def _of_account(call: Call, search: str) -> Answer:
    host = call.api.host
    _ = call.user
    account = host.crm.account(call.path("account_id"))
    suggested = host.linking.suggesting.suggestions(account, search)
    return Answer(
        body={
            "linked": [_link(each) for each in host.linking.linked.links(account)],
            "candidates": [_candidate(call, each) for each in suggested.found],
            "away": list(suggested.away),
        }
    )


def _link(link: Link) -> dict[str, Any]:
    return {
        "customer": link.ref,
        "system": link.erp_system,
        "number": link.customer_id,
        "name": link.customer_name,
        "currency": link.currency,
        "default": link.default,
        "evidence": link.evidence,
        "lost": link.lost == "customer",
    }


def _candidate(call: Call, suggestion: Suggestion) -> dict[str, Any]:
    match: Match = suggestion.match
    customer: TradingAccount = call.api.host.as_seen_by(call.user, suggestion.customer)
    return {
        "customer": customer.ref,
        "system": customer.system,
        "number": customer.id,
        "name": customer.name,
        "currency": customer.currency,
        "tax_number": customer.tax_number,
        "email": customer.email,
        "phone": customer.phone,
        "city": customer.address.city,
        "country": customer.address.country,
        "score": match.score,
        "sureness": match.sureness,
        "reasons": _reasons([(each.text, each.points) for each in match.reasons]),
        "taken_by": suggestion.taken_by or None,
        "rejected": suggestion.rejected,
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {
        "account_id": proposal.account_id,
        "account_name": proposal.account_name,
        "customer": proposal.ref,
        "customer_name": proposal.customer_name,
        "score": proposal.score,
        "reasons": _reasons(proposal.reasons),
        "instead_of_account": proposal.instead_of_account or None,
        "instead_of_customer": proposal.instead_of_customer or None,
        "asked_at": document_of(proposal.asked_at),
    }


def _reasons(reasons: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"text": text, "points": points} for text, points in reasons]
