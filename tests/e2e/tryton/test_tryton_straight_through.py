"""The reference plugins on a live Tryton: quote to cash, and whatever is lost on the way."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time
from decimal import Decimal

import pytest
from tests.by_hand import Following, Recorded

from crossdock.connectors import crm as crm_connector
from crossdock.errors import OutcomeUnknown, RemoteUnavailable
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.settings.config import Deadlines
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.records import Quote, QuoteLine
from crossdock.views import Table
from crossdock_mocks.dialects.crm import dialect as crm_dialect
from crossdock_mocks.engine import App, MockTransport

D = Decimal


class Scene(Following):
    """A host on a mock CRM and the live Tryton, which is reached through the proxy."""

    def __init__(self, host, port, people):
        super().__init__(host, port)
        self.people = people

    def promoted(self, account, *lines):
        quote = Quote(
            id="",
            account_id=account,
            currency="EUR",
            lines=tuple(
                QuoteLine(number=number, item_id=item, quantity=D(quantity))
                for number, (item, quantity) in enumerate(lines, start=1)
            ),
            owner_id="U-kim",
        )
        saved = self.host.save_quote(quote, user="kim")
        assert saved.quote is not None, saved.verdict
        promotion = self.host.promote_quote(saved.quote.id, user="kim")
        assert promotion.order is not None, promotion.verdict
        return saved.quote, promotion.order

    def deliver(self, event, key, tries=1):
        """Deliver as a worker does; what is transient is tried again."""
        for left in range(tries - 1, -1, -1):
            try:
                super().deliver(event, key)
                return
            except RemoteUnavailable:
                if not left:
                    raise

    def deliver_last(self, tries=1):
        number = len(self.host.deliveries.events)
        self.deliver(self.host.deliveries.events[-1], f"event-{number}", tries)

    def sales(self, order):
        return self.people.find(
            "sale.sale",
            [["reference", "=", f"front:{order.id}"]],
            "number",
            "state",
            "total_amount",
        )


@pytest.fixture(scope="module")
def crm_world(dataset):
    app = App(crm_dialect())
    world = app.open_world(dataset, now=datetime.combine(dataset.as_of, time(9), UTC))
    yield app, world
    world.close()


@pytest.fixture
def scene(crm_world, connect, between, people, tmp_path):
    port = connect(between.url, timeout=30)
    crm = crm_connector.connect(
        "front",
        {"url": "http://crm.test", "client_id": "crossdock", "client_secret": "crossdock-secret"},
        transport=MockTransport(*crm_world),
    )
    config = HostConfig(
        crm=SystemConfig(name="front", connector="crm"),
        erps=(SystemConfig(name="main", connector="tryton"),),
        enabled=("erp-tabs", "straight-through"),
        inline="*",
        roles={"sales": RoleConfig(fields=("credit", "personal"))},
        deadlines=Deadlines(view=60.0, guard=60.0, event=120.0),
    )
    store = Store.open(f"sqlite:///{tmp_path}/host.db")
    host = Host(
        config,
        crm=crm,
        erp=Router({"main": port}),
        store=store,
        deliveries=Recorded(store),
        identity="test",
        now=lambda: datetime.now(UTC),
    )
    assert not host.quarantined
    yield Scene(host, port, people)
    host.close()
    crm.close()


def test_a_quote_goes_to_cash_and_the_tabs_show_what_tryton_has(scene, office):
    scene.follow()
    quote, order = scene.promoted("A-1001", ("BRG-1001", "20"), ("DRV-1004", "3"))
    scene.deliver_last()
    (sale,) = scene.sales(order)
    linked = scene.host.crm.order(order.id)
    assert (linked.erp_system, linked.erp_order_id) == ("main", sale["number"])
    assert (quote.gross.amount, linked.gross.amount) == (sale["total_amount"],) * 2
    scene.follow()
    for act, status in (
        ("ship_part", "partly_shipped"),
        ("invoice", "partly_invoiced"),
        ("ship", "partly_invoiced"),
        ("invoice", "invoiced"),
        ("pay", "paid"),
    ):
        office(act, sale["number"])
        scene.follow()
        assert scene.host.crm.order(order.id).status == status, act
    keys = [event.key for event in scene.host.crm.order_events(order.id)]
    assert len(keys) == len(set(keys))
    kinds = Counter(event.kind for event in scene.host.crm.order_events(order.id))
    assert (kinds["acknowledged"], kinds["paid"] > 0, kinds["shipped"] > 1) == (1, True, True)

    customer = scene.host.crm.order(order.id).customer_id
    for tab in ("orders", "aging", "credit", "invoices"):
        shown = scene.host.render_tab(f"erp-tabs/{tab}", "A-1001", user="kim")
        assert shown.fault is None, (tab, shown.fault)
    tables = [each for each in shown.view.components if isinstance(each, Table)]
    invoices = {each.id for each in scene.port.invoices(scene.port.customer(customer))}
    assert invoices & {str(cell) for table in tables for row in table.rows for cell in row.values()}


_LOST = {
    "the answer to the new sale": ("sale.sale.create", "drop_after_commit"),
    "the call for the new sale": ("sale.sale.create", "drop_before"),
    "the quotation": ("sale.sale.quote", "drop_after_commit"),
    "the confirmation": ("sale.sale.confirm", "status_after_commit"),
    "the confirmation, unheard": ("sale.sale.confirm", "drop_before"),
    "half of the reading": ("sale.sale.search_read", "status"),
    "the whole of the reading": ("party.party.search_read", "drop_before"),
    "only time": ("sale.sale.create", "late"),
}


# What further is lost on the same way runs in the long form.
_ALWAYS = {
    "the answer to the new sale",
    "the call for the new sale",
    "the confirmation",
    "the whole of the reading",
}


@pytest.mark.parametrize(
    "lost",
    [pytest.param(each, marks=() if each in _ALWAYS else pytest.mark.full) for each in _LOST],
)
def test_whatever_is_lost_there_is_one_sale_and_it_is_confirmed(scene, between, lost):
    method, kind = _LOST[lost]
    _, order = scene.promoted("A-1002", ("BRG-1001", "2"))
    between.breaks(method, kind, times=4 if "whole" in lost else 1)
    if lost == "the call for the new sale":
        # Whether it was heard is not known, and it is not to be found: nothing is sent blindly.
        with pytest.raises(RemoteUnavailable):
            scene.deliver_last()
        with pytest.raises(OutcomeUnknown):
            scene.deliver_last()
        assert scene.sales(order) == []
        return
    scene.deliver_last(tries=3)
    assert between.struck
    (sale,) = scene.sales(order)
    assert sale["state"] == "processing"
    assert scene.host.crm.order(order.id).erp_order_id == sale["number"]
    assert between.calls["model.sale.sale.create"] == 1


def test_a_server_that_is_killed_and_comes_back_in_the_middle_has_one_sale(
    scene, between, server, people
):
    _, order = scene.promoted("A-1002", ("BRG-1001", "3"))

    def restart():
        server.stop(at_once=True)
        server.start()

    between.breaks("sale.sale.quote", "doing", doing=restart)
    scene.deliver_last(tries=4)
    people.sign_in()
    (sale,) = scene.sales(order)
    assert (sale["state"], between.calls["model.sale.sale.create"]) == ("processing", 1)
