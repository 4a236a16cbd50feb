"""The connectors against the mocks of the reference systems, in process."""

from datetime import UTC, datetime, time

import httpx
import pytest
import stamina

from crossdock.connectors import crm, erp
from crossdock_mocks.datasets import generate
from crossdock_mocks.dialects.crm import dialect as crm_dialect
from crossdock_mocks.dialects.erp import dialect as erp_dialect
from crossdock_mocks.engine import App, MockTransport

CRM_SETTINGS = {
    "url": "http://crm.test",
    "client_id": "crossdock",
    "client_secret": "crossdock-secret",
}
ERP_SETTINGS = {"url": "http://erp.test", "api_key": "erp-demo-key"}


class Mock:
    """One mock with its world, and what can be seen of it besides the connector."""

    def __init__(self, dialect, dataset):
        self.app = App(dialect)
        self.world = self.app.open_world(dataset, now=datetime.combine(dataset.as_of, time(9), UTC))

    def transport(self):
        return MockTransport(self.app, self.world)

    def journal(self, operation=None):
        return [
            entry
            for entry in self.world.journal
            if operation is None or entry.operation_id == operation
        ]


@pytest.fixture(scope="session")
def dataset():
    return generate(seed=20, scale=0.05)


@pytest.fixture(scope="session")
def opened(dataset):
    mocks = {"crm": Mock(crm_dialect(), dataset), "erp": Mock(erp_dialect(), dataset)}
    yield mocks
    for mock in mocks.values():
        mock.world.close()


@pytest.fixture
def crm_mock(opened):
    opened["crm"].world.reset()
    return opened["crm"]


@pytest.fixture
def erp_mock(opened):
    opened["erp"].world.reset()
    return opened["erp"]


@pytest.fixture
def crm_port(crm_mock):
    port = crm.connect("crm", CRM_SETTINGS, transport=crm_mock.transport())
    yield port
    port.close()


@pytest.fixture
def erp_port(erp_mock):
    port = erp.connect("main", ERP_SETTINGS, transport=erp_mock.transport())
    yield port
    port.close()


@pytest.fixture
def connect_erp(erp_mock):
    """Make further connectors to the same ERP, as other processes would."""
    return lambda **over: erp.connect("main", ERP_SETTINGS | over, transport=erp_mock.transport())


@pytest.fixture
def back_office(erp_mock):
    """Ship, invoice and take payments in the ERP, as its own people do."""
    client = httpx.Client(
        transport=erp_mock.transport(),
        base_url="http://erp.test",
        headers={"X-Api-Key": "erp-warehouse-key"},
    )

    def do(path, body):
        response = client.post(path, json=body)
        assert response.is_success, response.text
        return response.json()

    yield do
    client.close()


@pytest.fixture
def no_waiting():
    """Retries happen at once, as many as the connector makes."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield
