"""The reference plugins, as they are, play one quote to cash on every pair of CRM and ERP."""

from datetime import timedelta
from decimal import Decimal
from importlib.metadata import entry_points

import pytest

from crossdock import Metrics
from crossdock.demo.crms import CRMS
from crossdock.demo.erps import ERPS
from crossdock.records import Quote, QuoteLine
from crossdock.server.desk.back_office import PLAYS, BackOffice

PLUGINS = sorted(
    each.name
    for each in entry_points(group="crossdock.plugins")
    if each.value.startswith("crossdock_plugins.")
)
_IN_ORDER = ("approve", "receive", "ship_part", "ship", "invoice", "pay")


class Deal:
    """One quote to cash, as its people play it; what is between them is the plugins' work."""

    def __init__(self, dock):
        self.dock, self.host = dock, dock.host
        CRMS[dock.crm.name].prepare(self.host)
        dock.pass_time(minutes=1)
        self.seller = dock.user("sales")
        self.account, self.customer = self._who_can_buy()

    def _who_can_buy(self):
        """An account of the CRM whose customer in the ERP may order something."""
        after = None
        while True:
            page = self.host.crm.accounts(after=after)
            for account in page.items:
                for customer in self.host.trading_accounts(account):
                    credit = self.host.erp.credit(customer)
                    enough = credit.available is None or credit.available.amount > 2_000
                    if enough and not credit.on_hold:
                        return account, customer
            after = page.next
            assert after is not None, "no account of this company can buy anything"

    def draft(self):
        """Two of each of two goods, without a price."""
        goods = [
            item
            for item in self.host.erp.items(limit=100).items
            if item.kind == "goods" and item.list_price and item.list_price.amount < 200
        ]
        lines = tuple(
            QuoteLine(number=n, item_id=item.id, description=item.name, quantity=Decimal(2))
            for n, item in enumerate(goods[:2], start=1)
        )
        return Quote(
            id="",
            account_id=self.account.id,
            currency=self.customer.currency,
            owner_id=self.seller.id,
            valid_until=(self.dock.clock.now + timedelta(days=20)).date(),
            lines=lines,
        )

    def works(self):
        """The worker delivers what there is, and what is told after some seconds."""
        self.dock.pass_time(seconds=40)
        for delivery in self.dock.deliveries.run():
            assert delivery.state == "done", (delivery.event_type, delivery.cause)

    def to_cash(self, order):
        """The people behind the ERP do what is theirs; gives each status that the CRM showed."""
        office = BackOffice(self.host.config.erps, self.dock.erp.transport())
        shown, played = [order.status], set()
        while order.status != "paid":
            acts = {play.act for play in office.available(order)} - played
            act = next(each for each in _IN_ORDER if each in acts)
            if act == "ship_part":
                played.add(act)
            self.dock.play(act, order.erp_order_id)
            self.works()
            order = self.host.crm.order(order.id)
            shown.append(order.status)
            assert len(shown) < 10, shown
        office.close()
        return order, shown


@pytest.fixture
def deal(open_dock, crm, erp, settings):
    return Deal(open_dock(*PLUGINS, crm=crm, erp=erp, settings=settings(crm)))


def test_a_quote_becomes_cash(deal, crm, erp, cannot):
    host, seller, account = deal.host, deal.seller, deal.account

    tabs = host.account_tabs(account.id, user=seller)
    assert len(tabs) > 5
    figures = {}
    for tab in tabs:
        opened = host.render_tab(tab.address, account.id, user=seller)
        assert opened.fault is None, (tab.address, opened.fault)
        assert opened.view.components
        metrics = [each for each in opened.view.components if isinstance(each, Metrics)]
        figures |= {metric.label: metric.value for each in metrics for metric in each.metrics}
    cases = host.crm.cases(account.id)
    assert figures["Open service cases"] == sum(case.status == "open" for case in cases)

    saved = deal.dock.save(deal.draft(), by=seller)
    assert saved.quote is not None, saved.verdict.objections
    assert saved.quote.pricing_status == "priced", saved.quote.checks
    for line in saved.quote.lines:
        assert line.net.amount > 0
        assert line.price_rule
    assert saved.quote.gross == saved.quote.net + saved.quote.tax

    promotion = host.promote_quote(saved.quote.id, user=seller)
    assert promotion.order is not None, promotion.verdict.objections
    deal.works()
    order = host.crm.order(promotion.order.id)
    assert order.erp_order_id
    assert [each.id for each in host.erp.orders_by_reference(order.id)] == [order.erp_order_id]

    order, shown = deal.to_cash(order)
    # Where shipping posts the invoice too, nobody sees an order that is shipped and no more.
    apart = not {"ship", "invoice"} & cannot(erp).keys()
    assert [status for status in shown if status in ("shipped", "invoiced", "paid")] == [
        *(["shipped"] if apart else []), "invoiced", "paid",
    ]  # fmt: skip
    told = {event.kind for event in host.crm.order_events(order.id)}
    acts = {"shipped": "ship", "paid": "tell_payments"}
    assert {kind for kind, act in acts.items() if act not in cannot(erp)} <= told
    assert "acknowledged" in told

    # Whatever was delivered, read and told on the way, there is one of each.
    assert host.promote_quote(saved.quote.id, user=seller).order.id == order.id
    deal.works()
    assert len(host.erp.orders_by_reference(order.id)) == 1
    assert [each.quote_id for each in host.crm.orders(account.id)].count(saved.quote.id) == 1
    assert host.crm.quote(saved.quote.id).status == "ordered"


def test_what_an_erp_cannot_do_is_what_its_connector_says(open_dock, erp, cannot):
    dock = open_dock("straight-through", erp=erp)
    ships = "shipments" in dock.host.erp.capabilities
    assert ships == ("ship" not in cannot(erp))
    office = BackOffice(dock.host.config.erps, dock.erp.transport())
    assert office._offices["main"].acts == PLAYS.keys() - cannot(erp).keys()
    office.close()


@pytest.mark.parametrize("crm", CRMS)
def test_what_is_otherwise_in_a_crm_is_what_its_connector_says(open_dock, crm, otherwise, settings):
    dock = open_dock("straight-through", crm=crm, settings=settings(crm))
    assert (dock.host.crm.guards.quote == "before") == (not otherwise(crm))


def test_every_connector_is_in_the_matrix_or_said_to_be_played_elsewhere(elsewhere):
    known = {each.name for each in entry_points(group="crossdock.connectors")}
    assert known <= {*CRMS, *ERPS, *elsewhere}
