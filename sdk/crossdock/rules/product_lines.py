"""Sales by product line: what of the range a customer buys, and how that moved by year (A2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from attrs import field, frozen

from crossdock.records import Item, Money
from crossdock.rules.sold_lines import SoldLine


@frozen(kw_only=True)
class ProductLineSales:
    """What was sold of one product line.

    Attributes:
        product_line: its name; empty for items that belong to none, or that are not known.
        share: of the total, as a fraction; `None` where there is no total to have a share of
            because it is zero or less.
        items: ids of what was sold of it, the highest net first.
        by_year: net by calendar year, only where something was sold or credited.
    """

    product_line: str
    net: Money
    share: Decimal | None
    items: tuple[str, ...] = field(converter=tuple[str, ...])
    by_year: Mapping[int, Money]


@frozen(kw_only=True)
class ProductLines:
    """What was sold by product line, in one currency; the lines add up to the total.

    Attributes:
        start: the first day that counts; `None` for everything until `as_of`.
        lines: the highest net first.
    """

    currency: str
    start: date | None
    as_of: date
    total: Money
    lines: tuple[ProductLineSales, ...] = field(converter=tuple[ProductLineSales, ...])

    @property
    def years(self) -> tuple[int, ...]:
        """Every year from the first sale to the last one, oldest first."""
        found = {year for line in self.lines for year in line.by_year}
        return tuple(range(min(found), max(found) + 1)) if found else ()


def product_line_sales(
    lines: Iterable[SoldLine],
    items: Mapping[str, Item],
    *,
    as_of: date,
    start: date | None = None,
) -> tuple[ProductLines, ...]:
    """Sum up lines by the product lines of their items.

    Args:
        lines: of invoices and credit notes, or of orders.
        items: by id; a line counts to the product line that its item has today.
        as_of: lines after this day are left out.
        start: lines before this day are left out.

    Returns:
        One answer for each currency, by its code.
    """
    nets: dict[str, dict[tuple[str, int, str], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in lines:
        if line.on <= as_of and (start is None or line.on >= start):
            item = items.get(line.item_id)
            key = (item.product_line if item else "", line.on.year, line.item_id)
            nets[line.net.currency][key] += line.net.amount
    return tuple(
        _product_lines(currency, found, start, as_of) for currency, found in sorted(nets.items())
    )


def _product_lines(
    currency: str,
    nets: Mapping[tuple[str, int, str], Decimal],
    start: date | None,
    as_of: date,
) -> ProductLines:
    by_year: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    by_item: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for (product_line, year, item_id), net in nets.items():
        by_year[product_line][year] += net
        by_item[product_line][item_id] += net
    total = sum(nets.values(), start=Decimal(0))
    sales = [
        ProductLineSales(
            product_line=product_line,
            net=Money(net := sum(years.values(), start=Decimal(0)), currency),
            share=net / total if total > 0 else None,
            items=_highest_first(by_item[product_line]),
            by_year={year: Money(amount, currency) for year, amount in sorted(years.items())},
        )
        for product_line, years in by_year.items()
    ]
    return ProductLines(
        currency=currency,
        start=start,
        as_of=as_of,
        total=Money(total, currency),
        lines=sorted(sales, key=lambda each: (-each.net.amount, each.product_line)),
    )


def _highest_first(nets: Mapping[str, Decimal]) -> list[str]:
    return sorted(nets, key=lambda each: (-nets[each], each))
