"""What is tried again, how often, and what never is."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import stamina
from attrs import evolve

from crossdock.connectors import erp
from crossdock.connectors.calling import deadline_in
from crossdock.connectors.retries import Retries
from crossdock.errors import NotFound, RemoteUnavailable
from crossdock.records import OrderEvent


class Naps:
    """Takes the place of sleeping; the next random jitter is always the least."""

    def __init__(self, monkeypatch):
        self.taken = []
        monkeypatch.setattr("time.sleep", self.taken.append)
        monkeypatch.setattr("random.uniform", lambda low, high: low)


@pytest.fixture
def naps(monkeypatch):
    return Naps(monkeypatch)


LOST = httpx.ReadTimeout("timed out")
REFUSED = httpx.ConnectError("refused")


def throttled(rows, seconds):
    answer = rows.problem(429, "too_many_requests", "Slow down.")
    answer.headers["Retry-After"] = seconds
    return answer


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("failure", [LOST, REFUSED, httpx.Response(503)])
def test_a_read_is_tried_three_times(erp_wire, erp_port, failure):
    erp_wire.plays("getCustomer", failure)
    with pytest.raises(RemoteUnavailable):
        erp_port.customer("C-10001")
    assert len(erp_wire.asked) == 3


@pytest.mark.usefixtures("no_waiting")
def test_a_read_that_succeeds_at_last_shows_nothing_of_it(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getCustomer", LOST, httpx.Response(500), erp_rows.customer())
    assert erp_port.customer("C-10001").id == "C-10001"
    ids = {request.headers["x-correlation-id"] for _, request in erp_wire.asked}
    assert len(ids) == 1


@pytest.mark.usefixtures("no_waiting")
def test_what_was_refused_is_not_tried_again(erp_wire, erp_port, erp_rows):
    erp_wire.plays("getCustomer", erp_rows.problem(404, "not_found"))
    with pytest.raises(NotFound):
        erp_port.customer("C-1")
    assert len(erp_wire.asked) == 1


@pytest.mark.usefixtures("no_waiting")
def test_an_order_with_its_key_is_sent_again_with_the_same_key(
    erp_wire, erp_port, erp_rows, crm_order, customer
):
    erp_wire.plays("createSalesOrder", LOST, httpx.Response(201, json=erp_rows.order()))
    acknowledgement = erp_port.place_order(customer, crm_order, idempotency_key="key-1")
    assert acknowledgement.order.id == "SO-100001"
    keys = [request.headers["idempotency-key"] for _, request in erp_wire.asked]
    assert keys == ["key-1", "key-1"]
    assert erp_wire.body("createSalesOrder", 0) == erp_wire.body("createSalesOrder", 1)


@pytest.mark.usefixtures("no_waiting")
def test_an_order_without_a_key_is_never_sent_blindly_again(
    erp_wire, erp_port, crm_order, customer
):
    erp_wire.plays("createSalesOrder", LOST)
    with pytest.raises(RemoteUnavailable, match="is not known") as caught:
        erp_port.place_order(customer, crm_order, idempotency_key="")
    assert caught.value.maybe_done
    assert len(erp_wire.asked) == 1


@pytest.mark.usefixtures("no_waiting")
def test_an_order_without_a_key_is_sent_again_when_nobody_was_reached(
    erp_wire, erp_port, erp_rows, crm_order, customer
):
    erp_wire.plays("createSalesOrder", REFUSED, httpx.Response(201, json=erp_rows.order()))
    erp_port.place_order(customer, crm_order, idempotency_key="")
    assert len(erp_wire.asked) == 2


@pytest.mark.usefixtures("no_waiting")
def test_a_new_quote_is_never_sent_twice(crm_wire, crm_port, quote):
    crm_wire.plays("createQuote", LOST)
    with pytest.raises(RemoteUnavailable):
        crm_port.save_quote(evolve(quote, id="", version=None))
    assert len(crm_wire.requests("createQuote")) == 1


@pytest.mark.usefixtures("no_waiting")
def test_a_changed_quote_is_never_sent_twice(crm_wire, crm_port, quote):
    crm_wire.plays("changeQuote", httpx.Response(502))
    with pytest.raises(RemoteUnavailable):
        crm_port.save_quote(quote)
    assert len(crm_wire.requests("changeQuote")) == 1


@pytest.mark.usefixtures("no_waiting")
def test_what_the_crm_does_once_is_sent_again(crm_wire, crm_port, crm_rows, now):
    crm_wire.plays("orderQuote", LOST, crm_rows.order())
    crm_wire.plays("addTimelineEntry", LOST, crm_rows.timeline_entry())
    crm_port.order_from_quote("Q-1")
    crm_port.add_order_event("R-1", OrderEvent(key="k", at=now, kind="note", title="Told"))
    assert len(crm_wire.requests("orderQuote")) == 2
    assert len(crm_wire.requests("addTimelineEntry")) == 2


def test_waits_are_short_and_grow(erp_wire, erp_port, naps):
    erp_wire.plays("getCustomer", LOST)
    with pytest.raises(RemoteUnavailable):
        erp_port.customer("C-10001")
    assert naps.taken == [0.05, 0.1]


def test_a_short_retry_after_is_waited_out(erp_wire, erp_port, erp_rows, naps):
    erp_wire.plays("getCustomer", throttled(erp_rows, "1"), erp_rows.customer())
    erp_port.customer("C-10001")
    assert naps.taken == [1.0]


def test_a_throttled_order_is_sent_again_even_without_a_key(
    erp_wire, erp_port, erp_rows, crm_order, customer, naps
):
    erp_wire.plays(
        "createSalesOrder", throttled(erp_rows, "1"), httpx.Response(201, json=erp_rows.order())
    )
    erp_port.place_order(customer, crm_order, idempotency_key="")
    assert naps.taken == [1.0]


def test_a_long_retry_after_is_left_to_the_caller(erp_wire, erp_port, erp_rows, naps):
    erp_wire.plays("getCustomer", throttled(erp_rows, "30"), erp_rows.customer())
    with pytest.raises(RemoteUnavailable) as caught:
        erp_port.customer("C-10001")
    assert (naps.taken, caught.value.retry_after) == ([], 30.0)


def test_no_wait_reaches_beyond_the_deadline(erp_wire, erp_port, erp_rows, naps):
    erp_wire.plays("getCustomer", throttled(erp_rows, "2"), erp_rows.customer())
    with deadline_in(1.5), pytest.raises(RemoteUnavailable):
        erp_port.customer("C-10001")
    assert naps.taken == []


def test_no_second_try_is_begun_with_no_time_for_it(naps):
    tries = []

    def once():
        tries.append(1)
        raise RemoteUnavailable("away", system="main")

    with pytest.raises(RemoteUnavailable):
        Retries().call(once, repeatable=True, left=lambda: 0.01)
    assert (len(tries), naps.taken) == (1, [])


def test_a_retry_is_logged_without_secrets(erp_wire, erp_port, erp_rows, caplog):
    erp_wire.plays(
        "getCustomer",
        erp_rows.problem(503, "maintenance", "Back soon, api-key-55120."),
        erp_rows.customer(),
    )
    with stamina.set_testing(True, attempts=3, cap=True), caplog.at_level("DEBUG"):
        erp_port.customer("C-10001")
    records = [record for record in caplog.records if record.name == "stamina"]
    assert len(records) == 1
    assert "api-key-55120" not in "".join(str(vars(record)) for record in caplog.records)


def test_one_client_serves_many_threads(erp_document, erp_rows):
    def handler(request):
        number = request.url.path.rsplit("/", 1)[-1]
        return httpx.Response(200, json=erp_rows.customer(id=number))

    port = erp.connect(
        "main",
        {"url": "http://erp.test", "api_key": "k3y-word"},
        transport=httpx.MockTransport(handler),
    )
    numbers = [f"C-{number}" for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        assert [customer.id for customer in pool.map(port.customer, numbers)] == numbers
