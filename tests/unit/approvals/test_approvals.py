"""Who must agree to what, who did, and what the clock does to what nobody answers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.errors import ApprovalRefused
from crossdock.host.approvals.approvals import Approvals
from crossdock.host.approvals.policy import ApprovalPolicy
from crossdock.host.asking.verdict import Finding
from crossdock.host.store import Store
from crossdock.records import Money, Quote, QuoteLine, User

KIM = User(id="U-kim", name="Kim", roles=("sales",))
MAX = User(id="U-max", name="Max", roles=("manager",))
IDA = User(id="U-ida", name="Ida", roles=("director",))
DISCOUNT = Finding(
    plugin_id="rules", message="more than 15 % discount", code="discount", role="manager"
)
CREDIT = Finding(plugin_id="credit", message="over the limit", code="credit", role="accounting")


@pytest.fixture
def clock():
    class Clock:
        now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

        def __call__(self):
            return self.now

    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    with Store.open(f"sqlite:///{tmp_path}/host.db", clock=clock) as opened:
        yield opened


@pytest.fixture
def released():
    """The approvals after which a promotion was let go on."""
    return []


@pytest.fixture
def approvals(store, released):
    policy = ApprovalPolicy(
        escalate_after=timedelta(days=1),
        escalate_to="director",
        expire_after=timedelta(days=3),
    )
    return Approvals(store, lambda _within, quote: released.append(quote.approval_id), policy)


@pytest.fixture
def quote():
    line = QuoteLine(number=1, item_id="BRG-1", quantity=Decimal(2), unit_price=Money("10", "EUR"))
    return Quote(id="Q-1", account_id="A-1", currency="EUR", lines=(line,))


def test_what_a_guard_wants_agreed_to_is_asked_for_once(approvals, quote, store):
    (first,) = approvals.request(quote, [DISCOUNT], KIM)
    (again,) = approvals.request(quote, [DISCOUNT], KIM)

    assert first == again
    assert (first.id, first.state, first.role) == ("AP-1", "pending", "manager")
    assert (first.reason, first.requested_by) == ("more than 15 % discount", "U-kim")
    assert [entry.action for entry in store.audit.entries(subject="Q-1")] == ["approval.requested"]


def test_the_last_agreement_lets_the_promotion_go_on(approvals, quote, released, store):
    approvals.request(quote, [DISCOUNT, CREDIT], KIM)

    approvals.decide("AP-1", approve=True, user=MAX, comment="key account")
    assert released == []
    approvals.decide("AP-2", approve=True, user=evolve(MAX, roles=("accounting",)))

    assert released == ["AP-2"]
    assert approvals.request(quote, [DISCOUNT, CREDIT], KIM) == ()
    answer = approvals.get("AP-1")
    assert (answer.decided_by, answer.comment) == ("U-max", "key account")
    assert [entry.actor for entry in store.audit.entries(subject="Q-1")][2:] == ["user:U-max"] * 2


def test_a_refusal_says_why_and_lets_nothing_go_on(approvals, quote, released):
    approvals.request(quote, [DISCOUNT], KIM)
    with pytest.raises(ApprovalRefused, match="say why"):
        approvals.decide("AP-1", approve=False, user=MAX, comment=" ")

    declined = approvals.decide("AP-1", approve=False, user=MAX, comment="too much")

    assert declined.state == "declined"
    assert released == []
    assert approvals.request(quote, [DISCOUNT], KIM) == (declined,)


def test_only_the_role_may_answer_and_nobody_his_own_request(approvals, quote):
    approvals.request(quote, [DISCOUNT], KIM)
    with pytest.raises(ApprovalRefused, match="that is for the role manager"):
        approvals.decide("AP-1", approve=True, user=KIM)
    promoted = evolve(KIM, roles=("sales", "manager"))
    with pytest.raises(ApprovalRefused, match="somebody else has to agree"):
        approvals.decide("AP-1", approve=True, user=promoted)
    assert approvals.get("AP-1").state == "pending"


def test_what_was_answered_stays_answered(approvals, quote, released):
    approvals.request(quote, [DISCOUNT], KIM)
    approvals.decide("AP-1", approve=True, user=MAX)
    with pytest.raises(ApprovalRefused, match="AP-1 is approved by U-max already"):
        approvals.decide("AP-1", approve=False, user=MAX, comment="no")
    assert released == ["AP-1"]


def test_a_quote_that_was_changed_needs_a_new_answer(approvals, quote):
    approvals.request(quote, [DISCOUNT], KIM)
    approvals.decide("AP-1", approve=True, user=MAX)
    more = evolve(quote, lines=(evolve(quote.lines[0], quantity=Decimal(3)),))

    (new,) = approvals.request(more, [DISCOUNT], KIM)

    assert (new.id, new.state) == ("AP-2", "pending")
    # Back to what was agreed to: the answer still stands, and the newer question is moot.
    assert approvals.request(quote, [DISCOUNT], KIM) == ()
    assert approvals.get("AP-2").state == "superseded"
    (asked_anew,) = approvals.request(more, [DISCOUNT], KIM)
    assert (asked_anew.id, asked_anew.state) == ("AP-2", "pending")


def test_a_later_validity_needs_no_new_answer(approvals, quote):
    approvals.request(quote, [DISCOUNT], KIM)
    approvals.decide("AP-1", approve=True, user=MAX)
    same = evolve(quote, contact_id="P-1", version="7")
    assert approvals.request(same, [DISCOUNT], KIM) == ()


def test_one_that_waits_too_long_may_be_answered_by_another_role_too(
    approvals, quote, clock, released
):
    approvals.request(quote, [DISCOUNT], KIM)
    with pytest.raises(ApprovalRefused):
        approvals.decide("AP-1", approve=True, user=IDA)
    clock.now += timedelta(days=1)
    assert approvals.tick() == 1
    assert approvals.tick() == 0

    assert [each.id for each in approvals.list(role="director")] == ["AP-1"]
    approvals.decide("AP-1", approve=True, user=IDA)
    assert released == ["AP-1"]


def test_one_that_nobody_answers_lapses_and_can_be_asked_for_anew(
    approvals, quote, clock, released
):
    approvals.request(quote, [DISCOUNT], KIM)
    clock.now += timedelta(days=3)
    with pytest.raises(ApprovalRefused, match="has lapsed"):
        approvals.decide("AP-1", approve=True, user=MAX)
    approvals.tick()
    assert approvals.get("AP-1").state == "expired"

    (again,) = approvals.request(quote, [DISCOUNT], KIM)
    assert again.state == "pending"
    approvals.decide("AP-1", approve=True, user=MAX)
    assert released == ["AP-1"]


@pytest.mark.parametrize("wrong", ["AP-9", "nine", "", "AP-", "AP-99999999999999999999"])
def test_an_approval_that_is_not_there_is_said_so(approvals, wrong):
    with pytest.raises(ApprovalRefused, match="there is no approval"):
        approvals.get(wrong)


def test_two_answers_at_once_count_once(approvals, quote, store, released, monkeypatch):
    approvals.request(quote, [DISCOUNT], KIM)
    pending = approvals.get("AP-1")
    approvals.decide("AP-1", approve=True, user=MAX)
    monkeypatch.setattr(approvals, "get", lambda _id: pending)  # read before the other answered
    with pytest.raises(ApprovalRefused, match="answered by somebody else a moment ago"):
        approvals.decide("AP-1", approve=True, user=MAX)
    assert released == ["AP-1"]
