"""While a quote is written: priced, promised and judged by the ERP."""

from datetime import timedelta
from decimal import Decimal

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


def test_an_amendment_explains_the_difference_to_the_penny(scene, story):
    quote = scene.host.save_quote(scene.host.crm.quote(story["quote"]), user="kim").quote
    line = quote.lines[0]
    more = evolve(line, quantity=line.quantity + 1)

    outcome = scene.host.save_quote(evolve(quote, lines=(more, *quote.lines[1:])), user="kim")

    (amendment,) = outcome.verdict.amendments
    moved = outcome.quote.gross - quote.gross
    assert f"{moved} more than before" in amendment.reason
    assert f"line {line.number}: " in amendment.reason
    assert "not explained" not in amendment.reason
    assert "gross" in {change.field for change in amendment.changes}


def test_a_quote_that_is_priced_as_before_is_said_to_be(scene, story):
    quote = scene.host.save_quote(scene.host.crm.quote(story["quote"]), user="kim").quote
    earlier = evolve(quote, priced_at=quote.priced_at - timedelta(hours=1))

    verdict = scene.host.before_quote_save(earlier, user="kim", before=earlier)

    (amendment,) = verdict.amendments
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
    assert [check.code for check in saved.checks] == ["credit.over_limit"]

    promotion = scene.host.promote_quote(saved.id, user="kim")

    assert promotion.order is None
    (veto,) = promotion.verdict.vetoes
    assert (veto.code, veto.field) == ("credit.over_limit", "gross")
    assert "credit limit of" in veto.message


def test_who_may_not_see_credit_learns_that_it_is_passed_but_not_by_how_much(scene, story):
    quote = scene.host.crm.quote(story["over_limit_quote"])
    service = evolve(scene.host.user("kim"), roles=("service",))

    (warning,) = scene.host.before_quote_save(quote, user=service).warnings

    assert warning.message == "This would pass the customer's credit limit."


def test_an_approval_may_be_asked_for_instead(open_scene, story):
    scene = open_scene(over_limit="approval", approval_role="manager")
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
