"""Orders through a storm of faults, each of which may strike any call: none lost, none doubled."""

from decimal import Decimal

import pytest

from crossdock.errors import RemoteError
from crossdock.host.placements.placements import Placements
from crossdock.host.store import Store
from crossdock.records import Money, Order, OrderLine
from crossdock_mocks.engine import Fault

_STORM = (
    {"kind": "drop_before"},
    {"kind": "drop_after_commit"},
    {"kind": "half_body"},
    {"kind": "malformed_json"},
    {"kind": "status", "status": 500},
    {"kind": "status_after_commit", "status": 502},
    {"kind": "status", "status": 429},
    {"kind": "expired_token"},
)
_TRIES = 60


def weather(port, mock, customer, codes, store, *, seed, orders):
    """Place orders one after the other while every call may go wrong; each is tried until it is."""
    placements = Placements(store, "crm")
    mock.world.faults.arm([Fault(probability=0.07, **each) for each in _STORM], seed)
    for number in range(orders):
        order = Order(
            id=f"R-{number}",
            system="crm",
            currency="EUR",
            lines=tuple(
                OrderLine(number=n, item_id=code, quantity=Decimal(n), unit_price=Money(5, "EUR"))
                for n, code in enumerate(codes, start=1)
            ),
        )
        for _ in range(_TRIES):
            try:
                placements.place(port, port, customer, order, key=f"key-{number}")
                break
            except RemoteError:
                continue  # as a delivery does, later
        else:
            raise AssertionError(f"{order.id} was never placed")
    mock.world.faults.clear()
    made = [row["DocNumber"] for row in mock.world.table("qbo_estimate").find()]
    assert sorted(made) == sorted(f"R-{number}" for number in range(orders))
    known = {each.reference: each.erp_order_id for each in placements.list()}
    there = {row["DocNumber"]: row["Id"] for row in mock.world.table("qbo_estimate").find()}
    assert known == there


@pytest.fixture
def storm(connect_qbo, qbo_mock, dataset, tmp_path):
    number = next(row["id"] for row in dataset.rows("customers") if not row["bill_to_id"])
    customer = connect_qbo().customer(number)
    codes = [row["id"] for row in dataset.rows("items") if row["active"]][:2]

    def run(seed, orders):
        with Store.open(f"sqlite:///{tmp_path}/storm-{seed}.db") as store:
            weather(connect_qbo(), qbo_mock, customer, codes, store, seed=seed, orders=orders)

    return run


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("seed", [3, 8])
def test_a_storm_loses_no_order_and_makes_none_twice(storm, seed):
    storm(seed, orders=6)


@pytest.mark.full
@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("seed", range(20))
def test_no_storm_loses_an_order_or_makes_one_twice(storm, seed):
    storm(seed, orders=12)
