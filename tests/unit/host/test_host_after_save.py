"""Quotes of a CRM that asks nobody before it saves are judged right after, and held until clean."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.errors import Conflict, RemoteUnavailable
from crossdock.ports import Guards
from crossdock.records import Activity, Change, Money, Quote, QuoteLine, QuoteSaved

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

# Prices each line; vetoes more than a hundred of it; the ERP is away for the item AWAY.
PRICES = """
    from attrs import evolve
    from crossdock import Amend, RequireApproval, Veto, Warn, hookimpl
    from crossdock.errors import RemoteUnavailable
    from crossdock.records import Money

    @hookimpl
    def before_quote_save(ctx, quote, before):
        if any(line.item_id == "AWAY" for line in quote.lines):
            raise RemoteUnavailable("main does not answer", system="main")
        price = Money("12.50", "EUR")
        lines = tuple(evolve(line, unit_price=price) for line in quote.lines)
        priced = evolve(quote, lines=lines, pricing_status="priced", priced_at=ctx.now)
        said = [Amend(priced, reason="Priced")]
        quantity = quote.lines[0].quantity
        if quantity > 100:
            said.append(Veto("More than there is.", code="stock.short"))
        elif quantity > 50:
            said.append(RequireApproval("accounting", "That is much.", code="much"))
        elif quantity > 20:
            said.append(Warn("Takes a while.", code="slow"))
        return said
"""


@pytest.fixture
def isolation():
    return "inline"


@pytest.fixture
def crm(memory_crm):
    """A CRM that keeps what people save in it, and writes numbers in its own form."""

    class AfterCrm(memory_crm):
        guards = Guards(quote="after")

        def __init__(self):
            super().__init__()
            self.people["U-kim"] = self.people["kim"]
            self.people["U-ada"] = self.people["ada"]
            self.tasks: dict[str, Activity] = {}
            self.writes = 0
            self.meddle = None

        def person_saves(self, quote):
            return super().save_quote(quote)

        def save_quote(self, quote):
            if self.meddle is not None:
                meddle, self.meddle = self.meddle, None
                meddle()
            there = self.quotes.get(quote.id)
            if there is not None and there.version != quote.version:
                raise Conflict("changed since", system="crm", code="stale_version")
            self.writes += 1
            in_its_form = evolve(
                quote,
                lines=tuple(
                    evolve(
                        line,
                        unit_price=Money(f"{line.unit_price.amount.normalize():f}0", "EUR"),
                    )
                    for line in quote.lines
                ),
            )
            return super().save_quote(in_its_form)

        def add_activity(self, activity, *, key):
            return self.tasks.setdefault(key, evolve(activity, id=f"T-{len(self.tasks)}"))

    return AfterCrm()


@pytest.fixture
def quote():
    line = QuoteLine(number=1, item_id="BRG-1", quantity=Decimal(2), unit_price=Money("10", "EUR"))
    return Quote(id="Q-1", account_id="A-1", currency="EUR", owner_id="U-kim", lines=(line,))


@pytest.fixture
def host(write_plugin, open_host, crm):
    write_plugin("prices", PRICES)
    return open_host("prices", crm=crm)


def of(quantity, quote):
    return evolve(quote, lines=(evolve(quote.lines[0], quantity=Decimal(quantity)),))


def told(host, quote, at=NOW):
    """Let the CRM's feed tell of a quote, and a worker deliver what comes of it."""
    change = Change(
        cursor="", system="crm", entity="quote", id=quote.id, action="updated", at=at,
        version=quote.version or "",
    )  # fmt: skip
    event = host.quote_written(change)
    if event is not None:
        host.deliver("crossdock.host", event, step=lambda _n, fn, *a: fn(*a), idempotency_key="k")
    return event


def saved_events(host):
    return [event for _, event, _ in host.deliveries.published if isinstance(event, QuoteSaved)]


def test_a_quote_that_a_person_saved_is_priced_once_and_told(host, crm, quote):
    saved = crm.person_saves(quote)
    told(host, saved)
    priced = crm.quote("Q-1")
    assert (priced.pricing_status, priced.lines[0].unit_price) == ("priced", Money("12.5", "EUR"))
    assert priced.checks == ()
    (event,) = saved_events(host)
    assert event.quote == priced

    # The feed tells of our own writing, and of a person's change of nothing, once more.
    told(host, priced)
    told(host, crm.person_saves(priced))
    assert crm.writes == 1
    assert crm.tasks == {}


def test_a_new_content_is_judged_anew_against_the_one_before(host, crm, quote):
    told(host, crm.person_saves(quote))
    told(host, crm.person_saves(of(30, crm.quote("Q-1"))))
    (check,) = crm.quote("Q-1").checks
    assert (check.level, check.code) == ("warning", "slow")
    first, second = saved_events(host)
    assert (first.before, second.before) == (None, first.quote)


def test_what_is_vetoed_says_so_gives_the_owner_one_task_and_is_not_promoted(host, crm, quote):
    told(host, crm.person_saves(of(200, quote)))
    held = crm.quote("Q-1")
    assert [(check.level, check.code) for check in held.checks] == [("error", "stock.short")]
    assert held.lines[0].unit_price == Money("12.5", "EUR")  # what is right is written all the same
    (task,) = crm.tasks.values()
    assert (task.kind, task.owner_id, task.account_id) == ("task", "U-kim", "A-1")
    assert "More than there is." in task.text
    assert saved_events(host) == []

    promotion = host.promote_quote("Q-1", user="kim")
    assert promotion.order is None
    assert [each.code for each in promotion.verdict.vetoes] == ["stock.short"]
    told(host, crm.quote("Q-1"))
    assert len(crm.tasks) == 1

    told(host, crm.person_saves(of(2, crm.quote("Q-1"))))
    assert crm.quote("Q-1").checks == ()
    assert host.promote_quote("Q-1", user="kim").order is not None


