"""Estimates that become invoices: the link stands on both, and the estimate is closed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from crossdock_mocks.dialects.quickbooks.entities import ESTIMATE, INVOICE
from crossdock_mocks.dialects.quickbooks.forms import link
from crossdock_mocks.dialects.quickbooks.ledger import Ledger
from crossdock_mocks.dialects.quickbooks.refusals import business, refused
from crossdock_mocks.dialects.quickbooks.wire import Row

_DERIVED: Final = ("Payment", "ReimburseCharge", "StatementCharge")


def billed_estimates(links: Iterable[Row]) -> list[str]:
    """The estimates that an invoice is linked to by what came; links of payments are not written.

    Raises:
        Problem: 400 with code 620, something else is linked.
    """
    found = []
    for each in links:
        kind, key = each.get("TxnType"), each.get("TxnId")
        if kind == ESTIMATE.name and key:
            found.append(key)
        elif kind not in _DERIVED and (kind, key) not in (("0", "0"), (None, None)):
            raise refused(620, f"Transaction {kind} {key} cannot be linked", "LinkedTxn")
    return list(dict.fromkeys(found))


def link_estimates(ledger: Ledger, invoice: Row, wanted: Iterable[str]) -> list[Row]:
    """Link an invoice to estimates, and to no others; gives its links.

    Raises:
        Problem: 400 with code 620 or 6000, an estimate cannot be billed.
    """
    kept = list(wanted)
    stood = [each["TxnId"] for each in invoice["LinkedTxn"] if each["TxnType"] == ESTIMATE.name]
    for key in stood:
        if key not in kept:
            _open(ledger, key, invoice["Id"])
    for key in kept:
        if key not in stood:
            _close(ledger, key, invoice)
    others = [each for each in invoice["LinkedTxn"] if each["TxnType"] != ESTIMATE.name]
    return [*(link(key, ESTIMATE.name) for key in kept), *others]


def _close(ledger: Ledger, key: str, invoice: Row) -> None:
    estimate = ledger.find(ESTIMATE, key)
    if estimate is None:
        raise refused(620, f"Transaction Estimate {key} cannot be linked", "LinkedTxn")
    if estimate["CustomerRef"]["value"] != invoice["CustomerRef"]["value"]:
        raise business("The estimate is for another customer.", "LinkedTxn")
    if estimate["TxnStatus"] in ("Closed", "Rejected"):
        raise business(
            f"Estimate {key} is {estimate['TxnStatus'].lower()} and cannot be billed.", "LinkedTxn"
        )
    estimate["TxnStatus"] = "Closed"
    estimate["LinkedTxn"].append(link(invoice["Id"], INVOICE.name))
    ledger.save(ESTIMATE, estimate)


def _open(ledger: Ledger, key: str, invoice_id: str) -> None:
    """An estimate is open again when its invoice is gone."""
    estimate = ledger.find(ESTIMATE, key)
    if estimate is None:
        return
    estimate["LinkedTxn"] = [
        each for each in estimate["LinkedTxn"] if each != link(invoice_id, INVOICE.name)
    ]
    if not estimate["LinkedTxn"] and estimate["TxnStatus"] == "Closed":
        accepted = estimate.get("AcceptedDate") or estimate.get("AcceptedBy")
        estimate["TxnStatus"] = "Accepted" if accepted else "Pending"
    ledger.save(ESTIMATE, estimate)
