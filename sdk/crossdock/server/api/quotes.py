"""Saving and promoting quotes, with the guards asked on the way."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from crossdock.host.saving.promotion import SavedQuote
from crossdock.records import Quote, QuoteLine
from crossdock.server.api.approvals import approval_document
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.once import once
from crossdock.server.api.preconditions import named, precondition_missing, stale
from crossdock.server.api.problems import Problem, Wrong
from crossdock.server.api.stopping import stopped
from crossdock.server.api.wire import document_of, record_of, verdict_document

_LINE_IS_THE_SENDERS = frozenset(
    {"number", "item_id", "quantity", "unit", "description", "unit_price", "discount_percent"}
)


def get_quote(call: Call) -> Answer:
    """Read a quote."""
    user = call.user  # whoever reads must be somebody
    quote = call.api.host.crm.quote(call.path("quote_id"))
    tag = etag_of(quote)
    if named(call.read.headers.get("if-none-match", ""), tag):
        return Answer(status=304, headers={"etag": tag})
    return Answer(body=document_of(call.api.host.as_seen_by(user, quote)), headers={"etag": tag})


def create_quote(call: Call) -> Answer:
    """Ask the guards, then save a new quote; once for each idempotency key."""
    _ = call.user
    return once(call, _create)


def _create(call: Call) -> Answer:
    body: dict[str, Any] = call.body
    quote = record_of(Quote, {**body, "lines": ()}, id="")
    quote = evolve(quote, lines=_lines(body.get("lines", ())))
    saved = call.api.host.save_quote(quote, user=call.user)
    answer = _saved(call, saved, status=201)
    where = f"/v1/quotes/{answer.body['quote']['id']}"
    return evolve(answer, headers={**answer.headers, "location": where})


def change_quote(call: Call) -> Answer:
    """Ask the guards, then save a quote as it was changed."""
    user = call.user
    wanted = call.read.headers.get("if-match")
    if wanted is None:
        raise precondition_missing()
    now = call.api.host.crm.quote(call.path("quote_id"))
    if not named(wanted, etag_of(now)):
        raise stale("The quote")
    body: dict[str, Any] = call.body
    said = record_of(Quote, {**body, "lines": ()}, id=now.id)
    kept = {line.number: line for line in now.lines}
    changes: dict[str, Any] = {name: getattr(said, name) for name in body if name != "lines"}
    if "lines" in body:
        changes["lines"] = _lines(body["lines"], kept)
    changed = evolve(now, **changes)
    return _saved(call, call.api.host.save_quote(changed, user=user), status=200)


def promote_quote(call: Call) -> Answer:
    """Make an order of a quote."""
    promotion = call.api.host.promote_quote(call.path("quote_id"), user=call.user)
    if promotion.order is None:
        problem = stopped(promotion.verdict, "before_order_promote", "The quote was not promoted")
        asked = [approval_document(call, each) for each in promotion.approvals]
        raise evolve(problem, more={**problem.more, "approvals": asked}) if asked else problem
    return Answer(
        body={
            "order": document_of(call.api.host.as_seen_by(call.user, promotion.order)),
            "verdict": verdict_document(promotion.verdict, "before_order_promote", record=False),
            "event_id": promotion.event_id,
            "repeated": promotion.repeated,
        }
    )


def etag_of(quote: Quote) -> str:
    """Give the ETag of a quote: the version that the CRM compares."""
    return f'"{quote.version or ""}"'


def _saved(call: Call, saved: SavedQuote, *, status: int) -> Answer:
    if saved.quote is None:
        raise stopped(saved.verdict, "before_quote_save", "The quote was not saved")
    return Answer(
        status=status,
        body={
            "quote": document_of(call.api.host.as_seen_by(call.user, saved.quote)),
            "verdict": verdict_document(saved.verdict, "before_quote_save", record=False),
            "event_id": saved.event_id,
        },
        headers={"etag": etag_of(saved.quote)},
    )


def _lines(given: Any, kept: dict[int, QuoteLine] | None = None) -> tuple[QuoteLine, ...]:
    """Make lines of what was sent; one that was there before keeps what is not the sender's."""
    lines: list[QuoteLine] = []
    numbers: set[int] = set()
    for place, document in enumerate(given):
        number = int(document.get("number", place + 1))
        if number in numbers:
            raise Problem(
                422, "invalid", "The body does not fit", "Two lines have one number.",
                errors=(
                    Wrong(pointer=f"/lines/{place}/number", message="another line has it too"),
                ),
            )  # fmt: skip
        numbers.add(number)
        line = record_of(QuoteLine, document, number=number)
        before = (kept or {}).get(number)
        if before is not None and before.item_id == line.item_id:
            said = _LINE_IS_THE_SENDERS & set(document)
            line = evolve(before, **{name: getattr(line, name) for name in said})
        lines.append(line)
    return tuple(lines)
