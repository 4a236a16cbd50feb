"""The methods of Tryton's JSON-RPC that this connector calls.

Tryton describes itself by its models and has no document of operations; the method's name stands
for the `operationId`. Source: `__rpc__` and the buttons of the models of 8.2.
"""

from __future__ import annotations

from typing import Final

from crossdock.connectors.operations import Operation, ids

#: There is none; what changes between versions is told by the models themselves.
DOCUMENT: Final = ""
_PATH: Final = "/{database}/rpc/"


def _reads(method: str) -> Operation:
    return Operation(method, "POST", _PATH, repeatable=True)


def _does(method: str) -> Operation:
    return Operation(method, "POST", _PATH)


# A session more does no harm.
LOGIN: Final = _reads("common.db.login")
PREFERENCES: Final = _reads("model.res.user.get_preferences")
TODAY: Final = _reads("model.ir.date.today")

SEARCH_COMPANIES: Final = _reads("model.company.company.search_read")
SEARCH_PARTIES: Final = _reads("model.party.party.search_read")
# A party has no key of the caller's that is unique; who lost the answer looks for it first.
CREATE_PARTY: Final = _does("model.party.party.create")
WRITE_PARTY: Final = _does("model.party.party.write")
SEARCH_IDENTIFIERS: Final = _reads("model.party.identifier.search_read")
SEARCH_MECHANISMS: Final = _reads("model.party.contact_mechanism.search_read")
SEARCH_CATEGORIES: Final = _reads("model.party.category.search_read")
SEARCH_COUNTRIES: Final = _reads("model.country.country.search_read")
SEARCH_ADDRESSES: Final = _reads("model.party.address.search_read")
SEARCH_PRODUCTS: Final = _reads("model.product.product.search_read")
SEARCH_UNITS: Final = _reads("model.product.uom.search_read")
SEARCH_TERM_LINES: Final = _reads("model.account.invoice.payment_term.line.search_read")
SEARCH_TERM_DELTAS: Final = _reads("model.account.invoice.payment_term.line.delta.search_read")
SEARCH_TAXES: Final = _reads("model.account.tax.search_read")
READ_ACCOUNTING: Final = _reads("model.account.configuration.read")
SEARCH_CURRENCIES: Final = _reads("model.currency.currency.search_read")
SEARCH_RATES: Final = _reads("model.currency.currency.rate.search_read")
SEARCH_WAREHOUSES: Final = _reads("model.stock.location.search_read")

SEARCH_SALES: Final = _reads("model.sale.sale.search_read")
SEARCH_SALE_LINES: Final = _reads("model.sale.line.search_read")
SALE_LINE_FIELDS: Final = _reads("model.sale.line.fields_get")
SALE_ON_CHANGE: Final = _reads("model.sale.sale.on_change")
LINE_ON_CHANGE: Final = _reads("model.sale.line.on_change")
LINE_AMOUNT: Final = _reads("model.sale.line.on_change_with")
CREATE_SALE: Final = _does("model.sale.sale.create")
QUOTE_SALE: Final = _does("model.sale.sale.quote")
CONFIRM_SALE: Final = _does("model.sale.sale.confirm")
DRAFT_SALE: Final = _does("model.sale.sale.draft")
CANCEL_SALE: Final = _does("model.sale.sale.cancel")

SEARCH_SHIPMENTS: Final = _reads("model.stock.shipment.out.search_read")
SEARCH_RETURNS: Final = _reads("model.stock.shipment.out.return.search_read")
CANCEL_SHIPMENT: Final = _does("model.stock.shipment.out.cancel")
SEARCH_MOVES: Final = _reads("model.stock.move.search_read")
OPEN_EXCEPTION: Final = _does("wizard.sale.handle.shipment.exception.create")
HANDLE_EXCEPTION: Final = _does("wizard.sale.handle.shipment.exception.execute")
CLOSE_EXCEPTION: Final = _does("wizard.sale.handle.shipment.exception.delete")

SEARCH_INVOICES: Final = _reads("model.account.invoice.search_read")
SEARCH_INVOICE_LINES: Final = _reads("model.account.invoice.line.search_read")
SEARCH_MOVE_LINES: Final = _reads("model.account.move.line.search_read")
# Tryton keeps what it printed of a posted invoice, and gives the same again.
PRINT_INVOICE: Final = _reads("report.account.invoice.execute")

# The same warning accepted twice is accepted.
ACCEPT_WARNING: Final = _reads("model.res.user.warning.skip")

USED: Final = ids(tuple(globals().values()))
