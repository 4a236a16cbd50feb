"""An ERP in memory that loses answers, commits late, and may or may not keep idempotency keys."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from crossdock.errors import NotFound, RemoteRefused, RemoteUnavailable
from crossdock.host.placements.placements import Placements
from crossdock.host.store import Store
from crossdock.records import Acknowledgement, Order, TradingAccount

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Died(BaseException):
    """The process was killed at this point."""


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def advance(self, **by):
        self.now += timedelta(**by)


class Erp:
    """What happens to each call is told beforehand; `ok` where nothing is told."""

    system = "main"

    def __init__(self, clock, *, keyed):
        self.clock = clock
        self.capabilities = frozenset({"idempotency_key"} if keyed else ())
        self.orders_made = []
        self.by_key = {}
        self.late = []
        self.outcomes = []
        self.keys = []

    def _settle(self):
        for due, order, key in list(self.late):
            if due <= self.clock.now:
                self.late.remove((due, order, key))
                self._commit(order, key)

    def _commit(self, order, key):
        if key and key in self.by_key:
            return self.by_key[key]
        made = evolve(order, id=f"SO-{len(self.orders_made) + 1}", system="main")
        self.orders_made.append(made)
        if key:
            self.by_key[key] = made
        return made

    def place_order(self, customer, order, *, idempotency_key):
        self._settle()
        self.keys.append(idempotency_key)
        outcome = self.outcomes.pop(0) if self.outcomes else "ok"
        order = evolve(order, customer_id=customer.id)
        match outcome:
            case "not reached":
                raise RemoteUnavailable("nobody there", system="main", maybe_done=False)
            case "died before":
                raise Died
            case "lost before":
                raise RemoteUnavailable("no answer", system="main")
            case "late":
                due = self.clock.now + timedelta(minutes=3)
                self.late.append((due, order, idempotency_key))
                raise RemoteUnavailable("no answer", system="main")
            case "refused" if idempotency_key not in self.by_key:
                raise RemoteRefused("over the limit", system="main")
        known = idempotency_key in self.by_key
        made = self._commit(order, idempotency_key)
        if outcome == "lost after":
            raise RemoteUnavailable("no answer", system="main")
        if outcome == "died after":
            raise Died
        return Acknowledgement(order=made, reference=made.reference, replayed=known)

    def orders_by_reference(self, reference):
        self._settle()
        return [order for order in self.orders_made if order.reference == reference]

    def order(self, order_id):
        self._settle()
        for order in self.orders_made:
            if order.id == order_id:
                return order
        raise NotFound(f"no order {order_id}", system="main")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    with Store.open(f"sqlite:///{tmp_path}/host.db", clock=clock) as opened:
        yield opened


@pytest.fixture
def placements(store):
    return Placements(store, "crm", settle=timedelta(minutes=10))


@pytest.fixture(params=[True, False], ids=["with keys", "without keys"])
def erp(request, clock):
    return Erp(clock, keyed=request.param)


@pytest.fixture
def keyless(clock):
    return Erp(clock, keyed=False)


@pytest.fixture
def keyed(clock):
    return Erp(clock, keyed=True)


@pytest.fixture(scope="session")
def customer():
    return TradingAccount(id="C-1", system="main", name="Müller", currency="EUR")


@pytest.fixture(scope="session")
def order():
    return Order(id="R-1", system="crm", currency="EUR")


@pytest.fixture(scope="session")
def died():
    return Died


@pytest.fixture
def place(placements, customer, order):
    """Place the order, as each attempt of its delivery does."""

    def place_(erp):
        return placements.place(erp, erp, customer, order, key="xd-1")

    return place_


@pytest.fixture(scope="session")
def new_erp():
    return Erp
