"""What plugins say before a record is saved; nothing is saved here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.records import Account, Contact, Opportunity, Order, Quote
from crossdock.server.api.call import Answer, Call, Handler
from crossdock.server.api.wire import record_of, verdict_document


def ask_before(point: str, kind: type[Any]) -> Handler:
    """Make the operation that asks the guards of a point.

    Args:
        point: the extension point.
        kind: the class of the record that is judged.
    """

    def ask(call: Call) -> Answer:
        document: Mapping[str, Any] = call.body["record"]
        earlier: Mapping[str, Any] | None = call.body.get("before")
        verdict = call.api.host.ask(
            point,
            record_of(kind, document, **_ours(call, kind, document)),
            user=call.user,
            before=record_of(kind, earlier, **_ours(call, kind, earlier)) if earlier else None,
        )
        return Answer(body=verdict_document(verdict, point))

    return ask


def _ours(call: Call, kind: type[Any], document: Mapping[str, Any]) -> Mapping[str, str]:
    """Fill in what our records need and the sender cannot, or need not, know."""
    known = {} if "id" in document else {"id": ""}
    return {**known, "system": call.api.host.crm.system} if kind is Order else known


JUDGED: Mapping[str, tuple[str, type[Any]]] = {
    "askBeforeAccountSave": ("before_account_save", Account),
    "askBeforeContactSave": ("before_contact_save", Contact),
    "askBeforeOpportunitySave": ("before_opportunity_save", Opportunity),
    "askBeforeQuoteSave": ("before_quote_save", Quote),
    "askBeforeOrderSave": ("before_order_save", Order),
    "askBeforeOrderPromote": ("before_order_promote", Quote),
}
"""Extension point and record of each operation that asks guards."""
