"""Orders through a storm of faults in Business Central: none lost, none doubled, no quote left."""

from decimal import Decimal

import pytest

from crossdock.connectors.business_central.offers import MARK
from crossdock.errors import RemoteError
from crossdock.host.placements.placements import Placements
from crossdock.host.store import Store
from crossdock.records import Money, Order, OrderLine, PriceRequest, PriceRequestLine
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
_TRIES = 80


def until(done):
    """Try again as a delivery does, later."""
    for _ in range(_TRIES):
        try:
            return done()
        except RemoteError:
            continue
    raise AssertionError("it never got through")


def weather(port, mock, house, customer, codes, store, *, seed, orders):
    """Price and place orders one after the other while every call may go wrong."""
    placements = Placements(store, "crm")
    mock.world.faults.arm([Fault(probability=0.05, **each) for each in _STORM], seed)
    asked = PriceRequest(
        lines=tuple(
            PriceRequestLine(number=n, item_id=code, quantity=Decimal(n))
            for n, code in enumerate(codes, start=1)
        )
    )
    gross = set()
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
        gross.add(until(lambda: port.price(customer, asked)).gross)
        until(lambda order=order, key=f"key-{number}": placements.place(
            port, port, customer, order, key=key
        ))  # fmt: skip
    mock.world.faults.clear()
    port.price(customer, asked)  # deletes what could not be deleted
    assert len(gross) == 1
    known = {each.reference: {each.erp_order_id} for each in placements.list()}
    assert known == {f"R-{number}": house.orders(f"R-{number}") for number in range(orders)}
    left = [row for row in house.quotes() if not row["externalDocumentNumber"].startswith(MARK)]
    assert left == []
    return house.quotes()


@pytest.fixture
def storm(connect_bc, bc_mock, bc_house, dataset, tmp_path):
    row = next(r for r in dataset.rows("customers") if not r["on_hold"] and not r["bill_to_id"])
    customer = connect_bc().customer(row["id"])
    codes = [row["id"] for row in dataset.rows("items") if row["active"]][:2]

    def run(seed, orders):
        with Store.open(f"sqlite:///{tmp_path}/storm-{seed}.db") as store:
            return weather(
                connect_bc(), bc_mock, bc_house, customer, codes, store, seed=seed, orders=orders
            )

    return run


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("seed", [3])
def test_a_storm_loses_no_order_makes_none_twice_and_leaves_no_quote(storm, seed):
    assert storm(seed, orders=4) == []


@pytest.mark.full
@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("seed", range(20))
def test_no_storm_loses_an_order_or_makes_one_twice(storm, seed):
    assert storm(seed, orders=10) == []
