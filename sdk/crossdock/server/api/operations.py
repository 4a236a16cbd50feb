"""Which function answers which operation of the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crossdock.server.api import (
    approvals,
    back_office,
    dashboard,
    deliveries,
    document,
    embedding,
    events,
    guards,
    health,
    hints,
    invoices,
    linking,
    metrics,
    orders,
    plugins,
    quotes,
    records,
    repairs,
    tabs,
)
from crossdock.server.api.call import Handler
from crossdock.server.api.contract import Contract

_SAVING: Final = {
    "get": records.get_record,
    "create": records.create_record,
    "change": records.change_record,
}
HANDLERS: Final[Mapping[str, Handler]] = {
    "listAccountTabs": tabs.list_tabs_of("account"),
    "renderAccountTab": tabs.render_tab_of("account"),
    "listContactTabs": tabs.list_tabs_of("contact"),
    "renderContactTab": tabs.render_tab_of("contact"),
    **{name: guards.ask_before(point, kind) for name, (point, kind) in guards.JUDGED.items()},
    "createQuote": quotes.create_quote,
    "getQuote": quotes.get_quote,
    "changeQuote": quotes.change_quote,
    "promoteQuote": quotes.promote_quote,
    **{
        f"{verb}{kind.name.capitalize()}": make(kind)
        for kind in (records.ACCOUNT, records.CONTACT, records.OPPORTUNITY, records.ORDER)
        for verb, make in _SAVING.items()
    },
    "receiveEvent": events.receive_event,
    "hintChanges": hints.hint_changes,
    "createEmbedLink": embedding.create_embed_link,
    "answerBackOffice": back_office.answer_back_office,
    "listCards": dashboard.list_cards,
    "renderCard": dashboard.render_card,
    "listSegments": dashboard.list_segments,
    "openSegment": dashboard.open_segment,
    "listApprovals": approvals.list_approvals,
    "getApproval": approvals.get_approval,
    "decideApproval": approvals.decide_approval,
    "listTradingAccounts": linking.list_trading_accounts,
    "decideTradingAccount": linking.decide_trading_account,
    "listLinkProposals": linking.list_link_proposals,
    "getInvoiceCopy": invoices.get_invoice_copy,
    "sendInvoice": invoices.send_invoice,
    "requestOrderChange": orders.request_order_change,
    "listOrderChanges": orders.list_order_changes,
    "listPlacements": orders.list_placements,
    "confirmPlacement": orders.confirm_placement,
    "denyPlacement": orders.deny_placement,
    "listDeliveries": deliveries.list_deliveries,
    "getDelivery": deliveries.get_delivery,
    "countDeliveries": deliveries.count_deliveries,
    "retryDelivery": repairs.retry_delivery,
    "editDelivery": repairs.edit_delivery,
    "assignDelivery": repairs.assign_delivery,
    "noteDelivery": repairs.note_delivery,
    "giveUpDelivery": repairs.give_up_delivery,
    "listCircuits": repairs.list_circuits,
    "tryCircuit": repairs.try_circuit,
    "listPlugins": plugins.list_plugins,
    "enablePlugin": plugins.enable_plugin,
    "disablePlugin": plugins.disable_plugin,
    "replacePlugin": plugins.replace_plugin,
    "explainPoint": plugins.explain_point,
    "isLive": health.is_live,
    "isReady": health.is_ready,
    "getMetrics": metrics.get_metrics,
    "getDocument": document.get_document,
}


def check_complete(contract: Contract) -> None:
    """Check that each operation has its function, and each function its operation.

    Raises:
        LookupError: one has not.
    """
    if odd := set(HANDLERS) ^ set(contract.operations):
        raise LookupError(f"in the document or in the code, but not in both: {sorted(odd)}")
