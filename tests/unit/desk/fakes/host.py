"""A host in memory, small but honest: it prices, refuses, saves with versions and promotes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import attrs
from tests.unit.desk.fakes.crm import FakeCrm
from tests.unit.desk.fakes.deliveries import FakeDeliveries
from tests.unit.desk.fakes.erp import FakeErp
from tests.unit.desk.fakes.setting import ITEMS, LIMIT, NOW, TODAY, eur
from tests.unit.desk.fakes.views import aging_view, sales_view

from crossdock import Notice, Param, Tab, View
from crossdock.host.approvals.approvals import Approvals
from crossdock.host.approvals.policy import ApprovalPolicy
from crossdock.host.asking.verdict import Amendment, Fault, FieldChange, Finding, Verdict
from crossdock.host.erp_documents import ErpDocuments
from crossdock.host.exceptions_queue import ExceptionsQueue
from crossdock.host.gateway import Refusals, RightsByRole, mask
from crossdock.host.invoice_copies import InvoiceCopies
from crossdock.host.linking.linking import Linking
from crossdock.host.order_changes.order_changes import OrderChanges
from crossdock.host.placements.placement import Placement
from crossdock.host.placements.placements import Placements
from crossdock.host.saving.promotion import Promotion, SavedQuote
from crossdock.host.screens.tabs import RenderedTab, TabHandle, parse_params
from crossdock.host.settings.config import RoleConfig
from crossdock.host.store import Store
from crossdock.host.synchronising.creations import Creations
from crossdock.host.synchronising.synchronising import Synchronising
from crossdock.records import (
    Account,
    Check,
    Order,
    OrderChange,
    OrderLine,
    Quote,
    TradingAccount,
    User,
)


class FakeHost:
    """Prices by list price less 5 % for the customer contract; credit limit 20,000 EUR gross."""

    def __init__(self, folder: Path) -> None:
        self.crm = FakeCrm()
        self.erp = FakeErp()
        self.deliveries = FakeDeliveries()
        self.breaks = False
        self.clock = NOW
        self.store = Store.open(f"sqlite:///{folder}/desk.db", clock=self.now)
        self.released: list[object] = []
        self.approvals = Approvals(
            self.store, lambda _within, event: self.released.append(event), ApprovalPolicy()
        )
        self.approval_role = ""
        self.placements = Placements(self.store, "crm")
        self.order_changes = OrderChanges(
            self.store, lambda _within, event: self.released.append(event)
        )

        self.rights = RightsByRole(
            {
                "sales": RoleConfig(fields=("*",), rights=("deliveries:write",)),
                "manager": RoleConfig(fields=("*",)),
            }
        )
        self.refusals = Refusals(lambda: self.store.audit, self.now)
        self.documents = ErpDocuments(
            self.erp,  # type: ignore[arg-type]
            identity="desk",
            rights=self.rights,
            refusals=self.refusals,
        )
        self.invoices = InvoiceCopies(
            lambda: self.store,
            self.erp,  # type: ignore[arg-type]
            identity="desk",
            now=self.now,
            rights=self.rights,
            refusals=self.refusals,
        )
        self.synchronising = Synchronising(
            lambda: self.store,
            self.crm,  # type: ignore[arg-type]
            self.erp,  # type: ignore[arg-type]
            before_creating=None,  # type: ignore[arg-type] - the desk makes nothing
            rights=self.rights,
            refusals=self.refusals,
            creations=Creations(lambda: self.store, settle=timedelta(minutes=10)),
            policy_file=lambda: None,
        )
        self.linking = Linking(
            lambda: self.store,
            self.crm,  # type: ignore[arg-type]
            self.erp,  # type: ignore[arg-type]
            rights=self.rights,
            refusals=self.refusals,
        )

    def now(self) -> datetime:
        return self.clock

    @property
    def exceptions(self) -> ExceptionsQueue:
        return ExceptionsQueue(
            self.deliveries, self, rights=self.rights, refusals=self.refusals, user=self.crm.user
        )

    def hidden_from(self, user: User) -> frozenset[str]:
        return self.rights.hidden_from(user)

    def as_seen_by(self, user: User, record: object) -> object:
        return mask(record, self.hidden_from(user))

    def change_order(self, order_id: str, change: OrderChange, *, user: User) -> OrderChange:
        return self.order_changes.request(self.crm.order(order_id), change, user)

    def confirm_placement(self, reference: str, erp_order_id: str, *, actor: str) -> Placement:
        return self.placements.confirm(reference, erp_order_id, self.erp, actor=actor)

    def deny_placement(self, reference: str, *, actor: str, reason: str) -> Placement:
        return self.placements.deny(reference, actor=actor, reason=reason)

    def trading_accounts(self, account: Account) -> Sequence[TradingAccount]:
        return self.linking.linked.read(account, identity="desk", seconds=5)

    def account_tabs(self, account_id: str, *, user: User) -> Sequence[TabHandle]:
        if self.breaks:
            raise RuntimeError("the desk meets a bug")
        return [
            TabHandle(plugin_id="erp-tabs", plugin_name="ERP tabs", tab=tab)
            for tab in (
                Tab(
                    id="sales",
                    title="Sales",
                    render=lambda ctx, account, params: sales_view(),
                    params=(
                        Param(
                            name="source",
                            label="From",
                            kind="choice",
                            default="invoices",
                            choices=("invoices", "orders"),
                        ),
                    ),
                ),
                Tab(
                    id="aging",
                    title="Aging",
                    render=lambda ctx, account, params: aging_view(params["as_of"]),
                    params=(Param(name="as_of", label="As of", kind="date"),),
                ),
                Tab(id="credit", title="Credit", render=lambda *_: View(())),
                Tab(id="orders", title="ERP orders", render=lambda *_: View(())),
                Tab(id="invoices", title="Invoices", render=lambda *_: View(())),
            )
        ]

    def render_tab(
        self,
        address: str,
        account_id: str,
        *,
        user: User,
        params: dict[str, str] | None = None,
        fresh: bool = False,
    ) -> RenderedTab:
        self.asked_anew = fresh
        handle = next(h for h in self.account_tabs(account_id, user=user) if h.address == address)
        parsed = parse_params(handle.tab, params or {})
        if self.erp.away:
            text = "The ERP main does not answer: connection refused"
            view = View((Notice(text=text, tone="bad", title="This tab could not be shown"),))
            return RenderedTab(tab=handle.tab, view=view, params=parsed, seconds=0, fault=text)
        view = handle.tab.render(None, None, parsed)
        return RenderedTab(tab=handle.tab, view=view, params=parsed, seconds=0.01)

    def save_quote(self, quote: Quote, *, user: User) -> SavedQuote:
        verdict = self._judge(quote)
        if not verdict.allowed:
            return SavedQuote(verdict=verdict)
        status = "unchecked" if verdict.unchecked else "priced"
        checks = tuple(
            Check(level="warning", message=w.message, code=w.code, field=w.field)
            for w in verdict.warnings
        ) + tuple(
            Check(level="info", message=note.message, code=note.code, field=note.field)
            for note in verdict.notes
        )
        record = attrs.evolve(verdict.record, pricing_status=status, checks=checks)
        return SavedQuote(verdict=verdict, quote=self.crm.save_quote(record))

    def _judge(self, quote: Quote) -> Verdict:
        if self.erp.away:
            fault = Fault(
                plugin_id="straight-through",
                message="main does not answer",
                closes=False,
                remote=True,
            )
            return Verdict(record=quote, unchecked=True, faults=(fault,))
        vetoes = [
            Finding(
                plugin_id="straight-through",
                message=f"The ERP has no item {line.item_id}.",
                code="item.unknown",
                field=f"lines.{index}.item_id",
            )
            for index, line in enumerate(quote.lines)
            if line.item_id not in ITEMS
        ]
        if vetoes:
            return Verdict(record=quote, vetoes=tuple(vetoes))
        priced = self._priced(quote)
        warnings = [
            Finding(
                plugin_id="straight-through",
                message="Only 40 are in stock; the rest comes on 14 Dec 2026.",
                code="stock.short",
                field=f"lines.{index}.quantity",
            )
            for index, line in enumerate(priced.lines)
            if line.quantity > 40
        ]
        changes = [
            FieldChange(field=f"lines.{i}.unit_price", old=old.unit_price, new=new.unit_price)
            for i, (old, new) in enumerate(zip(quote.lines, priced.lines, strict=True))
            if old.unit_price != new.unit_price
        ] + [
            FieldChange(
                field=f"lines.{i}.discount_percent", old=old.discount_percent, new=Decimal(15)
            )
            for i, old in enumerate(quote.lines)
            if old.discount_percent > 15
        ]
        amendment = Amendment(
            plugin_id="straight-through", reason="Priced by the ERP.", changes=tuple(changes)
        )
        return Verdict(
            record=priced,
            warnings=tuple(warnings),
            notes=tuple(self._notes(priced)),
            amendments=(amendment,),
        )

    def _notes(self, priced: Quote) -> Iterator[Finding]:
        told = {
            "lines.0.unit_price": ("price.steps", "2 by customer contract (PL-2026) = 23.75 EUR"),
            "lines.0.promised_on": ("stock.told", "40 on hand, 5 reserved."),
            "gross": ("credit.told", "Credit limit 20,000.00 EUR, 19,000.00 EUR left with this."),
            "valid_until": ("field.needed_later", "Needed when it is sent."),
        }
        for field, (code, message) in told.items():
            if priced.lines or not field.startswith("lines"):
                yield Finding(plugin_id="notes", message=message, code=code, field=field)
        for index, line in enumerate(priced.lines):
            if line.quantity == 3:
                text = "+12.50 EUR against before: quantity 3 instead of 2 (+12.50 EUR)."
                place = f"lines.{index}.unit_price"
                yield Finding(plugin_id="notes", message=text, code="price.explained", field=place)

    def _priced(self, quote: Quote) -> Quote:
        lines = []
        for line in quote.lines:
            item = ITEMS[line.item_id]
            assert item.list_price is not None
            unit = (item.list_price * Decimal("0.95")) if item.id == "BRG-1001" else item.list_price
            discount = min(line.discount_percent, Decimal(15))
            net = (unit * line.quantity * (1 - discount / 100)).rounded()
            lines.append(
                attrs.evolve(
                    line,
                    description=item.name,
                    unit=item.unit,
                    list_price=item.list_price,
                    unit_price=unit,
                    discount_percent=discount,
                    net=net,
                    tax_rate=Decimal("0.19"),
                    tax=(net * Decimal("0.19")).rounded(),
                    price_rule="customer contract" if item.id == "BRG-1001" else "list price",
                    price_source="PL-2026",
                    promised_on=date(2026, 12, 14) if line.quantity > 40 else date(2026, 11, 24),
                )
            )
        net = sum((line.net for line in lines if line.net), eur("0"))
        tax = sum((line.tax for line in lines if line.tax), eur("0"))
        return attrs.evolve(
            quote,
            lines=tuple(lines),
            net=net,
            tax=tax,
            gross=net + tax,
            priced_at=NOW,
            price_source="main",
        )

    def promote_quote(self, quote_id: str, *, user: User) -> Promotion:
        quote = self.crm.quote(quote_id)
        if quote.gross is None or self.erp.away:
            veto = Finding(plugin_id="straight-through", message="The ERP has not priced this yet.")
            return Promotion(verdict=Verdict(record=quote, vetoes=(veto,)))
        if quote.gross > LIMIT and self.approval_role:
            over = Finding(
                plugin_id="straight-through",
                message=f"This would pass the customer's credit limit of {LIMIT}.",
                code="credit.over_limit",
                field="gross",
                role=self.approval_role,
            )
            verdict = Verdict(record=quote, approvals=(over,))
            if missing := self.approvals.request(quote, [over], user):
                return Promotion(verdict=verdict, approvals=missing)
        elif quote.gross > LIMIT:
            veto = Finding(
                plugin_id="straight-through",
                message=f"This would pass the customer's credit limit of {LIMIT} by"
                f" {quote.gross - LIMIT}. Order less, or ask accounting to raise the limit.",
                code="credit.over_limit",
                field="gross",
            )
            return Promotion(verdict=Verdict(record=quote, vetoes=(veto,)))
        order = Order(
            id="R-3001",
            system="crm",
            currency=quote.currency,
            account_id=quote.account_id,
            quote_id=quote.id,
            status="submitted",
            ordered_on=TODAY,
            owner_id=user.id,
            net=quote.net,
            tax=quote.tax,
            gross=quote.gross,
            lines=tuple(
                OrderLine(
                    number=line.number,
                    item_id=line.item_id,
                    quantity=line.quantity,
                    unit=line.unit,
                    description=line.description,
                    unit_price=line.unit_price,
                    net=line.net,
                    promised_on=line.promised_on,
                )
                for line in quote.lines
            ),
        )
        self.crm.all_orders[order.id] = order
        self.crm.all_quotes[quote.id] = attrs.evolve(quote, status="ordered", order_id=order.id)
        self.deliveries.add(subject=order.id)
        return Promotion(verdict=Verdict(record=quote), order=order)
