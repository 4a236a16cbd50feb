"""What plugins say before a record is saved; nothing is saved here."""

from __future__ import annotations

from crossdock.records import Quote
from crossdock.server.api.call import Answer, Call
from crossdock.server.api.wire import record_of, verdict_document


def ask_before_quote_save(call: Call) -> Answer:
    """Ask the guards about a quote that is about to be saved."""
    quote = record_of(Quote, call.body["record"], **_unsaved(call.body["record"]))
    earlier = call.body.get("before")
    before = record_of(Quote, earlier, **_unsaved(earlier)) if earlier else None
    verdict = call.api.host.before_quote_save(quote, user=call.user, before=before)
    return Answer(body=verdict_document(verdict, "before_quote_save"))


def ask_before_order_promote(call: Call) -> Answer:
    """Ask the guards about a quote that is about to become an order."""
    quote = record_of(Quote, call.body["record"], **_unsaved(call.body["record"]))
    verdict = call.api.host.before_order_promote(quote, user=call.user)
    return Answer(body=verdict_document(verdict, "before_order_promote"))


def _unsaved(document: dict[str, object]) -> dict[str, str]:
    """Fill in what our records need and a record that was never saved has not."""
    return {} if "id" in document else {"id": ""}
