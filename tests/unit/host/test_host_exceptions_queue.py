"""Who may put right what is stuck, and what each may see and change of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crossdock.errors import AccessDenied, EditRefused, NotFound
from crossdock.host.asking.disclosure import disclosed
from crossdock.host.deliveries import Attempt
from crossdock.host.diagnosis.configuration import examine_configuration
from crossdock.host.exceptions_queue import RIGHT, Actor, ExceptionsQueue
from crossdock.host.gateway import Refusals, RightsByRole
from crossdock.host.settings.config import HostConfig, RoleConfig
from crossdock.records import Address, Order, OrderLine, OrderPromoted, User

NOW = datetime(2026, 11, 22, tzinfo=UTC)
KIM = User(id="U-kim", name="Kim", roles=("sales",))
ADA = User(id="U-ada", name="Ada", roles=("accounting",))
GONE = User(id="U-old", name="Olaf", roles=("sales",), active=False)


class Deliveries:
    """Remembers what was asked of it."""

    circuits = None

    def __init__(self):
        self.asked = []

    def event(self, delivery_id):
        line = OrderLine(number=1, item_id="X", quantity=Decimal(1))
        to = Address(name="Ada Byron", city="Lyon")
        order = Order(id="R-1", system="crm", currency="EUR", lines=(line,), ship_to=to)
        return OrderPromoted(order=order)

    def __getattr__(self, name):
        return lambda *args, **how: self.asked.append((name, args, how))


class Trail:
    def __init__(self):
        self.lines = []

    def append(self, **line):
        self.lines.append(line)


@pytest.fixture
def trail():
    return Trail()


@pytest.fixture
def deliveries():
    return Deliveries()


@pytest.fixture
def queue_of(deliveries, trail):
    def user(user_id):
        found = {each.id: each for each in (KIM, ADA, GONE)}
        if user_id not in found:
            raise NotFound("nobody", system="crm")
        return found[user_id]

    def make(**roles):
        return ExceptionsQueue(
            deliveries,
            deliveries,
            rights=RightsByRole(roles),
            refusals=Refusals(lambda: trail, lambda: NOW),
            user=user,
        )

    return make


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (RoleConfig(), False),
        (RoleConfig(fields=("cost", "credit")), False),
        (RoleConfig(fields=("*",)), True),
        (RoleConfig(fields=("*",), rights=()), False),
        (RoleConfig(rights=(RIGHT,)), True),
    ],
)
def test_the_right_is_written_down_or_goes_with_seeing_everything(queue_of, role, may):
    assert (queue_of(sales=role).objection(KIM) == "") is may


def test_who_may_not_is_told_who_may(queue_of):
    all_see = RoleConfig(fields=("*",))
    assert "which the role accounting has" in queue_of(accounting=all_see).objection(KIM)
    three = queue_of(accounting=all_see, admin=all_see, boss=all_see)
    assert "the role accounting, admin or boss has" in three.objection(KIM)
    assert "no role has; [roles.NAME] rights" in queue_of(sales=RoleConfig()).objection(KIM)


@pytest.mark.parametrize(
    "do",
    [
        lambda q, who: q.retry("D-1", who),
        lambda q, who: q.edit("D-1", {"lines.0.quantity": "3"}, who, reason="more"),
        lambda q, who: q.assign("D-1", "", who),
        lambda q, who: q.note("D-1", "mine", who),
        lambda q, who: q.give_up("D-1", who, reason="no"),
        lambda q, who: q.try_now("main", who),
        lambda q, who: q.confirm("R-1", "SO-1", who),
        lambda q, who: q.deny("R-1", who, reason="looked"),
    ],
)
def test_without_the_right_nothing_is_asked_of_the_deliveries(queue_of, deliveries, trail, do):
    queue = queue_of(sales=RoleConfig(), accounting=RoleConfig(fields=("*",)))
    for _ in range(3):
        with pytest.raises(AccessDenied, match="Kim may only look"):
            do(queue, Actor.of(KIM))
    assert deliveries.asked == []
    (line,) = trail.lines  # the others within the minute are counted
    assert (line["actor"], line["action"]) == ("user:U-kim", "access.refused")
    assert line["subject"] == RIGHT


def test_a_program_acts_by_the_scopes_of_its_key(queue_of, deliveries):
    queue_of().retry("D-1", Actor(name="key:crm", user=None))
    assert deliveries.asked == [("retry", ("D-1",), {"actor": "key:crm", "version": None})]


def test_what_is_hidden_from_the_actor_is_not_offered_and_not_taken(queue_of, deliveries):
    queue = queue_of(sales=RoleConfig(fields=("credit",), rights=(RIGHT,)))
    offered = queue.editable("D-1", Actor.of(KIM))
    assert "ship_to.name" not in offered
    assert offered["ship_to.city"] == "Lyon"
    with pytest.raises(EditRefused, match="you may not see it"):
        queue.edit("D-1", {"ship_to.name": "Other"}, Actor.of(KIM), reason="why")
    assert deliveries.asked == []
    whole = queue_of(accounting=RoleConfig(fields=("*",))).editable("D-1", Actor.of(ADA))
    assert whole["ship_to.name"] == "Ada Byron"


@pytest.mark.parametrize("assignee", ["user:U-ghost", "user:U-old"])
def test_one_is_handed_only_to_who_works_in_the_crm(queue_of, deliveries, assignee):
    queue = queue_of(accounting=RoleConfig(fields=("*",)))
    with pytest.raises(EditRefused, match="works in the CRM"):
        queue.assign("D-1", assignee, Actor.of(ADA))
    assert deliveries.asked == []
    queue.assign("D-1", "user:U-kim", Actor.of(ADA))
    assert deliveries.asked[0][0] == "assign"


def test_an_exchange_is_whole_only_where_nothing_is_hidden():
    exchange = {
        "system": "main", "operation": "placeOrder", "seconds": 0.2,
        "request": {"method": "POST", "url": "http://erp", "headers": {}, "body": "9.99"},
        "answer": {"status": 422, "headers": {}, "body": "limit 4500.00"},
    }  # fmt: skip
    attempt = Attempt(
        outcome="dead", worker="w", began_at=NOW, ended_at=NOW, revision=0,
        cause="over by 12.50 EUR", evidence={"exchange": exchange, "told": ["12.50 EUR"]},
    )  # fmt: skip
    assert disclosed([attempt], frozenset()) == (attempt,)
    (seen,) = disclosed([attempt], frozenset({"credit"}))
    assert seen.cause == "over by [hidden]"
    assert seen.evidence["exchange"]["request"] is None
    assert seen.evidence["exchange"]["answer"] == {"status": 422}
    assert "4500" not in str(seen)
    assert "12.50" not in str(seen)


def test_the_doctor_says_where_nobody_may_put_anything_right(tmp_path):
    def found(rights):
        document = {
            "crm": {"system": "crm"},
            "erp": {"main": {"system": "erp"}},
            "roles": {"sales": {"fields": ["credit"], **rights}},
        }
        config = HostConfig.from_document(document, tmp_path / "crossdock.toml")
        return [each for each in examine_configuration(config) if RIGHT in str(each)]

    assert len(found({})) == 1
    assert found({"rights": [RIGHT]}) == []
