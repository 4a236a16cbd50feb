"""Orders on their way into Tryton: placed once, and changed without writing over anybody.

Tryton keeps no idempotency keys, and a reference may stand on many sales. What keeps an order one:

- whoever places it has claimed it before (`host/placements`), so that one sends at a time;
- the sale is made whole by one call, with the CRM order's id in its reference; before that it is
  looked for, and one that is there is taken and never made again;
- the steps behind that, quote and confirm, change a state: where one fails, or its answer is lost,
  the state is read again, and what is done already is not asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import evolve, frozen

from crossdock.connectors.operations import Operation
from crossdock.connectors.tryton import operations as use
from crossdock.connectors.tryton import placing, wire
from crossdock.connectors.tryton.cancelling import Cancelling
from crossdock.connectors.tryton.database import Database
from crossdock.connectors.tryton.directory import Directory
from crossdock.connectors.tryton.drafting import Drafting, Head
from crossdock.connectors.tryton.order_book import OrderBook
from crossdock.connectors.tryton.placing import Sold
from crossdock.connectors.tryton.refusals import nothing
from crossdock.connectors.tryton.sales import Sale
from crossdock.connectors.writing import Unwritable
from crossdock.errors import (
    Conflict,
    FieldError,
    RemoteRefused,
    RemoteUnavailable,
    Stale,
)
from crossdock.records import Acknowledgement, Order, OrderChange, OrderLine, TradingAccount


@frozen(kw_only=True)
class _Step:
    """A button of a state, and what it leads to."""

    press: Operation
    leads_to: str


#: What follows each state on the way of a sale that is ordered.
_NEXT: Final[dict[str, _Step]] = {
    "draft": _Step(press=use.QUOTE_SALE, leads_to="quotation"),
    "quotation": _Step(press=use.CONFIRM_SALE, leads_to="confirmed"),
}
#: A button that somebody else presses at the same moment is looked at again.
_LOOKS: Final = 8


class Ordering:
    """Places and changes the orders of one database."""

    def __init__(self, database: Database, directory: Directory, book: OrderBook) -> None:
        self._database = database
        self._directory = directory
        self._book = book
        self._drafting = Drafting(database)
        self._cancelling = Cancelling(database)

    def by_reference(self, reference: str) -> tuple[Order, ...]:
        """Find the orders that carry the caller's own reference, those that were not given up.

        One that was made and is not confirmed yet is `submitted`: placing it again goes on with it.
        """
        found = self._book.by_reference(reference)
        alive = [each for each in found if each.state != "cancelled"] or found
        return self._book.orders(alive)

    def place(self, customer: TradingAccount, order: Order) -> Acknowledgement:
        """Make a sale of an order, or go on with the one that there is; quote and confirm it.

        A sale that Tryton does not confirm for want of credit stays a quotation there, for those
        who may confirm it, and is told as `on_hold`.

        Raises:
            Conflict: the reference is another order's, or several sales carry it.
            RemoteRefused: Tryton does not take it.
        """
        try:
            there, values = self._begun(customer, order)
        except RemoteUnavailable as away:
            away.maybe_done = False  # until here it only read
            raise
        sale_id = there.id if there else int(self._database.call(use.CREATE_SALE, [[values]])[0])
        try:
            placed = self._confirmed(sale_id, there.state if there else "draft")
        except RemoteUnavailable as away:
            away.maybe_done = True  # the sale is there, however far it came
            raise
        return Acknowledgement(order=placed, reference=placed.reference, replayed=there is not None)

    def change(self, order: Order, change: OrderChange) -> Order:
        """Cancel an order as it was read, all that is still open of it.

        Raises:
            Stale: the order changed since it was read; nothing was written over it.
            RemoteRefused: it cannot be changed so any more.
        """
        found = self._book.named(order.id)
        (now,) = self._book.orders([found])
        if change.kind == "cancel" and _nothing_open(now):
            return now
        if found.version != order.version:
            raise Stale(
                f"{self._database.label} has sale {order.id} in another state than it was read in",
                system=self._database.system,
                code="ConcurrencyException",
            )
        if change.kind != "cancel":
            raise RemoteRefused(
                f"{self._database.label} changes no line of sale {order.id}, which is "
                f"{found.state}: cancel what is open, and order it anew",
                system=self._database.system,
                code="not_changeable",
            )
        self._cancelling.cancel(found)
        return self._book.orders([self._book.named(order.id)])[0]

    # How it is done.

    def _begun(
        self, customer: TradingAccount, order: Order
    ) -> tuple[Sale | None, Mapping[str, Any]]:
        """Give the sale that is there, or what one is to be made of."""
        reference = self._database.remote.written(
            use.CREATE_SALE, lambda: placing.reference_of(order)
        )
        party = self._directory.party(customer.id)
        currency = self._directory.currency_id(order.currency)
        there = self._there(order, reference)
        if there is not None and there.state != "draft":
            self._same(there, order, party.id, None)
            return there, {}
        head = self._drafting.head(party.id, currency, None)
        sold = self._sold(order, head)
        if there is not None:
            self._same(there, order, party.id, sold)
            return there, {}
        keeps, today = self._book.keeps_discounts, self._database.today()
        return None, self._database.remote.written(
            use.CREATE_SALE,
            lambda: placing.body(
                order, head, sold, currency=currency, keeps_discounts=keeps, today=today
            ),
        )

    def _there(self, order: Order, reference: str) -> Sale | None:
        found = [
            each
            for each in self._book.by_reference(order.reference)
            if each.reference == reference and each.state != "cancelled"
        ]
        if len(found) > 1:
            names = ", ".join(each.name for each in found)
            raise Conflict(
                f"{self._database.label} has {len(found)} sales for {reference}: {names}",
                system=self._database.system,
                code="several_orders",
            )
        return found[0] if found else None

    def _same(self, there: Sale, order: Order, party: int, sold: Sequence[Sold] | None) -> None:
        """Refuse to go on with a sale that is something else than the order; see `sold`, if any."""
        other_lines = sold is not None and not placing.same_order(there, sold)
        if there.row["party"] != party or other_lines:
            raise Conflict(
                f"{self._database.label} has sale {there.name} for {order.reference}, which holds "
                "something else than this order; cancel it there first",
                system=self._database.system,
                code="reference_reused",
            )

    def _sold(self, order: Order, head: Head) -> list[Sold]:
        products = self._directory.products_by_code(line.item_id for line in order.lines)
        sold = []
        for index, line in enumerate(order.lines):
            product = products.get(line.item_id)
            if product is None or not product.sold:
                problem = (
                    f"there is no item {line.item_id}"
                    if product is None
                    else f"{line.item_id} is not sold any more"
                )
                raise RemoteRefused(
                    f"{self._database.label} cannot take this: {problem}",
                    system=self._database.system,
                    code="no_such_item" if product is None else "item_inactive",
                    fields=[FieldError(f"lines.{index}.item_id", problem)],
                )
            filled = self._drafting.line(
                head,
                product,
                line.quantity,
                price=self._price(line, order.currency, index),
                discount_percent=line.discount_percent,
            )
            sold.append(Sold(line=line, product=product, filled=filled))
        return sold

    def _price(self, line: OrderLine, unit: str, index: int) -> Any:
        price = line.unit_price
        if price is None:
            return None

        def amount() -> Any:
            if price.currency != unit:
                raise Unwritable(
                    f"lines.{index}.unit_price", f"is in {price.currency}, the document in {unit}"
                )
            return price.amount

        return self._database.remote.written(use.CREATE_SALE, amount)

    def _confirmed(self, sale_id: int, state: str) -> Order:
        """Press the buttons that are left, until the sale is confirmed or Tryton will not.

        Args:
            sale_id: of the sale.
            state: that it is in, as far as is known.
        """
        for _ in range(_LOOKS):
            step = _NEXT.get(state)
            if step is None:
                return self._order(sale_id)
            try:
                self._database.call(step.press, [[sale_id]])
                state = step.leads_to
            except RemoteRefused as refused:
                before, state = state, self._state(sale_id)
                if state != before:
                    continue  # somebody else pressed it at the same moment
                order = self._order(sale_id)
                if state == "quotation" and order.hold_reason:
                    return evolve(order, hold_reason=_said(refused) or order.hold_reason)
                raise
        raise RemoteUnavailable(
            f"{self._database.label} did not come to confirm sale {sale_id}",
            system=self._database.system,
        )

    def _state(self, sale_id: int) -> str:
        found = self._database.search(
            use.SEARCH_SALES,
            [("id", "=", sale_id)],
            ("state",),
            lambda row: wire.label(row, "state"),
        )
        return found[0] if found else ""

    def _order(self, sale_id: int) -> Order:
        found = self._book.orders(self._book.find([("id", "=", sale_id)]))
        if not found:
            raise nothing(self._database.label, self._database.system, f"sale {sale_id} any more")
        return found[0]


def _said(refused: RemoteRefused) -> str:
    """Give Tryton's own words of a refusal."""
    return str(refused).partition(": ")[2]


def _nothing_open(order: Order) -> bool:
    return order.status == "cancelled" or all(
        line.quantity <= line.cancelled + line.shipped for line in order.lines
    )
