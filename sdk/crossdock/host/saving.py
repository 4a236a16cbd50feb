"""Saving and promoting: guards first, then the CRM, then the event."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from crossdock.host.calls import Calls
from crossdock.host.promotion import Promotion, SavedQuote, checks_of
from crossdock.host.verdict import Verdict
from crossdock.records import Event, OrderPromoted, Quote, QuoteSaved, User


class Saving:
    """Saves records in the CRM on behalf of users, as far as the guards agree."""

    def __init__(self, calls: Calls, publish: Callable[[Event], str]) -> None:
        self._calls = calls
        self._crm = calls.services.crm
        self._publish = publish

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
        if verdict.unchecked and quote.status != "draft":
            away = tuple(evolve(fault, closes=True) for fault in verdict.faults)
            verdict = evolve(verdict, faults=away)
        if not verdict.allowed:
            return SavedQuote(verdict=verdict)
        judged: Quote = verdict.record
        status = "unchecked" if verdict.unchecked else judged.pricing_status
        with self._calls.acting_for(user):
            saved = self._crm.save_quote(
                evolve(judged, pricing_status=status, checks=checks_of(verdict))
            )
        event_id = self._publish(QuoteSaved(quote=saved, before=before))
        return SavedQuote(verdict=verdict, quote=saved, event_id=event_id)

    def promote_quote(self, quote_id: str, user: str | User) -> Promotion:
        """Make the CRM's order of a quote; see `Host.promote_quote`."""
        quote = self._crm.quote(quote_id)
        if quote.status == "ordered" and quote.order_id:
            order = self._crm.order(quote.order_id)
            event_id = self._publish(OrderPromoted(order=order))
            return Promotion(
                verdict=Verdict(record=quote), order=order, event_id=event_id, repeated=True
            )
        verdict = self.before_order_promote(quote, user)
        if not verdict.allowed:
            return Promotion(verdict=verdict)
        with self._calls.acting_for(user):
            order = self._crm.order_from_quote(quote_id)
        event_id = self._publish(OrderPromoted(order=order))
        return Promotion(verdict=verdict, order=order, event_id=event_id)
