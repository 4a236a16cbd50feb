"""The connectors against served mocks: pooled connections, dropped ones, and answers too late."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from crossdock.connectors import crm, erp
from crossdock.connectors.calling import deadline_in
from crossdock.errors import RemoteUnavailable
from crossdock_mocks.engine import Fault, serve_in_thread


@pytest.fixture
def served(crm_mock, erp_mock):
    with serve_in_thread((crm_mock.app, crm_mock.world), (erp_mock.app, erp_mock.world)) as found:
        yield {address.mock: address.base_url for address in found}


@pytest.fixture
def ports(served):
    crm_port = crm.connect(
        "crm",
        {"url": served["crm"], "client_id": "crossdock", "client_secret": "crossdock-secret"},
    )
    erp_port = erp.connect("main", {"url": served["erp"], "api_key": "erp-demo-key"})
    yield crm_port, erp_port
    crm_port.close()
    erp_port.close()


def test_both_systems_answer_many_threads(ports, dataset):
    crm_port, erp_port = ports
    accounts = [row["id"] for row in dataset.rows("accounts")]
    customers = [row["id"] for row in dataset.rows("customers")]
    with ThreadPoolExecutor(8) as pool:
        read = pool.map(crm_port.account, accounts * 3)
        assert [account.id for account in read] == accounts * 3
        assert [each.id for each in pool.map(erp_port.customer, customers * 3)] == customers * 3


@pytest.mark.usefixtures("no_waiting")
def test_a_dropped_connection_is_bridged(ports, erp_mock, dataset):
    customer_id = next(dataset.rows("customers"))["id"]
    erp_mock.world.faults.add(Fault(kind="drop_before", operation="getCustomer", times=1))
    erp_mock.world.faults.add(Fault(kind="half_body", operation="getCustomer", times=1))
    assert ports[1].customer(customer_id).id == customer_id
    assert len(erp_mock.journal("getCustomer")) >= 2


def test_an_answer_that_comes_too_late_is_told(ports, erp_mock, dataset):
    customer_id = next(dataset.rows("customers"))["id"]
    erp_mock.world.faults.add(Fault(kind="latency_before", operation="getCustomer", seconds=30))
    with (
        deadline_in(0.3),
        pytest.raises(RemoteUnavailable, match=r"did not answer getCustomer within 0\.\d+ s"),
    ):
        ports[1].customer(customer_id)
