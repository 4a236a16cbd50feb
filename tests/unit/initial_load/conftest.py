"""A CRM and an ERP full of planted duplicates, and the load between them, all in process."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from attrs import evolve

from crossdock.connectors import crm, erp
from crossdock.host.gateway import Refusals, RightsByRole
from crossdock.host.initial_load.load import InitialLoad
from crossdock.host.linking.linking import Linking
from crossdock.host.store import Store
from crossdock.host.synchronising.creations import Creations
from crossdock.host.synchronising.policy_file import read_policy
from crossdock.host.synchronising.synchronising import Synchronising
from crossdock.host.systems import Router
from crossdock_mocks.datasets.duplicates import as_data_set, plant
from crossdock_mocks.dialects.crm import dialect as crm_dialect
from crossdock_mocks.dialects.erp import dialect as erp_dialect
from crossdock_mocks.engine import App, MockTransport

PLANTED = plant(seed=12, size=24, share=0.25, twice=0.34)
POLICY = Path(__file__).parents[3] / "plugins/crossdock_plugins/account_sync/ownership.toml"
CRM = {"url": "http://crm.test", "client_id": "crossdock", "client_secret": "crossdock-secret"}
ERP = {"url": "http://erp.test", "api_key": "erp-demo-key"}


class Mocks:
    """Both mocks with a world each; a test takes a copy of what they begin with."""

    def __init__(self, data):
        self.apps = App(crm_dialect()), App(erp_dialect())
        now = datetime.combine(data.as_of, time(9), UTC)
        self.worlds = [each.open_world(data, now=now) for each in self.apps]
        self.beginnings = [each.snapshot() for each in self.worlds]

    def reset(self):
        for world, beginning in zip(self.worlds, self.beginnings, strict=True):
            world.restore(beginning)

    def transports(self):
        return [MockTransport(a, w) for a, w in zip(self.apps, self.worlds, strict=True)]


class Scene:
    """One load between both, and what can be seen of it."""

    def __init__(self, mocks, store, *, limits=None, crm_settings=CRM, erp_settings=ERP):
        self.mocks = mocks
        self.store = store
        crm_door, erp_door = mocks.transports()
        self.crm = crm.connect("crm", crm_settings, transport=crm_door)
        self.main = erp.connect("main", erp_settings, transport=erp_door)
        self.erp = Router({"main": self.main})
        self.slept = []
        common = {
            "rights": RightsByRole({}),
            "refusals": Refusals(lambda: store.audit, lambda: store.clock()),
        }
        self.linking = Linking(lambda: store, self.crm, self.erp, **common)
        self.synchronising = Synchronising(
            lambda: store,
            self.crm,
            self.erp,
            before_creating=self.linking.before_creating,
            creations=Creations(lambda: store, settle=timedelta(0)),
            policy_file=lambda: POLICY,
            **common,
        )
        self.load = InitialLoad(
            store,
            self.crm,
            self.erp,
            self.synchronising.port,
            lambda: read_policy(POLICY),
            limits=limits or {},
            sleep=self.slept.append,
        )

    def everything(self):
        accounts = self.crm.all_accounts(limit=200).items
        return accounts, self.main.all_customers(limit=200).items

    def pairs(self):
        return {
            (link.account_id, link.customer_id): link for link in self.store.links.of_crm("crm")
        }


@pytest.fixture(scope="module")
def mocks():
    return Mocks(as_data_set(PLANTED, seed=12))


@pytest.fixture
def scene(mocks, tmp_path):
    mocks.reset()
    now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    with Store.open(f"sqlite:///{tmp_path}/host.db", clock=lambda: now) as store:
        yield Scene(mocks, store)


@pytest.fixture
def another(mocks):
    """Give what makes a load with other settings over the same store."""
    return lambda scene, **more: Scene(mocks, scene.store, **more)


@pytest.fixture
def truth():
    """Give which customer is which account, by ids; and which are the same as another customer."""
    of_accounts = {
        f"C-{10001 + at}": f"A-{1001 + other}"
        for at, (side, other) in PLANTED.duplicates.items()
        if side == "account"
    }
    of_customers = {
        f"C-{10001 + at}": f"C-{10001 + other}"
        for at, (side, other) in PLANTED.duplicates.items()
        if side == "customer"
    }
    return of_accounts, of_customers


@pytest.fixture
def changed():
    return evolve
