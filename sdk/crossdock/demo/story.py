"""One quote to cash, played by a salesperson, a warehouse and a bookkeeper.

The salesperson works through the host, as the desk does; warehouse and bookkeeper press the ERP's
own buttons. Nobody here places the order in the ERP or tells the CRM what became of it: that is
the work of the plugin in the worker, and `proof` shows that it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import frozen

from crossdock.demo.crms import DemoCrm
from crossdock.demo.erps import DemoErp
from crossdock.errors import CrossdockError, RemoteUnavailable
from crossdock.records import Account, Order, Quote, QuoteLine, TradingAccount
from crossdock.server.desk.back_office import BackOffice

if TYPE_CHECKING:
    from crossdock.host import Finding, Host

_Found = TypeVar("_Found")
_PATIENCE_SECONDS: Final = 60.0
_UNDELIVERED: Final = ("queued", "running", "waiting", "behind")
_PLAYS_IN_ORDER: Final = ("approve", "receive", "ship_part", "ship", "invoice", "pay")


class StoryFailed(CrossdockError):  # noqa: N818 - named for what happened
    """The story did not come to its end; the message says where it stopped."""


@frozen(kw_only=True)
class Proof:
    """Where the order is found in the end.

    Attributes:
        erp_orders: ids of all ERP orders that carry the CRM order's reference; one is right.
        placed_by: who the ERP's journal says called it, once for each committed call; where it has
            none, by whose login the orders were made.
        journalled: whether it has one.
        status: the CRM order's status.
        timeline: titles of the CRM order's timeline.
    """

    crm_order: str
    erp_orders: tuple[str, ...]
    placed_by: tuple[str, ...]
    status: str
    timeline: tuple[str, ...]
    journalled: bool = True

    @property
    def holds(self) -> bool:
        """Whether there is exactly one ERP order, placed by the plugin in a worker, and paid."""
        return (
            len(self.erp_orders) == 1
            and len(self.placed_by) == 1
            and (not self.journalled or "worker" in self.placed_by[0])
            and (not self.journalled or "straight-through" in self.placed_by[0])
            and self.status == "paid"
        )


class Story:
    """Plays one quote to cash and tells it line by line.

    Args:
        host: the host that the salesperson works through.
        crm: the mock CRM, and where it is.
        erp: the mock ERP, and where it is.
        say: told each step, as a headline and the lines below it.
        check: raises when a process that the story needs has ended.
    """

    def __init__(
        self,
        host: Host,
        crm: tuple[DemoCrm, str],
        erp: tuple[DemoErp, str],
        say: Callable[[str, Sequence[str]], None],
        check: Callable[[], None],
    ) -> None:
        self._host = host
        self._crm, self._crm_url = crm
        self._erp, self._erp_url = erp
        self._say = say
        self._check = check
        self._back_office = BackOffice(host.config.erps)

    def play(self, names: Mapping[str, str]) -> Proof:
        """Play it.

        Args:
            names: what the data set wants played (`user`, `quote`, `over_limit_quote`); what it
                does not name is chosen among its records.

        Raises:
            StoryFailed: something did not happen that should have.
        """
        try:
            names = self._crm.found(self._crm_url, names)
            user = names.get("user") or self._any_salesperson()
            over_limit = names.get("over_limit_quote")
            if over_limit and self._erp.limits_credit:
                self._be_stopped(over_limit, user)
            quote = self._price(self._open_quote(names.get("quote"), user), user)
            quote = self._be_changed_inside(quote)
            order = self._promote(quote, user)
            order = self._to_cash(self._acknowledged(order))
            self._come_to_rest()
            return self._prove(order)
        finally:
            self._back_office.close()

    # The salesperson.

    def _any_salesperson(self) -> str:
        users = [user for user in self._host.crm.users() if user.active]
        sellers = [user for user in users if "sales" in user.roles] or users
        if not sellers:
            raise StoryFailed("the data set has no user who could sell anything")
        return sellers[0].id

    def _open_quote(self, quote_id: str | None, user: str) -> Quote:
        if quote_id:
            return self._host.crm.quote(quote_id)
        after: str | None = None
        while True:
            page = self._host.crm.accounts(after=after, limit=50)
            for account in page.items:
                if quote := self._quote_for(account, user):
                    return quote
            if page.next is None:
                raise StoryFailed("no account of this data set has both credit and goods to buy")
            after = page.next

    def _quote_for(self, account: Account, user: str) -> Quote | None:
        customers = self._host.trading_accounts(account)
        if not customers:
            return None
        customer = customers[0]
        credit = self._host.erp.credit(customer)
        if credit.on_hold:
            return None
        budget = None if credit.available is None else credit.available.amount / 4
        lines = self._affordable(customer, budget)
        if not lines:
            return None
        return Quote(
            id="",
            account_id=account.id,
            currency=customer.currency,
            lines=lines,
            owner_id=self._host.user(user).id,
        )

    def _affordable(
        self, customer: TradingAccount, budget: Decimal | None
    ) -> tuple[QuoteLine, ...]:
        lines: list[QuoteLine] = []
        erp = self._host.erp.using(customer.system)
        spent = Decimal(0)
        for item in erp.items(limit=100).items:
            if item.kind != "goods" or not item.list_price or not item.active:
                continue
            stock = erp.stock(item.id)
            quantity = min(Decimal(5), stock.available)
            cost = item.list_price.amount * quantity
            if quantity < 1 or (budget is not None and spent + cost > budget):
                continue
            spent += cost
            lines.append(QuoteLine(number=len(lines) + 1, item_id=item.id, quantity=quantity))
            if len(lines) == 2:
                break
        return tuple(lines)

    def _be_stopped(self, quote_id: str, user: str) -> None:
        saved = self._save(self._host.crm.quote(quote_id), user)
        promotion = self._host.promote_quote(saved.id, user=user)
        if promotion.order is not None:
            raise StoryFailed(f"{quote_id} should have been stopped over the credit limit")
        account = self._host.crm.account(saved.account_id)
        self._say(
            f"{account.name} orders more than its credit allows: stopped",
            _sentences(promotion.verdict.objections),
        )

    def _save(self, quote: Quote, user: str) -> Quote:
        saved = self._host.save_quote(quote, user=user)
        if saved.quote is None:
            reasons = "; ".join(_sentences(saved.verdict.objections))
            raise StoryFailed(f"the quote {quote.id or '(new)'} could not be saved: {reasons}")
        if saved.quote.pricing_status != "priced":
            reasons = "; ".join(check.message for check in saved.quote.checks)
            raise StoryFailed(f"the ERP did not price {saved.quote.id}: {reasons}")
        return saved.quote

    def _price(self, quote: Quote, user: str) -> Quote:
        saved = self._save(quote, user)
        account = self._host.crm.account(saved.account_id)
        person = self._host.user(user)
        lines = [
            f"{line.quantity:>5f} x {line.item_id:<12} {line.unit_price!s:>14} "
            f"- {line.discount_percent.normalize():f} %  = {line.net!s:>14}   {line.price_rule}"
            for line in saved.lines
        ]
        lines.append(f"net {saved.net}, tax {saved.tax}, total {saved.gross}")
        lines += [check.message for check in saved.checks]
        self._say(
            f"{person.name} saves quote {saved.id} for {account.name}: priced by the ERP", lines
        )
        return saved

    def _be_changed_inside(self, quote: Quote) -> Quote:
        """Let a colleague change the quote where nobody is asked, and the worker notice it."""
        changed = self._crm.change_inside(self._crm_url, quote)
        if not changed:
            return quote

        def priced_anew() -> Quote | None:
            now = self._host.crm.quote(quote.id)
            return now if now.gross != quote.gross and now.pricing_status == "priced" else None

        priced = self._until(priced_anew, "the worker to price what was changed")
        line = priced.lines[0]
        self._say(
            f"A colleague changes it inside {self._crm.title}, which asks nobody: {changed}",
            [
                f"the worker noticed, asked the ERP and wrote its answer back: {line.net} for it",
                f"net {priced.net}, tax {priced.tax}, total {priced.gross}",
            ],
        )
        return priced

    def _promote(self, quote: Quote, user: str) -> Order:
        promotion = self._host.promote_quote(quote.id, user=user)
        if promotion.order is None:
            reasons = "; ".join(_sentences(promotion.verdict.objections))
            raise StoryFailed(f"{quote.id} could not be promoted: {reasons}")
        order = promotion.order
        self._say(
            f"Promoted: the CRM has order {order.id}",
            [f"event {promotion.event_id} is stored; the worker takes it from here"],
        )
        return order

    # The worker, the warehouse and the bookkeeper.

    def _acknowledged(self, order: Order) -> Order:
        order = self._wait(order, lambda now: bool(now.erp_order_id), "the ERP's acknowledgement")
        self._say(f"The ERP has it as {order.erp_order_id}", [f"status {order.status}"])
        return order

    def _to_cash(self, order: Order) -> Order:
        played: set[str] = set()
        while order.status != "paid":
            acts = {play.act: play for play in self._back_office.available(order)}
            act = next((a for a in _PLAYS_IN_ORDER if a in acts and a not in played), None)
            if act is None:
                raise StoryFailed(f"{order.id} is {order.status}, and nobody knows what to do next")
            if act == "ship_part":
                played.add(act)
                if not any(line.quantity >= 2 for line in order.lines):
                    continue
            outcome = self._back_office.play(
                act,
                order.erp_system,
                order.erp_order_id,
                key=f"{order.id}-{act}-{order.version}",
                actor="demo",
            )
            if not outcome.done:
                raise StoryFailed(f"{acts[act].label}: {outcome.text}")
            before = order
            order = self._wait(order, lambda now, b=before: _moved(b, now), f"the CRM after {act}")  # type: ignore[misc]
            self._say(
                f"{acts[act].role}: {outcome.text}", [f"the CRM shows {order.id} as {order.status}"]
            )
        return order

    def _wait(self, order: Order, done: Callable[[Order], bool], what: str) -> Order:
        def now_done() -> Order | None:
            now = self._host.crm.order(order.id)
            return now if done(now) else None

        return self._until(now_done, what)

    def _until(self, look: Callable[[], _Found | None], what: str) -> _Found:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                found = look()
            except RemoteUnavailable as busy:
                # A CRM that counts calls may want everybody to wait; the story has the time.
                found = None
                time.sleep(busy.retry_after or self._crm.look_seconds)
            if found is not None:
                return found
            self._check()
            dead = self._host.deliveries.list(states=["dead"], limit=1)
            if dead:
                raise StoryFailed(f"waited for {what}, but {dead[0].event_id}: {dead[0].cause}")
            if time.monotonic() > deadline:
                raise StoryFailed(f"waited {_PATIENCE_SECONDS:.0f} s for {what} in vain")
            time.sleep(self._crm.look_seconds)

    def _come_to_rest(self) -> None:
        """Wait until the worker has delivered everything that the ERP's feed has to tell."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            told = all(map(self._is_told, self._host.erp.systems))
            if told and not self._host.deliveries.list(states=_UNDELIVERED, limit=1):
                return
            self._check()
            if time.monotonic() > deadline:
                raise StoryFailed(f"the worker was not done after {_PATIENCE_SECONDS:.0f} s")
            time.sleep(0.05)

    def _is_told(self, system: str) -> bool:
        """Whether an ERP's feed has nothing behind the worker's watermark, on none of its pages."""
        erp, cursor = self._host.erp.using(system), self._host.store.watermarks.cursor(system)
        while True:
            page = erp.changes(cursor)
            if page.changes or not page.more:
                return not page.changes
            cursor = page.cursor

    # The proof.

    def _prove(self, order: Order) -> Proof:
        placed = self._erp.placed(self._erp_url, order.id)
        return Proof(
            crm_order=order.id,
            erp_orders=placed.order_ids,
            placed_by=placed.callers,
            status=order.status,
            timeline=tuple(event.title for event in self._host.crm.order_events(order.id)),
            journalled=self._erp.journals,
        )


def _sentences(findings: Sequence[Finding]) -> list[str]:
    return [finding.message for finding in findings]


def _moved(before: Order, now: Order) -> bool:
    return now.status != before.status or now.lines != before.lines
