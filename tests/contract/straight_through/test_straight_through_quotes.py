"""While a quote is written: priced, promised and judged by the ERP."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.records import Money, Quote, QuoteLine
from crossdock_mocks.engine import Fault


def test_a_saved_quote_carries_the_erps_prices_and_where_they_come_from(scene, story):
    quote = scene.host.crm.quote(story["quote"])

    saved = scene.host.save_quote(quote, user="kim").quote

    simulated = scene.act(
        "/price-simulations",
        customerId=saved.trading_account.removeprefix("main:"),
        lines=[{"itemId": x.item_id, "quantity": f"{x.quantity:f}"} for x in quote.lines],
    )
    assert saved.pricing_status == "priced"
    assert saved.gross == Money(simulated["total"], "EUR")
    assert saved.tax == Money(simulated["tax"], "EUR")
    assert [x.net.amount for x in saved.lines] == [Decimal(x["net"]) for x in simulated["lines"]]
    assert all(line.price_rule and line.price_source for line in saved.lines)


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_an_amendment_explains_the_difference_to_the_penny(scene, story):
    quote = scene.host.save_quote(scene.host.crm.quote(story["quote"]), user="kim").quote
    line = quote.lines[0]
    more = evolve(line, quantity=line.quantity + 1)

    outcome = scene.host.save_quote(evolve(quote, lines=(more, *quote.lines[1:])), user="kim")

    amendment = outcome.verdict.amendments[0]
    moved = outcome.quote.gross - quote.gross
    assert f"{moved} more than before" in amendment.reason
    assert "gross" in {change.field for change in amendment.changes}
    (why,) = [each for each in outcome.quote.checks if each.code == "price.explained"]
    assert (why.level, why.field) == ("info", "lines.0.unit_price")
    assert why.message.startswith(f"+{moved} against before: quantity {line.quantity + 1:f}")
    assert "price.unexplained" not in {each.code for each in outcome.quote.checks}


def test_each_line_tells_how_its_price_came_about_and_it_adds_up(scene, story):
    saved = scene.host.save_quote(scene.host.crm.quote(story["quote"]), user="kim").quote

    steps = {each.field: each.message for each in saved.checks if each.code == "price.steps"}
    assert set(steps) == {f"lines.{n}.unit_price" for n in range(len(saved.lines))}
    for place, line in enumerate(saved.lines):
        told = steps[f"lines.{place}.unit_price"]
        assert told.endswith(f": {line.net + line.tax} in all.")
        amounts = re.findall(r"(?:= |[+ ])(-?[\d,]+\.\d\d) EUR(?=[;:])", told)
        total = sum(Decimal(each.replace(",", "")) for each in amounts[: told.count(";") + 1])
        assert total == (line.net + line.tax).amount


def test_a_price_that_the_crm_came_with_is_explained_against_the_erps(scene, story):
    saved = scene.host.save_quote(scene.host.crm.quote(story["quote"]), user="kim").quote
    own = [
        evolve(line, unit_price=line.unit_price + Money("1", "EUR"), net=None, tax=None)
        for line in saved.lines
    ]
    fresh = evolve(saved, id="", version=None, lines=tuple(own), net=None, tax=None, gross=None)

    verdict = scene.host.before_quote_save(fresh, user="kim")

    why = [each.message for each in verdict.notes if each.code == "price.explained"]
    assert len(why) == len(own)
    assert all("price " in each and "the quote had" in each for each in why)


def test_a_quote_that_is_priced_as_before_is_said_to_be(scene, story):
    quote = scene.host.save_quote(scene.host.crm.quote(story["quote"]), user="kim").quote
    earlier = evolve(quote, priced_at=quote.priced_at - timedelta(hours=1))

    verdict = scene.host.before_quote_save(earlier, user="kim", before=earlier)

    amendment = verdict.amendments[0]
    assert amendment.reason.endswith("with tax, as before.")
    assert [change.field for change in amendment.changes] == ["priced_at"]


def test_an_item_that_the_erp_does_not_have_is_refused_beside_its_line(scene, story):
    quote = scene.host.crm.quote(story["quote"])
    ghost = QuoteLine(number=9, item_id="GHOST-1", quantity=Decimal(1))

    outcome = scene.host.save_quote(evolve(quote, lines=(*quote.lines, ghost)), user="kim")

    assert outcome.quote is None
    (veto,) = outcome.verdict.vetoes
    assert "GHOST-1" in veto.message
    assert veto.field == f"lines.{len(quote.lines)}.item_id"


def test_more_than_the_stock_has_is_told_with_the_day_of_the_rest(scene, story):
    quote = scene.host.crm.quote(story["quote"])
    stock = scene.host.erp.stock(quote.lines[0].item_id)
    many = evolve(quote.lines[0], quantity=stock.available + 1)

    verdict = scene.host.before_quote_save(
        evolve(quote, lines=(many, *quote.lines[1:])), user="kim"
    )

    short = [w for w in verdict.warnings if w.code == "stock.short"]
    assert [w.field for w in short] == ["lines.0.quantity"]
    assert f"{stock.available:f} of {stock.available + 1:f}" in short[0].message


def test_a_quote_over_the_limit_is_saved_with_a_warning_and_not_promoted(scene, story):
    saved = scene.host.save_quote(scene.host.crm.quote(story["over_limit_quote"]), user="kim").quote
    warned = {check.code for check in saved.checks if check.level == "warning"}
    assert "credit.over_limit" in warned
    told = next(check for check in saved.checks if check.code == "credit.told")
    assert "over with this" in told.message

    promotion = scene.host.promote_quote(saved.id, user="kim")

    assert promotion.order is None
    (veto,) = promotion.verdict.vetoes
    assert (veto.plugin_id, veto.code, veto.field) == (
        "credit-policy",
        "credit.over_limit",
        "gross",
    )
    assert "credit limit of" in veto.message


@pytest.mark.parametrize("isolation", ["inline", "process"], indirect=True)
def test_who_may_not_see_credit_learns_that_it_is_passed_but_not_by_how_much(scene, story):
    quote = scene.host.crm.quote(story["over_limit_quote"])
    service = evolve(scene.host.user("kim"), roles=("service",))

    verdict = scene.host.before_quote_save(quote, user=service)

    said = [each.message for each in verdict.warnings if each.code.startswith("credit.")]
    (message,) = said
    assert message.startswith("This would pass the customer's credit limit. It cannot be ordered")
    assert "credit.told" not in {each.code for each in verdict.notes}


def test_an_approval_may_be_asked_for_instead(open_scene, story):
    scene = open_scene(over_limit="approve", role="manager")
    saved = scene.host.save_quote(scene.host.crm.quote(story["over_limit_quote"]), user="kim").quote

    promotion = scene.host.promote_quote(saved.id, user="kim")

    assert promotion.order is None
    assert [approval.role for approval in promotion.verdict.approvals] == ["manager"]


def test_a_price_that_changed_since_stops_the_promotion_and_says_by_how_much(scene, story):
    saved = scene.host.save_quote(scene.host.crm.quote(story["quote"]), user="kim").quote
    line = saved.lines[0]
    off = Money("0.10", "EUR")
    net = (line.quantity * (line.unit_price - off)).rounded()
    tax = (net * line.tax_rate).rounded()
    stale = evolve(line, unit_price=line.unit_price - off, net=net, tax=tax)
    cheaper = evolve(
        saved,
        lines=(stale, *saved.lines[1:]),
        net=saved.net - line.net + net,
        tax=saved.tax - line.tax + tax,
        gross=saved.gross - line.net - line.tax + net + tax,
    )

    verdict = scene.host.before_order_promote(cheaper, user="kim")

    by_field = {veto.field: veto.message for veto in verdict.vetoes}
    assert {veto.code for veto in verdict.vetoes} == {"price.changed"}
    assert set(by_field) == {"lines.0.unit_price", "gross"}
    assert f"+{saved.gross - cheaper.gross}" in by_field["lines.0.unit_price"]


def test_a_quote_that_was_never_priced_is_not_promoted(scene, story):
    promotion = scene.host.promote_quote(story["quote"], user="kim")

    assert promotion.order is None
    assert "price.missing" in {veto.code for veto in promotion.verdict.vetoes}


def test_a_prospect_may_be_quoted_but_not_promoted(scene):
    page = scene.host.crm.accounts(limit=200)
    prospect = next(account for account in page.items if not account.external_ids)
    line = QuoteLine(number=1, item_id="BRG-1001", quantity=Decimal(1))
    quote = Quote(id="", account_id=prospect.id, currency="EUR", lines=(line,))

    saved = scene.host.save_quote(quote, user="kim")
    promotion = scene.host.promote_quote(saved.quote.id, user="kim")

    assert saved.quote.pricing_status == "unpriced"
    assert [w.code for w in saved.verdict.warnings] == ["customer.missing"]
    assert [v.code for v in promotion.verdict.vetoes] == ["customer.missing"]


def test_a_draft_is_saved_unchecked_while_the_erp_is_away_and_priced_when_it_is_back(scene, story):
    quote = scene.host.crm.quote(story["quote"])
    scene.erp.faults.add(Fault(kind="drop_before", operation=None))
    saved = scene.host.save_quote(quote, user="kim").quote
    promotion = scene.host.promote_quote(saved.id, user="kim")
    scene.erp.faults.clear()
    priced = scene.host.save_quote(saved, user="kim").quote

    assert saved.pricing_status == "unchecked"
    assert promotion.order is None
    assert "main" in promotion.verdict.objections[0].message
    assert priced.pricing_status == "priced"
