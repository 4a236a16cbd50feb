"""What is sold, kept the same: an item has one code in both systems, so none is ever looked for."""

from __future__ import annotations

from typing import Any, Final

from attrs import evolve

from crossdock.errors import NotSupported
from crossdock.ports import CrmPort, ErpRouter
from crossdock.records import Item, SyncPair
from crossdock.rules.ownership import EntityPolicy, item_side, plan, with_values
from crossdock.synchronising.keeping import kept_by, there, writable
from crossdock.synchronising.port import SyncPort
from crossdock.synchronising.settling import End, Settled, Settling

SettledItem = Settled[Item, Item]


class Items:
    """Brings the items of one ERP and the CRM in line.

    Needs the scopes `crm.items:read`, `crm.items:write`, `erp.items:read`, `sync.state:read` and
    `sync.state:write`.
    """

    def __init__(
        self, policy: EntityPolicy, crm: CrmPort, erp: ErpRouter, sync: SyncPort, *, system: str
    ) -> None:
        """Make it.

        Args:
            policy: of items.
            crm: the CRM.
            erp: the ERPs.
            sync: what was agreed on.
            system: the ERP whose items they are.
        """
        self.policy: Final = policy
        self._crm = crm
        self._erp = erp.using(system)
        self._sync = sync

    def settle(self, item_id: str) -> SettledItem:
        """Bring one item in line, or make it in the CRM."""
        here = there(self._crm.item, item_id)
        home = there(self._erp.item, item_id)
        known = self._sync.pairs("item", self._crm.system, item_id)
        mine = next((each for each in known if each.erp_system == self._erp.system), None)
        if mine is None and (here is None or home is None):
            if home is None:
                side = None if here is None else self._crm_side(here)
                made = plan(self.policy, side, None)
                text = f"{self._erp.system} makes its items itself"
                return Settled(outcome="ignored", plan=made, crm=here, text=text)
            made = plan(self.policy, None, self._erp_side(home))
            if made.outcome != "create_in_crm" or made.refused:
                return Settled(outcome="ignored", plan=made, erp=home, text=made.reason)
            blank = Item(id=item_id, name=home.name, system=self._crm.system, kind=home.kind)
            values = writable(made.to_crm, kept_by(self._crm, "item"))
            here = self._crm.save_item(with_values(blank, values))
            settled = self._settling().settle(self._join(item_id), here, home)
            text = f"{self._crm.system}: item {item_id} was made"
            return evolve(settled, outcome="created", done=(text, *settled.done))
        return self._settling().settle(mine or self._join(item_id), here, home)

    def _join(self, item_id: str) -> SyncPair:
        pair = SyncPair(
            entity="item",
            crm_system=self._crm.system,
            crm_id=item_id,
            erp_system=self._erp.system,
            erp_id=item_id,
        )
        return self._sync.join(pair, why="they have one code")

    def _settling(self) -> Settling[Item, Item]:
        return Settling(
            self.policy,
            self._sync,
            End(read=self._crm.item, save=self._crm.save_item, side=self._crm_side),
            End(read=self._erp.item, save=self._save, side=self._erp_side),
        )

    def _save(self, item: Item) -> Item:
        save: Any = getattr(self._erp, "save_item", None)
        if save is None:
            raise NotSupported(f"{self._erp.system} lets nobody change items")
        saved: Item = save(item)
        return saved

    def _crm_side(self, item: Item) -> Any:
        return item_side(item, self._crm.system, kept_by(self._crm, "item"))

    def _erp_side(self, item: Item) -> Any:
        return item_side(item, self._erp.system)
