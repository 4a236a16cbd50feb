"""The quote editor: lines, the guards' answers beside their fields, saving and promoting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs
from attrs import frozen
from starlette.responses import JSONResponse, Response

from crossdock.errors import Conflict, CrossdockError, RemoteRefused
from crossdock.host.asking.verdict import Verdict
from crossdock.records import Account, Quote
from crossdock.server.desk import approvals, findings, offers
from crossdock.server.desk.findings import Message, Messages
from crossdock.server.desk.quote_form import QuoteForm, Reading, read
from crossdock.server.desk.refusals import refusal
from crossdock.server.desk.totals import totals
from crossdock.server.desk.visit import Visit

# What the page shows in places of its own: why a price, what is in stock, the credit line.
_TOLD_APART: Final = ("price.steps", "price.explained", "stock.told", "credit.told")
_EDITABLE: Final = ("draft", "sent", "accepted")


@frozen(kw_only=True)
class Outcome:
    """What a save or a promotion came to, told on the page after it.

    Attributes:
        waits: whether somebody's answer is needed first.
    """

    title: str
    verdict: Verdict | None = None
    waits: bool = False


def blank(visit: Visit) -> Response:
    """Show the editor for a new quote of an account."""
    account = visit.desk.host.crm.account(visit.path("account"))
    quote = _new(visit, account)
    return _editor(visit, account, quote, QuoteForm.of(quote).with_line(visit.query("item")))


def create(visit: Visit) -> Response:
    """Handle what was submitted for a new quote."""
    account = visit.desk.host.crm.account(visit.path("account"))
    return _submitted(visit, account, _new(visit, account))


def existing(visit: Visit) -> Response:
    """Show a quote: to be edited, or to be read once it is ordered."""
    crm = visit.desk.host.crm
    quote = crm.quote(visit.path("quote"))
    return _editor(visit, crm.account(quote.account_id), quote, QuoteForm.of(quote))


def change(visit: Visit) -> Response:
    """Handle what was submitted for a quote."""
    crm = visit.desk.host.crm
    quote = crm.quote(visit.path("quote"))
    return _submitted(visit, crm.account(quote.account_id), quote)


def suggestions(visit: Visit) -> Response:
    """Name items that fit what is being typed; only the script asks for this."""
    found = offers.find(visit, visit.query("system"), visit.query("q")[:100])
    return JSONResponse([{"id": item.id, "name": item.name} for item in found])


def _submitted(visit: Visit, account: Account, quote: Quote) -> Response:
    form = QuoteForm.submitted(visit.form)
    asked, _, subject = visit.sent("action", "enter").partition(":")
    if asked == "enter":  # the Enter key in a field: it searches where a search was typed
        asked = "find" if form.find != form.found else "save"
    match asked:
        case "find":
            form = attrs.evolve(form, found=form.find)
            return _editor(visit, account, quote, form, focus="find")
        case "add":
            form = form.with_line(subject)
            last = f"lines.{len(form.lines) - 1}"
            focus = f"{last}.quantity" if subject else f"{last}.item_id"
            return _editor(visit, account, quote, form, focus=focus)
        case "remove" if subject.isdecimal():
            return _editor(visit, account, quote, form.without_line(int(subject)), focus="lines")
        case "promote":
            return _save(visit, account, quote, form.tidy(), promote=True)
        case _:
            return _save(visit, account, quote, form.tidy())


def _save(
    visit: Visit, account: Account, quote: Quote, form: QuoteForm, *, promote: bool = False
) -> Response:
    reading = read(form, quote)
    if reading.problems:
        return _refused(visit, account, quote, form, [*findings.of_form(reading.problems)])
    if quote.id and form.version != (quote.version or ""):
        return _stale(visit, account, quote, form)
    saved, verdict = quote, None
    if reading.changed or not quote.id or not promote:
        try:
            result = visit.desk.host.save_quote(reading.quote, user=visit.who)
        except Conflict:
            crm = visit.desk.host.crm
            return _stale(visit, account, crm.quote(quote.id) if quote.id else quote, form)
        except RemoteRefused as said_no:
            return _refused(visit, account, quote, form, _of_refusal(said_no, form))
        verdict = result.verdict
        if result.quote is None:
            said = [*findings.of_verdict(verdict, len(form.lines))]
            return _refused(visit, account, quote, form, said, verdict=verdict)
        saved = result.quote
    if not promote:
        title = "Saved, but not checked" if verdict and verdict.unchecked else "Saved"
        return visit.go(f"/quotes/{saved.id}", word=Outcome(title=title, verdict=verdict))
    return _promote(visit, account, saved)


def _promote(visit: Visit, account: Account, quote: Quote) -> Response:
    form = QuoteForm.of(quote)
    try:
        promotion = visit.desk.host.promote_quote(quote.id, user=visit.who)
    except RemoteRefused as said_no:
        return _refused(visit, account, quote, form, _of_refusal(said_no, form))
    if promotion.order is not None:
        title = "The quote is an order now, on its way to the ERP"
        if any(each.code == "deliveries.backlog" for each in promotion.verdict.warnings):
            title += ". It takes longer than usual, as much waits before it"
        return visit.go(f"/orders/{promotion.order.id}", word=Outcome(title=title))
    if promotion.approvals:
        waits = all(each.state == "pending" for each in promotion.approvals)
        title = "It waits for approval now" if waits else "It is not approved"
        return visit.go(f"/quotes/{quote.id}", word=Outcome(title=title, waits=True))
    # What was told when it was saved still holds; what stands against it is said anew.
    kept = visit.desk.host.as_seen_by(visit.who, quote.checks)
    notes = [check for check in kept if check.level == "info"]
    said = [*findings.of_verdict(promotion.verdict, len(form.lines))]
    anew = {(each.place, each.text) for each in said}
    said += [
        each
        for each in findings.of_checks(notes, len(form.lines))
        if (each.place, each.text) not in anew
    ]
    return _refused(
        visit,
        account,
        quote,
        form,
        said,
        verdict=promotion.verdict,
        what="was not promoted",
    )


def _of_refusal(error: RemoteRefused, form: QuoteForm) -> list[Message]:
    lines = len(form.lines)
    fields = [
        Message(
            level="error",
            text=each.message,
            place=findings.place_of(each.field, lines),
            about=findings.about(each.field),
        )
        for each in error.fields
    ]
    return fields or [Message(level="error", text=str(error))]


def _stale(visit: Visit, account: Account, quote: Quote, form: QuoteForm) -> Response:
    """Keep what was typed and say that the quote below it is another one by now."""
    changer = (
        "Somebody else saved this quote while you were editing it. What you typed is still here:"
    )
    text = f"{changer} save again to put it in the place of theirs, or open the quote anew."
    return _refused(
        visit, account, quote, attrs.evolve(form, version=quote.version or ""),
        [Message(level="error", text=text, code="stale")],
    )  # fmt: skip


def _refused(
    visit: Visit,
    account: Account,
    quote: Quote,
    form: QuoteForm,
    said: Sequence[Message],
    *,
    verdict: Verdict | None = None,
    what: str = "was not saved",
) -> Response:
    # With status 200: that a guard said no is an answer, and no fault of the browser's request.
    return _editor(visit, account, quote, form, said=said, verdict=verdict, what=what)


def _editor(
    visit: Visit,
    account: Account,
    quote: Quote,
    form: QuoteForm,
    *,
    said: Sequence[Message] = (),
    verdict: Verdict | None = None,
    what: str = "",
    focus: str = "",
) -> Response:
    host = visit.desk.host
    outcome = visit.word if isinstance(visit.word, Outcome) else None
    refused = verdict
    verdict = refused or (outcome.verdict if outcome else None)
    if outcome and outcome.verdict:
        said = [*findings.of_verdict(outcome.verdict, len(form.lines))]
    elif not what:
        # They were judged with the rights of who saved it.
        checks = host.as_seen_by(visit.who, quote.checks)
        said = [*said, *findings.of_checks(checks, len(form.lines))]
    customers, away = offers.customers(visit, account)
    reading = read(form, quote)
    # A refusal shows the figures that it was judged by; what was saved shows what the CRM has.
    judged = refused.record if refused is not None else None
    shown = judged if isinstance(judged, Quote) else reading.quote
    system = offers.system(visit, form.trading_account, customers)
    searched = bool(form.found)
    messages = Messages(said)
    try:
        found = offers.find(visit, system, form.found) if searched else ()
    except CrossdockError as error:
        found, away = (), refusal(error).title
    return visit.show(
        "quote.html",
        account=account,
        quote=quote,
        shown=shown,
        priced={line.number: line for line in shown.lines},
        totals=totals(shown),
        form=form,
        dirty=_dirty(reading, quote),
        editable=quote.status in _EDITABLE and not quote.order_id,
        messages=messages.besides(*_TOLD_APART),
        told=messages,
        what=what,
        outcome=outcome,
        approvals=approvals.of_quote(visit, quote),
        amended=findings.amended(verdict, visit.desk.wording) if verdict else (),
        customers=customers,
        away=away,
        system=system,
        contacts=host.crm.contacts(account.id),
        opportunities=host.crm.opportunities(account.id),
        found=found,
        searched=searched,
        focus=focus,
    )


def _dirty(reading: Reading, quote: Quote) -> bool:
    return bool(quote.id) and (reading.changed or bool(reading.problems))


def _new(visit: Visit, account: Account) -> Quote:
    currency = account.currency
    if currency is None:
        customers, _ = offers.customers(visit, account)
        currency = customers[0].currency if customers else "EUR"
    return Quote(id="", account_id=account.id, currency=currency, owner_id=visit.who.id)
