"""What items cost in one price list of an ERP and its counterpart of the CRM, kept the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

from attrs import evolve, frozen

from crossdock.errors import NotFound, NotSupported
from crossdock.ports import CrmPort, ErpPort
from crossdock.records import Item, ListPrice, PriceList, SyncPair
from crossdock.rules.ownership import (
    EntityPolicy,
    Plan,
    Side,
    plan,
    price_id,
    price_side,
    with_values,
)
from crossdock.synchronising.items import Items
from crossdock.synchronising.keeping import every, kept_by, writable
from crossdock.synchronising.port import SyncPort
from crossdock.synchronising.settling import (
    REFUSALS,
    End,
    Settled,
    Settling,
    conflicts_of,
    with_refusals,
)

SettledPrice = Settled[ListPrice, ListPrice]
Key = tuple[str, Decimal]
_NET: Final = Decimal("0.0001")
_HUNDRED: Final = Decimal(100)


def holds(what: PriceList | ListPrice, on: date) -> bool:
    """Whether a list or a price holds on a day."""
    return (what.valid_from is None or what.valid_from <= on) and (
        what.valid_to is None or on <= what.valid_to
    )


@frozen(kw_only=True)
class Place:
    """What a CRM has room for in a price.

    Attributes:
        kept: the fields that it keeps; `None` for all.
        today: the day whose prices count where it keeps no days.
        item: reads an item of the ERP, whose own price a discount may be of.
    """

    kept: frozenset[str] | None
    today: date
    item: Callable[[str], Item]

    def keeps(self, name: str) -> bool:
        """Whether the CRM keeps a field of a price."""
        return self.kept is None or name in self.kept

    def takes(self, price: ListPrice) -> bool:
        """Whether the CRM has a place for a price at all."""
        return (self.keeps("minimum_quantity") or price.minimum_quantity <= 1) and (
            self.keeps("valid_to") or holds(price, self.today)
        )

    def seen(self, price: ListPrice) -> ListPrice:
        """Give a price as the CRM has it: of one unit, and net of its discount, if need be."""
        if not self.keeps("minimum_quantity"):
            price = evolve(price, minimum_quantity=Decimal(1))
        if self.keeps("discount_percent") or (price.price and not price.discount_percent):
            return price
        full = price.price or self.item(price.item_id).list_price
        if full is None:
            return price
        left = full.amount * (_HUNDRED - price.discount_percent) / _HUNDRED
        net = evolve(full, amount=left.quantize(_NET).normalize())
        return evolve(price, price=net, discount_percent=Decimal(0))

    def rank(self, price: ListPrice) -> tuple[bool, date, Decimal]:
        """Order prices of one key: that of today counts most, else the one that begins last."""
        return (
            holds(price, self.today), price.valid_from or date.min, price.minimum_quantity,
        )  # fmt: skip


@frozen(kw_only=True)
class Prices:
    """The prices of one list, on both sides.

    Attributes:
        policy: of prices.
        crm: the CRM.
        erp: the ERP.
        sync: what was agreed on.
        place: what the CRM has room for.
        items: brings an item to the CRM before its first price; `None` leaves that to others.
        here: the CRM's list.
        home: the ERP's.
    """

    policy: EntityPolicy
    crm: CrmPort
    erp: ErpPort
    sync: SyncPort
    place: Place
    items: Items | None
    here: PriceList
    home: PriceList

    def settle(self) -> Iterator[SettledPrice]:
        """Bring every price of the list in line."""
        told = self._told()
        known = {key_of(each): each for each in _all(self.crm.prices, self.here)}
        for key, home in told.items():
            yield self._one(known.pop(key, None), home, home)
        for here in known.values():
            yield self._one(here, None, here)

    def _told(self) -> dict[Key, ListPrice]:
        """Give what the ERP says, as far as the CRM can have it; one price for each key."""
        found: dict[Key, ListPrice] = {}
        for each in sorted(_all(self.erp.prices, self.home), key=self.place.rank):
            if self.place.takes(each):
                seen = self.place.seen(each)
                found[key_of(seen)] = seen
        return found

    def _one(
        self, here: ListPrice | None, home: ListPrice | None, price: ListPrice
    ) -> SettledPrice:
        pair = self._pair(price)
        known = self.sync.pairs("price", self.crm.system, pair.crm_id)
        mine = next((each for each in known if each.erp_id == pair.erp_id), None)
        if mine is None and (here is None or home is None):
            return self._entered(pair, here, home)
        if mine is None:
            mine = self.sync.join(pair, why="they are of one item, in one list")
        return self._settling(here, home).settle(mine, here, home)

    def _entered(
        self, pair: SyncPair, here: ListPrice | None, home: ListPrice | None
    ) -> SettledPrice:
        """Write a price that only one side has; it is there once, however often it is written."""
        made = plan(
            self.policy,
            None if here is None else self._crm_side(here),
            None if home is None else self._erp_side(home),
        )
        try:
            here, home, text = self._made(made, here, home)
        except REFUSALS as refusal:
            return self._refused(pair, made, here, home, str(refusal))
        if here is None or home is None:
            return Settled(outcome="ignored", plan=made, crm=here, erp=home, text=text)
        joined = self.sync.join(pair, why="made of it")
        settled = self._settling(here, home).settle(joined, here, home)
        return evolve(settled, outcome="created", done=(text, *settled.done), plan=made)

    def _made(
        self, made: Plan, here: ListPrice | None, home: ListPrice | None
    ) -> tuple[ListPrice | None, ListPrice | None, str]:
        if made.outcome == "create_in_crm" and home is not None:
            if self.items is not None:
                self.items.settle(home.item_id)
            new = with_values(_blank(home, self.here), writable(made.to_crm, self._kept))
            text = f"{self.crm.system}: {home.item_id} was priced in {self.here.name}"
            return self.crm.save_price(new), home, text
        kept = kept_by(self.erp, "price")
        if made.outcome == "create_in_erp" and here is not None and (kept is None or kept):
            new = with_values(_blank(here, self.home), writable(made.to_erp, kept))
            text = f"{self.erp.system}: {here.item_id} was priced in {self.home.name}"
            return here, self.erp.save_price(new), text
        return here, home, made.reason or f"{self.erp.system} lets nobody write prices"

    def _refused(
        self,
        pair: SyncPair,
        made: Plan,
        here: ListPrice | None,
        home: ListPrice | None,
        why: str,
    ) -> SettledPrice:
        """Keep for a person that a price cannot be written as it is, and go on with the others."""
        made = with_refusals(made, dict.fromkeys([*made.to_crm, *made.to_erp], why))
        crm = None if here is None else self._crm_side(here)
        erp = None if home is None else self._erp_side(home)
        pair = evolve(pair, crm_id=pair.crm_id if here else "", erp_id=pair.erp_id if home else "")
        conflicts = conflicts_of(self.policy, made, pair, crm, erp)[:1]  # it is one matter
        self.sync.keep(pair, conflicts=conflicts)
        return Settled(outcome="refused", plan=made, crm=here, erp=home, text=why)

    def _pair(self, price: ListPrice) -> SyncPair:
        return SyncPair(
            entity="price",
            crm_system=self.crm.system,
            crm_id=price_id(evolve(price, price_list_id=self.here.id)),
            erp_system=self.erp.system,
            erp_id=price_id(evolve(price, price_list_id=self.home.id)),
        )

    def _settling(
        self, here: ListPrice | None, home: ListPrice | None
    ) -> Settling[ListPrice, ListPrice]:
        crm, erp = _only(here, self.crm.system), _only(home, self.erp.system)
        return Settling(
            self.policy,
            self.sync,
            End(read=crm, save=self.crm.save_price, side=self._crm_side),
            End(read=erp, save=self._save, side=self._erp_side),
        )

    def _save(self, price: ListPrice) -> ListPrice:
        """Write a price into the ERP, where it is one that the CRM has seen whole."""
        if not kept_by(self.erp, "price"):
            raise NotSupported(f"{self.erp.system} lets nobody change prices")
        for each in _all(self.erp.prices, self.home):
            if self.place.takes(each) and key_of(self.place.seen(each)) == key_of(price):
                if each.discount_percent and not self.place.keeps("discount_percent"):
                    raise NotSupported(
                        f"{self.erp.system} has a discount on it, which {self.crm.system} does "
                        "not know: change it there"
                    )
                price = evolve(price, minimum_quantity=each.minimum_quantity)
        return self.erp.save_price(price)

    @property
    def _kept(self) -> Any:
        return kept_by(self.crm, "price")

    def _crm_side(self, price: ListPrice) -> Side:
        return price_side(price, self.crm.system, self._kept)

    def _erp_side(self, price: ListPrice) -> Side:
        return price_side(price, self.erp.system)


def key_of(price: ListPrice) -> Key:
    """Give what tells a price from the others of its list."""
    return price.item_id, price.minimum_quantity.normalize()


def _all(read: Callable[..., Any], price_list: PriceList) -> Iterator[ListPrice]:
    return every(lambda after: read(price_list.id, after=after))


def _blank(price: ListPrice, price_list: PriceList) -> ListPrice:
    """Give where a price of the other side stands in a list, without what it says."""
    return ListPrice(
        price_list_id=price_list.id,
        item_id=price.item_id,
        system=price_list.system,
        minimum_quantity=price.minimum_quantity,
    )


def _only(price: ListPrice | None, system: str) -> Callable[[str], ListPrice]:
    """Give what reads a price that is in hand already: a list is read as a whole."""

    def read(price_key: str) -> ListPrice:
        if price is None:
            raise NotFound(f"{system} has no price {price_key}", system=system)
        return price

    return read
