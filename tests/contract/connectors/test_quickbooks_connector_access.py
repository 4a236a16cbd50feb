"""How QuickBooks is entered: tokens that are renewed once and not lost, and at what pace."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from crossdock.connectors.calling import deadline_in
from crossdock.connectors.rotation import InMemory
from crossdock.errors import ConfigError, RemoteUnauthorized, RemoteUnavailable
from crossdock.host.store import Store
from crossdock.host.tokens import StoredTokens
from crossdock.records import PriceRequest, PriceRequestLine
from crossdock_mocks.engine import Fault


def issued(mock):
    return [entry for entry in mock.journal("issueTokens") if entry.status == 200]


def test_a_token_is_fetched_once_for_many_calls(qbo_port, qbo_mock):
    before = len(issued(qbo_mock))
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: qbo_port.customers().items[0].id, range(16)))) == 1
    assert len(issued(qbo_mock)) == before + 1


def test_an_expired_token_is_renewed_and_the_call_made_again(qbo_port, qbo_mock):
    first = qbo_port.customers()
    qbo_mock.world.clock.advance(timedelta(hours=2))
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: qbo_port.customers(), range(8))) == {first}
    refused = [entry for entry in qbo_mock.world.journal if entry.status == 401]
    assert refused
    assert len(issued(qbo_mock)) == 2


def test_processes_that_share_a_store_share_the_rotated_token(connect_qbo, qbo_mock, tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/host.db") as store:
        ports = [connect_qbo(tokens=StoredTokens(store, "main")) for _ in range(4)]
        for port in ports:
            port.customers()
        assert len(issued(qbo_mock)) == 1
        # After a day the refresh token changes, and the old one is worth nothing.
        for _ in range(3):
            qbo_mock.world.clock.advance(timedelta(days=2))
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda port: port.customers(), ports))
        assert len(issued(qbo_mock)) == 4
        late = connect_qbo(tokens=StoredTokens(store, "main"))
        late.customers()
        assert len(issued(qbo_mock)) == 4


def test_a_process_without_the_store_cannot_use_a_token_that_was_rotated(connect_qbo, qbo_mock):
    """What the store is for: the configured token is worth nothing once it was rotated."""
    kept = InMemory()
    port = connect_qbo(tokens=kept)
    port.customers()
    qbo_mock.world.clock.advance(timedelta(days=2))
    port.customers()
    with pytest.raises(RemoteUnauthorized, match=r"Grant access anew.*\[erp.main\]"):
        connect_qbo().customers()
    assert connect_qbo(tokens=kept).customers() == port.customers()


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("kind", ["drop_before", "status"])
def test_an_outage_of_the_tokens_is_one_of_the_call(connect_qbo, qbo_mock, kind):
    qbo_mock.world.faults.add(Fault(kind=kind, operation="issueTokens", status=503))
    port = connect_qbo()
    with pytest.raises(RemoteUnavailable) as caught:
        port.customers()
    assert not caught.value.maybe_done
    qbo_mock.world.faults.clear()
    assert port.customers().items


@pytest.mark.usefixtures("no_waiting")
def test_an_answer_with_tokens_that_was_lost_is_asked_for_again(connect_qbo, qbo_mock):
    qbo_mock.world.faults.add(Fault(kind="drop_after_commit", operation="issueTokens", times=1))
    assert connect_qbo().customers().items


def test_a_wrong_secret_is_told_and_not_shown(connect_qbo):
    with pytest.raises(RemoteUnauthorized, match=r"\[erp.main\] in crossdock.toml") as caught:
        connect_qbo(client_secret="wrong-secret-77").customers()
    assert "wrong-secret-77" not in str(caught.value)


@pytest.mark.usefixtures("no_waiting")
def test_a_wrong_company_is_told(connect_qbo):
    with pytest.raises(RemoteUnauthorized):
        connect_qbo(realm="42").customers()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"realm": ""}, "'realm'"),
        ({"orders": "salesorder"}, "one of estimate, invoice"),
        ({"customer_number": "Shoe"}, "one of Id, DisplayName"),
        ({"auth_url": "ftp://x"}, "'auth_url'"),
        ({"colour": "red"}, "'colour'"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place(connect_qbo, given, said):
    with pytest.raises(ConfigError) as caught:
        connect_qbo(**given)
    assert said in str(caught.value)
    assert "[erp.main]" in str(caught.value)


def test_no_more_calls_are_under_way_than_intuit_takes_at_once(connect_qbo, qbo_mock):
    transport = qbo_mock.transport()
    now, most, lock = [0], [0], threading.Lock()
    crowd = threading.Event()

    class Counted(type(transport)):
        """Counts the calls that are under way side by side."""

        def __init__(self):
            """Stand before the mock."""

        def handle_request(self, request):
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            if request.method == "GET":
                crowd.wait(0.02)
            try:
                return transport.handle_request(request)
            finally:
                with lock:
                    now[0] -= 1

        def close(self):
            """Leave the mock open."""

    port = connect_qbo(transport=Counted())
    port.customers(limit=1)
    with ThreadPoolExecutor(24) as pool:
        list(pool.map(lambda _: port.item("BRG-1001"), range(48)))
    assert 1 < most[0] <= 8


def test_a_call_without_a_place_says_that_it_was_not_made(connect_qbo):
    port = connect_qbo()
    for _ in range(8):
        port._company._places.acquire()
    with deadline_in(0.05), pytest.raises(RemoteUnavailable, match="8 calls were under way") as no:
        port.customers()
    assert not no.value.maybe_done


def test_many_lines_cost_few_calls(connect_qbo, qbo_mock, dataset):
    port = connect_qbo()
    customer = next(row["id"] for row in dataset.rows("customers") if not row["bill_to_id"])
    codes = [row["id"] for row in dataset.rows("items") if row["active"]][:40]
    lines = tuple(
        PriceRequestLine(number=n, item_id=code, quantity=Decimal(1))
        for n, code in enumerate(codes, start=1)
    )
    found = port.customer(customer)
    before = len(qbo_mock.world.journal)
    assert len(port.price(found, PriceRequest(lines=lines)).lines) == len(codes)
    assert len(qbo_mock.world.journal) - before <= 5
