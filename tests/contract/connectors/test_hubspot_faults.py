"""Whatever goes wrong on the way to HubSpot, no quote, order or note is lost or there twice."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from click.testing import CliRunner

from crossdock.cli import main
from crossdock.connectors import hubspot
from crossdock.errors import RemoteError
from crossdock.records import Money, OrderEvent, Quote, QuoteLine
from crossdock_mocks.dialects.hubspot import dialect
from crossdock_mocks.dialects.hubspot.apps import PRIVATE_APP, PUBLIC_APP, REFRESH_TOKEN
from crossdock_mocks.engine import App, Fault, MockTransport
from crossdock_mocks.engine.server import serve_in_thread

OAUTH = {
    "url": "http://hubspot.test",
    "client_id": PUBLIC_APP.client_id,
    "client_secret": PUBLIC_APP.secret,
    "refresh_token": REFRESH_TOKEN,
    "searches_per_second": 10_000.0,
}


@pytest.fixture(scope="module")
def opened(dataset):
    app = App(dialect())
    world = app.open_world(dataset, now=datetime.combine(dataset.as_of, time(9), UTC))
    port = hubspot.connect("crm", OAUTH, transport=MockTransport(app, world))
    port.provisioning.provision()
    port.close()
    world.clock.advance(timedelta(seconds=30))
    world.seal()
    yield app, world
    world.close()


@pytest.fixture
def portal(opened):
    opened[1].reset()
    return opened


def insisting(do, world, attempts=60):
    """Do something until it is done, as a worker does; time goes by between two attempts."""
    for _ in range(attempts):
        try:
            return do()
        except RemoteError:
            world.clock.advance(timedelta(seconds=11))
    raise AssertionError("it was never done")


def counts(port, account_id):
    """Orders of an account, and how many lines each of them and of its quotes has."""
    return (
        sorted((order.quote_id or "", len(order.lines)) for order in port.orders(account_id)),
        sorted((quote.id, len(quote.lines)) for quote in port.quotes(account_id)),
    )


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_quotes_become_orders_once_through_a_storm(portal, seed):
    app, world = portal
    transport = MockTransport(app, world)
    calm = hubspot.connect("crm", OAUTH, transport=transport)
    account = calm.accounts(limit=1).items[0]
    before = counts(calm, account.id)
    line = QuoteLine(
        number=1, item_id="BRG-1001", description="Bearing", quantity=Decimal(2),
        unit_price=Money("4.00", "EUR"),
    )  # fmt: skip
    drafts = [
        calm.save_quote(
            Quote(
                id="", account_id=account.id, currency="EUR",
                lines=(line, QuoteLine(number=2, item_id=f"SEA-{n}", quantity=Decimal(n + 1))),
            )
        )
        for n in range(3)
    ]  # fmt: skip

    lost = ("drop_after_commit", "status_after_commit", "half_body", "drop_before", "status")
    world.faults.arm(
        [
            *(Fault(kind=kind, probability=0.06) for kind in lost),
            Fault(kind="expired_token", probability=0.02),
            Fault(kind="malformed_json", probability=0.03),
            Fault(kind="status", status=429, retry_after=1, probability=0.03),
        ],
        seed,
    )
    port = hubspot.connect("crm", OAUTH, transport=transport)
    done = []
    for quote in drafts:
        order = insisting(lambda q=quote: port.order_from_quote(q.id), world)
        done.append(order)
        event = OrderEvent(
            key="acknowledged", at=datetime(2026, 11, 20, 12, tzinfo=UTC), kind="acknowledged",
            title="Acknowledged",
        )  # fmt: skip
        insisting(lambda o=order, e=event: port.add_order_event(o.id, e), world)
    struck = len([entry for entry in world.journal if entry.fault])
    world.faults.clear()

    assert struck > 3
    orders, quotes = counts(calm, account.id)
    assert orders == sorted([*before[0], *((quote.id, 2) for quote in drafts)])
    assert quotes == sorted([*before[1], *((quote.id, 2) for quote in drafts)])
    for quote, order in zip(drafts, done, strict=True):
        assert calm.quote(quote.id).order_id == order.id
        assert calm.order(order.id).status == "submitted"
        assert len(calm.order_events(order.id)) == 1


def test_the_command_names_what_a_portal_lacks_and_makes_it_once(opened, dataset, tmp_path):
    app, _ = opened
    world = app.open_world(dataset, now=datetime.combine(dataset.as_of, time(9), UTC))
    with serve_in_thread((app, world)) as (address,):
        config = tmp_path / "crossdock.toml"
        config.write_text(
            f'[crm]\nsystem = "hubspot"\nurl = "{address.base_url}"\n'
            f'access_token = "{PRIVATE_APP.token}"\n'
            '[erp.main]\nsystem = "erp"\nurl = "http://127.0.0.1:1"\napi_key = "key"\n'
        )
        run = CliRunner().invoke
        named = run(main, ["provision", "--config", str(config)])
        assert named.exit_code == 1
        assert "missing  crm  orders.crossdock_key" in named.output
        made = run(main, ["provision", "--config", str(config), "--apply"])
        assert made.exit_code == 0
        assert "orders.crossdock_key" in made.output
        again = run(main, ["provision", "--config", str(config), "--apply"])
        assert (again.exit_code, again.output) == (0, "crm has all that it needs.\n")
    world.close()
