"""What similar customers buy and this one does not (cross-sell), or buy in a better form (up-sell).

Two customers are similar as far as they buy the same items: the number of items that both bought,
divided by the number that either did (the coefficient of P. Jaccard, "The distribution of the flora
in the alpine zone", New Phytologist 11, 1912). Neither amounts nor trade nor place enter it, so
that anybody can check it on two lists. What is suggested is what many of the most similar ones buy,
as recommendation from the nearest neighbours does (P. Resnick et al., "GroupLens", CSCW 1994).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import Final

from attrs import field, frozen

from crossdock.records import Item, Money
from crossdock.rules.sold_lines import SoldLine

MOST_PEERS: Final = 25
LEAST_SIMILAR: Final = Decimal("0.1")
LEAST_SHARE: Final = Decimal("0.3")
"""The share of the peers who buy something from which on a customer without it has a gap."""
FEWEST_BUYERS: Final = 2
"""Peers who buy a better variant beside the plain one, below which it is not suggested."""
DEAREST: Final = Decimal(3)
"""A variant that costs more than so many times the price is another thing."""


@frozen(kw_only=True)
class Basket:
    """What a customer bought, credits taken off.

    Attributes:
        items: ids of the items of which something was kept.
        spent: net on each of them, in one currency.
    """

    customer_id: str
    items: frozenset[str]
    spent: Mapping[str, Money]


@frozen(kw_only=True)
class Peer:
    """A similar customer.

    Attributes:
        similarity: from 0 (nothing in common) to 1 (the same items).
        common: how many items both bought.
    """

    customer_id: str
    similarity: Decimal
    common: int


@frozen(kw_only=True)
class Gap:
    """Something that similar customers buy and this one does not.

    Attributes:
        name: a product line, or an item's id.
        buyers: how many of the peers buy it.
        peers: how many peers there are.
        typical: the median of what those buyers spent on it; `None` where none of them spent
            anything in the basket's currency.
        items: what they buy of it, the most bought first.
    """

    name: str
    buyers: int
    peers: int
    typical: Money | None
    items: tuple[str, ...] = field(converter=tuple[str, ...])

    @property
    def share(self) -> Decimal:
        """The share of the peers who buy it."""
        return Decimal(self.buyers) / self.peers


@frozen(kw_only=True)
class BetterVariant:
    """A dearer item of the same kind that similar customers buy beside the one bought here.

    Attributes:
        item: what the customer buys.
        variant: what it could buy.
        buyers: peers who buy both.
        peers: peers who buy the first.
    """

    item: Item
    variant: Item
    buyers: int
    peers: int


def basket_of(customer_id: str, lines: Iterable[SoldLine], *, currency: str) -> Basket:
    """Sum up what a customer bought.

    Args:
        customer_id: whose lines they are.
        lines: of invoices and credit notes, or of orders; in any currency.
        currency: of the amounts; what was bought in another one counts as bought all the same.
    """
    kept: dict[str, Decimal] = defaultdict(Decimal)
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        kept[line.item_id] += line.quantity
        if line.net.currency == currency:
            spent[line.item_id] += line.net.amount
    items = frozenset(item_id for item_id, quantity in kept.items() if quantity > 0)
    return Basket(
        customer_id=customer_id,
        items=items,
        spent={each: Money(spent[each], currency) for each in sorted(items & spent.keys())},
    )


def peers_of(
    basket: Basket,
    others: Iterable[Basket],
    *,
    most: int = MOST_PEERS,
    least: Decimal = LEAST_SIMILAR,
) -> tuple[Peer, ...]:
    """Find the most similar customers, the most similar first.

    Args:
        basket: whose peers are looked for; its own among the others is left out.
        others: everybody's.
        most: how many at most.
        least: the similarity below which nobody is a peer.
    """
    found = [
        Peer(customer_id=other.customer_id, similarity=similarity, common=common)
        for other in others
        if other.customer_id != basket.customer_id
        and (common := len(basket.items & other.items))
        and (similarity := Decimal(common) / len(basket.items | other.items)) >= least
    ]
    return tuple(sorted(found, key=lambda peer: (-peer.similarity, peer.customer_id))[:most])


def line_gaps(
    basket: Basket,
    others: Sequence[Basket],
    items: Mapping[str, Item],
    *,
    peers: Sequence[Peer] | None = None,
    least_share: Decimal = LEAST_SHARE,
) -> tuple[Gap, ...]:
    """Find the product lines that similar customers buy and this one does not.

    Args:
        basket: the customer's.
        others: everybody's, the peers' among them.
        items: by id, for their product lines; an item of none is left out.
        peers: from `peers_of`; found here where they are not given.
        least_share: of the peers, from which on it is a gap.

    Returns:
        What most of them buy first, then what they spend most on.
    """

    def line_of(item_id: str) -> str:
        item = items.get(item_id)
        return item.product_line if item else ""

    return _gaps(basket, others, line_of, peers, least_share)


def item_gaps(
    basket: Basket,
    others: Sequence[Basket],
    *,
    peers: Sequence[Peer] | None = None,
    least_share: Decimal = LEAST_SHARE,
) -> tuple[Gap, ...]:
    """Find the items that similar customers buy and this one does not, in the same way."""
    return _gaps(basket, others, str, peers, least_share)


def better_variants(
    basket: Basket,
    others: Sequence[Basket],
    items: Mapping[str, Item],
    *,
    peers: Sequence[Peer] | None = None,
) -> tuple[BetterVariant, ...]:
    """Find a better variant of what a customer buys, where similar customers buy it too.

    A variant is an active item of the same product line, kind and unit whose list price is higher,
    up to three times; that it is dearer is the only thing an ERP tells of it being better. It is
    suggested where at least two peers buy both it and the plain one, and the customer does not.

    Returns:
        One variant for each item at most, the one that most peers buy and of those the cheapest;
        those with most buyers first.
    """
    near = _baskets(peers_of(basket, others) if peers is None else peers, others)
    by_line: dict[str, list[Item]] = defaultdict(list)
    for item in items.values():
        if item.product_line and item.active and item.id not in basket.items:
            by_line[item.product_line].append(item)
    found = []
    for item_id in sorted(basket.items):
        plain = items.get(item_id)
        if plain is None or not plain.product_line:
            continue
        buying = [other for other in near if item_id in other.items]
        candidates = [
            BetterVariant(item=plain, variant=variant, buyers=buyers, peers=len(buying))
            for variant in by_line[plain.product_line]
            if _is_better(variant, plain)
            and (buyers := sum(variant.id in other.items for other in buying)) >= FEWEST_BUYERS
        ]
        if candidates:
            found.append(min(candidates, key=_best))
    return tuple(sorted(found, key=lambda each: (-each.buyers, each.item.id)))


def _gaps(
    basket: Basket,
    others: Sequence[Basket],
    name_of: Callable[[str], str],
    peers: Sequence[Peer] | None,
    least_share: Decimal,
) -> tuple[Gap, ...]:
    near = _baskets(peers_of(basket, others) if peers is None else peers, others)
    has = {name_of(item_id) for item_id in basket.items}
    currency = next((money.currency for money in basket.spent.values()), None)
    spent: dict[str, dict[str, list[Money]]] = defaultdict(lambda: defaultdict(list))
    bought: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for other in near:
        for item_id in other.items:
            name = name_of(item_id)
            if name and name not in has:
                bought[name][item_id] += 1
                amounts = spent[name][other.customer_id]
                money = other.spent.get(item_id)
                if money is not None and money.currency == currency:
                    amounts.append(money)
    found = [
        Gap(
            name=name,
            buyers=len(by_customer),
            peers=len(near),
            typical=_typical(by_customer.values()),
            items=sorted(bought[name], key=lambda each: (-bought[name][each], each)),
        )
        for name, by_customer in spent.items()
        if Decimal(len(by_customer)) / len(near) >= least_share
    ]
    return tuple(sorted(found, key=_largest_gap))


def _baskets(peers: Iterable[Peer], others: Iterable[Basket]) -> list[Basket]:
    wanted = {peer.customer_id for peer in peers}
    return [other for other in others if other.customer_id in wanted]


def _typical(by_customer: Iterable[Sequence[Money]]) -> Money | None:
    totals = [sum(given[1:], start=given[0]) for given in by_customer if given]
    if not totals:
        return None
    return Money(median(total.amount for total in totals), totals[0].currency).rounded()


def _largest_gap(gap: Gap) -> tuple[int, Decimal, str]:
    return -gap.buyers, -(gap.typical.amount if gap.typical else Decimal(0)), gap.name


def _is_better(variant: Item, item: Item) -> bool:
    plain, better = item.list_price, variant.list_price
    if plain is None or better is None or plain.currency != better.currency:
        return False
    alike = (variant.unit, variant.kind) == (item.unit, item.kind)
    return alike and plain < better and better <= plain * DEAREST


def _best(found: BetterVariant) -> tuple[int, Decimal, str]:
    price = found.variant.list_price
    return -found.buyers, price.amount if price else Decimal(0), found.variant.id
