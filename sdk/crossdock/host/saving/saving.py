"""Saving and promoting: guards first, then the CRM, then the event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import evolve

from crossdock.errors import ConfigError
from crossdock.host.after_save.after_save import AfterSave
from crossdock.host.approvals.approvals import Approvals
from crossdock.host.asking.calls import Calls
from crossdock.host.asking.verdict import Verdict
from crossdock.host.gateway import rehearsing
from crossdock.host.saving.promotion import JUDGED, Promotion, SavedQuote, checks_of
from crossdock.host.saving.saved import SavedAccount, SavedContact, SavedOpportunity, SavedOrder
from crossdock.records import (
    Account,
    Change,
    Contact,
    Event,
    Opportunity,
    Order,
    OrderPromoted,
    Quote,
    QuoteApproved,
    QuoteSaved,
    RecordChanged,
    User,
)

SUBJECTS: Final[Mapping[str, str]] = {
    "before_account_save": "account",
    "before_contact_save": "contact",
    "before_opportunity_save": "opportunity",
    "before_quote_save": "quote",
    "before_order_save": "order",
    "before_order_promote": "quote",
}
"""What the guards of each point judge, and may amend."""


class Saving:
    """Saves records in the CRM on behalf of users, as far as the guards agree."""

    def __init__(
        self,
        calls: Calls,
        publish: Callable[[Event], str],
        approvals: Approvals,
        after_save: AfterSave,
    ) -> None:
        self._calls = calls
        self._approvals = approvals
        self._after_save = after_save
        self._crm = calls.services.crm
        self._publish = publish

    def ask(self, point: str, record: Any, user: str | User, before: Any) -> Verdict:
        """Ask the guards of any point; see `Host.ask`."""
        subject = SUBJECTS.get(point)
        if subject is None:
            raise ConfigError(
                f"{point!r} is no extension point with guards; there are: {', '.join(SUBJECTS)}"
            )
        arguments = {subject: record}
        if point != "before_order_promote":
            arguments["before"] = before
        return self._calls.guard(point, subject, arguments, user)

    def before_quote_save(self, quote: Quote, user: str | User, before: Quote | None) -> Verdict:
        """Ask the guards about a quote that is about to be saved."""
        arguments = {"quote": quote, "before": before}
        return self._calls.guard("before_quote_save", "quote", arguments, user)

    def before_order_promote(self, quote: Quote, user: str | User) -> Verdict:
        """Ask the guards about a quote that is about to become an order."""
        return self._calls.guard("before_order_promote", "quote", {"quote": quote}, user)

    def save_quote(self, quote: Quote, user: str | User) -> SavedQuote:
        """Save a quote as the guards amended it; see `Host.save_quote`."""
        before = self._crm.quote(quote.id) if quote.id else None
        verdict = self.before_quote_save(quote, user, before)
        if quote.status != "draft":
            verdict = _checked_in_full(verdict)
        if not verdict.allowed or rehearsing():
            return SavedQuote(verdict=verdict)
        judged: Quote = verdict.record
        status = "unchecked" if verdict.unchecked else judged.pricing_status
        with self._calls.acting_for(user):
            saved = self._crm.save_quote(
                evolve(judged, pricing_status=status, checks=checks_of(verdict))
            )
        self._after_save.note(saved, verdict)
        event_id = self._publish(QuoteSaved(quote=saved, before=before))
        return SavedQuote(verdict=verdict, quote=saved, event_id=event_id)

    def promote_quote(self, quote_id: str, user: str | User) -> Promotion:
        """Make the CRM's order of a quote; see `Host.promote_quote`."""
        quote = self._crm.quote(quote_id)
        if quote.status == "ordered" and quote.order_id:
            order = self._crm.order(quote.order_id)
            event_id = "" if rehearsing() else self._publish(OrderPromoted(order=order))
            return Promotion(
                verdict=Verdict(record=quote), order=order, event_id=event_id, repeated=True
            )
        if self._after_save.active and not rehearsing():
            settled = self._after_save.settle(quote, self._calls.user(user))
            quote, held = settled.quote, self._agreed(settled.quote, settled.verdict, user)
            if not held.verdict.allowed or held.approvals:
                return held
        promotion = self._agreed(quote, self.before_order_promote(quote, user), user)
        verdict = promotion.verdict
        if not verdict.allowed or promotion.approvals or rehearsing():
            return promotion
        with self._calls.acting_for(user):
            order = self._crm.order_from_quote(quote_id)
        event_id = self._publish(OrderPromoted(order=order))
        return Promotion(verdict=verdict, order=order, event_id=event_id)

    def _agreed(self, quote: Quote, verdict: Verdict, user: str | User) -> Promotion:
        """Take out of a verdict what was agreed to; what was not is asked for."""
        if verdict.approvals and evolve(verdict, approvals=()).allowed and not rehearsing():
            person = self._calls.user(user)
            if missing := self._approvals.request(quote, verdict.approvals, person):
                return Promotion(verdict=verdict, approvals=missing)
            verdict = evolve(verdict, approvals=())
        return Promotion(verdict=verdict)

    def go_on(self, approved: QuoteApproved) -> None:
        """Promote a quote after everything that it waited for was agreed to."""
        promotion = self.promote_quote(approved.quote_id, approved.requested_by)
        if promotion.order is not None:
            outcome = f"ordered as {promotion.order.id}"
        else:
            reasons = "; ".join(each.message for each in promotion.verdict.objections)
            outcome = f"not ordered: {reasons}"
        self._approvals.note_outcome(approved.quote_id, approved.fingerprint, outcome)

    def save_account(self, account: Account, user: str | User) -> SavedAccount:
        """Save an account as the guards amended it; see `Host.save_account`."""
        before = self._crm.account(account.id) if account.id else None
        arguments = {"account": account, "before": before}
        verdict = self._calls.guard("before_account_save", "account", arguments, user)
        if not verdict.allowed or rehearsing():
            return SavedAccount(verdict=verdict)
        with self._calls.acting_for(user):
            saved = self._crm.save_account(verdict.record)
        event_id = self._publish(self._changed("account", saved, before))
        return SavedAccount(verdict=verdict, account=saved, event_id=event_id)

    def save_contact(self, contact: Contact, user: str | User) -> SavedContact:
        """Save a contact as the guards amended it; see `Host.save_contact`."""
        before = self._crm.contact(contact.id) if contact.id else None
        arguments = {"contact": contact, "before": before}
        verdict = self._calls.guard("before_contact_save", "contact", arguments, user)
        if not verdict.allowed or rehearsing():
            return SavedContact(verdict=verdict)
        with self._calls.acting_for(user):
            saved = self._crm.save_contact(verdict.record)
        event_id = self._publish(self._changed("contact", saved, before))
        return SavedContact(verdict=verdict, contact=saved, event_id=event_id)

    def save_opportunity(self, opportunity: Opportunity, user: str | User) -> SavedOpportunity:
        """Save an opportunity as the guards amended it; see `Host.save_opportunity`."""
        before = self._crm.opportunity(opportunity.id) if opportunity.id else None
        arguments = {"opportunity": opportunity, "before": before}
        verdict = self._calls.guard("before_opportunity_save", "opportunity", arguments, user)
        if not verdict.allowed or rehearsing():
            return SavedOpportunity(verdict=verdict)
        with self._calls.acting_for(user):
            saved = self._crm.save_opportunity(verdict.record)
        return SavedOpportunity(verdict=verdict, opportunity=saved)

    def save_order(self, order: Order, user: str | User) -> SavedOrder:
        """Save an order that has no quote, as the guards amended it; see `Host.save_order`."""
        if order.quote_id:
            raise ValueError(
                f"{order.id or 'the order'} has a quote: promote_quote makes its order"
            )
        if not order.reference:
            raise ValueError(
                "an order that is entered needs a reference of its own, so that entering it twice "
                "gives one order"
            )
        before = self._crm.order(order.id) if order.id else None
        arguments = {"order": order, "before": before}
        verdict = self._calls.guard("before_order_save", "order", arguments, user)
        if order.status != "draft":
            verdict = _checked_in_full(verdict)
        if not verdict.allowed or rehearsing():
            return SavedOrder(verdict=verdict)
        judged: Order = verdict.record
        status = "unchecked" if verdict.unchecked else judged.pricing_status
        with self._calls.acting_for(user):
            saved = self._crm.save_order(
                evolve(
                    judged,
                    pricing_status=status,
                    checks=checks_of(verdict),
                    external_ids={**judged.external_ids, JUDGED: judged.reference},
                )
            )
        if saved.status == "draft":
            return SavedOrder(verdict=verdict, order=saved)
        event_id = self._publish(OrderPromoted(order=saved))
        return SavedOrder(verdict=verdict, order=saved, event_id=event_id)

    def _changed(
        self, entity: str, saved: Account | Contact, before: Account | Contact | None
    ) -> RecordChanged:
        return RecordChanged(
            change=Change(
                cursor="",  # it was not read from a feed
                system=self._crm.system,
                entity=entity,
                id=saved.id,
                action="created" if before is None else "updated",
                at=self._calls.services.now(),
                version=saved.version or "",
            )
        )


def _checked_in_full(verdict: Verdict) -> Verdict:
    """Let a remote system that was away close the verdict: only a draft is kept unchecked (C7)."""
    if not verdict.unchecked:
        return verdict
    return evolve(verdict, faults=tuple(evolve(fault, closes=True) for fault in verdict.faults))
