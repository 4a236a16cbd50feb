"""Price lists of an ERP and what stands in them, kept the same in a CRM that keeps such.

A list is made in the CRM once and known by its pair from then on. A price is known by its list, its
item and the quantity from which on it holds. What a CRM does not keep of a price decides what it
gets: without discounts the price that is left after them, without days those of today alone,
without quantities the prices of a single unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from attrs import evolve

from crossdock.errors import NotFound, NotSupported
from crossdock.ports import CrmPort, ErpPort, ErpRouter
from crossdock.records import PriceList, SyncPair
from crossdock.rules.ownership import EntityPolicy, Plan, Side, plan, price_list_side, with_values
from crossdock.synchronising.items import Items
from crossdock.synchronising.keeping import kept_by, writable
from crossdock.synchronising.port import SyncPort
from crossdock.synchronising.prices import Place, Prices, SettledPrice, holds
from crossdock.synchronising.settling import End, Settled, Settling, conflicts_of

SettledList = Settled[PriceList, PriceList]


class PriceLists:
    """Brings the price lists of one ERP and the CRM in line.

    Needs the scopes `crm.prices:read`, `crm.prices:write`, `erp.prices:read`, `erp.prices:write`,
    those of `Items`, `sync.state:read` and `sync.state:write`.
    """

    def __init__(
        self,
        lists: EntityPolicy,
        prices: EntityPolicy | None,
        crm: CrmPort,
        erp: ErpRouter,
        sync: SyncPort,
        *,
        system: str,
        today: date,
        items: Items | None = None,
    ) -> None:
        """Make it.

        Args:
            lists: the policy of price lists.
            prices: that of the prices in them; `None` keeps only the lists the same.
            crm: the CRM.
            erp: the ERPs.
            sync: what was agreed on.
            system: the ERP whose price lists they are.
            today: the day whose prices count where the CRM keeps no days.
            items: brings an item to the CRM before its first price; `None` leaves that to others.
        """
        self.system: Final = system
        self._policy = lists
        self._prices = prices
        self._crm = crm
        self._erp = erp.using(system)
        self._sync = sync
        self._today: Final = today
        self._items = items

    @property
    def possible(self) -> bool:
        """Whether the ERP tells price lists and the CRM keeps any."""
        kept = kept_by(self._crm, "price_list")
        return "price_lists" in self._erp.capabilities and (kept is None or bool(kept))

    def all(self) -> Iterator[SettledList | SettledPrice]:
        """Bring all price lists in line, and their prices."""
        if self.possible:
            for home in self._erp.price_lists():
                yield from self._settle(home)
            for pair in self._lost():
                yield self._settling().settle(pair)

    def settle(self, system: str, list_id: str) -> Iterator[SettledList | SettledPrice]:
        """Bring one price list in line, and its prices.

        Args:
            system: where it was changed: the CRM, or the ERP.
            list_id: its id there.
        """
        if not self.possible:
            return
        pair = next(
            (
                each
                for each in self._sync.pairs("price_list", system, list_id)
                if each.erp_system == self._erp.system
            ),
            None,
        )
        wanted = list_id if pair is None else pair.erp_id
        home = next((each for each in self._erp.price_lists() if each.id == wanted), None)
        if home is not None and (pair is not None or system == self._erp.system):
            yield from self._settle(home)
        elif pair is not None:
            yield self._settling().settle(pair)

    def list_of(self, system: str, name: str) -> str:
        """Give the id of the list that a price stands in.

        Args:
            system: whose price it is: the CRM's, or the ERP's.
            name: of the price, as `price_id` gives it.
        """
        port: CrmPort | ErpPort = self._crm if system == self._crm.system else self._erp
        there = (each.id for each in port.price_lists() if name.startswith(f"{each.id}/"))
        return max(there, key=len, default="")

    def _lost(self) -> Iterator[SyncPair]:
        """Give the pairs whose list the ERP does not tell any more."""
        there = {each.id for each in self._erp.price_lists()}
        for here in self._crm.price_lists():
            for pair in self._sync.pairs("price_list", self._crm.system, here.id):
                if pair.erp_system == self._erp.system and pair.erp_id not in there:
                    yield pair

    def _settle(self, home: PriceList) -> Iterator[SettledList | SettledPrice]:
        known = self._sync.pairs("price_list", self._erp.system, home.id)
        settled = (
            self._settling().settle(known[0], None, self._as_kept(home))
            if known
            else self._entered(home)
        )
        yield settled
        if settled.crm is not None and settled.erp is not None and self._prices is not None:
            yield from self._prices_of(self._prices, settled.crm, home).settle()

    def _prices_of(self, policy: EntityPolicy, here: PriceList, home: PriceList) -> Prices:
        kept = kept_by(self._crm, "price")
        place = Place(
            kept=None if kept is None else frozenset(kept), today=self._today, item=self._erp.item
        )
        return Prices(
            policy=policy,
            crm=self._crm,
            erp=self._erp,
            sync=self._sync,
            place=place,
            items=self._items,
            here=here,
            home=home,
        )

    def _entered(self, home: PriceList) -> SettledList:
        """Make a list of the ERP in the CRM: those of a CRM are not known to any ERP."""
        home = self._as_kept(home)
        made = plan(self._policy, None, self._erp_side(home))
        if made.outcome != "create_in_crm":
            return Settled(outcome="ignored", plan=made, erp=home, text=made.reason)
        if made.refused:
            return self._refused(made, home)
        blank = PriceList(id="", name=home.name, system=self._crm.system, currency=home.currency)
        new = with_values(blank, writable(made.to_crm, kept_by(self._crm, "price_list")))
        here = self._sync.create_price_list(new, of=home)
        pair = self._sync.pairs("price_list", self._erp.system, home.id)[0]
        settled = self._settling().settle(pair, here, home)
        text = f"{self._crm.system}: price list {here.id} was made of {home.id}"
        return evolve(settled, outcome="created", done=(text, *settled.done), plan=made)

    def _refused(self, made: Plan, home: PriceList) -> SettledList:
        """Keep for a person that a list cannot be made as it is."""
        pair = SyncPair(
            entity="price_list",
            crm_system=self._crm.system,
            crm_id="",
            erp_system=self._erp.system,
            erp_id=home.id,
        )
        found = conflicts_of(self._policy, made, pair, None, self._erp_side(home))
        self._sync.keep(pair, conflicts=found)
        text = "; ".join(each.reason for each in made.refused)
        return Settled(outcome="refused", plan=made, erp=home, text=text)

    def _as_kept(self, home: PriceList) -> PriceList:
        """Give a list as the CRM can have it: without days it is in use on those that it has."""
        kept = kept_by(self._crm, "price_list")
        if kept is None or "valid_to" in kept:
            return home
        return evolve(home, active=home.active and holds(home, self._today))

    def _settling(self) -> Settling[PriceList, PriceList]:
        return Settling(
            self._policy,
            self._sync,
            End(
                read=lambda key: _of_id(self._crm.price_lists, key, self._crm.system),
                save=self._crm.save_price_list,
                side=self._crm_side,
            ),
            End(
                read=lambda key: self._as_kept(
                    _of_id(self._erp.price_lists, key, self._erp.system)
                ),
                save=self._no_list,
                side=self._erp_side,
            ),
        )

    def _no_list(self, _price_list: PriceList) -> PriceList:
        raise NotSupported(f"{self._erp.system} makes and changes its price lists itself")

    def _crm_side(self, price_list: PriceList) -> Side:
        kept = kept_by(self._crm, "price_list")
        return price_list_side(price_list, self._crm.system, kept)

    def _erp_side(self, price_list: PriceList) -> Side:
        return price_list_side(price_list, self._erp.system)


def _of_id(read: Callable[[], Any], list_id: str, system: str) -> PriceList:
    for each in read():
        if each.id == list_id:
            found: PriceList = each
            return found
    raise NotFound(f"{system} has no price list {list_id}", system=system)
