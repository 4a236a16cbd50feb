"""How the CRM's price list of an ERP's is made once: it carries no key, so its name finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crossdock.errors import NotFound
from crossdock.host.synchronising.creations import Making
from crossdock.ports import CrmPort
from crossdock.records import PriceList, SyncPair

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crossdock.host.store import Store


def made_of(
    of: PriceList,
    new: PriceList,
    *,
    crm: CrmPort,
    store: Callable[[], Store],
    joined: Callable[[SyncPair, str, sa.Connection], Any],
) -> Making[PriceList]:
    """Say how the CRM's list of an ERP's is made, and found again.

    Args:
        of: the ERP's.
        new: what is to be made.
        crm: the CRM.
        store: says which of the CRM's lists belong to one of that ERP already.
        joined: takes note that both are one.
    """

    def look() -> list[PriceList]:
        return [each for each in crm.price_lists() if each.name == new.name and not taken(each.id)]

    def taken(list_id: str) -> bool:
        pairs = store().sync_pairs.of("price_list", crm.system, list_id)
        return any(each.erp_system == of.system for each in pairs)

    def read(list_id: str) -> PriceList:
        for each in crm.price_lists():
            if each.id == list_id:
                return each
        raise NotFound(f"{crm.system} has no price list {list_id}", system=crm.system)

    def join(made: PriceList, connection: sa.Connection) -> Any:
        pair = SyncPair(
            entity="price_list",
            crm_system=crm.system,
            crm_id=made.id,
            erp_system=of.system,
            erp_id=of.id,
        )
        return joined(pair, "made of it", connection)

    return Making(
        entity="price_list",
        from_system=of.system,
        from_id=of.id,
        to_system=crm.system,
        look=look,
        read=read,
        make=lambda _key: crm.save_price_list(new),
        keyed=False,
        joined=join,
    )
