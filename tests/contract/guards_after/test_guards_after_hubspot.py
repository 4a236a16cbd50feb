"""What people change inside HubSpot is judged right after, once, and held until it is clean."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from attrs import evolve

from crossdock.secret import Secret
from crossdock.server.api.problems import Problem
from crossdock.server.api.settings import Sender
from crossdock.server.api.signatures import verify
from crossdock_mocks.dialects.hubspot.delivery import SignatureV3


@pytest.fixture
def quote_id(scene, story):
    return scene.titles[f"Quote {story['quote']}"]


def test_what_a_person_changes_in_hubspot_is_priced_by_the_erp_once(scene, quote_id):
    assert scene.works() == 0  # quotes from before are left alone
    before = scene.host.save_quote(scene.host.crm.quote(quote_id), user="kim").quote
    scene.works()
    writes = scene.writes()

    scene.changes_a_line(quote_id, quantity="4", price="1.00")
    assert scene.works() == 1
    now = scene.host.crm.quote(quote_id)
    assert now.pricing_status == "priced"
    assert now.lines[0].quantity == 4
    assert now.lines[0].unit_price != before.lines[0].unit_price or now.gross != before.gross
    assert now.lines[0].unit_price.amount > Decimal(1)
    assert scene.property(quote_id, "crossdock_guard") == "clean"
    written = scene.writes()
    assert written > writes

    # Our own writing comes back through the feed and is known by its content.
    assert scene.works() >= 1
    assert scene.works() == 0
    assert scene.writes() == written
    assert scene.host.promote_quote(quote_id, user="kim").order is not None


def test_what_passes_the_credit_limit_is_held_with_one_task_until_it_is_right(
    scene, story, quote_id
):
    scene.works()
    scene.changes_a_line(quote_id, quantity="100000")
    scene.works()
    scene.works()
    held = scene.host.crm.quote(quote_id)
    assert "credit.over_limit" in {check.code for check in held.checks if check.level == "error"}
    assert scene.property(quote_id, "crossdock_guard") == "held"
    assert "credit limit" in scene.property(quote_id, "crossdock_guard_reasons")

    tasks = [
        each for each in scene.host.crm.activities(held.account_id) if quote_id in each.subject
    ]
    assert [(task.kind, task.owner_id) for task in tasks] == [("task", held.owner_id)]
    assert "credit limit" in tasks[0].text

    promotion = scene.host.promote_quote(quote_id, user="kim")
    assert promotion.order is None
    assert "credit.over_limit" in {each.code for each in promotion.verdict.vetoes}

    scene.changes_a_line(quote_id, quantity="2")
    scene.works()
    assert scene.property(quote_id, "crossdock_guard") == "clean"
    assert scene.property(quote_id, "crossdock_guard_reasons") == ""
    assert scene.host.promote_quote(quote_id, user="kim").order is not None


def test_a_quote_that_was_changed_and_not_told_of_yet_is_judged_when_it_is_promoted(
    scene, quote_id
):
    scene.changes_a_line(quote_id, quantity="3")
    order = scene.host.promote_quote(quote_id, user="kim").order
    assert order.pricing_status == "priced"
    assert order.lines[0].quantity == 3


def test_a_hint_that_the_mock_signed_is_believed_where_it_was_sent_to():
    address = "https://crossdock.example/v1/hints/portal"
    body = b'[{"eventId": 1, "subscriptionType": "quote.propertyChange"}]'
    headers = SignatureV3().to(address)("client-secret", "", datetime.now(UTC), body)
    sender = Sender(
        name="portal",
        secrets=(Secret("client-secret"),),
        hints=("crm",),
        signature="hubspot",
        address=address,
    )
    verify(sender, headers, body)
    for wrong in (b"[]", body + b" "):
        with pytest.raises(Problem):
            verify(sender, headers, wrong)


def test_a_quote_of_nobody_is_held_and_its_promotion_with_it(scene, quote_id):
    scene.works()
    quote = scene.host.crm.quote(quote_id)
    account = scene.host.crm.account(quote.account_id)
    scene.later()
    scene.host.crm.save_account(evolve(account, owner_id=None))
    scene.sets(quote_id, hubspot_owner_id="")
    scene.works()
    assert scene.property(quote_id, "crossdock_guard") == "held"
    assert "no active owner" in scene.property(quote_id, "crossdock_guard_reasons")
