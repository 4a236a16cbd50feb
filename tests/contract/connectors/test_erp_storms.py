"""Orders through a storm of faults, each of which may strike any call: none lost, none doubled.

An ERP that makes one order for each key is added by one line in `HOUSES`.
"""

from decimal import Decimal

import pytest

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


def in_quickbooks(mock, reference):
    rows = mock.world.table("qbo_estimate").find()
    return [row["Id"] for row in rows if row["DocNumber"] == reference]


def in_business_central(mock, reference):
    rows = mock.world.table("salesOrders").find()
    return [row["number"] for row in rows if row["externalDocumentNumber"] == reference]


# By ERP: its fixtures, how its orders with a reference are found in the mock's own state, what
# must not be left there, and how likely each fault is at each call.
HOUSES = {
    "qbo": ("connect_qbo", "qbo_mock", in_quickbooks, (), 0.07),
    "bc": ("connect_bc", "bc_mock", in_business_central, ("salesQuotes",), 0.05),
}


class Weather:
    """One ERP, and a storm over it."""

    def __init__(self, port, mock, found, left, likely):
        self.port, self.mock, self.found, self.left, self.likely = port, mock, found, left, likely

    def until(self, done):
        """Try again as a delivery does, later."""
        for _ in range(_TRIES):
            try:
                return done()
            except RemoteError:
                continue
        raise AssertionError("it never got through")

    def blow(self, customer, codes, store, *, seed, orders):
        """Price and place orders one after the other while every call may go wrong."""
        placements = Placements(store, "crm")
        asked = PriceRequest(
            lines=tuple(
                PriceRequestLine(number=n, item_id=code, quantity=Decimal(n))
                for n, code in enumerate(codes, start=1)
            )
        )
        expected = self.port.price(customer, asked)
        faults = [Fault(probability=self.likely, **each) for each in _STORM]
        self.mock.world.faults.arm(faults, seed)
        for number in range(orders):
            lines = tuple(
                OrderLine(number=n, item_id=code, quantity=Decimal(n), unit_price=Money(5, "EUR"))
                for n, code in enumerate(codes, start=1)
            )
            order = Order(id=f"R-{number}", system="crm", currency="EUR", lines=lines)
            assert self.until(lambda: self.port.price(customer, asked)).gross == expected.gross
            self.until(
                lambda order=order, key=f"key-{number}": placements.place(
                    self.port, self.port, customer, order, key=key
                )
            )
        self.mock.world.faults.clear()
        self.port.price(customer, asked)  # what could not be tidied up is tidied up now
        known = {each.reference: [each.erp_order_id] for each in placements.list()}
        references = [f"R-{number}" for number in range(orders)]
        assert known == {each: self.found(self.mock, each) for each in references}
        assert [row for name in self.left for row in self.mock.world.table(name).find()] == []


@pytest.fixture(params=HOUSES)
def storm(request, dataset, tmp_path):
    connect, mock, *more = HOUSES[request.param]
    connect, mock = request.getfixturevalue(connect), request.getfixturevalue(mock)
    number = next(
        row["id"]
        for row in dataset.rows("customers")
        if not row["bill_to_id"] and not row["on_hold"]
    )
    codes = [row["id"] for row in dataset.rows("items") if row["active"]][:2]

    def run(seed, orders):
        port = connect()
        with Store.open(f"sqlite:///{tmp_path}/storm-{seed}.db") as store:
            Weather(port, mock, *more).blow(
                port.customer(number), codes, store, seed=seed, orders=orders
            )

    return run


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("seed", [3])
def test_a_storm_loses_no_order_and_makes_none_twice(storm, seed):
    storm(seed, orders=5)


@pytest.mark.full
@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("seed", range(20))
def test_no_storm_loses_an_order_or_makes_one_twice(storm, seed):
    storm(seed, orders=12)
