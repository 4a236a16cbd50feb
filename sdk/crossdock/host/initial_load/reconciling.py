"""Both systems read once more at the end: is there what was written, to the last character."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from crossdock.host.initial_load.pace import Pace
from crossdock.host.initial_load.progress import Progress, Step
from crossdock.host.initial_load.rows import LoadRows, LoadState
from crossdock.host.initial_load.writing import Writing

if TYPE_CHECKING:
    from crossdock.host.systems import Router
    from crossdock.ports import CrmPort

_PAGE: Final = 200
_NAMED: Final = 20


def reconcile(
    rows: LoadRows,
    load: LoadState,
    crm: CrmPort,
    erp: Router,
    writing: Writing,
    pace: Pace,
    tell: Callable[[Step], object],
) -> dict[str, Any]:
    """Compare what both systems have now with what was written to each pair.

    What people or programs changed meanwhile differs as well and is named; the change feeds bring
    it in line. A record that is not there any more is missing.
    """
    expected: dict[str, dict[str, str]] = {"erp": {}, "crm": {}}
    for row in rows.rows(load.id, "erp"):
        _expect(expected, row.record_id, row.counterpart.partition(":")[2], row.checksum)
    for row in rows.rows(load.id, "crm"):
        if row.checksum and row.decision == "new":  # its customer was made, and was never staged
            customer, _, account = row.checksum.partition(":")
            expected["crm"][row.record_id] = account
            if row.counterpart:
                expected["erp"][row.counterpart.partition(":")[2]] = customer
    listings: dict[str, Any] = {
        "erp": erp.using(load.erp_system).all_customers,
        "crm": crm.all_accounts,
    }
    systems = {"erp": load.erp_system, "crm": load.crm_system}
    found: dict[str, Any] = {"checked": 0, "missing": 0, "differing": [], "checksums": {}}
    for side, wanted in expected.items():
        progress = Progress(tell, f"checking {systems[side]}", total=len(wanted))
        written = again = 0
        left = dict(wanted)
        cursor: str | None = None
        while wanted:
            with pace.turn():
                page = listings[side](after=cursor, limit=_PAGE)
            for each in page.items:
                known = left.pop(each.id, None)
                if known is None:
                    continue
                now = writing.checksum(each)
                written ^= int(known, 16)
                again ^= int(now, 16)
                found["checked"] += 1
                if now != known and len(found["differing"]) < _NAMED:
                    found["differing"].append(f"{systems[side]}:{each.id}")
                progress.more()
            cursor = page.next
            if cursor is None:
                break
        found["missing"] += len(left)
        found["differing"] += [f"{systems[side]}:{each}" for each in list(left)[:_NAMED]]
        found["checksums"][systems[side]] = (f"{written:016x}", f"{again:016x}")
    return found


def _expect(
    expected: dict[str, dict[str, str]], customer_id: str, account_id: str, checksum: str
) -> None:
    if not checksum:
        return
    customer, _, account = checksum.partition(":")
    expected["erp"][customer_id] = customer
    if account_id:
        # Of several customers of one account, what the last of them left counts.
        expected["crm"][account_id] = account
