"""Ask the guards about a quote that a CRM saved without asking, and write their answer back.

A change of a quote comes from the CRM's feed as an event for the host itself. Its handler reads the
quote, asks the guards on behalf of its owner, writes amendments and findings onto it, and gives the
owner a task where something stands against it. Each content of a quote is judged once: what the
host wrote itself comes back through the feed and is known by its content, so nothing goes round in
circles. The promotion waits until the quote, as it is then, is clean.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from attrs import evolve, frozen

from crossdock.errors import Conflict, NotFound, RemoteUnavailable
from crossdock.host.after_save.judgements import Judgement, Judgements, State, content_of
from crossdock.host.asking.calls import Calls
from crossdock.host.asking.verdict import Finding, Verdict
from crossdock.host.saving.promotion import checks_of
from crossdock.host.store import Store
from crossdock.records import Activity, Change, Check, Event, Quote, QuoteSaved, QuoteWritten, User

_MOST_REWRITES: Final = 3
_MOST_READINGS: Final = 3
_OPEN: Final = frozenset({"draft", "sent", "accepted"})


@frozen(kw_only=True)
class Settled:
    """A quote as the guards left it, with what they said."""

    quote: Quote
    verdict: Verdict


class AfterSave:
    """Judges quotes right after they were saved."""

    def __init__(self, calls: Calls, publish: Callable[[Event], str]) -> None:
        self._calls = calls
        self._publish = publish
        self._crm = calls.services.crm
        self._store: Store = calls.services.store
        self._judgements = Judgements(self._store, self._crm.system)

    @property
    def active(self) -> bool:
        """Whether the CRM is one that has to be judged so."""
        return self._crm.guards.quote == "after"

    # What the CRM's feed tells.

    def event_of(self, change: Change) -> QuoteWritten | None:
        """Say what is to be done about a change in the CRM's feed; `None` for nothing.

        Quotes that were saved before this host first looked are left alone until they are saved
        again or promoted: nobody expects a CRM's old quotes to be priced anew.
        """
        if not self.active or change.entity != "quote" or change.action == "deleted":
            return None
        now = self._calls.services.now()
        since = self._store.watermarks.began(self._crm.system, now)
        return QuoteWritten(change=change) if change.at >= since else None

    def judge(self, written: QuoteWritten) -> None:
        """Judge a quote that the feed told of, unless its content was judged already.

        Raises:
            RemoteUnavailable: an ERP is away. The quote says that it is unchecked, and is judged
                again when the delivery is tried again.
        """
        quote_id = written.change.id
        try:
            quote = self._crm.quote(quote_id)
        except NotFound:  # deleted since
            self._judgements.forget(quote_id)
            return
        known = self._judgements.of(quote_id)
        if quote.status not in _OPEN or _is_known(known, quote, ("clean", "held")):
            return
        settled = self._judged(quote, known, self._owner(quote))
        if settled is not None and settled.verdict.unchecked:
            away = next(each for each in settled.verdict.faults if each.remote)
            raise RemoteUnavailable(away.message, system=_erp_of(quote), maybe_done=False)

    # What the host itself does with quotes.

    def note(self, saved: Quote, verdict: Verdict) -> None:
        """Take note of a quote that was judged before the host saved it."""
        if self.active:
            state: State = "unchecked" if verdict.unchecked else "clean"
            judgement = Judgement(content=content_of(saved), state=state, quote=saved)
            self._judgements.keep(saved.id, judgement)

    def settle(self, quote: Quote, user: User) -> Settled:
        """Judge a quote that is about to be promoted, unless it is known to be clean.

        What was held is asked about again: the reason may be gone.
        """
        if not self.active:
            return Settled(quote=quote, verdict=Verdict(record=quote))
        for _ in range(_MOST_READINGS):
            known = self._judgements.of(quote.id)
            if _is_known(known, quote, ("clean",)):
                return Settled(quote=quote, verdict=Verdict(record=quote))
            settled = self._judged(quote, known, user)
            if settled is not None:
                return settled
            # A worker may just have judged it, and a person may have changed it: look again.
            quote = self._crm.quote(quote.id)
        return Settled(quote=quote, verdict=_held_by_change(quote))

    # Judging.

    def _owner(self, quote: Quote) -> User | None:
        """Give whose rights a quote is judged with: its owner's, or its account's owner's."""
        try:
            owner_id = quote.owner_id
            if not owner_id and quote.account_id:
                owner_id = self._crm.account(quote.account_id).owner_id
            owner = self._calls.user(owner_id) if owner_id else None
        except NotFound:  # an account or a person that is gone owns nothing any more
            return None
        return owner if owner is not None and owner.active else None

    def _judged(self, quote: Quote, known: Judgement | None, user: User | None) -> Settled | None:
        """Judge a quote and write the answer back; `None` where somebody saved it meanwhile."""
        before = known.quote if known else None
        verdict = self._ask(quote, before, user)
        answer = _answered(quote, verdict)
        content, was = content_of(answer), content_of(quote)
        rewrites = 0
        if content != was and known and (known.content, known.replaced) == (content, was):
            rewrites = known.rewrites + 1
        if rewrites >= _MOST_REWRITES:
            verdict = _held_by_circle(verdict)
            answer, content = quote, was
        try:
            saved = self._written(quote, answer, user)
        except Conflict:
            return None  # the feed tells of what was saved meanwhile, and that is judged then
        # Of what was read back: the CRM may keep a number in another form than it was sent.
        content = content_of(saved)
        state: State = "unchecked" if verdict.unchecked else "clean"
        if not verdict.allowed:
            state = "held"
            self._tell(saved, verdict, content, user)
        self._judgements.keep(
            quote.id,
            Judgement(
                content=content,
                state=state,
                quote=saved,
                replaced=was if content != was else "",
                rewrites=rewrites,
            ),
        )
        if verdict.allowed:
            self._publish(QuoteSaved(quote=saved, before=before))
        return Settled(quote=saved, verdict=verdict)

    def _ask(self, quote: Quote, before: Quote | None, user: User | None) -> Verdict:
        if user is None:
            message = (
                "The quote has no active owner, so nobody's rights are there to check it with. "
                "Give it an owner."
            )
            nobody = Finding(
                plugin_id="host", message=message, code="guard.no_owner", field="owner_id"
            )
            return Verdict(record=quote, point="before_quote_save", vetoes=(nobody,))
        arguments = {"quote": quote, "before": before}
        return self._calls.guard("before_quote_save", "quote", arguments, user)

    def _written(self, quote: Quote, answer: Quote, user: User | None) -> Quote:
        same = content_of(answer) == content_of(quote)
        if same and answer.checks == quote.checks:
            return quote
        if user is None:
            return self._crm.save_quote(answer)
        with self._calls.acting_for(user):
            return self._crm.save_quote(answer)

    def _tell(self, quote: Quote, verdict: Verdict, content: str, user: User | None) -> None:
        """Give the owner a task; once for each content of a quote and what was said of it."""
        reasons = [each.message for each in verdict.objections]
        approvals = [f"{each.message} ({each.role} may approve)" for each in verdict.approvals]
        others = [message for message in reasons if message not in _messages(verdict.approvals)]
        wanted = "needs approval" if approvals and not others else "cannot be ordered as it is"
        key = f"guard:{quote.id}:{content}:{_digest((*others, *approvals))}"
        self._crm.add_activity(
            Activity(
                id="",
                account_id=quote.account_id,
                kind="task",
                subject=f"Quote {quote.id} {wanted}",
                text="\n".join((*others, *approvals)),
                opportunity_id=quote.opportunity_id,
                contact_id=quote.contact_id,
                owner_id=quote.owner_id or (user.id if user else None),
                due_at=self._calls.services.now(),
            ),
            key=key,
        )
        self._store.audit.append(
            actor="host",
            action="quote.held",
            subject=quote.id,
            detail={"codes": sorted({each.code for each in verdict.objections})},
        )


