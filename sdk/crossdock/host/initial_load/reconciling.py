"""Both systems read once more at the end: is there what was written, to the last character."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from crossdock.host.initial_load.pace import Pace
from crossdock.host.initial_load.progress import Progress, Step
from crossdock.host.initial_load.rows import SIDES, LoadState
from crossdock.host.initial_load.writing import Writing
from crossdock.host.initial_load.written import Written

if TYPE_CHECKING:
    from crossdock.host.store import Store
    from crossdock.host.systems import Router
    from crossdock.ports import CrmPort

_PAGE: Final = 200
_NAMED: Final = 20


def reconcile(
    store: Store,
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
    listings: dict[str, Any] = {
        "erp": erp.using(load.erp_system).all_customers,
        "crm": crm.all_accounts,
    }
    systems = {"erp": load.erp_system, "crm": load.crm_system}
    found: dict[str, Any] = {"checked": 0, "missing": 0, "differing": [], "checksums": {}}
    for side in SIDES:
        system = systems[side]
        expected = Written(store, load, side)
        total = len(expected)
        progress = Progress(tell, f"checking {system}", total=total)
        written = again = 0
        cursor: str | None = None
        while total:
            with pace.turn():
                page = listings[side](after=cursor, limit=_PAGE)
            wanted = expected.known([each.id for each in page.items])
            for each in page.items:
                known = wanted.get(each.id)
                if known is None:
                    continue
                now = writing.checksum(each)
                written ^= int(known, 16)
                again ^= int(now, 16)
                found["checked"] += 1
                if now != known and len(found["differing"]) < _NAMED:
                    found["differing"].append(f"{system}:{each.id}")
                progress.more()
            cursor = page.next
            if cursor is None:
                break
        missing = expected.unseen()
        named = [f"{system}:{each}" for each in islice(missing, _NAMED)]
        found["differing"] += named
        found["missing"] += len(named) + sum(1 for _ in missing)
        found["checksums"][system] = (f"{written:016x}", f"{again:016x}")
    return found