def test_a_quote_that_nobody_judged_yet_is_judged_when_it_is_promoted(host, crm, quote):
    crm.person_saves(quote)
    promotion = host.promote_quote("Q-1", user="kim")
    assert promotion.order is not None
    assert crm.writes == 1

    crm.person_saves(evolve(of(200, quote), id="Q-2"))
    assert host.promote_quote("Q-2", user="kim").order is None
    assert len(crm.tasks) == 1


def test_what_needs_approval_is_ordered_once_it_is_agreed_to(host, crm, quote):
    told(host, crm.person_saves(of(60, quote)))
    (task,) = crm.tasks.values()
    assert "needs approval" in task.subject
    promotion = host.promote_quote("Q-1", user="kim")
    (approval,) = promotion.approvals
    assert (promotion.order, approval.role) == (None, "accounting")
    host.approvals.decide(approval.id, approve=True, user=host.user("ada"))
    assert host.promote_quote("Q-1", user="kim").order is not None


def test_while_the_erp_is_away_the_quote_says_so_and_the_delivery_waits(host, crm, quote):
    away = evolve(quote, lines=(evolve(quote.lines[0], item_id="AWAY"),))
    saved = crm.person_saves(away)
    for _ in range(2):
        with pytest.raises(RemoteUnavailable, match="main does not answer"):
            told(host, saved)
    assert crm.quote("Q-1").pricing_status == "unchecked"
    assert crm.writes == 1
    back = evolve(crm.quote("Q-1"), lines=(evolve(crm.quote("Q-1").lines[0], item_id="BRG-1"),))
    told(host, crm.person_saves(back))
    assert crm.quote("Q-1").pricing_status == "priced"


def test_a_change_while_it_was_judged_is_never_overwritten(host, crm, quote):
    saved = crm.person_saves(quote)
    crm.meddle = lambda: crm.person_saves(of(3, crm.quotes["Q-1"]))
    told(host, saved)
    assert crm.quote("Q-1").lines[0].quantity == 3
    assert crm.writes == 0
    told(host, crm.quote("Q-1"))  # the feed tells of that change, too
    assert crm.quote("Q-1").lines[0].unit_price == Money("12.5", "EUR")
    assert crm.quote("Q-1").lines[0].quantity == 3


def test_a_promotion_takes_the_quote_as_it_is_when_it_was_changed_meanwhile(host, crm, quote):
    crm.person_saves(quote)
    crm.meddle = lambda: crm.person_saves(of(3, crm.quotes["Q-1"]))
    assert host.promote_quote("Q-1", user="kim").order is not None
    assert crm.quote("Q-1").lines[0].quantity == 3


def test_a_quote_that_does_not_come_to_rest_is_not_promoted(host, crm, quote):
    def meddle():
        crm.meddle = meddle
        quantity = crm.quotes["Q-1"].lines[0].quantity + 1
        crm.person_saves(of(quantity, crm.quotes["Q-1"]))

    crm.person_saves(quote)
    crm.meddle = meddle
    promotion = host.promote_quote("Q-1", user="kim")
    assert promotion.order is None
    assert [each.code for each in promotion.verdict.vetoes] == ["guard.changed"]


def test_a_workflow_that_changes_it_back_each_time_is_told_and_left_alone(host, crm, quote):
    for _ in range(10):
        told(host, crm.person_saves(evolve(quote, version=None)))
        if crm.tasks:
            break
    (task,) = crm.tasks.values()
    assert "changes this quote back" in task.text
    writes = crm.writes
    told(host, crm.quote("Q-1"))
    assert crm.writes == writes < 6
    # A person who promotes it decides: it is checked once more, and ordered as it was checked.
    assert host.promote_quote("Q-1", user="kim").order is not None
    assert crm.quote("Q-1").lines[0].unit_price == Money("12.5", "EUR")


def test_quotes_from_before_the_host_first_looked_are_left_alone(host, crm, quote):
    old = crm.person_saves(quote)
    assert told(host, old, at=NOW - timedelta(days=1)) is None
    assert crm.writes == 0


def test_a_quote_without_an_owner_is_held(host, crm, quote):
    told(host, crm.person_saves(evolve(quote, owner_id=None)))
    assert [check.code for check in crm.quote("Q-1").checks] == ["guard.no_owner"]


def test_a_quote_that_is_ordered_or_gone_is_not_judged(host, crm, quote):
    saved = crm.person_saves(quote)
    host.promote_quote("Q-1", user="kim")
    writes = crm.writes
    told(host, evolve(saved, status="ordered"))
    assert crm.writes == writes


def test_a_quote_that_the_host_saved_itself_is_not_judged_again(host, crm, quote):
    result = host.save_quote(evolve(quote, id=""), user="kim")
    assert crm.writes == 1
    told(host, result.quote)
    assert crm.writes == 1


def test_a_crm_that_asks_before_it_saves_is_not_judged_after(write_plugin, open_host, quote):
    write_plugin("prices", PRICES)
    host = open_host("prices")
    assert told(host, evolve(quote, version="1")) is None
