"""What is sold, kept the same: an item has one code in both systems, so none is ever looked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import evolve

from crossdock.errors import NotSupported
from crossdock.ports import CrmPort, ErpRouter
from crossdock.records import Item, SyncPair
from crossdock.rules.ownership import EntityPolicy, Plan, Side, item_side, plan, with_values
from crossdock.synchronising.keeping import every, kept_by, there, writable
from crossdock.synchronising.port import SyncPort
from crossdock.synchronising.settling import End, Settled, Settling, conflicts_of

SettledItem = Settled[Item, Item]


class Items:
    """Brings the items of one ERP and the CRM in line.

    Needs the scopes `crm.items:read`, `crm.items:write`, `erp.items:read`, `erp.items:write`,
    `sync.state:read` and `sync.state:write`.
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
        """Bring one item in line, or make the one that is missing."""
        return self._settle(item_id, there(self._crm.item, item_id), there(self._erp.item, item_id))

    def all(self) -> Iterator[SettledItem]:
        """Bring all items of both in line; each is written only where something differs."""
        mine = {each.id: each for each in every(self._crm.all_items)}
        for home in every(self._erp.all_items):
            yield self._settle(home.id, mine.pop(home.id, None), home)
        for here in mine.values():
            yield self._settle(here.id, here, None)

    def _settle(self, item_id: str, here: Item | None, home: Item | None) -> SettledItem:
        known = self._sync.pairs("item", self._crm.system, item_id)
        mine = next((each for each in known if each.erp_system == self._erp.system), None)
        if mine is not None or (here is not None and home is not None and not known):
            return self._settling().settle(mine or self._join(item_id), here, home)
        if known:
            text = f"{known[0].erp_system} is its home, whatever {self._erp.system} says of it"
            made = Plan(entity="item", outcome="ignored", reason=text)
            return Settled(outcome="ignored", plan=made, crm=here, erp=home, text=text)
        if home is not None:
            return self._entered_in_erp(home)
        if here is not None:
            return self._entered_in_crm(here)
        made = plan(self.policy, None, None)
        return Settled(outcome="ignored", plan=made, text=made.reason)

    def _entered_in_erp(self, home: Item) -> SettledItem:
        made = plan(self.policy, None, self._erp_side(home))
        if made.outcome != "create_in_crm":
            return Settled(outcome="ignored", plan=made, erp=home, text=made.reason)
        if made.refused:
            return self._refused(made, None, home)
        blank = Item(id=home.id, name=home.name, system=self._crm.system, kind=home.kind)
        values = writable(made.to_crm, kept_by(self._crm, "item"))
        here = self._crm.save_item(with_values(blank, values))
        return self._met(made, here, home, f"{self._crm.system}: item {home.id} was made")

    def _entered_in_crm(self, here: Item) -> SettledItem:
        made = plan(self.policy, self._crm_side(here), None)
        if made.outcome != "create_in_erp":
            return Settled(outcome="ignored", plan=made, crm=here, text=made.reason)
        kept = kept_by(self._erp, "item")
        if kept is not None and not kept:
            text = f"{self._erp.system} lets nobody make items"
            return Settled(outcome="ignored", plan=made, crm=here, text=text)
        if made.refused:
            return self._refused(made, here, None)
        blank = Item(id=here.id, name=here.name, system=self._erp.system, kind=here.kind)
        home = self._erp.save_item(with_values(blank, writable(made.to_erp, kept)))
        return self._met(made, here, home, f"{self._erp.system}: item {here.id} was made")

    def _met(self, made: Plan, here: Item, home: Item, text: str) -> SettledItem:
        settled = self._settling().settle(self._join(home.id), here, home)
        return evolve(settled, outcome="created", done=(text, *settled.done), plan=made)

    def _refused(self, made: Plan, here: Item | None, home: Item | None) -> SettledItem:
        """Keep for a person that a new item cannot be made as it is."""
        pair = SyncPair(
            entity="item",
            crm_system=self._crm.system,
            crm_id="" if here is None else here.id,
            erp_system=self._erp.system,
            erp_id="" if home is None else home.id,
        )
        crm = None if here is None else self._crm_side(here)
        erp = None if home is None else self._erp_side(home)
        self._sync.keep(pair, conflicts=conflicts_of(self.policy, made, pair, crm, erp))
        text = "; ".join(each.reason for each in made.refused)
        return Settled(outcome="refused", plan=made, crm=here, erp=home, text=text)

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
        if not kept_by(self._erp, "item"):
            raise NotSupported(f"{self._erp.system} lets nobody change items")
        return self._erp.save_item(item)

    def _crm_side(self, item: Item) -> Side:
        return item_side(item, self._crm.system, kept_by(self._crm, "item"))

    def _erp_side(self, item: Item) -> Side:
        """Give all that the ERP says of an item, be it that nobody else may write it there.

        Where others may write items, a field that they may not and that is empty is none of its.
        """
        kept = kept_by(self._erp, "item") or {}
        side = item_side(item, self._erp.system)
        values = {
            name: value for name, value in side.values.items() if value or not kept or name in kept
        }
        longest = {name: most for name, most in kept.items() if most is not None}
        return evolve(side, values=values, longest=longest)
