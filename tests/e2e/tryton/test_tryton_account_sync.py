"""Accounts of the reference CRM and customers of a live Tryton, kept the same."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from attrs import evolve

from crossdock.connectors import crm as crm_connector
from crossdock.errors import RemoteUnavailable
from crossdock.host import Host, HostConfig, RoleConfig, SystemConfig
from crossdock.host.settings.config import Deadlines
from crossdock.host.store import Store
from crossdock.host.systems import Router
from crossdock.records import Account, Address, Change, RecordChanged, TradingAccount
from crossdock.testing.deliveries import InProcessDeliveries
from crossdock_mocks.dialects.crm import dialect as crm_dialect
from crossdock_mocks.engine import App, MockTransport

POLICY = """
[account]
clock_tolerance_seconds = 0
[account.fields]
name = "ask"
email = "newest"
phone = "crm"
[address.fields]
city = "erp"
"""


@pytest.fixture
def host(dataset, connect, between, tmp_path):
    app = App(crm_dialect())
    world = app.open_world(dataset, now=datetime.combine(dataset.as_of, time(9), UTC))
    crm = crm_connector.connect(
        "front",
        {"url": "http://crm.test", "client_id": "crossdock", "client_secret": "crossdock-secret"},
        transport=MockTransport(app, world),
    )
    policy = tmp_path / "ownership.toml"
    policy.write_text(POLICY, encoding="utf-8")
    config = HostConfig(
        crm=SystemConfig(name="front", connector="crm"),
        erps=(SystemConfig(name="main", connector="tryton"),),
        enabled=("account-sync",),
        inline="*",
        roles={"sales": RoleConfig(fields=("*",))},
        deadlines=Deadlines(event=120.0),
        sync_policy=policy,
    )
    store = Store.open(f"sqlite:///{tmp_path}/host.db")
    opened = Host(
        config,
        crm=crm,
        erp=Router({"main": connect(between.url, timeout=30)}),
        store=store,
        deliveries=InProcessDeliveries.open(store),
        identity="test",
        now=lambda: datetime.now(UTC),
    )
    assert not opened.quarantined
    yield opened
    opened.close()
    world.close()


def tell(host, system, entity, record_id, *, tries=1):
    """Deliver news of a record as a worker does; what is transient is tried again."""
    change = Change(
        cursor="", system=system, entity=entity, id=record_id, action="updated",
        at=datetime.now(UTC), version=f"told-{datetime.now(UTC):%H%M%S%f}",
    )  # fmt: skip
    for left in range(tries - 1, -1, -1):
        try:
            host.deliver(
                "account-sync", RecordChanged(change=change),
                step=lambda _name, fn, *args: fn(*args), idempotency_key="k",
            )  # fmt: skip
            return
        except RemoteUnavailable:
            if not left:
                raise


def test_an_account_is_one_customer_of_tryton_and_stays_the_same(host, between):
    crm, erp = host.crm, host.erp.using("main")
    account = crm.save_account(
        Account(
            id="", name="Harbour Works", kind="customer", email="office@harbour.example",
            phone="040 5550100", currency="EUR", address=Address(city="Hamburg", country="DE"),
        )
    )  # fmt: skip
    between.breaks("party.create", "drop_after_commit")
    tell(host, "front", "account", account.id, tries=3)
    assert between.calls["model.party.party.create"] == 1
    (link,) = host.store.links.of_account("front", account.id)
    customer = erp.customer(link.customer_id)
    assert (customer.name, customer.reference) == ("Harbour Works", account.id)
    assert customer.phone.replace(" ", "") == "+49405550100"

    crm.save_account(evolve(crm.account(account.id), phone="+49 40 777 8880"))
    erp.save_customer(evolve(customer, address=evolve(customer.address, city="Kiel")))
    tell(host, "main", "trading_account", customer.id)
    assert erp.customer(customer.id).phone.replace(" ", "") == "+49407778880"
    assert crm.account(account.id).address.city == "Kiel"

    crm.save_account(evolve(crm.account(account.id), name="Harbour North"))
    erp.save_customer(evolve(erp.customer(customer.id), name="Harbour South"))
    tell(host, "front", "account", account.id)
    (found,) = host.store.sync_conflicts.list()
    assert (found.crm_value, found.erp_value) == ("Harbour North", "Harbour South")
    between.calls.clear()
    tell(host, "main", "trading_account", customer.id)
    assert not [each for each in between.calls if each.endswith(("write", "create"))]


def test_a_customer_of_tryton_is_one_account(host):
    erp = host.erp.using("main")
    made = erp.save_customer(
        TradingAccount(
            id="", system="main", name="Weir & Lock", currency="EUR", email="desk@weir.example",
            address=Address(city="Ulm", country="DE"),
        )
    )  # fmt: skip
    tell(host, "main", "trading_account", made.id)
    tell(host, "main", "trading_account", made.id)
    (account,) = host.crm.accounts("Weir").items
    assert account.external_ids == {"main": made.id}
    assert account.address.city == "Ulm"