def _is_known(known: Judgement | None, quote: Quote, states: tuple[State, ...]) -> bool:
    return known is not None and known.state in states and known.content == content_of(quote)


def _answered(quote: Quote, verdict: Verdict) -> Quote:
    """Write the guards' answer onto a quote: what they amended, and what they said."""
    judged: Quote = verdict.record
    status = "unchecked" if verdict.unchecked else judged.pricing_status
    objections = tuple(
        Check(level="error", message=each.message, code=each.code, field=each.field)
        for each in verdict.objections
    )
    # A fault that closes is among the objections.
    said = [check.message for check in objections]
    others = tuple(check for check in checks_of(verdict) if check.message not in said)
    answer = evolve(judged, pricing_status=status, checks=objections + others)
    if content_of(answer) == content_of(quote):
        return evolve(quote, checks=answer.checks)
    return answer


def _held_by_circle(verdict: Verdict) -> Verdict:
    message = (
        "Something changes this quote back each time after it was checked, such as a workflow of "
        "the CRM. It is left as it is; find out what that is, then save the quote again."
    )
    finding = Finding(plugin_id="host", message=message, code="guard.circle")
    return evolve(verdict, vetoes=(*verdict.vetoes, finding))


def _held_by_change(quote: Quote) -> Verdict:
    message = "The quote is being changed while it is checked. Try again in a moment."
    finding = Finding(plugin_id="host", message=message, code="guard.changed")
    return Verdict(record=quote, point="before_quote_save", vetoes=(finding,))


def _messages(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.message for finding in findings]


def _digest(messages: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(messages).encode()).hexdigest()[:12]


def _erp_of(quote: Quote) -> str:
    return quote.trading_account.partition(":")[0]
