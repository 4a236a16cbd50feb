"""Who calls, and until when."""

import threading

import httpx
import pytest

from crossdock.connectors import calling, crm, erp
from crossdock.connectors.calling import PRODUCT, acting_for, calling_as, deadline_in
from crossdock.errors import RemoteUnavailable

ERP = {"url": "http://erp.test", "api_key": "k3y-word"}


def header(wire, name, index=-1):
    return wire.asked[index][1].headers.get(name)


@pytest.fixture
def asked(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getCustomer", erp_rows.customer())
    return lambda: erp_port.customer("C-10001")


def test_without_a_name_the_product_calls(asked, erp_wire):
    asked()
    assert header(erp_wire, "user-agent") == PRODUCT


def test_the_hosts_name_for_the_caller_is_the_user_agent(asked, erp_wire):
    identity = "crossdock/0.1.0 worker pid=7 plugin=straight-through"
    with calling_as(identity):
        asked()
    asked()
    assert (identity, PRODUCT) == (
        header(erp_wire, "user-agent", 0),
        header(erp_wire, "user-agent", 1),
    )


def test_a_name_without_the_product_is_put_behind_it(asked, erp_wire):
    with calling_as("worker w-12; plugin straight-through"):
        asked()
    assert f"{PRODUCT} (worker w-12; plugin straight-through)" == header(erp_wire, "user-agent")


def test_the_configured_name_serves_where_the_host_says_none(erp_wire, erp_rows):
    erp_wire.plays("getCustomer", erp_rows.customer())
    port = erp.connect("main", ERP | {"identity": "desk"}, transport=erp_wire)
    port.customer("C-10001")
    assert f"{PRODUCT} (desk)" == header(erp_wire, "user-agent")


def test_a_name_cannot_break_out_of_its_header(asked, erp_wire):
    with calling_as("plugin\r\nX-Api-Key: other"):
        asked()
    assert f"{PRODUCT} (plugin X-Api-Key: other)" == header(erp_wire, "user-agent")


def test_each_call_has_a_correlation_id_of_its_own_unless_the_host_gives_one(asked, erp_wire):
    asked()
    asked()
    with calling_as("worker", correlation_id="delivery-5"):
        asked()
    ids = [header(erp_wire, "x-correlation-id", index) for index in range(3)]
    assert ids[2] == "delivery-5"
    assert len(set(ids)) == 3


def test_the_acting_user_goes_to_the_crm_and_not_to_the_erp(
    asked, erp_wire, crm_wire, crm_port, crm_rows
):
    crm_wire.plays("getAccount", crm_rows.account())
    with acting_for("U-kim"):
        crm_port.account("A-1001")
        asked()
    assert (header(crm_wire, "x-acting-user"), header(erp_wire, "x-acting-user")) == ("U-kim", None)


def test_a_name_belongs_to_its_thread(asked, erp_wire):
    with calling_as("outer"):
        thread = threading.Thread(target=asked)
        thread.start()
        thread.join()
    assert header(erp_wire, "user-agent") == PRODUCT


def test_an_inner_deadline_cannot_outlast_the_outer_one():
    with deadline_in(5), deadline_in(500):
        inner = calling.seconds_left()
    assert inner is not None
    assert inner <= 5
    assert calling.seconds_left() is None


def test_after_its_deadline_nothing_is_sent(asked, erp_wire):
    with (
        deadline_in(-1),
        pytest.raises(RemoteUnavailable, match="the time for this call was over") as caught,
    ):
        asked()
    assert not caught.value.maybe_done
    assert erp_wire.asked == []


def test_a_call_waits_no_longer_than_its_deadline(asked, erp_wire):
    with deadline_in(2):
        asked()
    timeout = erp_wire.asked[0][1].extensions["timeout"]
    assert 0 < timeout["read"] <= 2


def test_a_call_waits_no_longer_than_its_own_timeout(erp_wire, erp_rows):
    erp_wire.plays("getCustomer", erp_rows.customer())
    port = erp.connect("main", ERP | {"timeout": 3}, transport=erp_wire, deadline=lambda: 60.0)
    port.customer("C-10001")
    assert erp_wire.asked[0][1].extensions["timeout"]["read"] == 3


def test_the_deadline_that_is_handed_in_counts_too(crm_wire):
    port = crm.connect(
        "crm",
        {"url": "http://crm.test", "client_id": "me", "client_secret": "s3cret-word"},
        transport=crm_wire,
        deadline=lambda: 0.0,
    )
    with pytest.raises(RemoteUnavailable, match="the time for this call was over"):
        port.account("A-1001")
    assert crm_wire.asked == []


def test_an_answer_that_trickles_ends_at_the_deadline(erp_wire, monkeypatch):
    class Trickle(httpx.SyncByteStream):
        def __iter__(self):
            for _ in range(1000):
                clock.now += 1
                yield b" "

    class Clock:
        now = 0.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr("crossdock.connectors.exchange.time", clock)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Trickle()))
    port = erp.connect("main", ERP | {"timeout": 4}, transport=transport)
    with pytest.raises(RemoteUnavailable, match="did not answer getCustomer within 4 s"):
        port.customer("C-10001")
    assert clock.now <= 3 * 5
