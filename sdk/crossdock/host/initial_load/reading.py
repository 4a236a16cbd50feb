"""A list of one system, read page by page into the store, from where it was stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import orjson

from crossdock.host.initial_load.pace import Pace
from crossdock.host.initial_load.progress import Progress, Step
from crossdock.host.initial_load.rows import LoadRows, LoadState, Side
from crossdock.records.plain import to_plain

if TYPE_CHECKING:
    from crossdock.host.systems import Router
    from crossdock.ports import CrmPort

Tell = Callable[[Step], object]
_PAGE: Final = 200


def read_side(
    rows: LoadRows,
    load: LoadState,
    side: Side,
    crm: CrmPort,
    erp: Router,
    pace: Pace,
    tell: Tell,
) -> None:
    """Read all accounts of the CRM, or all customers of an ERP; as `read_list`."""
    if side == "erp":
        listing: Callable[..., Any] = erp.using(load.erp_system).all_customers
        read_list(rows, load, side, listing, f"customers of {load.erp_system}", pace, tell)
    else:
        read_list(rows, load, side, crm.all_accounts, f"accounts of {load.crm_system}", pace, tell)


def read_list(
    rows: LoadRows,
    load: LoadState,
    side: Side,
    listing: Callable[..., Any],
    what: str,
    pace: Pace,
    tell: Tell,
) -> None:
    """Read all records of one list, page by page, from where it was stopped.

    Args:
        rows: where they are kept.
        load: as it is now.
        side: which list.
        listing: gives a page of it.
        what: names it in progress.
        pace: keeps the system's quota.
        tell: told how far it is.

    Raises:
        RemoteError: the system did not answer; what was read until then is kept.
    """
    reading = {name: dict(each) for name, each in load.reading.items()}
    mine = reading.setdefault(side, {"cursor": None, "done": False})
    staged = sum(rows.count(load.id, side).values())
    progress = Progress(tell, f"reading {what}", done=staged, total=mine.get("total"))
    while not mine["done"]:
        with pace.turn():
            page = listing(after=mine["cursor"], limit=_PAGE)
        if page.total is not None:
            mine["total"] = progress.total = page.total
        mine["cursor"], mine["done"] = page.next, page.next is None
        found = [(each.id, orjson.dumps(to_plain(each)).decode()) for each in page.items]
        rows.stage(load.id, side, found, reading)
        progress.more(len(found))
