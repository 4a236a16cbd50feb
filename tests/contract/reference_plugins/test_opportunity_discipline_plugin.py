"""Deals are guarded and scored, and what was sent is followed up."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.records import Activity, Money, QuoteSaved
from crossdock.testing import a_quote, an_opportunity, of

PLUGIN = "opportunity-discipline"


@pytest.fixture
def scene(open_scene):
    return open_scene(PLUGIN)


@pytest.fixture
def deal(scene):
    """A deal in the second stage, of an account with which nobody spoke."""
    account = scene.host.crm.save_account(scene.host.crm.account("A-1001")).id
    fresh = scene.host.crm.save_account(
        evolve(scene.host.crm.account(account), id="", name="Fresh", external_ids={})
    )
    stages = [stage for stage in scene.host.crm.stages() if stage.kind == "open"]
    stage = next(each for each in stages if each.probability >= Decimal("0.2"))
    return scene.host.crm.save_opportunity(
        an_opportunity(
            "Conveyors",
            account=fresh.id,
            stage=stage.id,
            worth="12000.00",
            close_on=date(2026, 12, 18),
        )
    )


def said(saved):
    verdict = saved.verdict
    return [(each.code, each.field) for each in (*verdict.objections, *verdict.warnings)]


def spoke(scene, deal, day, kind="call"):
    scene.host.crm.add_activity(
        Activity(
            id="",
            account_id=deal.account_id,
            kind=kind,
            subject="Talk",
            completed_at=datetime(2026, 11, day, 8, tzinfo=UTC),
        ),
        key=f"talk-{kind}-{day}",
    )


def quoted(scene, deal, status):
    goods = of(1, "BRG-1001")
    quote = a_quote(deal.account_id, goods, opportunity_id=deal.id, owner_id="U-kim")
    saved = scene.host.crm.save_quote(quote)
    for step in ("sent", "accepted"):
        saved = scene.host.crm.save_quote(evolve(saved, status=step))
        if step == status:
            return saved
    return saved


def test_a_deal_that_is_in_order_is_saved(scene, deal):
    saved = scene.host.save_opportunity(evolve(deal, name="Conveyors and rollers"), user="kim")
    assert (saved.opportunity.name, said(saved)) == ("Conveyors and rollers", [])


@pytest.mark.parametrize("close_on", [None, date(2026, 11, 19)])
def test_an_open_deal_needs_a_close_date_ahead(scene, deal, close_on):
    saved = scene.host.save_opportunity(evolve(deal, close_on=close_on), user="kim")
    assert saved.opportunity is None
    assert said(saved) == [("deal.close_date", "close_on")]


def test_a_close_date_that_passed_while_nobody_looked_only_warns(scene, deal):
    late = scene.host.crm.save_opportunity(evolve(deal, close_on=date(2026, 11, 1)))
    saved = scene.host.save_opportunity(evolve(late, amount=Money("1.00", "EUR")), user="kim")
    assert saved.opportunity.amount == Money("1.00", "EUR")
    assert said(saved) == [("deal.close_date", "close_on")]


def test_a_deal_that_stands_high_needs_an_amount(scene, deal):
    saved = scene.host.save_opportunity(evolve(deal, amount=Money("0.00", "EUR")), user="kim")
    assert saved.opportunity is None
    assert said(saved) == [("deal.amount", "amount")]


def test_a_deal_that_is_pushed_without_a_word_looks_padded(scene, deal):
    saved = scene.host.save_opportunity(evolve(deal, close_on=date(2027, 1, 17)), user="kim")
    (warning,) = saved.verdict.warnings
    assert (warning.code, warning.field) == ("deal.padded", "close_on")
    assert warning.message == (
        "This deal is pushed by 30 days, and nobody spoke with the customer at all."
    )
    spoke(scene, deal, day=18)
    again = scene.host.save_opportunity(
        evolve(saved.opportunity, close_on=date(2027, 2, 17)), user="kim"
    )
    assert said(again) == []


def test_a_deal_called_won_has_something_to_show(scene, deal):
    won = next(stage for stage in scene.host.crm.stages() if stage.kind == "won")
    saved = scene.host.save_opportunity(evolve(deal, stage_id=won.id), user="kim")
    assert saved.opportunity.stage_id == won.id
    assert said(saved) == [("deal.no_order", "stage_id")]


def test_an_accepted_quote_is_something_to_show(scene, deal):
    quoted(scene, deal, "accepted")
    won = next(stage for stage in scene.host.crm.stages() if stage.kind == "won")
    assert said(scene.host.save_opportunity(evolve(deal, stage_id=won.id), user="kim")) == []


def test_a_stage_that_does_not_exist_is_told_beside_it(scene, deal):
    saved = scene.host.save_opportunity(evolve(deal, stage_id="nowhere"), user="kim")
    assert said(saved) == [("deal.stage", "stage_id")]


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_a_score_is_the_stages_moved_by_what_happened(scene, deal):
    base = deal.probability
    odds = base / (1 - base)

    def scored():
        found = scene.host.score_opportunity(scene.host.crm.opportunity(deal.id), user="kim")
        assert (found.plugin_id, found.faults) == (PLUGIN, ())
        return found.score

    def expected(factor):
        moved = odds * Decimal(factor)
        return round(moved / (1 + moved), 4)

    silent = scored()
    assert silent.probability == expected("0.4")
    assert "Nobody has spoken with the customer yet. (odds times 0.4)" in silent.evidence
    spoke(scene, deal, day=15)
    assert scored().probability == expected("1.5")
    quoted(scene, deal, "sent")
    assert scored().probability == expected("2.25")
    quoted(scene, deal, "accepted")
    best = scored()
    assert best.probability == expected(9)
    assert best.evidence[0].endswith(f"stands at {base * 100:.0f} %.")
    late = scene.host.crm.save_opportunity(evolve(deal, close_on=date(2026, 11, 10)))
    assert scored().probability == expected("4.5")
    assert "It should have been decided 10 days ago. (odds times 0.5)" in scored().evidence
    assert late.close_on == date(2026, 11, 10)


@pytest.mark.parametrize(("kind", "probability"), [("won", 1), ("lost", 0)])
def test_a_deal_that_is_decided_is_certain(scene, deal, kind, probability):
    stage = next(stage for stage in scene.host.crm.stages() if stage.kind == kind)
    score = scene.host.score_opportunity(evolve(deal, stage_id=stage.id), user="kim").score
    assert (score.probability, score.evidence) == (Decimal(probability), (f"It is {kind}.",))


def test_a_quote_that_was_sent_is_followed_up_once(scene, deal):
    sent = quoted(scene, deal, "sent")
    before = evolve(sent, status="draft")
    for _ in range(2):
        scene.deliver(QuoteSaved(quote=sent, before=before))
    scene.deliver(QuoteSaved(quote=sent, before=sent))
    (task,) = scene.host.crm.activities(deal.account_id)
    assert (task.kind, task.owner_id, task.opportunity_id) == ("task", "U-kim", deal.id)
    assert task.subject == f"Ask what became of quote {sent.id}"
    assert task.due_at == datetime(2026, 11, 27, 8, tzinfo=UTC)


@pytest.mark.parametrize(("valid_until", "due"), [(24, 23), (20, 20), (30, 27)])
def test_a_reminder_comes_before_the_quote_runs_out(scene, deal, valid_until, due):
    sent = evolve(quoted(scene, deal, "sent"), valid_until=date(2026, 11, valid_until))
    scene.deliver(QuoteSaved(quote=sent))
    (task,) = scene.host.crm.activities(deal.account_id)
    assert task.due_at.day == due
